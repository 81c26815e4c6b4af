// Package providerstate names the provider states, the parameters that a scenario may set and the values that a state
// yields, as they are spelt in Pact's exchange. docs/STATES.md describes them.
package providerstate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Name is the name of a provider state.
type Name string

// The provider states of the built-in contract. Other contracts may use any name that Valid accepts.
const (
	Pending  Name = "a pending phone validation"
	Expired  Name = "an expired phone validation"
	None     Name = "no phone validation"
	Liveness Name = "a pending phone validation with face liveness recommended"
	Webhook  Name = "a pending phone validation with a webhook"
)

// Names returns the provider states of the built-in contract, in the order of docs/STATES.md.
func Names() []Name { return []Name{Pending, Expired, None, Liveness, Webhook} }

// IsPending reports whether a validation of this state is known to be pending. It is not where another contract names the state.
func (n Name) IsPending() bool { return slices.Contains([]Name{Pending, Liveness, Webhook}, n) }

// Form is a regular expression for the name of a state.
const Form = `(?:an?|no) (?:[^"]* )?phone validation(?: [^"]*)?`

var form = regexp.MustCompile(`^` + Form + `$`)

// Valid reports whether the name has the form "(a|an|no) ... phone validation ...".
func (n Name) Valid() bool { return form.MatchString(string(n)) }

// The names of parameters and values.
const (
	Phone             = "phone"
	CountryCode       = "countryCode" // a parameter too
	OTP               = "otp"
	WrongOTP          = "wrongOtp"
	Token             = "token"
	Project           = "project"
	ProjectFlow       = "projectFlow"
	PhoneGateway      = "phoneGateway" // a parameter too
	FaceLiveness      = "showFaceLivenessRecommendation"
	ValidationID      = "validationId"
	AppRegistrationID = "appRegistrationId"
	WebhookURL        = "webhookUrl" // a parameter, which a state may repeat
)

// Gateways returns the documented ways to deliver an OTP.
func Gateways() []string { return []string{"sms", "whatsapp", "none"} }

// Change is the request that Pact posts to a provider-state handler. It always has all three members.
type Change struct {
	State  Name       `json:"state"`
	Params Parameters `json:"params"`
	Action string     `json:"action"` // SetUp or TearDown
}

// The actions of a Change.
const (
	SetUp    = "setup"
	TearDown = "teardown"
)

// Parameters are what a scenario may ask of a state; "" means any.
type Parameters struct {
	CountryCode  string `json:"countryCode,omitempty"`
	PhoneGateway string `json:"phoneGateway,omitempty"`
	WebhookURL   string `json:"webhookUrl,omitempty"` // where the provider is to send notifications; "": nowhere
}

// Values are the values of a state. "" is a value that the source does not know.
type Values struct {
	Phone             string
	CountryCode       string
	OTP               string // digits, no leading zero; "" for None
	WrongOTP          string // digits; made from the OTP if the source does not know one
	Token             string // of the app registration
	Project           string
	ProjectFlow       string
	PhoneGateway      string
	Liveness          *bool // showFaceLivenessRecommendation; nil: unknown
	ValidationID      string
	AppRegistrationID string
	ReadBackURL       string // base URL of read-backs, which is that of the set-up calls; "": the target's
}

// Value is one value of a state.
type Value struct {
	Name string // as in Pact's exchange
	Text string // "": unknown
}

// Variable returns the name of the shell variable that stands for the value: COUNTRY_CODE for countryCode.
func (v Value) Variable() string { return strings.ToUpper(capital.ReplaceAllString(v.Name, "_$0")) }

var capital = regexp.MustCompile(`[A-Z]`)

// All returns all values, in the order of docs/STATES.md.
func (v Values) All() []Value {
	liveness := ""
	if v.Liveness != nil {
		liveness = strconv.FormatBool(*v.Liveness)
	}
	return []Value{
		{Phone, v.Phone}, {CountryCode, v.CountryCode}, {OTP, v.OTP}, {WrongOTP, v.WrongOTP}, {Token, v.Token},
		{Project, v.Project}, {ProjectFlow, v.ProjectFlow}, {PhoneGateway, v.PhoneGateway},
		{FaceLiveness, liveness}, {ValidationID, v.ValidationID}, {AppRegistrationID, v.AppRegistrationID},
	}
}

// Optional returns the names of the optional values that are known, in the order of docs/STATES.md.
func (v Values) Optional() []string {
	var known []string
	for _, value := range v.All() {
		if value.Text != "" && !slices.Contains([]string{Phone, CountryCode, OTP, WrongOTP, Token}, value.Name) {
			known = append(known, value.Name)
		}
	}
	return known
}

// Missing returns the names of the values that a state of this name must have and that are unknown.
func (v Values) Missing(name Name) []string {
	var missing []string
	for _, value := range v.All() {
		needed := slices.Contains([]string{Phone, CountryCode, Token}, value.Name) || value.Name == OTP && name != None
		if needed && value.Text == "" {
			missing = append(missing, value.Name)
		}
	}
	return missing
}

// ZeroFault is the fault of an OTP that cannot be sent only because its first digit is zero.
const ZeroFault = "has a leading zero, which a JSON number cannot carry"

// OTPFault returns why a text is not an OTP; "" if it is one. The reason never quotes the text.
func OTPFault(text string) string {
	const most = 15 // some JSON implementations do not read longer numbers exactly
	switch {
	case text == "" || strings.Trim(text, "0123456789") != "":
		return "is not made of digits alone"
	case len(text) > most:
		return "has more than 15 digits, which not every JSON number can carry"
	case text[0] == '0':
		return ZeroFault
	}
	return ""
}

// WrongFor returns an OTP that differs from the given one in every digit and has no leading zero.
func WrongFor(otp string) string {
	wrong := []byte(otp)
	for i, digit := range wrong {
		if wrong[i] = '0' + (digit-'0'+1)%10; i == 0 && digit == '9' {
			wrong[i] = '1'
		}
	}
	return string(wrong)
}

// TokenFault returns why a token cannot be sent as a bearer token; "" if it can or is empty.
func TokenFault(token string) string {
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "is not one run of visible ASCII characters, without the word Bearer"
	}
	return ""
}
