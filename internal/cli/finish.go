package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
)

// screen is where what is for a person goes: stderr where something that was asked for goes to stdout.
func (a *app) screen(o *outputs) (io.Writer, bool) {
	if slices.Contains(o.paths(), report.Stdout) {
		return a.Err, a.ErrTerminal
	}
	return a.Out, a.OutTerminal
}

// finish writes everything that was asked for, shows the summary and ends with the result's code. What cannot be
// written keeps nothing else from being written.
func (a *app) finish(run *result.Run, o *outputs) error {
	screen, terminal := a.screen(o)
	problems := report.WriteFiles(o.targets, run, a.Out)
	// One that could not judge everything would leave less to compare with than the one before.
	if o.saveBaseline != "" && (run.Exit == result.ExitKept || run.Exit == result.ExitBroken) {
		problems = append(problems, a.writeFile(o.saveBaseline, func(w io.Writer) error { return result.Write(w, run) }))
	}
	problems = append(problems, o.certify.write(a, run))
	drifted := false
	var changes *drift.Report
	if o.firstNight {
		fmt.Fprintf(screen, "There is no baseline %s yet: what changed since it is told from the next run on.\n\n", o.baseline)
	}
	if o.before != nil {
		changes = drift.Compare(o.before, run, drift.Options{})
		drifted = changes.Drifted()
		problems = append(problems, a.showDrift(screen, changes))
		fmt.Fprintln(screen)
	}
	problems = append(problems, report.Summary(screen, run, a.textOptions(terminal, o.quiet)))
	problems = append(problems, a.systems(screen, run, changes, o)...)
	code := run.Exit
	if drifted && o.failOnDrift && (code == result.ExitKept || code == result.ExitUnjudged) {
		code = result.ExitBroken
	}
	if err := errors.Join(problems...); err != nil {
		fmt.Fprintf(a.Err, "Error: %s\n", a.secrets.Redact(err.Error()))
		if code == result.ExitKept {
			code = result.ExitUnjudged
		}
	}
	return ended(code)
}

// gitlabReport is the JUnit report that is written by itself in GitLab CI.
const gitlabReport = "verifik-contract-junit.xml"

// systems writes the reports that a CI system reads by itself, unless they were asked for by name, and says so.
// GitHub reads annotations from stdout and stderr alike.
func (a *app) systems(screen io.Writer, run *result.Run, changes *drift.Report, o *outputs) []error {
	asked := func(form string) bool {
		return slices.ContainsFunc(o.targets, func(t report.Target) bool { return t.Form == form })
	}
	var problems []error
	if a.variable("GITHUB_ACTIONS") == "true" {
		if !asked("github") {
			fmt.Fprintln(a.Err, "GitHub Actions: the failures are shown as annotations.")
			problems = append(problems, report.Render(screen, "github", run))
		}
		if path := a.variable("GITHUB_STEP_SUMMARY"); path != "" && !asked("markdown") {
			fmt.Fprintln(a.Err, "GitHub Actions: the job summary is written.")
			problems = append(problems, a.jobSummary(path, run, changes))
		}
	}
	if a.variable("GITLAB_CI") == "true" && !asked("junit") {
		fmt.Fprintf(a.Err, "GitLab CI: the JUnit report is written to %s; name it under artifacts:reports:junit.\n", gitlabReport)
		problems = append(problems, report.WriteFiles([]report.Target{{Form: "junit", Path: gitlabReport}}, run, a.Out)...)
	}
	return problems
}

// jobSummary adds to a file that other steps of the job add to as well: what is new since the baseline first.
func (a *app) jobSummary(path string, run *result.Run, changes *drift.Report) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the job summary could not be written: %w", err)
	}
	var problems []error
	if changes != nil {
		var text strings.Builder
		problems = append(problems, a.showDrift(&text, changes))
		// A fence longer than any run of backticks in the text keeps what a provider answered from ending it.
		fence := "```"
		for strings.Contains(text.String(), fence) {
			fence += "`"
		}
		_, err := fmt.Fprintf(file, "%s\n%s%s\n\n", fence, text.String(), fence)
		problems = append(problems, err)
	}
	return errors.Join(append(problems, report.Render(file, "markdown", run), file.Close())...)
}
