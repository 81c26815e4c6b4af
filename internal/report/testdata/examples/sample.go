// Package examples is the runs that the tests of the reports show, and what they compare them with.
package examples

import (
	"strings"
	"time"

	"verifik-contract/internal/result"
)

// Sample is a run with every verdict and everything that a report shows.
func Sample() *result.Run {
	started := time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC)
	put := func(body, answer string, status int) result.Exchange {
		return result.Exchange{
			Purpose: "judged", Attempt: 1, Started: started.Add(100 * time.Millisecond), Duration: 12.345,
			Request: result.Request{
				Method: "PUT", URL: "https://api.example.test/v2/phone-validations", Body: body,
				Headers: map[string][]string{"Authorization": {"[redacted]"}, "Content-Type": {"application/json"}},
			},
			Answer:  &result.Answer{Status: status, Proto: "HTTP/1.1", Body: answer, Headers: map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
			TraceID: "0af7651916cd43dd8448eb211c80319c",
			Curl:    `curl -X PUT 'https://api.example.test/v2/phone-validations' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data '` + body + `'`,
		}
	}
	wrong := func() result.Exchange {
		return put(`{"phone":"62647737","countryCode":"+507","otp":"[redacted]"}`, `{"code":"Forbidden","message":"otp_does_not_match"}`, 403)
	}
	dialect := "this is the envelope with the HTTP name in code and the symbol in message: the provider speaks another dialect than its documentation"
	steps := func(line int, last result.Verdict) []result.Step {
		return []result.Step{
			{Keyword: "Given ", Text: "a pending phone validation", Line: line, Verdict: result.Passed, Duration: 2.5},
			{Keyword: "When ", Text: "a wrong OTP is sent", Line: line + 1, Verdict: result.Passed, Duration: 12.5},
			{Keyword: "Then ", Text: "the answer says that the OTP does not match", Line: line + 2, Verdict: last, Duration: 0.1},
		}
	}
	mismatch := func(rule string, line int) []result.Finding {
		return []result.Finding{
			{Rule: rule, Expectation: "the code is otp_does_not_match", Path: "$.code", Expected: `"otp_does_not_match"`, Actual: `"Forbidden"`, Exchange: 0, Step: line},
			{Rule: rule, Expectation: "the message is 403:otp_does_not_match", Path: "$.message", Expected: `"403:otp_does_not_match"`, Actual: `"otp_does_not_match"`, Exchange: 0, Step: line},
			{Rule: rule, Expectation: "one notification is sent", Warning: true, Exchange: -1},
		}
	}
	return &result.Run{
		Version: 1, Tool: result.Tool{Name: "verifik-contract", Version: "1.2.3"}, Started: started, Duration: 1534.5,
		Target: result.Target{Kind: "http", BaseURL: "https://api.example.test"}, Environment: "staging",
		Digests:   result.Digests{Features: "sha256:" + strings.Repeat("0a", 32), Schemas: "sha256:" + strings.Repeat("1b", 32)},
		Selection: result.Selection{Level: "observe", FailOn: "should"}, Exit: 1,
		Rules: []result.Rule{
			{ID: "PV-01", Level: "must", Title: "The right OTP is answered 200", Description: "The documentation shows it.", Verdict: result.Passed, File: "features/right_otp.feature", Line: 4},
			{ID: "PV-02", Level: "must", Title: "A wrong OTP is answered 403", Verdict: result.Failed, Reason: "2 of 2 scenarios failed", File: "features/wrong_otp.feature", Line: 3},
			{ID: "PV-07", Level: "must", Title: "An expired OTP is answered 412", Verdict: result.Broken, Reason: "timeout", File: "features/expiry.feature", Line: 3},
			{ID: "PV-14", Level: "must", Title: "A validation event triggers a webhook notification", Verdict: result.Skipped, Reason: "the environment has no webhook block", File: "features/webhook.feature", Line: 3},
			{ID: "PV-11", Level: "should", Title: "project and projectFlow narrow the search", Verdict: result.Waived, Reason: "the gateway drops them", File: "features/options.feature", Line: 9},
			{ID: "PV-19", Level: "must", Title: "The body is one JSON value in UTF-8", Verdict: result.Failed, EveryExchange: true, File: "features/every_exchange.feature", Line: 12, Judged: 7, Breaches: 2,
				Findings: []result.Finding{{Rule: "PV-19", Expectation: "nothing follows the JSON value", Expected: "nothing", Actual: "4 bytes", Scenario: "features/wrong_otp.feature:8", Exchange: 0}}},
			{ID: "PV-20", Level: "should", Title: "Only the documented statuses occur", Verdict: result.Passed, EveryExchange: true, File: "features/every_exchange.feature", Line: 20, Judged: 7},
			{ID: "PV-30", Level: "observe", Title: "The same OTP a second time", Verdict: result.Observed, File: "features/silent.feature", Line: 3},
		},
		Scenarios: []result.Scenario{
			{ID: "features/right_otp.feature:10", Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 1 digit", File: "features/right_otp.feature", Line: 10, Tags: []string{"@PV-01", "@must"}, Verdict: result.Passed, Duration: 15.5,
				Steps: steps(5, result.Passed), Exchanges: []result.Exchange{put(`{"otp":"[redacted]"}`, `{"data":{"status":"validated"}}`, 200)}},
			{ID: "features/right_otp.feature:11", Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 2 digits", File: "features/right_otp.feature", Line: 11, Tags: []string{"@PV-01", "@must"}, Verdict: result.Passed, Flaky: true, Attempts: 2, Retried: []result.Failure{{Cause: "unavailable", Message: "the answer is 503"}}, Duration: 115.5, Steps: steps(5, result.Passed)},
			{ID: "features/right_otp.feature:12", Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 3 digits", File: "features/right_otp.feature", Line: 12, Verdict: result.Skipped, Reason: "no phone of the pool has such a code"},
			{ID: "features/wrong_otp.feature:8", Rule: "PV-02", Level: "must", Feature: "A wrong OTP", Name: "Only the first digit differs", File: "features/wrong_otp.feature", Line: 8, Tags: []string{"@PV-02", "@must"}, Verdict: result.Failed, Reason: `the code is "Forbidden"`, Diagnosis: dialect, Duration: 20.25,
				Steps: steps(9, result.Failed), Findings: mismatch("PV-02", 11), Exchanges: []result.Exchange{wrong()}},
			{ID: "features/wrong_otp.feature:14", Rule: "PV-02", Level: "must", Feature: "A wrong OTP", Name: "All digits differ", File: "features/wrong_otp.feature", Line: 14, Verdict: result.Failed, Reason: `the code is "Forbidden"`, Diagnosis: dialect, Duration: 21,
				Steps: steps(15, result.Failed), Findings: mismatch("PV-02", 17), Exchanges: []result.Exchange{wrong()}},
			{ID: "features/expiry.feature:6", Rule: "PV-07", Level: "must", Feature: "Expiry", Name: "The right OTP after expiry", File: "features/expiry.feature", Line: 6, Verdict: result.Broken, Cause: "timeout", Reason: "no answer within 10s", Attempts: 3, Retried: []result.Failure{{Cause: "timeout", Message: "no answer within 10s"}, {Cause: "connection-lost", Message: "the connection was closed"}}, Duration: 10020,
				Steps: []result.Step{{Keyword: "When ", Text: "the right OTP is sent", Line: 7, Verdict: result.Broken}},
				Exchanges: []result.Exchange{{Purpose: "judged", Attempt: 3, Started: started, Duration: 10000, Request: result.Request{Method: "PUT", URL: "https://api.example.test/v2/phone-validations", Body: "{}"},
					Failure: &result.Failure{Cause: "timeout", Message: "no answer within 10s"}}}},
			{ID: "features/webhook.feature:6", Rule: "PV-14", Level: "must", Feature: "Notifications", Name: "One notification", File: "features/webhook.feature", Line: 6, Verdict: result.Skipped, Reason: "the environment has no webhook block"},
			{ID: "features/options.feature:12", Rule: "PV-11", Level: "should", Feature: "Options", Name: "Another project", File: "features/options.feature", Line: 12, Verdict: result.Waived, Reason: "waived until 2027-01-31: the gateway drops them", Duration: 9,
				Steps: steps(13, result.Failed), Findings: []result.Finding{{Rule: "PV-11", Expectation: "the status is 404", Expected: "404", Actual: "200", Exchange: -1}}},
			{ID: "features/silent.feature:6", Rule: "PV-30", Level: "observe", Feature: "Where the documentation is silent", Name: "The same OTP twice", File: "features/silent.feature", Line: 6, Verdict: result.Observed, Duration: 33,
				Steps:    steps(7, result.Passed),
				Observed: []result.Observation{{Label: "second try", Status: 404, Code: "phone_validation_not_found", Shape: "{code: string, message: string}"}, {Status: 0, Note: "the connection was reset"}}},
		},
		Latency:   &result.Latency{Count: 6, P50: 12.3, P95: 80, Max: 95.5, Budget: &result.Budget{P95: 50, Max: 3000, Over: []string{"p95 is 80 ms, the budget 50 ms"}}},
		Webhooks:  []result.Delivery{{Kind: "foreign", Received: started}},
		Waivers:   []result.Waiver{{Rule: "PV-11", Reason: "the gateway drops them", Until: "2027-01-31", State: "used"}, {Rule: "PV-01", Reason: "ticket 7", Until: "2027-01-31", State: "stale"}, {Rule: "PV-03", Reason: "ticket 8", Until: "2026-01-31", State: "expired"}},
		Warnings:  []string{"PV-14: a second notification came"},
		Diagnosis: []string{dialect + ", in 2 of 2 error answers"},
	}
}

// HostileText holds everything that must not reach a terminal or a report as it is.
const HostileText = "\x1b[2J\x1b]0;owned\x07\u009b31m\x00\xff\xfe\r\n::error::injected\n##[add-mask]x\n</script><img src=x onerror=alert(1)>]]>" +
	"\u202egnp.exe\u2066\u200b\ufeff\u2028\U000e0041\uffff\ufffd | `code` ``` *bold* [link](javascript:x) %0A @everyone $TOKEN"

// Hostile is the sample with hostile contents in every text that comes from outside.
func Hostile() *result.Run {
	run := Sample()
	long := HostileText + strings.Repeat("A\n", 1<<15) // eight times what the most generous form shows
	run.Environment, run.Target.BaseURL = HostileText, "https://api.example.test/"+HostileText
	run.Warnings, run.Diagnosis = []string{HostileText, long}, []string{HostileText}
	run.Selection.Tags, run.Selection.Features = HostileText, []string{HostileText}
	run.Latency.Budget.Over = []string{HostileText}
	for i := range run.Waivers {
		run.Waivers[i].Reason = HostileText
	}
	for i := range run.Rules {
		r := &run.Rules[i]
		r.Title += HostileText
		r.Reason = HostileText
		for j := range r.Findings {
			r.Findings[j].Actual = long
		}
	}
	for i := range run.Scenarios {
		s, big := &run.Scenarios[i], HostileText
		if i == 3 || i == 8 {
			big = long // a failed one and an observed one
		}
		s.Name, s.Feature = HostileText+s.Name, HostileText+s.Feature
		s.Reason = HostileText
		s.Diagnosis = HostileText
		s.Tags = []string{HostileText}
		for j := range s.Steps {
			s.Steps[j].Text += HostileText
		}
		for j := range s.Findings {
			s.Findings[j].Expectation += HostileText
			s.Findings[j].Expected, s.Findings[j].Actual, s.Findings[j].Path = HostileText, HostileText, "$."+HostileText
		}
		for j := range s.Observed {
			s.Observed[j].Code, s.Observed[j].Note, s.Observed[j].Label, s.Observed[j].Shape = HostileText, big, HostileText, HostileText
		}
		for j := range s.Exchanges {
			e := &s.Exchanges[j]
			e.Request.Body, e.Request.URL, e.Curl, e.TraceID = HostileText, "https://api.example.test/"+HostileText, "curl "+HostileText, HostileText
			e.Request.Headers = map[string][]string{HostileText: {HostileText}}
			if e.Answer != nil {
				e.Answer.Body, e.Answer.Proto = big, HostileText
				e.Answer.Headers = map[string][]string{HostileText: {HostileText}, "Location": {HostileText}}
			}
			if e.Failure != nil {
				e.Failure.Message = HostileText
			}
		}
	}
	return run
}

// Brief is a sample with three of its scenarios, one that failed, one that could not be judged and one that was
// observed, with their rules and one of every exchange: a page of it shows what the whole one does, once.
func Brief(run *result.Run) *result.Run {
	run.Scenarios = []result.Scenario{run.Scenarios[3], run.Scenarios[5], run.Scenarios[8]}
	run.Rules = []result.Rule{run.Rules[1], run.Rules[2], run.Rules[5], run.Rules[7]}
	return run
}

// Down is a run whose target did not answer at all.
func Down() *result.Run {
	run := Sample()
	run.Stopped, run.Exit = "the target is down: connection refused by api.example.test:443", 3
	run.Latency, run.Waivers, run.Warnings, run.Diagnosis = nil, nil, nil, nil
	for i := range run.Rules {
		r := &run.Rules[i]
		r.Findings, r.Judged, r.Breaches = nil, 0, 0
		r.Verdict, r.Reason = result.Broken, "the target is down"
		if r.EveryExchange {
			r.Verdict, r.Reason = result.Skipped, "no exchange was seen"
		}
	}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		s.Verdict, s.Cause, s.Reason = result.Broken, "refused", "connection refused"
		s.Findings, s.Exchanges, s.Steps, s.Observed, s.Diagnosis, s.Flaky = nil, nil, nil, nil, "", false
		s.Attempts, s.Retried = 0, nil
	}
	return run
}

// Kept is a run in which everything passed.
func Kept() *result.Run {
	run := Sample()
	run.Exit, run.Rules, run.Scenarios = 0, run.Rules[:1], run.Scenarios[:1]
	run.Latency.Budget, run.Waivers, run.Warnings, run.Diagnosis, run.Selection = nil, nil, nil, nil, result.Selection{}
	return run
}

// Drifted is a run in which everything passed and the provider is another than in the baseline.
func Drifted() *result.Run {
	run := Sample()
	run.Exit, run.Rules, run.Scenarios = 1, append(run.Rules[:1:1], run.Rules[7]), append(run.Scenarios[:1:1], run.Scenarios[8])
	run.Latency.Budget, run.Waivers, run.Warnings, run.Diagnosis = nil, nil, nil, nil
	side := func(version string, exit result.ExitCode) result.DriftSide {
		return result.DriftSide{Started: run.Started.AddDate(0, 0, -1), Tool: result.Tool{Name: "verifik-contract", Version: version}, Target: run.Target, Environment: run.Environment, Digests: run.Digests, Exit: exit}
	}
	twice := result.Place{Rule: "PV-30", Level: "observe", Title: "The same OTP a second time", Name: "The same OTP twice", File: "features/silent.feature", Line: 6}
	run.Drift = &result.Drift{
		Baseline: side("1.2.2", 0), Current: side("1.2.3", 0), Fails: true, Compared: 2,
		Notes: []string{"the tools differ: verifik-contract 1.2.2 before, verifik-contract 1.2.3 now"},
		Groups: []result.DriftGroup{
			{Kind: result.NewHeader, Title: "Headers", Changes: []result.Change{{What: "Server", Before: "nginx", After: "envoy", Places: []result.Place{twice}}}},
			{Kind: result.NewlyObserved, Title: "Answers where the documentation is silent", Changes: []result.Change{{What: "second try", Before: "409 Conflict", After: "404 phone_validation_not_found", Places: []result.Place{twice}}}},
		},
		NotCompared: []result.NotCompared{{Place: twice, Reason: "skipped in the baseline: no phone was free"}},
	}
	return run
}
