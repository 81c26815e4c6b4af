package contract

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// Sent is what the request said that a success repeats.
type Sent struct {
	Phone       string // as it was typed, spaces included
	CountryCode string
}

// Validated expects the documented success for what was sent. Each finding names the rule whose words it breaks; none
// where it is no success at all: then it is the matter of whoever expected one.
func (c Checks) Validated(e exchange.Exchange, sent Sent) []Finding {
	const expectation = "the phone is validated"
	findings, v, ok := c.shaped(e, expectation, http.StatusOK, schemas.Validated)
	if e.Answer.Status == http.StatusOK && !e.Answer.TooLong {
		ruled(ruleSuccess, findings)
	}
	if !ok {
		return findings
	}
	same := func(key, expected, rule string) {
		actual := member(v, "data", key)
		if text, isText := actual.(string); isText && text != expected {
			f := finding(expectation+": the answer repeats the "+key+" that was sent", "$.data."+key, quote(expected), quote(text))
			f.Rule = rule
			findings = append(findings, f)
		}
	}
	same("countryCode", sent.CountryCode, ruleSuccess)
	phone, _ := member(v, "data", "phone").(string)
	expected, rule := unspaced(sent.Phone), ruleSuccess
	if unspaced(phone) == expected {
		rule = ruleSpaces
	}
	same("phone", expected, rule)
	return findings
}

// Accepted expects a success, and of what it says only what is the rule's own matter.
func (c Checks) Accepted(e exchange.Exchange, rule string, sent Sent) []Finding {
	return slices.DeleteFunc(c.Validated(e, sent), func(f Finding) bool { return f.Rule != "" && f.Rule != rule })
}

// ofSuccess judges a success by what is the rule's matter, whichever scenario shows it.
func (c Checks) ofSuccess(rule string) func(exchange.Exchange, Private) []Finding {
	return func(e exchange.Exchange, _ Private) []Finding {
		request := decode(e.Request.Body).value
		phone, _ := member(request, "phone").(string)
		code, _ := member(request, "countryCode").(string)
		return c.Accepted(e, rule, Sent{Phone: phone, CountryCode: code})
	}
}

// OwnID expects the success to name the validation's own id.
func (c Checks) OwnID(e exchange.Exchange, id string) []Finding {
	const expectation = "the answer names the validation's own id"
	if long := tooLong(e.Answer, expectation); long != nil {
		return long
	}
	v, err := value(e.Answer)
	if err != nil || e.Answer.Status != http.StatusOK {
		return []Finding{finding(expectation, "", "200 with data._id "+id, sketch(e.Answer))}
	}
	if actual, _ := member(v, "data", "_id").(string); !sameID(actual, id) {
		return []Finding{finding(expectation, "$.data._id", quote(id), tell(v, "data", "_id"))}
	}
	return nil
}

// Liveness expects the success to recommend face liveness, or not to. A success that does not say is silent: that it
// has to is another rule's matter.
func (c Checks) Liveness(e exchange.Exchange, recommended bool) (findings []Finding, silent bool) {
	expectation := "the answer recommends face liveness"
	if !recommended {
		expectation = "the answer does not recommend face liveness"
	}
	if long := tooLong(e.Answer, expectation); long != nil {
		return long, false
	}
	if e.Answer.Status != http.StatusOK {
		return []Finding{finding(expectation, "", "200 with data.showFaceLivenessRecommendation "+strconv.FormatBool(recommended), sketch(e.Answer))}, false
	}
	v, _ := value(e.Answer)
	switch actual, says := member(v, "data", "showFaceLivenessRecommendation").(bool); {
	case !says:
		return nil, true
	case actual != recommended:
		return []Finding{finding(expectation, "$.data.showFaceLivenessRecommendation", strconv.FormatBool(recommended), quote(actual))}, false
	}
	return nil, false
}

func unspaced(phone string) string { return strings.ReplaceAll(phone, " ", "") }
