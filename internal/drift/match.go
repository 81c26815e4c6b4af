package drift

import (
	"maps"
	"slices"

	"verifik-contract/internal/result"
)

// scenario is one scenario with all its repetitions in one run.
type scenario struct {
	first       result.Scenario // gives the place
	repetitions []result.Scenario
}

// pair is one scenario in both runs.
type pair struct {
	place    result.Place
	baseline scenario
	current  scenario
}

// identity is what makes two scenarios the same one. The line is not part of it: an edited feature moves every
// scenario below the edit.
type identity struct{ rule, name, file string }

// match pairs the scenarios of the two runs, in the current run's order: by rule, name and file, and those that are
// left by rule and name, since a feature may have been renamed. What is left of either is noted as only in it.
func match(baseline, current *result.Run, d *result.Drift) []pair {
	titles := titlesOf(baseline)
	maps.Copy(titles, titlesOf(current))
	before, after := gather(baseline), gather(current)
	left := slices.Clone(before.order)
	partner := map[identity]identity{}
	take := func(same func(id, old identity) bool) {
		for _, id := range after.order {
			if _, done := partner[id]; done {
				continue
			}
			if i := slices.IndexFunc(left, func(old identity) bool { return same(id, old) }); i >= 0 {
				partner[id] = left[i]
				left = slices.Delete(left, i, i+1)
			}
		}
	}
	take(func(id, old identity) bool { return old == id })
	take(func(id, old identity) bool { return old.rule == id.rule && old.name == id.name })
	only := func(s *scenario) result.Unmatched {
		return result.Unmatched{Place: placeOf(s.first, titles), Verdict: s.verdict()}
	}
	var pairs []pair
	for _, id := range after.order {
		s := after.of[id]
		if old, paired := partner[id]; paired {
			pairs = append(pairs, pair{place: placeOf(s.first, titles), baseline: *before.of[old], current: *s})
		} else {
			d.OnlyCurrent = append(d.OnlyCurrent, only(s))
		}
	}
	for _, id := range left {
		d.OnlyBaseline = append(d.OnlyBaseline, only(before.of[id]))
	}
	return pairs
}

// gathered is the scenarios of one run, in its order.
type gathered struct {
	order []identity
	of    map[identity]*scenario
}

func gather(r *result.Run) gathered {
	g := gathered{of: map[identity]*scenario{}}
	for _, s := range r.Scenarios {
		id := identity{s.Rule, s.Name, s.File}
		if g.of[id] == nil {
			g.of[id] = &scenario{first: s}
			g.order = append(g.order, id)
		}
		g.of[id].repetitions = append(g.of[id].repetitions, s)
	}
	return g
}

func titlesOf(r *result.Run) map[string]string {
	titles := map[string]string{}
	for _, rule := range r.Rules {
		titles[rule.ID] = rule.Title
	}
	return titles
}

func placeOf(s result.Scenario, titles map[string]string) result.Place {
	return result.Place{Rule: s.Rule, Level: s.Level, Title: titles[s.Rule], Name: s.Name, File: s.File, Line: s.Line}
}

// verdict is the worst of the scenario's repetitions.
func (s scenario) verdict() result.Verdict {
	var v result.Verdict
	for _, r := range s.repetitions {
		v = result.Merge(v, r.Verdict)
	}
	return v
}

// judged is the repetitions that tell something about the provider: not the broken, the skipped and those that
// passed only after retries.
func (s scenario) judged() []result.Scenario {
	var found []result.Scenario
	for _, r := range s.repetitions {
		if r.Verdict != result.Broken && r.Verdict != result.Skipped && !r.Flaky {
			found = append(found, r)
		}
	}
	return found
}
