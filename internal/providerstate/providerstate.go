// Package providerstate names the provider states, the parameters that a scenario may set and the values that a state
// yields, as Pact's exchange spells them. docs/STATES.md describes them for whoever makes them.
package providerstate

import "regexp"

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
	WrongOTP          string // digits
	Token             string // of the app registration
	Project           string
	ProjectFlow       string
	PhoneGateway      string
	Liveness          *bool // showFaceLivenessRecommendation; nil: not known
	ValidationID      string
	AppRegistrationID string
	ReadBackURL       string // base URL of the set-up calls, where read-backs go; "": the target's
}

// Optional returns the names of the optional values that are known, in the order in which the documentation lists them.
func (v Values) Optional() []string {
	var known []string
	for _, one := range []struct {
		name string
		has  bool
	}{
		{Project, v.Project != ""}, {ProjectFlow, v.ProjectFlow != ""}, {PhoneGateway, v.PhoneGateway != ""},
		{FaceLiveness, v.Liveness != nil}, {ValidationID, v.ValidationID != ""}, {AppRegistrationID, v.AppRegistrationID != ""},
	} {
		if one.has {
			known = append(known, one.name)
		}
	}
	return known
}

// Missing returns the names of the values that every state of this name yields, and this one does not.
func (v Values) Missing(name Name) []string {
	var missing []string
	for _, one := range []struct{ name, value string }{{Phone, v.Phone}, {CountryCode, v.CountryCode}, {OTP, v.OTP}, {Token, v.Token}} {
		if one.value == "" && (one.name != OTP || name != None) {
			missing = append(missing, one.name)
		}
	}
	return missing
}
