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
// This file, shrink.go and regression.go follow up suspicious ones, and report.go reports them.
package explore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
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

// search is a search in progress.
type search struct {
	o          Options
	make       func(*choices) trial
	planner    *state.Planner
	report     *Report
	started    time.Time
	window     []int  // cases since the provider was last seen to answer the documented request rightly
	unanswered *trial // the first request since the last answer; nil: the last request was answered
}

func newSearch(o Options) *search {
	return &search{
		o: o, make: trials(o.Checks.Endpoint().Required), planner: o.States.Planner(), started: time.Now(),
		report: &Report{Seed: o.Seed, Counterexamples: []Counterexample{}},
	}
}

// goneError ends a search if the target, or the source of its states, no longer answers.
type goneError string

// Error implements error.
func (g goneError) Error() string { return string(g) }

// checkEvery is after how many cases the provider is checked with the documented request.
const checkEvery = 25

// run searches, and fills the report.
func (s *search) run(ctx context.Context) {
	before, over := s.o.States.Messages(), s.check(ctx, 0)
	for number := 1; over == nil; number++ {
		if over = s.endReason(number); over == nil {
			over = s.try(ctx, number)
		}
	}
	if len(s.window) > 0 && ctx.Err() == nil && !errors.As(over, new(goneError)) && !s.enough() {
		if late := s.check(ctx, s.window[len(s.window)-1]); late != nil {
			over = late
		}
	}
	if ctx.Err() != nil {
		over = errors.New("the search was interrupted")
	}
	s.report.Gone = errors.As(over, new(goneError))
	s.report.Stopped = contract.Clip(s.o.Secrets.Redact(over.Error()))
	// A request that crashes the provider takes its state handler along, and cannot be tried again.
	if s.report.Gone && s.unanswered != nil {
		s.report.Stopped += "; the first request that was not answered any more: " + contract.Clip(strings.Join(s.unanswered.words(), "; "))
	}
	s.report.Messages, s.report.Duration = s.o.States.Messages()-before, time.Since(s.started)
}

// endReason returns why no further case begins; nil if one does.
func (s *search) endReason(number int) error {
	switch {
	case s.enough():
		return errors.New("enough counterexamples were found")
	case s.o.Cases > 0 && number > s.o.Cases && s.report.LeftOut > 0:
		return errors.New("all cases were tried but those whose state could not be made any more: the messages or the prepared records are used up")
	case s.o.Cases > 0 && number > s.o.Cases:
		return errors.New("all cases were tried")
	case s.o.For > 0 && time.Since(s.started) >= s.o.For:
		return errors.New("the time is up")
	case s.report.LeftOut >= maxLeftOut && s.report.LeftOut > s.report.Cases && s.o.Cases == 0:
		return errors.New("the messages or the prepared records are used up")
	}
	return nil
}

// maxLeftOut is how many cases have to be left out to end a search without a number of cases.
const maxLeftOut = 1000

func (s *search) enough() bool {
	return s.o.Enough > 0 && len(s.report.Counterexamples) >= s.o.Enough
}

// try tries one case. The error is why the search ends.
func (s *search) try(ctx context.Context, number int) error {
	o, err := s.attempt(ctx, s.make(drawChoices(s.o.Seed, number)))
	if errors.Is(err, errLeftOut) {
		s.report.LeftOut++
		return nil
	}
	if err != nil {
		return err
	}
	s.report.Cases++
	s.window = append(s.window, number)
	suspicious := o.unanswered() || len(o.breaches) > 0
	if suspicious {
		if err := s.followUp(ctx, number, o); err != nil {
			return err
		}
	}
	if s.o.Progress != nil {
		s.o.Progress(s.report.Cases)
	}
	if suspicious || len(s.window) >= checkEvery {
		return s.check(ctx, number)
	}
	return nil
}

// followUp follows up a case that broke something or was not answered. If the documented request is answered the case is to
// blame, else the target is gone.
func (s *search) followUp(ctx context.Context, number int, o outcome) error {
	again, err := o, error(nil)
	if o.unanswered() {
		_, err = s.plain(ctx)
	} else if again, err = s.attempt(ctx, o.trial); errors.Is(err, errLeftOut) {
		err = nil
	}
	if err != nil {
		return err
	}
	for _, b := range o.breaches {
		repeated := again.breachLike(b) != breach{}
		if b.Property == contract.NoLeak && again.exchange.Answer != nil && !repeated && !again.unanswered() {
			continue // digits that are an OTP by chance
		}
		if s.found(ctx, number, o, b, repeated); s.enough() {
			break
		}
	}
	return nil
}

// largest is the size of the largest body that has to be answered, in bytes: in the middle of a larger one a server may close
// the connection, and its answer is lost.
const largest = 16 << 10

// unansweredBreach returns the breach of a request that is not answered while others are. A 429 is none: it is a rate limiter's.
func unansweredBreach(e exchange.Exchange) []breach {
	words := "the request is not answered, each time, and a correct request is"
	if e.Failure != nil {
		words += ": " + e.Failure.Message
	}
	switch a := e.Answer; {
	case a != nil && a.Status >= http.StatusInternalServerError:
		return []breach{{contract.NoServerError, contract.RuleStatuses, fmt.Sprintf("the request is answered %d each time, and a correct request is not", a.Status)}}
	case a == nil && len(e.Request.Body) <= largest && !binaryHeaders(e.Request):
		return []breach{{Answered, contract.RuleStatuses, words}}
	}
	return nil
}

// binaryHeaders reports whether a header has bytes other than printable ASCII, for which a server may close the connection.
func binaryHeaders(r exchange.Request) bool {
	values := slices.Concat(slices.Collect(maps.Values(r.Header))...)
	return strings.ContainsFunc(strings.Join(values, ""), func(c rune) bool { return c < ' ' || c > '~' })
}
