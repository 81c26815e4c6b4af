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
	features, at, ids, rules := []feature{}, map[string]int{}, map[string]bool{}, view.RulesByID(run)
	var x view.Explainer
	names := view.NewTestNames(run)
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		n, known := at[key]
		if !known {
			n = len(features)
			at[key] = n
			f := newFeature(s.File, s.Feature)
			if ids[f.ID] {
				f.ID += "-" + slug(s.File)
			}
			ids[f.ID] = true
			features = append(features, f)
		}
		f := &features[n]
		e := newElement(&x, run, s, rules[s.Rule])
		e.ID, e.Name = f.ID+";"+e.ID, names.Scenario(s)
		f.Elements = append(f.Elements, e)
	}
	every := newFeature("", "On every exchange")
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			if every.URI == "" {
				every.URI = view.Inline(r.File)
			}
			every.Elements = append(every.Elements, newRule(names, run, r))
		}
	}
	if len(every.Elements) > 0 {
		features = append(features, every)
	}
	if checks := result.Checks(run); len(checks) > 0 {
		features = append(features, newWhole(names, run, checks))
	}
	return text.Encode(w, features)
}

func newFeature(file, name string) feature {
	return feature{URI: view.Inline(file), ID: slug(name), Keyword: "Feature", Name: view.Inline(name), Line: 1, Elements: []element{}}
}

func newElement(x *view.Explainer, run *result.Run, s *result.Scenario, rule *result.Rule) element {
	e := element{ID: slug(s.ID), Keyword: "Scenario", Type: "scenario", Line: s.Line, Description: view.Inline(s.Rule), Tags: []tag{}}
	if rule != nil && rule.Title != "" {
		e.Description += " " + view.Inline(rule.Title)
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
	for i := range s.Steps {
		done := &s.Steps[i]
		e.Steps = append(e.Steps, step{
			Keyword: view.Inline(strings.TrimSpace(done.Keyword)) + " ", Name: view.Inline(done.Text), Line: done.Line,
			Result: outcome{Status: status(done.Verdict), Duration: int64(done.Duration.Duration() / time.Nanosecond)},
		})
	}
	if s.Flaky {
		e.Tags = append(e.Tags, tag{"@flaky"})
	}
	decide(&e, x, run, s)
	return e
}

// decide makes the steps say what the scenario's verdict is. A tool that finds no step, or only passed ones, counts
// a scenario as passed.
func decide(e *element, x *view.Explainer, run *result.Run, s *result.Scenario) {
	switch s.Verdict {
	case result.Passed, result.Observed:
		if len(e.Steps) == 0 {
			e.Steps = append(e.Steps, note(s, string(s.Verdict)))
		}
		for i := range e.Steps {
			e.Steps[i].Result.Status = "passed"
		}
		return
	case result.Skipped, result.Waived:
		for i := range e.Steps {
			e.Steps[i].Result.Status = "skipped"
		}
		e.Steps = append(e.Steps, note(s, string(s.Verdict)+": "+view.Inline(view.ReasonOf(s))))
		return
	}
	decider := -1
	if step := view.StepOf(s); step != nil {
		for i := range e.Steps {
			if e.Steps[i].Line == step.Line {
				decider = i
			}
		}
	}
	if decider < 0 {
		e.Steps = append(e.Steps, note(s, string(s.Verdict)+": "+view.Inline(view.ReasonOf(s))))
		decider = len(e.Steps) - 1
	}
	for i := range e.Steps {
		if i != decider && e.Steps[i].Result.Status == "failed" {
			e.Steps[i].Result.Message = "see the step that decided"
		}
	}
	e.Steps[decider].Result.Status = status(s.Verdict)
	e.Steps[decider].Result.Message = view.Uncounted(run, s.Verdict, s.Level) + view.Inline(view.ReasonOf(s)) + "\n" + x.Scenario(run, s)
}

// note is a step that no feature has: it says why the others did not run.
func note(s *result.Scenario, text string) step {
	return step{Keyword: "* ", Name: text, Line: s.Line, Result: outcome{Status: status(s.Verdict)}}
}

func newRule(names view.TestNames, run *result.Run, r *result.Rule) element {
	only := step{Keyword: "* ", Name: "every exchange keeps it" + view.EveryExchangeWords(r), Line: r.Line, Result: outcome{Status: status(r.Verdict)}}
	if r.Verdict == result.Failed {
		only.Result.Message = view.Uncounted(run, r.Verdict, r.Level) + view.RuleReason(r) + "\n" + view.ExplainRule(run, r)
	}
	return element{
		ID: "on-every-exchange;" + slug(r.ID), Keyword: "Scenario", Type: "scenario", Name: names.Of(r.ID+" "+r.Title, r.ID, view.Place(r.File, r.Line), ""), Line: r.Line,
		Tags: []tag{{"@" + view.Inline(r.ID)}, {"@" + string(r.Level)}, {"@" + string(r.Verdict)}}, Steps: []step{only},
	}
}

func newWhole(names view.TestNames, run *result.Run, checks []result.Check) feature {
	f := newFeature("", view.TheRun)
	f.URI = f.ID
	for i, c := range checks {
		only := step{Keyword: "* ", Name: view.Inline(c.Message), Line: i + 1, Result: outcome{Status: status(c.Verdict)}}
		if c.Verdict != result.Passed {
			only.Result.Message = view.Inline(c.Message) + "\n" + view.ExplainCheck(run, c)
		}
		f.Elements = append(f.Elements, element{
			ID: f.ID + ";" + c.ID, Keyword: "Scenario", Type: "scenario", Name: names.Check(c), Line: i + 1, Tags: []tag{{"@" + string(c.Verdict)}}, Steps: []step{only},
		})
	}
	return f
}

func status(v result.Verdict) string {
	switch v {
	case result.Passed, result.Observed:
		return "passed"
	case result.Skipped, result.Waived:
		return "skipped"
	}
	return "failed"
}

// slug is a text as Cucumber makes ids of it: lower case, words joined by hyphens.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(view.Inline(text)), func(r rune) bool {
		return r != '.' && r != ':' && r != '/' && r != '_' && r != '#' && r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}), "-")
}
