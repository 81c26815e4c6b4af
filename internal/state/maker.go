package state

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
)

// Options are what a Maker needs besides the environment. Planning needs only the secrets.
type Options struct {
	Target    *transport.Client                                          // calls the set-up API, with the target's headers, TLS, proxy and rate
	Control   *transport.Client                                          // calls provider-state handlers and OTP inboxes
	TargetURL string                                                     // the target's base URL, for a set-up API without one
	Secrets   *secret.Set                                                // gets every token and OTP before the exchange that brought it is recorded
	Prompt    func(ctx context.Context, question string) (string, error) // asks a person until ctx ends; nil: nobody is there
	Now       func() time.Time                                           // nil: time.Now
	Wait      func(ctx context.Context, d time.Duration) error           // waits for d, or until ctx ends and then returns its error; nil: a timer
}

// Maker makes provider states for the scenarios of one run. It is safe for concurrent use.
type Maker struct {
	sources []source
	pool    *pool
	lengths sync.Map // of each source: *lengths
	secrets *secret.Set

	messages atomic.Int64
}

// Messages returns how many OTP messages, at most, have been sent for the states made so far.
func (m *Maker) Messages() int { return int(m.messages.Load()) }

// source makes states.
type source interface {
	title() string      // its name in a sentence
	has(env.Phone) bool // whether a phone is in its pool or prepared records
	// assign chooses what one of a scenario's needs is made with, beside those of the others, and reserves a prepared record. The
	// refusal says why the need cannot be met.
	assign(p *Planner, request Request, others []pick) (pick, *Skip)
	// make makes a state and returns its values and a function that undoes it, nil if nothing does. The error is *Skip,
	// *NotMade (whose State the caller sets) or the context's.
	make(context.Context, task) (decoded, func(context.Context), error)
}

// task is one state to be made.
type task struct {
	pick
	webhookURL string    // "": none
	phone      env.Phone // of the pool, held by the scenario; zero where the source has no pool
	fresh      bool      // use new connections only
	secrets    *secret.Set
	record     func(exchange.Exchange)
}

// post makes one call, passes the answer to read whatever its status, and records it once read has found its secrets. read
// reports whether the answer has the expected form; if not, everything in it that looks like a secret is treated as one. The
// error, which begins with who, is *NotMade if there was no answer or no success, or else the context's.
func (t task) post(ctx context.Context, client *transport.Client, who string, call transport.Call, body any, read func([]byte) bool) (exchange.Exchange, error) {
	call.Purpose, call.Method, call.Body, call.Fresh = exchange.SetUp, http.MethodPost, []byte(text.Value(body)), t.fresh
	e := client.Do(ctx, call)
	if e.Answer == nil {
		e.Unread = true
		t.record(e)
		if err := ctx.Err(); err != nil {
			return e, err
		}
		return e, notMadeAfter(e, who+" did not answer: "+t.failure(e))
	}
	succeeded := e.Answer.Succeeded()
	if !read(e.Answer.Body) || !succeeded {
		e.Unread = true
		t.secrets.Add(scan(e.Answer.Body)...)
	}
	t.record(e)
	if !succeeded {
		return e, notMadeAfter(e, fmt.Sprintf("%s answered %d%s", who, e.Answer.Status, t.quoted(e.Answer.Body)))
	}
	return e, nil
}

func notMadeAfter(exchange exchange.Exchange, reason string) *NotMade {
	return &NotMade{Reason: reason, Exchange: &exchange}
}

// New prepares the sources of an environment and checks them without sending anything. The Maker must not be used
// if the problems have errors.
func New(declared []env.States, o Options) (*Maker, problem.List) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = transport.Wait
	}
	m := &Maker{secrets: o.Secrets, pool: newPool()}
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
	return m, problems
}

// Limit returns how many scenarios can have states at once, as each holds a phone of the pool; 0 means no limit.
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

// Taken reports whether a phone number is in a pool or in the prepared records.
func (m *Maker) Taken(countryCode, phone string) bool {
	wanted := env.Phone{CountryCode: countryCode, Number: strings.ReplaceAll(phone, " ", "")}
	return slices.ContainsFunc(m.sources, func(from source) bool { return from.has(wanted) })
}
