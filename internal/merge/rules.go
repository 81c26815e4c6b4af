package merge

import (
	"slices"

	"verifik-contract/internal/result"
)

// rules is each rule that a shard names, once, with what the shards counted added up. Its verdict is not worked out
// here.
func rules(runs []*result.Run, order order, scenarios []result.Scenario) []result.Rule {
	place := map[string]int{}
	for i, s := range scenarios {
		place[s.ID] = i
	}
	merged := []result.Rule{}
	for _, r := range runs {
		for _, part := range r.Rules {
			i := slices.IndexFunc(merged, func(m result.Rule) bool { return m.ID == part.ID })
			if i < 0 {
				part.Findings = slices.Clone(part.Findings)
				merged = append(merged, part)
				continue
			}
			merged[i].Judged += part.Judged
			merged[i].Breaches += part.Breaches
			merged[i].Findings = append(merged[i].Findings, part.Findings...)
		}
	}
	for i := range merged {
		merged[i].Reason = ""
		slices.SortStableFunc(merged[i].Findings, func(a, b result.Finding) int { return place[a.Scenario] - place[b.Scenario] })
	}
	slices.SortStableFunc(merged, order.rules)
	return merged
}

// waivers is each waiver once. What became of it is not worked out here.
func waivers(runs []*result.Run) []result.Waiver {
	var merged []result.Waiver
	for _, r := range runs {
		for _, w := range r.Waivers {
			w.State = ""
			if !slices.Contains(merged, w) {
				merged = append(merged, w)
			}
		}
	}
	return merged
}

// warnings is what the shards warn of, but for what Conclude says of the waivers: a waiver that is stale in one shard
// may be needed in another.
func warnings(runs []*result.Run) []string {
	ofWaivers := map[string]bool{}
	for _, r := range runs {
		alone := result.Run{Rules: slices.Clone(r.Rules), Scenarios: slices.Clone(r.Scenarios), Waivers: slices.Clone(r.Waivers)}
		result.Conclude(&alone, end(r))
		for _, w := range alone.Warnings {
			ofWaivers[w] = true
		}
	}
	return slices.DeleteFunc(lines(runs, func(r *result.Run) []string { return r.Warnings }), func(w string) bool { return ofWaivers[w] })
}
