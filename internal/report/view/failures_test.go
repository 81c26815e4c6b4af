package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// shownAs is each cause as "RULES: WORDS".
func shownAs(run *result.Run) []string {
	var all []string
	for _, t := range Failures(run) {
		all = append(all, strings.Join(IDs(t.Rules), " ")+": "+t.Words)
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
			[]result.Scenario{examples.Failed("PV-08", must, examples.Lacks("$.data.status")), examples.Failed("PV-17", should, examples.Lacks("$.data.status")), examples.Failed("PV-01", must, examples.Lacks("$.data.status"))},
			[]string{"PV-01 PV-08 PV-17: $.data.status is missing"},
		},
		"two members": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Lacks("$.data.status")), examples.Failed("PV-01", must, examples.Lacks("$.data.type"))},
			[]string{"PV-01: $.data.status is missing", "PV-01: $.data.type is missing"},
		},
		"other phones": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.data.phone", `"62647737"`, `"+50762647737"`)), examples.Failed("PV-08", must, examples.Differs("$.data.phone", `"3001234567"`, `"+573001234567"`))},
			[]string{`PV-01 PV-08: $.data.phone is "+50762647737", not "62647737"`},
		},
		"other country codes, of one to three digits": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.data.countryCode", `"+1"`, `"1"`)), examples.Failed("PV-01", must, examples.Differs("$.data.countryCode", `"+507"`, `"507"`))},
			[]string{`PV-01: $.data.countryCode is "1", not "+1"`},
		},
		"other ids": {
			[]result.Scenario{
				examples.Failed("PV-01", must, examples.Differs("$.data._id", `"64b0c0ffee64b0c0ffee64b0"`, `"0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11"`)),
				examples.Failed("PV-10", must, examples.Differs("$.data._id", `"64b0c0ffee64b0c0ffee64b1"`, `"7a1f5a52-8d0c-4c7e-af3b-ab1f0a6d2cff"`)),
			},
			[]string{`PV-01 PV-10: $.data._id is "0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11", not "64b0c0ffee64b0c0ffee64b0"`},
		},
		"a flag, true here and false there": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.data.f", "of type boolean", `"true"`)), examples.Failed("PV-15", must, examples.Differs("$.data.f", "of type boolean", `"false"`))},
			[]string{`PV-01 PV-15: $.data.f is "true", not of type boolean`},
		},
		"a value that is wrong in another way": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.data.phone", `"62647737"`, `"6264 7737"`)), examples.Failed("PV-08", must, examples.Differs("$.data.phone", `"62647737"`, `62647737`))},
			[]string{`PV-01: $.data.phone is "6264 7737", not "62647737"`, `PV-08: $.data.phone is 62647737, not "62647737"`},
		},
		"an answer, and before it what followed from one": {
			[]result.Scenario{examples.Failed("PV-12", must, examples.Differs("$.data.status", `"validated"`, `"sent" (the OTP was answered 404 not_found)`)), examples.Failed("PV-08", must, examples.Differs("", "200", "404 not_found"))},
			[]string{"PV-08 PV-12: expected 200, got 404 not_found: the phone is validated"},
		},
		"another status": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("", "200", "404 not_found")), examples.Failed("PV-01", must, examples.Differs("", "200", "403 forbidden"))},
			[]string{"PV-01: expected 200, got 404 not_found: the phone is validated", "PV-01: expected 200, got 403 forbidden: the phone is validated"},
		},
		"another expectation": {
			[]result.Scenario{examples.Failed("PV-11", should, result.Finding{Expectation: "nothing is found", Expected: "404", Actual: "200"}), examples.Failed("PV-03", must, result.Finding{Expectation: "no phone validation was found", Expected: "404", Actual: "200"})},
			[]string{"PV-03: expected 404, got 200: no phone validation was found", "PV-11: expected 404, got 200: nothing is found"},
		},
		"symptoms that one diagnosis explains": {
			[]result.Scenario{examples.Explained(examples.Failed("PV-02", must, examples.Differs("$.code", `"otp_does_not_match"`, `"Forbidden"`)), "another dialect"), examples.Explained(examples.Failed("PV-03", must, examples.Differs("$.code", `"not_found"`, `"NotFound"`)), "another dialect")},
			[]string{"PV-02 PV-03: another dialect"},
		},
		"one symptom that two diagnoses explain": {
			[]result.Scenario{examples.Explained(examples.Failed("PV-11", should, examples.Differs("", "404", "200")), "is the project looked at?"), examples.Explained(examples.Failed("PV-21", should, examples.Differs("", "404", "200")), "is the country code looked at?")},
			[]string{"PV-11: expected 404, got 200: the phone is validated", "PV-21: expected 404, got 200: the phone is validated"},
		},
		"a guess about one promise where another shows the same without it": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("", "200", "404")), examples.Explained(examples.Failed("PV-08", must, examples.Differs("", "200", "404")), "is it looked up with spaces?")},
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
				examples.Failed("PV-01", must, examples.Differs("", "200", "403 otp_does_not_match")), examples.Failed("PV-15", must, examples.Differs("", "200 with data.flag true", "403 otp_does_not_match")),
				examples.Failed("PV-12", must, examples.Differs("$.data.status", `"validated"`, `"sent" (the OTP was answered 403 otp_does_not_match)`)),
				examples.Failed("PV-14", must, examples.Differs("", "the OTP accepted, and then a notification", "403 otp_does_not_match: nothing was validated")),
				examples.Failed("PV-03", must, examples.Differs("", "404", "403 otp_does_not_match")),
				examples.Failed("PV-12", must, examples.Differs("$.data.status", `"validated"`, `"sent" (the OTP was answered 200)`)),
			},
			[]string{
				"PV-01 PV-12 PV-14 PV-15: expected 200, got 403 otp_does_not_match: the phone is validated",
				"PV-03: expected 404, got 403 otp_does_not_match: the phone is validated",
				`PV-12: $.data.status is "sent" (the OTP was answered 200), not "validated"`,
			},
		},
		"a form that is not kept": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.data.countryCode", "matching ^.[0-9]$", `"507"`))},
			[]string{`PV-01: $.data.countryCode is "507", which does not match ^.[0-9]$`},
		},
		"what should not be there": {
			[]result.Scenario{examples.Failed("PV-01", must, examples.Differs("$.trace", "no such member", "[]"))},
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
	one, other := examples.Failed("PV-02", result.Must, answer("500 Internal")), examples.Failed("PV-03", result.Must, examples.Differs("", "404", "422 Unprocessable"))
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
			for _, tr := range Failures(&result.Run{Rules: []result.Rule{c.rule}, Scenarios: []result.Scenario{one, other, fine}}) {
				got = append(got, strings.Join(IDs(tr.Rules), " "))
			}
			require.Equal(t, c.expected, got)
		})
	}
	two := found("500 Internal", fine.ID)
	two.Findings = append(two.Findings, found("422 Unprocessable", fine.ID).Findings...)
	require.Len(t, Failures(&result.Run{Rules: []result.Rule{two}, Scenarios: []result.Scenario{fine}}), 2, "a rule may be broken in two ways")
}

func TestALeakComesFirst(t *testing.T) {
	leak := result.Finding{Rule: "PV-24", Expectation: "no answer echoes a secret", Expected: "nothing secret in the header X-Debug", Actual: "it holds a token", Leak: true, Scenario: "x"}
	trace := result.Finding{Rule: "PV-24", Expectation: "no answer echoes a secret", Expected: "no stack trace in the body", Actual: "at main", Scenario: "x"}
	run := &result.Run{
		Rules: []result.Rule{
			{ID: "PV-19", Level: result.Must, EveryExchange: true, Verdict: result.Failed},
			{ID: "PV-24", Level: result.Should, EveryExchange: true, Verdict: result.Failed, Findings: []result.Finding{trace, leak}},
		},
		Scenarios: []result.Scenario{examples.Failed("PV-01", result.Must, examples.Differs("", "200", "500")), examples.Failed("PV-14", result.Should, result.Finding{Expectation: "a notification tells of it", Expected: "neither the OTP nor a token in it", Actual: "one came, but it holds the OTP or a token", Leak: true})},
	}
	require.Equal(t, []string{
		"PV-14: a notification tells of it: one came, but it holds the OTP or a token",
		"PV-24: the header X-Debug holds a token",
		"PV-01: expected 200, got 500: the phone is validated",
		"PV-19: ",
		"PV-24: expected no stack trace in the body, got at main: no answer echoes a secret",
	}, shownAs(run))
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
	for _, found := range Failures(run) {
		order = append(order, found.Rules[0].ID)
	}
	require.Equal(t, []string{"PV-06", "PV-19", "PV-05", "PV-02", "PV-30"}, order)
}

// Where it is known why nothing could be judged, that comes before what may be chance, and is no part of it.
func TestWhatIsNeverAnsweredStandsBeforeChance(t *testing.T) {
	lost := func(rule string, level result.Level, diagnosis string) result.Scenario {
		return result.Scenario{ID: rule + diagnosis, Rule: rule, Level: level, Name: "one of " + rule, Verdict: result.Broken, Cause: "connection-lost", Reason: "the connection was closed", Diagnosis: diagnosis}
	}
	run := &result.Run{Exit: result.ExitUnjudged, Scenarios: []result.Scenario{
		lost("PV-01", result.Must, ""), lost("PV-05", result.Should, "only this request, each time"), lost("PV-04", result.Must, ""),
		examples.Failed("PV-20", result.Should, examples.Differs("", "200", "500 failed")),
	}}
	require.Equal(t, []string{"PV-20: expected 200, got 500 failed: the phone is validated", "PV-05: only this request, each time", "PV-01 PV-04: the connection was closed"}, shownAs(run))
}

func TestASuccessWhereNoneWasDueSaysWhatWasDone(t *testing.T) {
	accepted := func(rule, typed string) result.Scenario {
		s := examples.Failed(rule, result.Must, result.Finding{Expectation: "the OTP is not accepted", Expected: "any status but 2xx", Actual: `200 with status "validated"`, Step: 7})
		s.Steps = []result.Step{
			{Keyword: "Given ", Text: "there is a pending phone validation", Line: 3},
			{Keyword: "When ", Text: "the person types zero", Line: 4}, {Keyword: "Then ", Text: "the OTP is not accepted", Line: 5},
			{Keyword: "When ", Text: "the request comes without a token", Line: 6}, {Keyword: "And ", Text: typed, Line: 6},
			{Keyword: "Then ", Text: "the OTP is not accepted", Line: 7},
			{Keyword: "When ", Text: "the person types one", Line: 8},
		}
		return s
	}
	field, stale := accepted("PV-08", "the person types the right OTP"), accepted("PV-01", "the person types the right OTP")
	field.Findings[0].Path, field.Findings[0].Expected, field.Findings[0].Actual = "$.data.phone", `"507"`, "200 507"
	stale.Findings[0].Expected, stale.Findings[0].Actual = "200", "201"
	explained, follows := accepted("PV-02", "the person types true"), examples.Failed("PV-17", result.Should, examples.Differs("", "200", "404 not_found"))
	explained.Diagnosis, follows.Diagnosis = "is the OTP compared?", "is the OTP compared?"
	due := explained
	due.Steps = []result.Step{explained.Steps[0], explained.Steps[3], explained.Steps[4]}
	due.Verdict, due.Findings = result.Passed, nil
	between := accepted("PV-25", "the person types true")
	between.Steps[3] = result.Step{Keyword: "Given ", Text: "the link can be read", Line: 6}
	between.Steps[4].Keyword = "When "
	between.Steps = slices.Insert(between.Steps, 5, result.Step{Keyword: "Given ", Text: "the OTP comes first", Line: 6})
	const words = `expected any status but 2xx, got 200 with status "validated": the OTP is not accepted`
	for name, c := range map[string]struct {
		scenarios []result.Scenario
		expected  string
	}{
		"one way":       {[]result.Scenario{accepted("PV-25", "the person types true")}, "PV-25: the request comes without a token and the person types true: " + words},
		"the same way":  {[]result.Scenario{accepted("PV-25", "the person types true"), accepted("PV-25", "the person types true")}, "PV-25: the request comes without a token and the person types true: " + words},
		"several ways":  {[]result.Scenario{accepted("PV-25", "the person types true"), accepted("PV-25", "the person types null")}, "PV-25: " + words + ", as when the request comes without a token and the person types true"},
		"givens":        {[]result.Scenario{between}, "PV-25: the person types true: " + words},
		"explained":     {[]result.Scenario{explained, follows}, "PV-02 PV-17: is the OTP compared? (as when the request comes without a token and the person types true)"},
		"done and due":  {[]result.Scenario{due, explained, follows}, "PV-02 PV-17: is the OTP compared?"},
		"a field":       {[]result.Scenario{field}, `PV-08: $.data.phone is 200 507, not "507"`},
		"was due":       {[]result.Scenario{stale}, "PV-01: expected 200, got 201: the OTP is not accepted"},
		"no steps":      {[]result.Scenario{examples.Failed("PV-02", result.Must, examples.Differs("", "403", "200"))}, "PV-02: expected 403, got 200: the phone is validated"},
		"an empty body": {[]result.Scenario{examples.Failed("PV-02", result.Must, examples.Differs("", "a JSON body", "the body is empty"))}, "PV-02: expected a JSON body, but the body is empty: the phone is validated"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{c.expected}, shownAs(&result.Run{Scenarios: c.scenarios}))
		})
	}
}
