package report

import (
	"fmt"
	"io"

	"verifik-contract/internal/result"
)

// The bounds of what a person is shown of a comparison; the result file holds everything.
const (
	maxPlaces = 3   // of one change
	maxApart  = 10  // of what was not compared, and of what only one run holds
	maxValue  = 160 // characters of a value that a provider sent
)

// Drift writes what changed since the baseline.
func Drift(w io.Writer, d *result.Drift, o TextOptions) error {
	p := newPage(o)
	p.drift(d)
	_, err := w.Write(p.Bytes())
	return err
}

// driftText is a comparison as plain text.
func driftText(d *result.Drift) string {
	p := &page{}
	p.drift(d)
	return p.String()
}

// drift writes what is new first, but for what has to be known before the provider is blamed for it.
func (p *page) drift(d *result.Drift) {
	p.line(0, p.bold(headline(d)))
	for _, note := range d.Notes {
		p.prose(0, "Note: "+inline(note))
	}
	for _, g := range d.Groups {
		p.line(0, "")
		p.linef(0, "%s (%d)", inline(g.Title), len(g.Changes))
		for i := range g.Changes {
			p.change(g.Kind, &g.Changes[i])
		}
	}
	if d.Drifted() {
		p.line(0, "")
		p.linef(0, "%s compared", count(d.Compared, "scenario"))
	}
	p.apart("Not compared", len(d.NotCompared), func(i int) string {
		return driftPlace(&d.NotCompared[i].Place) + ": " + cut(d.NotCompared[i].Reason, maxValue)
	})
	p.apart("Only in the baseline", len(d.OnlyBaseline), func(i int) string {
		return driftPlace(&d.OnlyBaseline[i].Place) + ": " + string(d.OnlyBaseline[i].Verdict)
	})
	p.apart("Only in this run", len(d.OnlyCurrent), func(i int) string {
		return driftPlace(&d.OnlyCurrent[i].Place) + ": " + string(d.OnlyCurrent[i].Verdict)
	})
}

// headline is what a comparison comes to, as its title.
func headline(d *result.Drift) string {
	switch {
	case !d.Drifted():
		return fmt.Sprintf("No drift since %s: %s compared, nothing changed", d.Since(), count(d.Compared, "scenario"))
	case !d.SameTarget():
		return fmt.Sprintf("Differences between two targets: %d", d.Changes())
	}
	return fmt.Sprintf("New since %s: %s", d.Since(), count(d.Changes(), "change"))
}

func (p *page) change(kind result.DriftKind, c *result.Change) {
	p.line(2, changeSubject(kind, c)+": "+movement(c))
	if c.Detail != "" {
		p.prose(6, cut(c.Detail, maxValue))
	}
	for i := range c.Places {
		if i == maxPlaces {
			p.linef(6, "and in %d more", len(c.Places)-maxPlaces)
			break
		}
		if at := &c.Places[i]; at.File != "" {
			p.line(6, p.cyan("-->")+" "+place(at.File, at.Line)+"  "+driftPlace(at))
		}
	}
}

// changeSubject is what a change is of, in clean text; a promise with its words.
func changeSubject(kind result.DriftKind, c *result.Change) string {
	if (kind == result.NewlyFailing || kind == result.NewlyKept) && len(c.Places) > 0 {
		at := &c.Places[0]
		return cut(fmt.Sprintf("%s %s  %s", at.Rule, at.Level, at.Title), maxValue)
	}
	return cut(c.What, maxValue)
}

// movement is what a value became, in clean text.
func movement(c *result.Change) string {
	switch {
	case c.Before == "":
		return "added: " + cut(c.After, maxValue)
	case c.After == "":
		return "gone, was " + cut(c.Before, maxValue)
	}
	return cut(c.Before, maxValue) + " -> " + cut(c.After, maxValue)
}

func (p *page) apart(title string, n int, line func(int) string) {
	if n == 0 {
		return
	}
	p.line(0, "")
	p.linef(0, "%s (%d)", title, n)
	for i := range n {
		if i == maxApart {
			p.linef(2, "and %d more", n-maxApart)
			return
		}
		p.line(2, line(i))
	}
}

// driftPlaces is the first places of a change, in a line.
func driftPlaces(c *result.Change) string {
	var places []string
	for i := range c.Places {
		places = append(places, driftPlace(&c.Places[i]))
	}
	return few(places, maxPlaces)
}

func driftPlace(at *result.Place) string {
	if at.Name == "" {
		return cut(at.Rule+" on every exchange", maxValue)
	}
	return cut(at.Rule+" "+at.Name, maxValue)
}
