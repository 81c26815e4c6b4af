package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// VerdictsIn returns the verdicts that occur in the groups, worst first.
func VerdictsIn(groups []result.Group) []result.Verdict {
	return slices.DeleteFunc(result.Verdicts(), func(v result.Verdict) bool {
		return !slices.ContainsFunc(groups, func(g result.Group) bool { return g.Tally[v] > 0 })
	})
}

// Conclusion returns the outcome of a run, its counts and its duration, in one line of clean text.
func Conclusion(run *result.Run) string {
	outcome := Outcome(run)
	if !strings.HasSuffix(outcome, "?") { // a reason may ask whether the address is right
		outcome += ":"
	}
	return fmt.Sprintf("%s %s in %s.", outcome, cmp.Or(result.Count(run).Words(), "no scenario"), Span(run.Duration))
}

// Stopped returns why a run stopped early, unescaped; "" if Conclusion says it already.
func Stopped(run *result.Run) string {
	if _, nothing := judgedNothing(run); nothing {
		return ""
	}
	return run.Stopped
}

// Outcome returns the exit code and its reason in words.
func Outcome(run *result.Run) string {
	switch run.Exit {
	case result.ExitKept:
		return keptWords(run) + driftWords(run, "; ")
	case result.ExitBroken:
		return brokenWords(run)
	case result.ExitInterrupted:
		return "Interrupted"
	}
	return unjudgedWords(run)
}

func keptWords(run *result.Run) string {
	if failed := failedRules(run, true); len(failed) > 0 {
		return "The contract is kept but for " + Few(failed, 12) + ", which --fail-on makes a warning"
	}
	switch t := run.Traffic; {
	case t != nil && t.Kind == result.Received:
		return "What the clients sent is as documented"
	case t != nil:
		return "Nothing that was judged breaks the contract"
	}
	if slices.ContainsFunc(run.Scenarios, func(s result.Scenario) bool { return s.Verdict == result.Skipped && s.Level != result.Observe }) {
		return "The contract is kept as far as it was judged"
	}
	return "The contract is kept"
}

func brokenWords(run *result.Run) string {
	failed, l := failedRules(run, false), run.Latency
	switch {
	case len(failed) > 0 && run.Traffic != nil && run.Traffic.Kind == result.Received:
		return "What the clients sent is not as documented, " + Few(failed, 12) + " failed"
	case len(failed) > 0:
		return "The contract is not kept, " + Few(failed, 12) + " failed" + driftWords(run, "; ")
	case l.Exceeded() && l.Budget.Fail:
		return "The latency budget is exceeded" + driftWords(run, "; ")
	case run.Drift.Drifted() && run.Drift.Fails:
		judged := *run
		judged.Drift = nil // what the outcome would have been without it
		judged.Exit = result.Exit(&judged)
		return Outcome(&judged) + ", but --fail-on-drift" + driftWords(run, ": ")
	}
	return "The contract is not kept"
}

func unjudgedWords(run *result.Run) string {
	judged := *run
	judged.Problems = nil
	if len(run.Problems) > 0 && result.Exit(&judged) == result.ExitKept {
		return keptWords(run) + ", but " + Cut(run.Problems[0], 200)
	}
	why, nothing := judgedNothing(run)
	if check := group.First(result.Checks(run), func(c result.Check) bool { return c.ID == "judged" }); check.ID != "" {
		why, nothing = Inline(check.Message), true
	}
	words := "Nothing could be judged"
	judgedVerdicts := []result.Verdict{result.Passed, result.Failed, result.Waived}
	if slices.ContainsFunc(run.Rules, func(r result.Rule) bool { return slices.Contains(judgedVerdicts, r.Verdict) }) {
		words = "Not all could be judged" // rules of every exchange were
	}
	if nothing && why != "" {
		return words + ": " + why
	}
	if nothing {
		return words
	}
	if missing := result.Unjudged(run); len(missing) > 0 {
		ids := group.Map(missing, func(r result.Rule) string { return Inline(r.ID) })
		return fmt.Sprintf("Not judged, and --require %s asks for it, %s", Inline(run.Selection.Require), Few(ids, 12))
	}
	return "Not all could be judged"
}

// driftWords returns how much changed since the baseline, after a separator; "" if nothing did.
func driftWords(run *result.Run, separator string) string {
	if !run.Drift.Drifted() {
		return ""
	}
	return separator + Inline(run.Drift.Headline())
}

// failedRules returns the ids of the rules that failed; with warnings, also of those that do not fail the run.
func failedRules(run *result.Run, warnings bool) []string {
	failed := group.Where(run.Rules, func(r result.Rule) bool {
		return r.Verdict == result.Failed && (warnings || result.Counts(r.Level, run.Selection.FailOn))
	})
	ids := group.Map(failed, func(r result.Rule) string { return Inline(r.ID) })
	slices.SortFunc(ids, result.CompareIDs)
	return ids
}

// RuleReason returns why an every-exchange rule did not pass, in one line of clean text.
func RuleReason(r *result.Rule) string { return Inline(cmp.Or(r.Reason, BreachLine(r))) }
