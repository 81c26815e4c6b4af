package explore

import (
	_ "embed" // the report's words
	"io"
	"strings"
	"text/template"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Report is the result of a search. It is plain data and holds no secret.
type Report struct {
	Seed            uint64           `json:"seed"`
	Cases           int              `json:"cases"`    // those tried
	LeftOut         int              `json:"leftOut"`  // cases whose state could not be made any more
	Requests        int              `json:"requests"` // PUTs, including those for shrinking
	Resent          int              `json:"resent"`   // PUTs sent again because no answer came, or 429, 502, 503 or 504
	Messages        int              `json:"messages"` // OTP messages that making states may have caused
	Duration        time.Duration    `json:"duration"` // in nanoseconds
	Stopped         string           `json:"stopped"`  // why the search ended
	Gone            bool             `json:"gone"`     // the target, or what makes its states, no longer answers
	Counterexamples []Counterexample `json:"counterexamples"`
}

// Counterexample is a request whose answer breaks a property.
type Counterexample struct {
	Property contract.Property `json:"property"`
	Rule     string            `json:"rule"`    // the closest rule, "PV-20"
	Words    string            `json:"words"`   // what is wrong, in a sentence
	Case     int               `json:"case"`    // the number of the case that found it, from 1; 0: the documented request before the first
	Seen     int               `json:"seen"`    // how many cases broke the same property of the rule
	Repeats  bool              `json:"repeats"` // it broke again with another fresh state
	Tries    int               `json:"tries"`   // requests sent for shrinking
	Smallest Shown             `json:"smallest"`
	Found    Shown             `json:"found"` // as it was found

	identity string // of the smallest request
}

// Shown is one request with its answer, redacted.
type Shown struct {
	State    string              `json:"state"`             // the provider state
	Changes  []string            `json:"changes"`           // how it differs from the documented request
	Method   string              `json:"method"`            //
	URL      string              `json:"url"`               //
	Headers  map[string][]string `json:"headers"`           //
	Body     string              `json:"body"`              // its beginning, if it is long
	Size     int                 `json:"size"`              // of the whole body, in bytes
	Status   int                 `json:"status"`            // of the answer; 0: none came
	Answered map[string][]string `json:"answered"`          // the answer's headers
	Answer   string              `json:"answer"`            // the answer's body, or its beginning
	Failure  string              `json:"failure,omitempty"` // why no answer came
	Curl     string              `json:"curl"`              // repeats it, with $PHONE, $OTP, $TOKEN and the like for secrets and the state's values
}

// show returns an outcome as it is reported, redacted.
func (s *search) show(o outcome) Shown {
	keep := append(private(o.values).Keep, o.trial.draft(o.values, s.o.States.Taken).madeUp...)
	e := record.Recorder{Secrets: s.o.Secrets, Keep: keep, Way: s.o.Way, BaseURL: s.o.BaseURL, Own: o.values}.Exchange(o.exchange)
	shown := Shown{
		State: string(o.trial.state), Changes: o.trial.words(), Method: e.Request.Method, URL: e.Request.URL,
		Headers: e.Request.Headers, Body: e.Request.Body, Size: len(o.exchange.Request.Body), Curl: e.Curl,
	}
	if a := e.Answer; a != nil {
		shown.Status, shown.Answered, shown.Answer = a.Status, a.Headers, a.Body
	}
	if e.Failure != nil {
		shown.Failure = e.Failure.Message
	}
	return shown
}

// Exit returns the exit code of a search: 1 with a counterexample, 3 where the target went away, otherwise 0.
func Exit(r *Report) result.ExitCode {
	switch {
	case len(r.Counterexamples) > 0:
		return result.ExitBroken
	case r.Gone:
		return result.ExitUnjudged
	}
	return result.ExitKept
}

//go:embed report.tmpl
var reportText string

// maxShown is how many characters of a line are shown. Commands are shown whole.
const maxShown = 300

// Write writes a report for a person. Whatever the answers hold, it writes only printable characters. The error is the writer's.
func Write(w io.Writer, r *Report) error {
	functions := template.FuncMap{
		"count": text.Count, "duration": text.Duration, "asks": sentenceOf, "join": strings.Join,
		"add":  func(a, b int) int { return a + b },
		"line": text.Line,
		"open": func(sentence string) string { return strings.TrimRight(sentence, ".") },
		"cut":  func(foreign string) string { return text.Cut(foreign, maxShown) },
		"most": func() int { return maxShown },
	}
	return template.Must(template.New("").Funcs(functions).Parse(reportText)).Execute(w, r)
}
