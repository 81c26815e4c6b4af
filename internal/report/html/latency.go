package html

import (
	"cmp"
	"math"
	"slices"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// plot is the distribution of the latency over a logarithmic axis, so that an answer of 2 ms and a budget of 3 s fit into one
// picture. It is plotBins wide and 100 high.
type plot struct {
	Shortest, Longest result.Millis
	Bars, Lines       []mark
}

// mark is a bar or a line of a plot or a strip.
type mark struct {
	Class, Title        string
	at                  result.Millis
	X, Y, Width, Height int
}

const plotBins = 60

// newPlot returns the plot of a latency; nil if there is nothing to draw.
func newPlot(l *result.Latency) *plot {
	samples := slices.DeleteFunc(slices.Clone(l.Samples), func(m result.Millis) bool { return m <= 0 }) // 0 has no logarithm
	if len(samples) == 0 {
		return nil
	}
	budget := cmp.Or(l.Budget, &result.Budget{})
	p, all := &plot{}, slices.Clone(samples)
	for _, line := range []mark{
		{Class: "p50", Title: "p50", at: l.P50}, {Class: "p95", Title: "p95", at: l.P95}, {Class: "max", Title: "longest", at: l.Max},
		{Class: "budget", Title: "budget for p95", at: budget.P95}, {Class: "budget", Title: "budget for the longest", at: budget.Max},
	} {
		if line.at > 0 {
			line.Title += " " + view.Span(line.at)
			p.Lines, all = append(p.Lines, line), append(all, line.at)
		}
	}
	p.Shortest, p.Longest = slices.Min(all), slices.Max(all)
	low, high := math.Log(float64(p.Shortest)), math.Log(float64(p.Longest))
	bin := func(m result.Millis) int {
		return int((plotBins - 1) * (math.Log(float64(m)) - low) / max(high-low, 1e-9))
	}
	for i := range p.Lines {
		p.Lines[i].X = bin(p.Lines[i].at)
	}
	var counts [plotBins]int
	for _, s := range samples {
		counts[bin(s)]++
	}
	for x, n := range counts {
		if n > 0 {
			height := max(100*n/slices.Max(counts[:]), 2)
			p.Bars = append(p.Bars, mark{Title: text.Count(n, "call"), X: x, Y: 100 - height, Height: height})
		}
	}
	return p
}
