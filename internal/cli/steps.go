package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"verifik-contract/internal/contract"
	"verifik-contract/steps"
)

func (a *app) stepsCommand() *cobra.Command {
	var c contractFlag
	cmd := &cobra.Command{
		Use:   "steps",
		Short: "Lists the steps that a feature may use",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, declared, err := c.whole()
			if err != nil {
				return err
			}
			for _, step := range steps.Table(contract.Checks{Schemas: declared}) {
				fmt.Fprintf(a.Out, "%s\n    %s\n", step.Text(), step.Doc)
			}
			return nil
		},
	}
	c.flag(cmd)
	return cmd
}
