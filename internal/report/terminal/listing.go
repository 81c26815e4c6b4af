package terminal

import (
	"fmt"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// entry is one scenario in a listing; repetitions that ended alike are one entry.
type entry struct {
	name, file string
	line       int
	verdict    result.Verdict
	reason     string
	flaky      bool
	duration   result.Millis // of all of them
	times      int
	ran        bool // a scenario that did not run took no time
}

func newEntry(s *result.Scenario) entry {
	e := entry{name: s.Name, file: s.File, line: s.Line, verdict: s.Verdict, flaky: s.Flaky, duration: s.Duration, times: 1}
	e.ran = s.Verdict != result.Skipped || s.Duration > 0
	switch s.Verdict {
	case result.Passed:
	case result.Observed:
		e.reason = view.ObservedLine(s)
	default:
		e.reason = view.ReasonOf(s)
	}
	return e
}

// gather makes one entry of the repetitions that ended alike.
func gather(entries []entry) []entry {
	type key struct {
		file    string
		line    int
		verdict result.Verdict
		flaky   bool
	}
	at, gathered := map[key]int{}, make([]entry, 0, len(entries))
	for _, e := range entries {
		k := key{e.file, e.line, e.verdict, e.flaky}
		if i, known := at[k]; known && e.line > 0 {
			gathered[i].times++
			gathered[i].duration += e.duration
			continue
		}
		at[k] = len(gathered)
		gathered = append(gathered, e)
	}
	return gathered
}

// entry writes one line of a listing.
func (p *screen) entry(indent int, e entry) {
	after := ""
	if e.times > 1 {
		after += fmt.Sprintf(" ×%d", e.times)
	}
	if e.verdict != result.Passed {
		after += " " + string(e.verdict)
	}
	if e.flaky {
		after += " flaky"
	}
	if e.ran {
		after += " (" + view.Span(e.duration/result.Millis(max(e.times, 1)))
		if e.times > 1 {
			after += " on average"
		}
		after += ")"
	}
	sign := view.Mark(e.verdict) + " "
	if after != "" {
		after = " " + view.Together(after[1:])
	}
	// Names of one outline differ at their ends: they are wrapped, never cut.
	p.Prose(indent, p.Verdict(e.verdict, sign)+view.Inline(e.name)+p.Dim(after))
	if e.reason != "" {
		const label = "- "
		p.Line(indent+4, p.Dim(label+p.Fit(indent+4, view.Inline(e.reason), label)))
	}
}

// ruleHeader writes the rule above its scenarios.
func (p *screen) ruleHeader(id, level, title string) {
	head := view.Inline(id)
	if level != "" {
		head += " " + view.Inline(level)
	}
	if title != "" {
		head += " "
	}
	p.Line(2, p.Bold(head)+p.Fit(2, view.Inline(title), head))
}

// listing writes every scenario of a result under its feature and rule, then the every-exchange rules.
func (p *screen) listing(run *result.Run) {
	rules := view.RulesByID(run)
	feature, rule := "", ""
	var entries []entry
	flush := func() {
		for _, e := range gather(entries) {
			p.entry(4, e)
		}
		entries = entries[:0]
	}
	for _, s := range view.ByRule(run) {
		if run.Stopped != "" && view.Absent(s) {
			continue // the reason for the stop says it once
		}
		if s.Feature != feature || s.Rule != rule {
			flush()
			if s.Feature != feature {
				p.Line(0, p.Bold(view.Inline(s.Feature)))
			}
			title := ""
			if r := rules[s.Rule]; r != nil {
				title = r.Title
			}
			p.ruleHeader(s.Rule, string(s.Level), title)
			feature, rule = s.Feature, s.Rule
		}
		entries = append(entries, newEntry(s))
	}
	flush()
	p.everyExchange(run)
}

// everyExchange writes one line for each rule that is judged on every exchange.
func (p *screen) everyExchange(run *result.Run) {
	first := true
	for i := range run.Rules {
		r := &run.Rules[i]
		if !r.EveryExchange {
			continue
		}
		if first {
			p.Line(0, p.Bold("On every exchange"))
			first = false
		}
		p.everyExchangeLine(2, r)
	}
}

func (p *screen) everyExchangeLine(indent int, r *result.Rule) {
	sign, after := view.Mark(r.Verdict)+" ", view.EveryExchangeWords(r)
	head := view.Inline(r.ID) + " " + string(r.Level) + " "
	p.Line(indent, p.Verdict(r.Verdict, sign)+head+p.Fit(indent, view.Inline(r.Title), sign+head+after)+p.Dim(after))
}
