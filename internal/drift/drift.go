// Package drift tells what changed in a provider between two runs, promised or not. It is pure: two results in,
// plain data out.
//
// Only what the provider did is drift. A scenario that one of the runs could not judge, or that only one of them
// holds, is named apart; values that differ in every run (ids, times, tokens, lengths) are not looked at.
package drift

import "verifik-contract/internal/result"

// kind is a kind of change under its heading.
type kind struct {
	result.DriftKind
	title string
}

// kinds is every kind of change, worst first.
func kinds() []kind {
	return []kind{
		{result.NewlyFailing, "Promises newly broken"},
		{result.NewStatus, "Statuses"},
		{result.NewCode, "Error codes"},
		{result.NewShape, "Shape of bodies"},
		{result.NewMediaType, "Media types"},
		{result.NewHeader, "Headers"},
		{result.NewlyObserved, "Answers where the documentation is silent"},
		{result.NewLatency, "Latency"},
		{result.NewlyKept, "Promises kept again"},
	}
}

// Compare returns what changed from the baseline to the current run.
func Compare(baseline, current *result.Run) *result.Drift {
	d := &result.Drift{Baseline: side(baseline), Current: side(current)}
	d.Notes = notes(baseline, current, d)
	found := &changes{of: map[key]*result.Change{}}
	pairs := match(baseline, current, d)
	seen := valuesSeen(pairs)
	for _, p := range pairs {
		if reason := notComparable(unjudged(p.baseline), unjudged(p.current)); reason != "" {
			d.NotCompared = append(d.NotCompared, result.NotCompared{Place: p.place, Reason: reason})
			continue
		}
		d.Compared++
		before, now := worst(judged(p.baseline)), worst(judged(p.current))
		found.verdicts(p.place, before.Verdict, now.Verdict, now.Reason)
		p.answers(found, seen)
		p.observations(found)
	}
	d.NotCompared = append(d.NotCompared, everyExchange(baseline, current, found)...)
	latency(baseline.Latency, current.Latency, found)
	d.Groups = found.groups()
	return d
}

func side(r *result.Run) result.DriftSide {
	return result.DriftSide{Started: r.Started, Tool: r.Tool, Target: r.Target, Environment: r.Environment, Digests: r.Digests, Exit: r.Exit}
}
