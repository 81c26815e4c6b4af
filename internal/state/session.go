package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

// Session holds the states of one scenario from its start to its end. It is not safe for concurrent use.
type Session struct {
	Allowance // of OTP messages for making a state again

	maker *Maker
	Assignment
	phones []env.Phone // for each need; the zero Phone if no pool serves it
	made   []bool      // for each need: whether it has been made
	undo   []func(context.Context)
	record func(exchange.Exchange)
	free   func() // gives the phones back, once: others may hold them later
}

// Begin starts a scenario. It waits until all phones that the scenario needs are free; the error is the context's. record
// is called with every set-up call, in the goroutine that calls Make, Reset or End; it may be nil.
func (m *Maker) Begin(ctx context.Context, a Assignment, record func(exchange.Exchange)) (*Session, error) {
	if record == nil {
		record = func(exchange.Exchange) {}
	}
	a.picks = slices.Clone(a.picks) // a retry may take another record
	phones, err := m.pool.take(ctx, wanted(a.picks, a.start))
	if err != nil {
		return nil, err
	}
	free := sync.OnceFunc(func() { m.pool.give(phones) })
	return &Session{maker: m, Assignment: a, phones: phones, record: record, made: make([]bool, len(phones)), free: free}, nil
}

// Make makes one of the scenario's states. The provider is to send notifications to webhookURL; "" means nowhere. The
// error is *Skip, *NotMade or the context's.
func (s *Session) Make(ctx context.Context, need int, webhookURL string) (providerstate.Values, error) {
	if err := ctx.Err(); err != nil {
		return providerstate.Values{}, err
	}
	chosen := &s.picks[need]
	if chosen.Notified() && webhookURL == "" {
		return providerstate.Values{}, &Skip{Reason: "the environment receives no notifications; add a webhook block"}
	}
	if s.made[need] {
		again, refusal := chosen.source.assign(s.planner, chosen.Request, slices.Delete(slices.Clone(s.picks), need, need+1))
		if refusal != nil {
			return providerstate.Values{}, &NotMade{State: chosen.Name, Reason: "the prepared record is used up; " + refusal.Reason}
		}
		chosen.prepared = again.prepared
	}
	s.made[need] = true
	return s.makeUsable(ctx, task{pick: *chosen, webhookURL: webhookURL, phone: s.phones[need], secrets: s.maker.secrets, record: s.record})
}

// TearDown undoes states that an earlier process made, as End does. The error is *Skip if the source cannot undo
// states, *NotMade or the context's.
func (m *Maker) TearDown(ctx context.Context, a Assignment, webhookURL string) error {
	for _, one := range a.picks {
		from, handler := one.source.(*pact)
		if !handler || !from.declared.Teardown {
			return &Skip{Reason: one.source.title() + " cannot undo states", Advice: `A states "pact" block with teardown = true does.`}
		}
		t := task{pick: one, webhookURL: webhookURL, secrets: m.secrets, record: func(exchange.Exchange) {}}
		if err := from.tearDown(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// makeUsable makes a state. It makes it again if its OTP begins with a zero and, once, if a connection was lost that the
// server may have closed as idle.
func (s *Session) makeUsable(ctx context.Context, t task) (values providerstate.Values, err error) {
	t.fresh = s.Allowance != nil && t.cost.Messages > 0
	seen, _ := s.maker.lengths.LoadOrStore(t.source, &lengths{})
	for again := 0; ; again++ {
		s.maker.messages.Add(int64(t.cost.Messages))
		d, undo, err := t.source.make(ctx, t)
		if undo != nil {
			s.undo = append(s.undo, undo)
		}
		if err == nil {
			values, err = validate(d, t.Request, t.webhookURL)
		}
		notMade, isNotMade := errors.AsType[*NotMade](err)
		zero := isNotMade && notMade.leadingZero || err == nil && seen.(*lengths).short(d, again == maxRemakes)
		switch {
		case isNotMade && notMade.stale() && !t.fresh && s.Allows(t.cost.Messages):
			t.fresh = true
			again--
		case !zero || again == maxRemakes || !s.Allows(t.cost.Messages):
			if isNotMade {
				notMade.State = t.Name
			}
			if isNotMade && zero {
				notMade.Reason += fmt.Sprintf("; it was made %d times", again+1)
			}
			return values, err
		}
	}
}

// Renewable reports whether all states can be made once more without a person's help and without using up a prepared
// record or a message of a limited number.
func (s *Session) Renewable() bool {
	return !slices.ContainsFunc(s.picks, func(one pick) bool { return one.once || s.Allowance != nil && one.cost.Messages > 0 })
}

// Pooled reports whether the scenario holds a phone of a pool.
func (s *Session) Pooled() bool {
	return slices.ContainsFunc(s.phones, func(phone env.Phone) bool { return phone != env.Phone{} })
}

// Reset prepares another attempt of the scenario: it tears down what was made, if the environment asks for that, so that
// Make makes everything anew. A failed teardown is recorded but is no error; the error is the context's.
func (s *Session) Reset(ctx context.Context) error {
	for i := len(s.undo) - 1; i >= 0 && ctx.Err() == nil; i-- {
		s.undo[i](ctx)
	}
	s.undo = nil
	return ctx.Err()
}

// teardown is how long End may take.
const teardown = 5 * time.Second

// End tears down as Reset does, even if ctx has ended, and frees the phones. It may be called twice.
func (s *Session) End(ctx context.Context) error {
	defer s.free()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardown)
	defer cancel()
	return s.Reset(ctx)
}
