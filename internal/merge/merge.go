// Package merge makes one result of the results of all shards of a run, as if the run had never been split. It is pure:
// results in, result out.
package merge

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// Merge makes one result of the results of all shards of one run, at least one, in any order. What belongs to the whole (the
// rules' verdicts, latency, the exit code, waivers) is worked out anew. The runs are not changed.
//
// The error is a problem.List of every reason why the runs do not belong together: another target, environment, tool,
// contract or selection, a scenario that two runs judged, a shard that is missing or there twice. A single run that was not
// split merges to itself.
func Merge(runs []*result.Run) (*result.Run, error) {
	if problems := refusals(runs); len(problems) > 0 {
		return nil, problems
	}
	runs = byShard(runs)
	merged := new(*runs[0]) // keeps what all have in common
	merged.Selection.Shard, merged.Drift = "", nil
	early := group.Where(runs, func(r *result.Run) bool { return r.Stopped != "" })
	merged.Stopped = strings.Join(group.Map(early, func(r *result.Run) string { return ofShard(r) + r.Stopped }), "; ")
	merged.Started, merged.Duration = span(runs)
	merged.Scenarios = scenarios(runs)
	merged.Rules = rules(runs, merged.Scenarios)
	merged.Latency = latency(runs)
	merged.Messages = group.Sum(slices.Values(group.Map(runs, func(r *result.Run) int { return r.Messages })))
	merged.Webhooks = collect(runs, func(r *result.Run) []result.Delivery { return r.Webhooks })
	slices.SortStableFunc(merged.Webhooks, func(a, b result.Delivery) int { return a.Received.Compare(b.Received) })
	merged.Waivers = collectDistinct(runs, waivers)
	merged.Warnings = warnings(runs)
	merged.Diagnosis = collectDistinct(runs, func(r *result.Run) []string { return r.Diagnosis })
	merged.Problems = problems(runs)
	result.Conclude(merged, end(merged)) // by the run's own clock, so that merging it again next year gives the same
	merged.Exit = exit(runs, merged)
	return merged, nil
}

// span returns the first start, and the time from it to the last end: the shards run side by side, so their durations do not
// add up.
func span(runs []*result.Run) (time.Time, result.Millis) {
	first := slices.MinFunc(runs, func(a, b *result.Run) int { return a.Started.Compare(b.Started) }).Started
	last := slices.MaxFunc(runs, func(a, b *result.Run) int { return end(a).Compare(end(b)) })
	return first, result.ToMillis(end(last).Sub(first))
}

// end returns when a run ended.
func end(r *result.Run) time.Time { return r.Started.Add(r.Duration.Duration()) }

// ofShard returns a prefix that names the shard of a run; "" if it is not one.
func ofShard(r *result.Run) string {
	if r.Selection.Shard == "" {
		return ""
	}
	return "shard " + r.Selection.Shard + ": "
}

// scenarios returns those of all runs in the features' order, which is that of the rules: each shard lists them all.
func scenarios(runs []*result.Run) []result.Scenario {
	file := func(s result.Scenario) int {
		return slices.IndexFunc(runs[0].Rules, func(r result.Rule) bool { return r.File == s.File })
	}
	found := collect(runs, func(r *result.Run) []result.Scenario { return r.Scenarios })
	slices.SortStableFunc(found, func(a, b result.Scenario) int {
		return cmp.Or(cmp.Compare(max(a.Repeat, 1), max(b.Repeat, 1)), cmp.Compare(file(a), file(b)), cmp.Compare(a.Line, b.Line))
	})
	return found
}

// rules returns each rule with the sum of what the shards counted; the verdicts are left to Conclude.
func rules(runs []*result.Run, scenarios []result.Scenario) []result.Rule {
	place := map[string]int{}
	for i, s := range scenarios {
		place[s.ID] = i
	}
	merged := slices.Clone(runs[0].Rules)
	for i := range merged {
		m := &merged[i]
		m.Reason, m.Judged, m.Breaches, m.Findings = "", 0, 0, nil
		for _, r := range runs {
			m.Judged += r.Rules[i].Judged
			m.Breaches += r.Rules[i].Breaches
			m.Findings = append(m.Findings, r.Rules[i].Findings...)
		}
		slices.SortStableFunc(m.Findings, func(a, b result.Finding) int { return place[a.Scenario] - place[b.Scenario] })
	}
	return merged
}

// waivers returns those of a run without their state, which is left to Conclude.
func waivers(r *result.Run) []result.Waiver {
	found := slices.Clone(r.Waivers)
	for i := range found {
		found[i].State = ""
	}
	return found
}

// collect concatenates what the runs hold.
func collect[T any](runs []*result.Run, of func(*result.Run) []T) []T {
	return slices.Concat(group.Map(runs, of)...)
}

// collectDistinct is collect without repetitions: what every shard says is kept once.
func collectDistinct[T comparable](runs []*result.Run, of func(*result.Run) []T) []T {
	return group.With([]T(nil), collect(runs, of)...)
}

// warnings returns the shards' warnings, except those of Conclude, which are worked out anew: a waiver that is stale in one
// shard may be needed in another.
func warnings(runs []*result.Run) []string {
	return collectDistinct(runs, func(r *result.Run) []string {
		alone := result.Run{Rules: slices.Clone(r.Rules), Scenarios: slices.Clone(r.Scenarios), Waivers: slices.Clone(r.Waivers)}
		result.Conclude(&alone, end(r))
		return group.Where(r.Warnings, func(w string) bool { return !slices.Contains(alone.Warnings, w) })
	})
}

// exit returns the exit code of the whole run, which follows from what it found. A shard's own code counts as well if its
// contents do not explain it (it was interrupted, say), so that nothing a shard reported is lost.
func exit(runs []*result.Run, merged *result.Run) result.ExitCode {
	code := result.Exit(merged)
	for _, r := range runs {
		kept := *r
		kept.Drift, kept.Problems = nil, nil // both are in the problems of the whole run
		if r.Exit == result.ExitInterrupted || result.WorseExit(r.Exit, result.Exit(&kept)) != result.Exit(&kept) {
			code = result.WorseExit(code, r.Exit)
		}
	}
	return code
}

// problems returns those of the shards, and the drift that failed one.
func problems(runs []*result.Run) []string {
	return collectDistinct(runs, func(r *result.Run) []string {
		found := r.Problems
		if r.Drift.Drifted() && r.Drift.Fails {
			found = append(slices.Clone(found), ofShard(r)+r.Drift.Headline()+" (--fail-on-drift)")
		}
		return found
	})
}

// maxPuts is the most PUTs that latency expands: a result written by hand may count any number.
const maxPuts = 1 << 20

// latency returns that of all PUTs together. It is worked out from the samples: the percentiles of the whole do not follow
// from those of its parts.
func latency(runs []*result.Run) *result.Latency {
	answered := group.Where(runs, func(r *result.Run) bool { return r.Latency != nil })
	measured := group.Map(answered, func(r *result.Run) *result.Latency { return r.Latency })
	var budget *result.Budget
	var longest result.Millis
	count := 0
	for _, l := range measured {
		count, longest, budget = count+l.Count, max(longest, l.Max), cmp.Or(budget, l.Budget)
	}
	var took []time.Duration
	for _, l := range measured {
		samples := l.Samples
		if len(samples) == 0 { // its figures have to do
			samples = slices.Concat(slices.Repeat([]result.Millis{l.P50}, 10), slices.Repeat([]result.Millis{l.P95}, 9), []result.Millis{l.Max})
		}
		// Each sample stands for as many PUTs: a shard with more PUTs than samples has thinned them.
		n := int(float64(l.Count) * min(1, maxPuts/float64(count)))
		for i := range n {
			took = append(took, samples[i*len(samples)/n].Duration())
		}
	}
	merged := result.Measure(took, nil)
	if merged != nil {
		merged.Count, merged.Max = count, longest
		merged.ApplyBudget(budget)
	}
	return merged
}
