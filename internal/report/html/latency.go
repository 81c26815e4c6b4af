package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// plot is a histogram of the latency over a logarithmic axis, so that an answer of 2 ms and a budget of 3 s fit into one
// picture. Horizontal places are per cent of the width, so that text keeps its size on a phone.
type plot struct {
	Bars    []bar
	Ticks   []mark
	Lines   []mark
	Height  int // of the whole, in pixels
	Base    int // the axis, from the top
	Tallest string
}

type bar struct {
	X, Width string
	Y, H     int
	Label    string
}

type mark struct {
	at          result.Millis
	Kind, Label string // p50, p95, max or budget: the line's style
	X           string
	TextY       int
	Anchor      string // start, middle or end
}

const (
	plotBins   = 40
	plotBars   = 120 // pixels
	plotMargin = 2.0 // per cent at each side
)

// newPlot returns nil where there is nothing to draw.
func newPlot(l *result.Latency) *plot {
	samples := slices.DeleteFunc(slices.Clone(l.Samples), func(m result.Millis) bool { return m <= 0 }) // a logarithm has no place for 0
	if len(samples) == 0 {
		return nil
	}
	p := &plot{}
	budget := cmp.Or(l.Budget, &result.Budget{})
	for _, m := range []mark{
		{at: l.P50, Kind: "p50", Label: "p50 "}, {at: l.P95, Kind: "p95", Label: "p95 "}, {at: l.Max, Kind: "max", Label: "longest "},
		{at: budget.P95, Kind: "budget", Label: "budget p95 "}, {at: budget.Max, Kind: "budget", Label: "budget longest "},
	} {
		if m.at > 0 {
			m.Label += view.Span(m.at)
			p.Lines = append(p.Lines, m)
			samples = append(samples, m.at)
		}
	}
	a := newAxis(slices.Min(samples), slices.Max(samples))
	p.Base = 8 + 18*len(p.Lines) + plotBars
	p.Height = p.Base + 26
	p.draw(samples[:len(samples)-len(p.Lines)], a)
	// In ascending order the labels go down as they go to the right, and few lines cross one.
	slices.SortStableFunc(p.Lines, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	for row := range p.Lines { // each has a row of its own for its label, so that no label covers another
		m := &p.Lines[row]
		m.X, m.TextY, m.Anchor = a.place(a.share(m.at)), 16+18*row, "start"
		if a.share(m.at) > 0.6 {
			m.Anchor = "end"
		}
	}
	every := math.Ceil((a.high - a.low) / 6) // decades: more labels do not fit on a phone
	for decade := a.low; decade <= a.high; decade += every {
		anchor := "middle"
		switch decade {
		case a.low:
			anchor = "start"
		case a.high:
			anchor = "end"
		}
		value := result.Millis(math.Pow(10, decade))
		p.Ticks = append(p.Ticks, mark{X: a.place(a.share(value)), Label: view.Span(value), Anchor: anchor})
	}
	return p
}

// draw makes the bars.
func (p *plot) draw(samples []result.Millis, a axis) {
	var counts [plotBins]int
	for _, s := range samples {
		counts[min(int(a.share(s)*plotBins), plotBins-1)]++
	}
	tallest := slices.Max(counts[:])
	p.Tallest = text.Number(tallest)
	edge := func(bin int) string {
		return view.Span(result.Millis(math.Pow(10, a.low+float64(bin)/plotBins*(a.high-a.low))))
	}
	for i, n := range counts {
		if n > 0 {
			h := max(int(math.Round(float64(n)*plotBars/float64(tallest))), 2)
			p.Bars = append(p.Bars, bar{
				X: a.place((float64(i) + 0.08) / plotBins), Width: percent(0.84 * (100 - 2*plotMargin) / plotBins), Y: p.Base - h, H: h,
				Label: fmt.Sprintf("%s to %s: %s", edge(i), edge(i+1), text.Count(n, "call")),
			})
		}
	}
}

// axis is a logarithmic axis of whole decades.
type axis struct{ low, high float64 } // logarithms to base 10

func newAxis(low, high result.Millis) axis {
	first := math.Floor(math.Log10(float64(low)))
	return axis{first, max(math.Ceil(math.Log10(float64(high))), first+1)}
}

// share is how far along the axis a value is, from 0 to 1.
func (a axis) share(m result.Millis) float64 {
	return min(max((math.Log10(float64(m))-a.low)/(a.high-a.low), 0), 1)
}

// place is where on the picture a part of the axis ends.
func (a axis) place(share float64) string { return percent(plotMargin + share*(100-2*plotMargin)) }

func percent(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".") + "%"
}
