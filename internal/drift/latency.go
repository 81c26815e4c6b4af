package drift

import (
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// latency compares the median and the 95th percentile of the PUT. One has drifted, up or down, if it moved by more
// than the ratio and by more than the floor, both, and if both runs have enough PUTs: the ratio alone alarms at 2 ms
// instead of 1, the floor alone at 3.1 s instead of 3. The p95 of a hundred PUTs is the fifth slowest, which moves
// more by chance; at least three PUTs are to lie above it.
func (c *comparison) latency(before, after *result.Latency) {
	if before == nil || after == nil {
		return
	}
	for _, p := range []struct {
		name          string
		before, after result.Millis
		ratio         float64
		floor         result.Millis
		samples       int
	}{
		{"p50", before.P50, after.P50, 1.5, 20, 20},
		{"p95", before.P95, after.P95, 2, 50, 60},
	} {
		if min(before.Count, after.Count) < p.samples {
			continue
		}
		low, high := min(p.before, p.after), max(p.before, p.after)
		if float64(high) > p.ratio*float64(low) && high-low > p.floor {
			took := func(m result.Millis) string { return text.Duration(m.Duration()) }
			c.changes.add(key{kind: result.NewLatency, what: p.name, before: took(p.before), after: took(p.after)}, result.Place{}, "")
		}
	}
}
