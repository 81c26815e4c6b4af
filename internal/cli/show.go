package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func (a *app) showCommand() *cobra.Command {
	var reports []string
	cmd := verb("show RESULT", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		run, err := readResult(args[0])
		if err != nil {
			return err
		}
		if len(reports) == 0 {
			return terminal.Text(a.Out, run, a.textOptions(a.OutTerminal, false))
		}
		targets, err := shownAs(reports)
		if err != nil {
			return err
		}
		if err := errors.Join(report.WriteFiles(cmd.Context(), &a.files, targets, run, a.Out)...); err != nil {
			return &failure{code: result.ExitUnjudged, err: err}
		}
		return nil
	})
	cmd.Flags().StringArrayVar(&reports, "report", nil, "a report, `FORM=FILE`; FORM alone and FORM=- are stdout; repeatable")
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

// shownAs reads the values of --report of a verb that shows what it reads, or finds, in some of the forms.
func shownAs(values []string, forms ...string) ([]report.Target, error) {
	targets, err := reportTargets(values, true)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		if len(forms) > 0 && !slices.Contains(forms, t.Form) {
			return nil, input("--report %s: here it is %s=FILE", t.Form, strings.Join(forms, "=FILE or "))
		}
	}
	if err := errors.Join(report.CheckWritable(targets)...); err != nil {
		return nil, input("%w", err)
	}
	return targets, nil
}
