// Package merge makes one result of the results of many shards, so that whoever reads it cannot tell that the run
// was cut. It is pure: results in, result out.
package merge

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// Merge makes one result of the results of all shards of one run, at least one, in any order. What belongs to the whole (rules'
// verdicts, latency, the exit code, waivers) is worked out anew; the runs themselves are left as they are.
//
// The error is a problem.List that names every run that does not belong: another target, environment, tool,
// contract or selection, a scenario that two runs judged, a shard that is missing or there twice. Of a single run that
// was not cut, the result is that run.
func Merge(runs []*result.Run) (*result.Run, error) {
	if problems := refusals(runs); len(problems) > 0 {
		return nil, problems
	}
	runs = byShard(runs)
	whole := *runs[0] // what all have in common stays
	merged := &whole
	merged.Selection.Shard, merged.Stopped, merged.Drift, merged.Messages = "", stopped(runs), nil, 0
	merged.Started, merged.Duration = span(runs)
	merged.Scenarios = scenarios(runs)
	merged.Rules = rules(runs, merged.Scenarios)
	merged.Latency = latency(runs)
	for _, r := range runs {
		merged.Messages += r.Messages
	}
	merged.Webhooks = webhooks(runs)
	merged.Waivers = each(runs, waivers)
	merged.Warnings = warnings(runs)
	merged.Diagnosis = each(runs, func(r *result.Run) []string { return r.Diagnosis })
	merged.Problems = problems(runs)
	result.Conclude(merged, end(merged)) // by the run's own clock: a saved result comes out the same next year
	merged.Exit = exit(runs, merged)
	return merged, nil
}

// span is from the first start to the last end: the shards run side by side, so their durations do not add up.
func span(runs []*result.Run) (time.Time, result.Millis) {
	first := slices.MinFunc(runs, func(a, b *result.Run) int { return a.Started.Compare(b.Started) }).Started
	last := slices.MaxFunc(runs, func(a, b *result.Run) int { return end(a).Compare(end(b)) })
	return first, result.ToMillis(end(last).Sub(first))
}

// end is when the run ended.
func end(r *result.Run) time.Time { return r.Started.Add(r.Duration.Duration()) }

// stopped says which shards ended before their plan did, and why.
func stopped(runs []*result.Run) string {
	early := group.Where(runs, func(r *result.Run) bool { return r.Stopped != "" })
	return strings.Join(group.Map(early, func(r *result.Run) string { return ofShard(r) + r.Stopped }), "; ")
}

// ofShard names the shard that a text is of.
func ofShard(r *result.Run) string {
	if r.Selection.Shard == "" {
		return ""
	}
	return "shard " + r.Selection.Shard + ": "
}

// scenarios is every run's, in the features' order, which the rules show: each shard names them all.
func scenarios(runs []*result.Run) []result.Scenario {
	file := func(s result.Scenario) int {
		return slices.IndexFunc(runs[0].Rules, func(r result.Rule) bool { return r.File == s.File })
	}
	found := all(runs, func(r *result.Run) []result.Scenario { return r.Scenarios })
	slices.SortStableFunc(found, func(a, b result.Scenario) int {
		return cmp.Or(cmp.Compare(max(a.Repeat, 1), max(b.Repeat, 1)), cmp.Compare(file(a), file(b)), cmp.Compare(a.Line, b.Line))
	})
	return found
}

// rules is each rule with what the shards counted added up. Its verdict is not worked out here.
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

// waivers is a run's. What became of them is not worked out here.
func waivers(r *result.Run) []result.Waiver {
	found := slices.Clone(r.Waivers)
	for i := range found {
		found[i].State = ""
	}
	return found
}

// webhooks is every run's, in the order in which they came.
func webhooks(runs []*result.Run) []result.Delivery {
	found := all(runs, func(r *result.Run) []result.Delivery { return r.Webhooks })
	slices.SortStableFunc(found, func(a, b result.Delivery) int { return a.Received.Compare(b.Received) })
	return found
}

// all gathers what the runs hold.
func all[T any](runs []*result.Run, of func(*result.Run) []T) []T {
	return slices.Concat(group.Map(runs, of)...)
}

// each is all without what is there already: what every shard says need not be said by each.
func each[T comparable](runs []*result.Run, of func(*result.Run) []T) []T {
	var found []T
	for _, one := range all(runs, of) {
		if !slices.Contains(found, one) {
			found = append(found, one)
		}
	}
	return found
}

// warnings is what the shards warn of, but for what Conclude says of the waivers: a waiver that is stale in one shard
// may be needed in another.
func warnings(runs []*result.Run) []string {
	return each(runs, func(r *result.Run) []string {
		alone := result.Run{Rules: slices.Clone(r.Rules), Scenarios: slices.Clone(r.Scenarios), Waivers: slices.Clone(r.Waivers)}
		result.Conclude(&alone, end(r))
		return group.Where(r.Warnings, func(w string) bool { return !slices.Contains(alone.Warnings, w) })
	})
}

// exit is the code of the whole run, in the order 130, 1, 3, 0. It is worked out from what the whole run found; a
// shard's own code counts where its contents do not explain it (a report that could not be written, say), so that
// nothing a shard reported is lost.
func exit(runs []*result.Run, merged *result.Run) result.ExitCode {
	code := result.Exit(merged)
	for _, r := range runs {
		kept := *r
		kept.Drift, kept.Problems = nil, nil // the whole has no drift of its own yet: these stand in its problems
		if r.Exit == result.ExitInterrupted || result.WorseExit(r.Exit, result.Exit(&kept)) != result.Exit(&kept) {
			code = result.WorseExit(code, r.Exit)
		}
	}
	return code
}

// problems is what else made a shard's exit code what it is.
func problems(runs []*result.Run) []string {
	return each(runs, func(r *result.Run) []string {
		found := r.Problems
		if r.Drift.Drifted() && r.Drift.Fails {
			found = append(slices.Clone(found), ofShard(r)+r.Drift.Headline()+" (--fail-on-drift)")
		}
		return found
	})
}

// maxPuts is how many PUTs are told apart at most: a result that somebody wrote may count any number.
const maxPuts = 1 << 20

// latency is that of all PUTs together. It is worked out from the samples: the percentile of a whole cannot be
// told from the percentiles of its parts.
func latency(runs []*result.Run) *result.Latency {
	measured := all(runs, func(r *result.Run) []*result.Latency { return []*result.Latency{r.Latency} })
	measured = slices.DeleteFunc(measured, func(l *result.Latency) bool { return l == nil })
	var budget *result.Budget
	var longest result.Millis
	count := 0
	for _, l := range measured {
		count, longest, budget = count+l.Count, max(longest, l.Max), cmp.Or(budget, l.Budget)
	}
	var took []time.Duration
	for _, l := range measured {
		n := int(float64(l.Count) * min(1, maxPuts/float64(count)))
		for i := range n {
			took = append(took, nth(l, i, n).Duration())
		}
	}
	merged := result.Measure(took, nil)
	if merged != nil {
		merged.Count, merged.Max = count, longest
		merged.Hold(budget)
	}
	return merged
}

// nth is how long the i-th of n PUTs took, the fastest first. A shard with more PUTs than samples has thinned them: each
// stands for as many. Of one that kept none there are its three figures.
func nth(l *result.Latency, i, n int) result.Millis {
	switch part := float64(i) / float64(n); {
	case len(l.Samples) > 0:
		return l.Samples[i*len(l.Samples)/n]
	case part < 0.5:
		return l.P50
	case part < 0.95:
		return l.P95
	}
	return l.Max
}
