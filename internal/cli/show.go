package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func (a *app) showCommand() *cobra.Command {
	var reports shown
	cmd := verb("show RESULT", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		run, err := readResult(args[0])
		if err != nil {
			return err
		}
		return a.tell(cmd.Context(), result.ExitKept, reports, report.Of(run), func(screen io.Writer, tty bool) error {
			if len(reports) > 0 {
				return nil
			}
			return terminal.Text(screen, run, a.textOptions(tty, false))
		})
	})
	reports.flag(cmd, "a report, `FORM=FILE`; FORM alone and FORM=- are stdout; repeatable")
	offer(cmd, "report", formNames)
	return cmd
}

func forms() string {
	var b strings.Builder
	for _, f := range report.Forms() {
		fmt.Fprintf(&b, "  %-11s %s\n", f.Name, f.Doc)
	}
	return b.String()
}

// reportTargets reads the values of --report. bare allows a form without a file, which is stdout.
func reportTargets(values []string, bare bool) ([]report.Target, error) {
	var targets []report.Target
	for _, v := range values {
		if bare && !strings.Contains(v, "=") {
			v += "=-"
		}
		target, err := report.ParseTarget(v)
		if err != nil {
			return nil, input("--report: %w", err)
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// shown is where a verb writes what it reads, or finds.
type shown []report.Target

// flag declares --report, whose values are read before the verb begins. forms is the forms that the verb has; none: all.
func (s *shown) flag(cmd *cobra.Command, usage string, forms ...string) {
	var values []string
	cmd.Flags().StringArrayVar(&values, "report", nil, usage)
	cmd.PreRunE = func(*cobra.Command, []string) (err error) {
		if *s, err = reportTargets(values, true); err != nil {
			return err
		}
		for _, t := range *s {
			if len(forms) > 0 && !slices.Contains(forms, t.Form) {
				return input("--report %s: here it is %s=FILE", t.Form, strings.Join(forms, "=FILE or "))
			}
		}
		return wrong(report.CheckWritable(*s)...)
	}
}
