package cli

import (
	"io"

	"github.com/spf13/cobra"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func (a *app) driftCommand() *cobra.Command {
	var fail bool
	var reports reportFlag
	cmd := verb("drift BASELINE RESULT", cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		baseline, err := readRun(args[0])
		current, other := readRun(args[1])
		if args[0] == args[1] {
			other = nil // what is wrong with it is told once
		}
		if err := inputErrors(err, other); err != nil {
			return err
		}
		changes := drift.Compare(baseline, current)
		changes.Fails = fail
		code := result.ExitKept
		if changes.Fails && changes.Drifted() {
			code = result.ExitBroken
		}
		return a.writeAndShow(cmd.Context(), code, reports, asJSON(changes), func(screen io.Writer, tty bool) error {
			return terminal.Drift(screen, changes, a.textOptions(tty, false))
		})
	})
	cmd.Flags().BoolVar(&fail, "fail-on-drift", false, "end 1 where something changed")
	reports.flag(cmd, "write the comparison as `json=FILE`; - is stdout", "json")
	return cmd
}
