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

// latency is the latency of the PUT: its figures, and a histogram of them over a logarithmic axis, so that
// an answer of 2 ms and a budget of 3 s fit into one picture.
type latency struct {
	*result.Latency
	Summary string // the picture in words
	Plot    *plot  // nil: there are no samples to draw
}

// plot is the picture. Horizontal places are per cent of the width, so that text keeps its size on a phone.
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
	at       float64
	X, Label string
	Kind     string // p50, p95, max or budget: the line's style
	TextY    int
	Anchor   string // start, middle or end
}

const (
	plotBins   = 40
	plotBars   = 120 // pixels
	plotMargin = 2.0 // per cent at each side
)

func newLatency(l *result.Latency) *latency {
	if l == nil {
		return nil
	}
	return &latency{l, view.LatencyLine(l), newPlot(l)}
}

func newPlot(l *result.Latency) *plot {
	var samples []float64
	for _, s := range l.Samples {
		if s > 0 { // a logarithm has no place for 0
			samples = append(samples, float64(s))
		}
	}
	if len(samples) == 0 {
		return nil
	}
	p := &plot{}
	line := func(kind, name string, m result.Millis) {
		if m > 0 {
			p.Lines = append(p.Lines, mark{Kind: kind, Label: name + " " + view.Span(m), at: float64(m)})
		}
	}
	line("p50", "p50", l.P50)
	line("p95", "p95", l.P95)
	line("max", "longest", l.Max)
	if l.Budget != nil {
		line("budget", "budget p95", l.Budget.P95)
		line("budget", "budget longest", l.Budget.Max)
	}
	// In ascending order the labels go down as they go to the right, and few lines cross one.
	slices.SortStableFunc(p.Lines, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	low, high := slices.Min(samples), slices.Max(samples)
	for _, m := range p.Lines {
		low, high = min(low, m.at), max(high, m.at)
	}
	a := newAxis(low, high)
	for row := range p.Lines { // each has a row of its own for its label, so that no label covers another
		m := &p.Lines[row]
		m.X, m.TextY, m.Anchor = a.at(m.at), 16+18*row, "start"
		if a.place(m.at) > 60 {
			m.Anchor = "end"
		}
	}
	every := math.Ceil((a.high - a.low) / 6) // decades: more labels do not fit on a phone
	for decade := a.low; decade <= a.high; decade += every {
		value := math.Pow(10, decade)
		p.Ticks = append(p.Ticks, mark{X: a.at(value), Label: view.Span(result.Millis(value)), Anchor: "middle"})
	}
	p.Ticks[0].Anchor = "start"
	if last := &p.Ticks[len(p.Ticks)-1]; a.low+every*float64(len(p.Ticks)-1) == a.high {
		last.Anchor = "end"
	}
	p.Base = 8 + 18*len(p.Lines) + plotBars
	p.Height = p.Base + 26
	p.draw(samples, a)
	return p
}

// draw makes the bars.
func (p *plot) draw(samples []float64, a axis) {
	var counts [plotBins]int
	for _, s := range samples {
		counts[min(int(a.share(s)*plotBins), plotBins-1)]++
	}
	tallest := slices.Max(counts[:])
	p.Tallest = text.Number(tallest)
	const width = (100 - 2*plotMargin) / plotBins
	edge := func(bin int) string { return view.Span(result.Millis(a.value(float64(bin) / plotBins))) }
	for i, n := range counts {
		if n == 0 {
			continue
		}
		h := max(int(math.Round(float64(n)*plotBars/float64(tallest))), 2)
		p.Bars = append(p.Bars, bar{
			X: percent(plotMargin + width*float64(i) + width*0.08), Width: percent(width * 0.84), Y: p.Base - h, H: h,
			Label: fmt.Sprintf("%s to %s: %s", edge(i), edge(i+1), text.Count(n, "call")),
		})
	}
}

// axis is a logarithmic axis of whole decades.
type axis struct{ low, high float64 } // logarithms to base 10

func newAxis(low, high float64) axis {
	first := math.Floor(math.Log10(low))
	return axis{first, max(math.Ceil(math.Log10(high)), first+1)}
}

func (a axis) share(v float64) float64 {
	return min(max((math.Log10(v)-a.low)/(a.high-a.low), 0), 1)
}
func (a axis) value(share float64) float64 { return math.Pow(10, a.low+share*(a.high-a.low)) }
func (a axis) place(v float64) float64     { return plotMargin + a.share(v)*(100-2*plotMargin) }
func (a axis) at(v float64) string         { return percent(a.place(v)) }

func percent(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".") + "%"
}
