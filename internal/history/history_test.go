package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/history"
	"verifik-contract/internal/result"
)

var start = time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC)

// night is a result of the n-th night in which PV-02 ended so.
func night(n int, v result.Verdict) *result.Run {
	return &result.Run{
		Version: 1, Started: start.AddDate(0, 0, n), Duration: 2000, Environment: "staging", Tool: result.Tool{Version: "1.0"},
		Target: result.Target{Kind: result.HTTP, BaseURL: "https://api.example.test"},
		Rules: []result.Rule{
			{ID: "PV-10", Level: result.Must, Title: "gateways", Verdict: result.Passed},
			{ID: "PV-02", Level: result.Must, Title: "a wrong OTP", Verdict: v},
		},
		Scenarios: []result.Scenario{{ID: "a:1", Rule: "PV-02", Verdict: v}},
		Latency:   &result.Latency{Count: 80, P50: 10, P95: result.Millis(20 + n), Max: 90},
	}
}

func of(runs ...*result.Run) *history.History {
	h := &history.History{}
	for i, r := range runs {
		h.Add(string(rune('a'+i))+".json", r)
	}
	h.Conclude()
	return h
}

func TestTheVerdictsOfARuleAreCounted(t *testing.T) {
	flaky := night(2, result.Passed)
	flaky.Scenarios[0].Flaky = true
	h := of(night(5, result.Passed), night(1, result.Failed), night(0, result.Passed), flaky, night(3, result.Broken), night(4, result.Waived))
	require.Len(t, h.Series, 1)
	s := h.Series[0]
	require.Equal(t, []string{"c.json", "b.json", "d.json", "e.json", "f.json", "a.json"}, []string{s.Nights[0].File, s.Nights[1].File, s.Nights[2].File, s.Nights[3].File, s.Nights[4].File, s.Nights[5].File}, "by their start")
	require.Equal(t, "PV-02", s.Rules[0].ID, "by their ids")
	first, last := start.AddDate(0, 0, 1), start.AddDate(0, 0, 4)
	require.Equal(t, &history.Rule{
		ID: "PV-02", Level: result.Must, Title: "a wrong OTP",
		Verdicts: []result.Verdict{"passed", "failed", "flaky", "broken", "waived", "passed"},
		Kept:     3, Failed: 2, Flaky: 1, FlakyRate: 1. / 3, FirstFailure: &first, LastFailure: &last,
	}, s.Rules[0])
	require.Equal(t, &history.Trend{Earlier: 21, Later: 24}, s.Trend)
	require.Equal(t, &result.Latency{Count: 80, P50: 10, P95: 25, Max: 90}, s.Nights[5].Latency)
}

func TestANightWithoutARuleDoesNotCountForIt(t *testing.T) {
	part := night(1, result.Passed)
	part.Rules, part.Latency = part.Rules[:1], nil
	s := of(night(0, result.Passed), part, night(2, result.Passed)).Series[0]
	require.Equal(t, []result.Verdict{"passed", "", "passed"}, s.Rules[0].Verdicts)
	require.Equal(t, &history.Trend{Earlier: 20, Later: 22}, s.Trend, "of the nights that have a latency")
	require.Nil(t, of(night(0, result.Passed)).Series[0].Trend, "one night has no trend")
}

func TestARuleHasTheTitleOfTheLastNight(t *testing.T) {
	renamed := night(1, result.Passed)
	renamed.Rules[1].Title, renamed.Rules[1].Level = "in other words", result.Should
	r := of(renamed, night(0, result.Passed)).Series[0].Rules[0]
	require.Equal(t, "in other words", r.Title)
	require.Equal(t, result.Should, r.Level)
}

func TestEnvironmentsAndTargetsAreSeriesOfTheirOwn(t *testing.T) {
	production := night(0, result.Passed)
	production.Environment = "production"
	other := night(0, result.Passed)
	other.Target.BaseURL = "https://other.example.test"
	local, again := night(0, result.Passed), night(1, result.Passed)
	local.Target = result.Target{Kind: result.Embedded, BaseURL: "http://127.0.0.1:4000"}
	again.Target = result.Target{Kind: result.Embedded, BaseURL: "http://127.0.0.1:5000"}
	traffic := night(0, result.Passed)
	traffic.Traffic = &result.Traffic{Kind: result.Proxied}
	h := of(night(0, result.Passed), production, other, local, again, traffic)
	require.Len(t, h.Series, 5)
	require.Equal(t, result.Proxied, h.Series[3].Traffic)
	require.Equal(t, "production", h.Series[0].Environment)
	require.Equal(t, "http://127.0.0.1", h.Series[1].Target)
	require.Len(t, h.Series[1].Nights, 2, "on any port")
}

func TestShardsAndCopiesAreLeftOutByName(t *testing.T) {
	shard := night(1, result.Passed)
	shard.Selection.Shard = "1/2"
	h := of(night(0, result.Passed), shard, night(0, result.Passed))
	require.Equal(t, []history.LeftOut{
		{File: "b.json", Reason: "it is shard 1/2 of a run: merge the shards, and give the merged result"},
		{File: "c.json", Reason: "it is the same run as a.json"},
	}, h.LeftOut)
	require.Len(t, h.Series[0].Nights, 1)
}

func TestTheRunAsAWholeHasVerdicts(t *testing.T) {
	broken, unjudged := night(1, result.Failed), night(2, result.Broken)
	broken.Exit, unjudged.Exit = result.ExitBroken, result.ExitInterrupted
	s := of(night(0, result.Passed), broken, unjudged).Series[0]
	require.Equal(t, []result.Verdict{"passed", "failed", "broken"}, s.Run.Verdicts)
	require.Equal(t, 1, s.Run.Failed)
}
