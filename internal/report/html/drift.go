package html

import (
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// htmlDrift is what changed since the baseline.
type htmlDrift struct {
	Headline htmlText
	Notes    []htmlText
	Groups   []htmlDriftGroup
	More     string
}

type htmlDriftGroup struct {
	Title   htmlText
	Changes []htmlChange
}

type htmlChange struct {
	Icon                          htmlVerdict
	What, Movement, Detail, Where htmlText
	Anchor                        string // of the promise that is newly broken or kept again
}

func newHTMLDrift(d *result.Drift, index *htmlIndex) *htmlDrift {
	if d == nil {
		return nil
	}
	shown := &htmlDrift{Headline: htmlShort(view.Headline(d), htmlLineLimit)}
	for _, note := range htmlFirst(d.Notes, htmlListLimit) {
		shown.Notes = append(shown.Notes, htmlShort(note, htmlFieldLimit))
	}
	room := htmlListLimit
	for _, g := range d.Groups {
		group := htmlDriftGroup{Title: htmlShort(g.Title, htmlLineLimit)}
		for i := range htmlFirst(g.Changes, room) {
			group.Changes = append(group.Changes, newHTMLChange(g.Kind, &g.Changes[i], index))
		}
		room -= len(group.Changes)
		if len(group.Changes) > 0 {
			shown.Groups = append(shown.Groups, group)
		}
	}
	shown.More = htmlMore(d.Changes(), htmlListLimit, "change", "changes")
	return shown
}

func newHTMLChange(kind result.DriftKind, c *result.Change, index *htmlIndex) htmlChange {
	shown := htmlChange{
		Icon: "observed", What: htmlShort(view.ChangeSubject(kind, c), htmlLineLimit), Movement: htmlShort(view.Movement(c), htmlLineLimit),
		Detail: htmlShort(c.Detail, htmlLineLimit), Where: htmlShort(view.DriftPlaces(c), htmlLineLimit),
	}
	switch kind {
	case result.NewlyFailing:
		shown.Icon = "failed"
	case result.NewlyKept:
		shown.Icon = "passed"
	default:
		return shown
	}
	for _, r := range index.rules {
		if r.rule.ID == c.What {
			shown.Anchor = r.anchor
		}
	}
	return shown
}
