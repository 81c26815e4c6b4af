// Package providerstate names the provider states, the parameters that a scenario may set and the values that a state
// yields, as Pact's exchange spells them. docs/STATES.md describes them for whoever makes them.
package providerstate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Name is the name of a provider state.
type Name string

// The provider states of the carried contract. One of another contract has any name that Valid accepts.
const (
	Pending  Name = "a pending phone validation"
	Expired  Name = "an expired phone validation"
	None     Name = "no phone validation"
	Liveness Name = "a pending phone validation with face liveness recommended"
	Webhook  Name = "a pending phone validation with a webhook"
)

// Names returns the provider states of the carried contract, in the order in which the documentation lists them.
func Names() []Name { return []Name{Pending, Expired, None, Liveness, Webhook} }

// Form is the regular expression of a state's name.
const Form = `(?:an?|no) (?:[^"]* )?phone validation(?: [^"]*)?`

var form = regexp.MustCompile(`^` + Form + `$`)

// Valid reports whether a state can have this name: "(a|an|no) ... phone validation ...".
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

// Gateways returns the ways in which an OTP is delivered, as the documentation lists them.
func Gateways() []string { return []string{"sms", "whatsapp", "none"} }

// Change is the request that Pact posts to a provider-state handler. All three members are always there.
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

// Parameters are what a scenario may ask of a state; "" is any.
type Parameters struct {
	CountryCode  string `json:"countryCode,omitempty"`
	PhoneGateway string `json:"phoneGateway,omitempty"`
	WebhookURL   string `json:"webhookUrl,omitempty"` // where the provider is to send notifications; "": nowhere
}

// Values are what a state yields. An empty string is a value that the source does not know.
type Values struct {
	Phone             string
	CountryCode       string
	OTP               string // digits, no leading zero; "" for None
	WrongOTP          string // digits; whoever makes states makes it where a source knows the OTP alone
	Token             string // of the app registration
	Project           string
	ProjectFlow       string
	PhoneGateway      string
	Liveness          *bool // showFaceLivenessRecommendation; nil: not known
	ValidationID      string
	AppRegistrationID string
	ReadBackURL       string // base URL of the set-up calls, where read-backs go; "": the target's
}

// Value is one of the values of a state.
type Value struct {
	Name string // as Pact's exchange spells it
	Text string // "": the source does not know it
}

// Variable returns the name of the shell variable that stands for the value: COUNTRY_CODE for countryCode.
func (v Value) Variable() string {
	return strings.ToUpper(capital.ReplaceAllString(v.Name, "_$0"))
}

var capital = regexp.MustCompile(`[A-Z]`)

// All returns every value, in the order in which the documentation lists them.
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

// Optional returns the names of the optional values that are known, in the order in which the documentation lists them.
func (v Values) Optional() []string {
	var known []string
	for _, value := range v.All() {
		if value.Text != "" && !slices.Contains([]string{Phone, CountryCode, OTP, WrongOTP, Token}, value.Name) {
			known = append(known, value.Name)
		}
	}
	return known
}

// Missing returns the names of the values that every state of this name yields, and this one does not.
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

// ZeroFault is what is wrong with an OTP that only its first digit keeps from being sent.
const ZeroFault = "has a leading zero, which a JSON number cannot carry"

// OTPFault returns what keeps a text from being an OTP; "" where nothing does. It never holds the text.
func OTPFault(text string) string {
	const most = 15 // with more digits, not every JSON implementation reads the number exactly
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

// WrongFor returns an OTP that differs from another in every digit and has no leading zero either.
func WrongFor(otp string) string {
	wrong := []byte(otp)
	for i, digit := range wrong {
		if wrong[i] = '0' + (digit-'0'+1)%10; i == 0 && digit == '9' {
			wrong[i] = '1'
		}
	}
	return string(wrong)
}

// TokenFault returns what keeps a token from being sent as a bearer; "" where nothing does, or where there is none.
func TokenFault(token string) string {
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "is not one run of visible ASCII characters, without the word Bearer"
	}
	return ""
}
