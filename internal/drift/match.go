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

// match pairs the scenarios of the two runs, in the current run's order: by rule, name and file, and those that are
// left by rule and name, since a feature may have been renamed. The line is not part of it: an edited feature moves every
// scenario below the edit. What is left of either is noted as only in it.
func match(baseline, current *result.Run, d *result.Drift) []pair {
	before, after := gather(baseline), gather(current)
	pairs := make([]pair, len(after))
	for _, file := range []bool{true, false} {
		for i, s := range after {
			same := func(old []*result.Scenario) bool {
				return old[0].Rule == s[0].Rule && old[0].Name == s[0].Name && (!file || old[0].File == s[0].File)
			}
			if at := slices.IndexFunc(before, same); at >= 0 && pairs[i].baseline == nil {
				pairs[i].baseline = before[at]
				before = slices.Delete(before, at, at+1)
			}
		}
	}
	titles := map[string]string{}
	for _, r := range append(slices.Clone(baseline.Rules), current.Rules...) {
		titles[r.ID] = r.Title
	}
	for i, s := range after {
		pairs[i].place, pairs[i].current = placeOf(s[0], titles), s
		if pairs[i].baseline == nil {
			d.OnlyCurrent = append(d.OnlyCurrent, result.Unmatched{Place: pairs[i].place, Verdict: worst(s).Verdict})
		}
	}
	for _, s := range before {
		d.OnlyBaseline = append(d.OnlyBaseline, result.Unmatched{Place: placeOf(s[0], titles), Verdict: worst(s).Verdict})
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return p.baseline == nil })
}

func gather(r *result.Run) [][]*result.Scenario {
	return group.By(group.Pointers(r.Scenarios), func(s *result.Scenario) [3]string { return [3]string{s.Rule, s.Name, s.File} })
}

func placeOf(s *result.Scenario, titles map[string]string) result.Place {
	return result.Place{Rule: s.Rule, Level: s.Level, Title: titles[s.Rule], Name: s.Name, File: s.File, Line: s.Line}
}

// judged is the repetitions that tell something about the provider: not the broken, the skipped and those that
// passed only after retries.
func judged(repetitions []*result.Scenario) []*result.Scenario {
	return slices.DeleteFunc(slices.Clone(repetitions), func(r *result.Scenario) bool {
		return r.Verdict == result.Broken || r.Verdict == result.Skipped || r.Flaky
	})
}
