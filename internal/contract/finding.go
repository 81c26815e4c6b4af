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

// Finding is one expectation that an answer does not meet. Its texts are as the answer has them, with their secrets and
// whole: Shown is what anybody sees.
type Finding struct {
	Rule        string // the promise, "PV-02"
	Expectation string // what was expected, in words: "the code is otp_does_not_match"
	Path        string // JSON path of the place in the body, "$.data.status"; "" where it is not in the body
	Expected    string // "": any value
	Actual      string // schemas.Missing: there is no value
	Body        string // Actual ends with its beginning, quoted; "": with none
	Exchange    int    // index into the scenario's exchanges; -1: none
	Leak        bool   // something secret was shown

	// Property is what holds of every answer that it does not meet; "": it is an expectation of one answer.
	Property Property
}

// Sentence is the finding in a line.
func (f Finding) Sentence() string {
	switch {
	case f.Actual == schemas.Missing && f.Path != "" && f.Expected == "":
		return fmt.Sprintf("%s: %s is missing", f.Expectation, f.Path)
	case f.Actual == schemas.Missing && f.Path != "":
		return fmt.Sprintf("%s: %s is missing, expected %s", f.Expectation, f.Path, f.Expected)
	case f.Path != "":
		return fmt.Sprintf("%s: expected %s at %s, got %s", f.Expectation, f.Expected, f.Path, f.Actual)
	}
	return fmt.Sprintf("%s: expected %s, got %s", f.Expectation, f.Expected, f.Actual)
}

// shownBody is how much of a body is quoted behind a finding, in characters.
const shownBody = 80

// Shown is the finding with its secrets taken out and then cut to a length that a person reads: half of a secret would
// not be recognised.
func (f Finding) Shown(redact func(string) string) Finding {
	f.Path, f.Expected, f.Actual = reveal(f.Path, shown, redact), reveal(f.Expected, shown, redact), reveal(f.Actual, shown, redact)
	if f.Body != "" {
		f.Actual += ": " + strconv.Quote(reveal(f.Body, shownBody, redact))
		f.Body = ""
	}
	return f
}

// reveal redacts a text and then cuts it to so many characters. A value of an answer may be a mebibyte.
func reveal(text string, most int, redact func(string) string) string {
	beginning, whole := secret.Beginning(text, utf8.UTFMax*most, false, redact)
	if whole {
		text = beginning
	}
	return cut(beginning, most, utf8.RuneCountInString(text))
}

// Observation is what a provider answered where the documentation is silent.
type Observation struct {
	Label  string // which of the scenario's calls, "" where it has one
	Status int    // 0: no answer, Note says why
	Code   string // the `code` member of the body, if it is a string
	Shape  string // the body's shape: "{code: string, message: string}"
	Note   string // "connection-lost", "3 of 20 were answered 200"
}

// Shown is the observation with its secrets taken out and then cut.
func (o Observation) Shown(redact func(string) string) Observation {
	o.Code, o.Shape, o.Note = reveal(o.Code, shown, redact), reveal(o.Shape, shown, redact), reveal(o.Note, shown, redact)
	return o
}

// Rehearsal is the first request of a scenario as it is made without a provider, and what the scenario says of an answer.
type Rehearsal struct {
	State    providerstate.Name // that the request meets
	Params   providerstate.Parameters
	Request  exchange.Request
	Findings []Finding // of the answer: those of the scenario, and those that are made of every exchange
	Goes     bool      // the scenario goes on with more requests
}

// Property is what holds of every answer, whatever the request is.
type Property string

// The properties that one exchange shows. Reports and baselines may name them: the spelling is stable.
const (
	// NoServerError: no answer is 5xx.
	NoServerError Property = "no-server-error"
	// NoLeak: no answer echoes the OTP, the token or a stack trace.
	NoLeak Property = "no-leak"
	// NoUnearnedSuccess: no answer is 2xx unless phone, country code, OTP and token are right.
	NoUnearnedSuccess Property = "no-unearned-success"
	// KnownStatus: a request that fits the documentation and carries the right token is answered with a documented
	// status.
	KnownStatus Property = "known-status"
	// KnownShape: the answer to a fitting request fits the schema of its status.
	KnownShape Property = "known-shape"
)
