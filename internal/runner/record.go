package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/steps"
)

// ended makes the scenario's result, redacted.
func (s *scenario) ended(ctx context.Context) ended {
	r, w := s.run, s.world
	one := identity(s.plan)
	one.Verdict, one.Attempts, one.Duration = s.verdict(), w.Attempt, result.ToMillis(r.Now().Sub(s.started))
	for _, err := range s.retried {
		one.Retried = append(one.Retried, result.Failure{Cause: string(causeOf(err)), Message: r.Secrets.Redact(err.Error())})
	}
	repeat := s.repeaters()
	e := ended{every: make([]everyOutcome, len(r.sought)), notified: s.notified()}
	for i, found := range s.every {
		untold := slices.DeleteFunc(found.findings, func(f contract.Finding) bool { return r.sought[i].Told(f, w.Findings) })
		e.every[i].judged, e.every[i].breaches = found.judged, answers(untold)
		if r.breached[i] >= shownFindings {
			continue // earlier repetitions have shown as many as are shown
		}
		for _, f := range untold {
			e.every[i].findings = append(e.every[i].findings, r.finding(f, s.plan.ID, 0, s.private(w.Exchanges[f.Exchange]).Keep))
		}
	}
	for _, sent := range w.Exchanges {
		if sent.Purpose == exchange.Judged && sent.Answer != nil {
			e.answered = e.answered || contract.Unanswered(sent) == nil
			if w.Observed {
				continue // one mebibyte, or twenty at once, says nothing of how long a person waits; and it never fails a run
			}
			r.mutex.Lock()
			r.latencies = append(r.latencies, sent.Duration)
			r.mutex.Unlock()
		}
	}
	switch one.Verdict {
	case result.Broken:
		cause, source := s.cause(ctx), unanswered(s.err)
		// Where an answer had begun, the target is there: its other answers may be whole.
		e.transport = cause.Transport() && !begun(s.err) || source != nil && source.Cause.Transport() && !source.Begun
		one.Cause, one.Reason = string(cause), r.reason(s.err)
		if cause == exchange.CauseInterrupted {
			one.Reason = "the run was interrupted"
		}
	case result.Skipped:
		one.Reason = r.reason(s.err)
	case result.Passed:
		one.Flaky = w.Attempt > 1
	case result.Failed:
		s.explain(&one, &e)
	}
	for _, f := range w.Findings {
		f.Warning = f.Warning || w.Observed
		one.Findings = append(one.Findings, r.finding(f, "", s.line(len(s.lines)-1), w.Private().Keep))
	}
	for _, o := range w.Observations {
		o = o.Shown(r.redact)
		one.Observed = append(one.Observed, result.Observation{Label: o.Label, Status: o.Status, Code: o.Code, Shape: o.Shape, Note: o.Note})
	}
	for _, text := range w.Warnings {
		e.warnings = append(e.warnings, r.Secrets.Redact(text))
	}
	one.Steps = s.steps()
	if s.plan.Carrier && (one.Verdict == result.Passed || one.Verdict == result.Failed) {
		one.Verdict, one.Flaky, one.Findings, one.Diagnosis, e.diagnosis = result.Observed, false, nil, "", nil
		one.Reason = "it ran for the promises that are judged on every exchange; its own is not selected"
		for i := range one.Steps {
			if one.Steps[i].Verdict == result.Failed {
				one.Steps[i].Verdict = result.Skipped // what it found is not judged
			}
		}
	}
	if !r.Unshown && s.tells(&one, &e) {
		for _, sent := range w.Exchanges {
			one.Exchanges = append(one.Exchanges, r.exchange(sent, s.private(sent), repeat(sent)))
		}
	} else {
		one.Steps, one.Tags = nil, nil
		for i := range one.Findings {
			one.Findings[i].Exchange = -1
		}
	}
	if !w.Observed {
		own, _ := w.States()
		e.trace = contract.Traces(own.Token, w.Exchanges)
	}
	e.sent, e.lost = s.sendings()
	e.scenario = one
	return e
}

// answers returns how many answers the findings are about.
func answers(findings []contract.Finding) int {
	about := map[int]bool{}
	for _, f := range findings {
		about[f.Exchange] = true
	}
	return len(about)
}

// tells reports whether what a scenario sent and got is worth keeping: in a repetition after the first only where it
// ended in a way that no earlier one did. A hundred repetitions of one fault would otherwise be kept a hundred times.
func (s *scenario) tells(one *result.Scenario, e *ended) bool {
	way := string(one.Verdict) + " " + one.Cause
	for _, f := range one.Findings {
		way += fmt.Sprintf(" %s %s %s", f.Rule, f.Expectation, f.Path)
	}
	for _, sent := range s.world.Exchanges {
		if sent.Purpose == exchange.Judged && sent.Answer != nil {
			way += " " + strconv.Itoa(sent.Answer.Status)
		}
	}
	s.run.mutex.Lock()
	defer s.run.mutex.Unlock()
	scenario := name{s.plan.Key, s.plan.Name}
	ways := s.run.shown[scenario]
	isNew := len(ways) < mostWays && !slices.Contains(ways, way)
	if isNew {
		s.run.shown[scenario] = append(ways, way)
	}
	switch {
	case s.plan.Repeat <= 1 || slices.ContainsFunc(e.every, func(found everyOutcome) bool { return len(found.findings) > 0 }):
		return true
	case one.Verdict == result.Passed || one.Verdict == result.Observed:
		return false
	}
	return isNew
}

// mostWays bounds in how many ways a scenario may end and be kept.
const mostWays = 5

// private is what an exchange must not echo: each attempt has its own OTP and token.
func (s *scenario) private(e exchange.Exchange) contract.Private {
	w := s.world
	if e.Attempt >= 1 && e.Attempt <= len(s.earlier) {
		w = s.earlier[e.Attempt-1]
	}
	return w.Private()
}

// repeaters spells an exchange's command: each attempt has its own states.
func (s *scenario) repeaters() func(exchange.Exchange) repeater {
	worlds := append(slices.Clone(s.earlier), s.world)
	return func(e exchange.Exchange) repeater {
		own, other := worlds[max(1, min(e.Attempt, len(worlds)))-1].States()
		return repeater{secrets: s.run.Secrets, way: s.run.Way, own: own, other: other}
	}
}

// notified is what each attempt knows of the notification that it awaits.
func (s *scenario) notified() []*notified {
	var all []*notified
	for _, w := range s.earlier {
		if w.Notified != nil {
			all = append(all, w.Notified)
		}
	}
	if s.world.Notified != nil {
		all = append(all, s.world.Notified)
	}
	return all
}

// explain says in a line what the first finding is, and why it may be so.
func (s *scenario) explain(one *result.Scenario, e *ended) {
	w := s.world
	for _, f := range w.Findings {
		if f.Warning {
			continue
		}
		one.Reason = f.Shown(func(text string) string { return s.run.Secrets.Redact(text, w.Private().Keep...) }).Sentence()
		break
	}
	diagnosis, ok := contract.Diagnose(w.Rule, w.Findings, w.Exchanges)
	if ok {
		one.Diagnosis = s.run.Secrets.Redact(diagnosis.Text)
	}
	e.diagnosis = &diagnosis
}

func (s *scenario) steps() []result.Step {
	all := make([]result.Step, 0, len(s.plan.Steps))
	for i, step := range s.plan.Steps {
		one := result.Step{Keyword: step.Keyword, Text: step.Text, Line: step.Line, Verdict: result.Skipped}
		if i < len(s.lines) {
			one.Verdict, one.Duration = s.lines[i].Verdict, s.lines[i].Duration
			if one.Verdict == result.Observed {
				one.Verdict = result.Passed
			}
		}
		all = append(all, one)
	}
	return all
}

// line is the line of a step in its file.
func (s *scenario) line(i int) int {
	if i < 0 || i >= len(s.plan.Steps) {
		return 0
	}
	return s.plan.Steps[i].Line
}

func (r *run) finding(f contract.Finding, scenario string, step int, keep []string) result.Finding {
	f = f.Shown(func(text string) string { return r.Secrets.Redact(text, keep...) })
	return result.Finding{
		Rule: f.Rule, Expectation: f.Expectation, Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		Scenario: scenario, Exchange: f.Exchange, Step: step, Warning: f.Warning, Leak: f.Leak,
	}
}

// moment is a time as results write it: UTC, to the millisecond.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (r *run) exchange(e exchange.Exchange, p contract.Private, repeat repeater) result.Exchange {
	keep := p.Keep
	redact := func(text string) string { return r.Secrets.Redact(text, keep...) }
	one := result.Exchange{
		Purpose: string(e.Purpose), Label: e.Label, Attempt: e.Attempt,
		Request: result.Request{Method: e.Request.Method, URL: redact(e.Request.URL)},
		Started: moment(e.Started), Duration: result.ToMillis(e.Duration), TraceID: e.TraceID,
	}
	one.Request.Headers, _ = headers(e.Request.Header, redact) // they are the tool's and the environment's own
	body := func(text []byte) string { return r.Secrets.RedactBody(text, keep...) }
	one.Request.Body, one.Request.Size = shownBody(e.Request.Body, body, false)
	if e.Unread {
		redact = func(text string) string { return r.Secrets.RedactFrom(text, keep...) }
		body = func(text []byte) string { return r.Secrets.RedactBodyFrom(text, keep...) }
	}
	if a := e.Answer; a != nil {
		one.Answer = &result.Answer{Status: a.Status, Proto: a.Proto, TooLong: a.TooLong}
		one.Answer.Headers, one.Answer.HeadersLeftOut = headers(a.Header, redact)
		one.Answer.Body, one.Answer.Size = shownBody(a.Body, body, a.TooLong)
	}
	if f := e.Failure; f != nil {
		one.Failure = &result.Failure{Cause: string(f.Cause), Message: contract.Clip(redact(f.Message))}
	}
	if e.Purpose != exchange.SetUp {
		one.Curl = repeat.command(e, keep)
	}
	return one
}

// hidden is the headers whose values are secret whatever they are.
var hidden = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// headers redacts headers and keeps as many bytes of them as of a body, what says how to read the answer first. left is
// how many values are left out.
func headers(h textproto.MIMEHeader, redact func(string) string) (all map[string][]string, left int) {
	if len(h) == 0 {
		return nil, 0
	}
	all = make(map[string][]string, min(len(h), 64))
	size := 0
	add := func(name string, values []string) {
		redacted := redact(name)
		for _, v := range values {
			if size >= keptBody {
				left++
				continue
			}
			switch {
			case secretHeader(name):
				v = hide(v)
			case !contract.Counted(name, v):
				v = redact(v)
			}
			if room := max(keptBody-size, 0); len(v) > room {
				v = strings.ToValidUTF8(v[:room], "") + fmt.Sprintf("... (%d bytes)", len(v))
			}
			size += len(redacted) + len(v) + fieldCost
			all[redacted] = append(all[redacted], v)
		}
	}
	for _, name := range foremost {
		if values, there := h[name]; there {
			add(name, values)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !slices.Contains(foremost, name) {
			add(name, h[name])
		}
	}
	return all, left
}

// fieldCost is what a header's value costs beside its texts, as HTTP/2 counts it: ten thousand of one letter are much to write
// down.
const fieldCost = 32

// foremost is the headers without which an exchange is not understood.
var foremost = []string{"Authorization", "Content-Type", "Content-Encoding", "Content-Length", "Date", "Location", "Retry-After", "Age", "Via"}

func secretHeader(name string) bool {
	return slices.Contains(hidden, textproto.CanonicalMIMEHeaderKey(name))
}

// hide keeps the scheme of a credential: whether it was a bearer is worth knowing.
func hide(v string) string {
	if scheme, _, found := strings.Cut(v, " "); found && (scheme == "Bearer" || scheme == "Basic") {
		return scheme + " " + secret.Redacted
	}
	return secret.Redacted
}

// keptBody is how many bytes of a body, and of an answer's headers, a result keeps.
const keptBody = 16 << 10

// shownBody redacts a body and then cuts it: the other way round half of a secret would stay. size is 0 where the whole
// body is shown.
func shownBody(body []byte, redact func([]byte) string, tooLong bool) (text string, size int) {
	text, whole := secret.Beginning(body, keptBody, tooLong, redact)
	if text = strings.ToValidUTF8(text, "\ufffd"); whole && len(text) <= keptBody {
		return text, 0
	}
	return strings.ToValidUTF8(text[:min(len(text), keptBody)], ""), len(body)
}

// mostReason is how long the reason of a scenario is at most, in characters: an error may quote what somebody sent.
const mostReason = 1000

func (r *run) reason(err error) string {
	text := []rune(r.redact(err.Error()))
	if len(text) > mostReason {
		return string(text[:mostReason]) + "..."
	}
	return string(text)
}

func (r *run) redact(text string) string { return r.Secrets.Redact(text) }

// begun tells whether the answer that was missing had begun to come.
func begun(err error) bool {
	var broken *steps.Broken
	return errors.As(err, &broken) && broken.Begun
}
