package terminal

import (
	"fmt"
	"io"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/history"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// History writes the verdicts of each rule over many nights, a sign a night: the last nights if not all fit into a line.
func History(w io.Writer, h *history.History, o Options) error {
	return write(w, o, func(p *screen) {
		for i, s := range h.Series {
			if i > 0 {
				p.Line(0, "")
			}
			p.series(s, o.Width)
		}
	})
}

const (
	maxNights   = 90 // in a line of unlimited width
	stripIndent = 18 // columns before the signs
)

func (p *screen) series(s *history.Series, width int) {
	p.Prose(0, p.Bold(view.Inline(view.SeriesName(s)))+": "+view.NightsOf(s))
	room := maxNights
	if width > 0 {
		room = max(width-stripIndent-1, 10)
	}
	from := max(0, len(s.Nights)-room)
	if from > 0 {
		p.Prose(2, fmt.Sprintf("The last %s are shown; the verdicts are counted over all.", text.Count(room, "night")))
	}
	for _, r := range s.All() {
		line := fmt.Sprintf("  %-*s", stripIndent-2, view.Cut(r.ID, 9)+" "+string(r.Level))
		for _, v := range r.Verdicts[from:] {
			line += p.sign(v)
		}
		p.Line(0, strings.TrimRight(line, " "))
		if words := view.RuleHistory(r); words != "" {
			p.Prose(stripIndent, p.Dim(strings.TrimSuffix(words+": "+view.Inline(r.Title), ": ")))
		}
	}
	if words := view.LatencyHistory(s); words != "" {
		p.Prose(2, p.Bold("Latency of the PUT:")+" "+words)
	}
	words := group.Map(view.VerdictsSeen(s.All()...), func(v result.Verdict) string { return p.sign(v) + " " + view.Together(string(v)) })
	p.Prose(2, strings.Join(words, ", "))
}

// sign returns the sign of one night's verdict, in its colour.
func (p *screen) sign(v result.Verdict) string {
	if v == "" {
		return " "
	}
	return p.Verdict(v, view.Mark(v))
}
