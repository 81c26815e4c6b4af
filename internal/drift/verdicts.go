package drift

import (
	"cmp"
	"strings"

	"verifik-contract/internal/result"
)

// gap is why one run tells nothing of a scenario; the zero value: it does.
type gap struct{ ended, reason string }

func (g gap) at(when string) string { return strings.TrimSuffix(g.ended+" "+when+": "+g.reason, ": ") }

// notComparable says why two runs cannot be compared; "" where they can.
func notComparable(before, now gap) string {
	if before == now && now != (gap{}) {
		return now.at("before and now")
	}
	var why []string
	if now != (gap{}) {
		why = append(why, now.at("now"))
	}
	if before != (gap{}) {
		why = append(why, before.at("in the baseline"))
	}
	return strings.Join(why, "; ")
}

func unjudged(repetitions []*result.Scenario) gap {
	switch r := repetitions[0]; {
	case len(judged(repetitions)) > 0:
		return gap{}
	case r.Flaky:
		return gap{ended: "passed only after retries"}
	default:
		return gap{string(r.Verdict), cmp.Or(r.Reason, "no reason is given")}
	}
}

func ruleUnjudged(r result.Rule) gap {
	if _, judged := kept(r.Verdict); judged {
		return gap{}
	}
	return gap{string(r.Verdict), cmp.Or(r.Reason, "no reason is given")}
}

// kept reports whether a verdict says that the promise was kept, and whether it says that or the contrary. A waiver
// belongs to the environment: what it covers is a failure of the provider all the same.
func kept(v result.Verdict) (kept, judged bool) {
	return v == result.Passed, v == result.Passed || v == result.Failed || v == result.Waived
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
func (c *changes) verdicts(place result.Place, before, after result.Verdict, reason string) {
	keptBefore, judgedBefore := kept(before)
	keptAfter, judgedAfter := kept(after)
	if !judgedBefore || !judgedAfter || keptBefore == keptAfter {
		return
	}
	kind := result.NewlyKept
	if keptBefore {
		kind = result.NewlyFailing
	} else {
		reason = ""
	}
	change := c.add(key{kind: kind, rule: place.Rule, what: place.Rule, before: string(before), after: string(after)}, place)
	change.Detail = cmp.Or(change.Detail, reason)
}

// everyExchange compares the rules that are judged on every exchange, and those that exchanges of other rules' scenarios
// broke in one of the runs: no scenario tells of that, so the rule's own verdict is what there is. It returns those that one of the runs did not judge.
func everyExchange(baseline, current *result.Run, found *changes) []result.NotCompared {
	before := map[string]result.Rule{}
	for _, r := range baseline.Rules {
		before[r.ID] = r
	}
	var not []result.NotCompared
	for _, after := range current.Rules {
		old, both := before[after.ID]
		if !both || !after.OnExchanges() && !old.OnExchanges() {
			continue
		}
		place := result.Place{Rule: after.ID, Level: after.Level, Title: after.Title, File: after.File, Line: after.Line}
		if reason := notComparable(ruleUnjudged(old), ruleUnjudged(after)); reason != "" {
			not = append(not, result.NotCompared{Place: place, Reason: reason})
		}
		found.verdicts(place, old.Verdict, after.Verdict, after.Reason)
	}
	return not
}
