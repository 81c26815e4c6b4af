package drift

import (
	"cmp"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// gap is why a run says nothing about a scenario or a rule; the zero value means that it does.
type gap struct{ ended, reason string }

func gapOf(v result.Verdict, reason string) gap {
	return gap{string(v), cmp.Or(reason, "no reason is given")}
}

// comparable reports whether both runs judged a place. If not, it records why.
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
	if r.Verdict == result.Passed || isBroken(r.Verdict) {
		return gap{}
	}
	return gapOf(r.Verdict, r.Reason)
}

// isBroken reports whether a verdict means that a promise is not kept. A waiver belongs to the environment: what it covers
// is still a failure of the provider.
func isBroken(v result.Verdict) bool { return v == result.Failed || v == result.Waived }

// worst returns the first of a scenario's repetitions with the worst verdict.
func worst(repetitions []*result.Scenario) *result.Scenario {
	found := repetitions[0]
	for _, r := range repetitions {
		if result.Merge(found.Verdict, r.Verdict) != found.Verdict {
			found = r
		}
	}
	return found
}

// verdicts compares two verdicts. The first reason for a newly broken promise speaks for its rule.
func (c *comparison) verdicts(place result.Place, before, now result.Verdict, reason string) {
	change := key{rule: place.Rule, what: place.Rule, before: string(before), after: string(now)}
	switch {
	case before == result.Passed && isBroken(now):
		change.kind = result.NewlyFailing
		c.add(change, place, reason)
	case isBroken(before) && now == result.Passed:
		change.kind = result.NewlyKept
		c.add(change, place, "")
	}
}

// everyExchange compares the rules that are judged on every exchange, and those that exchanges of other rules' scenarios
// broke in one of the runs: no scenario shows that, so the rules' own verdicts are compared.
func (c *comparison) everyExchange(baseline, current *result.Run) {
	before := group.Keyed(baseline.Rules, ruleID)
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
