package drift

import (
	"cmp"
	"strings"

	"verifik-contract/internal/result"
)

// gap is why one run tells nothing of a scenario or a rule; the zero value: it does.
type gap struct{ ended, reason string }

func gapOf(v result.Verdict, reason string) gap {
	return gap{string(v), cmp.Or(reason, "no reason is given")}
}

// comparable reports whether both runs tell something of a place. Where one does not, it is noted why.
func (c *comparison) comparable(place result.Place, before, now gap) bool {
	var why []string
	add := func(g gap, when string) {
		if g != (gap{}) {
			why = append(why, strings.TrimSuffix(g.ended+" "+when+": "+g.reason, ": "))
		}
	}
	if before == now {
		add(now, "before and now")
	} else {
		add(now, "now")
		add(before, "in the baseline")
	}
	if len(why) > 0 {
		c.NotCompared = append(c.NotCompared, result.NotCompared{Place: place, Reason: strings.Join(why, "; ")})
	}
	return len(why) == 0
}

func unjudged(repetitions []*result.Scenario) gap {
	switch r := repetitions[0]; {
	case len(judged(repetitions)) > 0:
		return gap{}
	case r.Flaky:
		return gap{ended: "passed only after retries"}
	default:
		return gapOf(r.Verdict, r.Reason)
	}
}

func ruleUnjudged(r result.Rule) gap {
	if keeps(r.Verdict) != 0 {
		return gap{}
	}
	return gapOf(r.Verdict, r.Reason)
}

// keeps is 1 for a verdict that says that a promise is kept, -1 for one that says that it is not, and 0 for one that says neither. A
// waiver belongs to the environment: what it covers is a failure of the provider all the same.
func keeps(v result.Verdict) int {
	return map[result.Verdict]int{result.Passed: 1, result.Failed: -1, result.Waived: -1}[v]
}

// worst is the first of a scenario's repetitions that ended the worst.
func worst(repetitions []*result.Scenario) *result.Scenario {
	found := repetitions[0]
	for _, r := range repetitions {
		if result.Merge(found.Verdict, r.Verdict) != found.Verdict {
			found = r
		}
	}
	return found
}

// verdicts compares how a promise was kept; the first reason why it is not speaks for the rule.
func (c *comparison) verdicts(place result.Place, before, now result.Verdict, reason string) {
	if keeps(before)*keeps(now) >= 0 {
		return
	}
	kind := result.NewlyFailing
	if keeps(now) > 0 {
		kind, reason = result.NewlyKept, ""
	}
	c.changes.add(key{kind: kind, rule: place.Rule, what: place.Rule, before: string(before), after: string(now)}, place, reason)
}

// everyExchange compares the rules that are judged on every exchange, and those that exchanges of other rules' scenarios
// broke in one of the runs: no scenario tells of that, so the rule's own verdict is what there is.
func (c *comparison) everyExchange(baseline, current *result.Run) {
	before := map[string]result.Rule{}
	for _, r := range baseline.Rules {
		before[r.ID] = r
	}
	for _, now := range current.Rules {
		old, both := before[now.ID]
		if !both || !now.OnExchanges() && !old.OnExchanges() {
			continue
		}
		place := result.Place{Rule: now.ID, Level: now.Level, Title: now.Title, File: now.File, Line: now.Line}
		if c.comparable(place, ruleUnjudged(old), ruleUnjudged(now)) {
			c.verdicts(place, old.Verdict, now.Verdict, now.Reason)
		}
	}
}
