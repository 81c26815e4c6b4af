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

// comparison is a drift that is being worked out.
type comparison struct {
	*result.Drift
	changes changes
}

// Compare returns what changed from the baseline to the current run.
func Compare(baseline, current *result.Run) *result.Drift {
	c := &comparison{Drift: &result.Drift{Baseline: side(baseline), Current: side(current)}}
	c.Notes = notes(baseline, current, c.SameTarget())
	pairs := c.match(baseline, current)
	seen := valuesSeen(pairs)
	for _, p := range pairs {
		if c.comparable(p.place, unjudged(p.baseline), unjudged(p.current)) {
			c.Compared++
			before, now := worst(judged(p.baseline)), worst(judged(p.current))
			c.verdicts(p.place, before.Verdict, now.Verdict, now.Reason)
			c.answers(p, seen)
			c.observations(p)
		}
	}
	c.everyExchange(baseline, current)
	c.latency(baseline.Latency, current.Latency)
	c.Groups = c.changes.groups()
	return c.Drift
}

func side(r *result.Run) result.DriftSide {
	return result.DriftSide{Started: r.Started, Tool: r.Tool, Target: r.Target, Environment: r.Environment, Digests: r.Digests, Exit: r.Exit}
}
