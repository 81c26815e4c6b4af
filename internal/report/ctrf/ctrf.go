// Package ctrf writes a result as CTRF JSON.
package ctrf

import (
	"cmp"
	"io"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of a CTRF document that are written (ctrf.io, specification 0.1.0).
type (
	document struct {
		Format      string  `json:"reportFormat"`
		SpecVersion string  `json:"specVersion"`
		Timestamp   string  `json:"timestamp"`
		GeneratedBy string  `json:"generatedBy"`
		Results     results `json:"results"`
	}
	results struct {
		Tool        tool        `json:"tool"`
		Summary     summary     `json:"summary"`
		Tests       []test      `json:"tests"`
		Environment environment `json:"environment"`
	}
	tool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	summary struct {
		Tests    int   `json:"tests"`
		Passed   int   `json:"passed"`
		Failed   int   `json:"failed"`
		Skipped  int   `json:"skipped"`
		Pending  int   `json:"pending"`
		Other    int   `json:"other"`
		Flaky    int   `json:"flaky"`
		Start    int64 `json:"start"` // milliseconds since 1970
		Stop     int64 `json:"stop"`
		Duration int64 `json:"duration"`
	}
	test struct {
		Name      string            `json:"name"`
		Status    string            `json:"status"`
		RawStatus string            `json:"rawStatus"`
		Duration  int64             `json:"duration"` // milliseconds
		Suite     []string          `json:"suite,omitempty"`
		Message   string            `json:"message,omitempty"`
		Trace     string            `json:"trace,omitempty"`
		FilePath  string            `json:"filePath,omitempty"`
		Line      int               `json:"line,omitempty"`
		Tags      []string          `json:"tags,omitempty"`
		Labels    map[string]string `json:"labels,omitempty"`
		Values    map[string]int    `json:"parameters,omitempty"`
		Retries   int               `json:"retries,omitempty"`
		Attempts  []attempt         `json:"retryAttempts,omitempty"`
		Flaky     bool              `json:"flaky,omitempty"`
		Stdout    []string          `json:"stdout,omitempty"`
		Steps     []step            `json:"steps,omitempty"`
	}
	attempt struct {
		Attempt int    `json:"attempt"`
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	step struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	}
	environment struct {
		AppName         string `json:"appName,omitempty"`
		TestEnvironment string `json:"testEnvironment,omitempty"`
	}
)

// Render writes a test for each scenario, each every-exchange rule and each check of the run. What could not be
// judged is "failed", as an error is to whoever notifies of failed tests; rawStatus is the verdict itself.
func Render(w io.Writer, run *result.Run) error {
	report := document{
		Format: "CTRF", SpecVersion: "0.1.0", Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05.000Z"), GeneratedBy: view.Inline(run.Tool.Name),
		Results: results{
			Tool:        tool{Name: cmp.Or(view.Inline(run.Tool.Name), "verifik-contract"), Version: view.Inline(run.Tool.Version)},
			Environment: environment{AppName: view.Inline(run.Target.BaseURL), TestEnvironment: view.Inline(run.Environment)},
			Tests:       []test{},
		},
	}
	sum := &report.Results.Summary
	sum.Start, sum.Duration = run.Started.UnixMilli(), int64(run.Duration)
	sum.Stop = sum.Start + sum.Duration
	counts := result.Count(run)
	sum.Tests, sum.Passed, sum.Failed = counts.Total(), counts[result.Passed]+counts[result.Observed], counts[result.Failed]+counts[result.Broken]
	sum.Skipped, sum.Flaky = counts[result.Skipped]+counts[result.Waived], len(view.Flaky(run))
	for _, t := range view.Tests(run) {
		report.Results.Tests = append(report.Results.Tests, newTest(t))
	}
	return text.Encode(w, report)
}

func newTest(t view.Test) test {
	made := test{
		Name: t.Name, Status: view.Status(t.Verdict), RawStatus: string(t.Verdict), Suite: []string{view.Inline(t.Suite.Name)},
		FilePath: view.Inline(t.File), Line: t.Line, Message: t.Message, Trace: t.Details,
	}
	label := func(level result.Level) {
		made.Suite = append(made.Suite, view.Inline(t.ID))
		made.Labels = map[string]string{"rule": view.Inline(t.ID), "level": string(level)}
	}
	s := t.Scenario
	switch {
	case s == nil && t.Rule != nil:
		label(t.Rule.Level)
		return made
	case s == nil:
		return made
	}
	label(s.Level)
	made.Duration, made.Flaky = int64(s.Duration), s.Flaky
	if s.Repeat > 0 {
		made.Values = map[string]int{"repetition": s.Repeat}
	}
	for i, f := range view.Earlier(s) {
		made.Retries++
		made.Attempts = append(made.Attempts, attempt{i + 1, view.Status(result.Broken), view.Inline(f.Cause) + ": " + view.Inline(f.Message)})
	}
	for _, tag := range s.Tags {
		made.Tags = append(made.Tags, view.Inline(tag))
	}
	for i := range s.Steps {
		made.Steps = append(made.Steps, step{Name: view.StepText(&s.Steps[i]), Status: view.Status(s.Steps[i].Verdict)})
	}
	if s.Verdict == result.Observed {
		made.Stdout = view.Observations(s)
	}
	return made
}
