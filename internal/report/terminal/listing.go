package terminal

import (
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// heading is the feature and the rule that scenarios are listed under.
type heading struct{ feature, rule string }

// heading writes the heading of a scenario, unless it is still the last one written, which at holds.
func (p *screen) heading(at *heading, s *result.Scenario, title string) {
	h := heading{s.Feature, s.Rule}
	if h.feature != at.feature {
		p.Line(0, p.Bold(p.Fit(0, view.Inline(h.feature), "")))
	}
	if h != *at {
		head := strings.TrimSuffix(view.Inline(h.rule)+" "+view.Inline(s.Level), " ")
		if title != "" {
			head += " "
		}
		p.Line(2, p.Bold(head)+p.Fit(2, view.Inline(title), head))
	}
	*at = h
}

// scenarios writes the scenarios of one rule under its heading: a line each, and why it did not pass. Repetitions that ended
// alike are one line.
func (p *screen) scenarios(at *heading, title string, all []*result.Scenario) {
	p.heading(at, all[0], title)
	type ending struct {
		file    string
		line    int
		verdict result.Verdict
		flaky   bool
	}
	for _, alike := range group.By(all, func(s *result.Scenario) ending { return ending{s.File, s.Line, s.Verdict, s.Flaky} }) {
		e, times, after := alike[0], len(alike), ""
		total := group.Sum(slices.Values(group.Map(alike, func(s *result.Scenario) result.Millis { return s.Duration })))
		if times > 1 {
			after += fmt.Sprintf(" ×%d", times)
		}
		if e.Verdict != result.Passed {
			after += " " + string(e.Verdict)
		}
		if e.Flaky {
			after += " flaky"
		}
		if e.Verdict != result.Skipped || e.Duration > 0 { // a scenario that did not run took no time
			average := ""
			if times > 1 {
				average = " on average"
			}
			after += " (" + view.Span(total/result.Millis(times)) + average + ")"
		}
		if after != "" {
			after = " " + view.Together(after[1:])
		}
		// Names are wrapped, never cut: those of one outline differ at their ends.
		p.Prose(4, p.Verdict(e.Verdict, view.Mark(e.Verdict)+" ")+view.Inline(e.Name)+p.Dim(after))
		if reason := view.ReasonOf(e); reason != "" {
			const label = "- "
			p.Line(8, p.Dim(label+p.Fit(8, reason, label)))
		}
	}
}

// listing writes every scenario of a result under its feature and rule, then the every-exchange rules.
func (p *screen) listing(run *result.Run) {
	rules, at := view.RulesByID(run), heading{}
	for _, scenarios := range view.ByRule(run) {
		if run.Stopped != "" { // the reason for the stop says it for all of them
			scenarios = slices.DeleteFunc(scenarios, func(s *result.Scenario) bool { return view.TargetAbsent(s) || s.Cause == exchange.CauseUnreached })
		}
		if len(scenarios) > 0 {
			p.scenarios(&at, rules[scenarios[0].Rule].Title, scenarios)
		}
	}
	p.everyExchange(run)
}

// everyExchange writes a line for each rule that is judged on every exchange.
func (p *screen) everyExchange(run *result.Run) {
	for i, r := range group.Where(group.Pointers(run.Rules), (*result.Rule).OnExchanges) {
		if i == 0 {
			p.Line(0, p.Bold("On every exchange"))
		}
		sign, after := view.Mark(r.Verdict)+" ", view.EveryExchangeWords(r)
		head := view.Inline(r.ID) + " " + string(r.Level) + " "
		p.Line(2, p.Verdict(r.Verdict, sign)+head+p.Fit(2, view.Inline(r.Title), sign+head+after)+p.Dim(after))
	}
}
