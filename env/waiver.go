package env

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (l *loader) readWaivers(e *Environment, body *hclsyntax.Body) {
	spec, _ := fileGrammar().block("waiver")
	lines := map[string]int{}
	for _, block := range blocks(body, "waiver") {
		rule := block.Labels[0]
		if first, doubled := lines[rule]; doubled {
			l.note(finding{at: block.LabelRanges[0], summary: fmt.Sprintf("A second waiver of %s", rule),
				detail: fmt.Sprintf("The first is at line %d. Keep one of the two.", first)})
		} else {
			lines[rule] = block.TypeRange.Start.Line
		}
		r := l.reader(blockTitle("waiver", rule), spec.body(rule), block.Body)
		w := Waiver{Rule: rule, Line: block.TypeRange.Start.Line}
		w.Reason, _ = r.text("reason")
		if until, ok := r.text("until"); ok {
			date, err := time.ParseInLocation(time.DateOnly, until, time.UTC)
			if err != nil {
				r.wrong("until", "is not a date", `Write the last day of the waiver as year-month-day: "2027-01-31".`)
			}
			w.Until = date
		}
		e.Waivers = append(e.Waivers, w)
	}
}
