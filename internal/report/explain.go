package report

import (
	"fmt"

	"verifik-contract/internal/result"
)

// maxExplained is how many scenarios of one report are explained with their exchange: ten thousand repetitions that
// fail must not make a report of a hundred megabytes.
const maxExplained = 200

// explainer writes the details of scenarios as plain text, for the reports that hold a text for each.
type explainer struct{ explained int }

func (x *explainer) scenario(run *result.Run, s *result.Scenario) string {
	p := &page{}
	x.explained++
	if x.explained > maxExplained {
		return fmt.Sprintf("  --> %s\n  the first %d are explained here, the result file holds all\n", place(s.File, s.Line), maxExplained)
	}
	p.details(s)
	p.rerun(run, s, nil)
	return p.String()
}

// theRun is the name of the suite of what is judged of a run as a whole.
const theRun = "The run"

// explainCheck is the details of what is judged of a run as a whole, as plain text.
func explainCheck(run *result.Run, c result.Check) string {
	if c.ID == "drift" {
		return driftText(run.Drift)
	}
	return inline(c.Message) + "\n"
}

// uncounted is what stands before the reason of a test that is red and changes no exit code; "": it counts.
func uncounted(run *result.Run, v result.Verdict, level result.Level) string {
	switch {
	case level == result.Observe:
		return "(no promise: it changes no exit code) "
	case v == result.Failed && !result.Counts(level, run.Selection.FailOn):
		return "(a warning: --fail-on " + inline(run.Selection.FailOn) + ") "
	}
	return ""
}

// earlier is why each attempt of a scenario before its last could not be judged.
func earlier(s *result.Scenario) []result.Failure {
	all := make([]result.Failure, 0, len(s.Retried))
	for _, f := range s.Retried {
		all = append(all, result.Failure{Cause: orElse(f.Cause, "broken"), Message: f.Message})
	}
	for n := len(all) + 1; n < s.Attempts; n++ { // a result of a version that kept no reasons
		all = append(all, result.Failure{Cause: "broken", Message: fmt.Sprintf("attempt %d could not be judged", n)})
	}
	return all
}

// explainRule is the details of an every-exchange rule as plain text.
func explainRule(run *result.Run, r *result.Rule) string {
	p := &page{}
	p.breaches(run, r)
	return p.String()
}
