package merge

import (
	"cmp"
	"slices"
	"time"

	"verifik-contract/internal/result"
)

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
