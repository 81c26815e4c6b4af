// Package explore searches for requests that break the contract beyond the written scenarios. It makes requests
// from the documented one, breaks them on purpose, sends each against a fresh provider state, and judges the answer
// by what holds of every answer (see contract.Property, Answered and StillAnswers). What breaks it is shrunk to the
// smallest request that still does.
//
// The search is seeded: case n of a seed is the same request on every machine, up to what the fresh state yields (the
// right OTP, the right phone). A case is made by choices, numbers that a seed draws. What is shrunk is the choices and
// not the request, so that no kind of request needs a shrinker of its own. It is done here, in a page, because the
// libraries that do it are made for tests: they bring the testing package, flags and files into the tool.
//
// The parts: choices.go, draft.go and the generate files make requests, attempt.go sends them, contract.Judge judges the
// answers, search.go, shrink.go and regression.go follow up what is suspicious, report.go is what comes out.
package explore

import (
	"context"
	"errors"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// DefaultCases is how many cases a search tries where neither a number nor a time is set.
const DefaultCases = 400

// Options say where to search, and for how long.
type Options struct {
	Client  *transport.Client // of the target
	BaseURL string            // of the target, without a slash at the end
	Way     curl.Way          // to the target, for the commands that repeat a request
	States  *state.Maker
	Checks  contract.Checks
	Secrets *secret.Set // what the report must not show; learns every OTP and token

	Seed      uint64
	Cases     int             // 0: no bound, or DefaultCases where For sets none either
	For       time.Duration   // no case is begun after it; 0: no bound
	Allowance state.Allowance // of OTP messages that making states may cause
	Enough    int             // counterexamples after which to stop; 0: no bound

	Sent     func(exchange.Exchange) // after each PUT, raw; nil: none
	Progress func(done int)          // after each case, from the goroutine of Run; nil: none
}

// Run searches until the cases or the time are used up, enough was found, or the target went away. There is a report
// in each case but where nothing was sent because no state can be made: then the error says what is missing. Where ctx
// ends, the report is of what was done until then, and the error is the context's.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Cases == 0 && o.For == 0 {
		o.Cases = DefaultCases
	}
	// A planner of its own: a prepared record that is reserved here would be lost.
	if _, _, refusal := o.States.Planner().Reserve([]state.Request{{Name: providerstate.Pending}}); refusal != nil {
		return nil, errors.New(strings.TrimSuffix(refusal.Reason+": "+refusal.Advice, ": "))
	}
	s := newSearch(o)
	s.run(ctx)
	return s.report, ctx.Err()
}
