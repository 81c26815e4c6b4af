package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

// A result of traffic has rules and no scenario of theirs: each form shows the rules as tests, the exchange that breaks one, and that
// none of it certifies anything.
func TestEveryFormShowsTraffic(t *testing.T) {
	run := &result.Run{
		Version: result.Version, Started: time.Unix(0, 0).UTC(), Target: result.Target{Kind: result.HTTP, BaseURL: "https://api.example.test"},
		Traffic: &result.Traffic{Kind: result.Recorded, Sources: []string{"a.har"}, Exchanges: 9, Judged: 7, LeftOut: 3, Silent: []result.Silent{{Reason: "the request has no token", Count: 2}}},
		Rules: []result.Rule{
			{ID: "PV-01", Level: result.Must, Title: "It is kept", EveryExchange: true, Judged: 4},
			{ID: "PV-02", Level: result.Must, Title: "It is broken", EveryExchange: true, Judged: 3, Breaches: 2, Findings: []result.Finding{{Rule: "PV-02", Expectation: "it holds", Path: "$.code", Expected: `"x"`, Actual: `"otherwise"`, Scenario: "a.har#3", Times: 2}}},
			{ID: "PV-05", Level: result.Should, Title: "It is not there", EveryExchange: true},
		},
		Scenarios: []result.Scenario{{ID: "a.har#3", Rule: "PV-02", Level: result.Observe, Feature: "Traffic", Name: "entry 3", File: "a.har", Verdict: result.Observed, Exchanges: []result.Exchange{{
			Purpose: exchange.Judged, Request: result.Request{Method: "PUT", URL: "https://api.example.test/x"}, Answer: &result.Answer{Status: 403, Body: "the-answer"},
		}}}},
	}
	result.Conclude(run, run.Started)
	require.Equal(t, result.ExitBroken, run.Exit)
	require.Equal(t, "1 passed, 1 failed, 2 skipped", result.Count(run).Words())
	certifies := map[string]bool{"har": false, "github": false, "prometheus": false, "json": false}
	for _, form := range Forms() {
		t.Run(form.Name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Of(run)(&out, form.Name))
			require.Contains(t, out.String(), "PV-02")
			if form.Name != "prometheus" && form.Name != "github" {
				require.Contains(t, out.String(), "the-answer")
			}
			if _, without := certifies[form.Name]; !without {
				require.Contains(t, out.String(), "certifies nothing")
			}
		})
	}
}
