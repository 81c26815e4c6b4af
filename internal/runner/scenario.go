package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cucumber/godog"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
	"verifik-contract/steps"
)

// scenario is a scenario in progress, over all its attempts.
type scenario struct {
	run     *run
	gate    *gate
	held    int // places of the gate that it occupies
	index   int
	plan    plan.Scenario
	world   *steps.World
	worlds  []*steps.World // of all attempts; the last one is world
	session *state.Session
	every   []everyFound     // by the run's everyRules
	decoded *exchange.Answer // the last one whose body was decoded
	ended   []result.Step    // verdicts and durations of the steps that have ended
	err     error            // why it could not be judged
	retried []error          // why each earlier attempt could not be
	stale   int              // the attempt that lost a reused connection and does not count; 0: none
	started time.Time
}

func (r *run) start(i int, gate *gate, held int) *scenario {
	s := &scenario{run: r, gate: gate, held: held, index: i, plan: r.Plan.Scenarios[i], every: make([]everyFound, len(r.everyRules)), started: time.Now()}
	s.begin(1, nil)
	if r.Began != nil {
		r.Began(s.plan)
	}
	return s
}

// begin starts an attempt with a new world, which has no provider state yet.
func (s *scenario) begin(attempt int, exchanges []exchange.Exchange) {
	r := s.run
	s.world = &steps.World{
		ID: s.plan.ID, Rule: s.plan.Rule, Observed: s.plan.Level == string(result.Observe), Attempt: attempt,
		Fresh:  attempt > 1,
		Checks: r.Checks, Client: r.Client, BaseURL: r.BaseURL, Session: s.session, Taken: r.States.Taken,
		Webhook: r.Webhook, Wait: r.Wait, Patience: r.Patience, Settle: r.Settle, Aside: s.stepAside, Secrets: r.Secrets, Tokens: &r.tokens, Judge: s.judge, Exchanges: exchanges,
	}
	s.world.Start()
	s.worlds = append(s.worlds, s.world)
}

// stepAside waits without a place of the gate. A scenario that holds phones of a pool keeps its place: whoever waits for one of
// them has a place too.
func (s *scenario) stepAside(wait func()) {
	s.dropDecoded() // many scenarios may wait at once
	if s.session == nil || !s.session.Pooled() {
		s.gate.leave(s.held)
		s.held = 1
		defer s.gate.take(s.held)
	}
	wait()
}

// errFound makes godog skip the steps after one that found a breach: anything they found would follow from that.
var errFound = errors.New("the expectation does not hold")

// step does the next step. If it is broken by what another attempt may not meet, it starts the scenario again.
func (s *scenario) step(ctx context.Context) error {
	started := time.Now()
	at := len(s.ended)
	err := s.do(ctx, at)
	for {
		switch {
		case s.lostIdle(err):
			s.stale = s.world.Attempt
			err = s.nextAttempt(ctx)
		case s.retryable(err) && s.attempts() <= s.run.Plan.Target.Retries && s.run.allowance.Allows(s.plan.Cost.Messages):
			why := err
			if err = s.retry(ctx); err == nil {
				s.retried = append(s.retried, why)
			}
		default:
			return s.endStep(at, started, err)
		}
		if err == nil {
			at, err = s.replay(ctx)
		}
	}
}

// endStep records how a step ended, and returns the error that godog needs.
func (s *scenario) endStep(at int, started time.Time, err error) error {
	s.err = err
	// A new attempt may end at an earlier step than the one before.
	s.ended = append(s.ended[:at], result.Step{Verdict: s.verdict(), Duration: result.ToMillis(time.Since(started))})
	switch {
	case s.breached():
		return errFound
	case state.IsSkip(err):
		return godog.ErrSkip
	}
	return err
}

// attempts returns how many attempts count so far.
func (s *scenario) attempts() int { return s.world.Attempt - min(s.stale, 1) }

// do does one step of one attempt. A panic is the tool's own failure and breaks only this scenario.
func (s *scenario) do(ctx context.Context, at int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &exchange.Failure{Cause: exchange.CauseInternal, Message: fmt.Sprintf("the tool failed in %q: %v", s.plan.Steps[at].Text, p)}
		}
	}()
	if s.session == nil {
		session, err := s.run.States.Begin(ctx, s.plan.Assignment, func(e exchange.Exchange) {
			e.Attempt = s.world.Attempt
			s.world.Exchanges = append(s.world.Exchanges, e)
		})
		if err != nil {
			return err
		}
		session.Allowance = s.run.allowance
		s.session, s.world.Session = session, session
		s.world.Fresh = s.world.Fresh || !session.Renewable()
	}
	meaning := s.plan.Meanings[at]
	return meaning.Step.Do(ctx, s.world, meaning.Args)
}

// judge judges an exchange by the every-exchange rules. Its answer stays decoded for the steps that follow, in place of the
// last one.
func (s *scenario) judge(at int) {
	w := s.world
	e := w.Exchanges[at]
	s.dropDecoded()
	s.decoded = e.Answer
	s.run.judgeSlots <- struct{}{}
	defer func() { <-s.run.judgeSlots }()
	if e.Answer != nil {
		s.run.countAnswer(s.plan.Rule, s.run.Checks.Foreign(e), e.Answer.Flaws)
	}
	judging := s.run.Checks.Judging(e, s.private(e))
	if s.run.Sent != nil {
		s.run.Sent(judging)
	}
	for i, rule := range s.run.everyRules {
		findings, judged := rule.Judge(judging)
		if !judged {
			continue
		}
		found := &s.every[i]
		found.judged++
		for _, f := range findings {
			if f.Leak { // reported even if no answer of the run is the endpoint's
				s.run.countAnswer(s.plan.Rule, "", nil)
			}
			f.Exchange = at
			found.findings = append(found.findings, f)
		}
	}
}

// dropDecoded drops the decoded form of the last answer if it is large. The end of the run decodes it once more.
func (s *scenario) dropDecoded() {
	const large = 16 << 10
	if s.decoded != nil && len(s.decoded.Body) > large {
		s.decoded.Decoded = nil
	}
}

// retry waits and begins the next attempt with a new state: a PUT that may have been processed is never repeated with the
// same one.
func (s *scenario) retry(ctx context.Context) error {
	var retryAfter time.Duration
	if n := len(s.world.Exchanges); n > 0 {
		retryAfter = s.world.Exchanges[n-1].RetryAfter()
	}
	if err := s.run.Client.Pause(ctx, s.world.Attempt, retryAfter); err != nil {
		return err
	}
	return s.nextAttempt(ctx)
}

// lostIdle reports whether a reused connection was lost that the server may have closed as idle. Once in a scenario that is not
// worth telling.
func (s *scenario) lostIdle(err error) bool {
	failure, ok := errors.AsType[*exchange.Failure](err)
	return ok && failure.Stale && s.stale == 0 && !s.breached()
}

// nextAttempt begins the next attempt.
func (s *scenario) nextAttempt(ctx context.Context) error {
	s.world.End()
	if s.session != nil {
		if err := s.session.Reset(ctx); err != nil {
			return err
		}
	}
	s.begin(s.world.Attempt+1, s.world.Exchanges)
	return nil
}

// replay does the steps again up to the one that asked for another attempt, and returns the last that it did.
func (s *scenario) replay(ctx context.Context) (last int, err error) {
	for last = range len(s.ended) + 1 {
		if err = s.do(ctx, last); err != nil || s.breached() {
			break
		}
	}
	return last, err
}

// retryable reports whether another attempt makes sense: no answer came, or one of a gateway or a rate limit.
func (s *scenario) retryable(err error) bool {
	if err == nil || s.world.Observed || s.breached() {
		return false
	}
	if n := len(s.world.Exchanges); n > 0 && s.world.Exchanges[n-1].RetryAfter() > exchange.LongestRetryAfter {
		return false
	}
	failure := unanswered(err)
	return failure != nil && failure.Cause != exchange.CauseInternal && failure.Cause != exchange.CauseInterrupted
}

// unanswered returns why the target, or the source of a state, gave no answer that can be judged; nil: that is not the problem.
func unanswered(err error) *exchange.Failure {
	if notMade, ok := errors.AsType[*state.NotMade](err); ok && notMade.Exchange != nil {
		return contract.Unanswered(*notMade.Exchange)
	}
	failure, _ := errors.AsType[*exchange.Failure](err)
	return failure
}

// breached reports whether a promise is broken, which it cannot be where the documentation is silent.
func (s *scenario) breached() bool {
	return !s.world.Observed && len(s.world.Findings) > 0
}

// verdict returns the verdict after the last step that was done.
func (s *scenario) verdict() result.Verdict {
	switch {
	case s.breached():
		return result.Failed
	case state.IsSkip(s.err):
		return result.Skipped
	case s.err != nil:
		return result.Broken
	case s.world.Observed:
		return result.Observed
	}
	return result.Passed
}

// causeOf returns why nothing could be judged.
func causeOf(err error) exchange.Cause {
	if _, ok := errors.AsType[*state.NotMade](err); ok {
		return exchange.CauseState
	}
	if failure := unanswered(err); failure != nil {
		return failure.Cause
	}
	return exchange.CauseInternal
}

// finish ends the scenario and records its result.
func (s *scenario) finish(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil { // a panic in a hook of godog would end the process without a report
			one := unrun(s.plan, result.Broken, s.run.Secrets.Redact(fmt.Sprintf("the tool failed when the scenario ended: %v", p)))
			one.Cause = exchange.CauseInternal
			s.run.end(s.index, one, func() {})
		}
	}()
	s.world.End()
	if s.session != nil {
		if err := s.session.End(ctx); err != nil {
			s.world.Warnings = append(s.world.Warnings, "the states could not be torn down: "+err.Error())
		}
	}
	s.dropDecoded()
	s.end(ctx)
	s.world, s.worlds, s.session = nil, nil, nil // godog keeps the scenario's context until the suite ends
}
