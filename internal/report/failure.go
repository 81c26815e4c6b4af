package report

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"verifik-contract/internal/curl"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxFindings is how many findings of one scenario, or of one every-exchange rule, are shown.
const maxFindings = 5

// trouble writes what is wrong: one short line, and the details under it.
func (p *page) trouble(run *result.Run, t trouble) {
	p.line(0, p.headline(t))
	if t.scenario == nil {
		p.breaches(run, t.rule)
		return
	}
	p.details(t.scenario)
	p.rerun(run, t.scenario, nil)
	p.others(t)
}

// headline is the verdict, the rule and its words.
func (p *page) headline(t trouble) string {
	label := mark(t.verdict) + " " + strings.ToUpper(string(t.verdict))
	words := fmt.Sprintf("%s (%s)", inline(t.rule.ID), t.rule.Level)
	if t.rule.Title != "" {
		words += " " + inline(t.rule.Title)
	}
	return p.bold(p.verdict(t.verdict, label)) + " " + p.bold(p.fit(0, words, label+" "))
}

// details writes where a scenario stands and what was found.
func (p *page) details(s *result.Scenario) {
	line, step := s.Line, stepOf(s)
	if step != nil {
		line = step.Line
	}
	p.linef(2, "%s %s", p.cyan("-->"), place(s.File, line))
	p.prose(6, "scenario: "+inline(s.Name))
	if step != nil {
		p.prose(6, "step: "+inline(strings.TrimSpace(step.Keyword)+" "+step.Text))
	}
	shown, left := 0, 0
	for i := range s.Findings {
		switch {
		case s.Findings[i].Warning:
		case shown == maxFindings:
			left++
		default:
			shown++
			p.finding(&s.Findings[i])
		}
	}
	if left > 0 {
		p.linef(2, "… and %d more findings in this scenario", left)
	}
	if shown == 0 && s.Reason != "" {
		p.prose(2, reasonLabel(s)+inline(s.Reason))
	}
	if s.Diagnosis != "" {
		p.prose(2, p.bold("diagnosis:")+" "+inline(s.Diagnosis))
	}
	if e := exchangeOf(s); e != nil {
		p.exchange(e)
	}
}

func reasonLabel(s *result.Scenario) string {
	if s.Verdict != result.Broken {
		return "reason: "
	}
	if s.Cause != "" {
		return "could not be judged (" + inline(s.Cause) + "): "
	}
	return "could not be judged: "
}

// stepOf is the step that found what is wrong; nil: not known.
func stepOf(s *result.Scenario) *result.Step {
	line := 0
	if f := firstFinding(s); f != nil {
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

func place(file string, line int) string {
	if line == 0 {
		return inline(file)
	}
	return fmt.Sprintf("%s:%d", inline(file), line)
}

// finding writes one expectation with what was expected and what came instead, one under the other.
func (p *page) finding(f *result.Finding) {
	p.prose(2, "expectation: "+inline(f.Expectation))
	if f.Path != "" {
		p.line(4, "at        "+p.cyan(inline(f.Path)))
	}
	expected, actual := contrast(f.Expected, f.Actual)
	if expected != "" {
		p.line(4, "expected: "+p.green(expected))
	}
	if actual != "" {
		p.line(4, "actual:   "+p.red(actual))
	}
}

// contrast shortens two long texts that begin alike to where they begin to differ.
func contrast(expected, actual string) (string, string) {
	const keep, long = 20, 80
	same := 0
	for same < len(expected) && same < len(actual) && expected[same] == actual[same] {
		same++
	}
	if same < 3*keep || len(expected) < long && len(actual) < long {
		return inline(expected), inline(actual)
	}
	from := same - keep
	for from > 0 && !utf8.RuneStart(expected[from]) {
		from--
	}
	return "…" + inline(expected[from:]), "…" + inline(actual[from:])
}

// exchange writes a request, what came back, and the command that repeats it.
func (p *page) exchange(e *result.Exchange) {
	attempt := ""
	if e.Attempt > 1 {
		attempt = fmt.Sprintf(" (attempt %d)", e.Attempt)
	}
	p.line(2, p.bold("request:")+" "+inline(e.Request.Method)+" "+inline(e.Request.URL)+attempt)
	p.message(e.Request.Headers, e.Request.Body, e.Request.Size)
	switch {
	case e.Answer != nil:
		p.line(2, p.bold("answer:")+" "+answerLine(e))
		p.message(e.Answer.Headers, e.Answer.Body, e.Answer.Size)
	case e.Failure != nil:
		p.prose(2, p.bold("no answer")+" after "+span(e.Duration)+": "+inline(e.Failure.Cause)+": "+inline(e.Failure.Message))
	default:
		p.line(2, p.bold("no answer")+" after "+span(e.Duration))
	}
	if e.TraceID != "" {
		p.line(2, p.bold("trace id:")+" "+inline(e.TraceID))
	}
	if e.Curl == "" {
		return
	}
	p.line(2, p.bold("repeat it:"))
	for _, l := range command(e.Curl) {
		p.line(4, l)
	}
}

// rerun writes the command that runs a scenario again; every is the every-exchange rule that it is run for, if any.
func (p *page) rerun(run *result.Run, s *result.Scenario, every *result.Rule) {
	if run.Again == "" || s.File == "" || s.Line == 0 {
		return
	}
	command := run.Again + " " + curl.Argument(fmt.Sprintf("%s:%d", s.File, s.Line))
	if every != nil {
		command += " " + curl.Argument(fmt.Sprintf("%s:%d", every.File, every.Line))
	}
	p.line(2, p.bold("run it again:"))
	p.line(4, text.Line(command))
}

func answerLine(e *result.Exchange) string {
	text := fmt.Sprintf("%d in %s", e.Answer.Status, span(e.Duration))
	if e.Answer.Proto != "" {
		text += " over " + inline(e.Answer.Proto)
	}
	if e.Answer.TooLong {
		text += ", longer than is read"
	}
	return text
}

// message writes headers and a body, each line behind a bar: a body that looks like a report, or like a command
// to a build server, is seen to be none.
func (p *page) message(headers map[string][]string, body string, size int) {
	names := headerNames(headers)
	for _, name := range names[:min(len(names), maxHeaders)] {
		for _, value := range headers[name] {
			p.line(4, p.dim("| "+cut(name, 80)+": "+cut(value, 200)))
		}
	}
	if len(names) > maxHeaders {
		p.line(4, p.dim(fmt.Sprintf("| … and %d more", len(names)-maxHeaders)))
	}
	if body == "" {
		return
	}
	if len(headers) > 0 {
		p.line(4, p.dim("|"))
	}
	for _, l := range block(body, size, maxBody) {
		p.line(4, p.dim("| ")+l)
	}
}

// maxHeaders is how many headers of a message are shown.
const maxHeaders = 40

func headerNames(headers map[string][]string) []string {
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
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
func (p *page) others(t trouble) {
	if len(t.others) == 0 {
		return
	}
	var places []string
	for _, s := range t.others {
		places = append(places, inline(s.Rule)+" "+place(s.File, s.Line))
	}
	p.prose(2, fmt.Sprintf("%s by the same cause: %s", count(len(t.others), "more scenario"), few(places, 6)))
}

// breaches writes what the exchanges showed that broke an every-exchange rule.
func (p *page) breaches(run *result.Run, r *result.Rule) {
	p.linef(2, "%s %s", p.cyan("-->"), place(r.File, r.Line))
	p.prose(2, breachLine(r))
	scenarios := scenariosByID(run)
	for i := range r.Findings {
		if i == maxFindings {
			p.linef(2, "… and %d more findings", len(r.Findings)-i)
			break
		}
		f := &r.Findings[i]
		p.finding(f)
		s := scenarios[f.Scenario]
		if s == nil {
			continue
		}
		p.prose(4, "shown by  "+place(s.File, s.Line)+" "+inline(s.Name))
		if e := exchangeAt(s, f.Exchange); e != nil && i == 0 {
			p.exchange(e)
			p.rerun(run, s, r)
		}
	}
}

func scenariosByID(run *result.Run) map[string]*result.Scenario {
	scenarios := make(map[string]*result.Scenario, len(run.Scenarios))
	for i := range run.Scenarios {
		scenarios[run.Scenarios[i].ID] = &run.Scenarios[i]
	}
	return scenarios
}

// breachLine is how many exchanges broke an every-exchange rule, in a line.
func breachLine(r *result.Rule) string {
	if r.Breaches > 0 && r.Judged > 0 {
		return fmt.Sprintf("broken by %d of %s", r.Breaches, count(r.Judged, "exchange"))
	}
	if r.Breaches > 0 {
		return "broken by " + count(r.Breaches, "exchange")
	}
	return "reason: " + inline(r.Reason)
}
