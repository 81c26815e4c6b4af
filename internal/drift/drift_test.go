package drift_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/report/view"
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

func compare(change func(current *result.Run)) *result.Drift {
	current := run()
	current.Started = current.Started.AddDate(0, 0, 1)
	change(current)
	return drift.Compare(run(), current)
}

func body(r *result.Run, scenario int, text string) {
	r.Scenarios[scenario].Exchanges[0].Answer.Body = text
}

func TestTwoRunsThatSawTheSameHaveNoDrift(t *testing.T) {
	d := compare(func(r *result.Run) {
		body(r, 0, strings.ReplaceAll(rightOTP, "674de8df21c72be3cc42b8a7", "0123456789abcdef01234567"))
		r.Scenarios[0].Exchanges[0].Answer.Headers["Date"] = []string{"Mon, 23 Nov 2026 03:00:00 GMT"}
		r.Scenarios[0].Exchanges[0].Duration = 400
		r.Scenarios[0].Exchanges[0].TraceID = "another"
	})
	require.False(t, d.Drifted())
	require.Equal(t, 3, d.Compared)
	require.Empty(t, d.NotCompared)
	require.Empty(t, d.Notes)
	require.Equal(t, "Nothing changed since 2026-11-22 03:00 UTC, 3 scenarios compared\n", view.DriftText(d))
}

func TestTheSpellingOfHeadersIsNoDrift(t *testing.T) {
	spell := func(r *result.Run, spelt func(string) string) *result.Run {
		for i := range r.Scenarios[:2] {
			a := r.Scenarios[i].Exchanges[0].Answer
			a.Headers = map[string][]string{
				spelt("Content-Type"): {"application/json; charset=utf-8"}, spelt("Server"): {"nginx"}, spelt("Retry-After"): {"3"},
			}
		}
		return r
	}
	upper, lower := spell(run(), strings.ToUpper), spell(run(), strings.ToLower)
	require.False(t, drift.Compare(upper, lower).Drifted())
	lower.Scenarios[0].Exchanges[0].Answer.Headers["server"] = []string{"another"}
	require.Contains(t, view.DriftText(drift.Compare(upper, lower)), "1 change")
}

func TestEachKindOfChangeIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*result.Run)
		kind   result.DriftKind
		what   string
		before string
		after  string
	}{
		"a promise is newly broken": {func(r *result.Run) { r.Scenarios[1].Verdict = result.Failed },
			result.NewlyFailing, "PV-02", "passed", "failed"},
		"a promise is newly broken and waived": {func(r *result.Run) { r.Scenarios[1].Verdict = result.Waived },
			result.NewlyFailing, "PV-02", "passed", "waived"},
		"an every-exchange rule is newly broken": {func(r *result.Run) { r.Rules[3].Verdict = result.Failed },
			result.NewlyFailing, "PV-19", "passed", "failed"},
		"a promise is newly broken at other rules' answers": {func(r *result.Run) { r.Rules[0].Verdict, r.Rules[0].Judged, r.Rules[0].Breaches = result.Failed, 2, 1 },
			result.NewlyFailing, "PV-01", "passed", "failed"},
		"another status, with the code that explains it": {func(r *result.Run) {
			r.Scenarios[1].Exchanges[0].Answer.Status = 401
			body(r, 1, `{"code":"Unauthorized","message":"no"}`)
		}, result.NewStatus, "status", "403 otp_does_not_match", "401 Unauthorized"},
		"no answer any more": {func(r *result.Run) {
			r.Scenarios[1].Exchanges[0].Answer = nil
			r.Scenarios[1].Exchanges[0].Failure = &result.Failure{Cause: "timeout"}
		}, result.NewStatus, "status", "403 otp_does_not_match", "no answer (timeout)"},
		"another code": {func(r *result.Run) { body(r, 1, `{"code":"Forbidden","message":"m"}`) },
			result.NewCode, "code of a 403", "otp_does_not_match", "Forbidden"},
		"a field is added": {func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match","message":"m","left":2}`) },
			result.NewShape, "$.left of a 403", "", "number"},
		"a field is gone": {func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match"}`) },
			result.NewShape, "$.message of a 403", "string", ""},
		"a field of another type": {func(r *result.Run) { body(r, 0, strings.Replace(rightOTP, "false", `"no"`, 1)) },
			result.NewShape, "$.data.showFaceLivenessRecommendation of a 200", "boolean", "string"},
		"a body that is not JSON any more": {func(r *result.Run) { body(r, 0, "<html>") },
			result.NewShape, "$ of a 200", "object", "not JSON"},
		"an empty body": {func(r *result.Run) { body(r, 0, "") },
			result.NewShape, "$ of a 200", "object", "nothing"},
		"another media type": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Content-Type"] = []string{"text/html; charset=utf-8"}
		}, result.NewMediaType, "media type of a 200", "application/json", "text/html"},
		"another charset": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Content-Type"] = []string{"application/json"}
		}, result.NewHeader, "Content-Type's parameters", "; charset=utf-8", ""},
		"a header of interest is new": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Deprecation"] = []string{"true"}
		}, result.NewHeader, "Deprecation", "", "true"},
		"a secret header is there now": {func(r *result.Run) {
			r.Scenarios[0].Exchanges[0].Answer.Headers["Set-Cookie"] = []string{"[redacted]"}
		}, result.NewHeader, "Set-Cookie", "", "present"},
		"another protocol": {func(r *result.Run) { r.Scenarios[0].Exchanges[0].Answer.Proto = "HTTP/2.0" },
			result.NewHeader, "protocol", "HTTP/1.1", "HTTP/2.0"},
		"another answer where the documentation is silent": {func(r *result.Run) {
			r.Scenarios[2].Observed = []result.Observation{{Status: 200, Shape: "{data: {}}"}}
		}, result.NewlyObserved, "answer", "409 Conflict {code: string, message: string}", "200 {data: {}}"},
		"a slower median": {func(r *result.Run) { r.Latency.P50 = 160 },
			result.NewLatency, "p50", "100 ms", "160 ms"},
		"a slower tail": {func(r *result.Run) { r.Latency.P95 = 500 },
			result.NewLatency, "p95", "200 ms", "500 ms"},
		"a faster provider": {func(r *result.Run) { r.Latency.P95 = 60 },
			result.NewLatency, "p95", "200 ms", "60 ms"},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(c.change)
			require.True(t, d.Drifted())
			require.Len(t, d.Groups, 1, "%+v", d.Groups)
			require.Equal(t, c.kind, d.Groups[0].Kind)
			require.Len(t, d.Groups[0].Changes, 1, "%+v", d.Groups[0].Changes)
			change := d.Groups[0].Changes[0]
			require.Equal(t, c.what, change.What)
			require.Equal(t, c.before, change.Before)
			require.Equal(t, c.after, change.After)
			require.NotContains(t, view.DriftText(d), "No drift")
		})
	}
}

func TestAPromiseThatIsKeptAgainIsAChangeToo(t *testing.T) {
	baseline := run()
	baseline.Scenarios[1].Verdict = result.Failed
	d := drift.Compare(baseline, run())
	require.Equal(t, result.NewlyKept, d.Groups[0].Kind)
	require.True(t, d.Drifted())
}

func TestAnEndedWaiverIsNoDrift(t *testing.T) {
	baseline := run()
	baseline.Scenarios[1].Verdict = result.Waived
	current := run()
	current.Scenarios[1].Verdict = result.Failed
	require.False(t, drift.Compare(baseline, current).Drifted())
}

func TestValuesThatDifferInEveryRunAreIgnored(t *testing.T) {
	for name, change := range map[string]func(*result.Run){
		"an object keyed by ids": func(r *result.Run) { body(r, 0, `{"byId":{"0123456789abcdef01234567":{"a":1}}}`) },
		"a secret that was a number": func(r *result.Run) {
			body(r, 0, `{"byId":{"674de8df21c72be3cc42b8a7":{"a":"[redacted]"}}}`)
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
			require.Empty(t, drift.Compare(baseline, current).Groups)
		})
	}
}

func TestElementsOfAnArrayAreMerged(t *testing.T) {
	baseline, current := run(), run()
	body(baseline, 0, `{"list":[{"a":1},{"a":2,"b":"x"}]}`)
	body(current, 0, `{"list":[{"a":1,"b":"x"},{"a":2,"c":null}]}`)
	d := drift.Compare(baseline, current)
	require.Len(t, d.Groups, 1)
	require.Equal(t, []result.Change{{What: "$.list[].c of a 200", After: "null", Places: d.Groups[0].Changes[0].Places}}, d.Groups[0].Changes)
}

func TestAnEmptyArrayBesideAnObjectSaysNothingAboutItsElements(t *testing.T) {
	baseline, current := run(), run()
	body(baseline, 0, `{"list":[{"a":1},[1]]}`)
	body(current, 0, `{"list":[{"a":1},[]]}`)
	require.False(t, drift.Compare(baseline, current).Drifted())
}

func TestAMissingSecretFieldIsReported(t *testing.T) {
	baseline, current := run(), run()
	body(baseline, 0, `{"token":"[redacted]","id":"[redacted]"}`)
	body(current, 0, `{"id":7}`)
	changes := drift.Compare(baseline, current).Groups[0].Changes
	require.Len(t, changes, 1)
	require.Equal(t, []string{"$.token of a 200", "redacted", ""}, []string{changes[0].What, changes[0].Before, changes[0].After})
}

// A path of each place in this body would come to 100 MB.
func TestComparingADeepBodyTakesLinearTime(t *testing.T) {
	const depth = 9900
	baseline, current := run(), run()
	for r, deepest := range map[*result.Run]string{baseline: "1", current: `"x"`} {
		body(r, 0, strings.Repeat("[", depth)+deepest+strings.Repeat("]", depth))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d := drift.Compare(baseline, current)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2000*depth))
	require.Equal(t, "$"+strings.Repeat("[]", depth)+" of a 200", d.Groups[0].Changes[0].What)
}

func TestNothingIsReportedBelowANewField(t *testing.T) {
	d := compare(func(r *result.Run) { body(r, 1, `{"code":"otp_does_not_match","message":"m","more":{"a":{"b":1}}}`) })
	require.Len(t, d.Groups[0].Changes, 1)
	require.Equal(t, "$.more of a 403", d.Groups[0].Changes[0].What)
}

func TestAHeaderThatDiffersEachTimeIsComparedByPresence(t *testing.T) {
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
	drifted := func(before, after *result.Run) bool { return drift.Compare(before, after).Drifted() }
	require.False(t, drifted(build("n1", "n2", "n3"), build("n4", "n5", "n6")))
	require.False(t, drifted(build("n1", "n2"), build("n2", "n1")), "two machines behind a load balancer")
	require.True(t, drifted(build("nginx/1", "nginx/1"), build("nginx/2", "nginx/2")))
	require.True(t, drifted(build("n1", "n2"), build("n2", "n2")), "one of the machines is gone")
}

func TestScenariosThatOneRunDidNotJudgeAreListedAndAreNoDrift(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*result.Scenario)
		reason string
	}{
		"broken":                    {func(s *result.Scenario) { s.Verdict, s.Reason = result.Broken, "timed out" }, "broken now: timed out"},
		"broken without a reason":   {func(s *result.Scenario) { s.Verdict = result.Broken }, "broken now: no reason is given"},
		"skipped":                   {func(s *result.Scenario) { s.Verdict, s.Reason = result.Skipped, "no webhook" }, "skipped now: no webhook"},
		"passed only after retries": {func(s *result.Scenario) { s.Flaky = true }, "passed only after retries now"},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(func(r *result.Run) {
				c.change(&r.Scenarios[1])
				r.Scenarios[1].Exchanges[0].Answer.Status = 503
			})
			require.False(t, d.Drifted())
			require.Equal(t, 2, d.Compared)
			require.Len(t, d.NotCompared, 1)
			require.Equal(t, "PV-02", d.NotCompared[0].Rule)
			require.Equal(t, c.reason, d.NotCompared[0].Reason)
			require.Contains(t, view.DriftText(d), "Not compared (1)\n  PV-02 wrong: "+c.reason)
		})
	}
	t.Run("in the baseline", func(t *testing.T) {
		baseline := run()
		baseline.Scenarios[1].Verdict, baseline.Scenarios[1].Reason = result.Broken, "refused"
		d := drift.Compare(baseline, run())
		require.False(t, d.Drifted())
		require.Equal(t, "broken in the baseline: refused", d.NotCompared[0].Reason)
	})
	t.Run("in both", func(t *testing.T) {
		skipped := func(reason string) *result.Run {
			r := run()
			r.Scenarios[1].Verdict, r.Scenarios[1].Reason = result.Skipped, reason
			r.Rules[3].Verdict, r.Rules[3].Reason = result.Skipped, "no exchange was seen"
			return r
		}
		d := drift.Compare(skipped("no webhook"), skipped("no webhook"))
		require.Equal(t, "skipped before and now: no webhook", d.NotCompared[0].Reason)
		require.Equal(t, "skipped before and now: no exchange was seen", d.NotCompared[1].Reason)
		d = drift.Compare(skipped("no webhook"), skipped("no flow"))
		require.Equal(t, "skipped now: no flow; skipped in the baseline: no webhook", d.NotCompared[0].Reason)
	})
	t.Run("an every-exchange rule that saw no exchange", func(t *testing.T) {
		d := compare(func(r *result.Run) { r.Rules[3].Verdict, r.Rules[3].Reason = result.Skipped, "no exchange was seen" })
		require.False(t, d.Drifted())
		require.Contains(t, view.DriftText(d), "PV-19 on every exchange: skipped now: no exchange was seen")
	})
}

func TestAnEditedFeatureDoesNotHideAChange(t *testing.T) {
	d := compare(func(r *result.Run) {
		r.Digests.Features = "sha256:edited"
		r.Rules[1].Title = "renamed"
		for i := range r.Scenarios {
			r.Scenarios[i].Line += 40
			r.Scenarios[i].File = "features/renamed.feature"
		}
		r.Scenarios[1].Verdict = result.Failed
		r.Scenarios = append(r.Scenarios, result.Scenario{Rule: "PV-03", Level: result.Must, Name: "new", Verdict: result.Failed})
	})
	require.Equal(t, 3, d.Compared)
	require.Len(t, d.Groups, 1)
	require.Equal(t, "PV-02", d.Groups[0].Changes[0].What)
	require.Equal(t, 49, d.Groups[0].Changes[0].Places[0].Line, "the place is the one in the run at hand")
	require.Len(t, d.OnlyCurrent, 1)
	require.Equal(t, "new", d.OnlyCurrent[0].Name)
	require.Contains(t, view.DriftText(d), "Only in this run (1)\n  PV-03 new: failed")
	require.Contains(t, view.DriftText(d), "Note: the features differ")
	require.Equal(t, "renamed", d.Groups[0].Changes[0].Places[0].Title)
}

func TestAScenarioOnlyInTheBaselineIsListed(t *testing.T) {
	d := compare(func(r *result.Run) { r.Scenarios = r.Scenarios[1:] })
	require.False(t, d.Drifted())
	require.Equal(t, "right", d.OnlyBaseline[0].Name)
	require.Contains(t, view.DriftText(d), "Only in the baseline (1)\n  PV-01 right: passed")
}

func TestRepetitionsAreOneScenarioThatFailsIfOneDoes(t *testing.T) {
	d := compare(func(r *result.Run) {
		again := r.Scenarios[1]
		again.ID, again.Repeat, again.Verdict, again.Reason = "f:9#2", 2, result.Failed, "the second time it was 200"
		r.Scenarios[1].Repeat = 1
		r.Scenarios = append(r.Scenarios, again)
	})
	require.Empty(t, d.OnlyCurrent)
	require.Equal(t, result.NewlyFailing, d.Groups[0].Kind)
	require.Equal(t, "the second time it was 200", d.Groups[0].Changes[0].Detail)
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
	d := drift.Compare(many("nginx"), many("envoy"))
	require.Equal(t, 1, d.Changes())
	require.Len(t, d.Groups[0].Changes[0].Places, 90)
	require.Contains(t, view.DriftText(d), "and in 87 more")
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
	require.False(t, drift.Compare(observed(200, 409, 409), observed(409, 200, 409)).Drifted())
	d := drift.Compare(observed(200, 409, 409), observed(200, 200, 409))
	require.Equal(t, "2 x 409, 200", d.Groups[0].Changes[0].Before)
	require.Equal(t, "2 x 200, 409", d.Groups[0].Changes[0].After)
}

func TestOnlyTheLastAttemptIsCompared(t *testing.T) {
	d := compare(func(r *result.Run) {
		first := answered(503, "busy")
		last := r.Scenarios[1].Exchanges[0]
		last.Attempt = 2
		r.Scenarios[1].Exchanges = []result.Exchange{first, last, {Purpose: "read-back", Attempt: 2, Answer: &result.Answer{Status: 404}}}
	})
	require.False(t, d.Drifted())
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
		require.False(t, drift.Compare(baseline, current).Drifted())
	})
	t.Run("no latency at all", func(t *testing.T) {
		require.False(t, compare(func(r *result.Run) { r.Latency = nil }).Drifted())
	})
}

func TestNotesComeBeforeTheChanges(t *testing.T) {
	d := compare(func(r *result.Run) {
		r.Tool.Version, r.Selection.Rules = "2.0.0", []string{"PV-02"}
		body(r, 1, `{"code":"Forbidden","message":"m"}`)
	})
	require.Equal(t, "1 change since 2026-11-22 03:00 UTC\n"+
		"Note: the tools differ: verifik-contract 1.0.0 before, verifik-contract 2.0.0 now; what they judge or record differently is listed below too, until the baseline is renewed\n"+
		"Note: the selections differ: scenarios that only one run holds say nothing about the provider\n\nError codes (1)\n", view.DriftText(d)[:strings.Index(view.DriftText(d), "  code")])
}

func TestOtherDifferencesBetweenTheRunsAreNoted(t *testing.T) {
	d := compare(func(r *result.Run) {
		r.Target.BaseURL = "https://other.example.test"
		r.Environment = "production"
		r.Tool.Version = "2.0.0"
		r.Digests.Schemas = "sha256:x"
		r.Exit, r.Stopped = 130, "interrupted"
	})
	require.Len(t, d.Notes, 5)
	for i, word := range []string{"targets", "environments", "tools", "schemas", "interrupted"} {
		require.Contains(t, d.Notes[i], word)
	}
}

func TestTheWorstChangesComeFirst(t *testing.T) {
	baseline := run()
	baseline.Scenarios[0].Verdict = result.Failed
	current := run()
	current.Scenarios[1].Verdict = result.Failed
	current.Scenarios[1].Exchanges[0].Answer.Status = 400
	current.Scenarios[2].Observed[0].Status = 412
	current.Latency.P50, current.Latency.P95 = 800, 900
	body(current, 0, `{"data":{}}`)
	current.Scenarios[0].Exchanges[0].Answer.Headers["Server"] = []string{"x"}
	d := drift.Compare(baseline, current)
	kinds := []result.DriftKind{}
	for _, g := range d.Groups {
		kinds = append(kinds, g.Kind)
	}
	require.Equal(t, []result.DriftKind{result.NewlyFailing, result.NewStatus, result.NewShape, result.NewHeader, result.NewlyObserved, result.NewLatency, result.NewlyKept}, kinds)
}

func TestAReportIsPlainData(t *testing.T) {
	d := compare(func(r *result.Run) { r.Scenarios[1].Verdict = result.Failed })
	data, err := json.Marshal(d)
	require.NoError(t, err)
	var again result.Drift
	require.NoError(t, json.Unmarshal(data, &again))
	require.Equal(t, *d, again)
}

func TestHostileContentsAreShownAsOneLine(t *testing.T) {
	d := compare(func(r *result.Run) {
		r.Scenarios[1].Verdict = result.Failed
		r.Scenarios[1].Reason = "\x1b[2J\x9b31m\nNo drift\u202e\x00 " + strings.Repeat("é", 500)
		r.Scenarios[0].Exchanges[0].Answer.Headers["Server"] = []string{"a\r\nb\x1b]0;title\x07"}
		body(r, 0, "{\"data\":{\"\x1b[31m\u0085key\":1}}")
	})
	shown := view.DriftText(d)
	for _, r := range shown {
		require.False(t, r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e'), "%q", r)
	}
	require.NotContains(t, shown, "\nNo drift")
	for line := range strings.SplitSeq(shown, "\n") {
		require.Less(t, len([]rune(line)), 400)
	}
}

func TestRunsWithNothingToCompareSaySo(t *testing.T) {
	d := drift.Compare(&result.Run{}, &result.Run{})
	require.False(t, d.Drifted())
	require.Contains(t, view.DriftText(d), "0 scenarios compared")
}
