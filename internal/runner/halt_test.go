package runner

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
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
	require.Equal(t, exchange.CauseUnreached, o.Scenarios[299].Cause)
}

func TestRunThatHasShownEnoughStartsNothingMore(t *testing.T) {
	var told [][]string
	o, seen := trial{
		feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two"), rightOTP("three"), rightOTP("four")) + everyExchange(),
		put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
			switch n {
			case 2:
				return answer(w, 403, `{"code": "otp_does_not_match"}`) // PV-02 may report the missing member
			case 3:
				return answer(w, 200, "{")
			}
			return false
		},
		options: func(o *Options) {
			o.Concurrency = 1
			o.Enough = func(broken []string) bool {
				told = append(told, broken)
				return len(broken) > 1
			}
		},
	}.run(t, t.Context())
	require.Equal(t, [][]string{nil, {"PV-01"}, {"PV-19", "PV-01"}}, told)
	require.Len(t, seen.puts, 3)
	require.Equal(t, []result.Verdict{result.Passed, result.Failed, result.Failed, result.Skipped}, verdicts(o))
	require.Equal(t, "the run was stopped", o.Scenarios[3].Reason)
	require.Equal(t, "it had shown enough", o.Stopped)
	require.Equal(t, result.Failed, ruleOf(t, o, "PV-19").Verdict)
	require.Equal(t, result.ExitBroken, o.Exit)
}
