package view

import (
	"fmt"
	"strings"

	"verifik-contract/internal/result"
)

// gap is promises that could not be certified, and why.
type gap struct {
	rules  []string
	reason string
}

// gaps is the must and should rules of which nothing was judged, those with the same reason together. A rule of
// which a part was judged is named with how much of it was not.
func gaps(run *result.Run) (none, part []gap) {
	type seen struct {
		skipped, all int
		reason       string
	}
	scenarios := map[string]*seen{}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		c := scenarios[s.Rule]
		if c == nil {
			c = &seen{}
			scenarios[s.Rule] = c
		}
		c.all++
		if s.Verdict == result.Skipped {
			c.skipped++
			if c.reason == "" {
				c.reason = s.Reason
			}
		}
	}
	for i := range run.Rules {
		r := &run.Rules[i]
		if r.Level == result.Observe {
			continue
		}
		c := scenarios[r.ID]
		if c == nil {
			c = &seen{}
		}
		switch {
		case r.Verdict == result.Skipped:
			reason := r.Reason
			if reason == "" {
				reason = c.reason
			}
			none = addGap(none, Inline(r.ID), reason)
		case c.skipped > 0:
			part = addGap(part, fmt.Sprintf("%d of %d scenarios of %s", c.skipped, c.all, Inline(r.ID)), c.reason)
		}
	}
	return none, part
}

func addGap(gaps []gap, rule, reason string) []gap {
	reason = Inline(reason)
	if reason == "" {
		reason = "no reason is given"
	}
	for i := range gaps {
		if gaps[i].reason == reason {
			gaps[i].rules = append(gaps[i].rules, rule)
			return gaps
		}
	}
	return append(gaps, gap{rules: []string{rule}, reason: reason})
}

// Without is what the certification leaves out, a line each: "certified without PV-14: no webhook can be
// received". A run that certifies nothing says "judged" instead.
func Without(run *result.Run) []string {
	word := "judged"
	if run.Exit == 0 {
		word = "certified"
	}
	var lines []string
	none, part := gaps(run)
	for _, g := range append(none, part...) {
		lines = append(lines, fmt.Sprintf("%s without %s: %s", word, strings.Join(g.rules, ", "), g.reason))
	}
	return lines
}
