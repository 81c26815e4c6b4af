package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

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

// Block writes the words of the promises, and how one scenario shows that they are broken.
func (p *Page) Block(run *result.Run, t Failure) {
	for _, r := range t.Rules[:min(len(t.Rules), maxIDs)] {
		if r.Title != "" {
			head := Inline(r.ID) + " " + string(r.Level) + " "
			p.Line(2, head+p.Fit(2, Inline(r.Title), head))
		}
	}
	p.More(2, "… and %s", len(t.Rules)-maxIDs, "more promise")
	s := t.Scenario()
	if s != nil {
		p.details(s)
		p.rerun(run, s, nil)
	}
	for _, r := range t.Rules {
		if r.OnExchanges() {
			p.breach(run, r, t.of(r), s == nil)
		}
	}
	p.others(t)
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

// details writes where a scenario stands and what was found.
func (p *Page) details(s *result.Scenario) {
	p.Linef(2, "%s %s", p.cyan("-->"), Place(s.File, s.Line))
	p.Prose(6, "scenario: "+Inline(s.Name))
	if step := StepOf(s); step != nil {
		text := "step: " + Inline(strings.TrimSpace(step.Keyword)+" "+step.Text)
		if step.Line > 0 {
			text += fmt.Sprintf(" (line %d)", step.Line)
		}
		p.Prose(6, text)
	}
	shown, left := 0, 0
	for i := range s.Findings {
		switch {
		case s.Findings[i].Warning:
		case shown == maxFindings:
			left++
		default:
			shown++
			p.Finding(&s.Findings[i])
		}
	}
	p.More(2, "… and %s in this scenario", left, "more finding")
	if shown == 0 && s.Reason != "" {
		p.Prose(2, reasonLabel(s)+Inline(s.Reason))
	}
	if s.Diagnosis != "" {
		p.Prose(2, p.Bold("diagnosis:")+" "+Inline(s.Diagnosis))
	}
	if e := exchangeOf(s); e != nil {
		p.exchange(s, e)
	}
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
func (p *Page) Finding(f *result.Finding) {
	p.Prose(2, "expectation: "+Inline(f.Expectation))
	if f.Path != "" && f.Actual == Missing {
		p.Line(4, p.cyan(Inline(f.Path))+" is "+p.red(Missing))
		if f.Expected != "" {
			p.Line(4, "expected: "+p.Green(Inline(f.Expected)))
		}
		return
	}
	if f.Path != "" {
		p.Line(4, "at        "+p.cyan(Inline(f.Path)))
	}
	expected, actual := contrast(f.Expected, f.Actual)
	if expected != "" {
		p.Line(4, "expected: "+p.Green(expected))
	}
	if actual != "" {
		p.Line(4, "actual:   "+p.red(actual))
	}
}

// contrast shortens two long texts that begin alike: their beginning, and the place where they begin to differ.
func contrast(expected, actual string) (string, string) {
	const keep, long = 20, 80
	same := 0
	for same < len(expected) && same < len(actual) && expected[same] == actual[same] {
		same++
	}
	if same < 3*keep || len(expected) < long && len(actual) < long {
		return Inline(expected), Inline(actual)
	}
	head, from := keep, same-keep
	for head > 0 && !utf8.RuneStart(expected[head]) {
		head--
	}
	for from > head && !utf8.RuneStart(expected[from]) {
		from--
	}
	beginning := Inline(expected[:head]) + "…"
	return beginning + Inline(expected[from:]), beginning + Inline(actual[from:])
}

// exchange writes a request of a scenario, what came back, and the commands that repeat it.
func (p *Page) exchange(s *result.Scenario, e *result.Exchange) {
	attempt := ""
	if e.Attempt > 1 {
		attempt = fmt.Sprintf(" (attempt %d)", e.Attempt)
	}
	p.Line(2, p.Bold("request:")+" "+Inline(e.Request.Method)+" "+Inline(e.Request.URL)+attempt)
	p.message(e.Request.Headers, e.Request.Body, e.Request.Size)
	switch {
	case e.Answer != nil:
		p.Line(2, p.Bold("answer:")+" "+answerLine(e))
		p.message(e.Answer.Headers, e.Answer.Body, e.Answer.Size)
	case e.Failure != nil:
		p.Prose(2, p.Bold("no answer")+" after "+Span(e.Duration)+": "+Inline(e.Failure.Cause)+": "+Inline(e.Failure.Message))
	default:
		p.Line(2, p.Bold("no answer")+" after "+Span(e.Duration))
	}
	if e.TraceID != "" {
		p.Line(2, p.Bold("trace id:")+" "+Inline(e.TraceID))
	}
	if e.Curl == "" {
		return
	}
	if s.States != "" {
		p.Line(2, p.Bold("a fresh state for it:"))
		p.Line(4, text.Line(s.States))
	}
	p.Line(2, p.Bold("repeat it:"))
	for _, sent := range leadingTo(s, e) {
		for _, l := range command(sent.Curl) {
			p.Line(4, l)
		}
	}
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

// rerun writes the command that runs a scenario again; every is the every-exchange rule that it is run for, if any.
func (p *Page) rerun(run *result.Run, s *result.Scenario, every *result.Rule) {
	if command := Again(run, s, every); command != "" {
		p.Line(2, p.Bold("run it again:"))
		p.Line(4, text.Line(command))
	}
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

func answerLine(e *result.Exchange) string {
	text := fmt.Sprintf("%d in %s", e.Answer.Status, Span(e.Duration))
	if e.Answer.Proto != "" {
		text += " over " + Inline(e.Answer.Proto)
	}
	if e.Answer.TooLong {
		text += ", longer than is read"
	}
	return text
}

// message writes headers and a body, each line behind a bar: a body that looks like a report, or like a command
// to a build server, is seen to be none.
func (p *Page) message(headers map[string][]string, body string, size int) {
	for i, h := range Headers(headers) {
		if i == maxHeaders {
			p.Line(4, p.Dim(fmt.Sprintf("| … and %d more", len(Headers(headers))-i)))
			break
		}
		p.Line(4, p.Dim("| "+Cut(h.Name, 80)+": "+Cut(h.Value, 200)))
	}
	if body == "" {
		return
	}
	if len(headers) > 0 {
		p.Line(4, p.Dim("|"))
	}
	for _, l := range block(body, size, maxBody) {
		p.Line(4, p.Dim("| ")+l)
	}
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
	for i, l := range lines {
		lines[i] = text.Line(l)
	}
	return lines
}

// others writes which other scenarios went wrong by the same cause.
func (p *Page) others(t Failure) {
	if len(t.Scenarios) < 2 {
		return
	}
	p.Linef(2, "%s by the same cause:", text.Count(len(t.Scenarios)-1, "more scenario"))
	groups := group.By(t.Scenarios[1:], func(s *result.Scenario) [2]string { return [2]string{s.Rule, s.File} })
	for _, scenarios := range groups[:min(len(groups), maxIDs)] {
		var lines []string
		for _, s := range scenarios {
			if n := fmt.Sprint(s.Line); !slices.Contains(lines, n) { // a repetition
				lines = append(lines, n)
			}
		}
		p.Prose(4, Inline(scenarios[0].Rule)+" "+Inline(scenarios[0].File)+":"+Few(lines, 8))
	}
	p.More(4, "… and of %s", len(groups)-maxIDs, "more promise")
}

// breaches writes what the exchanges showed that broke an every-exchange rule.
func (p *Page) breaches(run *result.Run, r *result.Rule) {
	var all []*result.Finding
	for i := range r.Findings {
		all = append(all, &r.Findings[i])
	}
	p.breach(run, r, all, true)
}

// breach writes some of the findings of an every-exchange rule; whole: with the exchange that showed the first.
func (p *Page) breach(run *result.Run, r *result.Rule, findings []*result.Finding, whole bool) {
	p.Linef(2, "%s %s", p.cyan("-->"), Place(r.File, r.Line))
	p.Prose(2, BreachLine(r))
	if !whole {
		return
	}
	scenarios := scenariosByID(run)
	for i, f := range findings[:min(len(findings), maxFindings)] {
		if i == 0 || symptomOf(f) != symptomOf(findings[i-1]) {
			p.Finding(f)
		}
		s := scenarios[f.Scenario]
		if s == nil {
			continue
		}
		p.Prose(4, "shown by  "+strings.TrimSpace(Place(s.File, s.Line)+" "+Inline(s.Name)))
		if e := exchangeAt(s, f.Exchange); e != nil && i == 0 {
			p.exchange(s, e)
			p.rerun(run, s, r)
		}
	}
	p.More(2, "… and %s", len(findings)-maxFindings, "more finding")
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
