package state

import (
	"bytes"
	"errors"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// decoded holds the values that a source yields for a state, before they are checked against the request.
type decoded struct {
	providerstate.Values
	webhookURL string
	faults     []string // what is wrong with the values, in words; never a value itself
	otpFaults  []string // what is wrong with the OTP; ignored for states without one

	otpIsNumber bool // the OTP was a JSON number, which may have lost a leading zero
	wrongDigits int  // how many digits the wrong OTP has
}

// decode reads the values from a JSON object and ignores its other members. It adds the secrets that it finds to the set, even
// of values that are unfit or if it returns an error.
func decode(body []byte, secrets *secret.Set) (decoded, error) {
	var d decoded
	if len(bytes.TrimSpace(body)) == 0 {
		return d, nil
	}
	var members map[string]jsontext.Value
	err := json.Unmarshal(body, &members)
	d.read(members, secrets)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return d, errors.New("invalid JSON: " + plainSyntax(err))
	case err != nil || members == nil:
		return d, errors.New("no JSON object that holds the values")
	}
	return d, nil
}

func (d *decoded) read(members map[string]jsontext.Value, secrets *secret.Set) {
	for _, one := range []struct {
		name string
		into *string
	}{
		{providerstate.Phone, &d.Phone}, {providerstate.CountryCode, &d.CountryCode}, {providerstate.Token, &d.Token},
		{providerstate.Project, &d.Project}, {providerstate.ProjectFlow, &d.ProjectFlow}, {providerstate.PhoneGateway, &d.PhoneGateway},
		{providerstate.ValidationID, &d.ValidationID}, {providerstate.AppRegistrationID, &d.AppRegistrationID}, {providerstate.WebhookURL, &d.webhookURL},
	} {
		switch value := members[one.name]; value.Kind() { // some handlers send ids and phones as numbers
		case '"', '0':
			*one.into, _ = digitsOf(value)
		case 0, 'n':
		default:
			d.fault(one.name + " is neither a string nor a number")
		}
	}
	if strings.ContainsFunc(d.Phone, unicode.IsControl) {
		d.fault("phone has control characters")
	}
	if d.CountryCode != "" && !countryCode.MatchString(d.CountryCode) {
		d.fault("countryCode is not + and 1 to 3 digits, such as \"+507\"")
	}
	secrets.Add(d.Token)
	if fault := providerstate.TokenFault(d.Token); fault != "" {
		d.fault("token " + fault)
	}
	switch value := members[providerstate.FaceLiveness]; string(value) {
	case "", "null", `""`:
	case "true", `"true"`, "false", `"false"`:
		flag := strings.Contains(string(value), "true")
		d.Liveness = &flag
	default:
		d.fault(providerstate.FaceLiveness + " is not true or false")
	}
	d.readOTP(members[providerstate.OTP], secrets)
	// An unfit wrong OTP is ignored: one is made from the OTP. It is secret in any case: it may have been made from the right
	// one, which could then be worked out.
	text, _ := digitsOf(members[providerstate.WrongOTP])
	secrets.Add(append(runsOfDigits(text), text)...)
	if providerstate.OTPFault(text) == "" {
		d.WrongOTP = text
	}
	if d.WrongOTP != "" || providerstate.OTPFault(text) == providerstate.ZeroFault {
		d.wrongDigits = len(text)
	}
}

func (d *decoded) fault(text string) { d.faults = append(d.faults, text) }

func (d *decoded) readOTP(value jsontext.Value, secrets *secret.Set) {
	text, ok := digitsOf(value)
	if !ok {
		d.otpFaults = append(d.otpFaults, "otp is neither a number nor a string of digits")
	}
	if text == "" {
		return
	}
	secrets.Add(text)
	fault := providerstate.OTPFault(text)
	if fault == "" {
		d.OTP, d.otpIsNumber = text, value.Kind() == '0'
		return
	}
	secrets.Add(runsOfDigits(text)...)
	d.otpFaults = append(d.otpFaults, "otp "+fault)
}

// otpZero is the fault of an OTP that cannot be sent only because of its leading zero.
const otpZero = "otp " + providerstate.ZeroFault

// digitsOf returns the text of a JSON number or string; "" for null and an absent value. ok is false for any other type.
func digitsOf(value jsontext.Value) (text string, ok bool) {
	switch value.Kind() {
	case '"':
		unquoted, _ := jsontext.AppendUnquote(nil, value) // never fails for a decoded value
		return string(unquoted), true
	case '0':
		return string(value), true
	}
	return "", len(value) == 0 || value.Kind() == 'n'
}
