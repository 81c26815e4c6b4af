package drift

import (
	"cmp"

	"verifik-contract/internal/result"
)

// gap is why one run tells nothing of a scenario; the zero value: it does.
type gap struct{ ended, reason string }

func (g gap) at(when string) string {
	if g.reason == "" {
		return g.ended + " " + when
	}
	return g.ended + " " + when + ": " + g.reason
}

// apart says why two runs cannot be compared; "" where they can.
func apart(before, now gap) string {
	const inBaseline = "in the baseline"
	switch none := (gap{}); {
	case before == now && now == none:
		return ""
	case before == now:
		return now.at("before and now")
	case before == none:
		return now.at("now")
	case now == none:
		return before.at(inBaseline)
	}
	return now.at("now") + "; " + before.at(inBaseline)
}

func unjudged(repetitions []*result.Scenario) gap {
	if len(judged(repetitions)) > 0 {
		return gap{}
	}
	switch r := repetitions[0]; {
	case r.Flaky:
		return gap{ended: "passed only after retries"}
	case r.Verdict == result.Broken:
		return gap{string(r.Verdict), r.Reason}
	default:
		return gap{string(r.Verdict), cmp.Or(r.Reason, "no reason is given")}
	}
}

func ruleUnjudged(r result.Rule) gap {
	if _, judged := verdictKept(r.Verdict); judged {
		return gap{}
	}
	return gap{string(r.Verdict), cmp.Or(r.Reason, "no reason is given")}
}

// kept reports whether the promise was kept, whether that could be told, and what was the first to break it. A waiver
// belongs to the environment: what it covers is a failure of the provider all the same.
func kept(all []*result.Scenario) (kept, told bool, broken *result.Scenario) {
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
		keptBefore, _ := verdictKept(old.Verdict)
		keptAfter, _ := verdictKept(after.Verdict)
		switch reason := apart(ruleUnjudged(old), ruleUnjudged(after)); {
		case reason != "":
			not = append(not, result.NotCompared{Place: place, Reason: reason})
		case keptBefore && !keptAfter:
			found.verdict(result.NewlyFailing, place, old.Verdict, after.Verdict, after.Reason)
		case !keptBefore && keptAfter:
			found.verdict(result.NewlyKept, place, old.Verdict, after.Verdict, "")
		}
	}
	return not
}
