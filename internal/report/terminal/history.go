package terminal

import (
	_ "embed" // the history's text
	"fmt"
	"io"
	"strings"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/history"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

//go:embed history.tmpl
var historyText string

const (
	maxNights   = 90 // in a line of unlimited width
	stripIndent = 18 // columns before the signs
)

// History writes the verdicts of each rule over many nights, a sign a night: the last nights if not all fit into a line.
func History(w io.Writer, h *history.History, o Options) error {
	room := maxNights
	if o.Width > 0 {
		room = max(o.Width-stripIndent-1, 10)
	}
	return write(w, o, func(p *screen) {
		sign := func(v result.Verdict) string {
			if v == "" {
				return " "
			}
			return p.Verdict(v, view.Mark(v))
		}
		p.Fill(p.Template(historyText, template.FuncMap{
			"nights": view.NightsOf, "latency": view.LatencyHistory, "sign": sign,
			// Blanks before it would be its indentation.
			"name":   func(s *history.Series) string { return strings.TrimSpace(view.Inline(view.SeriesName(s))) },
			"room":   func() int { return room },
			"recent": func(all []result.Verdict) []result.Verdict { return all[max(0, len(all)-room):] },
			"label": func(r *history.Rule) string {
				return fmt.Sprintf("%-*s", stripIndent-2, view.Cut(r.ID, 9)+" "+string(r.Level))
			},
			"history": func(r *history.Rule) string {
				words := view.RuleHistory(r)
				if words != "" {
					words = strings.TrimSuffix(words+": "+view.Inline(r.Title), ": ")
				}
				return words
			},
			"key": func(s *history.Series) string {
				signs := group.Map(view.VerdictsSeen(s.All()...), func(v result.Verdict) string { return sign(v) + " " + view.Together(string(v)) })
				return strings.Join(signs, ", ")
			},
		}), "text", h)
	})
}
