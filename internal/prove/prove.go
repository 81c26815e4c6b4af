// Package prove proves that the contract catches what it should: it runs the contract against the faithful reference
// provider, against its faithful variants, and against each of its faults. The faithful ones must pass; each fault must
// fail by the rule that it breaks.
package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/explore"
	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// Kind is the kind of provider that a trial runs against.
type Kind string

// The kinds.
const (
	Faithful Kind = "faithful"
	Variant  Kind = "variant"
	Fault    Kind = "fault"
)

// Outcome is what a trial proves.
type Outcome string

// The outcomes. Of a faithful provider only Passed is right, of a fault only Caught.
const (
	Passed    Outcome = "passed"
	Failed    Outcome = "failed" // a faithful provider was turned red
	Caught    Outcome = "caught"
	Elsewhere Outcome = "caught by another rule only"
	Spread    Outcome = "caught by other rules too" // for a fault of one field of one answer
	Survived  Outcome = "survived"
)

// Trial is a run of the contract against one provider.
type Trial struct {
	Kind     Kind            `json:"kind"`
	Name     string          `json:"name"`
	Rule     string          `json:"rule,omitempty"` // of a fault: the rule that it breaks
	Doc      string          `json:"doc,omitempty"`
	Explored bool            `json:"explored,omitempty"` // only explore can catch it
	Outcome  Outcome         `json:"outcome"`
	By       []string        `json:"by,omitempty"`     // the rules that failed
	Heard    []string        `json:"heard,omitempty"`  // the rules that the exchanges break if judged alone, without knowing the state
	Others   []string        `json:"others,omitempty"` // with Options.Whole: the rules of By other than the fault's own
	Reason   string          `json:"reason,omitempty"`
	Exit     result.ExitCode `json:"exit"`
	Duration result.Millis   `json:"duration"`
	Run      *result.Run     `json:"-"` // kept only if Options names faults
	Found    *explore.Report `json:"-"` // in place of Run for a fault that only explore can catch

	fault    reference.Fault
	variants []string
	form     bool // the variant differs only in the form of its answers
}

// Right reports whether the trial proves what it should.
func (t Trial) Right() bool { return t.Outcome == Passed || t.Outcome == Caught }

// Report holds all trials, in the order of the reference provider's lists.
type Report struct {
	Duration result.Millis `json:"duration"`
	Trials   []Trial       `json:"trials"`
}

// Right reports whether every trial proves what it should.
func (r *Report) Right() bool {
	return !slices.ContainsFunc(r.Trials, func(t Trial) bool { return !t.Right() })
}

// Options configure a proof.
type Options struct {
	Features *features.Set
	Schemas  *schemas.Set
	Faults   []string // names of the faults to try, without any faithful provider; empty: everything
	Whole    bool     // run the whole contract against each fault; false: the rest only if the fault's own rule does not catch it

	checks   contract.Checks
	meanings [][]plan.Meaning // of the features' steps, for every plan
}

// prepared returns the options with what all trials share.
func (o Options) prepared() (Options, error) {
	o.checks = contract.New(o.Schemas)
	meanings, problems := plan.Match(o.Features, steps.Table(o.checks))
	if problems.HasErrors() {
		return o, problems
	}
	o.meanings = meanings
	return o, nil
}

// parallel is how many trials run at once. Suites side by side in one process are faster than child processes
// (docs/PERFORMANCE.md). Many trials mostly wait, but on two cores more than this gains little.
const parallel = 8

// timeout is how long one call of a trial may take.
const timeout = time.Second

// Run runs the trials. The error means that one could not be run at all.
func Run(ctx context.Context, o Options) (*Report, error) {
	trials, err := trialsNamed(o.Faults)
	if err != nil {
		return nil, err
	}
	if o, err = o.prepared(); err != nil {
		return nil, err
	}
	return o.tryAll(ctx, trials)
}

// tryAll runs the trials, several at once.
func (o Options) tryAll(ctx context.Context, trials []Trial) (*Report, error) {
	started := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, long := range []bool{true, false} { // long ones first, so that none runs alone at the end
		for i := range trials {
			if t := &trials[i]; t.takesLong() == long {
				group.Go(func() error { return o.try(ctx, t) })
			}
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &Report{Duration: result.ToMillis(time.Since(started)), Trials: trials}, nil
}

func trialsNamed(names []string) ([]Trial, error) {
	var trials []Trial
	if len(names) == 0 {
		trials = append(trials, Trial{Kind: Faithful, Name: "faithful", Doc: "the reference provider as it is"})
		for _, v := range reference.Variants() {
			trials = append(trials, Trial{Kind: Variant, Name: v.Name, Doc: v.Doc, variants: []string{v.Name}, form: v.Form})
		}
	}
	for _, f := range reference.Faults() {
		if len(names) == 0 || slices.Contains(names, f.Name) {
			trials = append(trials, Trial{Kind: Fault, Name: f.Name, Rule: f.Rule, Doc: f.Doc, Explored: f.Explore, fault: f})
		}
	}
	for _, name := range names {
		if _, err := reference.New(reference.Options{Fault: name}); err != nil {
			return nil, err
		}
	}
	return trials, nil
}

// takesLong reports whether a trial waits or runs the whole contract.
func (t *Trial) takesLong() bool {
	return t.Kind != Fault || t.Rule == contract.RuleNotified || t.Name == "hang"
}

// try runs one trial.
func (o Options) try(ctx context.Context, t *Trial) error {
	begun, err := time.Now(), ctx.Err()
	if err == nil {
		err = o.runAgainst(ctx, t)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", t.Kind, t.Name, err)
	}
	t.Duration = result.ToMillis(time.Since(begun))
	if len(o.Faults) == 0 {
		t.Run, t.Found = nil, nil // hundreds of results would fill the memory
	}
	return nil
}

// runAgainst runs a trial against a provider on a loopback port.
func (o Options) runAgainst(ctx context.Context, t *Trial) error {
	served, err := reference.New(reference.Options{Fault: t.fault.Name, Variants: t.variants})
	if err != nil {
		return err
	}
	defer func() { _ = served.Close() }()
	server, err := reference.Listen("127.0.0.1:0", served)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	receiver, err := webhook.Listen(webhook.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { _ = receiver.Close() }()
	control, err := newClient(0)
	if err != nil {
		return err
	}
	defer control.Close()
	secrets := &secret.Set{}
	pact := env.States{Pact: &env.Pact{URL: server.StatesURL, Embedded: true}}
	states, problems := state.New([]env.States{pact}, state.Options{Control: control, Secrets: secrets})
	if problems.HasErrors() {
		return problems
	}
	p := &provider{control: control, secrets: secrets, Target: runner.Target{
		BaseURL: server.BaseURL, States: states, Webhook: receiver, Settle: env.EmbeddedSettle, Concurrency: concurrency,
	}}
	if t.Explored {
		return p.explore(ctx, o, t)
	}
	return p.judge(ctx, o, t)
}

// part is a part of the contract; the zero value is the whole contract.
type part struct {
	rules    []string // only these; nil: all
	file     string   // only the scenarios in this feature file; "": in all
	first    bool     // only the first scenario of each rule
	untilRed bool     // ends once the trial's own rule is red, whether or not its traffic alone has shown so
}

// parts returns the parts that a trial runs, the cheapest first, until it proves what it should.
func (o Options) parts(t *Trial) []part {
	switch {
	case t.form && !o.Whole:
		return []part{{first: true}} // each kind of answer, once
	case t.Kind != Fault || o.Whole:
		return []part{{}}
	}
	parts := []part{{rules: []string{t.Rule}}}
	if rule, known := o.Features.Rule(t.Rule); known && rule.EveryExchange {
		parts[0].first = true // it is judged on the answers of all scenarios: a few show most of what can be wrong with an answer
	}
	// What a rule's own scenarios do not show, those about wrong OTPs usually do: their requests are the most varied.
	if wrongOTPs, known := o.Features.Rule(contract.RuleNoOtherOTP); known {
		parts = append(parts, part{file: wrongOTPs.File})
	}
	return append(parts, part{untilRed: true})
}

// maxStalls is how often a part is run again if nothing was found and not all could be judged: a busy machine may stall for
// longer than timeout, which proves nothing. Each time, calls get eight times as long.
const maxStalls = 2

// stalled reports whether a run found nothing and could not judge everything.
func stalled(run *result.Run) bool {
	failed := slices.ContainsFunc(run.Rules, func(r result.Rule) bool { return r.Verdict == result.Failed })
	broken := slices.ContainsFunc(run.Scenarios, func(s result.Scenario) bool {
		return s.Verdict == result.Broken || slices.ContainsFunc(s.Observed, func(o result.Observation) bool { return o.Status == 0 && o.Shape == "" }) // no answer, nor a notification
	})
	return !failed && (broken || run.Exit == result.ExitUnjudged)
}

// judge derives the trial's outcome from a run.
func (t *Trial) judge(run *result.Run, whole bool) {
	t.Run, t.Exit, t.By, t.Others, t.Reason = run, run.Exit, nil, nil, ""
	for _, r := range run.Rules {
		if r.Verdict == result.Failed {
			t.By = append(t.By, r.ID)
			if t.Kind == Fault && whole && r.ID != t.Rule {
				t.Others = append(t.Others, r.ID)
			}
		}
		if r.Verdict.NeedsAttention() {
			t.setReason(r.ID, r.Reason)
		}
	}
	if len(t.Heard) > 0 && t.Reason == "" && run.Exit == result.ExitKept {
		t.Reason = "its traffic, with no state known, is told to break " + strings.Join(t.Heard, ", ")
	}
	t.conclude()
}

// setReason keeps why a rule failed: the trial's own rule or else the first.
func (t *Trial) setReason(rule, reason string) {
	if t.Reason == "" || rule == t.Rule {
		t.Reason = rule + ": " + reason
	}
}

// conclude sets the outcome by the exit code and the rules that failed.
func (t *Trial) conclude() {
	kept, own := t.Exit == result.ExitKept, slices.Contains(t.By, t.Rule)
	switch {
	case t.Kind != Fault && kept && t.Reason == "":
		t.Outcome = Passed
	case t.Kind != Fault:
		t.Outcome = Failed
	case kept, t.Reason == "": // nothing failed and nothing broke, perhaps as the contract has no scenario of this part
		t.Outcome = Survived
	case own && t.fault.Field && slices.ContainsFunc(t.Others, func(rule string) bool { return !slices.Contains(t.fault.Also, rule) }):
		t.Outcome = Spread
	case own || t.fault.Unjudgeable:
		t.Outcome = Caught
	default:
		t.Outcome = Elsewhere
	}
}

// provider is a reference provider with what it takes to call it.
type provider struct {
	runner.Target                   // without a client, as each run has its own
	control       *transport.Client // for the provider states, with a longer timeout: they are no part of the proof
	secrets       *secret.Set
}

// judge runs one part of the contract after the other until the trial proves what it should.
func (p *provider) judge(ctx context.Context, o Options, t *Trial) error {
	for _, part := range o.parts(t) {
		for again := range 1 + maxStalls {
			run, err := p.run(ctx, o, part, t, timeout<<(3*again))
			if err != nil {
				return err
			}
			if t.judge(run, o.Whole); !stalled(run) || t.fault.Unjudgeable {
				break
			}
		}
		if t.Right() {
			break
		}
	}
	return nil
}

// newClient returns a client whose calls may take so long; 0 means the default.
func newClient(timeout time.Duration) (*transport.Client, error) {
	return transport.New(transport.Options{Concurrency: concurrency, UserAgent: "verifik-contract/prove", Timeout: timeout})
}

// concurrency is how many scenarios of one trial run at once: more only open more connections, as many trials do.
const concurrency = 2

// patience is how long a faithful provider may take to notify and to show the effects of a success. The wait ends as
// soon as it does.
const patience = 10 * time.Second

// run runs a part of the contract, with calls that may take up to most.
func (p *provider) run(ctx context.Context, o Options, part part, t *Trial, most time.Duration) (*result.Run, error) {
	client, err := newClient(most)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	planned, problems := plan.Build(plan.Input{
		Environment: &env.Environment{Name: "prove", Target: env.Target{Kind: env.TargetEmbedded}},
		Features:    o.Features, Meanings: o.meanings, States: p.States, Selection: plan.Selection{Rules: part.rules},
	})
	if problems.HasErrors() {
		return nil, problems
	}
	seen := map[string]bool{}
	planned.Keep(func(i int) bool {
		rule, file := planned.Scenarios[i].Rule, planned.Scenarios[i].File
		again := part.first && seen[rule]
		seen[rule] = true
		return !again && (part.file == "" || part.file == file)
	})
	target := p.Target
	target.Client, target.Wait, target.Patience = client, patience, patience
	if t.Kind == Fault {
		target.Wait, target.Patience = timeout, 0 // what never comes is not waited for
	}
	listener := &listener{trial: t, redIsEnough: part.untilRed}
	options := runner.Options{
		Plan: planned, Features: o.Features, Checks: o.checks, Secrets: p.secrets, StopAfter: 5, FailuresOnly: true, Unseen: len(o.Faults) == 0,
		Target: target, Watch: runner.Watch{Sent: listener.hear},
	}
	if t.Kind == Fault && !o.Whole && options.Unseen {
		options.Enough = listener.enough
	}
	run := runner.Run(ctx, options)
	return run, ctx.Err()
}

// listener follows a trial as it goes.
type listener struct {
	trial       *Trial
	redIsEnough bool
	mutex       sync.Mutex
	red         bool // the trial's own rule is broken
}

// hear adds to the trial which rules an exchange breaks if judged alone.
func (l *listener) hear(j *contract.Judging) {
	judged := j.Alone()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.trial.Heard = group.With(l.trial.Heard, group.Map(judged.Findings, func(f contract.Finding) string { return f.Rule })...)
	slices.Sort(l.trial.Heard)
}

// enough reports whether the trial's own rule is red and, unless that is enough, its traffic alone has shown so too: the rest
// would show the same.
func (l *listener) enough(broken []string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.red = l.red || slices.Contains(broken, l.trial.Rule)
	return l.red && (l.redIsEnough || slices.Contains(l.trial.Heard, l.trial.Rule))
}

// explore searches for a counterexample of a fault that no written scenario catches, with a fixed seed so that each proof has the
// same outcome. Calls get the control client's timeout, as all these faults answer every call.
func (p *provider) explore(ctx context.Context, o Options, t *Trial) (err error) {
	t.Found, err = explore.Run(ctx, explore.Options{
		Client: p.control, BaseURL: p.BaseURL, States: p.States, Checks: o.checks, Secrets: p.secrets, Seed: 1, Enough: 1,
		Sent: (&listener{trial: t}).hear,
	})
	if err != nil {
		return err
	}
	t.Exit = explore.Exit(t.Found)
	for _, c := range t.Found.Counterexamples {
		t.By = group.With(t.By, c.Rule)
		t.setReason(c.Rule, fmt.Sprintf("%s (case %d)", c.Words, c.Case))
	}
	t.conclude()
	return nil
}
