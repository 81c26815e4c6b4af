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
	add := func(test test) { report.Results.Tests = append(report.Results.Tests, test) }
	var x view.Explainer
	names := view.NewTestNames(run)
	for i := range run.Scenarios {
		add(newTest(names, &x, run, &run.Scenarios[i]))
	}
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			add(newRule(names, run, r))
		}
	}
	for _, c := range result.Checks(run) {
		test := test{Name: names.Check(c), Status: status(c.Verdict), RawStatus: string(c.Verdict), Suite: []string{view.TheRun}, Message: view.Inline(c.Message)}
		if c.Verdict != result.Passed {
			test.Trace = view.ExplainCheck(run, c)
		}
		add(test)
	}
	return text.Encode(w, report)
}

func newTest(names view.TestNames, x *view.Explainer, run *result.Run, s *result.Scenario) test {
	test := test{
		Name: names.Scenario(s), Status: status(s.Verdict), RawStatus: string(s.Verdict), Duration: int64(s.Duration),
		Suite: []string{view.Inline(s.Feature), view.Inline(s.Rule)}, FilePath: view.Inline(s.File), Line: s.Line, Flaky: s.Flaky,
		Labels: map[string]string{"rule": view.Inline(s.Rule), "level": string(s.Level)},
	}
	if s.Repeat > 0 {
		test.Values = map[string]int{"repetition": s.Repeat}
	}
	for i, f := range view.Earlier(s) {
		test.Retries++
		test.Attempts = append(test.Attempts, attempt{i + 1, status(result.Broken), view.Inline(f.Cause) + ": " + view.Inline(f.Message)})
	}
	for _, tag := range s.Tags {
		test.Tags = append(test.Tags, view.Inline(tag))
	}
	for i := range s.Steps {
		done := &s.Steps[i]
		test.Steps = append(test.Steps, step{Name: view.StepText(done), Status: status(done.Verdict)})
	}
	switch s.Verdict {
	case result.Failed, result.Broken:
		test.Message, test.Trace = view.Uncounted(run, s.Verdict, s.Level)+view.Inline(view.ReasonOf(s)), x.Scenario(run, s)
	case result.Skipped, result.Waived:
		test.Message = view.Inline(view.ReasonOf(s))
	case result.Observed:
		test.Stdout = view.Observations(s)
	}
	return test
}

func newRule(names view.TestNames, run *result.Run, r *result.Rule) test {
	test := test{
		Name: names.Rule(r), Status: status(r.Verdict), RawStatus: string(r.Verdict), Suite: []string{result.EveryExchange, view.Inline(r.ID)},
		FilePath: view.Inline(r.File), Line: r.Line, Labels: map[string]string{"rule": view.Inline(r.ID), "level": string(r.Level)},
	}
	switch r.Verdict {
	case result.Passed, result.Observed:
	case result.Failed:
		test.Message, test.Trace = view.Uncounted(run, r.Verdict, r.Level)+view.RuleReason(r), view.ExplainRule(run, r)
	default:
		test.Message = view.RuleReason(r)
	}
	return test
}

func status(v result.Verdict) string {
	switch v {
	case result.Passed, result.Observed:
		return "passed"
	case result.Skipped, result.Waived:
		return "skipped"
	}
	return "failed"
}
