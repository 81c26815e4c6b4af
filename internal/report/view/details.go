package view

import (
	_ "embed" // the text of a failure
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxFindings is how many findings of one scenario, or of one every-exchange rule, are shown.
const maxFindings = 5

// Failure writes what is wrong: one short line, and the details under it.
func (p *Page) Failure(run *result.Run, t Failure) {
	p.Line(0, p.Headline(t))
	p.Block(run, t)
}

// Headline returns the verdict, the promises that are broken, and by what.
func (p *Page) Headline(t Failure) string {
	label := Mark(t.Verdict) + " " + strings.ToUpper(string(t.Verdict))
	words := fmt.Sprintf("%s (%s) %s", Few(IDs(t.Rules), maxIDs), t.Level, t.Words)
	return p.Bold(p.Verdict(t.Verdict, label)) + " " + p.Bold(p.Fit(0, words, label+" "))
}

// maxIDs is how many promises a line names.
const maxIDs = 8

// IDs returns the ids of rules, in clean text.
func IDs(rules []*result.Rule) []string {
	all := make([]string, 0, len(rules))
	for _, r := range rules {
		all = append(all, Inline(r.ID))
	}
	return all
}

// Cause returns what is wrong in one line: of it all, the end of its words may be missing.
func (p *Page) Cause(t Failure) string {
	sign, after := Mark(t.Verdict)+" ", ""
	if n := len(t.Scenarios); n > 1 {
		after = fmt.Sprintf(" (%d scenarios)", n)
	}
	named := 3
	if p.width > 0 && p.width < 80 {
		named = 1
		after = strings.Replace(strings.TrimSuffix(after, " scenarios)"), "(", "×", 1)
	}
	head := fmt.Sprintf("%-7s %s: ", t.Level, Few(IDs(t.Rules), named))
	return p.Verdict(t.Verdict, sign) + head + p.Fit(0, t.Words, sign+head+after) + p.Dim(after)
}

//go:embed details.tmpl
var detailsText string

// details writes a part of what a failure says.
func (p *Page) details(part string, run *result.Run, of any) {
	p.Fill(detailsText+`{{- template "`+part+`" .}}`, template.FuncMap{
		"place": Place, "span": Span, "step": StepOf, "stepText": StepText, "found": found, "reasonLabel": reasonLabel, "shownBy": shownBy,
		"leadingTo": leadingTo, "command": command, "message": p.message, "breachLine": BreachLine,
		"promises": p.promises, "others": others,
		"breaches": func(t *Failure) []breach { return breaches(run, t) },
		"most":     func() int { return maxFindings },
		"verbatim": func(foreign string) string { return Together(text.Line(foreign)) },
		"again":    func(s *result.Scenario, every *result.Rule) string { return Again(run, s, every) },
		"contrast": func(expected, actual string) []string {
			expected, actual = contrast(expected, actual)
			return []string{expected, actual}
		},
		"isMissing": func(f *result.Finding) bool { return f.Path != "" && f.Actual == Missing },
	}, of)
}

// Block writes the words of the promises, and how one scenario shows that they are broken.
func (p *Page) Block(run *result.Run, t Failure) { p.details("failure", run, &t) }

// promises is the words of those that a failure breaks, a line each.
func (p *Page) promises(t *Failure) []string {
	var lines []string
	for _, r := range t.Rules[:min(len(t.Rules), maxIDs)] {
		if r.Title != "" {
			head := Inline(r.ID) + " " + string(r.Level) + " "
			lines = append(lines, head+p.Fit(2, Inline(r.Title), head))
		}
	}
	if left := len(t.Rules) - maxIDs; left > 0 {
		lines = append(lines, "… and "+text.Count(left, "more promise"))
	}
	return lines
}

// breaches is what a failure shows of every-exchange rules; where a scenario shows it, of each in a line.
func breaches(run *result.Run, t *Failure) []breach {
	var all []breach
	for _, r := range t.Rules {
		if r.OnExchanges() && t.Scenario() != nil {
			all = append(all, breach{Rule: r})
		} else if r.OnExchanges() {
			all = append(all, newBreach(run, r, t.of(r)))
		}
	}
	return all
}

// of is the findings of an every-exchange rule.
func (t *Failure) of(r *result.Rule) []*result.Finding {
	var own []*result.Finding
	for _, f := range t.Findings {
		if f.Rule == r.ID || len(t.Rules) == 1 {
			own = append(own, f)
		}
	}
	return own
}

func reasonLabel(s *result.Scenario) string {
	if s.Verdict != result.Broken {
		return "reason: "
	}
	if s.Cause != "" {
		return "could not be judged (" + Inline(s.Cause) + "): "
	}
	return "could not be judged: "
}

// StepOf returns the step that found what is wrong; nil: not known.
func StepOf(s *result.Scenario) *result.Step {
	line := 0
	if f := FirstFinding(s); f != nil {
		line = f.Step
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if line != 0 && step.Line == line || line == 0 && (step.Verdict == result.Failed || step.Verdict == result.Broken) {
			return step
		}
	}
	return nil
}

// Place returns a file and a line in it, as editors and terminals know it.
func Place(file string, line int) string {
	if line == 0 {
		return Inline(file)
	}
	return fmt.Sprintf("%s:%d", Inline(file), line)
}

// Finding writes one expectation with what was expected and what came instead, one under the other.
func (p *Page) Finding(f *result.Finding) { p.details("finding", nil, f) }

// found is what was found wrong with a scenario, but for what is only worth a warning.
func found(s *result.Scenario) []*result.Finding {
	return slices.DeleteFunc(group.Pointers(s.Findings), func(f *result.Finding) bool { return f.Warning })
}

// contrast shortens two long texts that begin alike: their beginning, and the place where they begin to differ.
func contrast(expected, actual string) (string, string) {
	const keep, long = 20, 80
	e, a := []rune(text.Line(expected)), []rune(text.Line(actual))
	same := 0
	for same < min(len(e), len(a)) && e[same] == a[same] {
		same++
	}
	if same < 3*keep || max(len(e), len(a)) < long {
		return Inline(expected), Inline(actual)
	}
	shortened := func(s []rune) string { return Inline(string(s[:keep]) + "…" + string(s[same-keep:])) }
	return shortened(e), shortened(a)
}

// leadingTo returns the exchanges that have to be repeated for one to end as it did: the judged ones before it, by which its
// state came to be as it was, and itself.
func leadingTo(s *result.Scenario, e *result.Exchange) []*result.Exchange {
	var all []*result.Exchange
	for i := range s.Exchanges {
		one := &s.Exchanges[i]
		if one == e {
			break
		}
		if one.Purpose == exchange.Judged && one.Attempt == e.Attempt {
			all = append(all, one)
		}
	}
	return append(all, e)
}

// Again returns the command that runs a scenario again, as it came; "": it is not known.
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

// message is headers and a body, each line behind a bar: a body that looks like a report, or like a command to a build
// server, is seen to be none.
func (p *Page) message(headers map[string][]string, body string, size int) []string {
	var lines []string
	add := func(line string) { lines = append(lines, Together(line)) }
	all := Headers(headers)
	for _, h := range all[:min(len(all), maxHeaders)] {
		add(p.Dim("| " + Cut(h.Name, 80) + ": " + Cut(h.Value, 200)))
	}
	if left := len(all) - maxHeaders; left > 0 {
		add(p.Dim(fmt.Sprintf("| … and %d more", left)))
	}
	if body != "" && len(headers) > 0 {
		add(p.Dim("|"))
	}
	if body != "" {
		for _, l := range block(body, size, maxBody) {
			add(p.Dim("| ") + l)
		}
	}
	return lines
}

// maxHeaders is how many headers of a message are shown.
const maxHeaders = 40

// Header is one line of the headers of a message.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Headers returns the headers of a message in the order of their names.
func Headers(of map[string][]string) []Header {
	all := []Header{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		for _, value := range of[name] {
			all = append(all, Header{name, value})
		}
	}
	return all
}

// command is a curl command: never cut in the middle, so that what is copied is whole or not there.
func command(curl string) []string {
	if len(curl) > maxCurl {
		return []string{fmt.Sprintf("# a command of %d bytes: it is in the result file", len(curl))}
	}
	lines := strings.Split(curl, "\n")
	if len(lines) > maxLines {
		return []string{fmt.Sprintf("# a command of %d lines: it is in the result file", len(lines))}
	}
	return lines
}

// others is which other scenarios went wrong by the same cause.
func others(t *Failure) []string {
	if len(t.Scenarios) < 2 {
		return nil
	}
	var lines []string
	groups := group.By(t.Scenarios[1:], func(s *result.Scenario) [2]string { return [2]string{s.Rule, s.File} })
	for _, scenarios := range groups[:min(len(groups), maxIDs)] {
		var at []string
		for _, s := range scenarios {
			if n := fmt.Sprint(s.Line); !slices.Contains(at, n) { // a repetition
				at = append(at, n)
			}
		}
		lines = append(lines, Inline(scenarios[0].Rule)+" "+Inline(scenarios[0].File)+":"+Few(at, 8))
	}
	if left := len(groups) - maxIDs; left > 0 {
		lines = append(lines, "… and of "+text.Count(left, "more promise"))
	}
	return lines
}

// breach is some of the findings of an every-exchange rule.
type breach struct {
	Rule *result.Rule
	Seen []seen
	Left int
}

// seen is where a finding was seen.
type seen struct {
	Finding  *result.Finding  // nil: it is the one before
	Scenario *result.Scenario // nil: not known
	Exchange *result.Exchange // nil: it is not shown
}

// newBreach shows the first finding with its exchange.
func newBreach(run *result.Run, r *result.Rule, findings []*result.Finding) breach {
	b, scenarios := breach{Rule: r, Left: max(0, len(findings)-maxFindings)}, scenariosByID(run)
	for i, f := range findings[:min(len(findings), maxFindings)] {
		at := seen{Scenario: scenarios[f.Scenario]}
		if i == 0 {
			at.Exchange = exchangeAt(at.Scenario, f.Exchange)
		}
		if i == 0 || symptomOf(f) != symptomOf(findings[i-1]) {
			at.Finding = f
		}
		b.Seen = append(b.Seen, at)
	}
	return b
}

func scenariosByID(run *result.Run) map[string]*result.Scenario {
	scenarios := make(map[string]*result.Scenario, len(run.Scenarios))
	for i := range run.Scenarios {
		scenarios[run.Scenarios[i].ID] = &run.Scenarios[i]
	}
	return scenarios
}

// BreachLine returns how many exchanges broke an every-exchange rule, in a line.
func BreachLine(r *result.Rule) string {
	if r.Breaches > 0 && r.Judged > 0 {
		return fmt.Sprintf("broken by %d of %s", r.Breaches, text.Count(r.Judged, "exchange"))
	}
	if r.Breaches > 0 {
		return "broken by " + text.Count(r.Breaches, "exchange")
	}
	return "reason: " + Inline(r.Reason)
}
