package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of Cucumber's JSON, as its JVM formatter writes them and the report tools read them.
type (
	cucumberFeature struct {
		URI         string            `json:"uri"`
		ID          string            `json:"id"`
		Keyword     string            `json:"keyword"`
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Line        int               `json:"line"`
		Elements    []cucumberElement `json:"elements"`
	}
	cucumberElement struct {
		ID          string         `json:"id"`
		Keyword     string         `json:"keyword"`
		Type        string         `json:"type"`
		Name        string         `json:"name"`
		Description string         `json:"description"`
		Line        int            `json:"line"`
		Tags        []cucumberTag  `json:"tags"`
		Steps       []cucumberStep `json:"steps"`
	}
	cucumberTag struct {
		Name string `json:"name"`
	}
	cucumberStep struct {
		Keyword string         `json:"keyword"`
		Name    string         `json:"name"`
		Line    int            `json:"line"`
		Match   struct{}       `json:"match"`
		Result  cucumberResult `json:"result"`
	}
	cucumberResult struct {
		Status   string `json:"status"`
		Duration int64  `json:"duration,omitempty"` // nanoseconds
		Message  string `json:"error_message,omitempty"`
	}
)

// renderCucumber writes a feature for each feature file, one for the every-exchange rules and one for the run as a
// whole. The format has no rules, no reasons for a skip, no repetitions and no verdict of a scenario but those of its
// steps: the rule is the description, and the step that decided carries the status. What could not be judged is
// "failed", as an error of a hook is.
func renderCucumber(w io.Writer, run *result.Run) error {
	features, at, ids, rules := []cucumberFeature{}, map[string]int{}, map[string]bool{}, rulesByID(run)
	var x explainer
	names := newTestNames(run)
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		n, known := at[key]
		if !known {
			n = len(features)
			at[key] = n
			f := newCucumberFeature(s.File, s.Feature)
			if ids[f.ID] {
				f.ID += "-" + cucumberID(s.File)
			}
			ids[f.ID] = true
			features = append(features, f)
		}
		f := &features[n]
		e := newCucumberElement(&x, run, s, rules[s.Rule])
		e.ID, e.Name = f.ID+";"+e.ID, names.scenario(s)
		f.Elements = append(f.Elements, e)
	}
	every := newCucumberFeature("", "On every exchange")
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			if every.URI == "" {
				every.URI = inline(r.File)
			}
			every.Elements = append(every.Elements, newCucumberRule(names, run, r))
		}
	}
	if len(every.Elements) > 0 {
		features = append(features, every)
	}
	if checks := result.Checks(run); len(checks) > 0 {
		features = append(features, newCucumberWhole(names, run, checks))
	}
	return text.Encode(w, features)
}

func newCucumberFeature(file, name string) cucumberFeature {
	return cucumberFeature{URI: inline(file), ID: cucumberID(name), Keyword: "Feature", Name: inline(name), Line: 1, Elements: []cucumberElement{}}
}

func newCucumberElement(x *explainer, run *result.Run, s *result.Scenario, rule *result.Rule) cucumberElement {
	e := cucumberElement{ID: cucumberID(s.ID), Keyword: "Scenario", Type: "scenario", Line: s.Line, Description: inline(s.Rule), Tags: []cucumberTag{}}
	if rule != nil && rule.Title != "" {
		e.Description += " " + inline(rule.Title)
	}
	if s.Repeat > 0 {
		e.Description += fmt.Sprintf(". Repetition %d", s.Repeat)
	}
	if s.Verdict == result.Observed {
		e.Description += ". Observed: " + observedLine(s)
	}
	for i, f := range earlier(s) {
		e.Description += fmt.Sprintf(". Attempt %d: %s: %s", i+1, inline(f.Cause), inline(f.Message))
	}
	for _, tag := range s.Tags {
		e.Tags = append(e.Tags, cucumberTag{inline(tag)})
	}
	e.Tags = append(e.Tags, cucumberTag{"@" + string(s.Verdict)})
	for i := range s.Steps {
		step := &s.Steps[i]
		e.Steps = append(e.Steps, cucumberStep{
			Keyword: inline(strings.TrimSpace(step.Keyword)) + " ", Name: inline(step.Text), Line: step.Line,
			Result: cucumberResult{Status: cucumberStatus(step.Verdict), Duration: int64(step.Duration.Duration() / time.Nanosecond)},
		})
	}
	if s.Flaky {
		e.Tags = append(e.Tags, cucumberTag{"@flaky"})
	}
	decide(&e, x, run, s)
	return e
}

// decide makes the steps say what the scenario's verdict is. A tool that finds no step, or only passed ones, counts
// a scenario as passed.
func decide(e *cucumberElement, x *explainer, run *result.Run, s *result.Scenario) {
	switch s.Verdict {
	case result.Passed, result.Observed:
		if len(e.Steps) == 0 {
			e.Steps = append(e.Steps, cucumberNote(s, string(s.Verdict)))
		}
		for i := range e.Steps {
			e.Steps[i].Result.Status = "passed"
		}
		return
	case result.Skipped, result.Waived:
		for i := range e.Steps {
			e.Steps[i].Result.Status = "skipped"
		}
		e.Steps = append(e.Steps, cucumberNote(s, string(s.Verdict)+": "+inline(reasonOf(s))))
		return
	}
	decider := -1
	if step := stepOf(s); step != nil {
		for i := range e.Steps {
			if e.Steps[i].Line == step.Line {
				decider = i
			}
		}
	}
	if decider < 0 {
		e.Steps = append(e.Steps, cucumberNote(s, string(s.Verdict)+": "+inline(reasonOf(s))))
		decider = len(e.Steps) - 1
	}
	for i := range e.Steps {
		if i != decider && e.Steps[i].Result.Status == "failed" {
			e.Steps[i].Result.Message = "see the step that decided"
		}
	}
	e.Steps[decider].Result.Status = cucumberStatus(s.Verdict)
	e.Steps[decider].Result.Message = uncounted(run, s.Verdict, s.Level) + inline(reasonOf(s)) + "\n" + x.scenario(run, s)
}

// cucumberNote is a step that no feature has: it says why the others did not run.
func cucumberNote(s *result.Scenario, text string) cucumberStep {
	return cucumberStep{Keyword: "* ", Name: text, Line: s.Line, Result: cucumberResult{Status: cucumberStatus(s.Verdict)}}
}

func newCucumberRule(names testNames, run *result.Run, r *result.Rule) cucumberElement {
	step := cucumberStep{Keyword: "* ", Name: "every exchange keeps it" + everyExchangeWords(r), Line: r.Line, Result: cucumberResult{Status: cucumberStatus(r.Verdict)}}
	if r.Verdict == result.Failed {
		step.Result.Message = uncounted(run, r.Verdict, r.Level) + ruleReason(r) + "\n" + explainRule(run, r)
	}
	return cucumberElement{
		ID: "on-every-exchange;" + cucumberID(r.ID), Keyword: "Scenario", Type: "scenario", Name: names.of(r.ID+" "+r.Title, r.ID, place(r.File, r.Line), ""), Line: r.Line,
		Tags: []cucumberTag{{"@" + inline(r.ID)}, {"@" + string(r.Level)}, {"@" + string(r.Verdict)}}, Steps: []cucumberStep{step},
	}
}

func newCucumberWhole(names testNames, run *result.Run, checks []result.Check) cucumberFeature {
	f := newCucumberFeature("", theRun)
	f.URI = f.ID
	for i, c := range checks {
		step := cucumberStep{Keyword: "* ", Name: inline(c.Message), Line: i + 1, Result: cucumberResult{Status: cucumberStatus(c.Verdict)}}
		if c.Verdict != result.Passed {
			step.Result.Message = inline(c.Message) + "\n" + explainCheck(run, c)
		}
		f.Elements = append(f.Elements, cucumberElement{
			ID: f.ID + ";" + c.ID, Keyword: "Scenario", Type: "scenario", Name: names.check(c), Line: i + 1, Tags: []cucumberTag{{"@" + string(c.Verdict)}}, Steps: []cucumberStep{step},
		})
	}
	return f
}

func cucumberStatus(v result.Verdict) string {
	switch v {
	case result.Passed, result.Observed:
		return "passed"
	case result.Skipped, result.Waived:
		return "skipped"
	}
	return "failed"
}

// cucumberID is a text as Cucumber makes ids of it: lower case, words joined by hyphens.
func cucumberID(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(inline(text)), func(r rune) bool {
		return r != '.' && r != ':' && r != '/' && r != '_' && r != '#' && r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}), "-")
}

func stepText(s *result.Step) string {
	return inline(strings.TrimSpace(s.Keyword) + " " + s.Text)
}
