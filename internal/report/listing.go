package report

import (
	"fmt"

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
		e.reason = observedLine(s)
	default:
		e.reason = reasonOf(s)
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
func (p *page) entry(indent int, e entry) {
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
		after += " (" + span(e.duration/result.Millis(max(e.times, 1)))
		if e.times > 1 {
			after += " on average"
		}
		after += ")"
	}
	sign := mark(e.verdict) + " "
	if after != "" {
		after = " " + together(after[1:])
	}
	// Names of one outline differ at their ends: they are wrapped, never cut.
	p.prose(indent, p.verdict(e.verdict, sign)+inline(e.name)+p.dim(after))
	if e.reason != "" {
		const label = "- "
		p.line(indent+4, p.dim(label+p.fit(indent+4, inline(e.reason), label)))
	}
}

// ruleHeader writes the rule above its scenarios.
func (p *page) ruleHeader(id, level, title string) {
	head := inline(id)
	if level != "" {
		head += " " + inline(level)
	}
	if title != "" {
		head += " "
	}
	p.line(2, p.bold(head)+p.fit(2, inline(title), head))
}

// listing writes every scenario of a result under its feature and rule, then the every-exchange rules.
func (p *page) listing(run *result.Run) {
	rules := rulesByID(run)
	feature, rule := "", ""
	var entries []entry
	flush := func() {
		for _, e := range gather(entries) {
			p.entry(4, e)
		}
		entries = entries[:0]
	}
	for _, s := range byRule(run) {
		if run.Stopped != "" && absent(s) {
			continue // the reason for the stop says it once
		}
		if s.Feature != feature || s.Rule != rule {
			flush()
			if s.Feature != feature {
				p.line(0, p.bold(inline(s.Feature)))
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

// byRule is the scenarios with all repetitions of one rule together, rules in the order of their first scenario.
func byRule(run *result.Run) []*result.Scenario {
	type key struct{ feature, rule string }
	groups, order := map[key][]*result.Scenario{}, []key{}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		k := key{s.Feature, s.Rule}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	sorted := make([]*result.Scenario, 0, len(run.Scenarios))
	for _, k := range order {
		sorted = append(sorted, groups[k]...)
	}
	return sorted
}

// everyExchange writes one line for each rule that is judged on every exchange.
func (p *page) everyExchange(run *result.Run) {
	first := true
	for i := range run.Rules {
		r := &run.Rules[i]
		if !r.EveryExchange {
			continue
		}
		if first {
			p.line(0, p.bold("On every exchange"))
			first = false
		}
		p.everyExchangeLine(2, r)
	}
}

func (p *page) everyExchangeLine(indent int, r *result.Rule) {
	sign, after := mark(r.Verdict)+" ", everyExchangeWords(r)
	head := inline(r.ID) + " " + string(r.Level) + " "
	p.line(indent, p.verdict(r.Verdict, sign)+head+p.fit(indent, inline(r.Title), sign+head+after)+p.dim(after))
}

// everyExchangeWords is what became of an every-exchange rule: " (88 exchanges)".
func everyExchangeWords(r *result.Rule) string {
	switch {
	case r.Verdict == result.Passed && r.Judged > 0:
		return " (" + count(r.Judged, "exchange") + ")"
	case r.Verdict == result.Passed:
		return ""
	case r.Breaches > 0:
		return " " + string(r.Verdict) + ": " + breachLine(r)
	case r.Reason != "":
		return " " + string(r.Verdict) + ": " + cut(r.Reason, 200)
	}
	return " " + string(r.Verdict)
}
