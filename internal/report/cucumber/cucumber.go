// Package cucumber writes a result as Cucumber JSON.
package cucumber

import (
	"fmt"
	"io"
	"strings"
	"time"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of Cucumber's JSON, as its JVM formatter writes them and the report tools read them.
type (
	feature struct {
		URI         string    `json:"uri"`
		ID          string    `json:"id"`
		Keyword     string    `json:"keyword"`
		Name        string    `json:"name"`
		Description string    `json:"description"`
		Line        int       `json:"line"`
		Elements    []element `json:"elements"`
	}
	element struct {
		ID          string `json:"id"`
		Keyword     string `json:"keyword"`
		Type        string `json:"type"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Line        int    `json:"line"`
		Tags        []tag  `json:"tags"`
		Steps       []step `json:"steps"`
	}
	tag struct {
		Name string `json:"name"`
	}
	step struct {
		Keyword string   `json:"keyword"`
		Name    string   `json:"name"`
		Line    int      `json:"line"`
		Match   struct{} `json:"match"`
		Result  outcome  `json:"result"`
	}
	outcome struct {
		Status   string `json:"status"`
		Duration int64  `json:"duration,omitempty"` // nanoseconds
		Message  string `json:"error_message,omitempty"`
	}
)

// Render writes a feature for each feature file, one for the every-exchange rules and one for the run as a
// whole. The format has no rules, no reasons for a skip, no repetitions and no verdict of a scenario but those of its
// steps: the rule is the description, and the step that decided carries the status. What could not be judged is
// "failed", as an error of a hook is.
func Render(w io.Writer, run *result.Run) error {
	features, ids := []feature{}, map[string]bool{}
	for _, tests := range view.Suites(run) {
		f := newFeature(tests[0])
		if ids[f.ID] {
			f.ID += "-" + slug(tests[0].File)
		}
		ids[f.ID] = true
		for _, t := range tests {
			f.Elements = append(f.Elements, newElement(&f, t))
		}
		features = append(features, f)
	}
	return text.Encode(w, features)
}

func newFeature(t view.Test) feature {
	name := t.Suite.Name
	if t.Scenario == nil && t.Rule != nil {
		name = "On every exchange"
	}
	f := feature{URI: view.Inline(t.File), ID: slug(name), Keyword: "Feature", Name: view.Inline(name), Line: 1}
	if t.Check != nil {
		f.URI = f.ID
	}
	return f
}

func newElement(f *feature, t view.Test) element {
	e := element{ID: f.ID + ";" + slug(t.ID), Keyword: "Scenario", Type: "scenario", Name: t.Name, Line: t.Line}
	only := step{Keyword: "* ", Name: t.Message, Line: t.Line, Result: outcome{Status: view.Status(t.Verdict)}}
	if t.Details != "" {
		only.Result.Message = t.Message + "\n" + t.Details
	}
	switch {
	case t.Scenario != nil:
		e.ID = f.ID + ";" + slug(t.Scenario.ID)
		e.describe(t)
		e.decide(t)
		return e
	case t.Rule != nil:
		if !strings.HasPrefix(e.Name, view.Inline(t.ID)) {
			e.Name = view.Inline(t.ID) + " " + e.Name
		}
		only.Name = "every exchange keeps it" + view.EveryExchangeWords(t.Rule)
		e.Tags = []tag{{"@" + view.Inline(t.ID)}, {"@" + string(t.Rule.Level)}}
	default:
		e.Line = len(f.Elements) + 1
		only.Line = e.Line
	}
	e.Tags, e.Steps = append(e.Tags, tag{"@" + string(t.Verdict)}), []step{only}
	return e
}

// describe says what the format has no other place for.
func (e *element) describe(t view.Test) {
	s := t.Scenario
	e.Description = view.Inline(s.Rule)
	if t.Rule != nil && t.Rule.Title != "" {
		e.Description += " " + view.Inline(t.Rule.Title)
	}
	if s.Repeat > 0 {
		e.Description += fmt.Sprintf(". Repetition %d", s.Repeat)
	}
	if s.Verdict == result.Observed {
		e.Description += ". Observed: " + view.ObservedLine(s)
	}
	for i, f := range view.Earlier(s) {
		e.Description += fmt.Sprintf(". Attempt %d: %s: %s", i+1, view.Inline(f.Cause), view.Inline(f.Message))
	}
	for _, name := range s.Tags {
		e.Tags = append(e.Tags, tag{view.Inline(name)})
	}
	e.Tags = append(e.Tags, tag{"@" + string(s.Verdict)})
	if s.Flaky {
		e.Tags = append(e.Tags, tag{"@flaky"})
	}
	for i := range s.Steps {
		done := &s.Steps[i]
		e.Steps = append(e.Steps, step{
			Keyword: view.Inline(strings.TrimSpace(done.Keyword)) + " ", Name: view.Inline(done.Text), Line: done.Line,
			Result: outcome{Status: view.Status(done.Verdict), Duration: int64(done.Duration.Duration() / time.Nanosecond)},
		})
	}
}

// decide makes the steps say what the scenario's verdict is. A tool that finds no step, or only passed ones, counts
// a scenario as passed.
func (e *element) decide(t view.Test) {
	s, status := t.Scenario, view.Status(t.Verdict)
	// note adds a step that no feature has: it says why the others did not run.
	note := func(words string) {
		e.Steps = append(e.Steps, step{Keyword: "* ", Name: words, Line: s.Line, Result: outcome{Status: status}})
	}
	if status != "failed" {
		for i := range e.Steps {
			e.Steps[i].Result.Status = status
		}
		if status == "skipped" {
			note(string(s.Verdict) + ": " + t.Message)
		} else if len(e.Steps) == 0 {
			note(string(s.Verdict))
		}
		return
	}
	decider := -1
	if found := view.StepOf(s); found != nil {
		for i := range e.Steps {
			if e.Steps[i].Line == found.Line {
				decider = i
			}
		}
	}
	if decider < 0 {
		note(string(s.Verdict) + ": " + view.ReasonOf(s))
		decider = len(e.Steps) - 1
	}
	for i := range e.Steps {
		if i != decider && e.Steps[i].Result.Status == "failed" {
			e.Steps[i].Result.Message = "see the step that decided"
		}
	}
	e.Steps[decider].Result = outcome{Status: status, Duration: e.Steps[decider].Result.Duration, Message: t.Message + "\n" + t.Details}
}

// slug is a text as Cucumber makes ids of it: lower case, words joined by hyphens.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(view.Inline(text)), func(r rune) bool {
		return r != '.' && r != ':' && r != '/' && r != '_' && r != '#' && r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}), "-")
}
