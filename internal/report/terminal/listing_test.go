package terminal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

func TestEveryExchangeRuleIsOneLine(t *testing.T) {
	cases := map[string]struct {
		rule result.Rule
		line string
	}{
		"passed":                    {result.Rule{Verdict: result.Passed, Judged: 88}, "✓ PV-19 must One value (88 exchanges)\n"},
		"passed, nothing counted":   {result.Rule{Verdict: result.Passed}, "✓ PV-19 must One value\n"},
		"failed":                    {result.Rule{Verdict: result.Failed, Judged: 88, Breaches: 1}, "✗ PV-19 must One value failed: broken by 1 of 88 exchanges\n"},
		"failed, only breaches":     {result.Rule{Verdict: result.Failed, Breaches: 1}, "✗ PV-19 must One value failed: broken by 1 exchange\n"},
		"failed, only a reason":     {result.Rule{Verdict: result.Failed, Reason: "a key\ntwice"}, "✗ PV-19 must One value failed: a key\\ntwice\n"},
		"waived":                    {result.Rule{Verdict: result.Waived, Judged: 3, Breaches: 2}, "~ PV-19 must One value waived: broken by 2 of 3 exchanges\n"},
		"skipped":                   {result.Rule{Verdict: result.Skipped, Reason: "no exchange was seen"}, "- PV-19 must One value skipped: no exchange was seen\n"},
		"skipped without a reason":  {result.Rule{Verdict: result.Skipped}, "- PV-19 must One value skipped\n"},
		"a terminal that is narrow": {result.Rule{Verdict: result.Passed, Judged: 1}, "✓ PV-19 must One value (1 exchange)\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.rule.ID, c.rule.Level, c.rule.Title, c.rule.EveryExchange = "PV-19", result.Must, "One value", true
			p := newScreen(Options{Width: 20})
			p.everyExchange(&result.Run{Rules: []result.Rule{c.rule, {Verdict: result.Failed}}})
			require.Equal(t, "On every exchange\n  "+c.line, p.String())
		})
	}
}

func TestWhatAStoppedRunDidNotReachIsNotListed(t *testing.T) {
	run := &result.Run{Scenarios: []result.Scenario{
		{ID: "a", Rule: "PV-02", Name: "Reached", Line: 1, Verdict: result.Passed},
		{ID: "b", Rule: "PV-02", Name: "Left out", Line: 2, Verdict: result.Skipped, Reason: "no webhook"},
		{ID: "c", Rule: "PV-02", Name: "After the stop", Line: 3, Verdict: result.Skipped, Cause: exchange.CauseUnreached},
	}}
	listed := func() string {
		p := newScreen(Options{Width: 80})
		p.listing(run)
		return p.String()
	}
	require.Contains(t, listed(), "After the stop", "an interruption has no reason of its own")
	run.Stopped = "the target does not answer"
	require.NotContains(t, listed(), "After the stop")
	require.Contains(t, listed(), "Reached")
	require.Contains(t, listed(), "Left out")
}
