package cli

import (
	"github.com/spf13/cobra"

	"verifik-contract/internal/merge"
	"verifik-contract/internal/result"
)

func (a *app) mergeCommand() *cobra.Command {
	var o outputs
	cmd := verb("merge RESULT...", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		var runs []*result.Run
		var problems []error
		for _, path := range args {
			run, err := readRun(path)
			problems = append(problems, err)
			runs = append(runs, run)
		}
		if err := inputErrors(problems...); err != nil {
			return err
		}
		merged, err := merge.Merge(runs)
		if err != nil {
			return err
		}
		return a.finish(a.interruptible(cmd.Context()), merged, &o)
	})
	o.flags(cmd)
	return cmd
}
