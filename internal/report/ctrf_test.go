package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/ctrf"
	"verifik-contract/internal/report/testdata/examples"
)

// ctrfReport is what is looked at of a CTRF report.
type ctrfReport struct {
	Results struct {
		Summary ctrfSummary `json:"summary"`
		Tests   []struct {
			Status    string        `json:"status"`
			RawStatus string        `json:"rawStatus"`
			Retries   int           `json:"retries"`
			Attempts  []ctrfAttempt `json:"retryAttempts"`
			Flaky     bool          `json:"flaky"`
		} `json:"tests"`
	} `json:"results"`
}

type ctrfSummary struct {
	Tests, Passed, Failed, Skipped, Flaky int
	Start, Stop, Duration                 int64
}

type ctrfAttempt struct {
	Attempt int    `json:"attempt"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

func TestCTRFCountsWhatItHolds(t *testing.T) {
	report := examples.Decode[ctrfReport](t, examples.Rendered(t, ctrf.Render, examples.Sample()))
	sum := report.Results.Summary
	require.Equal(t, ctrfSummary{Tests: 11, Passed: 4, Failed: 4, Skipped: 3, Flaky: 1, Start: 1772600767089, Stop: 1772600768623, Duration: 1534}, sum)
	require.Len(t, report.Results.Tests, sum.Tests)
	raw := map[string]string{}
	for _, test := range report.Results.Tests {
		raw[test.RawStatus] = test.Status
	}
	require.Equal(t, map[string]string{"passed": "passed", "failed": "failed", "broken": "failed", "skipped": "skipped", "waived": "skipped", "observed": "passed"}, raw)
}

func TestCTRFTellsWhyAnAttemptWasRepeated(t *testing.T) {
	tests := examples.Decode[ctrfReport](t, examples.Rendered(t, ctrf.Render, examples.Sample())).Results.Tests
	require.Equal(t, []ctrfAttempt{{1, "failed", "unavailable: the answer is 503"}}, tests[1].Attempts)
	require.Equal(t, 1, tests[1].Retries)
	require.True(t, tests[1].Flaky)
	require.Len(t, tests[5].Attempts, 2)
	require.Empty(t, tests[0].Attempts)
}
