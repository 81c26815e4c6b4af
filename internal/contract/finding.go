package contract

import (
	"fmt"

	"verifik-contract/schemas"
)

// Finding is one expectation that an answer does not meet.
type Finding struct {
	Rule        string // the promise, "PV-02"
	Expectation string // what was expected, in words: "the code is otp_does_not_match"
	Path        string // JSON path of the place in the body, "$.data.status"; "" where it is not in the body
	Expected    string // "": any value
	Actual      string // schemas.Missing: there is no value
	Exchange    int    // index into the scenario's exchanges; -1: none
	Warning     bool   // worth telling, breaks nothing
	Leak        bool   // something secret was shown
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

// Observation is what a provider answered where the documentation is silent.
type Observation struct {
	Label  string // which of the scenario's calls, "" where it has one
	Status int    // 0: no answer, Note says why
	Code   string // the `code` member of the body, if it is a string
	Shape  string // the body's shape: "{code: string, message: string}"
	Note   string // "connection-lost", "3 of 20 were answered 200"
}
