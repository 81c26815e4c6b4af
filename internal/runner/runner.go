// Package runner runs a plan through godog and returns its result. A failed expectation is part of the result; an error of a
// step means that nothing could be judged.
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

// Options is what a run needs. Waivers, Budget, MaxMessages and the hooks of Watch are optional.
type Options struct {
	Plan     *plan.Plan
	Features *features.Set
	Checks   contract.Checks
	Secrets  *secret.Set
	Target
	Watch

	Tool        result.Tool
	Digests     result.Digests // of the contract
	Again       string         // the command that runs the same environment again
	Fresh       string         // the command that makes a provider state in it; "": its states end with the run
	FailOn      string         // the weakest level whose breaches fail the run: must or should
	Require     string         // the weakest level whose rules all have to be judged; "": none
	Waivers     []result.Waiver
	Budget      *result.Budget
	MaxMessages *int // OTP messages that may be sent, including those of retries; nil: no limit
	StopAfter   int  // the run stops after so many scenarios in a row, not all of one rule, are broken by transport; 0: never

	// Enough is called as each scenario ends, with the rules that it breaks, by one call at a time. Once it returns true, no
	// further scenario starts, unless no answer was the endpoint's yet: what was found may be discarded. nil: all do.
	Enough func(broken []string) bool

	// FailuresOnly records only the exchanges of scenarios that show something wrong, Unseen none at all. Recording is half of a
	// run's work, and wasted on what nobody will look at.
	FailuresOnly, Unseen bool
}

// Target is the provider that is judged, and what it is called with.
type Target struct {
	Client      *transport.Client
	BaseURL     string   // without a trailing slash
	Way         curl.Way // of the commands that repeat a call
	Unverified  bool     // its TLS certificate is not checked
	States      *state.Maker
	Webhook     *webhook.Receiver // nil: notifications cannot be received
	Wait        time.Duration     // how long to wait for a notification
	Patience    time.Duration     // how long a read-back may take to show what a success changes
	Settle      time.Duration     // between an answer and the second look for what must not happen
	Concurrency int               // scenarios at a time; a pool of phones may allow fewer
}

// Watch has the hooks of a run. All but Closed are called from several goroutines.
type Watch struct {
	Began  func(plan.Scenario)     // called when a scenario starts
	Ended  func(*result.Scenario)  // called when a scenario has ended, with its part of the result
	Sent   func(*contract.Judging) // called after each PUT under contract, answered or not; the exchange is not redacted
	Closed func() error            // called after all others; an error stops the run
}

// run is a run in progress.
type run struct {
	Options
	everyRules []*everyRule             // the every-exchange rules that are judged
	judgeSlots chan struct{}            // limits how many exchanges are judged at once: more than there are processors take only memory
	allowance  state.Allowance          // of OTP messages, for retries
	waived     map[string]result.Waiver // in force, by rule
	tokens     secret.Set               // of all states

	mutex        sync.Mutex
	seen         map[name]map[string]*ending  // what the repetitions of a scenario showed, by how they ended
	foreign      map[string]int               // answers that are not the endpoint's, by what they are
	rules        map[string]bool              // rules that had an answer
	flawed       map[string]int               // answers, by what HTTP forbids in their heads
	atEndpoint   bool                         // an answer was the endpoint's
	trace        contract.Trace               // of all scenarios
	reported     map[member]bool              // members of error answers that scenarios found missing
	whole        *result.Run                  // with the scenarios in the plan's order
	warned       map[string]int               // by warning, the first scenario that has it
	awaited      map[string][]*steps.Notified // by the scenario's ID
	sent         []sentPut
	lost         map[int]int                               // by scenario that was broken by an unanswered request: how often that was sent
	diagnosed    map[int]unique.Handle[contract.Diagnosis] // by scenario that failed
	brokenInARow int                                       // scenarios broken by transport, in order of completion
	brokenRule   string                                    // the rule of all of those; "": they are of several
	reached      bool                                      // the target gave an answer that can be judged
	latencies    []time.Duration
}

// Run runs the plan and returns its finished result. If the target is down, the context ends or godog refuses the features,
// the result holds what was judged by then.
func Run(ctx context.Context, o Options) *result.Run {
	whole := requested(o)
	whole.Scenarios = make([]result.Scenario, len(o.Plan.Scenarios))
	r := &run{
		Options: o, whole: whole, allowance: state.NewAllowance(o.MaxMessages, o.Plan.Cost.Messages), judgeSlots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		seen: map[name]map[string]*ending{}, foreign: map[string]int{}, flawed: map[string]int{}, rules: map[string]bool{},
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
		r.markUnrun(result.Broken, whole.Stopped, failure.Cause)
	} else {
		err := r.scenarios(ctx)
		r.conclude(ctx)
		if err != nil {
			whole.Stopped = o.Secrets.Redact(err.Error())
		}
	}
	if whole.Target.Kind != result.Embedded { // the reference provider sends no messages
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

// Foreseen returns the result of a run in which every promise that can be judged is kept. It sends nothing.
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
	whole.Exit = result.ExitKept // its rules say what is not judged
	return whole
}

// requested returns a result that holds only what a run is asked for.
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
		Rules: Rules(p.Rules),
		Waivers: group.Map(o.Waivers, func(w result.Waiver) result.Waiver {
			w.Reason = o.Secrets.Redact(w.Reason)
			return w
		}),
	}
}

// maxRepetitions is how many repetitions overlap: each has its features in memory.
const maxRepetitions = 8

// scenarios runs the plan's scenarios, repetition by repetition. A repetition starts when all scenarios of the one before have
// started, and runs while some of those still wait for something: so the waits do not add up.
func (r *run) scenarios(ctx context.Context) error {
	for _, every := range r.Checks.Everywhere() {
		selected := group.First(group.Pointers(r.whole.Rules), func(rule *result.Rule) bool { return rule.ID == every.Rule })
		if selected != nil {
			r.everyRules = append(r.everyRules, &everyRule{Every: every, result: selected})
		}
	}
	all := r.Plan.Scenarios
	concurrency := max(r.Concurrency, 1)
	if limit := r.States.Limit(); limit > 0 {
		concurrency = min(concurrency, limit)
	}
	gate := newGate(concurrency)
	repetitions, failing := errgroup.WithContext(ctx)
	repetitions.SetLimit(maxRepetitions)
	for first := 0; first < len(all) && r.stopReason(failing) == ""; {
		next := first
		for next < len(all) && all[next].Repeat == all[first].Repeat {
			next++
		}
		repetitions.Go(r.suite(ctx, first, next, gate))
		select {
		case <-gate.last:
		case <-failing.Done(): // godog refused the features, or the run was interrupted
		}
		first = next
	}
	return repetitions.Wait()
}

// markUnrun gives the scenarios that have no verdict this one, and returns the ID of the last of them.
func (r *run) markUnrun(verdict result.Verdict, reason string, cause exchange.Cause) (unrunID string) {
	for i, s := range r.Plan.Scenarios {
		if one := &r.whole.Scenarios[i]; one.Verdict == "" {
			*one = unrun(s, verdict, reason)
			one.Cause, unrunID = cause, s.ID
		}
	}
	return unrunID
}

// end records the result of a scenario, and calls also while it holds the run's mutex.
func (r *run) end(i int, one result.Scenario, also func()) {
	r.mutex.Lock()
	r.whole.Scenarios[i] = one
	also()
	r.mutex.Unlock()
	if r.Ended != nil {
		r.Ended(&r.whole.Scenarios[i])
	}
}

// countBroken counts the scenarios in a row that are broken by transport, and stops the run after too many of them.
func (r *run) countBroken(s result.Scenario, transport, answered bool) {
	r.reached = r.reached || answered
	switch {
	case s.Verdict == result.Broken && transport:
		if r.brokenInARow++; r.brokenInARow == 1 {
			r.brokenRule = s.Rule
		} else if r.brokenRule != s.Rule {
			r.brokenRule = ""
		}
		// A provider that fails on one kind of request may well answer the others.
		oneKind := r.reached && r.brokenRule != ""
		if r.StopAfter > 0 && r.brokenInARow >= r.StopAfter && r.whole.Stopped == "" && !oneKind {
			r.whole.Stopped = fmt.Sprintf("%d scenarios in a row got no answer, the last: %s", r.brokenInARow, s.Reason)
		}
	case s.Verdict == result.Broken || answered:
		// A scenario that was skipped, or observed that no answer came, says nothing either way.
		r.brokenInARow = 0
	}
}

// stopReason returns why no more scenarios start; "": they do.
func (r *run) stopReason(ctx context.Context) string {
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

// Rules returns promises as they stand in a result, not judged yet.
func Rules(all []features.Rule) []result.Rule {
	return group.Map(all, func(r features.Rule) result.Rule {
		return result.Rule{ID: r.ID, Level: result.Level(r.Level), Title: r.Title, Description: r.Description, EveryExchange: r.EveryExchange, File: r.File, Line: r.Line}
	})
}
