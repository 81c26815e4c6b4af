package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// runFlags is what only run has.
type runFlags struct {
	choice
	outputs
	approve     bool
	failOn      string
	require     string
	stopAfter   int
	maxMessages int
}

// unlimited is a maxMessages that nobody set.
const unlimited = -1

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [FEATURE...]",
		Short: "Runs the contract against a target",
		Long: `Runs the contract against a target and tells what holds.

A FEATURE is a file, or an embedded feature's name; FILE:LINE is the scenario, the row or the rule on that line, as
failures print it. Without -e the target is the reference provider that the tool carries. A protected target is called only after
its plan was approved: at the terminal, or with --auto-approve. The reports' forms:

` + forms(),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.features = args
			switch {
			case !cmd.Flags().Changed("max-messages"):
				f.maxMessages = unlimited
			case f.maxMessages < 0:
				return input("--max-messages %d: 0 or more", f.maxMessages)
			}
			return a.run(cmd.Context(), &f)
		},
	}
	f.environmentFlags(cmd)
	f.selectionFlags(cmd)
	f.outputs.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.approve, "auto-approve", false, "call a protected target without asking")
	flags.StringVar(&f.failOn, "fail-on", "should", "the weakest `LEVEL` whose breach fails the run: must or should")
	flags.StringVar(&f.require, "require", "", "end 3 where a rule of this `LEVEL` (must, or should and must) was not judged at all")
	flags.IntVar(&f.stopAfter, "stop-after", 5, "stop when `N` scenarios in a row, not all of one rule, are broken by transport; 0: never")
	flags.IntVar(&f.maxMessages, "max-messages", 0, "refuse a plan that sends more OTP messages than `N`, and let no retry send more")
	return cmd
}

func (a *app) run(ctx context.Context, f *runFlags) error {
	if f.failOn != "must" && f.failOn != "should" {
		return input("--fail-on %q: must or should", f.failOn)
	}
	if f.require != "" && f.require != "must" && f.require != "should" {
		return input("--require %q: must or should", f.require)
	}
	if f.require == "should" && f.level == "must" {
		return input("--require should asks for rules that --level must leaves out")
	}
	if f.stopAfter < 0 {
		return input("--stop-after %d: 0 or more", f.stopAfter)
	}
	if err := f.prepare(); err != nil {
		return err
	}
	l, err := a.load(f.choice)
	if err != nil {
		return err
	}
	t, err := a.open(l)
	if err != nil {
		return err
	}
	defer t.close()
	p, err := a.plan(l, t.states)
	if err != nil {
		return err
	}
	if err := f.certify.foresee(l, p); err != nil {
		return err
	}
	_ = problem.Write(a.Err, a.redacted(l.warnings))
	screen, terminal := a.screen(&f.outputs)
	if err := a.approved(ctx, p, f, screen, terminal); err != nil {
		return err
	}
	ctx, cancel := a.interruptible(ctx)
	defer cancel()
	var view guard
	run, err := a.conduct(ctx, l, t, p, f, &view, screen, terminal)
	if err != nil {
		return err
	}
	a.found(run)
	defer view.rethrow()
	return a.finish(ctx, run, &f.outputs)
}

// allowance holds the retries' OTP messages, beside those of the plan, to --max-messages. It is asked from several
// goroutines.
func (f *runFlags) allowance(planned int) func(n int) bool {
	if f.maxMessages < 0 {
		return nil
	}
	var mutex sync.Mutex
	left := f.maxMessages - planned
	return func(n int) bool {
		mutex.Lock()
		defer mutex.Unlock()
		if n > left {
			return false
		}
		left -= n
		return true
	}
}

// approved asks before a protected target is called, and holds the plan against --max-messages.
func (a *app) approved(ctx context.Context, p *plan.Plan, f *runFlags, screen io.Writer, tty bool) error {
	if f.maxMessages != unlimited && p.Cost.Messages > f.maxMessages {
		return input("the plan sends %d OTP messages, and --max-messages allows %d: select less with --rule, --level or --tags", p.Cost.Messages, f.maxMessages)
	}
	if !p.Target.Protected || f.approve && f.quiet {
		return nil
	}
	if err := terminal.Plan(screen, p, a.textOptions(tty, false)); err != nil {
		return err
	}
	if f.approve {
		fmt.Fprintln(screen)
		return nil
	}
	if !a.answers() {
		return input("the target is protected and nobody is here to approve the plan: add --auto-approve once you have read it")
	}
	asking, cancel := a.interruptible(ctx)
	defer cancel()
	answer, err := a.ask(asking, question(p))
	if asking.Err() != nil {
		return ended(result.ExitInterrupted)
	}
	if err != nil || answer != "yes" {
		return input("not approved: nothing was sent")
	}
	return nil
}

// question asks for what cannot be taken back: the plan above it may be longer than the terminal.
func question(p *plan.Plan) string {
	return fmt.Sprintf("\nRun this against %s? It takes %s. Only \"yes\" is taken as approval: ", text.Line(p.Target.BaseURL), terminal.Costs(p))
}

// conduct does the run and makes its result. The view is told of it on other goroutines than this one.
func (a *app) conduct(ctx context.Context, l *loaded, t *target, p *plan.Plan, f *runFlags, view *guard, screen io.Writer, tty bool) (*result.Run, error) {
	started := time.Now()
	progress := newProgress(p, time.Now)
	above, stop := a.watch(progress, view, screen, tty && !l.prompts(), f.quiet && a.OutTerminal)
	// What changed since the baseline comes first, and is known last: the scenarios are listed under it.
	f.listed = f.before != nil && !f.quiet
	shown := a.textOptions(tty, f.quiet || f.listed)
	shown.Ordered = !tty
	live := terminal.NewLive(above, shown)
	live.Expect(p)
	var outcome *runner.Outcome
	var problem error
	if failure := t.client.Probe(ctx, t.baseURL); failure != nil && ctx.Err() == nil {
		failure.Message = contract.Clip(a.secrets.Redact(failure.Message))
		outcome = runner.Unreachable(p, failure)
	} else {
		outcome, problem = runner.Run(ctx, runner.Options{
			Plan: p, Features: l.features, Checks: l.checks(), Client: t.client, BaseURL: t.baseURL, Way: t.way, States: t.states, Webhook: t.receiver, Wait: t.wait, Patience: readBackPatience, Settle: l.environment.Target.Settle,
			Secrets: a.secrets, MayMessage: f.allowance(p.Cost.Messages), Concurrency: l.environment.Target.Concurrency, Retries: l.environment.Target.Retries, StopAfter: f.stopAfter,
			Began: progress.began,
			Live: func(s result.Scenario) {
				progress.ended(s)
				view.do(func() { live.Scenario(s) })
			},
		})
	}
	view.do(live.Close)
	stop()
	if !f.quiet && !f.listed {
		view.do(func() { fmt.Fprintln(screen) })
	}
	run := &result.Run{
		Version: result.Version, Tool: result.Tool{Name: "verifik-contract", Version: Version()},
		Started: started.UTC().Truncate(time.Millisecond), Duration: result.ToMillis(time.Since(started)),
		Target: result.Target{Kind: l.environment.Target.Kind, BaseURL: a.secrets.Redact(t.baseURL), Proxy: p.Target.Proxy, Unverified: unverified(l.environment)}, Environment: l.environment.Name,
		Digests:   result.Digests{Features: l.features.Digest(), Schemas: l.schemas.Digest()},
		Selection: selection(p, f.failOn, f.require), Again: a.again(f.choice),
		Rules: outcome.Rules, Scenarios: outcome.Scenarios, Webhooks: outcome.Webhooks, Warnings: outcome.Warnings,
		Stopped: outcome.Stopped, Diagnosis: outcome.Diagnosis, Waivers: a.waivers(l.environment),
		Latency: result.Measure(outcome.Latencies, budget(l.environment)),
	}
	if problem != nil {
		run.Stopped = a.secrets.Redact(problem.Error())
	}
	if view.failed() {
		run.Stopped = "the tool failed while it showed the run"
	}
	if run.Target.Unverified {
		run.Warnings = append(run.Warnings, "the target's certificate was not checked (insecure_skip_verify): anyone could have answered in its place")
	}
	if ctx.Err() != nil {
		run.Stopped = "the run was interrupted"
	}
	result.Conclude(run, time.Now())
	if ctx.Err() != nil {
		run.Exit = result.ExitInterrupted
	}
	return run, nil
}

// watch shows how far the run is, and returns where the live view goes.
func (a *app) watch(p *progress, view *guard, screen io.Writer, terminal, quiet bool) (io.Writer, func()) {
	switch {
	case quiet:
		return screen, func() {} // somebody watches, and wants it quiet; in CI a heartbeat is still owed
	case terminal && !a.continuous() && a.variable("TERM") != "dumb":
		timer := time.NewTimer(patience)
		above, stop := p.bar(screen, a.Width, timer.C)
		return above, func() {
			timer.Stop()
			stop()
		}
	}
	shared := &lockedWriter{w: screen}
	ticker := time.NewTicker(heartbeat)
	stop := p.beat(shared, ticker.C, view)
	return shared, func() {
		ticker.Stop()
		stop()
	}
}

func (a *app) waivers(e *env.Environment) []result.Waiver {
	var all []result.Waiver
	for _, w := range e.Waivers {
		all = append(all, result.Waiver{Rule: w.Rule, Reason: a.secrets.Redact(w.Reason), Until: w.Until.Format(time.DateOnly)})
	}
	return all
}

func budget(e *env.Environment) *result.Budget {
	if e.Budget == nil {
		return nil
	}
	return &result.Budget{P95: result.ToMillis(e.Budget.P95), Max: result.ToMillis(e.Budget.Max), Fail: e.Budget.Fail}
}

// readBackPatience is how long a read-back is repeated until it shows what a success changes.
const readBackPatience = 2 * time.Second

// selection is what was asked for, as the result tells it.
func selection(p *plan.Plan, failOn, require string) result.Selection {
	s := p.Selection
	return result.Selection{Rules: s.Rules, Tags: s.Tags, Level: s.Level, Features: s.Features, Repeat: s.Repeat, Shard: s.Shard, FailOn: failOn, Require: require}
}

// again is the command that runs the same environment once more; a scenario's FILE:LINE behind it selects that one.
func (a *app) again(c choice) string {
	parts := []string{"verifik-contract run"}
	add := func(flag, value, variable string) {
		if redacted := a.secrets.Redact(value); redacted != value {
			value = strings.ReplaceAll(redacted, secret.Redacted, curl.Expression("$"+variable))
		}
		parts = append(parts, flag+" "+curl.Argument(value))
	}
	if c.environment != "local" {
		add("-e", c.environment, "ENVIRONMENT")
	}
	for _, file := range c.varFiles {
		add("--var-file", file, "VAR_FILE")
	}
	for _, v := range c.vars {
		name, _, _ := strings.Cut(v, "=")
		add("--var", v, "CONTRACT_VAR_"+name)
	}
	if c.baseURL != "" {
		add("--base-url", c.baseURL, "BASE_URL")
	}
	return strings.Join(parts, " ")
}

// unverified tells whether the target may be anyone.
func unverified(e *env.Environment) bool { return e.Target.TLS.InsecureSkipVerify }
