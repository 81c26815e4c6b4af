package report

import (
	"fmt"
	"slices"
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
	p.block(run, t)
}

// headline is the verdict, the promises that are broken, and by what.
func (p *page) headline(t trouble) string {
	label := mark(t.verdict) + " " + strings.ToUpper(string(t.verdict))
	words := fmt.Sprintf("%s (%s) %s", few(ids(t.rules), maxIDs), t.level, t.words)
	return p.bold(p.verdict(t.verdict, label)) + " " + p.bold(p.fit(0, words, label+" "))
}

// maxIDs is how many promises a line names.
const maxIDs = 8

func ids(rules []*result.Rule) []string {
	all := make([]string, 0, len(rules))
	for _, r := range rules {
		all = append(all, inline(r.ID))
	}
	return all
}

// cause is what is wrong in one line: of it all, the end of its words may be missing.
func (p *page) cause(t trouble) string {
	sign, after := mark(t.verdict)+" ", ""
	if n := len(t.scenarios()); n > 1 {
		after = fmt.Sprintf(" (%d scenarios)", n)
	}
	named := 3
	if p.width > 0 && p.width < 80 {
		named = 1
		after = strings.Replace(strings.TrimSuffix(after, " scenarios)"), "(", "×", 1)
	}
	head := fmt.Sprintf("%-7s %s: ", t.level, few(ids(t.rules), named))
	return p.verdict(t.verdict, sign) + head + p.fit(0, t.words, sign+head+after) + p.dim(after)
}

// block writes the words of the promises, and how one scenario shows that they are broken.
func (p *page) block(run *result.Run, t trouble) {
	for i, r := range t.rules {
		if i == maxIDs {
			p.linef(2, "… and %s", count(len(t.rules)-i, "more promise"))
			break
		}
		if r.Title != "" {
			head := inline(r.ID) + " " + string(r.Level) + " "
			p.line(2, head+p.fit(2, inline(r.Title), head))
		}
	}
	if t.scenario != nil {
		p.details(t.scenario)
		p.rerun(run, t.scenario, nil)
	}
	for _, r := range t.rules {
		if r.EveryExchange {
			p.breach(run, r, t.of(r), t.scenario == nil)
		}
	}
	p.others(t)
}

// of is the findings of an every-exchange rule.
func (t *trouble) of(r *result.Rule) []*result.Finding {
	var own []*result.Finding
	for _, f := range t.findings {
		if f.Rule == r.ID || len(t.rules) == 1 {
			own = append(own, f)
		}
	}
	return own
}

// details writes where a scenario stands and what was found.
func (p *page) details(s *result.Scenario) {
	p.linef(2, "%s %s", p.cyan("-->"), place(s.File, s.Line))
	p.prose(6, "scenario: "+inline(s.Name))
	if step := stepOf(s); step != nil {
		text := "step: " + inline(strings.TrimSpace(step.Keyword)+" "+step.Text)
		if step.Line > 0 {
			text += fmt.Sprintf(" (line %d)", step.Line)
		}
		p.prose(6, text)
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
	if f.Path != "" && f.Actual == missing {
		p.line(4, p.cyan(inline(f.Path))+" is "+p.red(missing))
		if f.Expected != "" {
			p.line(4, "expected: "+p.green(inline(f.Expected)))
		}
		return
	}
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

// contrast shortens two long texts that begin alike: their beginning, and the place where they begin to differ.
func contrast(expected, actual string) (string, string) {
	const keep, long = 20, 80
	same := 0
	for same < len(expected) && same < len(actual) && expected[same] == actual[same] {
		same++
	}
	if same < 3*keep || len(expected) < long && len(actual) < long {
		return inline(expected), inline(actual)
	}
	head, from := keep, same-keep
	for head > 0 && !utf8.RuneStart(expected[head]) {
		head--
	}
	for from > head && !utf8.RuneStart(expected[from]) {
		from--
	}
	beginning := inline(expected[:head]) + "…"
	return beginning + inline(expected[from:]), beginning + inline(actual[from:])
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
	if command := again(run, s, every); command != "" {
		p.line(2, p.bold("run it again:"))
		p.line(4, text.Line(command))
	}
}

// again is the command that runs a scenario again, as it came; "": it is not known.
func again(run *result.Run, s *result.Scenario, every *result.Rule) string {
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
	p.linef(2, "%s by the same cause:", count(len(t.others), "more scenario"))
	type key struct{ rule, file string }
	var order []key
	lines := map[key][]string{}
	for _, s := range t.others {
		k := key{s.Rule, s.File}
		if lines[k] == nil {
			order = append(order, k)
		}
		if n := fmt.Sprint(s.Line); !slices.Contains(lines[k], n) { // a repetition
			lines[k] = append(lines[k], n)
		}
	}
	for i, k := range order {
		if i == maxIDs {
			p.linef(4, "… and of %s", count(len(order)-i, "more promise"))
			break
		}
		p.prose(4, inline(k.rule)+" "+inline(k.file)+":"+few(lines[k], 8))
	}
}

// breaches writes what the exchanges showed that broke an every-exchange rule.
func (p *page) breaches(run *result.Run, r *result.Rule) {
	var all []*result.Finding
	for i := range r.Findings {
		all = append(all, &r.Findings[i])
	}
	p.breach(run, r, all, true)
}

// breach writes some of the findings of an every-exchange rule; whole: with the exchange that showed the first.
func (p *page) breach(run *result.Run, r *result.Rule, findings []*result.Finding, whole bool) {
	p.linef(2, "%s %s", p.cyan("-->"), place(r.File, r.Line))
	p.prose(2, breachLine(r))
	if !whole {
		return
	}
	scenarios := scenariosByID(run)
	for i, f := range findings {
		if i == maxFindings {
			p.linef(2, "… and %d more findings", len(findings)-i)
			break
		}
		if i == 0 || symptomOf(f) != symptomOf(findings[i-1]) {
			p.finding(f)
		}
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
