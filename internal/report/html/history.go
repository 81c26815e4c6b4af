package html

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

// History writes the verdicts of each rule over many nights as one page.
func History(w io.Writer, h *history.History) error {
	p := &historyPage{History: h, document: newDocument(style+"\n"+nightsStyle, "")}
	worst, nights := result.ExitKept, 0
	for _, s := range p.Series {
		worst = result.WorseExit(worst, s.Last().Exit)
		nights += len(s.Nights)
	}
	p.Worst = worst.Verdict()
	p.Line = map[result.Verdict]string{
		result.Passed: "Kept in the last night", result.Failed: "Not kept in the last night", result.Broken: "Not everything could be judged in the last night",
	}[p.Worst]
	p.Lead = text.Count(nights, "night")
	if len(p.Series) > 1 {
		p.Lead += fmt.Sprintf(" in %d environments or targets, of which the worst is told here", len(p.Series))
	}
	p.Title = p.Line + " – verifik-contract history"
	return execute(w, "history", p, &page{})
}

// historyPage is a history with what the page says about the last night of each series.
type historyPage struct {
	*history.History
	document
	Worst             result.Verdict // of those nights
	Title, Line, Lead string
}

// strip is the verdicts of a rule, one night after the other from left to right.
type strip struct {
	Label  string
	Nights int
	Bars   []mark // each for consecutive nights with the same verdict
}

func newStrip(r *history.Rule, nights []history.Night) strip {
	made := strip{Nights: len(nights)}
	counts := map[result.Verdict]int{}
	for from, to := 0, 1; from < len(nights); from, to = to, to+1 {
		for to < len(nights) && r.Verdicts[to] == r.Verdicts[from] {
			to++
		}
		v := r.Verdicts[from]
		if v == "" {
			continue
		}
		counts[v] += to - from
		title := string(v) + ", " + view.Day(nights[from].Started)
		if to-from > 1 {
			title += fmt.Sprintf(" to %s (%d nights)", view.Day(nights[to-1].Started), to-from)
		}
		made.Bars = append(made.Bars, newMark(v, from, to-from, title))
	}
	label := group.Map(view.VerdictsSeen(r), func(v result.Verdict) string { return fmt.Sprintf("%d %s", counts[v], v) })
	made.Label = strings.Join(label, ", ") + " of " + text.Count(len(nights), "night")
	return made
}

// newMark returns a bar. The worse the verdict, the higher it is, so that nobody has to rely on colour.
func newMark(v result.Verdict, x, width int, title string) mark {
	height := map[result.Verdict]int{result.Failed: 20, result.Broken: 16, result.Waived: 16, history.Flaky: 12, result.Passed: 8, result.Observed: 6, result.Skipped: 3}[v]
	return mark{Class: string(v), X: x, Width: width, Y: 20 - height, Height: height, Title: title}
}

// legend returns a bar for each verdict of a series.
func legend(s *history.Series) []mark {
	return group.Map(view.VerdictsSeen(s.All()...), func(v result.Verdict) mark { return newMark(v, 0, 10, string(v)) })
}
