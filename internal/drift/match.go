package drift

import (
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

type matching struct {
	pairs        []pair // in the current run's order
	onlyBaseline []result.Unmatched
	onlyCurrent  []result.Unmatched
}

// identity is what makes two scenarios the same one. The line is not part of it: an edited feature moves every
// scenario below the edit.
type identity struct{ rule, name, file string }

// match pairs the scenarios of the two runs: by rule, name and file, and those that are left by rule and name, since
// a feature may have been renamed.
func match(baseline, current *result.Run) matching {
	titles := titlesOf(baseline)
	for id, title := range titlesOf(current) {
		titles[id] = title
	}
	before, after := gather(baseline), gather(current)
	partner := map[identity]identity{}
	taken := map[identity]bool{}
	for _, id := range after.order {
		if _, same := before.of[id]; same {
			partner[id] = id
			taken[id] = true
		}
	}
	for _, id := range after.order {
		if _, done := partner[id]; done {
			continue
		}
		for _, old := range before.order {
			if !taken[old] && old.rule == id.rule && old.name == id.name {
				partner[id] = old
				taken[old] = true
				break
			}
		}
	}
	var m matching
	for _, id := range after.order {
		s := *after.of[id]
		old, paired := partner[id]
		if !paired {
			m.onlyCurrent = append(m.onlyCurrent, result.Unmatched{Place: placeOf(s.first, titles), Verdict: s.verdict()})
			continue
		}
		m.pairs = append(m.pairs, pair{place: placeOf(s.first, titles), baseline: *before.of[old], current: s})
	}
	for _, id := range before.order {
		if !taken[id] {
			s := *before.of[id]
			m.onlyBaseline = append(m.onlyBaseline, result.Unmatched{Place: placeOf(s.first, titles), Verdict: s.verdict()})
		}
	}
	return m
}

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
