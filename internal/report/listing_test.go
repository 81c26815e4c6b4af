package report

import (
	"testing"

	"github.com/stretchr/testify/require"

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
			c.rule.ID, c.rule.Level, c.rule.Title = "PV-19", result.Must, "One value"
			p := newPage(TextOptions{Width: 20})
			p.everyExchangeLine(0, &c.rule)
			require.Equal(t, c.line, p.String())
		})
	}
}

func TestEqualAnswersInARowAreCounted(t *testing.T) {
	s := &result.Scenario{}
	for i := range 20 {
		o := result.Observation{Status: 403, Code: "otp_does_not_match"}
		if i == 7 {
			o = result.Observation{Status: 200}
		}
		s.Observed = append(s.Observed, o)
	}
	require.Equal(t, "7× 403 otp_does_not_match; 200; 12× 403 otp_does_not_match", observedLine(s))
}

func TestManyDifferentAnswersAreCut(t *testing.T) {
	s := &result.Scenario{}
	for i := range 100 {
		s.Observed = append(s.Observed, result.Observation{Status: 100 + i})
	}
	shown := observations(s)
	require.Len(t, shown, maxObserved+1)
	require.Equal(t, "… and 88 more", shown[maxObserved])
}

func TestSelectionIsNamed(t *testing.T) {
	all := result.Selection{Rules: []string{"PV-01", "PV-02"}, Tags: "not @slow", Level: "must", Features: []string{"a.feature"}, Shard: "2/5", Repeat: 3}
	require.Equal(t, "rules PV-01, PV-02; tags not @slow; level must; features a.feature; shard 2/5; 3 repetitions", selection(all))
	require.Empty(t, selection(result.Selection{Repeat: 1}))
}

func TestMoreFindingsThanAreShownAreCounted(t *testing.T) {
	s := &result.Scenario{File: "a.feature", Line: 3, Name: "many", Verdict: result.Failed}
	for range maxFindings + 3 {
		s.Findings = append(s.Findings, result.Finding{Expectation: "it", Exchange: -1})
	}
	require.Contains(t, (&explainer{}).scenario(&result.Run{}, s), "… and 3 more findings in this scenario")
}

func TestBrokenScenarioSaysThatItCouldNotBeJudged(t *testing.T) {
	s := &result.Scenario{Verdict: result.Broken, Reason: "no OTP came", Cause: "state"}
	require.Contains(t, (&explainer{}).scenario(&result.Run{}, s), "  could not be judged (state): no OTP came\n")
	s.Cause = ""
	require.Contains(t, (&explainer{}).scenario(&result.Run{}, s), "  could not be judged: no OTP came\n")
}
