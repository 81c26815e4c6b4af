package merge

import (
	"cmp"
	"fmt"
	"slices"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxSamples is how many samples a result keeps at most.
const maxSamples = 1000

// sample is one duration and how many PUTs it stands for: a shard with more PUTs than samples has thinned them.
type sample struct {
	took   result.Millis
	weight float64
}

// latency is that of all PUTs together. It is worked out from the samples: the percentile of a whole cannot be
// told from the percentiles of its parts.
func latency(runs []*result.Run) *result.Latency {
	var whole result.Latency
	var samples []sample
	for _, r := range runs {
		l := r.Latency
		if l == nil {
			continue
		}
		if whole.Budget == nil && l.Budget != nil {
			budget := *l.Budget
			whole.Budget = &budget
		}
		if l.Count == 0 {
			continue
		}
		whole.Count += l.Count
		whole.Max = max(whole.Max, l.Max)
		samples = append(samples, samplesOf(*l)...)
	}
	if whole.Count == 0 && whole.Budget == nil {
		return nil
	}
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Compare(a.took, b.took) })
	whole.P50, whole.P95 = percentile(samples, 0.50), percentile(samples, 0.95)
	whole.Samples = thinned(samples)
	if whole.Budget != nil {
		whole.Budget.Over = over(whole)
	}
	return &whole
}

// samplesOf is a shard's samples; of one that kept none, its three figures stand in for them.
func samplesOf(l result.Latency) []sample {
	took := l.Samples
	if len(took) == 0 {
		took = []result.Millis{l.P50, l.P95, l.Max}
	}
	all := make([]sample, 0, len(took))
	for _, t := range took {
		all = append(all, sample{took: t, weight: float64(l.Count) / float64(len(took))})
	}
	return all
}

// percentile is the smallest duration that at least that part of the PUTs did not exceed.
func percentile(sorted []sample, part float64) result.Millis {
	all, sum := total(sorted), 0.0
	for _, s := range sorted {
		sum += s.weight
		if sum >= part*all-1e-9 { // thirds do not add up to one
			return s.took
		}
	}
	return 0
}

// thinned is at most maxSamples of the samples, evenly over their weight, so that a shard of many PUTs counts for as
// much as it should; the fastest and the slowest always among them.
func thinned(sorted []sample) []result.Millis {
	var kept []result.Millis
	if len(sorted) <= maxSamples && even(sorted) {
		for _, s := range sorted {
			kept = append(kept, s.took)
		}
		return kept
	}
	all := total(sorted)
	n := min(maxSamples, int(all+0.5))
	i, sum := 0, sorted[0].weight
	for k := range n {
		at := all * float64(k) / float64(max(n-1, 1))
		for sum < at-1e-9 && i < len(sorted)-1 {
			i++
			sum += sorted[i].weight
		}
		kept = append(kept, sorted[i].took)
	}
	return kept
}

// even reports whether every sample stands for as many PUTs: none of the shards was thinned, or all alike.
func even(samples []sample) bool {
	return !slices.ContainsFunc(samples, func(s sample) bool { return s.weight != samples[0].weight })
}

// total is of how many PUTs.
func total(samples []sample) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += s.weight
	}
	return sum
}

// over says which limits of the budget the whole run exceeds.
func over(l result.Latency) []string {
	var exceeded []string
	for _, limit := range []struct {
		name          string
		took, allowed result.Millis
	}{{"p95", l.P95, l.Budget.P95}, {"max", l.Max, l.Budget.Max}} {
		if limit.allowed > 0 && limit.took > limit.allowed {
			exceeded = append(exceeded, fmt.Sprintf("%s is %s, the budget %s", limit.name, text.Duration(limit.took.Duration()), text.Duration(limit.allowed.Duration())))
		}
	}
	return exceeded
}
