package view

import (
	_ "embed" // the comparison's text
	"fmt"
	"text/template"

	"verifik-contract/internal/result"
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

//go:embed drift.tmpl
var driftText string

// Drift writes what is new first, but for what has to be known before the provider is blamed for it.
func (p *Page) Drift(d *result.Drift) {
	p.Fill(driftText, template.FuncMap{
		"changed": ChangeSubject, "became": Movement, "value": func(s string) string { return Cut(s, maxValue) },
		"first": func(all []result.Place) []result.Place { return all[:min(len(all), maxPlaces)] },
		"more":  func(all int) int { return max(all-maxPlaces, 0) },
		"place": func(at result.Place) string { return Place(at.File, at.Line) },
		"where": func(at result.Place) string { return driftPlace(&at) }, "apart": apart,
	}, d)
}

// list is what is no change.
type list struct {
	Title string
	Lines []string
}

// apart returns what was not compared, and what only one run holds, as much of it as is shown.
func apart(d *result.Drift) []list {
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
	all := []list{{"Not compared", not}, {"Only in the baseline", before}, {"Only in this run", now}}
	for i := range all {
		l := &all[i]
		l.Title = fmt.Sprintf("%s (%d)", l.Title, len(l.Lines))
		if left := len(l.Lines) - maxApart; left > 0 {
			l.Lines = append(l.Lines[:maxApart], fmt.Sprintf("and %d more", left))
		}
	}
	return all
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
