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

// end records the scenario's end: its result, redacted, and what only the whole run needs of it.
func (s *scenario) end(ctx context.Context) {
	r, w := s.run, s.world
	one, breaks, notified := s.result(), s.breaches(), s.notified()
	sent, lost := s.sendings()
	transport, diagnosis := s.explain(ctx, &one)
	warnings := group.Map(w.Warnings, func(text string) string { return fmt.Sprintf("%s %s: %s", one.Rule, one.Name, r.redact(text)) })
	if s.plan.Carrier && (one.Verdict == result.Passed || one.Verdict == result.Failed) {
		unown(&one)
		diagnosis = nil
	}
	s.keep(&one, breaks, len(notified) > 0)
	var trace contract.Trace
	if !w.Observed {
		own, _ := w.States()
		trace = r.Checks.Traces(own.Token, w.Exchanges)
	}
	r.end(s.index, one, func() {
		for _, text := range warnings {
			if before, known := r.warned[text]; !known || s.index < before { // another repetition may have said it
				r.warned[text] = s.index
			}
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
		r.countBroken(one, transport, slices.ContainsFunc(sent, func(s sending) bool { return !s.lost }))
		if w.Observed {
			return // it explains no failure, and one mebibyte, or twenty at once, says nothing of how long a person waits
		}
		for _, e := range w.Exchanges {
			if e.Purpose == exchange.Judged && e.Answer != nil {
				r.latencies = append(r.latencies, e.Duration)
			}
		}
		r.trace.Add(trace)
		if !s.plan.Carrier {
			r.remember(w.Findings, w.Exchanges)
		}
	})
}

// result returns how the scenario ended and what it found, without what was sent and got.
func (s *scenario) result() result.Scenario {
	r, w := s.run, s.world
	one := unrun(s.plan, s.verdict(), "")
	one.Attempts, one.Duration = s.attempts(), result.ToMillis(time.Since(s.started))
	one.Flaky = one.Verdict == result.Passed && one.Attempts > 1
	last := 0 // the line of the last step that was done
	for i, done := range s.lines {
		step := &one.Steps[i]
		last, step.Verdict, step.Duration = step.Line, done.Verdict, done.Duration
		if step.Verdict == result.Observed {
			step.Verdict = result.Passed
		}
	}
	for _, err := range s.retried {
		one.Retried = append(one.Retried, result.Failure{Cause: causeOf(err), Message: r.redact(err.Error())})
	}
	recorder := record.Recorder{Secrets: r.Secrets, Keep: w.Private().Keep}
	for _, f := range w.Findings {
		found := recorder.Finding(f)
		found.Step, found.Warning = last, w.Observed
		one.Findings = append(one.Findings, found)
	}
	for _, o := range w.Observations {
		one.Observed = append(one.Observed, result.Observation(o.Shown(r.redact)))
	}
	return one
}

// explain says why the scenario is not passed. It returns whether that is by what lies between the tool and the target, or a
// source of states, and the diagnosis of a failure.
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
		// Where an answer had begun, the target is there: its other answers may be whole.
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

// unown makes a result that of a scenario whose own promise is not selected.
func unown(one *result.Scenario) {
	one.Verdict, one.Flaky, one.Findings, one.Diagnosis = result.Observed, false, nil, ""
	one.Reason = "it ran for the promises that are judged on every exchange; its own is not selected"
	for i := range one.Steps {
		if one.Steps[i].Verdict == result.Failed {
			one.Steps[i].Verdict = result.Skipped // what it found is not judged
		}
	}
}

// keep records what the scenario sent and got, where somebody may look at it: in a repetition after the first only where it
// ended in a way that no earlier one did. A hundred repetitions of one fault would otherwise be kept a hundred times.
func (s *scenario) keep(one *result.Scenario, breaks, notified bool) {
	alike, isNew := s.alike(one)
	kept := s.plan.Repeat <= 1 || breaks || isNew && one.Verdict != result.Passed && one.Verdict != result.Observed
	if !kept {
		one.Steps, one.Tags = nil, nil
	}
	// What shows nothing wrong may turn out to when a notification comes late.
	wrong := one.Verdict == result.Failed || one.Verdict == result.Broken || notified || breaks
	if !kept || s.run.Unseen || s.run.FailuresOnly && !wrong {
		for i := range one.Findings {
			one.Findings[i].Exchange = -1
		}
		s.run.mutex.Lock()
		defer s.run.mutex.Unlock()
		one.Findings, one.Observed = same(&alike.findings, one.Findings), same(&alike.observed, one.Observed)
		one.Reason, one.Diagnosis = unique.Make(one.Reason).Value(), unique.Make(one.Diagnosis).Value()
		return
	}
	one.States = fresh(s.run.Fresh, s.plan.Needs)
	for _, sent := range s.world.Exchanges {
		recorded := s.recorder(sent).Exchange(sent)
		recorded.Attempt = s.counted(sent.Attempt)
		one.Exchanges = append(one.Exchanges, recorded)
	}
}

// alike is what repetitions of a scenario that ended in one way showed. Those that show the same share it: a thousand
// repetitions of one fault keep one of each text.
type alike struct {
	findings [][]result.Finding
	observed [][]result.Observation
}

// mostWays bounds in how many ways a scenario may end and be kept, and how much of what differs within one is shared.
const mostWays = 5

// alike returns what the repetitions showed that ended as this one, and whether it is the first of them.
func (s *scenario) alike(one *result.Scenario) (_ *alike, isNew bool) {
	way := string(one.Verdict) + " " + string(one.Cause)
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
	ways := s.run.seen[name{s.plan.Key, s.plan.Name}]
	switch {
	case ways[way] != nil:
		return ways[way], false
	case len(ways) == mostWays:
		return &alike{}, false
	case ways == nil:
		ways = map[string]*alike{}
		s.run.seen[name{s.plan.Key, s.plan.Name}] = ways
	}
	ways[way] = &alike{}
	return ways[way], true
}

// same returns what is known where what is given is the same; else that, which is known from then on where not many are.
func same[T comparable](known *[][]T, given []T) []T {
	if at := slices.IndexFunc(*known, func(one []T) bool { return slices.Equal(one, given) }); at >= 0 {
		return (*known)[at]
	}
	given = slices.Clip(given)
	if len(*known) < mostWays {
		*known = append(*known, given)
	}
	return given
}

// counted returns which of the attempts that count one is; 0: none.
func (s *scenario) counted(attempt int) int {
	switch {
	case s.stale == 0 || attempt < s.stale:
		return attempt
	case attempt == s.stale:
		return 0
	}
	return attempt - 1
}

// worldOf returns the world of the attempt that an exchange is of: each has its own states, OTP and token.
func (s *scenario) worldOf(e exchange.Exchange) *steps.World {
	if e.Attempt >= 1 && e.Attempt <= len(s.worlds) {
		return s.worlds[e.Attempt-1]
	}
	return s.world
}

// private returns what an exchange must not echo.
func (s *scenario) private(e exchange.Exchange) contract.Known { return s.worldOf(e).Private() }

// fresh spells the command that makes the states of a scenario once more, and sets the variables that its calls name.
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

// recorder records an exchange, and what was found in it.
func (s *scenario) recorder(e exchange.Exchange) record.Recorder {
	own, other := s.worldOf(e).States()
	return record.Recorder{Secrets: s.run.Secrets, Keep: s.private(e).Keep, Way: s.run.Way, BaseURL: s.run.BaseURL, Own: own, Other: other}
}

// notified returns what each attempt knows of the notification that it awaits.
func (s *scenario) notified() []*steps.Notified {
	var all []*steps.Notified
	for _, w := range s.worlds {
		if w.Notified != nil {
			all = append(all, w.Notified)
		}
	}
	return all
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
