package report

import "verifik-contract/internal/result"

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
	view := &htmlDrift{Headline: htmlShort(headline(d), htmlLineLimit)}
	for _, note := range htmlFirst(d.Notes, htmlListLimit) {
		view.Notes = append(view.Notes, htmlShort(note, htmlFieldLimit))
	}
	room := htmlListLimit
	for _, g := range d.Groups {
		group := htmlDriftGroup{Title: htmlShort(g.Title, htmlLineLimit)}
		for i := range htmlFirst(g.Changes, room) {
			group.Changes = append(group.Changes, newHTMLChange(g.Kind, &g.Changes[i], index))
		}
		room -= len(group.Changes)
		if len(group.Changes) > 0 {
			view.Groups = append(view.Groups, group)
		}
	}
	view.More = htmlMore(d.Changes(), htmlListLimit, "change", "changes")
	return view
}

func newHTMLChange(kind result.DriftKind, c *result.Change, index *htmlIndex) htmlChange {
	view := htmlChange{
		Icon: "observed", What: htmlShort(changeSubject(kind, c), htmlLineLimit), Movement: htmlShort(movement(c), htmlLineLimit),
		Detail: htmlShort(c.Detail, htmlLineLimit), Where: htmlShort(driftPlaces(c), htmlLineLimit),
	}
	switch kind {
	case result.NewlyFailing:
		view.Icon = "failed"
	case result.NewlyKept:
		view.Icon = "passed"
	default:
		return view
	}
	for _, r := range index.rules {
		if r.rule.ID == c.What {
			view.Anchor = r.anchor
		}
	}
	return view
}
