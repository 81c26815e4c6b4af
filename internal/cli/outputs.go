package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/drift"
	"verifik-contract/internal/group"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// outputs is everything that a verb with a result is to write.
type outputs struct {
	reports      []string
	results      []string
	quiet        bool
	certify      certifyFlags
	baseline     string
	saveBaseline string
	har          string // of the proxy
	failOnDrift  bool

	targets     []report.Target
	baselineRun *result.Run       // the baseline; nil if there is none
	liveTraffic *terminal.Passing // the live view of traffic; nil if there is none

	firstNight     bool // there is no baseline yet: this run makes the first
	listAfterwards bool // the scenarios are listed when the run has ended, not while they run
}

func (o *outputs) flags(cmd *cobra.Command) {
	o.reportFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.baseline, "baseline", "", "show first what changed since the result in this `FILE`")
	flags.StringVar(&o.saveBaseline, "save-baseline", "", "write the result to this `FILE` as well, as the next baseline; not where not all could be judged")
	flags.BoolVar(&o.failOnDrift, "fail-on-drift", false, "end 1 where something changed since the baseline")
	o.certify.flags(cmd)
}

// reportFlags declares the flags that every verb with a result has. All files are checked before the verb begins.
func (o *outputs) reportFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.reports, "report", nil, "a report, `FORM=FILE`; - is stdout; repeatable")
	flags.StringArrayVar(&o.results, "result", nil, "write the result to this `FILE`; repeatable")
	flags.BoolVar(&o.quiet, "quiet", false, "show failures and the summary only")
	completeFlag(cmd, "report", formNames)
	cmd.PreRunE = func(*cobra.Command, []string) error { return o.prepare() }
}

// prepare reads the baseline and the key, and checks every file that is to be written, before anything is sent.
func (o *outputs) prepare() (err error) {
	if o.targets, err = reportTargets(o.reports, false); err != nil {
		return err
	}
	for _, path := range slices.Compact(o.results) {
		o.targets = append(o.targets, report.Target{Form: "json", Path: path})
	}
	if err := inputErrors(report.CheckWritable(o.all())...); err != nil {
		return err
	}
	if o.failOnDrift && o.baseline == "" {
		return inputError("--fail-on-drift compares with a baseline: add --baseline FILE")
	}
	if o.baseline != "" {
		o.baselineRun, err = readRun(o.baseline)
		if o.firstNight = errors.Is(err, fs.ErrNotExist) && o.saveBaseline != ""; err != nil && !o.firstNight {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	return o.certify.prepare()
}

// hasForm reports whether a report of a form was asked for.
func (o *outputs) hasForm(form string) bool {
	return slices.ContainsFunc(o.targets, func(t report.Target) bool { return t.Form == form })
}

// all returns every file that is to be written.
func (o *outputs) all() []report.Target {
	others := []report.Target{{Form: "baseline", Path: o.saveBaseline}, {Form: "certificate", Path: o.certify.path}, {Form: "har", Path: o.har}}
	return append(slices.Clone(o.targets), group.Where(others, func(t report.Target) bool { return t.Path != "" })...)
}

// showsPassed reports whether an output needs the exchanges of scenarios that passed.
func (o *outputs) showsPassed() bool {
	return o.baselineRun != nil || o.saveBaseline != "" || slices.ContainsFunc(o.targets, func(t report.Target) bool { return report.ShowsPassed(t.Form) })
}

// reportTargets parses the values of --report. bare allows a form without a file, for stdout.
func reportTargets(values []string, bare bool) ([]report.Target, error) {
	var targets []report.Target
	var problems []error
	for _, v := range values {
		if bare && !strings.Contains(v, "=") {
			v += "=-"
		}
		target, err := report.ParseTarget(v)
		if err != nil {
			problems = append(problems, fmt.Errorf("--report: %w", err))
		}
		targets = append(targets, target)
	}
	return targets, inputErrors(problems...)
}

// reportFlag is the --report flag of a verb without a result of its own.
type reportFlag []report.Target

// flag declares --report, and checks its values before the verb begins. forms are those that the verb has; none: all.
func (s *reportFlag) flag(cmd *cobra.Command, usage string, forms ...string) {
	var values []string
	cmd.Flags().StringArrayVar(&values, "report", nil, usage)
	cmd.PreRunE = func(*cobra.Command, []string) (err error) {
		if *s, err = reportTargets(values, true); err != nil {
			return err
		}
		for _, t := range *s {
			if len(forms) > 0 && !slices.Contains(forms, t.Form) {
				return inputError("--report %s: here it is %s=FILE", t.Form, strings.Join(forms, "=FILE or "))
			}
		}
		return inputErrors(report.CheckWritable(*s)...)
	}
}

// writeFile writes a file other than a report, whole or not at all; "-" is stdout.
func (a *app) writeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	if path == report.Stdout {
		return write(a.Out)
	}
	if err := a.files.Write(ctx, path, write); err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	return nil
}

// asJSON returns the renderer of a value whose only form is JSON.
func asJSON(value any) report.Renderer {
	return func(w io.Writer, _ string) error { return text.Encode(w, value) }
}

// writeAndShow writes what a verb found to its reports, shows it to a person, and ends with a code. It is shown even if a report
// cannot be written.
func (a *app) writeAndShow(ctx context.Context, code result.ExitCode, targets reportFlag, render report.Renderer, show func(screen io.Writer, tty bool) error) error {
	ctx, cancel := writing(ctx)
	defer cancel()
	problems := report.WriteFiles(ctx, &a.files, targets, render, a.Out)
	err := errors.Join(append(problems, show(a.screen(targets)))...)
	if err != nil {
		code = result.WorseExit(code, result.ExitUnjudged)
	}
	return a.end(code, err)
}

// end prints what could not be written, and ends with a code.
func (a *app) end(code result.ExitCode, unwritten error) error {
	if unwritten != nil {
		a.printError(unwritten)
	}
	if errors.Is(unwritten, atomicfile.ErrUnread) {
		return exitWith(result.ExitInterrupted) // an interruption ended the wait for a reader
	}
	return exitWith(code)
}

// screen returns the stream for a person: stderr if a report goes to stdout.
func (a *app) screen(targets []report.Target) (io.Writer, bool) {
	if slices.ContainsFunc(targets, func(t report.Target) bool { return t.Path == report.Stdout }) {
		return a.Err, a.ErrTerminal
	}
	return a.Out, a.OutTerminal
}

// finish writes all outputs, shows the summary and ends with the result's exit code. Errors from before, and of outputs that
// cannot be written, become part of the result, so that the reports written after them say so.
func (a *app) finish(ctx context.Context, run *result.Run, o *outputs, before ...error) error {
	ctx, cancel := writing(ctx)
	defer cancel()
	screen, tty := a.screen(o.all())
	var failures []error
	failed := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				failures = append(failures, err)
				run.Problems = append(run.Problems, a.secrets.Redact(err.Error()))
			}
		}
		run.Exit = result.WorseExit(run.Exit, result.Exit(run))
	}
	failed(before...)
	// An incomplete run would leave less to compare with than the baseline before it.
	if o.saveBaseline != "" && run.Exit != result.ExitInterrupted && result.Complete(run) {
		failed(a.writeFile(ctx, o.saveBaseline, func(w io.Writer) error { return result.Write(w, run) }))
	}
	if o.baselineRun != nil {
		run.Drift = drift.Compare(o.baselineRun, run)
		run.Drift.Fails = o.failOnDrift
		failed()
	}
	failed(o.certify.write(ctx, a, run))
	jobSummary, err := a.jobSummary(o)
	failed(err)
	render := report.Of(run)
	a.writeReports(ctx, render, o, jobSummary, failed)
	if o.firstNight {
		fmt.Fprintf(screen, "There is no baseline %s yet: changes are shown from the next run on.\n\n", text.Line(o.baseline))
	}
	show := terminal.Summary
	if o.listAfterwards {
		show = terminal.Text
	}
	// A terminal that stalls must not keep the tool from ending when it is interrupted.
	failed(withGrace(ctx, func() error {
		if o.liveTraffic != nil {
			o.liveTraffic.Close()
		}
		return show(screen, run, a.textOptions(tty, o.quiet))
	}))
	if a.variable("GITHUB_ACTIONS") == "true" && !o.hasForm("github") {
		fmt.Fprintln(a.Err, "GitHub Actions: the failures are shown as annotations.")
		failed(render(screen, "github"))
	}
	return a.end(run.Exit, errors.Join(failures...))
}

// gitlabReport is the JUnit report that is written automatically in GitLab CI.
const gitlabReport = "verifik-contract-junit.xml"

// writeReports writes the reports that were asked for, and those that a CI system reads automatically, unless that form was
// asked for. If a file cannot be written, the files are written again, because the exit code has changed. What cannot be
// rewritten (stdout, pipes, the job summary) is written last.
func (a *app) writeReports(ctx context.Context, render report.Renderer, o *outputs, jobSummary *os.File, failed func(...error)) {
	isStream := func(t report.Target) bool { return t.Path == report.Stdout || atomicfile.Special(t.Path) }
	files, streams := slices.DeleteFunc(slices.Clone(o.targets), isStream), group.Where(o.targets, isStream)
	if a.variable("GITLAB_CI") == "true" && !o.hasForm("junit") && !o.hasForm("junit-files") {
		fmt.Fprintf(a.Err, "GitLab CI: the JUnit report is written to %s; name it under artifacts:reports:junit.\n", gitlabReport)
		files = append(files, report.Target{Form: "junit-files", Path: gitlabReport})
	}
	if problems := report.WriteFiles(ctx, &a.files, files, render, a.Out); len(problems) > 0 {
		failed(problems...)
		_ = report.WriteFiles(ctx, &a.files, files, render, a.Out) // what fails again is reported already
	}
	for _, t := range streams {
		if atomicfile.Pipe(t.Path) {
			fmt.Fprintf(a.Err, "The report %s is written as soon as somebody reads from %s.\n", t.Form, text.Line(t.Path))
		}
	}
	failed(report.WriteFiles(ctx, &a.files, streams, render, a.Out)...)
	if jobSummary != nil {
		fmt.Fprintln(a.Err, "GitHub Actions: the job summary is written.")
		if err := errors.Join(render(jobSummary, "markdown"), jobSummary.Close()); err != nil {
			failed(fmt.Errorf("the job summary could not be written: %w", err))
		}
	}
}

// jobSummary opens the file that the steps of a GitHub job add their summaries to; nil if there is none, or if a markdown
// report was asked for.
func (a *app) jobSummary(o *outputs) (*os.File, error) {
	path := a.variable("GITHUB_STEP_SUMMARY")
	if a.variable("GITHUB_ACTIONS") != "true" || path == "" || o.hasForm("markdown") {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the job summary could not be written: %w", err)
	}
	return file, nil
}
