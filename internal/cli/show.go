package cli

import (
	"io"

	"github.com/spf13/cobra"

	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func (a *app) showCommand() *cobra.Command {
	var reports reportFlag
	cmd := verb("show RESULT", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		run, err := readResult(args[0])
		if err != nil {
			return err
		}
		return a.writeAndShow(cmd.Context(), result.ExitKept, reports, report.Of(run), func(screen io.Writer, tty bool) error {
			if len(reports) > 0 {
				return nil
			}
			return terminal.Text(screen, run, a.textOptions(tty, false))
		})
	})
	reports.flag(cmd, "a report, `FORM=FILE`; FORM alone and FORM=- are stdout; repeatable")
	completeFlag(cmd, "report", formNames)
	return cmd
}
