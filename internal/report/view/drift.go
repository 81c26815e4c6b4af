package view

import (
	_ "embed" // the comparison's text
	"fmt"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

const (
	maxPlaces = 3   // shown of one change; the result file has all
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

// Drift writes a comparison: first what to know before blaming the provider, then the changes.
func (p *Page) Drift(d *result.Drift) {
	p.Fill(p.Template(driftText, template.FuncMap{
		"changed": ChangeSubject, "became": Movement, "value": func(s string) string { return Cut(s, maxValue) }, "where": driftPlace,
	}), "text", d)
}

// ChangeSubject returns what changed, in clean text; for a promise with its level and title.
func ChangeSubject(kind result.DriftKind, c *result.Change) string {
	if (kind == result.NewlyFailing || kind == result.NewlyKept) && len(c.Places) > 0 {
		at := &c.Places[0]
		return Cut(fmt.Sprintf("%s %s  %s", at.Rule, at.Level, at.Title), maxValue)
	}
	return Cut(c.What, maxValue)
}

// Movement returns the value before and after a change, in clean text.
func Movement(c *result.Change) string {
	switch {
	case c.Before == "":
		return "added: " + Cut(c.After, maxValue)
	case c.After == "":
		return "gone, was " + Cut(c.Before, maxValue)
	}
	return Cut(c.Before, maxValue) + " -> " + Cut(c.After, maxValue)
}

// DriftPlaces returns the first places of a change in one line.
func DriftPlaces(c *result.Change) string { return Few(group.Map(c.Places, driftPlace), maxPlaces) }

func driftPlace(at result.Place) string {
	if at.Name == "" {
		return Cut(at.Rule+" on every exchange", maxValue)
	}
	return Cut(at.Rule+" "+at.Name, maxValue)
}
