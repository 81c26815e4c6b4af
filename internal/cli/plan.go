package cli

import (
	"github.com/spf13/cobra"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

func (a *app) planCommand() *cobra.Command {
	var c selectFlags
	var form string
	cmd := verb("plan [FEATURE...]", cobra.ArbitraryArgs, func(_ *cobra.Command, args []string) error {
		c.Features = args
		l, err := a.load(c)
		if err != nil {
			return err
		}
		states, err := a.states(l, "", state.Options{})
		if err != nil {
			return err
		}
		_ = problem.Write(a.Err, a.redacted(l.warnings))
		p, err := a.plan(l, states)
		if err != nil {
			return err
		}
		if form == "json" {
			return text.Encode(a.Out, p)
		}
		return terminal.Plan(a.Out, p, a.textOptions(a.OutTerminal, false))
	})
	c.environmentFlags(cmd)
	c.selectionFlags(cmd)
	oneOfFlag(cmd, &form, "format", "text", "text or json", "text", "json")
	return cmd
}
