package explore

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

// breach is one property that an answer breaks.
type breach struct {
	property Property
	rule     string
	words    string
}

// judge judges one exchange that has an answer. It is pure.
type judge struct{ checks contract.Checks }

// breaches are the properties that the answer breaks, the worst first. own is the request's headers without those
// that the environment adds to every call.
func (j judge) breaches(e exchange.Exchange, own textproto.MIMEHeader, v providerstate.Values) []breach {
	var found []breach
	add := func(p Property, rule, words string) { found = append(found, breach{p, rule, words}) }
	status := e.Answer.Status
	if status >= 500 {
		add(NoServerError, "PV-20", fmt.Sprintf("the request is answered %d: whatever a request holds, it is no reason to fail", status))
	}
	if words := leak(e, v); words != "" {
		add(NoLeak, "PV-24", words)
	}
	request := e.Request
	request.Header = own
	u := understand(request.Body)
	wrong := wrongParts(request, u, v)
	if status >= 200 && status <= 299 && len(wrong) > 0 {
		add(NoUnearnedSuccess, nearest(wrong, u, v), fmt.Sprintf("the request is answered %d though %s", status, reproach(wrong, v)))
		return found
	}
	fits := j.fits(request, u, v)
	documented := slices.Contains(contract.Statuses(), status)
	switch {
	case status >= 500:
	case fits && !documented:
		add(KnownStatus, "PV-20", fmt.Sprintf("the request fits the documentation and carries the right token, and is answered %d: documented are 200, 403, 404, 409 and 412", status))
	case fits:
		if b, ok := j.misshapen(e, u, wrong, v); ok {
			found = append(found, b)
		}
	}
	return found
}

// reproach says which parts of a request that succeeded were not right.
func reproach(wrong []string, v providerstate.Values) string {
	if v.OTP == "" {
		return "there is no phone validation"
	}
	if len(wrong) == 1 {
		return "its " + wrong[0] + " is not right"
	}
	return "its " + strings.Join(wrong[:len(wrong)-1], ", ") + " and " + wrong[len(wrong)-1] + " are not right"
}

// nearest is the promise that a success which was not earned breaks.
func nearest(wrong []string, u understood, v providerstate.Values) string {
	switch {
	case wrong[0] == "token":
		return "PV-16"
	case v.OTP == "":
		return "PV-03"
	}
	switch wrong[0] {
	case "phone":
		return "PV-03"
	case "countryCode":
		for _, value := range u.called("countryCode") {
			if code, ok := said(value); ok && wellWritten(code) {
				return "PV-21"
			}
		}
		return "PV-06"
	}
	for _, value := range u.called("otp") {
		if strings.Trim(string(value), "0123456789") != "" || len(value) > len(v.OTP) {
			return "PV-25"
		}
	}
	return "PV-02"
}

func wellWritten(code string) bool {
	return len(code) >= 2 && len(code) <= 4 && code[0] == '+' && strings.Trim(code[1:], "0123456789") == ""
}

// leak is what PV-24 finds; "" is nothing.
func leak(e exchange.Exchange, v providerstate.Values) string {
	private := contract.Private{}
	for _, secret := range []string{v.OTP, v.Token} {
		if secret != "" {
			private.Secrets = append(private.Secrets, secret)
		}
	}
	private.Keep = open(v, private.Secrets)
	for _, every := range contract.Everywhere() {
		if every.Rule != "PV-24" {
			continue
		}
		findings, _ := every.Judge(e, private)
		if len(findings) > 0 {
			return fmt.Sprintf("%s: expected %s, but %s", findings[0].Expectation, findings[0].Expected, findings[0].Actual)
		}
	}
	return ""
}

// open is the values of a state that are no secret.
func open(v providerstate.Values, secrets []string) []string {
	ids := []string{v.ValidationID, v.AppRegistrationID, v.Project, v.ProjectFlow, v.Phone, v.CountryCode + v.Phone}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" || slices.Contains(secrets, id) })
}

// misshapen tells how the documented answer to a fitting request differs from its documentation.
func (j judge) misshapen(e exchange.Exchange, u understood, wrong []string, v providerstate.Values) (breach, bool) {
	for _, every := range contract.Everywhere() {
		if every.Rule != "PV-18" && every.Rule != "PV-19" {
			continue
		}
		if findings, judged := every.Judge(e, contract.Private{}); judged && len(findings) > 0 {
			return misshape(every.Rule, e, findings[0]), true
		}
	}
	var findings []contract.Finding
	rule := ""
	refused := func(id, words string) {
		rule = id
		if documented, ok := contract.AnswerOf(words); ok {
			findings = j.checks.Refused(e, documented)
		}
	}
	// A phone that is not the state's own may be somebody else's, of whom the documentation says nothing.
	own := !slices.Contains(wrong, "phone") && !slices.Contains(wrong, "countryCode")
	switch e.Answer.Status {
	case http.StatusOK:
		rule = "PV-01"
		findings = j.validated(e, u, v)
	case http.StatusForbidden:
		if own {
			refused("PV-02", "the OTP does not match")
		}
	case http.StatusNotFound:
		if own && u.only("phone", "countryCode", "otp") { // a narrowed search may have a code of its own
			refused("PV-03", "no phone validation was found")
		}
	case http.StatusPreconditionFailed:
		refused("PV-07", "the OTP has expired")
	}
	if len(findings) == 0 {
		return breach{}, false
	}
	return misshape(rule, e, findings[0]), true
}

// validated expects the documented success. A phone that the provider cleaned may be repeated as it was cleaned.
func (j judge) validated(e exchange.Exchange, u understood, v providerstate.Values) []contract.Finding {
	phone, _ := said(first(u.called("phone")))
	code, _ := said(first(u.called("countryCode")))
	findings := j.checks.Validated(e, contract.Sent{Phone: phone, CountryCode: code})
	if len(findings) > 0 && strings.ReplaceAll(phone, " ", "") != v.Phone {
		return j.checks.Validated(e, contract.Sent{Phone: v.Phone, CountryCode: v.CountryCode})
	}
	return findings
}

func first(values []jsontext.Value) jsontext.Value {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

func misshape(rule string, e exchange.Exchange, f contract.Finding) breach {
	return breach{KnownShape, rule, fmt.Sprintf("the answer %d has not the documented shape: %s", e.Answer.Status, f.Sentence())}
}
