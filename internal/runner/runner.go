// Package runner runs a plan through godog and emits what happened. A false assertion is a result; an error of
// a step means that nothing could be judged.
package runner

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
)

// Options is what a run needs. Only Webhook, Began, Live, Backoff, Pause and Now may be missing.
type Options struct {
	Plan        *plan.Plan
	Features    *features.Set
	Checks      contract.Checks
	Client      *transport.Client // of the target
	BaseURL     string            // of the target, without a trailing slash
	Way         curl.Way          // to the target, for the commands that repeat a call
	States      *state.Maker
	Webhook     *webhook.Receiver
	Wait        time.Duration // for a notification, at most
	Patience    time.Duration // for what a success changes to show in a read-back, at most
	Settle      time.Duration // after an answer, before what must not happen is looked for again
	Secrets     *secret.Set
	Unshown     bool                                             // nobody will look at the exchanges: none is recorded, which is half of the work
	Concurrency int                                              // scenarios at once; the phones of a pool may allow fewer
	Retries     int                                              // of a scenario that is broken by what may pass
	StopAfter   int                                              // so many scenarios in a row that are broken by transport stop the run; 0: never
	Backoff     func(attempt int) time.Duration                  // before the attempt after this one; nil: exponential with jitter
	MayMessage  func(n int) bool                                 // asked before a retry that may cause n OTP messages; nil: it may
	Pause       func(ctx context.Context, d time.Duration) error // waits that long, or until ctx ends and then returns its error; nil: a timer
	Began       func(plan.Scenario)                              // called as each scenario starts, from several goroutines
	Live        func(result.Scenario)                            // called as each scenario ends, from several goroutines
	Now         func() time.Time
}

// Outcome is what a run found, before verdicts are merged: the caller adds who, where and when.
type Outcome struct {
	Rules     []result.Rule
	Scenarios []result.Scenario // in the plan's order
	Latencies []time.Duration   // of the answered PUTs
	Webhooks  []result.Delivery
	Warnings  []string
	Stopped   string // why the run ended before its plan did
	Diagnosis []string
}

// run is one run on its way.
type run struct {
	Options
	sought  []contract.Every // the every-exchange rules that are judged
	judging chan struct{}    // holds who judges: more at once than there are processors only takes their room

	// Repetitions run one after another: what the earlier ones showed already is kept once. Written between them.
	breached []int // findings of each of the sought rules

	mutex     sync.Mutex
	shown     map[name][]string // in what ways each scenario has ended
	foreign   map[string]int    // answers that nothing of the endpoint speaks from, by what they are
	rules     map[string]bool   // that had an answer
	native    bool              // an answer speaks like the endpoint
	outcome   []ended           // in the plan's order
	inARow    int               // scenarios broken by transport, in order of completion
	rowOf     string            // the rule of all of them; "": of more than one
	met       bool              // the target gave an answer that can be judged
	stopped   string
	latencies []time.Duration
}

// ended is one scenario that ended, with what only the whole run needs of it.
type ended struct {
	done      bool
	transport bool // it is broken by what lies between the tool and the target, or a source of states
	answered  bool // the target gave an answer that can be judged
	scenario  result.Scenario
	every     []everyOutcome
	warnings  []string
	notified  []*notified // of each attempt that awaited a notification
	sent      []sending
	lost      int // how often the request was sent by which it is broken, and never answered
	trace     contract.Trace
	diagnosis *contract.Diagnosis // of a failure; nil: it did not fail
}

// everyOutcome is what one every-exchange rule found in one scenario.
type everyOutcome struct {
	judged, breaches int
	findings         []result.Finding // with the scenario's ID
}

// Run runs the plan. It returns also where the context ends: what was judged by then is in the outcome.
func Run(ctx context.Context, o Options) (*Outcome, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Backoff == nil {
		o.Backoff = backoffs()
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	r := &run{Options: o, shown: map[name][]string{}, foreign: map[string]int{}, rules: map[string]bool{}, judging: make(chan struct{}, runtime.GOMAXPROCS(0)), outcome: make([]ended, len(o.Plan.Scenarios))}
	for _, every := range contract.Everywhere() {
		if slices.ContainsFunc(o.Plan.Rules, func(rule plan.Rule) bool { return rule.ID == every.Rule }) {
			r.sought = append(r.sought, every)
		}
	}
	r.breached = make([]int, len(r.sought))
	for i, s := range o.Plan.Scenarios {
		if s.Skip != "" {
			r.end(i, ended{scenario: unrun(s, result.Skipped, s.Skip)})
		}
	}
	for first := 0; first < len(o.Plan.Scenarios) && r.halted(ctx) == ""; {
		next := first
		for next < len(o.Plan.Scenarios) && o.Plan.Scenarios[next].Repeat == o.Plan.Scenarios[first].Repeat {
			next++
		}
		if err := r.suite(ctx, first, next); err != nil {
			return r.conclude(ctx), err
		}
		for _, e := range r.outcome[first:next] {
			for i, found := range e.every {
				r.breached[i] += len(found.findings)
			}
		}
		first = next
	}
	return r.conclude(ctx), nil
}

// Unreachable is the outcome of a run whose target is down: nothing was sent.
func Unreachable(p *plan.Plan, failure *exchange.Failure) *Outcome {
	o := &Outcome{Rules: rules(p), Stopped: failure.Message}
	for _, s := range p.Scenarios {
		if s.Skip != "" {
			o.Scenarios = append(o.Scenarios, unrun(s, result.Skipped, s.Skip))
			continue
		}
		one := unrun(s, result.Broken, failure.Message)
		one.Cause = string(failure.Cause)
		o.Scenarios = append(o.Scenarios, one)
	}
	return o
}

// end records a scenario's end.
func (r *run) end(i int, e ended) {
	e.done = true
	r.mutex.Lock()
	r.outcome[i] = e
	r.met = r.met || e.answered
	switch s := e.scenario; {
	case s.Verdict == result.Broken && e.transport:
		if r.inARow++; r.inARow == 1 {
			r.rowOf = s.Rule
		} else if r.rowOf != s.Rule {
			r.rowOf = ""
		}
		// A provider that fails on one kind of request is there for the others.
		oneKind := r.met && r.rowOf != ""
		if r.StopAfter > 0 && r.inARow >= r.StopAfter && r.stopped == "" && !oneKind {
			r.stopped = fmt.Sprintf("%d scenarios in a row were broken by transport, the last: %s", r.inARow, s.Reason)
		}
	case s.Verdict == result.Broken || e.answered:
		// One that was skipped, or that observed that no answer came, tells nothing either way.
		r.inARow = 0
	}
	r.mutex.Unlock()
	if r.Live != nil {
		r.Live(e.scenario)
	}
}

// halted tells why no further scenario starts.
func (r *run) halted(ctx context.Context) string {
	if ctx.Err() != nil {
		return "the run was interrupted"
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.stopped != "" {
		return "the run was stopped"
	}
	return ""
}

// unrun is the result of a scenario that did not run.
func unrun(s plan.Scenario, verdict result.Verdict, reason string) result.Scenario {
	one := identity(s)
	one.Verdict, one.Reason = verdict, reason
	for _, step := range s.Steps {
		one.Steps = append(one.Steps, result.Step{Keyword: step.Keyword, Text: step.Text, Line: step.Line, Verdict: result.Skipped})
	}
	return one
}

func identity(s plan.Scenario) result.Scenario {
	return result.Scenario{ID: s.ID, Rule: s.Rule, Level: result.Level(s.Level), Feature: s.Feature, Name: s.Name, File: s.File, Line: s.Line, Tags: s.Tags, Repeat: s.Repeat}
}

func rules(p *plan.Plan) []result.Rule {
	all := make([]result.Rule, 0, len(p.Rules))
	for _, r := range p.Rules {
		all = append(all, result.Rule{ID: r.ID, Level: result.Level(r.Level), Title: r.Title, Description: r.Description, EveryExchange: r.EveryExchange, File: r.File, Line: r.Line})
	}
	return all
}
