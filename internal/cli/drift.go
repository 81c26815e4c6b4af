package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

func (a *app) driftCommand() *cobra.Command {
	var fail bool
	var reports []string
	cmd := &cobra.Command{
		Use:   "drift BASELINE RESULT",
		Short: "Shows what changed in the provider between two runs, promised or not",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := jsonReport(reports)
			if err != nil {
				return err
			}
			baseline, err := readRun(args[0])
			if err != nil {
				return err
			}
			current, err := readRun(args[1])
			if err != nil {
				return err
			}
			changes := drift.Compare(baseline, current)
			changes.Fails = fail
			if path != "" {
				if err := a.writeFile(cmd.Context(), path, func(w io.Writer) error { return text.Encode(w, changes) }); err != nil {
					return &failure{code: result.ExitUnjudged, err: err}
				}
			}
			screen := a.Out
			if path == report.Stdout {
				screen = a.Err
			}
			if err := terminal.Drift(screen, changes, a.textOptions(a.OutTerminal && screen == a.Out, false)); err != nil {
				return fmt.Errorf("the comparison could not be shown: %w", err)
			}
			if changes.Fails && changes.Drifted() {
				return ended(result.ExitBroken)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&fail, "fail-on-drift", false, "end 1 where something changed")
	cmd.Flags().StringArrayVar(&reports, "report", nil, "write the comparison as `json=FILE`; - is stdout")
	return cmd
}
