package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func summarised(t *testing.T, run *result.Run, o TextOptions) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Summary(&out, run, o))
	return out.String()
}

func TestSummaryOfKeptContractIsShort(t *testing.T) {
	golden(t, "kept.summary.txt", []byte(summarised(t, kept(), TextOptions{})))
	require.Equal(t, "The contract is kept: 1 passed in 1.5 s.\n", summarised(t, kept(), TextOptions{Quiet: true}))
}

func TestSummaryInColourFitsTheTerminal(t *testing.T) {
	text := summarised(t, sample(), TextOptions{Color: true, Width: 80})
	golden(t, "sample.colour.txt", []byte(text))
	plain := ansi.Strip(text)
	require.NotContains(t, plain, "\x1b")
	for line := range strings.SplitSeq(plain, "\n") {
		if strings.Contains(line, "curl") || strings.Contains(line, "|") {
			continue // commands and bodies are never cut or wrapped
		}
		require.LessOrEqual(t, ansi.StringWidth(line), 80, line)
	}
}

func TestColourNeverCarriesForeignEscapes(t *testing.T) {
	harmless(t, ansi.Strip(summarised(t, hostile(), TextOptions{Color: true, Width: 100})))
}

func TestTargetThatIsDownIsOneLineNotManyFailures(t *testing.T) {
	text := summarised(t, down(), TextOptions{Quiet: true})
	require.Equal(t, "Nothing could be judged: the target is down: connection refused by api.example.test:443: 9 broken, 2 skipped in 1.5 s.\n", text)
}

func TestFailuresByOneCauseAreShownOnce(t *testing.T) {
	run := sample()
	for i := range 90 {
		s := run.Scenarios[3]
		s.Line += 100 + i
		run.Scenarios = append(run.Scenarios, s)
	}
	text := summarised(t, run, TextOptions{Quiet: true})
	require.Equal(t, 1, strings.Count(text, "FAILED PV-02"))
	require.Contains(t, text, "91 more scenarios by the same cause:\n    PV-02 features/wrong_otp.feature:14, 108, ")
	require.Contains(t, text, "and 83 more")
}

func TestWorstComesFirst(t *testing.T) {
	run := &result.Run{Rules: []result.Rule{{ID: "PV-19", Level: result.Must, EveryExchange: true, Verdict: result.Failed}}}
	for _, s := range []result.Scenario{
		{Rule: "PV-01", Level: result.Must, Verdict: result.Passed},
		{Rule: "PV-02", Level: result.Must, Verdict: result.Broken, Cause: "timeout"},
		{Rule: "PV-05", Level: result.Should, Verdict: result.Failed},
		{Rule: "PV-06", Level: result.Must, Verdict: result.Failed},
		{Rule: "PV-30", Level: result.Observe, Verdict: result.Broken, Cause: "state"},
	} {
		run.Scenarios = append(run.Scenarios, s)
	}
	var order []string
	for _, found := range troubles(run) {
		order = append(order, found.rule.ID)
	}
	require.Equal(t, []string{"PV-06", "PV-19", "PV-05", "PV-02", "PV-30"}, order)
}

func TestLastLineSaysWhatItComesTo(t *testing.T) {
	cases := map[string]struct {
		change func(*result.Run)
		line   string
	}{
		"kept":            {func(*result.Run) {}, "The contract is kept: 1 passed in 1.5 s."},
		"interrupted":     {func(r *result.Run) { r.Exit = 130 }, "Interrupted: 1 passed, 1 broken in 1.5 s."},
		"not all judged":  {func(r *result.Run) { r.Exit = 3 }, "Not all could be judged: 1 passed, 1 broken in 1.5 s."},
		"nothing ran":     {func(r *result.Run) { r.Exit, r.Scenarios = 3, nil }, "Not all could be judged: 1 broken in 1.5 s."},
		"a weaker breach": {func(r *result.Run) { r.Rules[0].Verdict = result.Failed }, "The contract is kept but for PV-01, which --fail-on makes a warning: 1 passed in 1.5 s."},
		"too slow": {func(r *result.Run) {
			r.Exit, r.Latency.Budget = 1, &result.Budget{Fail: true, Over: []string{"p95"}}
		}, "The latency budget is exceeded: 1 passed, 1 failed in 1.5 s."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run := kept()
			c.change(run)
			lines := conclusion(run)
			require.Equal(t, c.line, lines[len(lines)-1])
		})
	}
}

func TestPromisesThatWereNotJudgedAreNamed(t *testing.T) {
	run := kept()
	run.Rules = append(run.Rules,
		result.Rule{ID: "PV-14", Level: "must", Verdict: result.Skipped, Reason: "no webhook block"},
		result.Rule{ID: "PV-15", Level: "must", Verdict: result.Skipped, Reason: "no webhook block"},
		result.Rule{ID: "PV-19", Level: "must", Verdict: result.Skipped, EveryExchange: true},
		result.Rule{ID: "PV-30", Level: "observe", Verdict: result.Skipped, Reason: "silent"})
	require.Equal(t, []string{"certified without PV-14, PV-15: no webhook block", "certified without PV-19: no reason is given"}, without(run))
	run.Exit = 1
	require.Contains(t, without(run)[0], "judged without PV-14")
}

func TestLongTextsThatBeginAlikeAreShownFromWhereTheyDiffer(t *testing.T) {
	same := strings.Repeat("0123456789", 10)
	expected, actual := contrast(same+"expected", same+"actual")
	require.Equal(t, "01234567890123456789…01234567890123456789expected", expected)
	require.Equal(t, "01234567890123456789…01234567890123456789actual", actual)
	expected, actual = contrast("403 a", "403 b")
	require.Equal(t, []string{"403 a", "403 b"}, []string{expected, actual})
	_, actual = contrast(strings.Repeat("é", 50)+"ab", strings.Repeat("é", 50)+"\xff")
	require.Equal(t, strings.Repeat("é", 10)+"…"+strings.Repeat("é", 10)+`\xff`, actual)
}

func TestCommandIsWholeOrNotThere(t *testing.T) {
	require.Equal(t, []string{"curl -X PUT \\", "  --data '{}'"}, command("curl -X PUT \\\n  --data '{}'"))
	require.Equal(t, []string{"# a command of 8193 bytes: it is in the result file"}, command(strings.Repeat("x", maxCurl+1)))
}

func TestWaiverThatTheWarningsNameIsShownOnce(t *testing.T) {
	run := kept()
	run.Waivers = []result.Waiver{{Rule: "PV-01", Reason: "ticket 7", Until: "2027-01-31", State: "stale"}}
	require.Equal(t, 1, strings.Count(summarised(t, run, TextOptions{}), "stale"))
	run.Warnings = []string{"the waiver of PV-01 is stale: the promise is kept, remove the waiver"}
	require.Equal(t, 1, strings.Count(summarised(t, run, TextOptions{}), "stale"))
}

func TestNoLineIsACommandOfGitHubActions(t *testing.T) {
	run := sample()
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		s.Feature, s.Name, s.Reason = "::add-mask::feature", "::add-mask::name", "::add-mask::reason"
		for j := range s.Exchanges {
			s.Exchanges[j].Curl = "curl \\\n  ::add-mask::curl"
			s.Exchanges[j].Request.Body = "::add-mask::body"
		}
	}
	for line := range strings.SplitSeq(string(render(t, "text", run)), "\n") {
		require.False(t, strings.HasPrefix(strings.TrimSpace(line), "::"), line)
	}
	require.Contains(t, string(render(t, "text", run)), `\x3a:add-mask::feature`)
}
