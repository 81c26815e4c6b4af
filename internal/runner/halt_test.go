package runner

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// godog parses and skips every scenario of a suite: with many repetitions left that would take a minute.
func TestNoSuiteStartsAfterAnInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	suites := map[int]bool{}
	tr := trial{selection: plan.Selection{Rules: []string{"PV-04"}, Repeat: 300}}
	tr.options = func(o *Options) {
		o.Concurrency = 1
		o.Began = func(s plan.Scenario) {
			suites[s.Repeat] = true
			cancel()
		}
	}
	o, _ := tr.run(t, ctx)
	require.Len(t, o.Scenarios, 300)
	require.Len(t, suites, 1)
	require.Equal(t, result.Skipped, o.Scenarios[299].Verdict)
	require.Equal(t, "the run was interrupted", o.Scenarios[299].Reason)
}
