package report

import (
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func TestRunThatStoppedBeforeItsFirstScenarioLooksGreenNowhere(t *testing.T) {
	run := &result.Run{Version: 1, Exit: 3, Stopped: "the target is down"}
	tests := parsed(t, run)
	require.Len(t, tests, 1)
	require.Equal(t, junit.StatusError, tests["the_run.stopped|It goes to its end"].Status)
	require.Equal(t, "the target is down", tests["the_run.stopped|It goes to its end"].Message)
	require.Equal(t, 1, decoded[ctrfReport](t, "ctrf", run).Results.Summary.Other)
	require.Equal(t, "pending", cucumberVerdict(decoded[[]cucumberFeature](t, "cucumber", run)[0].Elements[0]))
}

func TestBudgetThatFailsTheRunIsATest(t *testing.T) {
	run := kept()
	run.Latency.Budget = &result.Budget{P95: 50, Fail: true}
	require.Equal(t, junit.StatusPassed, parsed(t, run)["the_run.latency|The latency of the PUT keeps its budget"].Status)
	run.Latency.Budget.Over = []string{"p95 is 80 ms"}
	require.Equal(t, junit.StatusFailed, parsed(t, run)["the_run.latency|The latency of the PUT keeps its budget"].Status)
	require.Equal(t, 1, decoded[ctrfReport](t, "ctrf", run).Results.Summary.Failed)
	run.Latency.Budget.Fail = false
	require.Len(t, parsed(t, run), 1, "a warning is no test")
}

func TestManyFailuresAreNotAllExplained(t *testing.T) {
	run := sample()
	for range 1000 {
		run.Scenarios = append(run.Scenarios, run.Scenarios[3])
	}
	for _, name := range []string{"junit", "ctrf", "cucumber"} {
		require.Less(t, len(render(t, name, run)), 2<<20, name)
	}
}
