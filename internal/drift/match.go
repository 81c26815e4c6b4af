package drift

import (
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// pair is one scenario in both runs, with all its repetitions.
type pair struct {
	place             result.Place
	baseline, current []*result.Scenario
}

// match pairs the scenarios of the two runs, in the current run's order, by rule and name: an edited feature moves every
// scenario below the edit, and a feature may have been renamed. What only one run holds is noted as only in it.
func (c *comparison) match(baseline, current *result.Run) []pair {
	titles := map[string]string{}
	for _, r := range append(slices.Clone(baseline.Rules), current.Rules...) {
		titles[r.ID] = r.Title
	}
	before := map[[2]string][]*result.Scenario{}
	for _, s := range gather(baseline) {
		before[nameOf(s[0])] = s
	}
	var pairs []pair
	for _, s := range gather(current) {
		p := pair{placeOf(s[0], titles), before[nameOf(s[0])], s}
		if delete(before, nameOf(s[0])); p.baseline != nil {
			pairs = append(pairs, p)
		} else {
			c.OnlyCurrent = append(c.OnlyCurrent, result.Unmatched{Place: p.place, Verdict: worst(s).Verdict})
		}
	}
	for _, s := range gather(baseline) {
		if before[nameOf(s[0])] != nil {
			c.OnlyBaseline = append(c.OnlyBaseline, result.Unmatched{Place: placeOf(s[0], titles), Verdict: worst(s).Verdict})
		}
	}
	return pairs
}

// gather puts the repetitions of a scenario together.
func gather(r *result.Run) [][]*result.Scenario { return group.By(group.Pointers(r.Scenarios), nameOf) }

// nameOf is what a scenario is known by in another run.
func nameOf(s *result.Scenario) [2]string { return [2]string{s.Rule, s.Name} }

func placeOf(s *result.Scenario, titles map[string]string) result.Place {
	return result.Place{Rule: s.Rule, Level: s.Level, Title: titles[s.Rule], Name: s.Name, File: s.File, Line: s.Line}
}

// judged is the repetitions that tell something about the provider: not the broken, the skipped and those that
// passed only after retries.
func judged(repetitions []*result.Scenario) []*result.Scenario {
	return group.Where(repetitions, func(r *result.Scenario) bool {
		return r.Verdict != result.Broken && r.Verdict != result.Skipped && !r.Flaky
	})
}
