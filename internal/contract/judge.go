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
		add(NoServerError, "PV-20", fmt.Sprintf("the request is answered %d: whatever a request holds, it is no reason to fail", status))
	}
	if found := c.every("PV-24", e, k.Private); len(found) > 0 {
		add(NoLeak, "PV-24", fmt.Sprintf("%s: expected %s, but %s", found[0].Expectation, found[0].Expected, found[0].Actual))
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
	if !slices.Contains(Statuses(), status) {
		add(KnownStatus, "PV-20", fmt.Sprintf("the request fits the documentation and carries the right token, and is answered %d: documented are %s", status, listed(strings.Fields(strings.Trim(fmt.Sprint(Statuses()), "[]")))))
		return breaches, ""
	}
	if found := c.misshapen(e, body, k); len(found) > 0 {
		add(KnownShape, found[0].Rule, fmt.Sprintf("the answer %d has not the documented shape: %s", status, found[0].Sentence()))
	}
	return breaches, ""
}

// listed joins words as a sentence does: "phone, otp and token".
func listed(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// reproach says which parts of a request that succeeded were not right.
func reproach(wrong []string, otp string) string {
	switch {
	case otp == "":
		return "there is no phone validation"
	case len(wrong) == 1:
		return "its " + wrong[0] + " is not right"
	}
	return "its " + listed(wrong) + " are not right"
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
		return "PV-16"
	case otp == "", wrong[0] == "phone":
		return "PV-03"
	case wrong[0] == "countryCode":
		for _, value := range body.called("countryCode") {
			if code, _ := unquoted(value); wellWritten.MatchString(code) {
				return "PV-21"
			}
		}
		return "PV-06"
	case slices.ContainsFunc(body.called("otp"), func(value jsontext.Value) bool {
		return strings.Trim(string(value), "0123456789") != "" || len(value) > len(otp)
	}):
		return "PV-25"
	}
	return "PV-02"
}

// misshapen returns how the documented answer to a fitting request differs from its documentation.
func (c Checks) misshapen(e exchange.Exchange, body parsedBody, k Known) []Finding {
	for _, rule := range []string{"PV-18", "PV-19"} {
		if findings := c.every(rule, e, k.Private); len(findings) > 0 {
			return findings
		}
	}
	rule, words := "", ""
	// A phone that is not the state's own may be somebody else's, of whom the documentation says nothing.
	wrong := wrongParts(e.Request, body, k.Values)
	own := !slices.Contains(wrong, "phone") && !slices.Contains(wrong, "countryCode")
	switch status := e.Answer.Status; {
	case status == http.StatusOK:
		return ruled("PV-01", c.repeated(e, body, k))
	case status == http.StatusForbidden && own:
		rule, words = "PV-02", "the OTP does not match"
	case status == http.StatusNotFound && own && body.only("phone", "countryCode", "otp"): // a narrowed search may have a code of its own
		rule, words = "PV-03", "no phone validation was found"
	case status == http.StatusPreconditionFailed:
		rule, words = "PV-07", "the OTP has expired"
	}
	documented, ok := AnswerOf(words)
	if !ok {
		return nil
	}
	return ruled(rule, c.Refused(e, documented))
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
	findings := c.Validated(e, Sent{Phone: typed("phone"), CountryCode: typed("countryCode")})
	if len(findings) > 0 && strings.ReplaceAll(typed("phone"), " ", "") != k.Phone {
		return c.Validated(e, Sent{Phone: k.Phone, CountryCode: k.CountryCode})
	}
	return findings
}
