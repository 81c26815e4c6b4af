package view

import (
	"cmp"
	"fmt"
	"strings"

	"verifik-contract/internal/result"
)

// MaxExplained is how many scenarios of one report are explained with their exchange: ten thousand repetitions that
// fail must not make a report of a hundred megabytes.
const MaxExplained = 200

// Explainer writes the details of scenarios as plain text, for the reports that hold a text for each.
type Explainer struct{ explained int }

func (x *Explainer) Scenario(run *result.Run, s *result.Scenario) string {
	p := &Page{}
	x.explained++
	if x.explained > MaxExplained {
		return fmt.Sprintf("  --> %s\n  the first %d are explained here, the result file holds all\n", Place(s.File, s.Line), MaxExplained)
	}
	p.details(s)
	p.rerun(run, s, nil)
	return p.String()
}

// TheRun is the name of the suite of what is judged of a run as a whole.
const TheRun = "The run"

// ExplainCheck is the details of what is judged of a run as a whole, as plain text.
func ExplainCheck(run *result.Run, c result.Check) string {
	if c.ID == "drift" {
		return DriftText(run.Drift)
	}
	return Inline(c.Message) + "\n"
}

// Uncounted is what stands before the reason of a test that is red and changes no exit code; "": it counts.
func Uncounted(run *result.Run, v result.Verdict, level result.Level) string {
	switch {
	case level == result.Observe:
		return "(no promise: it changes no exit code) "
	case v == result.Failed && !result.Counts(level, run.Selection.FailOn):
		return "(a warning: --fail-on " + Inline(run.Selection.FailOn) + ") "
	}
	return ""
}

// Earlier is why each attempt of a scenario before its last could not be judged.
func Earlier(s *result.Scenario) []result.Failure {
	all := make([]result.Failure, 0, len(s.Retried))
	for _, f := range s.Retried {
		all = append(all, result.Failure{Cause: cmp.Or(f.Cause, "broken"), Message: f.Message})
	}
	for n := len(all) + 1; n < s.Attempts; n++ { // a result of a version that kept no reasons
		all = append(all, result.Failure{Cause: "broken", Message: fmt.Sprintf("attempt %d could not be judged", n)})
	}
	return all
}

// ExplainRule is the details of an every-exchange rule as plain text.
func ExplainRule(run *result.Run, r *result.Rule) string {
	p := &Page{}
	p.breaches(run, r)
	return p.String()
}

func StepText(s *result.Step) string {
	return Inline(strings.TrimSpace(s.Keyword) + " " + s.Text)
}
