// Package prove shows that the contract catches what it should: it runs it against the faithful reference
// provider, against variants of it that are as faithful, and against each of its faults. The faithful ones
// must pass; each fault must fail, by the rule whose promise it breaks.
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
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/explore"
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

// Kind is what kind of provider a trial is of.
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
	Spread    Outcome = "caught by other rules too" // and it is of one field of one answer
	Survived  Outcome = "survived"
)

// Trial is the contract run against one provider.
type Trial struct {
	Kind     Kind            `json:"kind"`
	Name     string          `json:"name"`
	Rule     string          `json:"rule,omitempty"` // of a fault: whose promise it breaks
	Doc      string          `json:"doc,omitempty"`
	Explored bool            `json:"explored,omitempty"` // only explore can catch it
	Outcome  Outcome         `json:"outcome"`
	By       []string        `json:"by,omitempty"`     // the rules that turned red
	Heard    []string        `json:"heard,omitempty"`  // the rules that what was sent and answered breaks by itself, with no state known
	Others   []string        `json:"others,omitempty"` // of a whole run: those of them whose promise the fault does not break
	Reason   string          `json:"reason,omitempty"`
	Exit     result.ExitCode `json:"exit"`
	Duration result.Millis   `json:"duration"`
	Run      *result.Run     `json:"-"` // where faults were named

	Found *explore.Report `json:"-"` // of a fault that only explore can catch

	form  bool // of a variant: it decides as the faithful provider does
	fault reference.Fault
}

// Right reports whether the trial proves what it should.
func (t Trial) Right() bool { return t.Outcome == Passed || t.Outcome == Caught }

// Report is all trials, in the order of the reference provider's tables.
type Report struct {
	Duration result.Millis `json:"duration"`
	Trials   []Trial       `json:"trials"`
}

// Right reports whether every trial proves what it should.
func (r *Report) Right() bool {
	return !slices.ContainsFunc(r.Trials, func(t Trial) bool { return !t.Right() })
}

// Options is what a proof needs.
type Options struct {
	Features *features.Set
	Schemas  *schemas.Set
	Faults   []string // only these, and no faithful provider; empty: everything
	Whole    bool     // the whole contract against each fault; else its own rule first, and the rest only where that stays green

	meanings [][]plan.Meaning // of the features' steps: every plan's
}

// matched finds the features' steps.
func (o Options) matched() (Options, error) {
	meanings, problems := plan.Match(o.Features, steps.Table(contract.Checks{Schemas: o.Schemas}))
	if problems.HasErrors() {
		return o, problems
	}
	o.meanings = meanings
	return o, nil
}

// parallel is how many providers are tried at once. Suites side by side in one process are faster than child processes
// (docs/PERFORMANCE.md); many trials only wait, for what settles or for a notification, and more than this gains little on two cores.
const parallel = 8

// timeout is how long one call of a trial may take.
const timeout = time.Second

// Run tries the providers. The error means that a trial could not be made at all.
func Run(ctx context.Context, o Options) (*Report, error) {
	trials, err := chosen(o.Faults)
	if err != nil {
		return nil, err
	}
	if o, err = o.matched(); err != nil {
		return nil, err
	}
	started := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	// The longest first, so that none is left over at the end.
	for _, i := range longestFirst(trials) {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t, begun := &trials[i], time.Now()
			if err := o.try(ctx, t); err != nil {
				return fmt.Errorf("%s %s: %w", t.Kind, t.Name, err)
			}
			t.Duration = result.ToMillis(time.Since(begun))
			if len(o.Faults) == 0 {
				t.Run, t.Found = nil, nil // hundreds of whole results would fill the memory
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &Report{Duration: result.ToMillis(time.Since(started)), Trials: trials}, nil
}

func chosen(names []string) ([]Trial, error) {
	var trials []Trial
	if len(names) == 0 {
		trials = append(trials, Trial{Kind: Faithful, Name: "faithful", Doc: "the reference provider as it is"})
		for _, v := range reference.Variants() {
			trials = append(trials, Trial{Kind: Variant, Name: v.Name, Doc: v.Doc, form: v.Form})
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

func longestFirst(trials []Trial) []int {
	order := make([]int, len(trials))
	for i := range order {
		order[i] = i
	}
	weight := func(t Trial) int {
		switch {
		case t.Rule == contract.RuleNotified || t.Name == "hang": // they wait
			return 3
		case t.Kind != Fault:
			return 2
		case t.Explored:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(order, func(a, b int) int { return weight(trials[b]) - weight(trials[a]) })
	return order
}

// try makes one trial, of a part of the contract after the other until it proves what it should.
func (o Options) try(ctx context.Context, t *Trial) error {
	options := reference.Options{Fault: t.fault.Name}
	if t.Kind == Variant {
		options.Variant = t.Name
	}
	provider, err := newProvider(options)
	if err != nil {
		return err
	}
	defer provider.close()
	if t.Explored {
		return provider.explore(ctx, o, t)
	}
	for _, part := range o.parts(t) {
		for again := 0; ; again++ {
			run, err := provider.run(ctx, o, part, t)
			if err != nil {
				return err
			}
			t.judge(run, o.Whole)
			if again == stalls || !stalled(run) || t.fault.Unjudgeable {
				break
			}
			if err := provider.connect(timeout << (3 * (again + 1))); err != nil {
				return err
			}
		}
		if t.Right() {
			return nil
		}
	}
	return nil
}

// part is a part of the contract; the zero part is the whole.
type part struct {
	rules []string
	first bool // only the first scenario of each rule
}

// parts returns what a trial runs one after the other until it proves what it should, the cheap first.
func (o Options) parts(t *Trial) []part {
	switch {
	case t.form && !o.Whole:
		return []part{{first: true}} // each kind of answer, once
	case t.Kind != Fault || o.Whole:
		return []part{{}}
	}
	own := part{rules: []string{t.Rule}}
	if rule, known := o.Features.Rule(t.Rule); known && rule.EveryExchange {
		// It is judged on the answers of all scenarios: a few show most of what can be wrong with an answer.
		return []part{{own.rules, true}, own, {}}
	}
	return []part{own, {}}
}

// stalls is how often a provider is tried again where nothing was found and not all could be judged: a busy machine
// may stand still for longer than timeout, and that is no alarm, false or true. Each time a call may take eight times as long.
const stalls = 2

// stalled reports whether a run found nothing and could not judge everything.
func stalled(run *result.Run) bool {
	failed := slices.ContainsFunc(run.Rules, func(r result.Rule) bool { return r.Verdict == result.Failed })
	broken := slices.ContainsFunc(run.Scenarios, func(s result.Scenario) bool {
		return s.Verdict == result.Broken || slices.ContainsFunc(s.Observed, func(o result.Observation) bool { return o.Status == 0 && o.Shape == "" }) // no answer, nor a notification
	})
	return !failed && (broken || run.Exit == result.ExitUnjudged)
}

// judge reads a run's result.
func (t *Trial) judge(run *result.Run, whole bool) {
	t.Run, t.Exit, t.By, t.Others, t.Reason = run, run.Exit, nil, nil, ""
	for _, r := range run.Rules {
		if r.Verdict == result.Failed {
			t.By = append(t.By, r.ID)
			if t.Kind == Fault && whole && r.ID != t.Rule {
				t.Others = append(t.Others, r.ID)
			}
		}
		if (r.Verdict == result.Failed || r.Verdict == result.Broken) && (t.Reason == "" || r.ID == t.Rule) {
			t.Reason = fmt.Sprintf("%s: %s", r.ID, r.Reason)
		}
	}
	if len(t.Heard) > 0 && t.Reason == "" {
		t.Reason = "its traffic, with no state known, is told to break " + strings.Join(t.Heard, ", ")
	}
	kept, own := run.Exit == result.ExitKept, slices.Contains(t.By, t.Rule)
	switch {
	case t.Kind != Fault && kept && t.Reason == "":
		t.Outcome = Passed
	case t.Kind != Fault:
		t.Outcome = Failed
	case kept:
		t.Outcome = Survived
	case own && t.fault.Field && slices.ContainsFunc(t.Others, func(rule string) bool { return !slices.Contains(t.fault.Also, rule) }):
		t.Outcome = Spread
	case own || t.fault.Unjudgeable:
		t.Outcome = Caught
	default:
		t.Outcome = Elsewhere
	}
}

// provider is one reference provider on a loopback port, and what calls it.
type provider struct {
	server   *reference.Server
	receiver *webhook.Receiver
	client   *transport.Client // of the endpoint under test
	control  *transport.Client // of the provider states, which are no part of the proof and may take their time
	secrets  *secret.Set
	closers  []func()
}

func newProvider(options reference.Options) (*provider, error) {
	p := &provider{secrets: &secret.Set{}}
	err := p.open(options)
	if err != nil {
		p.close()
	}
	return p, err
}

func (p *provider) open(options reference.Options) error {
	served, err := reference.New(options)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = served.Close() })
	if p.server, err = reference.Listen("127.0.0.1:0", served); err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = p.server.Close() })
	if p.receiver, err = webhook.Listen(webhook.Options{Listen: "127.0.0.1:0"}); err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = p.receiver.Close() })
	calls := transport.Options{Concurrency: concurrency, UserAgent: userAgent}
	if p.control, err = transport.New(calls); err != nil {
		return err
	}
	p.closers = append(p.closers, p.control.Close)
	return p.connect(timeout)
}

// connect makes the client of which a call may take so long.
func (p *provider) connect(most time.Duration) (err error) {
	if p.client, err = transport.New(transport.Options{Concurrency: concurrency, UserAgent: userAgent, Timeout: most}); err == nil {
		p.closers = append(p.closers, p.client.Close)
	}
	return err
}

const userAgent = "verifik-contract/prove"

func (p *provider) close() {
	for _, f := range slices.Backward(p.closers) {
		f()
	}
}

// concurrency is how many scenarios of one trial run at once.
const concurrency = 4

func (p *provider) states() (*state.Maker, error) {
	states, problems := state.New([]env.States{{Kind: env.StatesPact, Pact: &env.Pact{URL: p.server.StatesURL, Embedded: true}}},
		state.Options{Target: p.client, Control: p.control, TargetURL: p.server.BaseURL, Secrets: p.secrets})
	if problems.HasErrors() {
		return nil, problems
	}
	return states, nil
}

// patience is how long a faithful provider may take to notify, and to show what a success changes: it is awaited no
// longer than it takes.
const patience = 10 * time.Second

// run runs the contract, or a part of it.
func (p *provider) run(ctx context.Context, o Options, part part, t *Trial) (*result.Run, error) {
	states, err := p.states()
	if err != nil {
		return nil, err
	}
	planned, problems := plan.Build(plan.Input{
		Environment: &env.Environment{Name: "prove", Target: env.Target{Kind: env.TargetEmbedded}},
		Features:    o.Features, Meanings: o.meanings, States: states, Selection: plan.Selection{Rules: part.rules},
	})
	if problems.HasErrors() {
		return nil, problems
	}
	if part.first {
		kept := map[string]bool{}
		planned.Keep(func(i int) bool {
			rule := planned.Scenarios[i].Rule
			defer func() { kept[rule] = true }()
			return !kept[rule]
		})
	}
	wait, shows := patience, patience
	if t.Kind == Fault {
		wait, shows = timeout, 0 // what never comes is not waited for
	}
	checks := contract.Checks{Schemas: o.Schemas}.Prepared()
	heard := listening{checks: checks, rules: t.Heard}
	run := runner.Run(ctx, runner.Options{
		Plan: planned, Features: o.Features, Checks: checks, Secrets: p.secrets, StopAfter: 5, FailuresOnly: true,
		Target: runner.Target{Client: p.client, BaseURL: p.server.BaseURL, States: states, Webhook: p.receiver, Wait: wait, Patience: shows, Settle: env.EmbeddedSettle, Concurrency: concurrency},
		Watch:  runner.Watch{Sent: heard.hear},
	})
	t.Heard = heard.rules
	return run, ctx.Err()
}

// listening gathers which rules the exchanges of a run break by themselves.
type listening struct {
	checks contract.Checks
	mutex  sync.Mutex
	rules  []string
}

// hear judges an exchange as a recording of it is judged, which does not tell what it was sent for.
func (l *listening) hear(e exchange.Exchange) {
	e.Undocumented, e.Aside = false, false
	j := l.checks.Judge(e, contract.Known{})
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, f := range j.Findings {
		if !slices.Contains(l.rules, f.Rule) {
			l.rules = append(l.rules, f.Rule)
			slices.Sort(l.rules)
		}
	}
}

// exploreSeed is fixed: a proof has the same outcome each time.
const exploreSeed = 1

// explore searches for a counterexample with explore, as for a fault that no written scenario can meet.
// None of those leaves a call without its answer: each may take its time.
func (p *provider) explore(ctx context.Context, o Options, t *Trial) error {
	states, err := p.states()
	if err != nil {
		return err
	}
	heard := listening{checks: contract.Checks{Schemas: o.Schemas}.Prepared()}
	t.Found, err = explore.Run(ctx, explore.Options{
		Client: p.control, BaseURL: p.server.BaseURL, States: states, Schemas: o.Schemas, Secrets: p.secrets, Seed: exploreSeed, Enough: 1,
		Sent: heard.hear,
	})
	t.Heard = heard.rules
	if err != nil {
		return err
	}
	t.Exit = explore.Exit(t.Found)
	for _, c := range t.Found.Counterexamples {
		if !slices.Contains(t.By, c.Rule) {
			t.By = append(t.By, c.Rule)
		}
		if t.Reason == "" || c.Rule == t.Rule {
			t.Reason = fmt.Sprintf("%s: %s (case %d)", c.Rule, c.Words, c.Case)
		}
	}
	switch {
	case slices.Contains(t.By, t.Rule):
		t.Outcome = Caught
	case len(t.By) > 0:
		t.Outcome = Elsewhere
	default:
		t.Outcome = Survived
	}
	return nil
}
