package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// runFlags is the flags of run.
type runFlags struct {
	selectFlags
	outputs
	approvalFlags
	failOn    string
	require   string
	stopAfter int
}

// approvalFlags is the flags that say what may be done to a target without asking.
type approvalFlags struct {
	approve     bool
	maxMessages *int // OTP messages; nil: no limit
}

func (f *approvalFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.approve, "auto-approve", false, "call a protected target without asking")
	flags.Func("max-messages", "refuse what sends more OTP messages than `N`, and let no retry send more", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return errors.New("0 or more")
		}
		f.maxMessages = &n
		return nil
	})
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := verb("run [FEATURE...]", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		f.Features = args
		return a.run(cmd.Context(), &f)
	})
	f.environmentFlags(cmd)
	f.selectionFlags(cmd)
	f.outputs.flags(cmd)
	f.approvalFlags.flags(cmd)
	flags := cmd.Flags()
	oneOfFlag(cmd, &f.failOn, "fail-on", "should", "the weakest `LEVEL` whose breach fails the run: must or should", "must", "should")
	oneOfFlag(cmd, &f.require, "require", "", "end 3 where a rule of this `LEVEL` (must, or should and must) was not judged at all", "must", "should")
	flags.IntVar(&f.stopAfter, "stop-after", 5, "stop when `N` scenarios in a row, not all of one rule, get no answer; 0: never")
	return cmd
}

func (a *app) run(ctx context.Context, f *runFlags) error {
	if f.require == "should" && f.Level == "must" {
		return inputError("--require should asks for rules that --level must leaves out")
	}
	// A short run has a small heap, which can grow by some MB before its garbage is collected: this block counts as heap, and is
	// never touched.
	var room []byte
	if !a.set("GOGC") {
		room = make([]byte, 20<<20)
	}
	l, err := a.load(f.selectFlags, f.all()...)
	if err != nil {
		return err
	}
	t, err := a.open(l)
	if err != nil {
		return err
	}
	_ = problem.Write(a.Err, a.redacted(l.warnings))
	p, err := a.plan(l, t.States)
	if err != nil {
		return err
	}
	o := runner.Options{
		Plan: p, Features: l.features, Checks: l.checks(), Secrets: a.secrets, Target: *t,
		Tool: tool(), Digests: l.digests(), Again: a.againCommand("run", f.selectFlags), FailOn: f.failOn, Require: f.require,
		MaxMessages: f.maxMessages, StopAfter: f.stopAfter, FailuresOnly: !f.showsPassed(),
		Waivers: group.Map(l.environment.Waivers, func(w env.Waiver) result.Waiver {
			return result.Waiver{Rule: w.Rule, Reason: w.Reason, Until: w.Until.Format(time.DateOnly)}
		}),
	}
	if b := l.environment.Budget; b != nil {
		o.Budget = &result.Budget{P95: result.ToMillis(b.P95), Max: result.ToMillis(b.Max), Fail: b.Fail}
	}
	if l.environment.Target.Kind != env.TargetEmbedded {
		o.Fresh = a.againCommand("state", l.choice)
	}
	if err := f.certify.refuseUncertifiable(func() *result.Run { return runner.Foreseen(o) }); err != nil {
		return err
	}
	screen, tty := a.screen(f.all())
	show := func() error {
		if f.approve && f.quiet {
			return nil
		}
		defer fmt.Fprintln(screen)
		return terminal.Plan(screen, p, a.textOptions(tty, false))
	}
	ctx = a.interruptible(ctx)
	if err := a.approved(ctx, f.approvalFlags, p, "Run this", show); err != nil {
		return err
	}
	var view panicGuard
	o.Watch = a.watch(l, p, f, &view, screen, tty)
	if len(p.Scenarios) > 2000 {
		// A long run keeps something of each scenario, and 10,000 have to stay within 64 MB (docs/PERFORMANCE.md). Without a
		// collection now, the heap would still grow by the room before the next one.
		room = nil
		runtime.GC()
	}
	if len(p.Scenarios) > 20_000 && !a.set("GOGC") {
		defer debug.SetGCPercent(debug.SetGCPercent(60)) // the garbage of 100,000 scenarios would double the heap
	}
	run := runner.Run(ctx, o)
	runtime.KeepAlive(room)
	defer view.rethrow()
	return a.finish(ctx, run, &f.outputs)
}

// approved checks the cost of a plan against --max-messages. For a protected target it shows the plan and asks. The question
// repeats what cannot be taken back: the plan above it may be longer than the terminal.
func (a *app) approved(ctx context.Context, f approvalFlags, p *plan.Plan, what string, show func() error) error {
	if f.maxMessages != nil && p.Cost.Messages > *f.maxMessages {
		who, less := "the run", "select less with --rule, --level or --tags"
		if len(p.Scenarios) == 0 {
			who, less = "the state", "allow what it takes, or take a state that needs fewer"
		}
		return inputError("%s sends %s, and --max-messages allows %d: %s", who, text.Count(p.Cost.Messages, "OTP message"), *f.maxMessages, less)
	}
	if !p.Target.Protected {
		return nil
	}
	switch err := show(); {
	case !f.approve && !a.canAsk():
		return inputError("the target is protected and nobody is here to approve it: add --auto-approve")
	case err != nil || f.approve:
		return err
	}
	question := fmt.Sprintf("%s against %s? It takes %s. Only \"yes\" is taken as approval: ", what, text.Line(p.Target.BaseURL), terminal.Costs(p))
	answer, err := a.ask(ctx, question)
	if ctx.Err() != nil {
		return exitWith(result.ExitInterrupted)
	}
	if err != nil || answer != "yes" {
		return inputError("not approved: nothing was sent")
	}
	return nil
}

// watch returns hooks that show the run while it goes on. They are called on other goroutines than the verb's own.
func (a *app) watch(l *loaded, p *plan.Plan, f *runFlags, view *panicGuard, screen io.Writer, tty bool) runner.Watch {
	progress := newProgress(p, time.Now)
	above, stop := a.progress(progress, view, screen, tty, f.quiet && a.OutTerminal || l.asksForOTPs())
	// The changes since the baseline are shown first, but known last: the scenarios are listed after them. Where a person is
	// asked for OTPs, nothing may come between the question and the answer.
	f.listAfterwards = (f.baselineRun != nil || l.asksForOTPs()) && !f.quiet
	shown := a.textOptions(tty, f.quiet || f.listAfterwards)
	shown.Ordered = !tty
	live := terminal.NewLive(above, p, shown)
	return runner.Watch{
		Began: progress.began,
		Ended: func(s *result.Scenario) {
			progress.ended(s.ID)
			view.do(func() { live.Scenario(s) })
		},
		Closed: func() error {
			view.do(live.Close)
			stop()
			if !f.quiet && !f.listAfterwards {
				view.do(func() { fmt.Fprintln(screen) })
			}
			if view.failed() {
				return errors.New("the tool failed while it showed the run")
			}
			return nil
		},
	}
}

// progress starts to show how far the run is. It returns the stream for the live view, and a function that stops it.
func (a *app) progress(p *progress, view *panicGuard, w io.Writer, tty, quiet bool) (io.Writer, func()) {
	shared := terminal.NewShared(w)
	switch {
	case quiet:
		return shared, func() {} // only on a terminal: in CI the heartbeat is shown with --quiet too
	case a.canRewrite(tty):
		stop := p.watch(time.Tick(statusInterval), func(line string) {
			view.do(func() { shared.Status(text.Cut(line, cmp.Or(a.width(), 80)-5)) })
		})
		return shared, func() { stop(); shared.Status("") }
	}
	return shared, p.watch(time.Tick(lineInterval), func(line string) { view.do(func() { fmt.Fprintln(shared, line) }) })
}

// againCommand returns a command for the same environment. After that of run, FILE:LINE selects a scenario.
func (a *app) againCommand(verb string, c selectFlags) string {
	command := "verifik-contract " + verb
	add := func(flag, value, variable string) {
		value = strings.ReplaceAll(a.secrets.Redact(value), secret.Redacted, curl.Expression("$"+variable))
		if value != "" {
			command += " " + flag + " " + curl.Argument(value)
		}
	}
	add("--contract", string(c.contract), "CONTRACT")
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
	add("--base-url", c.baseURL, "BASE_URL")
	return command
}
