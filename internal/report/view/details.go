package view

import (
	_ "embed" // the text of a failure
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

//go:embed details.tmpl
var detailsText string

// Details writes failures on a page in full.
type Details struct {
	*Page
	words *template.Template
}

// Details returns a writer of a run's failures on the page.
func (p *Page) Details(run *result.Run) Details {
	scenarios := group.Keyed(group.Pointers(run.Scenarios), func(s *result.Scenario) string { return s.ID })
	return Details{p, p.Template(detailsText, template.FuncMap{
		"span": Span, "step": StepOf, "stepText": StepText, "violations": violations, "shownBy": shownBy, "leadingTo": leadingTo,
		"command": command, "headers": Headers, "breachLine": BreachLine, "others": otherScenarios, "lines": linesOf, "breach": breach,
		"distinct": distinct, "symptom": symptomOf,
		"upTo": untilExchange, "last": last, "headline": p.Headline,
		"scenario": func(f *result.Finding) *result.Scenario { return scenarios[f.Scenario] },
		"together": Together, "verbatim": func(foreign string) string { return Together(text.Line(foreign)) }, "fit": p.Fit,
		"body":     func(body string, size int) []string { return block(body, size, maxBody) },
		"again":    func(s *result.Scenario, every *result.Rule) string { return Again(run, s, every) },
		"contrast": contrast, "isMissing": IsMissing, "reasonOf": ReasonOf, "firstFinding": FirstFinding, "ruleReason": RuleReason,
	})}
}

// Failures writes the headline and the details of each failure, as far as a person reads them.
func (d Details) Failures(all []*Failure) { d.Fill(d.words, "failures", all) }

// Text returns one part of the details as text, and clears the page. The parts are "failure" of a Failure: its promises and
// the scenario that shows it; "annotation" of a Failure: the same in a few lines; "scenario" of a scenario; and "breach" of
// a rule.
func (d Details) Text(part string, of any) string {
	d.Reset()
	d.Fill(d.words, part, of)
	return d.String()
}

// Headline returns the verdict, the promises that are broken, and what is wrong.
func (p *Page) Headline(t *Failure) string {
	label := Mark(t.Verdict) + " " + strings.ToUpper(string(t.Verdict))
	words := fmt.Sprintf("%s (%s) %s", Few(IDs(t.Rules), 8), t.Level, t.Words)
	return p.Bold(p.Verdict(t.Verdict, label)) + " " + p.Bold(p.Fit(0, words, label+" "))
}

// IDs returns the ids of rules as clean text.
func IDs(rules []*result.Rule) []string {
	return group.Map(rules, func(r *result.Rule) string { return Inline(r.ID) })
}

// Cause returns a failure in one line that fits the page; its words may be cut.
func (p *Page) Cause(t *Failure) string {
	sign, after := Mark(t.Verdict)+" ", ""
	if n := len(t.Scenarios); n > 1 {
		after = fmt.Sprintf(" (%d scenarios)", n)
	}
	head := fmt.Sprintf("%-7s %s: ", t.Level, Few(IDs(t.Rules), 3))
	return p.Verdict(t.Verdict, sign) + head + p.Fit(0, t.Words, sign+head+after) + p.Dim(after)
}

// StepOf returns the step that made the first finding, or else the first one that did not pass; nil if there is none.
func StepOf(s *result.Scenario) *result.Step {
	line := 0
	if f := FirstFinding(s); f != nil {
		line = f.Step
	}
	return group.First(group.Pointers(s.Steps), func(step *result.Step) bool {
		return line != 0 && step.Line == line || line == 0 && step.Verdict.NeedsAttention()
	})
}

// Place returns file:line, as editors and terminals recognise it; the file alone if the line is 0.
func Place(file string, line int) string {
	if line == 0 {
		return Inline(file)
	}
	return fmt.Sprintf("%s:%d", Inline(file), line)
}

// violations returns the findings of a scenario that are not just warnings.
func violations(s *result.Scenario) []*result.Finding {
	return group.Where(group.Pointers(s.Findings), func(f *result.Finding) bool { return !f.Warning })
}

// contrast returns the expected and the actual text, each in one line. Of two long texts that begin alike it keeps the
// beginning and the place where they start to differ.
func contrast(expected, actual string) [2]string {
	const keep, long, most = 20, 80, 16 << 10 // what a run records is far shorter
	at := group.Alike([]byte(expected), []byte(actual))
	if at > most/2 { // without their middle, in which nothing differs
		before, _ := text.Beginning(expected, at-most/4)
		first, _ := text.Beginning(before, most/4)
		expected, actual = first+expected[len(before):], first+actual[len(before):]
	}
	expected, _ = text.Beginning(expected, most)
	actual, _ = text.Beginning(actual, most)
	e, a := []rune(text.Line(expected)), []rune(text.Line(actual))
	same := group.Alike(e, a)
	if same < 3*keep || max(len(e), len(a)) < long {
		return [2]string{Inline(expected), Inline(actual)}
	}
	shortened := func(s []rune) string { return Inline(string(s[:keep]) + "…" + string(s[same-keep:])) }
	return [2]string{shortened(e), shortened(a)}
}

// leadingTo returns the exchanges that have to be repeated to reproduce a scenario's last one: itself, and the judged ones
// of the same attempt before it, which changed the state.
func leadingTo(s *result.Scenario) []*result.Exchange {
	return group.Where(group.Pointers(s.Exchanges), func(e *result.Exchange) bool {
		return e == last(s) || e.Purpose == exchange.Judged && e.Attempt == last(s).Attempt
	})
}

func last(s *result.Scenario) *result.Exchange { return &s.Exchanges[len(s.Exchanges)-1] }

// Again returns the command that runs a scenario again, together with an every-exchange rule where one is given; "" if the
// result does not say how it was run.
func Again(run *result.Run, s *result.Scenario, every *result.Rule) string {
	if run.Again == "" || s.File == "" || s.Line == 0 {
		return ""
	}
	command := run.Again + " " + curl.Argument(fmt.Sprintf("%s:%d", s.File, s.Line))
	if every != nil {
		command += " " + curl.Argument(fmt.Sprintf("%s:%d", every.File, every.Line))
	}
	return command
}

// Header is one header line of a message.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Headers returns the headers of a message, sorted by name.
func Headers(of map[string][]string) []Header {
	all := []Header{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, group.Map(of[name], func(value string) Header { return Header{name, value} })...)
	}
	return all
}

// command returns the lines of a curl command. One that is too long is left out whole: half a command must not be copied.
func command(curl string) []string {
	lines := strings.Split(curl, "\n")
	switch {
	case len(curl) > maxCurl:
		return []string{fmt.Sprintf("# a command of %d bytes: it is in the result file", len(curl))}
	case len(lines) > maxLines:
		return []string{fmt.Sprintf("# a command of %d lines: it is in the result file", len(lines))}
	}
	return lines
}

// otherScenarios returns the scenarios of a failure after the first, grouped by rule and file.
func otherScenarios(t *Failure) [][]*result.Scenario {
	return group.By(t.Scenarios[min(1, len(t.Scenarios)):], func(s *result.Scenario) [2]string { return [2]string{s.Rule, s.File} })
}

// linesOf returns the lines of scenarios, each once even if it was repeated.
func linesOf(scenarios []*result.Scenario) string {
	repeated := group.By(scenarios, func(s *result.Scenario) int { return s.Line })
	return Few(group.Map(repeated, func(same []*result.Scenario) string { return strconv.Itoa(same[0].Line) }), 8)
}

// breach returns one of a failure's rules with the failure's own findings of it: none if a scenario shows the failure, which
// then shows them.
func breach(t *Failure, r *result.Rule) *result.Rule {
	broken := *r
	broken.Findings = group.Where(t.Findings, func(f result.Finding) bool {
		return t.Scenario() == nil && (f.Rule == r.ID || len(t.Rules) == 1)
	})
	return &broken
}

// distinct returns one finding for each scenario and symptom, those of a symptom together.
func distinct(all []result.Finding) []*result.Finding {
	var once []*result.Finding
	for _, alike := range group.By(group.Pointers(all), symptomOf) {
		for _, same := range group.By(alike, func(f *result.Finding) string { return f.Scenario }) {
			once = append(once, same[0])
		}
	}
	return once
}

// BreachLine returns how many exchanges broke an every-exchange rule; the rule's reason if that is not known.
func BreachLine(r *result.Rule) string {
	if r.Breaches > 0 && r.Judged > 0 {
		return fmt.Sprintf("broken by %d of %s", r.Breaches, text.Count(r.Judged, "exchange"))
	}
	if r.Breaches > 0 {
		return "broken by " + text.Count(r.Breaches, "exchange")
	}
	return "reason: " + Inline(r.Reason)
}
