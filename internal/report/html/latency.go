package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"verifik-contract/internal/result"
)

// htmlLatency is the latency of the PUT: its figures, and a histogram of them over a logarithmic axis, so that
// an answer of 2 ms and a budget of 3 s fit into one picture.
type htmlLatency struct {
	Summary string // the picture in words
	Figures []htmlFigure
	Over    []htmlText
	Fails   bool
	Plot    *htmlPlot // nil: there are no samples to draw
}

type htmlFigure struct{ Name, Value string }

// htmlPlot is the picture. Horizontal places are per cent of the width, so that text keeps its size on a phone.
type htmlPlot struct {
	Bars    []htmlBar
	Ticks   []htmlMark
	Lines   []htmlMark
	Height  int // of the whole, in pixels
	Base    int // the axis, from the top
	Tallest string
}

type htmlBar struct {
	X, Width string
	Y, H     int
	Label    string
}

type htmlMark struct {
	X, Label string
	Kind     string // p50, p95, max or budget: the line's style
	TextY    int
	Anchor   string // start, middle or end
}

const (
	htmlPlotBins   = 40
	htmlPlotBars   = 120 // pixels
	htmlPlotMargin = 2.0 // per cent at each side
)

func newHTMLLatency(l *result.Latency) *htmlLatency {
	if l == nil {
		return nil
	}
	shown := &htmlLatency{Figures: []htmlFigure{
		{"answered PUTs", htmlNumber(l.Count)},
		{"p50 (median)", htmlMillis(l.P50)},
		{"p95", htmlMillis(l.P95)},
		{"longest", htmlMillis(l.Max)},
	}}
	summary := fmt.Sprintf("%s: half took at most %s, 95 of 100 at most %s, the longest %s.",
		htmlCount(l.Count, "answered PUT", "answered PUTs"), htmlMillis(l.P50), htmlMillis(l.P95), htmlMillis(l.Max))
	if b := l.Budget; b != nil {
		if b.P95 > 0 {
			shown.Figures = append(shown.Figures, htmlFigure{"budget for p95", htmlMillis(b.P95)})
		}
		if b.Max > 0 {
			shown.Figures = append(shown.Figures, htmlFigure{"budget for the longest", htmlMillis(b.Max)})
		}
		for _, over := range b.Over {
			shown.Over = append(shown.Over, htmlShort(over, htmlLineLimit))
		}
		shown.Fails = b.Fail
		switch {
		case len(b.Over) > 0:
			summary += " The budget is exceeded."
		case b.P95 > 0 || b.Max > 0:
			summary += " That is within the budget."
		}
	}
	shown.Summary = summary
	shown.Plot = newHTMLPlot(l)
	return shown
}

func newHTMLPlot(l *result.Latency) *htmlPlot {
	samples := make([]float64, 0, len(l.Samples))
	for _, s := range l.Samples {
		if htmlDrawable(s) {
			samples = append(samples, float64(s))
		}
	}
	if len(samples) == 0 {
		return nil
	}
	low, high := slices.Min(samples), slices.Max(samples)
	limits := htmlLimits(l)
	for _, m := range limits {
		low, high = min(low, float64(m.at)), max(high, float64(m.at))
	}
	axis := newHTMLAxis(low, high)
	head := 8 + 18*len(limits) // each line has a row of its own for its label, so that no label covers another
	plot := &htmlPlot{Base: head + htmlPlotBars, Height: head + htmlPlotBars + 26}
	plot.Bars, plot.Tallest = htmlBars(samples, axis, plot.Base)
	for _, t := range axis.ticks() {
		plot.Ticks = append(plot.Ticks, htmlMark{X: axis.at(t), Label: htmlMillis(result.Millis(t)), Anchor: axis.anchor(t)})
	}
	for row, m := range limits {
		v := float64(m.at)
		mark := htmlMark{X: axis.at(v), Label: m.name + " " + htmlMillis(m.at), Kind: m.kind, TextY: 16 + 18*row, Anchor: "start"}
		if axis.place(v) > 60 {
			mark.Anchor = "end"
		}
		plot.Lines = append(plot.Lines, mark)
	}
	return plot
}

// htmlLimit is a line across the histogram.
type htmlLimit struct {
	kind, name string
	at         result.Millis
}

// htmlLimits is in ascending order: the labels then go down as they go to the right, and few lines cross one.
func htmlLimits(l *result.Latency) []htmlLimit {
	limits := []htmlLimit{{"p50", "p50", l.P50}, {"p95", "p95", l.P95}, {"max", "longest", l.Max}}
	if l.Budget != nil {
		limits = append(limits, htmlLimit{"budget", "budget p95", l.Budget.P95}, htmlLimit{"budget", "budget longest", l.Budget.Max})
	}
	limits = slices.DeleteFunc(limits, func(m htmlLimit) bool { return !htmlDrawable(m.at) })
	slices.SortStableFunc(limits, func(a, b htmlLimit) int { return cmp.Compare(a.at, b.at) })
	return limits
}

// htmlDrawable tells whether a duration has a place on a logarithmic axis; a result that someone wrote by hand may
// hold anything.
func htmlDrawable(m result.Millis) bool {
	v := float64(m)
	return v > 0 && !math.IsInf(v, 0) && !math.IsNaN(v)
}

func htmlBars(samples []float64, axis htmlAxis, base int) ([]htmlBar, string) {
	counts := make([]int, htmlPlotBins)
	tallest := 0
	for _, s := range samples {
		bin := min(int(axis.share(s)*htmlPlotBins), htmlPlotBins-1)
		counts[bin]++
		tallest = max(tallest, counts[bin])
	}
	width := (100 - 2*htmlPlotMargin) / htmlPlotBins
	var bars []htmlBar
	for i, count := range counts {
		if count == 0 {
			continue
		}
		h := max(int(math.Round(float64(count)*htmlPlotBars/float64(tallest))), 2)
		bars = append(bars, htmlBar{
			X: htmlPercent(htmlPlotMargin + width*float64(i) + width*0.08), Width: htmlPercent(width * 0.84), Y: base - h, H: h,
			Label: fmt.Sprintf("%s to %s: %s", htmlMillis(result.Millis(axis.value(float64(i)/htmlPlotBins))),
				htmlMillis(result.Millis(axis.value(float64(i+1)/htmlPlotBins))), htmlCount(count, "call", "calls")),
		})
	}
	return bars, htmlNumber(tallest)
}

// htmlAxis is a logarithmic axis.
type htmlAxis struct{ low, high float64 } // logarithms to base 10

// newHTMLAxis spans the values with some air, and at least a decade: samples that are all alike make one bar, not
// a wall of them.
func newHTMLAxis(low, high float64) htmlAxis {
	l, h := math.Log10(low), math.Log10(high)
	if span := h - l; span < 0.8 {
		l, h = l-(0.8-span)/2, h+(0.8-span)/2
	}
	return htmlAxis{l - 0.1, h + 0.1}
}

func (a htmlAxis) share(v float64) float64 {
	return min(max((math.Log10(v)-a.low)/(a.high-a.low), 0), 1)
}
func (a htmlAxis) value(share float64) float64 { return math.Pow(10, a.low+share*(a.high-a.low)) }
func (a htmlAxis) place(v float64) float64     { return htmlPlotMargin + a.share(v)*(100-2*htmlPlotMargin) }
func (a htmlAxis) at(v float64) string         { return htmlPercent(a.place(v)) }

func (a htmlAxis) anchor(v float64) string {
	switch p := a.place(v); {
	case p < 8:
		return "start"
	case p > 92:
		return "end"
	default:
		return "middle"
	}
}

// htmlTickGap is how far apart ticks have to be, in per cent of the width, so that their labels fit on a phone.
const htmlTickGap = 15

// ticks are 1, 2 and 5 of each decade where there is room for them, else 1 and 3, else every decade or every nth.
func (a htmlAxis) ticks() []float64 {
	decade := (100 - 2*htmlPlotMargin) / (a.high - a.low)
	steps, every := []float64{1}, max(math.Ceil(htmlTickGap/decade), 1)
	switch {
	case decade*math.Log10(2) >= htmlTickGap:
		steps = []float64{1, 2, 5}
	case decade*math.Log10(3) >= htmlTickGap:
		steps = []float64{1, 3}
	}
	var ticks []float64
	for d := math.Floor(a.low/every) * every; d <= a.high; d += every {
		for _, s := range steps {
			if at := d + math.Log10(s); at >= a.low && at <= a.high {
				ticks = append(ticks, s*math.Pow(10, d))
			}
		}
	}
	return ticks
}

func htmlPercent(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".") + "%"
}

// htmlMillis is a duration with three figures that matter.
func htmlMillis(m result.Millis) string {
	v, unit := float64(m), "ms"
	switch {
	case v >= 60_000:
		return fmt.Sprintf("%d min %d s", int(v)/60_000, int(v)/1000%60)
	case v >= 1000:
		v, unit = v/1000, "s"
	case v > 0 && v < 1:
		v, unit = v*1000, "µs"
	}
	digits := 0
	switch {
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	text := fmt.Sprintf("%.*f", digits, v)
	if digits > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + " " + unit
}
