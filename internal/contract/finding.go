package contract

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/schemas"
)

// Finding is an expectation that did not hold. Its texts are unredacted and uncut: only Shown is for people to see.
type Finding struct {
	Rule        string // the promise, "PV-02"
	Expectation string // what was expected, in words: "the code is otp_does_not_match"
	Path        string // JSON path in the body, "$.data.status"; "" if it is not about a place in the body
	Expected    string // "": any value
	Actual      string // schemas.Missing: there is no value
	Body        string // its beginning is quoted behind Actual; "": nothing is
	Exchange    int    // index into the scenario's exchanges; -1: none
	Leak        bool   // a secret was given away

	// Property is the property of all answers that is broken; "" in a finding of a scenario.
	Property Property
}

// Sentence returns the finding in one line.
func (f Finding) Sentence() string {
	switch {
	case f.Actual == schemas.Missing && f.Expected == "":
		return fmt.Sprintf("%s: %s is missing", f.Expectation, f.Path)
	case f.Actual == schemas.Missing:
		return fmt.Sprintf("%s: %s is missing, expected %s", f.Expectation, f.Path, f.Expected)
	case f.Path != "":
		return fmt.Sprintf("%s: expected %s at %s, got %s", f.Expectation, f.Expected, f.Path, f.Actual)
	}
	return fmt.Sprintf("%s: expected %s, got %s", f.Expectation, f.Expected, f.Actual)
}

// shownBody is how much of a body is quoted behind a finding, in characters.
const shownBody = 80

// Shown returns the finding redacted, and then cut to a length that a person reads: half of a secret would not be recognized.
func (f Finding) Shown(redact func(string) string) Finding {
	f.Path, f.Expected, f.Actual = reveal(f.Path, shown, redact), reveal(f.Expected, shown, redact), reveal(f.Actual, shown, redact)
	if f.Body != "" {
		f.Actual += ": " + strconv.Quote(reveal(f.Body, shownBody, redact))
		f.Body = ""
	}
	return f
}

// reveal redacts a text and then cuts it to most characters. The text may be a mebibyte.
func reveal(text string, most int, redact func(string) string) string {
	beginning, whole := secret.Beginning(text, utf8.UTFMax*most, false, redact)
	if whole {
		text = beginning
	}
	return cut(beginning, most, utf8.RuneCountInString(text))
}

// Rehearsal is the first request of a scenario that was done without a provider, and what was found in the answer it was given.
type Rehearsal struct {
	State     providerstate.Name // that the request needs
	Params    providerstate.Parameters
	Request   exchange.Request
	Findings  []Finding // of the scenario's steps and of what is judged on every exchange
	Continues bool      // the scenario makes more requests
}

// Property is something that holds for every answer, whatever the request.
type Property string

// The properties that one exchange shows. Reports and baselines may name them: the spelling is stable.
const (
	// NoServerError: no answer is 5xx.
	NoServerError Property = "no-server-error"
	// NoLeak: no answer echoes the OTP, the token or a stack trace.
	NoLeak Property = "no-leak"
	// NoUnearnedSuccess: no answer is 2xx unless phone, country code, OTP and token are right.
	NoUnearnedSuccess Property = "no-unearned-success"
	// KnownStatus: a request that fits the documentation, with the right token, is answered with a documented status.
	KnownStatus Property = "known-status"
	// KnownShape: the answer to a fitting request fits the schema of its status.
	KnownShape Property = "known-shape"
)
