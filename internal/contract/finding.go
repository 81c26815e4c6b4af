package contract

// Finding is one expectation that an answer does not meet.
type Finding struct {
	Rule        string // the promise, "PV-02"
	Expectation string // what was expected, in words: "the code is otp_does_not_match"
	Path        string // JSON path of the place in the body, "$.data.status"; "" where it is not in the body
	Expected    string
	Actual      string
	Exchange    int  // index into the scenario's exchanges; -1: none
	Warning     bool // worth telling, breaks nothing
}

// Observation is what a provider answered where the documentation is silent.
type Observation struct {
	Label  string // which of the scenario's calls, "" where it has one
	Status int    // 0: no answer, Note says why
	Code   string // the `code` member of the body, if it is a string
	Shape  string // the body's shape: "{code: string, message: string}"
	Note   string // "connection-lost", "3 of 20 were answered 200"
}
