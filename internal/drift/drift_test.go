package drift_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/result"
)

const (
	wrongOTP = `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`
	rightOTP = `{"data":{"_id":"674de8df21c72be3cc42b8a7","phone":"62647737","showFaceLivenessRecommendation":false}}`
)

func answered(status int, body string) result.Exchange {
	return result.Exchange{Purpose: "judged", Attempt: 1, Answer: &result.Answer{
		Status: status, Proto: "HTTP/1.1", Body: body,
		Headers: map[string][]string{"Content-Type": {"application/json; charset=utf-8"}, "Date": {"Sun, 22 Nov 2026 03:00:00 GMT"}},
	}}
}

// run is a small run: two promises that are kept, one observation, one every-exchange rule.
func run() *result.Run {
	return &result.Run{
		Version: result.Version,
		Tool:    result.Tool{Name: "verifik-contract", Version: "1.0.0"},
		Started: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
		Target:  result.Target{Kind: "http", BaseURL: "https://api.example.test"}, Environment: "staging",
		Digests: result.Digests{Features: "sha256:f", Schemas: "sha256:s"},
		Rules: []result.Rule{
			{ID: "PV-01", Level: result.Must, Title: "the right OTP validates", Verdict: result.Passed},
			{ID: "PV-02", Level: result.Must, Title: "a wrong OTP is refused", Verdict: result.Passed},
			{ID: "PV-30", Level: result.Observe, Title: "the same OTP again", Verdict: result.Observed},
			{ID: "PV-19", Level: result.Must, Title: "one JSON value", Verdict: result.Passed, EveryExchange: true, Judged: 2},
		},
		Scenarios: []result.Scenario{
			{ID: "f:1", Rule: "PV-01", Level: result.Must, Name: "right", File: "features/a.feature", Line: 1, Verdict: result.Passed, Exchanges: []result.Exchange{answered(200, rightOTP)}},
			{ID: "f:9", Rule: "PV-02", Level: result.Must, Name: "wrong", File: "features/a.feature", Line: 9, Verdict: result.Passed, Exchanges: []result.Exchange{answered(403, wrongOTP)}},
			{ID: "f:20", Rule: "PV-30", Level: result.Observe, Name: "again", File: "features/a.feature", Line: 20, Verdict: result.Observed,
				Observed: []result.Observation{{Status: 409, Code: "Conflict", Shape: "{code: string, message: string}"}}},
		},
		Latency: &result.Latency{Count: 100, P50: 100, P95: 200, Max: 300},
	}
}

func compare(change func(current *result.Run)) *drift.Report {
	current := run()
	current.Started = current.Started.AddDate(0, 0, 1)
	change(current)
	return drift.Compare(run(), current, drift.Options{})
}

func body(r *result.Run, scenario int, text string) {
	r.Scenarios[scenario].Exchanges[0].Answer.Body = text
}

func TestTwoRunsThatSawTheSameHaveNoDrift(t *testing.T) {
	report := compare(func(r *result.Run) {
		body(r, 0, strings.ReplaceAll(rightOTP, "674de8df21c72be3cc42b8a7", "0123456789abcdef01234567"))
		r.Scenarios[0].Exchanges[0].Answer.Headers["Date"] = []string{"Mon, 23 Nov 2026 03:00:00 GMT"}
		r.Scenarios[0].Exchanges[0].Duration = 400
		r.Scenarios[0].Exchanges[0].TraceID = "another"
	})
	require.False(t, report.Drifted())
	require.Equal(t, 3, report.Compared)
	require.Empty(t, report.NotCompared)
	require.Empty(t, report.Notes)
	require.Equal(t, "No drift since 2026-11-22 03:00 UTC: 3 scenarios compared, nothing changed\n", text(t, report))
}

func TestEachKindOfChangeIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*result.Run)
		kind   drift.Kind
		what   string
		before string
		after  string
	}{
		"a promise is newly broken": {func(r *result.Run) { r.Scenarios[1].Verdict = result.Failed },
			drift.Broken, "PV-02", "passed", "failed"},
		"a promise is newly broken and waived": {func(r *result.Run) { r.Scenarios[1].Verdict = result.Waived },
			drift.Broken, "PV-02", "passed", "waived"},
		"an every-exchange rule is newly broken": {func(r *result.Run) { r.Rules[3].Verdict = result.Failed },
			drift.Broken, "PV-19", "passed", "failed"},
		"another status, with the code that explains it": {func(r *result.Run) {
			r.Scenarios[1].Exchanges[0].Answer.Status = 401
			body(r, 1, `{"code":"Unauthorized","message":"no"}`)
		}, drift.Status, "status", "403 otp_does_not_match", "401 Unauthorized"},
		"no answer any more": {func(r *result.Run) {
			r.Scenarios[1].Exchanges[0].Answer = nil
			r.Scenarios[1].Exchanges[0].Failure = &result.Failure{Cause: "timeout"}
		}, drift.Status, "status", "403 otp_does_not_match", "no answer (timeout)"},
		"another code": {func(r *result.Run) { body(r, 1, `{"code":"Forbidden","message":"m"}`) },
			drift.Code, "code of a 403", "otp_does_not_match", "Forbidden"},
		"a field is added": {func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match","message":"m","left":2}`) },
			drift.Shape, "$.left of a 403", "", "number"},
		"a field is gone": {func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match"}`) },
			drift.Shape, "$.message of a 403", "string", ""},
		"a field of another type": {func(r *result.Run) { body(r, 0, strings.Replace(rightOTP, "false", `"no"`, 1)) },
			drift.Shape, "$.data.showFaceLivenessRecommendation of a 200", "boolean", "string"},
		"a body that is not JSON any more": {func(r *result.Run) { body(r, 0, "<html>") },
			drift.Shape, "$ of a 200", "object", "not JSON"},
		"an empty body": {func(r *result.Run) { body(r, 0, "") },
			drift.Shape, "$ of a 200", "object", "nothing"},
		"another media type": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Content-Type"] = []string{"text/html; charset=utf-8"}
		}, drift.MediaType, "media type of a 200", "application/json", "text/html"},
		"another charset": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Content-Type"] = []string{"application/json"}
		}, drift.Header, "Content-Type's parameters", "; charset=utf-8", ""},
		"a header of interest is new": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["deprecation"] = []string{"true"}
		}, drift.Header, "Deprecation", "", "true"},
		"a secret header is there now": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Set-Cookie"] = []string{"[redacted]"}
		}, drift.Header, "Set-Cookie", "", "present"},
		"another protocol": {func(r *result.Run) { r.Scenarios[0].Exchanges[0].Answer.Proto = "HTTP/2.0" },
			drift.Header, "protocol", "HTTP/1.1", "HTTP/2.0"},
		"another answer where the documentation is silent": {func(r *result.Run) {
			r.Scenarios[2].Observed = []result.Observation{{Status: 200, Shape: "{data: {}}"}}
		}, drift.Observed, "answer", "409 Conflict {code: string, message: string}", "200 {data: {}}"},
		"a slower median": {func(r *result.Run) { r.Latency.P50 = 160 },
			drift.Latency, "p50", "100ms", "160ms"},
		"a slower tail": {func(r *result.Run) { r.Latency.P95 = 500 },
			drift.Latency, "p95", "200ms", "500ms"},
		"a faster provider": {func(r *result.Run) { r.Latency.P95 = 60 },
			drift.Latency, "p95", "200ms", "60ms"},
	} {
		t.Run(name, func(t *testing.T) {
			report := compare(c.change)
			require.True(t, report.Drifted())
			require.Len(t, report.Groups, 1, "%+v", report.Groups)
			require.Equal(t, c.kind, report.Groups[0].Kind)
			require.Len(t, report.Groups[0].Changes, 1, "%+v", report.Groups[0].Changes)
			change := report.Groups[0].Changes[0]
			require.Equal(t, c.what, change.What)
			require.Equal(t, c.before, change.Before)
			require.Equal(t, c.after, change.After)
			require.NotContains(t, text(t, report), "No drift")
		})
	}
}

func TestAPromiseThatIsKeptAgainIsAChangeToo(t *testing.T) {
	baseline := run()
	baseline.Scenarios[1].Verdict = result.Failed
	report := drift.Compare(baseline, run(), drift.Options{})
	require.Equal(t, drift.Kept, report.Groups[0].Kind)
	require.True(t, report.Drifted())
}

func TestAWaiverThatEndsIsNotDriftOfTheProvider(t *testing.T) {
	baseline := run()
	baseline.Scenarios[1].Verdict = result.Waived
	current := run()
	current.Scenarios[1].Verdict = result.Failed
	require.False(t, drift.Compare(baseline, current, drift.Options{}).Drifted())
}

func TestWhatIsAnotherInEveryRunIsNotLookedAt(t *testing.T) {
	for name, change := range map[string]func(*result.Run){
		"an object keyed by ids": func(r *result.Run) { body(r, 0, `{"byId":{"0123456789abcdef01234567":{"a":1}}}`) },
		"a secret that was a number": func(r *result.Run) {
			body(r, 0, `{"byId":{"674de8df21c72be3cc42b8a7":{"a":[redacted]}}}`)
		},
		"an array that is empty now":    func(r *result.Run) { body(r, 0, `{"byId":{}, "list":[]}`) },
		"a body of which a part is cut": func(r *result.Run) { body(r, 0, `{"by`); r.Scenarios[0].Exchanges[0].Answer.Size = 1 << 20 },
		"a body that is too long":       func(r *result.Run) { body(r, 0, `{"by`); r.Scenarios[0].Exchanges[0].Answer.TooLong = true },
		"another id in a header": func(r *result.Run) {
			body(r, 0, `{"byId":{"674de8df21c72be3cc42b8a7":{"a":1}}}`)
			r.Scenarios[0].Exchanges[0].Answer.Headers["Location"] = []string{"/v2/phone-validations/0123456789abcdef01234567"}
		},
		"a time in a note": func(r *result.Run) {
			body(r, 0, `{"byId":{"674de8df21c72be3cc42b8a7":{"a":1}}}`)
			r.Scenarios[2].Observed[0].Note = "after 31ms, until 2026-11-23T03:00:00Z"
		},
	} {
		t.Run(name, func(t *testing.T) {
			baseline, current := run(), run()
			body(baseline, 0, `{"byId":{"674de8df21c72be3cc42b8a7":{"a":1}}}`)
			baseline.Scenarios[0].Exchanges[0].Answer.Headers["Location"] = []string{"/v2/phone-validations/674de8df21c72be3cc42b8a7"}
			current.Scenarios[0].Exchanges[0].Answer.Headers["Location"] = []string{"/v2/phone-validations/674de8df21c72be3cc42b8a7"}
			baseline.Scenarios[2].Observed[0].Note = "after 12ms, until 2026-11-22T03:00:00Z"
			current.Scenarios[2].Observed[0].Note = "after 12ms, until 2026-11-22T03:00:00Z"
			if name == "an array that is empty now" {
				body(baseline, 0, `{"byId":{}, "list":[{"a":1}]}`)
			}
			change(current)
			require.Empty(t, drift.Compare(baseline, current, drift.Options{}).Groups)
		})
	}
}

func TestElementsOfAnArrayAreMerged(t *testing.T) {
	baseline, current := run(), run()
	body(baseline, 0, `{"list":[{"a":1},{"a":2,"b":"x"}]}`)
	body(current, 0, `{"list":[{"a":1,"b":"x"},{"a":2,"c":null}]}`)
	report := drift.Compare(baseline, current, drift.Options{})
	require.Len(t, report.Groups, 1)
	require.Equal(t, []drift.Change{{What: "$.list[].c of a 200", After: "null", Places: report.Groups[0].Changes[0].Places}}, report.Groups[0].Changes)
}

func TestBelowANewFieldNothingMoreIsSaid(t *testing.T) {
	report := compare(func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match","message":"m","more":{"a":{"b":1}}}`) })
	require.Len(t, report.Groups[0].Changes, 1)
	require.Equal(t, "$.more of a 403", report.Groups[0].Changes[0].What)
}

func TestAHeaderThatIsAnotherEachTimeIsComparedByPresence(t *testing.T) {
	build := func(values ...string) *result.Run {
		r := run()
		r.Scenarios = nil
		for _, v := range values {
			e := answered(200, rightOTP)
			e.Answer.Headers["Server"] = []string{v}
			r.Scenarios = append(r.Scenarios, result.Scenario{Rule: "PV-01", Level: result.Must, Name: string(rune('a' + len(r.Scenarios))), Verdict: result.Passed, Exchanges: []result.Exchange{e}})
		}
		return r
	}
	drifted := func(before, after *result.Run) bool { return drift.Compare(before, after, drift.Options{}).Drifted() }
	require.False(t, drifted(build("n1", "n2", "n3"), build("n4", "n5", "n6")))
	require.False(t, drifted(build("n1", "n2"), build("n2", "n1")), "two machines behind a load balancer")
	require.True(t, drifted(build("nginx/1", "nginx/1"), build("nginx/2", "nginx/2")))
}

func TestWhatOneRunDidNotJudgeIsNamedAndIsNoDrift(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*result.Scenario)
		reason string
	}{
		"broken":                    {func(s *result.Scenario) { s.Verdict, s.Reason = result.Broken, "timed out" }, "broken now: timed out"},
		"broken without a reason":   {func(s *result.Scenario) { s.Verdict = result.Broken }, "broken now"},
		"skipped":                   {func(s *result.Scenario) { s.Verdict, s.Reason = result.Skipped, "no webhook" }, "skipped now: no webhook"},
		"passed only after retries": {func(s *result.Scenario) { s.Flaky = true }, "passed only after retries now"},
	} {
		t.Run(name, func(t *testing.T) {
			report := compare(func(r *result.Run) {
				c.change(&r.Scenarios[1])
				r.Scenarios[1].Exchanges[0].Answer.Status = 503
			})
			require.False(t, report.Drifted())
			require.Equal(t, 2, report.Compared)
			require.Len(t, report.NotCompared, 1)
			require.Equal(t, "PV-02", report.NotCompared[0].Rule)
			require.Equal(t, c.reason, report.NotCompared[0].Reason)
			require.Contains(t, text(t, report), "Not compared (1)\n  PV-02 wrong: "+c.reason)
		})
	}
	t.Run("in the baseline", func(t *testing.T) {
		baseline := run()
		baseline.Scenarios[1].Verdict, baseline.Scenarios[1].Reason = result.Broken, "refused"
		report := drift.Compare(baseline, run(), drift.Options{})
		require.False(t, report.Drifted())
		require.Equal(t, "broken in the baseline: refused", report.NotCompared[0].Reason)
	})
	t.Run("an every-exchange rule that saw no exchange", func(t *testing.T) {
		report := compare(func(r *result.Run) { r.Rules[3].Verdict, r.Rules[3].Reason = result.Skipped, "no exchange was seen" })
		require.False(t, report.Drifted())
		require.Contains(t, text(t, report), "PV-19 on every exchange: skipped now: no exchange was seen")
	})
}

func TestAnEditedFeatureDoesNotHideAChange(t *testing.T) {
	report := compare(func(r *result.Run) {
		r.Digests.Features = "sha256:edited"
		for i := range r.Scenarios {
			r.Scenarios[i].Line += 40
			r.Scenarios[i].File = "features/renamed.feature"
		}
		r.Scenarios[1].Verdict = result.Failed
		r.Scenarios = append(r.Scenarios, result.Scenario{Rule: "PV-03", Level: result.Must, Name: "new", Verdict: result.Failed})
	})
	require.Equal(t, 3, report.Compared)
	require.Len(t, report.Groups, 1)
	require.Equal(t, "PV-02", report.Groups[0].Changes[0].What)
	require.Equal(t, 49, report.Groups[0].Changes[0].Places[0].Line, "the place is the one in the run at hand")
	require.Len(t, report.OnlyCurrent, 1)
	require.Equal(t, "new", report.OnlyCurrent[0].Name)
	require.Contains(t, text(t, report), "Only in this run (1)\n  PV-03 new: failed")
	require.Contains(t, text(t, report), "Note: the features differ")
}

func TestAScenarioOfTheBaselineAloneIsNamed(t *testing.T) {
	report := compare(func(r *result.Run) { r.Scenarios = r.Scenarios[1:] })
	require.False(t, report.Drifted())
	require.Equal(t, "right", report.OnlyBaseline[0].Name)
	require.Contains(t, text(t, report), "Only in the baseline (1)\n  PV-01 right: passed")
}

func TestRepetitionsAreOneScenarioThatFailsIfOneDoes(t *testing.T) {
	report := compare(func(r *result.Run) {
		again := r.Scenarios[1]
		again.ID, again.Repeat, again.Verdict, again.Reason = "f:9#2", 2, result.Failed, "the second time it was 200"
		r.Scenarios[1].Repeat = 1
		r.Scenarios = append(r.Scenarios, again)
	})
	require.Empty(t, report.OnlyCurrent)
	require.Equal(t, drift.Broken, report.Groups[0].Kind)
	require.Equal(t, "the second time it was 200", report.Groups[0].Changes[0].Detail)
}

func TestTheSameChangeInManyScenariosIsShownOnce(t *testing.T) {
	many := func(server string) *result.Run {
		r := run()
		r.Scenarios = nil
		for i := range 90 {
			e := answered(403, wrongOTP)
			e.Answer.Headers["Server"] = []string{server}
			r.Scenarios = append(r.Scenarios, result.Scenario{Rule: "PV-02", Level: result.Must, Name: strings.Repeat("x", i+1), File: "a.feature", Line: i + 1, Verdict: result.Passed, Exchanges: []result.Exchange{e}})
		}
		return r
	}
	report := drift.Compare(many("nginx"), many("envoy"), drift.Options{})
	require.Equal(t, 1, report.Changes())
	require.Len(t, report.Groups[0].Changes[0].Places, 90)
	require.Contains(t, text(t, report), "and in 87 more")
}

func TestCallsThatWereMadeAtOnceAreCountedNotPaired(t *testing.T) {
	observed := func(statuses ...int) *result.Run {
		r := run()
		r.Scenarios[2].Observed = nil
		for _, s := range statuses {
			r.Scenarios[2].Observed = append(r.Scenarios[2].Observed, result.Observation{Label: "at once", Status: s})
		}
		return r
	}
	require.False(t, drift.Compare(observed(200, 409, 409), observed(409, 200, 409), drift.Options{}).Drifted())
	report := drift.Compare(observed(200, 409, 409), observed(200, 200, 409), drift.Options{})
	require.Equal(t, "2 x 409, 200", report.Groups[0].Changes[0].Before)
	require.Equal(t, "2 x 200, 409", report.Groups[0].Changes[0].After)
}

func TestOnlyTheLastAttemptIsCompared(t *testing.T) {
	report := compare(func(r *result.Run) {
		first := answered(503, "busy")
		last := r.Scenarios[1].Exchanges[0]
		last.Attempt = 2
		r.Scenarios[1].Exchanges = []result.Exchange{first, last, {Purpose: "read-back", Attempt: 2, Answer: &result.Answer{Status: 404}}}
	})
	require.False(t, report.Drifted())
}

func TestLatencyWithinNoiseIsNoDrift(t *testing.T) {
	for name, change := range map[string]func(*result.Latency){
		"a little slower":              func(l *result.Latency) { l.P50, l.P95 = 140, 390 },
		"much slower, in too few PUTs": func(l *result.Latency) { l.Count, l.P50, l.P95 = 19, 900, 900 },
		"nothing was answered":         func(l *result.Latency) { *l = result.Latency{} },
	} {
		t.Run(name, func(t *testing.T) {
			require.False(t, compare(func(r *result.Run) { change(r.Latency) }).Drifted())
		})
	}
	t.Run("a large ratio of nearly nothing", func(t *testing.T) {
		baseline, current := run(), run()
		baseline.Latency.P50, baseline.Latency.P95 = 0.4, 1
		current.Latency.P50, current.Latency.P95 = 4, 12
		require.False(t, drift.Compare(baseline, current, drift.Options{}).Drifted())
	})
	t.Run("no latency at all", func(t *testing.T) {
		require.False(t, compare(func(r *result.Run) { r.Latency = nil }).Drifted())
	})
	t.Run("limits of one's own", func(t *testing.T) {
		current := run()
		current.Latency.P50 = 120
		noise := drift.Noise{MedianRatio: 1.1, MedianFloor: 1}
		require.True(t, drift.Compare(run(), current, drift.Options{Noise: noise}).Drifted())
	})
}

func TestWhatElseDiffersBetweenTheRunsIsNoted(t *testing.T) {
	report := compare(func(r *result.Run) {
		r.Target.BaseURL = "https://other.example.test"
		r.Environment = "production"
		r.Tool.Version = "2.0.0"
		r.Digests.Schemas = "sha256:x"
		r.Exit, r.Stopped = 130, "interrupted"
	})
	require.Len(t, report.Notes, 5)
	for i, word := range []string{"targets", "environments", "tools", "schemas", "interrupted"} {
		require.Contains(t, report.Notes[i], word)
	}
}

func TestTheWorstStandsFirst(t *testing.T) {
	baseline := run()
	baseline.Scenarios[0].Verdict = result.Failed
	current := run()
	current.Scenarios[1].Verdict = result.Failed
	current.Scenarios[1].Exchanges[0].Answer.Status = 400
	current.Scenarios[2].Observed[0].Status = 412
	current.Latency.P50, current.Latency.P95 = 800, 900
	body(current, 0, `{"data":{}}`)
	current.Scenarios[0].Exchanges[0].Answer.Headers["Server"] = []string{"x"}
	report := drift.Compare(baseline, current, drift.Options{})
	kinds := []drift.Kind{}
	for _, g := range report.Groups {
		kinds = append(kinds, g.Kind)
	}
	require.Equal(t, []drift.Kind{drift.Broken, drift.Status, drift.Shape, drift.Header, drift.Observed, drift.Latency, drift.Kept}, kinds)
}

func TestAReportIsPlainData(t *testing.T) {
	report := compare(func(r *result.Run) { r.Scenarios[1].Verdict = result.Failed })
	data, err := json.Marshal(report)
	require.NoError(t, err)
	var again drift.Report
	require.NoError(t, json.Unmarshal(data, &again))
	require.Equal(t, *report, again)
}

func TestHostileContentsAreShownAsOneLine(t *testing.T) {
	report := compare(func(r *result.Run) {
		r.Scenarios[1].Verdict = result.Failed
		r.Scenarios[1].Reason = "\x1b[2J\x9b31m\nNo drift\u202e\x00 " + strings.Repeat("é", 500)
		r.Scenarios[0].Exchanges[0].Answer.Headers["Server"] = []string{"a\r\nb\x1b]0;title\x07"}
		body(r, 0, "{\"data\":{\"\x1b[31m\u0085key\":1}}")
	})
	shown := text(t, report)
	for _, r := range shown {
		require.False(t, r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e'), "%q", r)
	}
	require.NotContains(t, shown, "\nNo drift")
	for line := range strings.SplitSeq(shown, "\n") {
		require.Less(t, len([]rune(line)), 400)
	}
}

func TestNothingToCompareIsSaid(t *testing.T) {
	report := drift.Compare(&result.Run{}, &result.Run{}, drift.Options{})
	require.False(t, report.Drifted())
	require.Contains(t, text(t, report), "0 scenarios compared")
}

func text(t *testing.T, r *drift.Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, drift.Write(&b, r))
	return b.String()
}
