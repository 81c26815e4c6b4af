package state

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
)

// Options are what a Maker needs beside the environment. For planning alone, the secrets are enough.
type Options struct {
	Target    *transport.Client                                          // the target's own: set-up API, with its headers, TLS, proxy and rate
	Control   *transport.Client                                          // a plain one: provider-state handlers and OTP inboxes
	TargetURL string                                                     // base URL of the target, for a set-up API that names none
	Secrets   *secret.Set                                                // learns every token and OTP before the exchange that brought it is recorded
	Prompt    func(ctx context.Context, question string) (string, error) // asks a person until ctx ends, while all others wait for it; nil: nobody is there
	Now       func() time.Time                                           // nil: time.Now
	Wait      func(ctx context.Context, d time.Duration) error           // waits that long, or until ctx ends and then returns its error; nil: a timer
}

// Maker makes provider states for the scenarios of one run. It is safe for concurrent use.
type Maker struct {
	sources []source
	pool    *pool
	lengths map[source]*lengths
	secrets *secret.Set

	messages atomic.Int64
}

// Messages returns how many OTP messages the states that were made so far caused, at most.
func (m *Maker) Messages() int { return int(m.messages.Load()) }

// source is where states come from.
type source interface {
	title() string      // what a person calls it
	has(env.Phone) bool // it is one of its pool, or of its prepared records
	// assign finds what it takes to make one of a scenario's needs beside what the others take, and reserves a prepared record; the
	// refusal says why it cannot be made.
	assign(p *Planner, request Request, others []pick) (pick, *Skip)
	// make yields a state, and what undoes it, nil where nothing does. The error is *Skip, *Unmade (whose State
	// the caller sets) or the context's.
	make(context.Context, task) (decoded, func(context.Context), error)
}

// task is one state to be made.
type task struct {
	pick
	webhookURL string    // "": none
	phone      env.Phone // verifik: the phone that the scenario holds
	fresh      bool      // no call goes over a connection that was used before
	secrets    *secret.Set
	record     func(exchange.Exchange)
}

// post makes one call, lets read look at the answer, whatever its status, and records it: its secrets are known by then. read
// reports whether the answer is as it should be; where it is not, all that looks like a secret in it is taken for one. The
// error, which begins with who was called, is *Unmade where there was no answer or no success, or the context's.
func (t task) post(ctx context.Context, client *transport.Client, who string, call transport.Call, body any, read func([]byte) bool) (exchange.Exchange, error) {
	call.Purpose, call.Method, call.Body, call.Fresh = exchange.SetUp, http.MethodPost, []byte(text.Value(body)), t.fresh
	e := client.Do(ctx, call)
	if e.Answer == nil {
		e.Unread = true
		t.record(e)
		if err := ctx.Err(); err != nil {
			return e, err
		}
		return e, unmade(e, who+" did not answer: "+t.failure(e))
	}
	succeeded := e.Answer.Succeeded()
	if !read(e.Answer.Body) || !succeeded {
		e.Unread = true
		t.secrets.Add(scan(e.Answer.Body)...)
	}
	t.record(e)
	if !succeeded {
		return e, unmade(e, fmt.Sprintf("%s answered %d%s", who, e.Answer.Status, t.quoted(e.Answer.Body)))
	}
	return e, nil
}

func unmade(exchange exchange.Exchange, reason string) *Unmade {
	return &Unmade{Reason: reason, Exchange: &exchange}
}

// New prepares the sources of an environment and finds what is wrong with them before anything is sent. The Maker
// is not to be used where the problems have errors.
func New(declared []env.States, o Options) (*Maker, problem.List) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = transport.Wait
	}
	m := &Maker{secrets: o.Secrets, pool: newPool(), lengths: map[source]*lengths{}}
	var problems problem.List
	for _, states := range declared {
		switch {
		case states.Pact != nil:
			m.sources = append(m.sources, newPact(*states.Pact, o))
		case states.Verifik != nil:
			m.sources = append(m.sources, newVerifik(*states.Verifik, o, &problems))
		case states.Static != nil:
			m.sources = append(m.sources, newStatic(*states.Static, o.Secrets, &problems))
		}
	}
	for _, from := range m.sources {
		m.lengths[from] = &lengths{}
	}
	return m, problems
}

// Limit returns how many scenarios at once can have their states: each holds a phone of the pool. 0 is no bound.
func (m *Maker) Limit() int {
	phones := map[env.Phone]bool{}
	for _, one := range m.sources {
		v, pooled := one.(*verifik)
		if !pooled {
			return 0
		}
		for _, phone := range v.declared.Phones {
			phones[phone] = true
		}
	}
	return len(phones)
}

// Taken reports whether a phone under a country code is one of a pool or of the prepared records.
func (m *Maker) Taken(countryCode, phone string) bool {
	wanted := env.Phone{CountryCode: countryCode, Number: strings.ReplaceAll(phone, " ", "")}
	return slices.ContainsFunc(m.sources, func(from source) bool { return from.has(wanted) })
}
