package drift

import (
	"fmt"

	"verifik-contract/internal/result"
)

// unjudged is why the two runs cannot be compared in this scenario; "" where they can.
func (p pair) unjudged() string {
	for _, s := range []struct {
		when string
		scenario
	}{{"now", p.current}, {"in the baseline", p.baseline}} {
		if len(s.judged()) > 0 {
			continue
		}
		for _, r := range s.repetitions {
			switch {
			case r.Flaky:
				return "passed only after retries " + s.when
			case r.Verdict == result.Broken && r.Reason == "":
				return "broken " + s.when
			default:
				return fmt.Sprintf("%s %s: %s", r.Verdict, s.when, orUnknown(r.Reason))
			}
		}
	}
	return ""
}

func orUnknown(reason string) string {
	if reason == "" {
		return "no reason is given"
	}
	return reason
}

// kept tells whether the promise was kept; judged whether that could be told. A waiver belongs to the
// environment: what it covers is a failure of the provider all the same.
func kept(all []result.Scenario) (kept, judged bool, worst result.Scenario) {
	kept = true
	for _, s := range all {
		switch s.Verdict {
		case result.Failed, result.Waived:
			if kept {
				worst = s
			}
			kept, judged = false, true
		case result.Passed:
			judged = true
		}
	}
	return kept, judged, worst
}

// verdicts compares how the scenario ended.
func (p pair) verdicts(found *changes) {
	before, judgedBefore, broken := kept(p.baseline.judged())
	after, judgedAfter, breaks := kept(p.current.judged())
	if !judgedBefore || !judgedAfter || before == after {
		return
	}
	if before {
		found.verdict(result.NewlyFailing, p.place, result.Passed, breaks.Verdict, breaks.Reason)
		return
	}
	found.verdict(result.NewlyKept, p.place, broken.Verdict, result.Passed, "")
}

// everyExchange compares the rules that are judged on every exchange: they have no scenario, so the rule's own
// verdict is what there is. It returns those that one of the runs did not judge.
func everyExchange(baseline, current *result.Run, found *changes) []result.NotCompared {
	before := map[string]result.Rule{}
	for _, r := range baseline.Rules {
		if r.EveryExchange {
			before[r.ID] = r
		}
	}
	var not []result.NotCompared
	for _, after := range current.Rules {
		old, both := before[after.ID]
		if !after.EveryExchange || !both {
			continue
		}
		place := result.Place{Rule: after.ID, Level: after.Level, Title: after.Title, File: after.File, Line: after.Line}
		keptBefore, judgedBefore := ruleKept(old.Verdict)
		keptAfter, judgedAfter := ruleKept(after.Verdict)
		switch {
		case !judgedAfter:
			not = append(not, result.NotCompared{Place: place, Reason: fmt.Sprintf("%s now: %s", after.Verdict, orUnknown(after.Reason))})
		case !judgedBefore:
			not = append(not, result.NotCompared{Place: place, Reason: fmt.Sprintf("%s in the baseline: %s", old.Verdict, orUnknown(old.Reason))})
		case keptBefore && !keptAfter:
			found.verdict(result.NewlyFailing, place, old.Verdict, after.Verdict, after.Reason)
		case !keptBefore && keptAfter:
			found.verdict(result.NewlyKept, place, old.Verdict, after.Verdict, "")
		}
	}
	return not
}

func ruleKept(v result.Verdict) (kept, judged bool) {
	switch v {
	case result.Passed:
		return true, true
	case result.Failed, result.Waived:
		return false, true
	default:
		return false, false
	}
}
