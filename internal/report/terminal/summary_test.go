package terminal

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func summarised(t *testing.T, run *result.Run, o Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Summary(&out, run, o))
	return out.String()
}

func TestSummaryOfKeptContractIsShort(t *testing.T) {
	examples.Golden(t, "kept.summary.txt", []byte(summarised(t, examples.Kept(), Options{})))
	require.Equal(t, "The contract is kept: 1 passed in 1.53 s.\n", summarised(t, examples.Kept(), Options{Quiet: true}))
}

func TestSummaryInColourFitsTheTerminal(t *testing.T) {
	text := summarised(t, examples.Sample(), Options{Color: true, Width: 80})
	examples.Golden(t, "sample.colour.txt", []byte(text))
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
	examples.Harmless(t, ansi.Strip(summarised(t, examples.Hostile(), Options{Color: true, Width: 100})))
}

func TestTargetThatIsDownIsOneLineNotManyFailures(t *testing.T) {
	text := summarised(t, examples.Down(), Options{Quiet: true})
	require.Equal(t, "Nothing could be judged: the target is down: connection refused by api.example.test:443: 9 broken, 2 skipped in 1.53 s.\n", text)
}

func TestRequestAtWhichTheConnectionWasLostIsShownThoughTheRunWasStopped(t *testing.T) {
	run := examples.Down()
	s := &run.Scenarios[5]
	s.Cause, s.Reason, s.Exchanges = exchange.CauseLost, "the connection was closed before an answer came", examples.Sample().Scenarios[3].Exchanges
	text := summarised(t, run, Options{Quiet: true})
	require.Equal(t, 1, strings.Count(text, "! BROKEN "))
	require.Contains(t, text, "repeat it:\n")
}

func TestFailuresByOneCauseAreShownOnce(t *testing.T) {
	run := examples.Sample()
	for i := range 90 {
		s := run.Scenarios[3]
		s.Line += 100 + i
		run.Scenarios = append(run.Scenarios, s)
	}
	text := summarised(t, run, Options{Quiet: true})
	require.Equal(t, 1, strings.Count(text, "FAILED PV-02"))
	require.Contains(t, text, "91 more scenarios by the same cause:\n    PV-02 features/wrong_otp.feature:14, 108, ")
	require.Contains(t, text, "and 83 more")
}

func TestWaiverThatTheWarningsNameIsShownOnce(t *testing.T) {
	run := examples.Kept()
	run.Waivers = []result.Waiver{{Rule: "PV-01", Reason: "ticket 7", Until: "2027-01-31", State: "stale"}}
	run.Warnings = []string{"the waiver of PV-01 is stale: the promise is kept, remove the waiver"}
	require.Equal(t, 1, strings.Count(summarised(t, run, Options{}), "stale"))
}

func TestNoLineIsACommandOfGitHubActions(t *testing.T) {
	run := examples.Sample()
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		s.Feature, s.Name, s.Reason = "::add-mask::feature", "::add-mask::name", "::add-mask::reason"
		for j := range s.Exchanges {
			s.Exchanges[j].Curl = "curl \\\n  ::add-mask::curl"
			s.Exchanges[j].Request.Body = "::add-mask::body"
		}
	}
	text := textOf(t, run)
	for line := range strings.SplitSeq(text, "\n") {
		require.False(t, strings.HasPrefix(strings.TrimSpace(line), "::"), line)
	}
	require.Contains(t, text, `\x3a:add-mask::feature`)
}

func TestTheLastRowsNameEveryCause(t *testing.T) {
	run := &result.Run{Exit: 1, Again: "verifik-contract run"}
	for i := range 12 {
		for range 5 {
			s := examples.Failed(fmt.Sprintf("PV-%02d", i+1), result.Must, examples.Lacks(fmt.Sprintf("$.data.a-rather-long-member-%d", i)))
			run.Scenarios = append(run.Scenarios, s)
		}
		run.Rules = append(run.Rules, result.Rule{ID: fmt.Sprintf("PV-%02d", i+1), Level: result.Must, Verdict: result.Failed})
	}
	for _, width := range []int{80, 60} {
		lines := strings.Split(strings.TrimSuffix(summarised(t, run, Options{Width: width}), "\n"), "\n")
		last := lines[len(lines)-23:] // the prompt takes a row
		for i := range 12 {
			require.True(t, slices.ContainsFunc(last, func(l string) bool {
				return strings.HasPrefix(l, fmt.Sprintf("✗ must    PV-%02d: $.data.a-rather-long", i+1)) && ansi.StringWidth(l) <= width && strings.Contains(l, "5")
			}), "%d: %s", width, strings.Join(last, "\n"))
		}
		require.Contains(t, lines[len(lines)-1]+lines[len(lines)-2]+lines[len(lines)-3], "The contract is not kept")
	}
	for i := range 30 {
		run.Scenarios = append(run.Scenarios, examples.Failed("PV-30", result.Must, examples.Lacks(fmt.Sprintf("$.x%d", i))))
	}
	require.Contains(t, summarised(t, run, Options{}), "… and 26 more causes above\n")
}

func TestAScenarioWithSeveralBreachesOfOneRuleIsNamedOnce(t *testing.T) {
	one, other := examples.Failed("PV-02", result.Must, examples.Lacks("$.code")), examples.Failed("PV-03", result.Must, examples.Lacks("$.code"))
	one.ID, one.Name, other.ID, other.Name = "one", "The first", "other", "The second"
	breach := func(of string) result.Finding {
		return result.Finding{Scenario: of, Rule: "PV-18", Path: "$.time", Expected: "nothing", Actual: "a time"}
	}
	rule := result.Rule{ID: "PV-18", Level: result.Should, Verdict: result.Failed, EveryExchange: true, Breaches: 4}
	rule.Findings = append(slices.Repeat([]result.Finding{breach("one")}, 5), breach("other"), breach("one"))
	text := summarised(t, &result.Run{Rules: []result.Rule{rule}, Scenarios: []result.Scenario{one, other}}, Options{})
	require.Equal(t, 2, strings.Count(text, "shown by"), text)
	require.Regexp(t, `(?s)shown by .*The first.*shown by .*The second`, text)
	require.Equal(t, 1, strings.Count(text, "at        $.time"), text)
	require.NotContains(t, text, "more finding")
}

func TestAFailureSaysHowToRunItAgain(t *testing.T) {
	run := &result.Run{Again: "verifik-contract run -e staging", Scenarios: []result.Scenario{examples.Failed("PV-01", result.Must, examples.Lacks("$.data"))}}
	require.Contains(t, summarised(t, run, Options{}), "  run it again:\n    verifik-contract run -e staging features/a.feature:9\n")
	run.Scenarios[0].File = "my features/a.feature"
	require.Contains(t, summarised(t, run, Options{}), "    verifik-contract run -e staging 'my features/a.feature:9'\n")
	run.Again = "" // a result of a version that did not keep it
	require.NotContains(t, summarised(t, run, Options{}), "run it again")
}

func TestAFailureSaysHowToRepeatIt(t *testing.T) {
	s := examples.Failed("PV-25", result.Must, examples.Lacks("$.data"))
	s.States = `eval "$(verifik-contract state 'a pending phone validation')"`
	s.Exchanges = []result.Exchange{
		{Purpose: "judged", Attempt: 1, Curl: "curl an-attempt-before"}, {Purpose: "set-up", Attempt: 2},
		{Purpose: "judged", Attempt: 2, Curl: "curl the-first"}, {Purpose: "read-back", Attempt: 2, Curl: "curl looks"},
		{Purpose: "judged", Attempt: 2, Curl: "curl the-one"}, {Purpose: "judged", Attempt: 2, Curl: "curl after-it"},
	}
	s.Findings[0].Exchange = 4
	text := summarised(t, &result.Run{Scenarios: []result.Scenario{s}}, Options{})
	require.Contains(t, text, "  a fresh state for it:\n    "+s.States+"\n  repeat it:\n    curl the-first\n    curl the-one\n")
	for _, other := range []string{"an-attempt-before", "curl looks", "after-it"} {
		require.NotContains(t, text, other)
	}
	s.States = ""
	require.NotContains(t, summarised(t, &result.Run{Scenarios: []result.Scenario{s}}, Options{}), "fresh state")
}

func TestAMissingMemberIsReportedAsMissing(t *testing.T) {
	text := summarised(t, &result.Run{Scenarios: []result.Scenario{examples.Failed("PV-01", result.Must, examples.Lacks("$.data.status"))}}, Options{})
	require.Contains(t, text, "  expectation: the phone is validated\n    $.data.status is missing\n")
	require.NotContains(t, text, "actual:")
	f := examples.Lacks("$.data._id")
	f.Expected = `"64b0"`
	text = summarised(t, &result.Run{Scenarios: []result.Scenario{examples.Failed("PV-01", result.Must, f)}}, Options{})
	require.Contains(t, text, "    $.data._id is missing\n    expected: \"64b0\"")
}

func TestNarrowListingsTellScenariosApart(t *testing.T) {
	names := []string{"The right OTP with made-up credentials instead of a token", "The right OTP with made-up credentials instead of a token does not validate"}
	for _, width := range []int{40, 60} {
		run := &result.Run{}
		for i, name := range names {
			run.Scenarios = append(run.Scenarios, result.Scenario{ID: name, Rule: "PV-16", Name: name, Line: i + 1, Verdict: result.Passed, Duration: 12})
		}
		p := newScreen(Options{Width: width})
		p.listing(run)
		text := strings.Join(strings.Fields(p.String()), " ")
		for _, name := range names {
			require.Contains(t, text, "✓ "+name+" (")
		}
	}
}

func textOf(t *testing.T, run *result.Run) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Text(&out, run, Options{}))
	return out.String()
}
