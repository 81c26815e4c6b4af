// Package runner runs a plan through godog and returns its result. A false assertion is a result; an error of a step
// means that nothing could be judged.
package runner

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
	"unique"

	"golang.org/x/sync/errgroup"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
	"verifik-contract/steps"
)

// Options is what a run needs: what is to be done, with whom, and who watches. Waivers, Budget, MaxMessages and the hooks
// may be missing.
type Options struct {
	Plan     *plan.Plan
	Features *features.Set
	Checks   contract.Checks
	Secrets  *secret.Set
	Target
	Watch

	Tool        result.Tool
	Digests     result.Digests // of the contract
	Again       string         // the command that runs the same environment once more
	Fresh       string         // the command that makes a state of it; "": its states end with the run
	FailOn      string         // the weakest level whose breach fails the run: must or should
	Require     string         // the weakest level of which every rule has to be judged; "": none
	Waivers     []result.Waiver
	Budget      *result.Budget
	MaxMessages *int // OTP messages that may be sent, retries included; nil: no limit
	StopAfter   int  // so many scenarios in a row, not all of one rule, that are broken by transport stop the run; 0: never

	// FailuresOnly records only the exchanges of scenarios that show something wrong, and Unseen none: nobody will look at the
	// others, and to record them is half of a run's work.
	FailuresOnly, Unseen bool
}

// Target is the provider that is judged, and what there is to call it.
type Target struct {
	Client      *transport.Client
	BaseURL     string   // without a trailing slash
	Way         curl.Way // for the commands that repeat a call
	Unverified  bool     // its TLS certificate is not checked
	States      *state.Maker
	Webhook     *webhook.Receiver // nil: notifications cannot be received
	Wait        time.Duration     // for a notification, at most
	Patience    time.Duration     // for what a success changes to show in a read-back, at most
	Settle      time.Duration     // after an answer, before what must not happen is looked for again
	Concurrency int               // scenarios at once; the phones of a pool may allow fewer
}

// Watch is what is told of a run on its way.
type Watch struct {
	Began  func(plan.Scenario)     // called as each scenario starts, from several goroutines
	Ended  func(*result.Scenario)  // called as each scenario ends, from several goroutines, with that of the result
	Sent   func(exchange.Exchange) // called of each PUT under contract, raw, as it is answered or not, from several goroutines
	Closed func() error            // called when no other call will come; an error stops the run
}

// run is one run on its way.
type run struct {
	Options
	sought    []*soughtRule            // the every-exchange rules that are judged
	judging   chan struct{}            // holds who judges: more at once than there are processors only takes their room
	allowance state.Allowance          // of OTP messages, for retries
	waived    map[string]result.Waiver // in force, by rule

	mutex     sync.Mutex
	seen      map[name]map[string]*alike   // what the repetitions of each scenario showed, by the way in which they ended
	foreign   map[string]int               // answers that nothing of the endpoint speaks from, by what they are
	rules     map[string]bool              // that had an answer
	flawed    map[string]int               // answers, by what HTTP forbids in their heads
	native    bool                         // an answer speaks like the endpoint
	trace     contract.Trace               // of all scenarios
	reported  map[member]bool              // by the promises of the answers that have them
	whole     *result.Run                  // its scenarios are in the plan's order
	warned    map[string]int               // by what is warned of, the first scenario that does
	awaited   map[string][]*steps.Notified // by the scenario's ID
	sent      []sending
	lost      map[int]int                               // of the scenarios that are broken by a request that was never answered: how often it was sent
	diagnosed map[int]unique.Handle[contract.Diagnosis] // of each scenario that failed, why it may be so
	inARow    int                                       // scenarios broken by transport, in order of completion
	rowOf     string                                    // the rule of all of them; "": of more than one
	met       bool                                      // the target gave an answer that can be judged
	latencies []time.Duration
}

// Run runs the plan and returns its finished result, also where the target is down, the context ends or godog refuses
// the features: what was judged by then is in it.
func Run(ctx context.Context, o Options) *result.Run {
	whole := requested(o)
	whole.Scenarios = make([]result.Scenario, len(o.Plan.Scenarios))
	r := &run{
		Options: o, whole: whole, allowance: state.NewAllowance(o.MaxMessages, o.Plan.Cost.Messages), judging: make(chan struct{}, runtime.GOMAXPROCS(0)),
		seen: map[name]map[string]*alike{}, foreign: map[string]int{}, flawed: map[string]int{}, rules: map[string]bool{},
		reported: map[member]bool{}, waived: result.InForce(o.Waivers, time.Now()), warned: map[string]int{}, awaited: map[string][]*steps.Notified{}, lost: map[int]int{}, diagnosed: map[int]unique.Handle[contract.Diagnosis]{},
	}
	for i, s := range o.Plan.Scenarios {
		if s.Skip != "" {
			r.end(i, unrun(s, result.Skipped, s.Skip), func() {})
		}
	}
	started := time.Now()
	if failure := o.Client.Probe(ctx, o.BaseURL); failure != nil && ctx.Err() == nil {
		whole.Stopped = contract.Clip(r.redact(failure.Message))
		r.rest(result.Broken, whole.Stopped, failure.Cause)
	} else {
		err := r.scenarios(ctx)
		r.conclude(ctx)
		if err != nil {
			whole.Stopped = o.Secrets.Redact(err.Error())
		}
	}
	if whole.Target.Kind != result.Embedded { // the reference provider sends none
		whole.Messages = o.States.Messages()
	}
	if o.Closed != nil {
		if err := o.Closed(); err != nil {
			whole.Stopped = o.Secrets.Redact(err.Error())
		}
	}
	if o.Unverified {
		whole.Warnings = append(whole.Warnings, "the target's certificate was not checked (insecure_skip_verify): anyone could have answered in its place")
	}
	if ctx.Err() != nil {
		whole.Stopped = "the run was interrupted"
	}
	now := time.Now()
	whole.Started, whole.Duration = record.Moment(started), result.ToMillis(now.Sub(started))
	result.Conclude(whole, now)
	if ctx.Err() != nil {
		whole.Exit = result.ExitInterrupted
	}
	return whole
}

// Foreseen returns the result that a run ends with if all that can be judged is kept. Nothing is sent.
func Foreseen(o Options) *result.Run {
	whole := requested(o)
	whole.Started = record.Moment(time.Now())
	whole.Scenarios = group.Map(o.Plan.Scenarios, func(s plan.Scenario) result.Scenario {
		if s.Skip != "" {
			return unrun(s, result.Skipped, s.Skip)
		}
		return unrun(s, result.Passed, "")
	})
	for i := range whole.Rules {
		whole.Rules[i].Judged = 1
	}
	result.Conclude(whole, whole.Started)
	whole.Exit = result.ExitKept // what is not judged is told by its rules
	return whole
}

// requested returns a result that holds what a run is asked for, and nothing of what comes of it.
func requested(o Options) *result.Run {
	p := o.Plan
	return &result.Run{
		Version: result.Version, Tool: o.Tool, Environment: p.Environment, Again: o.Again,
		Target:  result.Target{Kind: result.TargetKind(p.Target.Kind), BaseURL: o.Secrets.Redact(o.BaseURL), Proxy: p.Target.Proxy, Unverified: o.Unverified},
		Digests: o.Digests,
		Selection: result.Selection{
			Rules: p.Selection.Rules, Tags: p.Selection.Tags, Level: p.Selection.Level, Features: p.Selection.Features, Repeat: p.Selection.Repeat, Shard: p.Selection.Shard,
			FailOn: o.FailOn, Require: o.Require,
		},
		Rules: rules(p),
		Waivers: group.Map(o.Waivers, func(w result.Waiver) result.Waiver {
			w.Reason = o.Secrets.Redact(w.Reason)
			return w
		}),
	}
}

// mostRepetitions is how many are on their way at once: each has its features in memory.
const mostRepetitions = 8

// scenarios runs the plan's scenarios, one repetition after the other: the next starts when all scenarios of one have
// started, and runs while these wait. So a run is longer by one wait, and not by one for each repetition, and each waits as
// long as the first.
func (r *run) scenarios(ctx context.Context) error {
	for _, every := range r.Checks.Everywhere() {
		for i := range r.whole.Rules {
			if rule := &r.whole.Rules[i]; rule.ID == every.Rule {
				r.sought = append(r.sought, &soughtRule{Every: every, result: rule})
			}
		}
	}
	all := r.Plan.Scenarios
	concurrency := max(r.Concurrency, 1)
	if limit := r.States.Limit(); limit > 0 {
		concurrency = min(concurrency, limit)
	}
	gate := newGate(concurrency)
	repetitions, failing := errgroup.WithContext(ctx)
	repetitions.SetLimit(mostRepetitions)
	for first := 0; first < len(all) && r.halted(failing) == ""; {
		next := first
		for next < len(all) && all[next].Repeat == all[first].Repeat {
			next++
		}
		repetitions.Go(r.suite(ctx, first, next, gate))
		select {
		case <-gate.last:
		case <-failing.Done(): // godog refused them, or the run was interrupted
		}
		first = next
	}
	return repetitions.Wait()
}

// rest gives the scenarios that did not run their verdict, and returns the ID of the last that was to.
func (r *run) rest(verdict result.Verdict, reason string, cause exchange.Cause) (unrunID string) {
	for i, s := range r.Plan.Scenarios {
		if one := &r.whole.Scenarios[i]; one.Verdict == "" {
			*one = unrun(s, verdict, reason)
			one.Cause, unrunID = cause, s.ID
		}
	}
	return unrunID
}

// end records a scenario's end, and under the run's mutex what else there is to record of it.
func (r *run) end(i int, one result.Scenario, also func()) {
	r.mutex.Lock()
	r.whole.Scenarios[i] = one
	also()
	r.mutex.Unlock()
	if r.Ended != nil {
		r.Ended(&r.whole.Scenarios[i])
	}
}

// countBroken counts the scenarios in a row that are broken by transport, and stops the run after too many.
func (r *run) countBroken(s result.Scenario, transport, answered bool) {
	r.met = r.met || answered
	switch {
	case s.Verdict == result.Broken && transport:
		if r.inARow++; r.inARow == 1 {
			r.rowOf = s.Rule
		} else if r.rowOf != s.Rule {
			r.rowOf = ""
		}
		// A provider that fails on one kind of request is there for the others.
		oneKind := r.met && r.rowOf != ""
		if r.StopAfter > 0 && r.inARow >= r.StopAfter && r.whole.Stopped == "" && !oneKind {
			r.whole.Stopped = fmt.Sprintf("%d scenarios in a row were broken by transport, the last: %s", r.inARow, s.Reason)
		}
	case s.Verdict == result.Broken || answered:
		// One that was skipped, or that observed that no answer came, tells nothing either way.
		r.inARow = 0
	}
}

// halted returns why no further scenario starts.
func (r *run) halted(ctx context.Context) string {
	if ctx.Err() != nil {
		return "the run was interrupted"
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.whole.Stopped != "" {
		return "the run was stopped"
	}
	return ""
}

// unrun returns the result of a scenario that did not run.
func unrun(s plan.Scenario, verdict result.Verdict, reason string) result.Scenario {
	return result.Scenario{
		ID: s.ID, Rule: s.Rule, Level: result.Level(s.Level), Feature: s.Feature, Name: s.Name, File: s.File, Line: s.Line, Tags: s.Tags, Repeat: s.Repeat,
		Verdict: verdict, Reason: reason,
		Steps: group.Map(s.Steps, func(step features.Step) result.Step {
			return result.Step{Keyword: step.Keyword, Text: step.Text, Line: step.Line, Verdict: result.Skipped}
		}),
	}
}

func rules(p *plan.Plan) []result.Rule {
	return group.Map(p.Rules, func(r plan.Rule) result.Rule {
		return result.Rule{ID: r.ID, Level: result.Level(r.Level), Title: r.Title, Description: r.Description, EveryExchange: r.EveryExchange, File: r.File, Line: r.Line}
	})
}
