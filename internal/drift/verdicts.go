package drift

import (
	"cmp"
	"fmt"

	"verifik-contract/internal/result"
)

// unjudged is why the two runs cannot be compared in this scenario; "" where they can.
func (p pair) unjudged() string {
	return cmp.Or(unjudged(p.current, "now"), unjudged(p.baseline, "in the baseline"))
}

func unjudged(repetitions []result.Scenario, when string) string {
	if len(judged(repetitions)) > 0 {
		return ""
	}
	switch r := repetitions[0]; {
	case r.Flaky:
		return "passed only after retries " + when
	case r.Verdict == result.Broken && r.Reason == "":
		return "broken " + when
	default:
		return notJudged(r.Verdict, when, r.Reason)
	}
}

func notJudged(v result.Verdict, when, reason string) string {
	return fmt.Sprintf("%s %s: %s", v, when, cmp.Or(reason, "no reason is given"))
}

// kept reports whether the promise was kept, whether that could be told, and what was the first to break it. A waiver
// belongs to the environment: what it covers is a failure of the provider all the same.
func kept(all []result.Scenario) (kept, told bool, broken result.Scenario) {
	kept = true
	for _, s := range all {
		keeps, tells := verdictKept(s.Verdict)
		if told = told || tells; tells && !keeps && kept {
			kept, broken = false, s
		}
	}
	return kept, told, broken
}

func verdictKept(v result.Verdict) (kept, judged bool) {
	broken := v == result.Failed || v == result.Waived
	return v == result.Passed, v == result.Passed || broken
}

// verdicts compares how the scenario ended.
func (p pair) verdicts(found *changes) {
	before, judgedBefore, broken := kept(judged(p.baseline))
	after, judgedAfter, breaks := kept(judged(p.current))
	if !judgedBefore || !judgedAfter || before == after {
		return
	}
	if before {
		found.verdict(result.NewlyFailing, p.place, result.Passed, breaks.Verdict, breaks.Reason)
		return
	}
	found.verdict(result.NewlyKept, p.place, broken.Verdict, result.Passed, "")
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
		keptBefore, judgedBefore := verdictKept(old.Verdict)
		keptAfter, judgedAfter := verdictKept(after.Verdict)
		switch {
		case !judgedAfter:
			not = append(not, result.NotCompared{Place: place, Reason: notJudged(after.Verdict, "now", after.Reason)})
		case !judgedBefore:
			not = append(not, result.NotCompared{Place: place, Reason: notJudged(old.Verdict, "in the baseline", old.Reason)})
		case keptBefore && !keptAfter:
			found.verdict(result.NewlyFailing, place, old.Verdict, after.Verdict, after.Reason)
		case !keptBefore && keptAfter:
			found.verdict(result.NewlyKept, place, old.Verdict, after.Verdict, "")
		}
	}
	return not
}
