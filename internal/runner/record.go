package runner

import (
	"context"
	"errors"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/steps"
)

// ended makes the scenario's result, redacted.
func (s *scenario) ended(ctx context.Context) ended {
	r, w := s.run, s.world
	one := identity(s.plan)
	one.Verdict, one.Attempts, one.Duration = s.verdict(), w.Attempt, result.ToMillis(r.Now().Sub(s.started))
	private, repeat := s.private(), s.repeaters()
	e := ended{every: make([]everyOutcome, len(r.sought)), notified: s.notified()}
	breaches := 0
	for i, rule := range r.sought {
		if !rule.Applies(s.plan.Rule, w.Observed) {
			continue
		}
		for at, exchange := range w.Exchanges {
			findings, judged := rule.Judge(exchange, private(exchange))
			if !judged {
				continue
			}
			e.every[i].judged++
			if len(findings) == 0 {
				continue
			}
			e.every[i].breaches++
			breaches++
			for _, f := range findings {
				f.Exchange = at
				e.every[i].findings = append(e.every[i].findings, r.finding(f, s.plan.ID, 0, private(exchange).Keep))
			}
		}
	}
	for _, exchange := range w.Exchanges {
		if exchange.Purpose == contract.Judged && exchange.Answer != nil {
			e.answered = e.answered || contract.Unanswered(exchange) == nil
			if w.Observed {
				continue // one mebibyte, or twenty at once, says nothing of how long a person waits; and it never fails a run
			}
			r.mutex.Lock()
			r.latencies = append(r.latencies, exchange.Duration)
			r.mutex.Unlock()
		}
	}
	switch one.Verdict {
	case result.Broken:
		cause, source := s.cause(ctx), unanswered(s.err)
		// Where an answer had begun, the target is there: its other answers may be whole.
		e.transport = cause.Transport() && !begun(s.err) || source != nil && source.Cause.Transport() && !source.Begun
		one.Cause, one.Reason = string(cause), r.Secrets.Redact(s.err.Error())
		if cause == contract.CauseInterrupted {
			one.Reason = "the run was interrupted"
		}
	case result.Skipped:
		one.Reason = r.Secrets.Redact(s.err.Error())
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
		one.Observed = append(one.Observed, result.Observation{Label: o.Label, Status: o.Status, Code: r.Secrets.Redact(o.Code), Shape: r.Secrets.Redact(o.Shape), Note: r.Secrets.Redact(o.Note)})
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
	seenBefore := s.plan.Repeat > 1 && (one.Verdict == result.Passed || one.Verdict == result.Observed)
	if !seenBefore || breaches > 0 {
		for _, exchange := range w.Exchanges {
			one.Exchanges = append(one.Exchanges, r.exchange(exchange, private(exchange), repeat(exchange)))
		}
	} else {
		one.Steps, one.Tags = nil, nil
	}
	e.scenario = one
	return e
}

// private tells what an exchange must not echo: each attempt has its own OTP and token.
func (s *scenario) private() func(contract.Exchange) contract.Private {
	attempts := make([]contract.Private, 0, len(s.earlier)+1)
	for _, w := range s.earlier {
		attempts = append(attempts, w.Private())
	}
	attempts = append(attempts, s.world.Private())
	return func(e contract.Exchange) contract.Private { return attempts[max(1, min(e.Attempt, len(attempts)))-1] }
}

// repeaters spells an exchange's command: each attempt has its own states.
func (s *scenario) repeaters() func(contract.Exchange) repeater {
	worlds := append(slices.Clone(s.earlier), s.world)
	return func(e contract.Exchange) repeater {
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
		one.Reason = s.run.Secrets.Redact(f.Sentence(), w.Private().Keep...)
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
	return result.Finding{
		Rule: f.Rule, Expectation: f.Expectation, Path: r.Secrets.Redact(f.Path, keep...), Expected: r.Secrets.Redact(f.Expected, keep...), Actual: r.Secrets.Redact(f.Actual, keep...),
		Scenario: scenario, Exchange: f.Exchange, Step: step, Warning: f.Warning, Leak: f.Leak,
	}
}

// moment is a time as results write it: UTC, to the millisecond.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (r *run) exchange(e contract.Exchange, p contract.Private, repeat repeater) result.Exchange {
	keep := p.Keep
	one := result.Exchange{
		Purpose: string(e.Purpose), Label: e.Label, Attempt: e.Attempt,
		Request: result.Request{Method: e.Request.Method, URL: r.Secrets.Redact(e.Request.URL, keep...), Headers: r.headers(e.Request.Header, keep)},
		Started: moment(e.Started), Duration: result.ToMillis(e.Duration), TraceID: e.TraceID,
	}
	one.Request.Body, one.Request.Size = r.body(e.Request.Body, keep)
	if a := e.Answer; a != nil {
		one.Answer = &result.Answer{Status: a.Status, Proto: a.Proto, Headers: r.headers(a.Header, keep), TooLong: a.TooLong}
		one.Answer.Body, one.Answer.Size = r.body(a.Body, keep)
	}
	if f := e.Failure; f != nil {
		one.Failure = &result.Failure{Cause: string(f.Cause), Message: r.Secrets.Redact(f.Message, keep...)}
	}
	if e.Purpose != contract.SetUp {
		one.Curl = repeat.command(e, keep)
	}
	return one
}

// hidden is the headers whose values are secret whatever they are.
var hidden = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

func (r *run) headers(h textproto.MIMEHeader, keep []string) map[string][]string {
	if len(h) == 0 {
		return nil
	}
	all := make(map[string][]string, len(h))
	for name, values := range h {
		shown := make([]string, len(values))
		for i, v := range values {
			if secretHeader(name) {
				shown[i] = hide(v)
			} else {
				shown[i] = r.Secrets.Redact(v, keep...)
			}
		}
		all[r.Secrets.Redact(name, keep...)] = shown
	}
	return all
}

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

// keptBody is how many bytes of a body a result keeps.
const keptBody = 16 << 10

// body redacts before it cuts, so that no half of a secret stays. size is 0 where the whole body is shown.
func (r *run) body(b []byte, keep []string) (text string, size int) {
	text = r.text(b, keep...)
	if len(text) > keptBody {
		return strings.ToValidUTF8(text[:keptBody], ""), len(b)
	}
	return text, 0
}

func (r *run) text(b []byte, keep ...string) string {
	return strings.ToValidUTF8(r.Secrets.Redact(string(b), keep...), "\ufffd")
}

// begun tells whether the answer that was missing had begun to come.
func begun(err error) bool {
	var broken *steps.Broken
	return errors.As(err, &broken) && broken.Begun
}
