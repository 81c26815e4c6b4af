// Package explore searches for requests beyond the written scenarios that break the contract. It varies the documented
// request, sends each variation with a fresh provider state, and judges the answer by the properties of all answers (see
// contract.Property, Answered and StillAnswers). It shrinks a request that breaks one to the smallest that still does.
//
// The search is seeded: case n of a seed is the same request on every machine, but for the values of the fresh state. A case is
// made by choices, numbers drawn from the seed. Shrinking simplifies the choices rather than the request, so that no kind of
// request needs a shrinker of its own. It is written here, in a page, because the libraries for it are made for tests: they
// would bring the testing package, flags and files into the tool.
//
// choices.go, draft.go and the generate files make requests, attempt.go sends them and contract.Judge judges the answers.
// search.go, shrink.go and regression.go follow up suspicious ones, and report.go reports them.
package explore

import (
	"context"
	"errors"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// DefaultCases is how many cases a search tries if neither Cases nor For is set.
const DefaultCases = 400

// Options say where to search, and for how long.
type Options struct {
	Client  *transport.Client // of the target
	BaseURL string            // of the target, without a slash at the end
	Way     curl.Way          // to the target, for the curl commands
	States  *state.Maker
	Checks  contract.Checks
	Secrets *secret.Set // what the report must not show; every OTP and token is added

	Seed      uint64
	Cases     int             // 0: no bound, or DefaultCases if For sets none either
	For       time.Duration   // no case begins after it; 0: no bound
	Allowance state.Allowance // of OTP messages that making the states may cause
	Enough    int             // counterexamples after which to stop; 0: no bound

	Sent     func(*contract.Judging) // called after each PUT, with its secrets; may be nil
	Progress func(done int)          // called after each case, on the goroutine of Run; may be nil
}

// Run searches until the cases or the time are used up, enough was found, or the target went away. If no state can be made it
// sends nothing and returns an error that says what is missing, and no report. If ctx ends it returns a report of what was done
// until then, and the context's error.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Cases == 0 && o.For == 0 {
		o.Cases = DefaultCases
	}
	// With another planner than the search's: a prepared record that is reserved here would be lost to it.
	if _, _, refusal := o.States.Planner().Reserve([]state.Request{{Name: providerstate.Pending}}); refusal != nil {
		return nil, errors.New(strings.TrimSuffix(refusal.Reason+": "+refusal.Advice, ": "))
	}
	s := newSearch(o)
	s.run(ctx)
	return s.report, ctx.Err()
}
