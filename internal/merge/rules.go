package merge

import (
	"slices"

	"verifik-contract/internal/result"
)

// rules makes one rule of each that the shards name. A rule with scenarios is as its worst scenario; an
// every-exchange rule as its worst shard, its counts added up.
func rules(runs []*result.Run, order order, scenarios []result.Scenario) []result.Rule {
	parts := map[string][]result.Rule{}
	var ids []string
	for _, r := range runs {
		for _, rule := range r.Rules {
			if parts[rule.ID] == nil {
				ids = append(ids, rule.ID)
			}
			parts[rule.ID] = append(parts[rule.ID], rule)
		}
	}
	place := map[string]int{}
	for i, s := range scenarios {
		place[s.ID] = i
	}
	merged := []result.Rule{}
	for _, id := range ids {
		merged = append(merged, rule(parts[id], scenarios, place))
	}
	slices.SortStableFunc(merged, order.rules)
	return merged
}

func rule(parts []result.Rule, scenarios []result.Scenario, place map[string]int) result.Rule {
	whole := parts[0]
	whole.Verdict, whole.Reason, whole.Findings, whole.Judged, whole.Breaches = "", "", nil, 0, 0
	for _, part := range parts {
		whole.Judged += part.Judged
		whole.Breaches += part.Breaches
		whole.Findings = append(whole.Findings, part.Findings...)
	}
	slices.SortStableFunc(whole.Findings, func(a, b result.Finding) int { return place[a.Scenario] - place[b.Scenario] })
	judged := false
	if !whole.EveryExchange {
		for _, s := range scenarios {
			if s.Rule == whole.ID {
				judged = true
				whole.Verdict = result.Merge(whole.Verdict, s.Verdict)
			}
		}
	}
	if !judged {
		for _, part := range parts {
			whole.Verdict = result.Merge(whole.Verdict, part.Verdict)
		}
	}
	whole.Reason = reason(whole, parts, scenarios)
	return whole
}

// reason is why the merged rule is not passed: as a shard with the same verdict says it, else as its first
// scenario with that verdict does.
func reason(whole result.Rule, parts []result.Rule, scenarios []result.Scenario) string {
	if whole.Verdict == result.Passed {
		return ""
	}
	for _, part := range parts {
		if part.Verdict == whole.Verdict && part.Reason != "" {
			return part.Reason
		}
	}
	for _, s := range scenarios {
		if s.Rule == whole.ID && s.Verdict == whole.Verdict && s.Reason != "" {
			return s.Reason
		}
	}
	return ""
}

// waivers is each waiver once, with what became of it in the whole run: one that was used in a shard was used, and
// one is stale only if its rule passes in all of them.
func waivers(runs []*result.Run, rules []result.Rule) []result.Waiver {
	verdicts := map[string]result.Verdict{}
	for _, r := range rules {
		verdicts[r.ID] = r.Verdict
	}
	var merged []result.Waiver
	for _, r := range runs {
		for _, w := range r.Waivers {
			i := slices.IndexFunc(merged, func(m result.Waiver) bool {
				return m.Rule == w.Rule && m.Reason == w.Reason && m.Until == w.Until
			})
			if i < 0 {
				merged = append(merged, w)
				continue
			}
			if rank(w.State) > rank(merged[i].State) {
				merged[i].State = w.State
			}
		}
	}
	for i, w := range merged {
		if w.State == "stale" && verdicts[w.Rule] != result.Passed {
			merged[i].State = "unused"
		}
	}
	return merged
}

// rank orders what shards say of the same waiver: one that covered a failure anywhere was used.
func rank(state string) int {
	return slices.Index([]string{"unused", "stale", "expired", "used"}, state)
}
