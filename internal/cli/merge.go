package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"verifik-contract/internal/group"
	"verifik-contract/internal/merge"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
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
		if err := wrong(problems...); err != nil {
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

// outputs is everything that a run or a merge is to write.
type outputs struct {
	reports      []string
	result       string
	quiet        bool
	certify      certify
	baseline     string
	saveBaseline string
	har          string // of the proxy
	failOnDrift  bool

	targets []report.Target
	before  *result.Run       // the baseline; nil: none
	passing *terminal.Passing // shows what passes, up to the summary; nil: nothing does

	firstNight bool // there is no baseline yet, and this run is to make the first
	listed     bool // the scenarios are listed under what changed since the baseline, not while they run
}

func (o *outputs) flags(cmd *cobra.Command) {
	o.reportFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.baseline, "baseline", "", "show first what changed since the result in this `FILE`")
	flags.StringVar(&o.saveBaseline, "save-baseline", "", "write the result to this `FILE` as well, as the next baseline; not where not all could be judged")
	flags.BoolVar(&o.failOnDrift, "fail-on-drift", false, "end 1 where something changed since the baseline")
	o.certify.flags(cmd)
}

// reportFlags is the flags of what every result can be written as. All that is to be written is checked before the verb begins.
func (o *outputs) reportFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.reports, "report", nil, "a report, `FORM=FILE`; - is stdout; repeatable")
	flags.StringVar(&o.result, "result", "", "write the result to this `FILE`")
	flags.BoolVar(&o.quiet, "quiet", false, "show failures and the summary only")
	offer(cmd, "report", formNames)
	cmd.PreRunE = func(*cobra.Command, []string) error { return o.prepare() }
}

// prepare reads what is needed and checks every file that is to be written, before anything is sent.
func (o *outputs) prepare() error {
	var err error
	if o.targets, err = reportTargets(o.reports, false); err != nil {
		return err
	}
	if o.result != "" {
		o.targets = append(o.targets, report.Target{Form: "json", Path: o.result})
	}
	if err := wrong(report.CheckWritable(o.all())...); err != nil {
		return err
	}
	if o.failOnDrift && o.baseline == "" {
		return input("--fail-on-drift compares with a baseline: add --baseline FILE")
	}
	if o.baseline != "" {
		o.before, err = readRun(o.baseline)
		if o.firstNight = errors.Is(err, fs.ErrNotExist) && o.saveBaseline != ""; err != nil && !o.firstNight {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	return o.certify.prepare()
}

// hasForm reports whether a report of a form was asked for by name.
func (o *outputs) hasForm(form string) bool {
	return slices.ContainsFunc(o.targets, func(t report.Target) bool { return t.Form == form })
}

// all is everything that is to be written.
func (o *outputs) all() []report.Target {
	others := []report.Target{{Form: "baseline", Path: o.saveBaseline}, {Form: "certificate", Path: o.certify.path}, {Form: "har", Path: o.har}}
	return append(slices.Clone(o.targets), group.Where(others, func(t report.Target) bool { return t.Path != "" })...)
}
