package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unique"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
	"verifik-contract/steps"
)

// end records the scenario's result, redacted, and what the end of the run needs to know.
func (s *scenario) end(ctx context.Context) {
	r, w := s.run, s.world
	one, notified := s.result(), s.notified()
	breaks, broken := s.breaches()
	sent, lost := s.sentPuts()
	transport, diagnosis := s.explain(ctx, &one)
	if s.plan.Carrier && (one.Verdict == result.Passed || one.Verdict == result.Failed) {
		toCarrier(&one)
		diagnosis = nil
	}
	if one.Verdict == result.Failed {
		broken = group.With(broken, one.Rule)
	}
	s.keep(&one, breaks, len(notified) > 0)
	var trace contract.Trace
	if !w.Observed {
		own, _ := w.States()
		trace = r.Checks.Traces(own.Token, w.Exchanges)
	}
	r.end(s.index, one, func() {
		for _, text := range w.Warnings {
			r.warn(s.index, r.redact(text))
		}
		if len(notified) > 0 {
			r.awaited[one.ID] = notified
		}
		if lost > 0 {
			r.lost[s.index] = lost
		}
		if diagnosis != nil {
			r.diagnosed[s.index] = unique.Make(*diagnosis)
		}
		r.sent = append(r.sent, sent...)
		if r.Enough != nil && r.Enough(broken) && r.atEndpoint && r.whole.Stopped == "" {
			r.whole.Stopped = "it had shown enough"
		}
		r.countBroken(one, transport, slices.ContainsFunc(sent, func(s sentPut) bool { return !s.lost }))
		if w.Observed {
			return // it explains no failure, and one MiB, or twenty calls at once, says nothing about how long a person waits
		}
		for _, e := range w.Exchanges {
			if e.Purpose == exchange.Judged && e.Answer != nil {
				r.latencies = append(r.latencies, e.Duration)
			}
		}
		r.trace.Add(trace)
		if !s.plan.Carrier {
			r.noteReported(w.Findings, w.Exchanges)
		}
	})
}

// result returns how the scenario ended and what it found, without its exchanges.
func (s *scenario) result() result.Scenario {
	r, w := s.run, s.world
	one := unrun(s.plan, s.verdict(), "")
	one.Attempts, one.Duration = s.attempts(), result.ToMillis(time.Since(s.started))
	one.Flaky = one.Verdict == result.Passed && one.Attempts > 1
	last := 0 // the line of the last step that was done
	for i, done := range s.ended {
		step := &one.Steps[i]
		last, step.Verdict, step.Duration = step.Line, done.Verdict, done.Duration
		if step.Verdict == result.Observed {
			step.Verdict = result.Passed
		}
	}
	one.Retried = group.Map(s.retried, func(err error) result.Failure {
		return result.Failure{Cause: causeOf(err), Message: r.redact(err.Error())}
	})
	recorder := record.Recorder{Secrets: r.Secrets, Keep: w.Private().Keep}
	for _, f := range w.Findings {
		found := recorder.Finding(f)
		found.Step, found.Warning = last, w.Observed
		one.Findings = append(one.Findings, found)
	}
	one.Observed = group.Map(w.Observations, func(o contract.Observation) result.Observation { return result.Observation(o.Shown(r.redact)) })
	return one
}

// explain sets the reason, cause and diagnosis of a scenario that did not pass. It reports whether the scenario is broken by the
// way to the target or to a source of states, and returns the diagnosis of one that failed.
func (s *scenario) explain(ctx context.Context, one *result.Scenario) (transport bool, _ *contract.Diagnosis) {
	r, w := s.run, s.world
	switch one.Verdict {
	case result.Broken:
		failure := unanswered(s.err)
		one.Cause, one.Reason = causeOf(s.err), r.reason(s.err)
		ended := errors.Is(s.err, context.Canceled) || errors.Is(s.err, context.DeadlineExceeded)
		if ctx.Err() != nil && ended || one.Cause == exchange.CauseInterrupted {
			one.Cause, one.Reason = exchange.CauseInterrupted, "the run was interrupted"
		}
		// If an answer had begun, the target is there, and its other answers may be complete.
		transport = failure != nil && failure.Cause.Transport() && !failure.Begun
	case result.Skipped:
		one.Reason = r.reason(s.err)
	case result.Failed:
		one.Reason = w.Findings[0].Shown(func(text string) string { return r.Secrets.Redact(text, w.Private().Keep...) }).Sentence()
		diagnosis, ok := r.Checks.Diagnose(w.Rule, w.Findings, w.Exchanges)
		if ok {
			one.Diagnosis = r.redact(diagnosis.Text)
		}
		return false, &diagnosis
	}
	return transport, nil
}

// toCarrier changes a result to that of a scenario whose own promise is not selected.
func toCarrier(one *result.Scenario) {
	one.Verdict, one.Flaky, one.Findings, one.Diagnosis = result.Observed, false, nil, ""
	one.Reason = "it ran for the promises that are judged on every exchange; its own is not selected"
	for i := range one.Steps {
		if one.Steps[i].Verdict == result.Failed {
			one.Steps[i].Verdict = result.Skipped // what it found is not judged
		}
	}
}

// keep records the scenario's exchanges if anybody may want to see them. A repetition after the first keeps them only if it ended
// in a new way: a hundred repetitions of one fault would otherwise be kept a hundred times.
func (s *scenario) keep(one *result.Scenario, breaks, notified bool) {
	known, isNew := s.endingOf(one)
	kept := s.plan.Repeat <= 1 || breaks || isNew && one.Verdict != result.Passed && one.Verdict != result.Observed
	if !kept {
		one.Steps, one.Tags = nil, nil
	}
	// A notification that comes late may show something wrong yet.
	wrong := one.Verdict.NeedsAttention() || notified || breaks
	if !kept || s.run.Unseen || s.run.FailuresOnly && !wrong {
		for i := range one.Findings {
			one.Findings[i].Exchange = -1
		}
		s.run.mutex.Lock()
		defer s.run.mutex.Unlock()
		one.Findings, one.Observed = share(&known.findings, one.Findings), share(&known.observed, one.Observed)
		one.Reason, one.Diagnosis = unique.Make(one.Reason).Value(), unique.Make(one.Diagnosis).Value()
		return
	}
	one.States = fresh(s.run.Fresh, s.plan.Needs)
	for _, sent := range s.world.Exchanges {
		recorded := s.recorder(sent).Exchange(sent)
		recorded.Attempt = s.attempt(sent.Attempt)
		one.Exchanges = append(one.Exchanges, recorded)
	}
}

// ending holds what the repetitions of a scenario showed that ended in one way. Repetitions with the same findings share them,
// so that a thousand repetitions of one fault keep each text once.
type ending struct {
	findings [][]result.Finding
	observed [][]result.Observation
}

// maxEndings bounds how many endings of a scenario are told apart, and how many different findings within one are shared.
const maxEndings = 5

// endingOf returns what the repetitions showed that ended as this one did, and whether this is the first of them.
func (s *scenario) endingOf(one *result.Scenario) (_ *ending, isNew bool) {
	key := string(one.Verdict) + " " + string(one.Cause)
	for _, f := range one.Findings {
		key += fmt.Sprintf(" %s %s %s", f.Rule, f.Expectation, f.Path)
	}
	for _, sent := range s.world.Exchanges {
		if sent.Purpose == exchange.Judged && sent.Answer != nil {
			key += " " + strconv.Itoa(sent.Answer.Status)
		}
	}
	s.run.mutex.Lock()
	defer s.run.mutex.Unlock()
	endings := s.run.seen[name{s.plan.Key, s.plan.Name}]
	switch {
	case endings[key] != nil:
		return endings[key], false
	case len(endings) == maxEndings:
		return &ending{}, false
	case endings == nil:
		endings = map[string]*ending{}
		s.run.seen[name{s.plan.Key, s.plan.Name}] = endings
	}
	endings[key] = &ending{}
	return endings[key], true
}

// share returns the known slice that is equal to the given one, or else that one, which becomes known unless there are many.
func share[T comparable](known *[][]T, given []T) []T {
	if i := slices.IndexFunc(*known, func(one []T) bool { return slices.Equal(one, given) }); i >= 0 {
		return (*known)[i]
	}
	given = slices.Clip(given)
	if len(*known) < maxEndings {
		*known = append(*known, given)
	}
	return given
}

// attempt returns the number of an attempt among those that count; 0: it does not count.
func (s *scenario) attempt(attempt int) int {
	switch {
	case s.stale == 0 || attempt < s.stale:
		return attempt
	case attempt == s.stale:
		return 0
	}
	return attempt - 1
}

// worldOf returns the world of the attempt that made an exchange: each attempt has its own states, OTP and token.
func (s *scenario) worldOf(e exchange.Exchange) *steps.World { return s.worlds[e.Attempt-1] }

// private returns what is known of the states of an exchange, which its answer must not echo.
func (s *scenario) private(e exchange.Exchange) contract.Known { return s.worldOf(e).Private() }

// fresh returns the shell command that makes a scenario's states again and sets the variables that its calls use.
func fresh(command string, needs []state.Request) string {
	own, other := "", ""
	for _, need := range needs {
		if need.Beside {
			other = " --other " + curl.Argument(string(need.Name))
			continue
		}
		own = " " + curl.Argument(string(need.Name))
		for _, parameter := range []providerstate.Value{{Name: providerstate.CountryCode, Text: need.CountryCode}, {Name: providerstate.PhoneGateway, Text: need.PhoneGateway}} {
			if parameter.Text != "" {
				own += " --param " + curl.Argument(parameter.Name+"="+parameter.Text)
			}
		}
		if need.Notified() {
			own += ` --param webhookUrl="$WEBHOOK_URL"`
		}
	}
	if command == "" || own == "" {
		return ""
	}
	return `eval "$(` + command + own + other + `)"`
}

// recorder returns the recorder of an exchange and of the findings in it.
func (s *scenario) recorder(e exchange.Exchange) record.Recorder {
	own, other := s.worldOf(e).States()
	return record.Recorder{Secrets: s.run.Secrets, Keep: s.private(e).Keep, Way: s.run.Way, BaseURL: s.run.BaseURL, Own: own, Other: other}
}

// notified returns what each attempt knows of the notification that it awaits.
func (s *scenario) notified() []*steps.Notified {
	notified := group.Map(s.worlds, func(w *steps.World) *steps.Notified { return w.Notified })
	return slices.DeleteFunc(notified, func(n *steps.Notified) bool { return n == nil })
}

// maxReason is the longest reason of a scenario, in characters: an error may quote what somebody sent.
const maxReason = 1000

func (r *run) reason(err error) string {
	text := []rune(r.redact(err.Error()))
	if len(text) > maxReason {
		return string(text[:maxReason]) + "..."
	}
	return string(text)
}

func (r *run) redact(text string) string { return r.Secrets.Redact(text) }
