package drift

import (
	"cmp"
	"time"

	"verifik-contract/internal/result"
)

// Noise is how much a latency may move by chance. A percentile has drifted, up or down, if it moved by more than
// the ratio and by more than the floor, both, and if both runs have enough PUTs: the ratio alone alarms at 2 ms
// instead of 1, the floor alone at 3.1 s instead of 3. A zero member means its default.
type Noise struct {
	MedianRatio   float64       // 1.5
	MedianFloor   result.Millis // 20 ms
	MedianSamples int           // 20
	TailRatio     float64       // 2: the p95 of a hundred PUTs is the fifth slowest, which moves more by chance
	TailFloor     result.Millis // 50 ms
	TailSamples   int           // 60: at least three PUTs lie above the p95
}

func (n Noise) withDefaults() Noise {
	return Noise{
		MedianRatio:   cmp.Or(n.MedianRatio, 1.5),
		MedianFloor:   cmp.Or(n.MedianFloor, 20),
		MedianSamples: cmp.Or(n.MedianSamples, 20),
		TailRatio:     cmp.Or(n.TailRatio, 2),
		TailFloor:     cmp.Or(n.TailFloor, 50),
		TailSamples:   cmp.Or(n.TailSamples, 60),
	}
}

// latency compares the median and the 95th percentile of the PUT.
func latency(before, after *result.Latency, noise Noise, found *changes) {
	if before == nil || after == nil {
		return
	}
	n := noise.withDefaults()
	for _, p := range []struct {
		name          string
		before, after result.Millis
		ratio         float64
		floor         result.Millis
		samples       int
	}{
		{"p50", before.P50, after.P50, n.MedianRatio, n.MedianFloor, n.MedianSamples},
		{"p95", before.P95, after.P95, n.TailRatio, n.TailFloor, n.TailSamples},
	} {
		if min(before.Count, after.Count) < p.samples {
			continue
		}
		low, high := min(p.before, p.after), max(p.before, p.after)
		if float64(high) > p.ratio*float64(low) && high-low > p.floor {
			found.add(key{kind: Latency, what: p.name, before: took(p.before), after: took(p.after)})
		}
	}
}

func took(m result.Millis) string { return m.Duration().Round(100 * time.Microsecond).String() }
