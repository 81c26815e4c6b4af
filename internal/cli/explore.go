package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/explore"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
)

// defaultSeed is fixed, so that two runs without --seed make the same search.
const defaultSeed = 1

func (a *app) exploreCommand() *cobra.Command {
	var c selectFlags
	var o explore.Options
	var reports reportFlag
	var approval approvalFlags
	cmd := verb("explore", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		l, err := a.load(c, reports...)
		if err != nil {
			return err
		}
		target := l.environment.Target
		switch {
		case target.Kind == env.TargetHTTP && approval.maxMessages == nil:
			return inputError("making states may send OTP messages: say with --max-messages N how many this search may cause")
		case approval.maxMessages != nil && *approval.maxMessages == 0:
			return inputError("--max-messages 0: a search makes pending validations; allow it at least 1 message")
		case target.Protected && !approval.approve:
			return inputError("the target is protected: add --auto-approve to search it")
		}
		o.Allowance = state.NewAllowance(approval.maxMessages, 0)
		return a.explore(cmd, l, o, reports)
	})
	c.environmentFlags(cmd)
	flags := cmd.Flags()
	flags.Uint64Var(&o.Seed, "seed", defaultSeed, "where the search starts, a `NUMBER`; the same seed makes the same requests")
	flags.IntVar(&o.Cases, "cases", 0, fmt.Sprintf("how many requests, `N` (default %d, or what --for allows)", explore.DefaultCases))
	annotateFlag(cmd, "cases", aboveZero, "200")
	flags.DurationVar(&o.For, "for", 0, "how long, a `DURATION` like 30s")
	reports.flag(cmd, "write what was found as `json=FILE`; - is stdout", "json")
	approval.flags(cmd)
	return cmd
}

func (a *app) explore(cmd *cobra.Command, l *loaded, o explore.Options, reports reportFlag) error {
	t, err := a.open(l)
	if err != nil {
		return err
	}
	_ = problem.Write(a.Err, a.redacted(l.warnings))
	ctx := a.interruptible(cmd.Context())
	if gone := t.Client.Probe(ctx, t.BaseURL); gone != nil && ctx.Err() == nil {
		return &failure{code: result.ExitUnjudged, err: errors.New(contract.Clip(a.secrets.Redact(gone.Message)))}
	}
	o.Client, o.BaseURL, o.Way, o.States, o.Checks, o.Secrets = t.Client, t.BaseURL, t.Way, t.States, l.checks(), a.secrets
	counter, last := terminal.NewShared(a.Err), time.Now()
	if a.canRewrite(a.ErrTerminal) {
		o.Progress = func(done int) {
			if time.Since(last) > statusInterval {
				last = time.Now()
				counter.Status(fmt.Sprintf("... %d cases", done))
			}
		}
	}
	found, err := explore.Run(ctx, o)
	counter.Status("") // the report takes its place
	if found == nil {
		return inputError("%w", err)
	}
	code := explore.Exit(found)
	if ctx.Err() != nil {
		code = result.ExitInterrupted
	}
	return a.writeAndShow(ctx, code, reports, asJSON(found), func(screen io.Writer, _ bool) error { return explore.Write(screen, found) })
}
