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
	Schemas *schemas.Set

	vocabulary *vocabulary // nil: it is made each time
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
	at := slices.IndexFunc(documented.Messages, func(message string) bool { return slices.Equal(c.missingIn(message), missing) })
	if at < 0 {
		return findings
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Path == "$.message" }) // that it is none of several
	if actual != quote(documented.Messages[at]) {
		findings = append(findings, finding(expectation, "$.message", quote(documented.Messages[at]), actual))
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
	if e.Answer.Status >= 200 && e.Answer.Status < 300 {
		return []Finding{finding(expectation, "", "any status but 2xx", c.summary(e.Answer))}
	}
	return tooLong(e.Answer, expectation)
}

// shaped expects a status and, where it is the right one, a body that fits a schema. ok tells that both hold
// far enough for v to be looked into.
func (c Checks) shaped(e exchange.Exchange, expectation string, status int, schema schemas.Name) (findings []Finding, v any, ok bool) {
	a := e.Answer
	if a.Status != status {
		return []Finding{finding(expectation, "", strconv.Itoa(status), c.summary(a))}, nil, false
	}
	if long := tooLong(a, expectation); long != nil {
		return long, nil, false
	}
	v, err := value(a)
	if err != nil {
		return []Finding{withBody(finding(expectation, "", aJSONBody, cmp.Or(undecoded(a), err.Error())), a.Body)}, nil, false
	}
	mismatches, err := c.Schemas.Apply(schema, v)
	if err != nil {
		return []Finding{finding(expectation, "", "a body that fits "+string(schema), err.Error())}, nil, false
	}
	for _, m := range mismatches[:min(len(mismatches), mostFindings)] {
		findings = append(findings, finding(expectation, m.Path, m.Expected, m.Actual))
	}
	return findings, v, true
}

// tooLong is what is wrong with an answer of which only the beginning was read, whatever that holds.
func tooLong(a *exchange.Answer, expectation string) []Finding {
	if !a.TooLong {
		return nil
	}
	return []Finding{finding(expectation, "", fmt.Sprintf("a body of at most %d bytes", exchange.MaxBody), "more: the rest was not read")}
}

// aJSONBody is expected where a body of the right status cannot be read.
const aJSONBody = "a JSON body"

func withBody(f Finding, body []byte) Finding {
	f.Body = string(body)
	return f
}

func finding(expectation, path, expected, actual string) Finding {
	return Finding{Expectation: expectation, Path: path, Expected: expected, Actual: actual, Exchange: -1}
}
