package view

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func details(s *result.Scenario) string {
	return Tests(&result.Run{Scenarios: []result.Scenario{*s}})[0].Details
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
	require.Equal(t, "7× 403 otp_does_not_match; 200; 12× 403 otp_does_not_match", ObservedLine(s))
}

func TestManyDifferentAnswersAreCut(t *testing.T) {
	s := &result.Scenario{}
	for i := range 100 {
		s.Observed = append(s.Observed, result.Observation{Status: 100 + i})
	}
	shown := Observations(s)
	require.Len(t, shown, maxObserved+1)
	require.Equal(t, "… and 88 more", shown[maxObserved])
}

func TestSelectionIsNamed(t *testing.T) {
	all := result.Selection{Rules: []string{"PV-01", "PV-02"}, Tags: "not @slow", Level: "must", Features: []string{"a.feature"}, Shard: "2/5", Repeat: 3}
	require.Equal(t, "rules PV-01, PV-02; tags not @slow; level must; features a.feature; shard 2/5; 3 repetitions", Selection(all))
	require.Empty(t, Selection(result.Selection{Repeat: 1}))
}

func TestMoreFindingsThanAreShownAreCounted(t *testing.T) {
	s := &result.Scenario{File: "a.feature", Line: 3, Name: "many", Verdict: result.Failed}
	for range 5 + 3 {
		s.Findings = append(s.Findings, result.Finding{Expectation: "it", Exchange: -1})
	}
	require.Contains(t, details(s), "… and 3 more findings in this scenario")
}

func TestBrokenScenarioSaysThatItCouldNotBeJudged(t *testing.T) {
	s := &result.Scenario{Verdict: result.Broken, Reason: "no OTP came", Cause: "state"}
	require.Contains(t, details(s), "  could not be judged (state): no OTP came\n")
	s.Cause = ""
	require.Contains(t, details(s), "  could not be judged: no OTP came\n")
}

func TestLastLineSaysWhatItComesTo(t *testing.T) {
	cases := map[string]struct {
		change func(*result.Run)
		line   string
	}{
		"kept":           {func(*result.Run) {}, "The contract is kept: 1 passed in 1.53 s."},
		"interrupted":    {func(r *result.Run) { r.Exit = 130 }, "Interrupted: 1 passed, 1 broken in 1.53 s."},
		"not all judged": {func(r *result.Run) { r.Exit = 3 }, "Not all could be judged: 1 passed, 1 broken in 1.53 s."},
		"nothing ran":    {func(r *result.Run) { r.Exit, r.Scenarios, r.Rules = 3, nil, nil }, "Nothing could be judged: there is no scenario that could run: 1 broken in 1.53 s."},
		"a rule is judged on silent traffic": {func(r *result.Run) {
			r.Exit, r.Traffic = 3, &result.Traffic{Silent: []result.Silent{{Reason: "no token"}}}
		}, "Not all could be judged: every exchange is silent, most because: no token: 1 passed, 1 broken, 1 skipped in 1.53 s."},
		"a waived rule was judged": {func(r *result.Run) {
			r.Exit, r.Rules[0].Verdict, r.Traffic = 3, result.Waived, &result.Traffic{}
		}, "Not all could be judged: no exchange of the endpoint was seen: 1 broken, 1 waived, 1 skipped in 1.53 s."},
		"unreadable beside others": {func(r *result.Run) {
			r.Exit, r.Rules, r.Traffic, r.Problems = 3, nil, &result.Traffic{LeftOut: 1, Unread: 2}, []string{"a.har: entry 1: no URL", "a.har: entry 3: no URL"}
		}, "Nothing could be judged: entries could not be read (2): a.har: entry 1: no URL: 2 broken, 1 skipped in 1.53 s."},
		"a weaker breach": {func(r *result.Run) { r.Rules[0].Verdict = result.Failed }, "The contract is kept but for PV-01, which --fail-on makes a warning: 1 passed in 1.53 s."},
		"a reason that asks": {func(r *result.Run) {
			r.Exit, r.Rules, r.Stopped = 3, nil, "is it http:// in place of https://?"
			r.Scenarios[0].Verdict = result.Broken
		}, "Nothing could be judged: is it http:// in place of https://? 2 broken in 1.53 s."},
		"too slow": {func(r *result.Run) {
			r.Exit, r.Latency.Budget = 1, &result.Budget{Fail: true, Over: []string{"p95"}}
		}, "The latency budget is exceeded: 1 passed, 1 failed in 1.53 s."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run := examples.Kept()
			c.change(run)
			require.Equal(t, c.line, Conclusion(run))
		})
	}
}

func TestWhatTheLastLineSaysIsNoFact(t *testing.T) {
	run := &result.Run{Exit: 3, Traffic: &result.Traffic{Unread: 1}, Problems: []string{"a.har: entry 1: no URL"}}
	require.Contains(t, Outcome(run), "a.har: entry 1: no URL")
	require.Empty(t, Unsaid(run))
	run.Problems = append(run.Problems, "b.har: entry 2: no URL")
	require.Equal(t, []Fact{{"Not done", "a.har: entry 1: no URL; b.har: entry 2: no URL"}}, Unsaid(run))
}

func TestPromisesThatWereNotJudgedAreNamed(t *testing.T) {
	run := examples.Kept()
	run.Rules = append(run.Rules,
		result.Rule{ID: "PV-14", Level: "must", Verdict: result.Skipped, Reason: "no webhook block"},
		result.Rule{ID: "PV-15", Level: "must", Verdict: result.Skipped, Reason: "no webhook block"},
		result.Rule{ID: "PV-19", Level: "must", Verdict: result.Skipped, EveryExchange: true},
		result.Rule{ID: "PV-30", Level: "observe", Verdict: result.Skipped, Reason: "silent"})
	require.Equal(t, []string{"certified without PV-14, PV-15: no webhook block", "certified without PV-19: no reason is given"}, Without(run))
	run.Exit = 1
	require.Contains(t, Without(run)[0], "judged without PV-14")
}

func TestPromisesThatWereJudgedInPartAreNamedByEachReason(t *testing.T) {
	run := &result.Run{Exit: 1, Rules: []result.Rule{{ID: "PV-02", Level: "must", Verdict: result.Passed}, {ID: "PV-12", Level: "must", Verdict: result.Failed}}}
	for _, s := range []struct{ rule, skipped string }{{"PV-02", ""}, {"PV-02", "no sms"}, {"PV-02", "no +57"}, {"PV-12", ""}, {"PV-12", "no sms"}, {"PV-12", "no sms"}} {
		verdict := result.Passed
		if s.skipped != "" {
			verdict = result.Skipped
		}
		run.Scenarios = append(run.Scenarios, result.Scenario{Rule: s.rule, Verdict: verdict, Reason: s.skipped})
	}
	require.Equal(t, []string{"judged without 1 of 3 scenarios of PV-02, 2 of 3 scenarios of PV-12: no sms", "judged without 1 of 3 scenarios of PV-02: no +57"}, Without(run))
}

func TestLongTextsThatBeginAlikeAreShownFromWhereTheyDiffer(t *testing.T) {
	same := strings.Repeat("0123456789", 10)
	require.Equal(t, [2]string{"01234567890123456789…01234567890123456789expected", "01234567890123456789…01234567890123456789actual"}, contrast(same+"expected", same+"actual"))
	require.Equal(t, [2]string{"403 a", "403 b"}, contrast("403 a", "403 b"))
	shown := contrast(strings.Repeat("é", 90)+"ab", strings.Repeat("é", 90)+"\xff")
	require.Equal(t, strings.Repeat("é", 20)+"…"+strings.Repeat("é", 20)+`\xff`, shown[1])
	for _, same := range []string{strings.Repeat("é", 300_000), "x" + strings.Repeat("é", 300_000)} {
		first, last := string([]rune(same)[:20]), strings.Repeat("é", 20)
		require.Equal(t, [2]string{first + "…" + last + "ab", first + "…" + last + "ê"}, contrast(same+"ab", same+"ê"))
		require.Equal(t, [2]string{first + "…" + last, first + "…" + last + "c"}, contrast(same, same+"c"))
	}
}

func TestCommandIsWholeOrNotThere(t *testing.T) {
	require.Equal(t, []string{"curl -X PUT \\", "  --data '{}'"}, command("curl -X PUT \\\n  --data '{}'"))
	require.Equal(t, []string{"# a command of 8193 bytes: it is in the result file"}, command(strings.Repeat("x", maxCurl+1)))
}

func TestADurationIsSaidInTheUnitThatFits(t *testing.T) {
	for m, want := range map[result.Millis]string{0: "0 s", 0.02: "20 µs", 0.5: "500 µs", 9.94: "9.94 ms", 12.3: "12.3 ms", 999: "999 ms", 1534.5: "1.53 s", 90_000: "1 min 30 s"} {
		require.Equal(t, want, Span(m))
	}
}
