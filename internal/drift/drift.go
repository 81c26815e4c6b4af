// Package drift tells what changed in a provider between two runs, promised or not. It is pure: two results in,
// plain data out.
//
// Only what the provider did is drift. A scenario that one of the runs could not judge, or that only one of them
// holds, is named apart; values that differ in every run (ids, times, tokens, lengths) are not looked at.
package drift

import "verifik-contract/internal/result"

// kinds is every kind of change, worst first.
func kinds() []result.DriftKind {
	return []result.DriftKind{
		result.NewlyFailing, result.NewStatus, result.NewCode, result.NewShape, result.NewMediaType, result.NewHeader,
		result.NewlyObserved, result.NewLatency, result.NewlyKept,
	}
}

// title is a kind as a heading.
func title(k result.DriftKind) string {
	switch k {
	case result.NewlyFailing:
		return "Promises newly broken"
	case result.NewStatus:
		return "Statuses"
	case result.NewCode:
		return "Error codes"
	case result.NewShape:
		return "Shape of bodies"
	case result.NewMediaType:
		return "Media types"
	case result.NewHeader:
		return "Headers"
	case result.NewlyObserved:
		return "Answers where the documentation is silent"
	case result.NewLatency:
		return "Latency"
	case result.NewlyKept:
		return "Promises kept again"
	}
	return string(k)
}

// Compare returns what changed from the baseline to the current run.
func Compare(baseline, current *result.Run) *result.Drift {
	d := &result.Drift{Baseline: side(baseline), Current: side(current)}
	d.Notes = notes(baseline, current, d)
	found := newChanges()
	matched := match(baseline, current)
	d.OnlyBaseline, d.OnlyCurrent = matched.onlyBaseline, matched.onlyCurrent
	seen := valuesSeen(matched.pairs)
	for _, p := range matched.pairs {
		if reason := p.unjudged(); reason != "" {
			d.NotCompared = append(d.NotCompared, result.NotCompared{Place: p.place, Reason: reason})
			continue
		}
		d.Compared++
		p.verdicts(found)
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
