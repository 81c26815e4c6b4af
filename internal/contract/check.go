// Package contract is the core: it judges answers by what the documentation promises. It is pure: exchanges in, findings
// out, with no network, no godog and no files.
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

// Checks judges exchanges by what the schemas declare. Methods that return findings expect a complete answer (Unanswered
// returns nil); the caller adds the rule, where none is named, and the exchange's index.
type Checks struct {
	*schemas.Set
	words *vocabulary
}

// New returns checks for a declared contract.
func New(declared *schemas.Set) Checks {
	c := Checks{Set: declared}
	c.words = c.vocabulary()
	return c
}

// Refused expects a documented error answer.
func (c Checks) Refused(e exchange.Exchange, d schemas.Answer) []Finding {
	expectation := "the answer is that " + d.Words
	findings, v := c.checkShape(e, expectation, d.Status, d.Schema)
	return append(findings, checkRepeats(expectation, v, d.Repeats, SentIn(e))...)
}

// Missing expects the documented answer for exactly these missing parameters.
func (c Checks) Missing(e exchange.Exchange, missing []string) []Finding {
	expectation := "the answer names what is missing: " + strings.Join(missing, ", ")
	documented := c.of(RuleAllMissing)
	findings, v := c.checkShape(e, expectation, documented.Status, documented.Schema)
	actual := shownMember(v, "message")
	if actual == schemas.Missing {
		return findings
	}
	at := slices.IndexFunc(documented.Messages, func(message string) bool { return slices.Equal(c.missingIn(separated(message)), missing) })
	if at < 0 {
		return findings
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Path == "$.message" }) // the schema's: none of several messages
	if actual != quote(documented.Messages[at]) {
		findings = append(findings, Differs(expectation, "$.message", quote(documented.Messages[at]), actual))
	}
	return findings
}

// NothingFound expects the documented status for nothing found, with any code, and the two fields of an error.
func (c Checks) NothingFound(e exchange.Exchange) []Finding {
	findings, _ := c.checkShape(e, "nothing is found", c.of(RuleNotFound).Status, schemas.Error)
	return findings
}

// NotAccepted expects any answer but a success. The expectation says so in words.
func (c Checks) NotAccepted(e exchange.Exchange, expectation string) []Finding {
	if e.Answer.Succeeded() {
		return []Finding{Differs(expectation, "", "any status but 2xx", c.summary(e.Answer))}
	}
	return tooLong(e.Answer, expectation)
}

// checkShape expects a status and, if that is right, a body that fits a schema. It returns the body's value if that was held
// against the schema.
func (c Checks) checkShape(e exchange.Exchange, expectation string, status int, schema schemas.Name) (findings []Finding, v any) {
	a := e.Answer
	if a.Status != status {
		return []Finding{Differs(expectation, "", strconv.Itoa(status), c.summary(a))}, nil
	}
	if long := tooLong(a, expectation); long != nil {
		return long, nil
	}
	r := parse(a)
	if r.err != nil {
		f := Differs(expectation, "", aJSONBody, cmp.Or(whyUndecoded(a), r.err.Error()))
		f.Body = string(a.Body)
		return []Finding{f}, nil
	}
	mismatches := c.fit(r, schema)
	for _, m := range mismatches[:min(len(mismatches), maxFindings)] {
		findings = append(findings, Differs(expectation, m.Path, m.Expected, m.Actual))
	}
	return findings, r.value
}

// fitKey names a schema of a contract.
type fitKey struct {
	of     *schemas.Set
	schema schemas.Name
}

// fit holds a body against a schema that the contract declares, once.
func (c Checks) fit(r *reading, schema schemas.Name) []schemas.Mismatch {
	key := fitKey{c.Set, schema}
	if _, done := r.fits[key]; !done {
		mismatches, err := c.Apply(schema, r.value)
		if err != nil {
			panic(err) // only for a schema that is not declared
		}
		if r.fits == nil {
			r.fits = map[fitKey][]schemas.Mismatch{}
		}
		r.fits[key] = mismatches
	}
	return r.fits[key]
}

// Lists reports whether the documentation says how a request is answered that gives a parameter this value, written as JSON. Of a
// required one it covers every value.
func (c Checks) Lists(name, value string) bool {
	if slices.Contains(c.Endpoint().Required, name) {
		return true
	}
	body := decodeSent([]byte("{" + strconv.Quote(name) + ":" + value + "}"))
	return slices.Contains(c.Endpoint().Optional, name) && !slices.ContainsFunc(c.fit(body, schemas.Request), func(m schemas.Mismatch) bool { return m.Path == "$."+name })
}

// tooLong returns a finding for an answer of which only the beginning was read.
func tooLong(a *exchange.Answer, expectation string) []Finding {
	if !a.TooLong {
		return nil
	}
	return []Finding{Differs(expectation, "", fmt.Sprintf("a body of at most %d bytes", exchange.MaxBody), "more: the rest was not read")}
}

// aJSONBody is what is expected of a body that cannot be decoded.
const aJSONBody = "a JSON body"

// Differs returns the finding that something is not as expected.
func Differs(expectation, path, expected, actual string) Finding {
	return Finding{Expectation: expectation, Path: path, Expected: expected, Actual: actual, Exchange: -1}
}

// Sent holds the strings of a request by parameter, as they were typed.
type Sent map[string]string

// SentIn returns the strings of a request.
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

// Validated expects the documented success for what was sent. Each finding names its rule, unless the answer is no success
// at all: then the rule that expected one is broken.
func (c Checks) Validated(e exchange.Exchange, sent Sent) []Finding {
	success := c.of(RuleSuccess)
	findings, v := c.checkShape(e, success.Words, success.Status, success.Schema)
	findings = append(findings, checkRepeats(success.Words, v, success.Repeats, sent)...)
	if e.Answer.Status == success.Status && !e.Answer.TooLong {
		withRule(RuleSuccess, findings)
	}
	return findings
}

// checkRepeats expects an answer to repeat the named parameters as sent, a phone without its spaces.
func checkRepeats(expectation string, v any, names []string, sent Sent) []Finding {
	place, path := v, "$."
	if data, ok := member(v, "data").(map[string]any); ok {
		place, path = data, "$.data."
	}
	var findings []Finding
	for _, name := range names {
		expected, ok := sent[name]
		if name == "phone" {
			expected = unspaced(expected)
		}
		actual, isText := member(place, name).(string)
		if !ok || !isText || actual == expected {
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

// Accepted expects a success, and of its body only what the rule itself promises.
func (c Checks) Accepted(e exchange.Exchange, rule string) []Finding {
	return slices.DeleteFunc(c.Validated(e, SentIn(e)), func(f Finding) bool { return f.Rule != "" && f.Rule != rule })
}

// ofOTP expects a success only for the right OTP.
func (j *Judging) ofOTP() []Finding {
	if !j.wrongOTP() {
		return nil
	}
	return j.c.NotAccepted(j.e, "nothing but the right OTP validates the phone")
}

// wrongOTP reports whether the right OTP is known, and the request does not hold it.
func (j *Judging) wrongOTP() bool {
	right := func(typed parameter) bool { return rightOTP(typed.value, j.k.OTP) }
	return j.k.OTP != "" && !slices.ContainsFunc(j.body().membersNamed("otp"), right)
}

// ofToken expects a success only for the app registration's own token.
func (j *Judging) ofToken() []Finding {
	if j.k.Token == "" || j.e.Request.Header.Get("Authorization") == "Bearer "+j.k.Token {
		return nil
	}
	return j.c.NotAccepted(j.e, "only the app registration's own token validates")
}

// ofExpired expects the documented body where an OTP is called expired.
func (j *Judging) ofExpired() []Finding { return j.c.Refused(j.e, j.c.of(RuleExpired)) }

// ofWrongOTP expects the documented answer where an OTP that is known to be wrong is refused. Another documented answer is judged
// only if nothing but the OTP can be the reason for it: for a pending validation whose phone is written without spaces, in a
// request that is declared as JSON, and with no optional parameter, whose own rules promise that it is accepted.
func (j *Judging) ofWrongOTP() []Finding {
	documented := j.c.of(RuleWrongOTP)
	if !j.wrongOTP() || j.e.Answer.Status != documented.Status && !j.wrongOTPAlone() {
		return nil
	}
	return j.c.Refused(j.e, documented)
}

func (j *Judging) wrongOTPAlone() bool {
	intent := j.read()
	optional := slices.ContainsFunc(j.c.Endpoint().Optional, func(name string) bool { return len(j.body().membersNamed(name)) > 0 })
	return j.k.Pending && asksForJSON(j.e.Request) && intent.undocumented == "" && intent.strict && !intent.foreign && !intent.spaced && !optional
}

// ruleByRequest returns the rule that applies to a request that lacks parameters, has a malformed country code or names
// another phone, project or project flow than the state's, and how the answer breaks it. It returns "" for any other request.
//
// Whatever was sent before, such a request is not answered with a success.
func (j *Judging) ruleByRequest() (rule string, findings []Finding) {
	if j.e.Undocumented && j.e.Answer.Succeeded() {
		j = &Judging{c: j.c, e: j.e, k: j.k, body: j.body}
		j.e.Undocumented = false
	}
	switch intent := j.read(); {
	case intent.undocumented != "":
		return "", nil
	case len(intent.missing) > 0 || intent.badCountryCode:
		return j.expected(intent, j.c.wordsIn(j.e.Answer))
	case intent.foreign:
		return RuleTogether, j.c.NothingFound(j.e)
	case intent.otherProject && !intent.spaced && !j.wrongOTP(): // one fault, one promise; a wrong OTP may be what is refused
		return RuleNarrowing, j.c.NothingFound(j.e)
	}
	return "", nil
}

// ofSuccess returns a check of what a rule promises of a success. The rule of the whole body also checks the validation's
// id, where it is known.
func ofSuccess(rule string) func(*Judging) []Finding {
	return func(j *Judging) []Finding {
		findings := j.c.Accepted(j.e, rule)
		if rule == RuleSuccess && len(findings) == 0 && j.k.ValidationID != "" {
			return j.c.OwnID(j.e, j.k.ValidationID)
		}
		return findings
	}
}

// OwnID expects a success with the validation's own id.
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

// Liveness expects a success that recommends face liveness, or one that does not. It reports silent for a success that does
// not say: another rule asks for the field.
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

// ofFlow checks whether a success recommends face liveness, if it is known whether the flow does.
func (j *Judging) ofFlow() []Finding {
	if j.k.Liveness == nil {
		return nil
	}
	findings, _ := j.c.Liveness(j.e, *j.k.Liveness)
	return findings
}

func unspaced(phone string) string { return strings.ReplaceAll(phone, " ", "") }
