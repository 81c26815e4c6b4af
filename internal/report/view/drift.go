package view

import (
	"fmt"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The bounds of what a person is shown of a comparison; the result file holds everything.
const (
	maxPlaces = 3   // of one change
	maxApart  = 10  // of what was not compared, and of what only one run holds
	maxValue  = 160 // characters of a value that a provider sent
)

// DriftText returns a comparison as plain text.
func DriftText(d *result.Drift) string {
	p := &Page{}
	p.Drift(d)
	return p.String()
}

// Drift writes what is new first, but for what has to be known before the provider is blamed for it.
func (p *Page) Drift(d *result.Drift) {
	p.Line(0, p.Bold(Headline(d)))
	for _, note := range d.Notes {
		p.Prose(0, "Note: "+Inline(note))
	}
	for _, g := range d.Groups {
		p.Line(0, "")
		p.Linef(0, "%s (%d)", Inline(g.Title), len(g.Changes))
		for i := range g.Changes {
			p.change(g.Kind, &g.Changes[i])
		}
	}
	if d.Drifted() {
		p.Line(0, "")
		p.Linef(0, "%s compared", text.Count(d.Compared, "scenario"))
	}
	var not, before, now []string
	for _, n := range d.NotCompared {
		not = append(not, driftPlace(&n.Place)+": "+Cut(n.Reason, maxValue))
	}
	for _, u := range d.OnlyBaseline {
		before = append(before, driftPlace(&u.Place)+": "+string(u.Verdict))
	}
	for _, u := range d.OnlyCurrent {
		now = append(now, driftPlace(&u.Place)+": "+string(u.Verdict))
	}
	p.apart("Not compared", not)
	p.apart("Only in the baseline", before)
	p.apart("Only in this run", now)
}

// Headline returns what a comparison comes to, as its title.
func Headline(d *result.Drift) string {
	switch {
	case !d.Drifted():
		return fmt.Sprintf("No drift since %s: %s compared, nothing changed", d.Since(), text.Count(d.Compared, "scenario"))
	case !d.SameTarget():
		return fmt.Sprintf("Differences between two targets: %d", d.Changes())
	}
	return fmt.Sprintf("New since %s: %s", d.Since(), text.Count(d.Changes(), "change"))
}

func (p *Page) change(kind result.DriftKind, c *result.Change) {
	p.Line(2, ChangeSubject(kind, c)+": "+Movement(c))
	if c.Detail != "" {
		p.Prose(6, Cut(c.Detail, maxValue))
	}
	for i := range c.Places {
		if i == maxPlaces {
			p.Linef(6, "and in %d more", len(c.Places)-maxPlaces)
			break
		}
		if at := &c.Places[i]; at.File != "" {
			p.Line(6, p.cyan("-->")+" "+Place(at.File, at.Line)+"  "+driftPlace(at))
		}
	}
}

// ChangeSubject returns what a change is of, in clean text; a promise with its words.
func ChangeSubject(kind result.DriftKind, c *result.Change) string {
	if (kind == result.NewlyFailing || kind == result.NewlyKept) && len(c.Places) > 0 {
		at := &c.Places[0]
		return Cut(fmt.Sprintf("%s %s  %s", at.Rule, at.Level, at.Title), maxValue)
	}
	return Cut(c.What, maxValue)
}

// Movement returns what a value became, in clean text.
func Movement(c *result.Change) string {
	switch {
	case c.Before == "":
		return "added: " + Cut(c.After, maxValue)
	case c.After == "":
		return "gone, was " + Cut(c.Before, maxValue)
	}
	return Cut(c.Before, maxValue) + " -> " + Cut(c.After, maxValue)
}

// apart lists what is no change.
func (p *Page) apart(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.Line(0, "")
	p.Linef(0, "%s (%d)", title, len(lines))
	for _, line := range lines[:min(len(lines), maxApart)] {
		p.Line(2, line)
	}
	if more := len(lines) - maxApart; more > 0 {
		p.Linef(2, "and %d more", more)
	}
}

// DriftPlaces returns the first places of a change, in a line.
func DriftPlaces(c *result.Change) string {
	var places []string
	for i := range c.Places {
		places = append(places, driftPlace(&c.Places[i]))
	}
	return Few(places, maxPlaces)
}

func driftPlace(at *result.Place) string {
	if at.Name == "" {
		return Cut(at.Rule+" on every exchange", maxValue)
	}
	return Cut(at.Rule+" "+at.Name, maxValue)
}
