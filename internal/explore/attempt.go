package explore

import (
	"context"
	"errors"
	"fmt"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// errLeftOut says that no more such states can be made: the messages or the prepared records are used up.
var errLeftOut = errors.New("no such state can be made any more")

// outcome is the result of one trial.
type outcome struct {
	trial    trial
	exchange exchange.Exchange // the last; its answer may be missing, or one that cannot be judged
	values   providerstate.Values
	breaches []breach
}

// unanswered reports whether no answer came that could be judged.
func (o outcome) unanswered() bool { return contract.Unanswered(o.exchange) != nil }

// breachLike returns the outcome's breach of the same property and rule as another; the zero breach if there is none.
func (o outcome) breachLike(other breach) breach {
	return group.First(o.breaches, func(b breach) bool { return b.Property == other.Property && b.Rule == other.Rule })
}

// attempts is how often a request is tried, each time with a fresh state, if the state cannot be made, no answer comes or it is
// 429, 502, 503 or 504: a rate limiter, a gateway or a restart says nothing about the request.
const attempts = 3

// attempt sends a trial with a fresh state and judges the answer. It tries again if none comes that can be judged. The error
// is errLeftOut, goneError or the context's.
func (s *search) attempt(ctx context.Context, t trial) (outcome, error) {
	for n := 1; ; n++ {
		o, err := s.sendOnce(ctx, t, n > 1)
		var notMade *state.NotMade
		wait := o.exchange.RetryAfter()
		switch {
		case errors.As(err, &notMade):
			if n == attempts {
				return o, goneError("no more provider states can be made: " + notMade.Error())
			}
		case err != nil || !o.unanswered() || n == attempts || wait > exchange.LongestRetryAfter:
			return o, err
		default:
			s.report.Resent++
		}
		if err := s.o.Client.Pause(ctx, n, wait); err != nil {
			return o, err
		}
	}
}

// sendOnce sends a trial once with a fresh state, over a new connection if fresh is set. The error is that of makeState or the
// context's.
func (s *search) sendOnce(ctx context.Context, t trial, fresh bool) (outcome, error) {
	o := outcome{trial: t}
	values, end, err := s.makeState(ctx, t.state)
	if err != nil {
		return o, err
	}
	defer end()
	o.values = values
	d := t.draft(values, s.o.States.Taken)
	s.o.Secrets.Add(values.OTP, values.WrongOTP, values.Token)
	if values.OTP != "" { // otherwise what is derived comes from a made-up OTP
		s.o.Secrets.Add(d.derived...)
	}
	endpoint := s.o.Checks.Endpoint()
	o.exchange = s.o.Client.Do(ctx, transport.Call{
		Purpose: exchange.Judged, Label: "explore", Method: endpoint.Method, URL: s.o.BaseURL + endpoint.Path, Header: d.header, Body: []byte(d.body()), Fresh: fresh,
	})
	s.report.Requests++
	if s.o.Sent != nil {
		s.o.Sent(s.o.Checks.Judging(o.exchange, private(values)))
	}
	switch {
	case ctx.Err() != nil:
		return o, ctx.Err()
	case o.exchange.Answer != nil:
		s.unanswered = nil
	case s.unanswered == nil:
		s.unanswered = &t
	}
	if o.breaches = unansweredBreach(o.exchange); !o.unanswered() {
		o.breaches = s.breaches(o.exchange, d.header, values)
	}
	return o, nil
}

// makeState makes a fresh state, which end releases. The error is errLeftOut, goneError, *state.NotMade or the context's.
func (s *search) makeState(ctx context.Context, name providerstate.Name) (values providerstate.Values, end func(), err error) {
	needs := []state.Request{{Name: name}}
	assignment, cost, refusal := s.planner.Reserve(needs)
	if refusal != nil || !s.o.Allowance.Allows(cost.Messages) {
		return values, nil, errLeftOut
	}
	session, err := s.o.States.Begin(ctx, assignment, nil)
	if err != nil {
		return values, nil, err
	}
	session.Allowance = s.o.Allowance
	end = func() { _ = session.End(ctx) } // a teardown may fail
	if values, err = session.Make(ctx, 0, ""); err != nil {
		end()
		if state.IsSkip(err) {
			err = goneError(fmt.Sprintf("no more provider states can be made: %q could not be made: %s", name, err))
		}
	}
	return values, end, err
}
