package report

import (
	"fmt"
	"slices"

	"verifik-contract/internal/result"
)

// table writes the verdicts by level.
func (p *page) table(run *result.Run) {
	rows := result.Groups(run)
	if len(rows) == 0 {
		return
	}
	verdicts := verdictsIn(rows)
	head := fmt.Sprintf("%-*s", len(result.EveryExchange)+2, "")
	for _, v := range verdicts {
		head += fmt.Sprintf("%10s", v)
	}
	p.line(0, p.dim(head))
	for _, row := range rows {
		text := fmt.Sprintf("%-*s", len(result.EveryExchange)+2, row.Name)
		for _, v := range verdicts {
			cell := fmt.Sprintf("%10d", row.Tally[v])
			if row.Tally[v] == 0 {
				cell = p.dim(fmt.Sprintf("%10s", "-"))
			} else {
				cell = p.verdict(v, cell)
			}
			text += cell
		}
		p.line(0, text)
	}
	p.line(0, "")
}

// verdictsIn is the verdicts that occur in the groups, worst first.
func verdictsIn(groups []result.Group) []result.Verdict {
	var found []result.Verdict
	for _, v := range result.Verdicts() {
		if slices.ContainsFunc(groups, func(g result.Group) bool { return g.Tally[v] > 0 }) {
			found = append(found, v)
		}
	}
	return found
}

// verdictOf is the verdict that stands for a whole run.
func verdictOf(run *result.Run) result.Verdict {
	switch run.Exit {
	case result.ExitKept:
		return result.Passed
	case result.ExitBroken:
		return result.Failed
	}
	return result.Broken
}

// conclusion is what a run comes to, in clean text: why it stopped, if it did, and the last line.
func conclusion(run *result.Run) []string {
	var lines []string
	if _, nothing := judgedNothing(run); run.Stopped != "" && !nothing { // there the last line says why
		lines = append(lines, "Stopped: "+inline(run.Stopped))
	}
	return append(lines, fmt.Sprintf("%s: %s in %s.", outcome(run), orElse(result.Count(run).Words(), "no scenario"), span(run.Duration)))
}

// outcome is the exit code in words, with its reason.
func outcome(run *result.Run) string {
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
	if failed := failedRules(run, func(*result.Rule) bool { return true }); len(failed) > 0 {
		return "The contract is kept but for " + few(failed, 12) + ", which --fail-on makes a warning"
	}
	if slices.ContainsFunc(run.Scenarios, func(s result.Scenario) bool { return s.Verdict == result.Skipped && s.Level != result.Observe }) {
		return "The contract is kept as far as it was judged"
	}
	return "The contract is kept"
}

func brokenWords(run *result.Run) string {
	failed, l := breaking(run), run.Latency
	switch {
	case len(failed) > 0:
		return "The contract is not kept, " + few(failed, 12) + " failed" + driftWords(run, "; ")
	case l != nil && l.Budget != nil && l.Budget.Fail && len(l.Budget.Over) > 0:
		return "The latency budget is exceeded" + driftWords(run, "; ")
	case run.Drift.Drifted() && run.Drift.Fails:
		judged := *run
		judged.Drift = nil // what the run would have come to without it
		if judged.Exit = result.Exit(&judged); judged.Exit == result.ExitKept {
			return keptWords(&judged) + ", but --fail-on-drift" + driftWords(run, ": ")
		}
		return unjudgedWords(&judged) + ", and --fail-on-drift" + driftWords(run, ": ")
	}
	return "The contract is not kept"
}

func unjudgedWords(run *result.Run) string {
	judged := *run
	judged.Problems = nil
	if len(run.Problems) > 0 && result.Exit(&judged) == result.ExitKept {
		return keptWords(run) + ", but " + cut(run.Problems[0], 200)
	}
	switch why, nothing := judgedNothing(run); {
	case nothing && why != "":
		return "Nothing could be judged: " + why
	case nothing:
		return "Nothing could be judged"
	}
	if asked := result.Unjudged(run); len(asked) > 0 {
		var ids []string
		for _, r := range asked {
			ids = append(ids, inline(r.ID))
		}
		return fmt.Sprintf("Not judged, and --require %s asks for it, %s", inline(run.Selection.Require), few(ids, 12))
	}
	return "Not all could be judged"
}

// driftWords is how much changed since the baseline, after a separator; "" where nothing did.
func driftWords(run *result.Run, separator string) string {
	if !run.Drift.Drifted() {
		return ""
	}
	return separator + inline(run.Drift.Headline())
}

// breaking names the rules whose breach makes the run red.
func breaking(run *result.Run) []string {
	return failedRules(run, func(r *result.Rule) bool { return result.Counts(r.Level, run.Selection.FailOn) })
}

// failedRules names the rules that failed and are wanted.
func failedRules(run *result.Run, wanted func(*result.Rule) bool) []string {
	var ids []string
	for i := range run.Rules {
		if r := &run.Rules[i]; r.Verdict == result.Failed && wanted(r) {
			ids = append(ids, inline(r.ID))
		}
	}
	slices.SortFunc(ids, compareIDs)
	return ids
}
