// Package contract is the core: what the documentation promises of an answer, and what is found where the answer
// differs. It is pure: exchanges in, findings out, with no network, no godog and no files.
package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// Checks judges exchanges against the documented shapes. Its methods take a complete answer (Unanswered is nil)
// and return what does not hold; the caller adds the rule and the exchange's index.
type Checks struct {
	*schemas.Set
	words *vocabulary // of the documentation
}

// New returns checks against what the schemas declare.
func New(declared *schemas.Set) Checks {
	c := Checks{Set: declared}
	c.words = c.vocabulary()
	return c
}

// Refused expects one of the documented error answers.
func (c Checks) Refused(e exchange.Exchange, d schemas.Answer) []Finding {
	expectation := "the answer is that " + d.Words
	findings, v, ok := c.shaped(e, expectation, d.Status, d.Schema)
	if !ok || len(d.Repeats) == 0 {
		return findings
	}
	return append(findings, repeats(expectation, v, d.Repeats, SentIn(e))...)
}

// Missing expects the documented answer for exactly these missing parameters.
func (c Checks) Missing(e exchange.Exchange, missing []string) []Finding {
	expectation := "the answer names what is missing: " + strings.Join(missing, ", ")
	documented := c.of(RuleAllMissing)
	findings, v, ok := c.shaped(e, expectation, documented.Status, documented.Schema)
	actual := shownMember(v, "message")
	if !ok || actual == schemas.Missing {
		return findings
	}
	at := slices.IndexFunc(documented.Messages, func(message string) bool { return slices.Equal(c.missingIn(separated(message)), missing) })
	if at < 0 {
		return findings
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Path == "$.message" }) // that it is none of several
	if actual != quote(documented.Messages[at]) {
		findings = append(findings, Differs(expectation, "$.message", quote(documented.Messages[at]), actual))
	}
	return findings
}

// NothingFound expects the status of an answer that nothing was found, with any code, in the two-field form.
func (c Checks) NothingFound(e exchange.Exchange) []Finding {
	findings, _, _ := c.shaped(e, "nothing is found", c.of(RuleNotFound).Status, schemas.Error)
	return findings
}

// NotAccepted expects any answer but a success, which the expectation words.
func (c Checks) NotAccepted(e exchange.Exchange, expectation string) []Finding {
	if e.Answer.Succeeded() {
		return []Finding{Differs(expectation, "", "any status but 2xx", c.summary(e.Answer))}
	}
	return tooLong(e.Answer, expectation)
}

// shaped expects a status and, where it is the right one, a body that fits a schema. ok tells that both hold
// far enough for v to be looked into.
func (c Checks) shaped(e exchange.Exchange, expectation string, status int, schema schemas.Name) (findings []Finding, v any, ok bool) {
	a := e.Answer
	if a.Status != status {
		return []Finding{Differs(expectation, "", strconv.Itoa(status), c.summary(a))}, nil, false
	}
	if long := tooLong(a, expectation); long != nil {
		return long, nil, false
	}
	r := parse(a)
	if r.err != nil {
		f := Differs(expectation, "", aJSONBody, cmp.Or(undecoded(a), r.err.Error()))
		f.Body = string(a.Body)
		return []Finding{f}, nil, false
	}
	mismatches, err := c.Apply(schema, r.value)
	if err != nil {
		return []Finding{Differs(expectation, "", "a body that fits "+string(schema), err.Error())}, nil, false
	}
	for _, m := range mismatches[:min(len(mismatches), mostFindings)] {
		findings = append(findings, Differs(expectation, m.Path, m.Expected, m.Actual))
	}
	return findings, r.value, true
}

// tooLong is what is wrong with an answer of which only the beginning was read, whatever that holds.
func tooLong(a *exchange.Answer, expectation string) []Finding {
	if !a.TooLong {
		return nil
	}
	return []Finding{Differs(expectation, "", fmt.Sprintf("a body of at most %d bytes", exchange.MaxBody), "more: the rest was not read")}
}

// aJSONBody is expected where a body of the right status cannot be read.
const aJSONBody = "a JSON body"

// Differs is the finding that something is not as it is expected.
func Differs(expectation, path, expected, actual string) Finding {
	return Finding{Expectation: expectation, Path: path, Expected: expected, Actual: actual, Exchange: -1}
}

// Sent is the texts that a request held, by their parameter's name, as they were typed.
type Sent map[string]string

// SentIn returns what a request holds.
func SentIn(e exchange.Exchange) Sent { return decode(e.Request.Body).sent() }

func (r *reading) sent() Sent {
	sent := Sent{}
	for name, value := range r.object() {
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
		f := Differs(expectation+": the answer repeats the "+name+" that was sent", path+name, quote(expected), quote(actual))
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
	right := func(typed parameter) bool { return rightOTP(typed.value, k.OTP) }
	return k.OTP != "" && !slices.ContainsFunc(decodeSent(e.Request.Body).called("otp"), right)
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

// byRequest is the every-exchange part of a rule whose matter the answer is by what the request alone asks for.
func (c Checks) byRequest(rule string) Every {
	return Every{Rule: rule, own: true, asked: c.asked}
}

// asked returns whose matter it is that a request lacks parameters, that its country code is badly written, or that it is about
// another phone than the state's, and what its answer does not meet; "": it is none of these.
func (c Checks) asked(e exchange.Exchange, k Known) (rule string, findings []Finding) {
	j := judging{Checks: c, e: e, k: k, body: decodeSent(e.Request.Body)}
	switch intent := c.read(e, j.body, k); {
	case intent.undocumented != "":
		return "", nil
	case len(intent.missing) > 0 || intent.badCode:
		return j.expected(intent, j.speech(e.Answer))
	case intent.foreign:
		return RuleTogether, c.NothingFound(e)
	}
	return "", nil
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
	r := parse(e.Answer)
	if status := c.of(RuleSuccess).Status; r.err != nil || e.Answer.Status != status {
		return []Finding{Differs(expectation, "", fmt.Sprintf("%d with data._id %s", status, id), c.summary(e.Answer))}
	}
	if !sameID(r.text("data", "_id"), id) {
		return []Finding{Differs(expectation, "$.data._id", quote(id), shownMember(r.value, "data", "_id"))}
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
		return []Finding{Differs(expectation, "", fmt.Sprintf("%d with data.showFaceLivenessRecommendation %t", status, recommended), c.summary(e.Answer))}, false
	}
	switch actual, says := member(parse(e.Answer).value, "data", "showFaceLivenessRecommendation").(bool); {
	case !says:
		return nil, true
	case actual != recommended:
		return []Finding{Differs(expectation, "$.data.showFaceLivenessRecommendation", strconv.FormatBool(recommended), quote(actual))}, false
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
