package terminal

import (
	"fmt"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// entry is one scenario in a listing; repetitions that ended alike are one entry.
type entry struct {
	*result.Scenario
	total result.Millis // of all of them
	times int
}

// gather makes one entry of the repetitions that ended alike.
func gather(scenarios []*result.Scenario) []entry {
	type key struct {
		file    string
		line    int
		verdict result.Verdict
		flaky   bool
	}
	at := map[key]int{}
	var entries []entry
	for _, s := range scenarios {
		k := key{s.File, s.Line, s.Verdict, s.Flaky}
		i, known := at[k]
		if !known || s.Line == 0 {
			i = len(entries)
			at[k] = i
			entries = append(entries, entry{Scenario: s})
		}
		entries[i].times++
		entries[i].total += s.Duration
	}
	return entries
}

// scenarios writes a line for each scenario, and why it is not passed.
func (p *screen) scenarios(all []*result.Scenario) {
	for _, e := range gather(all) {
		after := ""
		if e.times > 1 {
			after += fmt.Sprintf(" ×%d", e.times)
		}
		if e.Verdict != result.Passed {
			after += " " + string(e.Verdict)
		}
		if e.Flaky {
			after += " flaky"
		}
		if e.Verdict != result.Skipped || e.Duration > 0 { // what did not run took no time
			average := ""
			if e.times > 1 {
				average = " on average"
			}
			after += " (" + view.Span(e.total/result.Millis(e.times)) + average + ")"
		}
		if after != "" {
			after = " " + view.Together(after[1:])
		}
		// Names of one outline differ at their ends: they are wrapped, never cut.
		p.Prose(4, p.Verdict(e.Verdict, view.Mark(e.Verdict)+" ")+view.Inline(e.Name)+p.Dim(after))
		reason := ""
		switch e.Verdict {
		case result.Passed:
		case result.Observed:
			reason = view.ObservedLine(e.Scenario)
		default:
			reason = view.ReasonOf(e.Scenario)
		}
		if reason != "" {
			const label = "- "
			p.Line(8, p.Dim(label+p.Fit(8, reason, label)))
		}
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
	var under []*result.Scenario // the last header
	for _, s := range view.ByRule(run) {
		if run.Stopped != "" && view.Absent(s) {
			continue // the reason for the stop says it once
		}
		if s.Feature != feature || s.Rule != rule {
			p.scenarios(under)
			if s.Feature != feature {
				p.Line(0, p.Bold(view.Inline(s.Feature)))
			}
			title := ""
			if r := rules[s.Rule]; r != nil {
				title = r.Title
			}
			p.ruleHeader(s.Rule, string(s.Level), title)
			feature, rule, under = s.Feature, s.Rule, nil
		}
		under = append(under, s)
	}
	p.scenarios(under)
	p.everyExchange(run)
}

// everyExchange writes one line for each rule that is judged on every exchange.
func (p *screen) everyExchange(run *result.Run) {
	first := true
	for i := range run.Rules {
		r := &run.Rules[i]
		if !r.OnExchanges() {
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
