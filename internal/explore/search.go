package explore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
)

// search is one search on its way.
type search struct {
	o       Options
	judge   judge
	make    func(*choices) trial
	planner *state.Planner
	report  *Report
	costs   map[providerstate.Name]int // messages of a state
	started time.Time
	window  []int           // cases since the provider was last seen to answer rightly
	settled map[string]bool // smallest requests that are reported, by property and identity
	shrunk  map[string]int  // shrinks of a property and rule
	indexes map[string]int  // the first counterexample of a property and rule
	silence *trial          // the first of the requests since an answer came last; nil: the last one was answered
}

func newSearch(o Options) *search {
	return &search{
		o: o, judge: judge{contract.Checks{Schemas: o.Schemas}}, make: trials(), planner: o.States.Planner(),
		report: &Report{Seed: o.Seed, Counterexamples: []Counterexample{}}, costs: map[providerstate.Name]int{},
		settled: map[string]bool{}, shrunk: map[string]int{}, indexes: map[string]int{},
	}
}

// admit finds out what the states cost. The error says why no pending validation can be made at all.
func (s *search) admit() error {
	for _, name := range []providerstate.Name{providerstate.Pending, providerstate.None} {
		// A planner of its own: a prepared record that is reserved here would be lost.
		_, cost, refusal := s.o.States.Planner().Reserve([]state.Request{{Name: name}})
		switch {
		case refusal == nil:
			s.costs[name] = cost.Messages
		case name == providerstate.Pending && refusal.Advice != "":
			return fmt.Errorf("%s: %s", refusal.Reason, refusal.Advice)
		case name == providerstate.Pending:
			return errors.New(refusal.Reason)
		}
	}
	return nil
}

func (s *search) cost(name providerstate.Name) int { return s.costs[name] }

// every is after how many cases the provider has to answer a plain right request.
const every = 25

// run searches and leaves what it found in the report.
func (s *search) run(ctx context.Context) {
	s.started = time.Now()
	defer func() { s.report.Duration = time.Since(s.started) }()
	stop := s.check(ctx, 0)
	for number := 1; stop == ""; number++ {
		if stop = s.over(ctx, number); stop == "" {
			stop = s.try(ctx, number)
		}
	}
	if len(s.window) > 0 && ctx.Err() == nil && !s.report.Gone && !s.enough() {
		if late := s.check(ctx, s.window[len(s.window)-1]); late != "" {
			stop = late
		}
	}
	if ctx.Err() != nil {
		stop = "the search was interrupted"
	}
	s.report.Stopped = contract.Clip(s.o.Secrets.Redact(stop))
	if words := s.lastWords(); s.report.Gone && words != "" {
		s.report.Stopped += "; the first request that was not answered any more: " + words
	}
}

// lastWords says what the request was like that the silence began with: a provider that fails on one for good takes its
// state handler along, and nothing is left to try it with.
func (s *search) lastWords() string {
	if s.silence == nil {
		return ""
	}
	return contract.Clip(strings.Join(s.silence.words(), "; "))
}

// over says why no further case is begun; "" where one is.
func (s *search) over(ctx context.Context, number int) string {
	switch {
	case ctx.Err() != nil:
		return "the search was interrupted"
	case s.enough():
		return "enough counterexamples were found"
	case s.o.Cases > 0 && number > s.o.Cases:
		if s.report.LeftOut > 0 {
			return "all cases were tried but those whose state could be made no more: the messages or the prepared records are used up"
		}
		return "all cases were tried"
	case s.o.For > 0 && time.Since(s.started) >= s.o.For:
		return "the time is up"
	case s.report.LeftOut >= longDrought && s.report.LeftOut > s.report.Cases && s.o.Cases == 0:
		return "the messages or the prepared records are used up"
	}
	return ""
}

// longDrought is how many cases at least are left out before a search without a number of cases ends for that.
const longDrought = 1000

func (s *search) enough() bool {
	return s.o.Enough > 0 && len(s.report.Counterexamples) >= s.o.Enough
}

// try tries one case. It returns why the search ends; "" where it goes on.
func (s *search) try(ctx context.Context, number int) string {
	t := s.make(drawing(s.o.Seed, number))
	o, err := s.attempt(ctx, t)
	if errors.Is(err, errLeftOut) {
		s.report.LeftOut++
		return ""
	}
	if err != nil {
		return s.lost(err)
	}
	s.report.Cases++
	s.window = append(s.window, number)
	suspicious := o.unanswered() || len(o.breaches) > 0
	if suspicious {
		if stop := s.suspect(ctx, number, o); stop != "" {
			return stop
		}
	}
	if s.o.Progress != nil {
		s.o.Progress(s.report.Cases)
	}
	if suspicious || len(s.window) >= every {
		return s.check(ctx, number)
	}
	return ""
}

// lost says why a search ends by an error.
func (s *search) lost(err error) string {
	var failed *unmade
	if errors.As(err, &failed) {
		s.report.Gone = true
		return "the provider states can be made no more: " + failed.reason
	}
	return "the search was interrupted"
}

// suspect looks closer at a case that broke something, or was not answered.
func (s *search) suspect(ctx context.Context, number int, o outcome) string {
	if o.unanswered() {
		return s.silent(ctx, number, o)
	}
	again, err := s.attempt(ctx, o.trial)
	if err != nil && !errors.Is(err, errLeftOut) {
		return s.lost(err)
	}
	for _, b := range o.breaches {
		repeated := err == nil && breaks(again, b)
		if b.property == NoLeak && err == nil && !repeated && !again.unanswered() {
			continue // digits that are an OTP by chance
		}
		s.found(ctx, number, o, b, repeated)
		if s.enough() {
			return ""
		}
	}
	return ""
}

func breaks(o outcome, b breach) bool {
	for _, other := range o.breaches {
		if other.property == b.property && other.rule == b.rule {
			return true
		}
	}
	return false
}

// silent looks closer at a case that was not answered in all attempts, or only by 429, 502, 503 or 504: where a plain
// right request is answered it is the request that does it, else the target is gone.
func (s *search) silent(ctx context.Context, number int, o outcome) string {
	plain, _, err := s.plain(ctx)
	if err != nil {
		return s.lost(err)
	}
	failure := contract.Unanswered(plain.exchange)
	if failure != nil {
		s.report.Gone = true
		return "the target answers no more: " + failure.Message
	}
	b, broken := blame(o)
	if broken {
		s.found(ctx, number, o, b, true)
	}
	return ""
}

// largest is up to what size of body a request has to be answered: a server may close the connection in the middle
// of a larger one, and its answer is lost.
const largest = 16 << 10

// blame is what a request breaks that is not answered while others are. 429 is any limiter's right.
func blame(o outcome) (breach, bool) {
	if a := o.exchange.Answer; a != nil {
		return breach{NoServerError, "PV-20", fmt.Sprintf("the request is answered %d each time, and a plain right request is not", a.Status)}, a.Status >= 500
	}
	words := "the request is not answered, each time, and a plain right request is"
	if o.exchange.Failure != nil {
		words += ": " + o.exchange.Failure.Message
	}
	return breach{Answered, "PV-20", words}, len(o.exchange.Request.Body) <= largest && !oddHeaders(o.exchange.Request)
}

// oddHeaders reports whether a header has bytes that HTTP leaves to each server: one that closes the connection for
// them is within its rights.
func oddHeaders(r exchange.Request) bool {
	for _, values := range r.Header {
		for _, value := range values {
			if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
				return true
			}
		}
	}
	return false
}
