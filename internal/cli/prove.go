package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verifik-contract/internal/explore"
	"verifik-contract/internal/prove"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func (a *app) proveCommand() *cobra.Command {
	var faults []string
	var reports reportFlag
	var list, whole bool
	var c contractFlag
	cmd := verb("prove", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if list {
			a.listFaults()
			return nil
		}
		d, err := c.loadAll()
		if err != nil {
			return err
		}
		ctx := a.interruptible(cmd.Context())
		proof, err := prove.Run(ctx, prove.Options{Features: d.features, Schemas: d.schemas, Faults: faults, Whole: whole || len(faults) > 0})
		if ctx.Err() != nil {
			return exitWith(result.ExitInterrupted)
		}
		if err != nil {
			return inputError("%w", err)
		}
		return a.showProof(ctx, proof, faults, reports)
	})
	c.flag(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&faults, "fault", nil, "only the fault `NAME`, with the failure as run shows it; repeatable")
	flags.BoolVar(&list, "list", false, "list the faults and the faithful variants")
	flags.BoolVar(&whole, "whole", false, "run the whole contract against each fault, not only its own rule, and count the other rules that it turns red")
	reports.flag(cmd, "write the proof as `json=FILE`; - is stdout", "json")
	completeFlag(cmd, "fault", faultNames)
	return cmd
}

// showProof shows a proof, and ends with its exit code.
func (a *app) showProof(ctx context.Context, proof *prove.Report, faults []string, reports reportFlag) error {
	code := result.ExitKept
	if !proof.Right() {
		code = result.ExitBroken
	}
	return a.writeAndShow(ctx, code, reports, asJSON(proof), func(screen io.Writer, tty bool) error {
		for _, t := range proof.Trials {
			if len(faults) == 0 {
				break
			}
			fmt.Fprintf(screen, "%s breaks %s: %s\n\n", t.Name, t.Rule, t.Doc)
			show := func() error { return terminal.Summary(screen, t.Run, a.textOptions(tty, false)) }
			if t.Found != nil {
				show = func() error { return explore.Write(screen, t.Found) }
			}
			if err := show(); err != nil {
				return err
			}
			fmt.Fprintln(screen)
		}
		return prove.Write(screen, proof)
	})
}

func (a *app) listFaults() {
	for _, f := range reference.Faults() {
		by := ""
		if f.Explore {
			by = " (explore)"
		}
		fmt.Fprintf(a.Out, "%-6s %s%s\n       %s\n", f.Rule, f.Name, by, f.Doc)
	}
	for _, v := range reference.Variants() {
		fmt.Fprintf(a.Out, "faithful %s\n       %s\n", v.Name, v.Doc)
	}
}
