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

// maxFindings is how many findings of one scenario, or of one every-exchange rule, are shown.
const maxFindings = 5

//go:embed details.tmpl
var detailsText string

// Details writes what is wrong with a run.
type Details struct {
	*Page
	words *template.Template
}

// Details returns what writes on the page what is wrong with a run.
func (p *Page) Details(run *result.Run) Details {
	scenarios := scenariosByID(run)
	return Details{p, p.Template(detailsText, template.FuncMap{
		"span": Span, "step": StepOf, "stepText": StepText, "found": found, "reasonLabel": reasonLabel, "shownBy": shownBy,
		"leadingTo": leadingTo, "command": command, "headers": Headers, "breachLine": BreachLine, "others": others, "lines": linesOf, "breach": newBreach, "symptom": symptomOf,
		"exchange": func(s *result.Scenario, f *result.Finding) *shownExchange { return exchangeOf(s, f.Exchange) },
		"scenario": func(f *result.Finding) *result.Scenario { return scenarios[f.Scenario] },
		"maxIDs":   func() int { return maxIDs }, "maxFindings": func() int { return maxFindings }, "maxHeaders": func() int { return maxHeaders },
		"together": Together, "verbatim": func(foreign string) string { return Together(text.Line(foreign)) },
		"promise": func(r *result.Rule) string {
			head := Inline(r.ID) + " " + string(r.Level) + " "
			return head + p.Fit(2, Inline(r.Title), head)
		},
		"body":  func(body string, size int) []string { return block(body, size, maxBody) },
		"again": func(s *result.Scenario, every *result.Rule) string { return Again(run, s, every) },
		"contrast": func(expected, actual string) []string {
			expected, actual = contrast(expected, actual)
			return []string{expected, actual}
		},
		"isMissing": func(f *result.Finding) bool { return f.Path != "" && f.Actual == Missing },
	})}
}

// Failure writes what is wrong: one short line, and the details under it.
func (d Details) Failure(t *Failure) {
	d.Line(0, d.Headline(t))
	d.Block(t)
}

// Block writes the words of the promises, and how one scenario shows that they are broken.
func (d Details) Block(t *Failure) { d.Fill(d.words, "failure", t) }

// Finding writes one expectation with what was expected and what came instead, one under the other.
func (d Details) Finding(f *result.Finding) { d.Fill(d.words, "finding", f) }

// Headline returns the verdict, the promises that are broken, and by what.
func (p *Page) Headline(t *Failure) string {
	label := Mark(t.Verdict) + " " + strings.ToUpper(string(t.Verdict))
	words := fmt.Sprintf("%s (%s) %s", Few(IDs(t.Rules), maxIDs), t.Level, t.Words)
	return p.Bold(p.Verdict(t.Verdict, label)) + " " + p.Bold(p.Fit(0, words, label+" "))
}

// maxIDs is how many promises a line names.
const maxIDs = 8

// IDs returns the ids of rules, in clean text.
func IDs(rules []*result.Rule) []string {
	return group.Map(rules, func(r *result.Rule) string { return Inline(r.ID) })
}

// Cause returns what is wrong in one line: of it all, the end of its words may be missing.
func (p *Page) Cause(t *Failure) string {
	sign, after := Mark(t.Verdict)+" ", ""
	if n := len(t.Scenarios); n > 1 {
		after = fmt.Sprintf(" (%d scenarios)", n)
	}
	head := fmt.Sprintf("%-7s %s: ", t.Level, Few(IDs(t.Rules), 3))
	return p.Verdict(t.Verdict, sign) + head + p.Fit(0, t.Words, sign+head+after) + p.Dim(after)
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
	for _, step := range group.Pointers(s.Steps) {
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

// found is what was found wrong with a scenario, but for what is only worth a warning.
func found(s *result.Scenario) []*result.Finding {
	return group.Where(group.Pointers(s.Findings), func(f *result.Finding) bool { return !f.Warning })
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
	for _, one := range group.Pointers(s.Exchanges) {
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

// others is which other scenarios went wrong by the same cause, those of one rule and file together.
func others(t *Failure) [][]*result.Scenario {
	return group.By(t.Scenarios[min(1, len(t.Scenarios)):], func(s *result.Scenario) [2]string { return [2]string{s.Rule, s.File} })
}

// linesOf names the lines of scenarios, those of repetitions once.
func linesOf(scenarios []*result.Scenario) string {
	repeated := group.By(scenarios, func(s *result.Scenario) int { return s.Line })
	return Few(group.Map(repeated, func(same []*result.Scenario) string { return strconv.Itoa(same[0].Line) }), 8)
}

// breach is what a failure shows of an every-exchange rule.
type breach struct {
	Rule     *result.Rule
	Findings []*result.Finding
}

// newBreach is a failure's findings of one of its rules, which a scenario that shows it shows already.
func newBreach(t *Failure, r *result.Rule) breach {
	return breach{r, group.Where(t.Findings, func(f *result.Finding) bool {
		return t.Scenario() == nil && (f.Rule == r.ID || len(t.Rules) == 1)
	})}
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
