package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

// failed is a scenario that failed by one finding, at its only exchange.
func failed(rule string, level result.Level, f result.Finding) result.Scenario {
	f.Rule = rule
	return result.Scenario{
		ID: rule + f.Actual, Rule: rule, Level: level, Verdict: result.Failed, File: "features/a.feature", Line: 9, Findings: []result.Finding{f},
		Exchanges: []result.Exchange{{Request: result.Request{Method: "PUT"}, Answer: &result.Answer{Status: 200}}},
	}
}

func explained(s result.Scenario, diagnosis string) result.Scenario {
	s.Diagnosis = diagnosis
	return s
}

func lacks(path string) result.Finding {
	return result.Finding{Expectation: "the phone is validated", Path: path, Actual: "missing"}
}

func differs(path, expected, actual string) result.Finding {
	return result.Finding{Expectation: "the phone is validated", Path: path, Expected: expected, Actual: actual}
}

// shownAs is each cause as "RULES: WORDS".
func shownAs(run *result.Run) []string {
	var all []string
	for _, t := range troubles(run) {
		all = append(all, strings.Join(ids(t.rules), " ")+": "+t.words)
	}
	return all
}

func TestFailuresWithOneCauseAreOne(t *testing.T) {
	must, should := result.Must, result.Should
	for name, c := range map[string]struct {
		scenarios []result.Scenario
		expected  []string
	}{
		"a member that is missing, whatever promise shows it": {
			[]result.Scenario{failed("PV-08", must, lacks("$.data.status")), failed("PV-17", should, lacks("$.data.status")), failed("PV-01", must, lacks("$.data.status"))},
			[]string{"PV-01 PV-08 PV-17: $.data.status is missing"},
		},
		"two members": {
			[]result.Scenario{failed("PV-01", must, lacks("$.data.status")), failed("PV-01", must, lacks("$.data.type"))},
			[]string{"PV-01: $.data.status is missing", "PV-01: $.data.type is missing"},
		},
		"other phones": {
			[]result.Scenario{failed("PV-01", must, differs("$.data.phone", `"62647737"`, `"+50762647737"`)), failed("PV-08", must, differs("$.data.phone", `"3001234567"`, `"+573001234567"`))},
			[]string{`PV-01 PV-08: $.data.phone is "+50762647737", not "62647737"`},
		},
		"other country codes, of one to three digits": {
			[]result.Scenario{failed("PV-01", must, differs("$.data.countryCode", `"+1"`, `"1"`)), failed("PV-01", must, differs("$.data.countryCode", `"+507"`, `"507"`))},
			[]string{`PV-01: $.data.countryCode is "1", not "+1"`},
		},
		"other ids": {
			[]result.Scenario{
				failed("PV-01", must, differs("$.data._id", `"64b0c0ffee64b0c0ffee64b0"`, `"0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11"`)),
				failed("PV-10", must, differs("$.data._id", `"64b0c0ffee64b0c0ffee64b1"`, `"7a1f5a52-8d0c-4c7e-af3b-ab1f0a6d2cff"`)),
			},
			[]string{`PV-01 PV-10: $.data._id is "0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11", not "64b0c0ffee64b0c0ffee64b0"`},
		},
		"a flag, true here and false there": {
			[]result.Scenario{failed("PV-01", must, differs("$.data.f", "of type boolean", `"true"`)), failed("PV-15", must, differs("$.data.f", "of type boolean", `"false"`))},
			[]string{`PV-01 PV-15: $.data.f is "true", not of type boolean`},
		},
		"a value that is wrong in another way": {
			[]result.Scenario{failed("PV-01", must, differs("$.data.phone", `"62647737"`, `"6264 7737"`)), failed("PV-08", must, differs("$.data.phone", `"62647737"`, `62647737`))},
			[]string{`PV-01: $.data.phone is "6264 7737", not "62647737"`, `PV-08: $.data.phone is 62647737, not "62647737"`},
		},
		"another status": {
			[]result.Scenario{failed("PV-01", must, differs("", "200", "404 not_found")), failed("PV-01", must, differs("", "200", "403 forbidden"))},
			[]string{"PV-01: expected 200, got 404 not_found: the phone is validated", "PV-01: expected 200, got 403 forbidden: the phone is validated"},
		},
		"another expectation": {
			[]result.Scenario{failed("PV-11", should, result.Finding{Expectation: "nothing is found", Expected: "404", Actual: "200"}), failed("PV-03", must, result.Finding{Expectation: "no phone validation was found", Expected: "404", Actual: "200"})},
			[]string{"PV-03: expected 404, got 200: no phone validation was found", "PV-11: expected 404, got 200: nothing is found"},
		},
		"symptoms that one diagnosis explains": {
			[]result.Scenario{explained(failed("PV-02", must, differs("$.code", `"otp_does_not_match"`, `"Forbidden"`)), "another dialect"), explained(failed("PV-03", must, differs("$.code", `"not_found"`, `"NotFound"`)), "another dialect")},
			[]string{"PV-02 PV-03: another dialect"},
		},
		"one symptom that two diagnoses explain": {
			[]result.Scenario{explained(failed("PV-11", should, differs("", "404", "200")), "is the project looked at?"), explained(failed("PV-21", should, differs("", "404", "200")), "is the country code looked at?")},
			[]string{"PV-11: expected 404, got 200: the phone is validated", "PV-21: expected 404, got 200: the phone is validated"},
		},
		"a guess about one promise where another shows the same without it": {
			[]result.Scenario{failed("PV-01", must, differs("", "200", "404")), explained(failed("PV-08", must, differs("", "200", "404")), "is it looked up with spaces?")},
			[]string{"PV-01 PV-08: expected 200, got 404: the phone is validated"},
		},
		"what could not be judged, with and without the same reason": {
			[]result.Scenario{
				{Rule: "PV-02", Level: must, Verdict: result.Broken, Cause: "timeout", Reason: "no answer within 10 s"}, {Rule: "PV-03", Level: must, Verdict: result.Broken, Cause: "timeout", Reason: "no answer within 10 s"},
				{Rule: "PV-04", Level: must, Verdict: result.Broken, Cause: "state", Reason: "no answer within 10 s"},
			},
			[]string{"PV-02 PV-03: no answer within 10 s", "PV-04: no answer within 10 s"},
		},
		"a right OTP that is refused, by all that does not follow": {
			[]result.Scenario{
				failed("PV-01", must, differs("", "200", "403 otp_does_not_match")), failed("PV-15", must, differs("", "200 with data.flag true", "403 otp_does_not_match")),
				failed("PV-12", must, differs("$.data.status", `"validated"`, `"sent", after the OTP was answered 403 otp_does_not_match`)),
				failed("PV-14", must, differs("", "the OTP accepted, and then a notification", "403 otp_does_not_match: nothing was validated")),
				failed("PV-03", must, differs("", "404", "403 otp_does_not_match")),
				failed("PV-12", must, differs("$.data.status", `"validated"`, `"sent", after the OTP was answered 200`)),
			},
			[]string{
				"PV-01 PV-12 PV-14 PV-15: expected 200, got 403 otp_does_not_match: the phone is validated",
				"PV-03: expected 404, got 403 otp_does_not_match: the phone is validated",
				`PV-12: $.data.status is "sent", after the OTP was answered 200, not "validated"`,
			},
		},
		"a form that is not kept": {
			[]result.Scenario{failed("PV-01", must, differs("$.data.countryCode", "matching ^.[0-9]$", `"507"`))},
			[]string{`PV-01: $.data.countryCode is "507", which does not match ^.[0-9]$`},
		},
		"what should not be there": {
			[]result.Scenario{failed("PV-01", must, differs("$.trace", "no such member", "[]"))},
			[]string{"PV-01: $.trace should not be there: []"},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.expected, shownAs(&result.Run{Scenarios: c.scenarios})) })
	}
}

func TestABreachOfEveryExchangeJoinsTheFailureThatItIs(t *testing.T) {
	answer := func(actual string) result.Finding {
		return result.Finding{Expectation: "the answer is that the OTP does not match", Expected: "403", Actual: actual}
	}
	found := func(actual string, scenarios ...string) result.Rule {
		r := result.Rule{ID: "PV-20", Level: result.Should, Verdict: result.Failed, EveryExchange: true, Breaches: len(scenarios), Judged: 9}
		for _, id := range scenarios {
			r.Findings = append(r.Findings, result.Finding{Rule: "PV-20", Expectation: "only the documented statuses occur", Expected: "200, 403", Actual: actual, Scenario: id})
		}
		return r
	}
	one, other := failed("PV-02", result.Must, answer("500 Internal")), failed("PV-03", result.Must, differs("", "404", "422 Unprocessable"))
	fine := result.Scenario{ID: "fine", Rule: "PV-17", Level: result.Should, Verdict: result.Passed, Exchanges: one.Exchanges}
	for name, c := range map[string]struct {
		rule     result.Rule
		expected []string
	}{
		"the same answer":                     {found("500 Internal", one.ID), []string{"PV-02 PV-20", "PV-03"}},
		"the same answer, elsewhere too":      {found("500 Internal", one.ID, fine.ID), []string{"PV-02 PV-20", "PV-03"}},
		"of these answers, something else":    {found("text/html", one.ID), []string{"PV-02 PV-20", "PV-03"}},
		"something else of other answers too": {found("text/html", one.ID, fine.ID), []string{"PV-02", "PV-03", "PV-20"}},
		"of two causes":                       {found("text/html", one.ID, other.ID), []string{"PV-02", "PV-03", "PV-20"}},
		"of no failure":                       {found("500 Internal", fine.ID), []string{"PV-02", "PV-03", "PV-20"}},
		"of nothing that is known":            {found("500 Internal", "nowhere"), []string{"PV-02", "PV-03", "PV-20"}},
		"without a finding":                   {found("500 Internal"), []string{"PV-02", "PV-03", "PV-20"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, tr := range troubles(&result.Run{Rules: []result.Rule{c.rule}, Scenarios: []result.Scenario{one, other, fine}}) {
				got = append(got, strings.Join(ids(tr.rules), " "))
			}
			require.Equal(t, c.expected, got)
		})
	}
	two := found("500 Internal", fine.ID)
	two.Findings = append(two.Findings, found("422 Unprocessable", fine.ID).Findings...)
	require.Len(t, troubles(&result.Run{Rules: []result.Rule{two}, Scenarios: []result.Scenario{fine}}), 2, "a rule may be broken in two ways")
}

func TestALeakComesFirst(t *testing.T) {
	leak := result.Finding{Rule: "PV-24", Expectation: "no answer echoes a secret", Expected: "nothing secret in the header X-Debug", Actual: "it holds a token", Leak: true, Scenario: "x"}
	trace := result.Finding{Rule: "PV-24", Expectation: "no answer echoes a secret", Expected: "no stack trace in the body", Actual: "at main", Scenario: "x"}
	run := &result.Run{
		Rules: []result.Rule{
			{ID: "PV-19", Level: result.Must, EveryExchange: true, Verdict: result.Failed},
			{ID: "PV-24", Level: result.Should, EveryExchange: true, Verdict: result.Failed, Findings: []result.Finding{trace, leak}},
		},
		Scenarios: []result.Scenario{failed("PV-01", result.Must, differs("", "200", "500")), failed("PV-14", result.Should, result.Finding{Expectation: "a notification tells of it", Expected: "neither the OTP nor a token in it", Actual: "one came, but it holds the OTP or a token", Leak: true})},
	}
	require.Equal(t, []string{
		"PV-14: a notification tells of it: one came, but it holds the OTP or a token",
		"PV-24: the header X-Debug holds a token",
		"PV-01: expected 200, got 500: the phone is validated",
		"PV-19: ",
		"PV-24: expected no stack trace in the body, got at main: no answer echoes a secret",
	}, shownAs(run))
}

func TestTheLastRowsNameEveryCause(t *testing.T) {
	run := &result.Run{Exit: 1, Again: "verifik-contract run"}
	for i := range 12 {
		for range 5 {
			s := failed(fmt.Sprintf("PV-%02d", i+1), result.Must, lacks(fmt.Sprintf("$.data.a-rather-long-member-%d", i)))
			run.Scenarios = append(run.Scenarios, s)
		}
		run.Rules = append(run.Rules, result.Rule{ID: fmt.Sprintf("PV-%02d", i+1), Level: result.Must, Verdict: result.Failed})
	}
	for _, width := range []int{80, 60} {
		lines := strings.Split(strings.TrimSuffix(summarised(t, run, TextOptions{Width: width}), "\n"), "\n")
		last := lines[len(lines)-23:] // the prompt takes a row
		for i := range 12 {
			require.True(t, slices.ContainsFunc(last, func(l string) bool {
				return strings.HasPrefix(l, fmt.Sprintf("✗ must    PV-%02d: $.data.a-rather-long", i+1)) && ansi.StringWidth(l) <= width && strings.Contains(l, "5")
			}), "%d: %s", width, strings.Join(last, "\n"))
		}
		require.Contains(t, lines[len(lines)-1]+lines[len(lines)-2]+lines[len(lines)-3], "The contract is not kept")
	}
	for i := range 30 {
		run.Scenarios = append(run.Scenarios, failed("PV-30", result.Must, lacks(fmt.Sprintf("$.x%d", i))))
	}
	require.Contains(t, summarised(t, run, TextOptions{}), "… and 26 more causes above\n")
}

func TestAFailureSaysHowToRunItAgain(t *testing.T) {
	run := &result.Run{Again: "verifik-contract run -e staging", Scenarios: []result.Scenario{failed("PV-01", result.Must, lacks("$.data"))}}
	require.Contains(t, summarised(t, run, TextOptions{}), "  run it again:\n    verifik-contract run -e staging features/a.feature:9\n")
	run.Scenarios[0].File = "my features/a.feature"
	require.Contains(t, summarised(t, run, TextOptions{}), "    verifik-contract run -e staging 'my features/a.feature:9'\n")
	run.Again = "" // a result of a version that did not keep it
	require.NotContains(t, summarised(t, run, TextOptions{}), "run it again")
}

func TestAMissingMemberIsSaidToBeMissing(t *testing.T) {
	text := summarised(t, &result.Run{Scenarios: []result.Scenario{failed("PV-01", result.Must, lacks("$.data.status"))}}, TextOptions{})
	require.Contains(t, text, "  expectation: the phone is validated\n    $.data.status is missing\n")
	require.NotContains(t, text, "actual:")
	f := lacks("$.data._id")
	f.Expected = `"64b0"`
	require.Contains(t, findingText(&f), "    $.data._id is missing\n    expected: \"64b0\"")
}

func TestLinesBreakAtSpacesAlone(t *testing.T) {
	p := newPage(TextOptions{Width: 50, Color: true})
	p.prose(2, p.bold("some words")+" and then /a/path-with-hyphens/that-is/very-long-indeed.feature:12 and more words - and a dash")
	text := ansi.Strip(p.String())
	require.Contains(t, text, "/a/path-with-hyphens/that-is/very-long-indeed.feature:12")
	require.Contains(t, text, " - ")
	require.Greater(t, strings.Count(text, "\n"), 2)
}

func TestNarrowListingsTellScenariosApart(t *testing.T) {
	names := []string{"The right OTP with made-up credentials instead of a token", "The right OTP with made-up credentials instead of a token does not validate"}
	for _, width := range []int{40, 60} {
		run := &result.Run{}
		for i, name := range names {
			run.Scenarios = append(run.Scenarios, result.Scenario{ID: name, Rule: "PV-16", Name: name, Line: i + 1, Verdict: result.Passed, Duration: 12})
		}
		p := newPage(TextOptions{Width: width})
		p.listing(run)
		text := strings.Join(strings.Fields(p.String()), " ")
		for _, name := range names {
			require.Contains(t, text, "✓ "+name+" (")
		}
	}
}
