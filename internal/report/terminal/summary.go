// Package terminal shows plans, running runs, results and comparisons to a person, at a terminal or as plain text.
package terminal

import (
	"fmt"
	"io"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Summary writes what a person has to know after a run: what is wrong, the verdicts by level, and in the last line the
// outcome. What was observed is left to the live view and to Text.
func Summary(w io.Writer, run *result.Run, o Options) error {
	return write(w, o, func(p *screen) {
		p.changes(run)
		p.summary(run, o.Quiet)
	})
}

// Text writes what changed since the baseline, all scenarios as the live view shows them, and the summary.
func Text(w io.Writer, run *result.Run, o Options) error {
	return write(w, o, func(p *screen) {
		p.changes(run)
		p.listing(run)
		p.Line(0, "")
		p.summary(run, false)
	})
}

// Render writes Text without colour and wrapping, as for a file.
func Render(w io.Writer, run *result.Run) error { return Text(w, run, Options{}) }

// changes writes what changed since the baseline.
func (p *screen) changes(run *result.Run) {
	if run.Drift != nil {
		p.Drift(run.Drift)
		p.Line(0, "")
	}
}

func (p *screen) summary(run *result.Run, quiet bool) {
	found := view.Failures(run)
	p.Details(run).Failures(found)
	p.facts(run, quiet)
	if !quiet {
		p.table(run)
	}
	p.causes(found)
	last := func(line string) { p.Prose(0, p.Bold(p.Verdict(run.Exit.Verdict(), line))) }
	if why := view.Stopped(run); why != "" {
		last("Stopped: " + view.Inline(why))
	}
	last(view.Conclusion(run))
}

// maxCauses is how many causes the last lines name, so that they fit a terminal of 24 rows together with the outcome.
const maxCauses = 16

// causes repeats each cause in one line: its details may be far above.
func (p *screen) causes(found []*view.Failure) {
	for _, t := range found[:min(len(found), maxCauses)] {
		p.Line(0, p.Cause(t))
	}
	if left := len(found) - maxCauses; left > 0 {
		p.Line(2, "… and "+text.Count(left, "more cause")+" above")
	}
	if len(found) > 0 {
		p.Line(0, "")
	}
}

// facts writes what is worth knowing, a line each; with quiet only what bears on the verdict.
func (p *screen) facts(run *result.Run, quiet bool) {
	if quiet && run.Stopped != "" {
		return // the reason for the stop says enough
	}
	relevant := []string{"Flaky", "Waiver", "Warning", "Diagnosis", "Scope"}
	if run.Latency.Exceeded() {
		relevant = append(relevant, "Latency of the PUT")
	}
	shown := group.Where(view.Facts(run), func(f view.Fact) bool { return !quiet || slices.Contains(relevant, f.Name) })
	for _, f := range shown {
		p.Prose(0, p.Bold(f.Name+":")+" "+f.Text)
	}
	if len(shown) > 0 {
		p.Line(0, "")
	}
}

// table writes how often each verdict was given, by level.
func (p *screen) table(run *result.Run) {
	rows := result.Groups(run)
	if len(rows) == 0 {
		return
	}
	verdicts := view.VerdictsIn(rows)
	head := fmt.Sprintf("%-*s", len(result.EveryExchange)+2, "")
	for _, v := range verdicts {
		head += fmt.Sprintf("%10s", v)
	}
	p.Line(0, p.Dim(head))
	for _, row := range rows {
		line := fmt.Sprintf("%-*s", len(result.EveryExchange)+2, row.Name)
		for _, v := range verdicts {
			cell := p.Dim(fmt.Sprintf("%10s", "-"))
			if n := row.Tally[v]; n > 0 {
				cell = p.Verdict(v, fmt.Sprintf("%10d", n))
			}
			line += cell
		}
		p.Line(0, line)
	}
	p.Line(0, "")
}

// Drift writes what changed since the baseline.
func Drift(w io.Writer, d *result.Drift, o Options) error {
	return write(w, o, func(p *screen) { p.Drift(d) })
}

// Options says how text for a person is shown.
type Options struct {
	Color bool
	Width int  // in columns; 0: lines are never wrapped or cut
	Quiet bool // only what is wrong and the outcome

	Ordered bool // of Live: rules in the plan's order, as for a file, rather than as they finish
}

// screen is a text for a person at a terminal.
type screen struct{ *view.Page }

func newScreen(o Options) *screen { return &screen{view.NewPage(o.Color, o.Width)} }

// write writes a text in one piece.
func write(w io.Writer, o Options, fill func(*screen)) error {
	p := newScreen(o)
	fill(p)
	_, err := w.Write(p.Bytes())
	return err
}
