// Package cucumber writes a result as Cucumber JSON.
package cucumber

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// object is a part of Cucumber's JSON, as its JVM formatter writes it and the report tools read it.
type object map[string]any

// Render writes a feature for each feature file, one for the every-exchange rules and one for the run as a whole. The format
// has no rules, no skip reasons, no repetitions and no verdict of a scenario but those of its steps: the description names
// the rule, and the step that decided carries the status. What could not be judged is "failed", as an error in a hook is.
func Render(w io.Writer, run *result.Run) error {
	features, ids := []object{}, map[string]bool{}
	for _, tests := range view.Suites(run) {
		first := tests[0]
		name := first.Suite.Name
		id := slug(name)
		if ids[id] {
			id += "-" + slug(first.File)
		}
		ids[id] = true
		elements := []object{}
		for i, t := range tests {
			if t.Check != nil {
				t.Line = i + 1
			}
			elements = append(elements, newElement(id, t))
		}
		features = append(features, object{
			"uri": cmp.Or(view.Inline(first.File), id), "id": id, "keyword": "Feature", "name": view.Inline(name), "description": "", "line": 1, "elements": elements,
		})
	}
	return text.Encode(w, features)
}

func newElement(feature string, t view.Test) object {
	id, name, description, tags, steps := t.ID, t.Name, "", []string(nil), []object(nil)
	switch {
	case t.Scenario != nil:
		id, description, tags, steps = t.Scenario.ID, describe(t), slices.Clone(t.Scenario.Tags), stepsOf(t)
	case t.Rule != nil:
		if !strings.HasPrefix(name, view.Inline(t.ID)) {
			name = view.Inline(t.ID) + " " + name
		}
		tags = []string{"@" + t.ID, "@" + string(t.Rule.Level)}
		steps = []object{newStep("* ", "every exchange keeps it"+view.EveryExchangeWords(t.Rule), t.Line, outcome(t))}
	default:
		steps = []object{newStep("* ", t.Message, t.Line, outcome(t))}
	}
	tags = append(tags, "@"+string(t.Verdict))
	if t.Scenario != nil && t.Scenario.Flaky {
		tags = append(tags, "@flaky")
	}
	named := group.Map(tags, func(tag string) object { return object{"name": view.Inline(tag)} })
	return object{
		"id": feature + ";" + slug(id), "keyword": "Scenario", "type": "scenario", "name": name, "description": description, "line": t.Line, "tags": named, "steps": steps,
	}
}

func newStep(keyword, name string, line int, outcome object) object {
	return object{"keyword": keyword, "name": name, "line": line, "match": object{}, "result": outcome}
}

// outcome returns the result of a test for the step that decided it.
func outcome(t view.Test) object {
	made := object{"status": view.Status(t.Verdict)}
	if t.Details != "" {
		made["error_message"] = t.Message + "\n" + t.Details
	}
	return made
}

// describe returns what the format has no other place for.
func describe(t view.Test) string {
	s := t.Scenario
	words := view.Inline(s.Rule)
	if t.Rule.Title != "" {
		words += " " + view.Inline(t.Rule.Title)
	}
	if s.Repeat > 0 {
		words += fmt.Sprintf(". Repetition %d", s.Repeat)
	}
	if s.Verdict == result.Observed {
		words += ". Observed: " + view.ObservedLine(s)
	}
	for i, f := range view.Earlier(s) {
		words += fmt.Sprintf(". Attempt %d: %s: %s", i+1, view.Inline(f.Cause), view.Inline(f.Message))
	}
	return words
}

// stepsOf returns the steps of a scenario so that they show its verdict. Tools count a scenario with no step, or only passed
// ones, as passed: if no step decided the verdict, one is added that does.
func stepsOf(t view.Test) (steps []object) {
	s, status := t.Scenario, view.Status(t.Verdict)
	decider, decided := view.StepOf(s), status == "passed" && len(s.Steps) > 0
	for i := range s.Steps {
		step, result := &s.Steps[i], object{"status": status}
		switch {
		case status == "failed" && step == decider:
			result, decided = outcome(t), true
		case status == "failed":
			result["status"] = view.Status(step.Verdict)
		}
		if step.Duration > 0 {
			result["duration"] = int64(step.Duration.Duration() / time.Nanosecond)
		}
		steps = append(steps, newStep(view.Inline(strings.TrimSpace(step.Keyword))+" ", view.Inline(step.Text), step.Line, result))
	}
	if !decided {
		steps = append(steps, newStep("* ", strings.TrimSuffix(string(s.Verdict)+": "+view.ReasonOf(s), ": "), s.Line, outcome(t)))
	}
	return steps
}

// slug returns a text as Cucumber's ids have it: lower case, words joined by hyphens.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(view.Inline(text)), func(r rune) bool {
		return r != '.' && r != ':' && r != '/' && r != '_' && r != '#' && r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}), "-")
}
