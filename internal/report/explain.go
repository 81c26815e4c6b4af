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

func (x *explainer) scenario(s *result.Scenario) string {
	p := &page{}
	x.explained++
	if x.explained > maxExplained {
		return fmt.Sprintf("  --> %s\n  the first %d are explained here, the result file holds all\n", place(s.File, s.Line), maxExplained)
	}
	p.details(s)
	return p.String()
}

// explainRule is the details of an every-exchange rule as plain text.
func explainRule(run *result.Run, r *result.Rule) string {
	p := &page{}
	p.breaches(run, r)
	return p.String()
}
