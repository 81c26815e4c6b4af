package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
)

// Sent is the texts that a request held, by their parameter's name, as they were typed.
type Sent map[string]string

// SentIn returns what a request holds.
func SentIn(e exchange.Exchange) Sent {
	sent := Sent{}
	object, _ := decode(e.Request.Body).value.(map[string]any)
	for name, value := range object {
		if text, ok := value.(string); ok {
			sent[name] = text
		}
	}
	return sent
}

// Validated expects the documented success for what was sent. Each finding names the rule whose words it breaks; none
// where it is no success at all: then it is the matter of whoever expected one.
func (c Checks) Validated(e exchange.Exchange, sent Sent) []Finding {
	success := c.of(RuleSuccess)
	findings, v, ok := c.shaped(e, success.Words, success.Status, success.Schema)
	if ok {
		findings = append(findings, repeats(success.Words, v, success.Repeats, sent)...)
	}
	if e.Answer.Status == success.Status && !e.Answer.TooLong {
		ruled(RuleSuccess, findings)
	}
	return findings
}

// repeats expects an answer to repeat what was sent, a phone without its spaces.
func repeats(expectation string, v any, names []string, sent Sent) []Finding {
	place, path := v, "$."
	if data, ok := member(v, "data").(map[string]any); ok {
		place, path = data, "$.data."
	}
	var findings []Finding
	for _, name := range names {
		expected, typed := sent[name]
		if name == "phone" {
			expected = unspaced(expected)
		}
		actual, isText := member(place, name).(string)
		if !typed || !isText || actual == expected {
			continue
		}
		f := finding(expectation+": the answer repeats the "+name+" that was sent", path+name, quote(expected), quote(actual))
		if name == "phone" && unspaced(actual) == expected {
			f.Rule = RuleSpaces
		}
		findings = append(findings, f)
	}
	return findings
}

// Accepted expects a success, and of what it says only what is the rule's own matter.
func (c Checks) Accepted(e exchange.Exchange, rule string) []Finding {
	return slices.DeleteFunc(c.Validated(e, SentIn(e)), func(f Finding) bool { return f.Rule != "" && f.Rule != rule })
}

// ofOTP expects a success to be of the right OTP, whichever scenario shows it.
func (c Checks) ofOTP(e exchange.Exchange, k Known) []Finding {
	if !wrongTyped(e, k) {
		return nil
	}
	return c.NotAccepted(e, "nothing but the right OTP validates the phone")
}

// wrongTyped reports whether a request holds no right OTP, where that is known.
func wrongTyped(e exchange.Exchange, k Known) bool {
	right := func(typed jsontext.Value) bool { return rightOTP(typed, k.OTP) }
	return k.OTP != "" && !slices.ContainsFunc(parseBody(e.Request.Body).called("otp"), right)
}

// ofToken expects a success to be of the app registration's own token.
func (c Checks) ofToken(e exchange.Exchange, k Known) []Finding {
	if k.Token == "" || e.Request.Header.Get("Authorization") == "Bearer "+k.Token {
		return nil
	}
	return c.NotAccepted(e, "only the app registration's own token validates")
}

// refusal holds what is refused as the rule promises to its documented body, whichever scenario shows it; a wrong OTP only where
// it is known to be wrong.
func (c Checks) refusal(rule string) func(exchange.Exchange, Known) []Finding {
	return func(e exchange.Exchange, k Known) []Finding {
		if rule == RuleWrongOTP && !wrongTyped(e, k) {
			return nil
		}
		return c.Refused(e, c.of(rule))
	}
}

// ofSuccess judges a success by what is the rule's matter, whichever scenario shows it; the body as a whole by the
// validation's own id too, where it is known.
func (c Checks) ofSuccess(rule string) func(exchange.Exchange, Known) []Finding {
	return func(e exchange.Exchange, k Known) []Finding {
		findings := c.Accepted(e, rule)
		if rule == RuleSuccess && len(findings) == 0 && k.ValidationID != "" {
			return c.OwnID(e, k.ValidationID)
		}
		return findings
	}
}

// OwnID expects the success to name the validation's own id.
func (c Checks) OwnID(e exchange.Exchange, id string) []Finding {
	const expectation = "the answer names the validation's own id"
	if long := tooLong(e.Answer, expectation); long != nil {
		return long
	}
	v, err := value(e.Answer)
	if status := c.of(RuleSuccess).Status; err != nil || e.Answer.Status != status {
		return []Finding{finding(expectation, "", fmt.Sprintf("%d with data._id %s", status, id), c.summary(e.Answer))}
	}
	if actual, _ := member(v, "data", "_id").(string); !sameID(actual, id) {
		return []Finding{finding(expectation, "$.data._id", quote(id), shownMember(v, "data", "_id"))}
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
	if status := c.of(RuleSuccess).Status; e.Answer.Status != status {
		return []Finding{finding(expectation, "", fmt.Sprintf("%d with data.showFaceLivenessRecommendation %t", status, recommended), c.summary(e.Answer))}, false
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

// ofFlow judges whether a success recommends face liveness, whichever scenario shows it, where it is known whether the flow
// does.
func (c Checks) ofFlow(e exchange.Exchange, k Known) []Finding {
	if k.Liveness == nil {
		return nil
	}
	findings, _ := c.Liveness(e, *k.Liveness)
	return findings
}

func unspaced(phone string) string { return strings.ReplaceAll(phone, " ", "") }
