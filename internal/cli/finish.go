package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/drift"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// showsPassed reports whether something that was asked for shows also what scenarios sent and got in which nothing is wrong.
func (o *outputs) showsPassed() bool {
	return o.before != nil || o.saveBaseline != "" || slices.ContainsFunc(o.targets, func(t report.Target) bool { return report.Whole(t.Form) })
}

// finish writes everything that was asked for, shows the summary and ends with the result's code. What went wrong before, and
// what cannot be written, keeps nothing else from being written, and is part of the result: a report that is written says so.
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
	// One that could not judge everything would leave less to compare with than the one before.
	if o.saveBaseline != "" && run.Exit != result.ExitInterrupted && result.Complete(run) {
		failed(a.writeFile(ctx, o.saveBaseline, func(w io.Writer) error { return result.Write(w, run) }))
	}
	if o.before != nil {
		run.Drift = drift.Compare(o.before, run)
		run.Drift.Fails = o.failOnDrift
		failed()
	}
	failed(o.certify.write(ctx, a, run))
	jobSummary, err := a.jobSummary(o)
	failed(err)
	render := report.Of(run)
	a.writeReports(ctx, render, o, jobSummary, failed)
	if o.firstNight {
		fmt.Fprintf(screen, "There is no baseline %s yet: what changed since it is told from the next run on.\n\n", text.Line(o.baseline))
	}
	show := terminal.Summary
	if o.listed {
		show = terminal.Text
	}
	// What is written is not kept from whoever asked for the end by a terminal that stands still.
	err = unless(ctx, func() error {
		if o.passing != nil {
			o.passing.Close()
		}
		return show(screen, run, a.textOptions(tty, o.quiet))
	})
	if err != nil {
		failed(err)
	}
	if a.variable("GITHUB_ACTIONS") == "true" && !o.hasForm("github") {
		fmt.Fprintln(a.Err, "GitHub Actions: the failures are shown as annotations.")
		failed(render(screen, "github"))
	}
	err = errors.Join(failures...)
	if err != nil {
		a.complain(err)
	}
	if errors.Is(err, atomicfile.ErrUnread) {
		return ended(result.ExitInterrupted) // which is what ended the waiting
	}
	return ended(run.Exit)
}

// gitlabReport is the JUnit report that is written by itself in GitLab CI.
const gitlabReport = "verifik-contract-junit.xml"

// writeReports writes the reports that were asked for and those that a CI system reads by itself, unless they were
// asked for by name, and says so. Where one cannot be written, the files are written again, since the exit code is
// another; what cannot be replaced, the standard output, a pipe and the job summary, comes last.
func (a *app) writeReports(ctx context.Context, render report.Renderer, o *outputs, jobSummary *os.File, failed func(...error)) {
	streamed := func(t report.Target) bool { return t.Path == report.Stdout || atomicfile.Special(t.Path) }
	files := slices.DeleteFunc(slices.Clone(o.targets), streamed)
	streams := slices.DeleteFunc(slices.Clone(o.targets), func(t report.Target) bool { return !streamed(t) })
	if a.variable("GITLAB_CI") == "true" && !o.hasForm("junit") && !o.hasForm("junit-files") {
		fmt.Fprintf(a.Err, "GitLab CI: the JUnit report is written to %s; name it under artifacts:reports:junit.\n", gitlabReport)
		files = append(files, report.Target{Form: "junit-files", Path: gitlabReport})
	}
	if problems := report.WriteFiles(ctx, &a.files, files, render, a.Out); len(problems) > 0 {
		failed(problems...)
		_ = report.WriteFiles(ctx, &a.files, files, render, a.Out) // what fails again is known
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

// jobSummary opens the file that the steps of a GitHub job add their summaries to; nil: there is none, or the summary
// was asked for by name.
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
