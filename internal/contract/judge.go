package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/schemas"
)

// Known is what is known of the provider state that a request met, and which of it an answer must not echo. Where there
// is no validation, there is no right OTP.
type Known struct {
	providerstate.Values
	Private
}

// Breach is a property that an answer breaks.
type Breach struct {
	Property Property
	Rule     string // the promise that is nearest, "PV-20"
	Words    string // what is wrong, in a sentence; as the answer has it, with its secrets
}

// Judge returns the properties that the answer to any request breaks, the worst first. It takes an answer that can be
// judged (Unanswered is nil). silent is why the answer could not be held to what the documentation shows, "" where it
// could: that is asked only of a request which leaves nothing open.
func (c Checks) Judge(e exchange.Exchange, k Known) (breaches []Breach, silent string) {
	add := func(p Property, rule, words string) { breaches = append(breaches, Breach{p, rule, words}) }
	status := e.Answer.Status
	if status >= http.StatusInternalServerError {
		add(NoServerError, RuleStatuses, fmt.Sprintf("the request is answered %d: whatever a request holds, it is no reason to fail", status))
	}
	if found := c.every(RuleNoEcho, e, k.Private); len(found) > 0 {
		add(NoLeak, RuleNoEcho, fmt.Sprintf("%s: expected %s, but %s", found[0].Expectation, found[0].Expected, found[0].Actual))
	}
	success := status >= 200 && status <= 299
	if !success && len(e.Request.Body) > mostBytes {
		return breaches, "the body is larger than every provider has to take"
	}
	body := parseBody(e.Request.Body)
	if success {
		if wrong := wrongParts(e.Request, body, k.Values); len(wrong) > 0 {
			add(NoUnearnedSuccess, nearest(wrong, body, k.OTP), fmt.Sprintf("the request is answered %d though %s", status, reproach(wrong, k.OTP)))
			return breaches, ""
		}
	}
	if silent = c.unfit(e, body, k.Values); silent != "" || status >= http.StatusInternalServerError {
		return breaches, silent
	}
	if !c.documents(status) {
		add(KnownStatus, RuleStatuses, fmt.Sprintf("the request fits the documentation and carries the right token, and is answered %d: documented are %s", status, listed(c.statuses(), "and")))
		return breaches, ""
	}
	if found := c.misshapen(e, body, k); len(found) > 0 {
		add(KnownShape, found[0].Rule, fmt.Sprintf("the answer %d has not the documented shape: %s", status, found[0].Sentence()))
	}
	return breaches, ""
}

// listed joins words as a sentence does: "phone, otp and token".
func listed(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}

// reproach says which parts of a request that succeeded were not right.
func reproach(wrong []string, otp string) string {
	switch {
	case otp == "":
		return "there is no phone validation"
	case len(wrong) == 1:
		return "its " + wrong[0] + " is not right"
	}
	return "its " + listed(wrong, "and") + " are not right"
}

// every returns what one of the every-exchange rules finds.
func (c Checks) every(rule string, e exchange.Exchange, p Private) []Finding {
	for _, every := range c.Everywhere() {
		if every.Rule == rule {
			findings, _ := every.Judge(e, p)
			return findings
		}
	}
	return nil
}

// nearest returns the promise that a success which was not earned breaks.
func nearest(wrong []string, body parsedBody, otp string) string {
	switch {
	case wrong[0] == "token":
		return RuleToken
	case otp == "", wrong[0] == "phone":
		return RuleNotFound
	case wrong[0] == "countryCode":
		for _, value := range body.called("countryCode") {
			if code, _ := unquoted(value); wellWritten.MatchString(code) {
				return RuleTogether
			}
		}
		return RuleFormat
	case slices.ContainsFunc(body.called("otp"), func(value jsontext.Value) bool {
		return strings.Trim(string(value), "0123456789") != "" || len(value) > len(otp)
	}):
		return RuleNoOtherOTP
	}
	return RuleWrongOTP
}

// misshapen returns how the documented answer to a fitting request differs from its documentation.
func (c Checks) misshapen(e exchange.Exchange, body parsedBody, k Known) []Finding {
	for _, rule := range []string{RuleTwoFields, RuleOneValue} {
		if findings := c.every(rule, e, k.Private); len(findings) > 0 {
			return findings
		}
	}
	if e.Answer.Status == c.of(RuleSuccess).Status {
		return ruled(RuleSuccess, c.repeated(e, body, k))
	}
	documented := slices.DeleteFunc(c.Answers(), func(d schemas.Answer) bool { return d.Status != e.Answer.Status })
	if len(documented) != 1 {
		return nil // which of several it should be, the request does not tell
	}
	// A phone that is not the state's own may be somebody else's, of whom the documentation says nothing.
	wrong := wrongParts(e.Request, body, k.Values)
	own := !slices.Contains(wrong, "phone") && !slices.Contains(wrong, "countryCode")
	switch d := documented[0]; {
	case d.Rule == RuleWrongOTP && !own:
		return nil
	case d.Rule == RuleNotFound && (!own || !body.only(c.Endpoint().Required...)): // a narrowed search may have a code of its own
		return nil
	default:
		return ruled(d.Rule, c.Refused(e, d))
	}
}

// ruled says which rule's words findings break that do not say so themselves.
func ruled(rule string, findings []Finding) []Finding {
	for i := range findings {
		findings[i].Rule = cmp.Or(findings[i].Rule, rule)
	}
	return findings
}

// repeated expects the documented success. A phone that the provider cleaned may be repeated as it was cleaned.
func (c Checks) repeated(e exchange.Exchange, body parsedBody, k Known) []Finding {
	typed := func(name string) string {
		for _, value := range body.called(name) {
			text, _ := unquoted(value)
			return text
		}
		return ""
	}
	findings := c.Validated(e, Sent{"phone": typed("phone"), "countryCode": typed("countryCode")})
	if len(findings) > 0 && strings.ReplaceAll(typed("phone"), " ", "") != k.Phone {
		return c.Validated(e, Sent{"phone": k.Phone, "countryCode": k.CountryCode})
	}
	return findings
}
