package merge

import (
	"cmp"
	"time"

	"verifik-contract/internal/result"
)

// maxPuts is how many PUTs are told apart at most: a result that somebody wrote may count any number.
const maxPuts = 1 << 20

// latency is that of all PUTs together. It is worked out from the samples: the percentile of a whole cannot be
// told from the percentiles of its parts.
func latency(runs []*result.Run) *result.Latency {
	var budget *result.Budget
	var longest result.Millis
	count := 0
	for _, r := range runs {
		if l := r.Latency; l != nil {
			count, longest, budget = count+l.Count, max(longest, l.Max), cmp.Or(budget, l.Budget)
		}
	}
	var took []time.Duration
	for _, r := range runs {
		if r.Latency == nil || len(r.Latency.Samples) == 0 {
			continue
		}
		// A shard with more PUTs than samples has thinned them: each stands for as many.
		n := int(float64(r.Latency.Count) * min(1, maxPuts/float64(count)))
		for i := range n {
			took = append(took, r.Latency.Samples[i*len(r.Latency.Samples)/n].Duration())
		}
	}
	merged := result.Measure(took, nil)
	if merged != nil {
		merged.Count, merged.Max = count, longest
		merged.Hold(budget)
	}
	return merged
}
