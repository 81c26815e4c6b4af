package state

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// decoded holds what a source says that a state yields, as it was read and before it is checked against what was
// asked for.
type decoded struct {
	providerstate.Values
	webhookURL string
	faults     []string // what is wrong with the values, each in words; never a value
	otpFaults  []string // what is wrong with the OTP, which matters only where the state has one

	otpIsNumber bool // the OTP was a JSON number, which may have lost a zero
	wrongDigits int  // of the wrong OTP as it was written
}

// decode reads the values from a JSON object. Members of other names are ignored. The secrets that were found are learnt also
// beside an error, as those of values that are unfit.
func decode(body []byte, secrets *secret.Set) (decoded, error) {
	var y decoded
	if len(bytes.TrimSpace(body)) == 0 {
		return y, nil
	}
	var members map[string]jsontext.Value
	err := json.Unmarshal(body, &members)
	y.read(members, secrets)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return y, fmt.Errorf("no proper JSON: %w", err)
	case err != nil || members == nil:
		return y, errors.New("no JSON object that holds the values")
	}
	return y, nil
}

func (y *decoded) read(members map[string]jsontext.Value, secrets *secret.Set) {
	for _, one := range []struct {
		name string
		into *string
	}{
		{providerstate.Phone, &y.Phone}, {providerstate.CountryCode, &y.CountryCode}, {providerstate.Token, &y.Token},
		{providerstate.Project, &y.Project}, {providerstate.ProjectFlow, &y.ProjectFlow}, {providerstate.PhoneGateway, &y.PhoneGateway},
		{providerstate.ValidationID, &y.ValidationID}, {providerstate.AppRegistrationID, &y.AppRegistrationID}, {providerstate.WebhookURL, &y.webhookURL},
	} {
		switch value := members[one.name]; value.Kind() { // a number stands for its digits as they are written: handlers send ids and phones so
		case '"', '0':
			*one.into, _ = digitsOf(value)
		case 0, 'n':
		default:
			y.fault(one.name + " is neither a string nor a number")
		}
	}
	if strings.ContainsFunc(y.Phone, unicode.IsControl) {
		y.fault("phone has control characters")
	}
	if y.CountryCode != "" && !countryCode.MatchString(y.CountryCode) {
		y.fault("countryCode is not + and 1 to 3 digits, such as \"+507\"")
	}
	secrets.Add(y.Token)
	if fault := providerstate.TokenFault(y.Token); fault != "" {
		y.fault("token " + fault)
	}
	switch value := members[providerstate.FaceLiveness]; string(value) {
	case "", "null", `""`:
	case "true", `"true"`, "false", `"false"`:
		flag := strings.Contains(string(value), "true")
		y.Liveness = &flag
	default:
		y.fault(providerstate.FaceLiveness + " is not true or false")
	}
	y.readOTP(members[providerstate.OTP], secrets)
	// An unfit wrong OTP is as good as none: one is made from the OTP. Nobody knows whether it was made from the right one,
	// which could then be worked out.
	text, _ := digitsOf(members[providerstate.WrongOTP])
	secrets.Add(append(runsOfDigits(text), text)...)
	if providerstate.OTPFault(text) == "" {
		y.WrongOTP = text
	}
	if y.WrongOTP != "" || providerstate.OTPFault(text) == providerstate.ZeroFault {
		y.wrongDigits = len(text)
	}
}

func (y *decoded) fault(text string) { y.faults = append(y.faults, text) }

func (y *decoded) readOTP(value jsontext.Value, secrets *secret.Set) {
	text, ok := digitsOf(value)
	if !ok {
		y.otpFaults = append(y.otpFaults, "otp is neither a number nor a string of digits")
	}
	if text == "" {
		return
	}
	secrets.Add(text)
	fault := providerstate.OTPFault(text)
	if fault == "" {
		y.OTP, y.otpIsNumber = text, value.Kind() == '0'
		return
	}
	secrets.Add(runsOfDigits(text)...)
	y.otpFaults = append(y.otpFaults, "otp "+fault)
}

// otpZero is the fault of an OTP that only its leading zero keeps from being sent.
const otpZero = "otp " + providerstate.ZeroFault

// digitsOf returns the text of a number or a string; "" where there is none. It is not ok where the value is another kind
// of thing.
func digitsOf(value jsontext.Value) (text string, ok bool) {
	switch value.Kind() {
	case '"':
		unquoted, _ := jsontext.AppendUnquote(nil, value) // never fails on a value that the decoder has read
		return string(unquoted), true
	case '0':
		return string(value), true
	}
	return "", len(value) == 0 || value.Kind() == 'n'
}
