package view

import (
	"cmp"
	"fmt"
	"strings"

	"verifik-contract/internal/result"
)

// Without returns what the certification leaves out, a line each: "certified without PV-14: no webhook can be
// received". A run that certifies nothing says "judged" instead. It is the must and should rules of which nothing was
// judged, then those of which a part was not, what has the same reason together.
func Without(run *result.Run) []string {
	all, skipped, reasons := map[string]int{}, map[string]int{}, map[string]string{}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		all[s.Rule]++
		if s.Verdict == result.Skipped {
			skipped[s.Rule]++
			reasons[s.Rule] = cmp.Or(reasons[s.Rule], s.Reason)
		}
	}
	var none, part gaps
	for i := range run.Rules {
		r := &run.Rules[i]
		switch n := skipped[r.ID]; {
		case r.Level == result.Observe:
		case r.Verdict == result.Skipped:
			none.add(Inline(r.ID), cmp.Or(r.Reason, reasons[r.ID]))
		case n > 0:
			part.add(fmt.Sprintf("%d of %d scenarios of %s", n, all[r.ID], Inline(r.ID)), reasons[r.ID])
		}
	}
	word := "judged"
	if run.Exit == result.ExitKept {
		word = "certified"
	}
	var lines []string
	for _, g := range append(none, part...) {
		lines = append(lines, fmt.Sprintf("%s without %s: %s", word, strings.Join(g.of, ", "), g.reason))
	}
	return lines
}

// gaps is what was not judged, by the reason.
type gaps []struct {
	of     []string
	reason string
}

func (g *gaps) add(what, reason string) {
	reason = cmp.Or(Inline(reason), "no reason is given")
	for i := range *g {
		if (*g)[i].reason == reason {
			(*g)[i].of = append((*g)[i].of, what)
			return
		}
	}
	*g = append(*g, struct {
		of     []string
		reason string
	}{[]string{what}, reason})
}
