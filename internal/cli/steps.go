package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"verifik-contract/steps"
)

func (a *app) stepsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "steps",
		Short: "Lists the steps that a feature may use",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, step := range steps.Table() {
				fmt.Fprintf(a.Out, "%s\n    %s\n", step.Text(), step.Doc)
			}
			return nil
		},
	}
}
