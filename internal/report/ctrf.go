package report

import (
	"io"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of a CTRF document that are written (ctrf.io, specification 0.1.0).
type (
	ctrfReport struct {
		Format      string      `json:"reportFormat"`
		SpecVersion string      `json:"specVersion"`
		Timestamp   string      `json:"timestamp"`
		GeneratedBy string      `json:"generatedBy"`
		Results     ctrfResults `json:"results"`
	}
	ctrfResults struct {
		Tool        ctrfTool        `json:"tool"`
		Summary     ctrfSummary     `json:"summary"`
		Tests       []ctrfTest      `json:"tests"`
		Environment ctrfEnvironment `json:"environment"`
	}
	ctrfTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	ctrfSummary struct {
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
	ctrfTest struct {
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
		Attempts  []ctrfAttempt     `json:"retryAttempts,omitempty"`
		Flaky     bool              `json:"flaky,omitempty"`
		Stdout    []string          `json:"stdout,omitempty"`
		Steps     []ctrfStep        `json:"steps,omitempty"`
	}
	ctrfAttempt struct {
		Attempt int    `json:"attempt"`
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	ctrfStep struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	}
	ctrfEnvironment struct {
		AppName         string `json:"appName,omitempty"`
		TestEnvironment string `json:"testEnvironment,omitempty"`
	}
)

// renderCTRF writes a test for each scenario, each every-exchange rule and each check of the run. What could not be
// judged is "failed", as an error is to whoever notifies of failed tests; rawStatus is the verdict itself.
func renderCTRF(w io.Writer, run *result.Run) error {
	report := ctrfReport{
		Format: "CTRF", SpecVersion: "0.1.0", Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05.000Z"), GeneratedBy: inline(run.Tool.Name),
		Results: ctrfResults{
			Tool:        ctrfTool{Name: orElse(inline(run.Tool.Name), "verifik-contract"), Version: inline(run.Tool.Version)},
			Environment: ctrfEnvironment{AppName: inline(run.Target.BaseURL), TestEnvironment: inline(run.Environment)},
			Tests:       []ctrfTest{},
		},
	}
	sum := &report.Results.Summary
	sum.Start, sum.Duration = run.Started.UnixMilli(), int64(run.Duration)
	sum.Stop = sum.Start + sum.Duration
	counts := result.Count(run)
	sum.Tests, sum.Passed, sum.Failed = counts.Total(), counts[result.Passed]+counts[result.Observed], counts[result.Failed]+counts[result.Broken]
	sum.Skipped, sum.Flaky = counts[result.Skipped]+counts[result.Waived], len(flakyOf(run))
	add := func(test ctrfTest) { report.Results.Tests = append(report.Results.Tests, test) }
	var x explainer
	names := newTestNames(run)
	for i := range run.Scenarios {
		add(newCTRFTest(names, &x, run, &run.Scenarios[i]))
	}
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			add(newCTRFRule(names, run, r))
		}
	}
	for _, c := range result.Checks(run) {
		test := ctrfTest{Name: names.check(c), Status: ctrfStatus(c.Verdict), RawStatus: string(c.Verdict), Suite: []string{theRun}, Message: inline(c.Message)}
		if c.Verdict != result.Passed {
			test.Trace = explainCheck(run, c)
		}
		add(test)
	}
	return text.Encode(w, report)
}

func newCTRFTest(names testNames, x *explainer, run *result.Run, s *result.Scenario) ctrfTest {
	test := ctrfTest{
		Name: names.scenario(s), Status: ctrfStatus(s.Verdict), RawStatus: string(s.Verdict), Duration: int64(s.Duration),
		Suite: []string{inline(s.Feature), inline(s.Rule)}, FilePath: inline(s.File), Line: s.Line, Flaky: s.Flaky,
		Labels: map[string]string{"rule": inline(s.Rule), "level": string(s.Level)},
	}
	if s.Repeat > 0 {
		test.Values = map[string]int{"repetition": s.Repeat}
	}
	for i, f := range earlier(s) {
		test.Retries++
		test.Attempts = append(test.Attempts, ctrfAttempt{i + 1, ctrfStatus(result.Broken), inline(f.Cause) + ": " + inline(f.Message)})
	}
	for _, tag := range s.Tags {
		test.Tags = append(test.Tags, inline(tag))
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		test.Steps = append(test.Steps, ctrfStep{Name: stepText(step), Status: ctrfStatus(step.Verdict)})
	}
	switch s.Verdict {
	case result.Failed, result.Broken:
		test.Message, test.Trace = uncounted(run, s.Verdict, s.Level)+inline(reasonOf(s)), x.scenario(run, s)
	case result.Skipped, result.Waived:
		test.Message = inline(reasonOf(s))
	case result.Observed:
		test.Stdout = observations(s)
	}
	return test
}

func newCTRFRule(names testNames, run *result.Run, r *result.Rule) ctrfTest {
	test := ctrfTest{
		Name: names.rule(r), Status: ctrfStatus(r.Verdict), RawStatus: string(r.Verdict), Suite: []string{result.EveryExchange, inline(r.ID)},
		FilePath: inline(r.File), Line: r.Line, Labels: map[string]string{"rule": inline(r.ID), "level": string(r.Level)},
	}
	switch r.Verdict {
	case result.Passed, result.Observed:
	case result.Failed:
		test.Message, test.Trace = uncounted(run, r.Verdict, r.Level)+ruleReason(r), explainRule(run, r)
	default:
		test.Message = ruleReason(r)
	}
	return test
}

func ctrfStatus(v result.Verdict) string {
	switch v {
	case result.Passed, result.Observed:
		return "passed"
	case result.Skipped, result.Waived:
		return "skipped"
	}
	return "failed"
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
