package html

import (
	"fmt"
	"strings"
	"time"

	"verifik-contract/internal/result"
)

var sampleStart = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

// sample is a run with every verdict and every part that a page can show.
func sample() *result.Run {
	run := &result.Run{
		Version: 1, Tool: result.Tool{Name: "verifik-contract", Version: "1.4.0"},
		Started: sampleStart, Duration: 4213.5, Environment: "staging", Exit: 1,
		Target: result.Target{Kind: "http", BaseURL: "https://staging.example.test"},
		Digests: result.Digests{
			Features: "sha256:" + strings.Repeat("4f", 32), Schemas: "sha256:" + strings.Repeat("a7", 32),
		},
		Selection: result.Selection{Tags: "not @slow", FailOn: "should"},
		Diagnosis: []string{"3 of 3 error answers have the HTTP name in code and the symbol in message: the provider speaks another dialect than its documentation."},
		Warnings:  []string{"PV-14: a second notification came for the same validation", "the waiver of PV-03 is stale: its promise is kept"},
		Waivers: []result.Waiver{
			{Rule: "PV-08", Reason: "the gateway keeps the spaces, ticket 123", Until: "2027-01-31", State: "used"},
			{Rule: "PV-03", Reason: "was flaky before the move", Until: "2026-12-31", State: "stale"},
		},
		Latency: sampleLatency(),
		Webhooks: []result.Delivery{
			{Scenario: "webhook.feature:9", Kind: "accepted", Received: sampleStart.Add(2 * time.Second), Type: "phoneValidation.validated", Body: `{"type":"phoneValidation.validated","data":{"_id":"65f0c0ffee65f0c0ffee65f0"}}`},
			{Kind: "foreign", Reason: "no scenario waits at this address", Received: sampleStart.Add(3 * time.Second), Body: "ping"},
		},
	}
	rule := func(id string, level result.Level, verdict result.Verdict, title, reason string) {
		run.Rules = append(run.Rules, result.Rule{
			ID: id, Level: level, Title: title, Verdict: verdict, Reason: reason, File: "features/" + strings.ToLower(id) + ".feature", Line: 4,
			Description: "What the documentation says of it, in its section \"Responses\".\nOne more line of it.",
		})
	}
	scenario := func(s result.Scenario) {
		r := run.Rules[len(run.Rules)-1]
		s.Rule, s.Level, s.File, s.Feature = r.ID, r.Level, r.File, "Validating a phone"
		s.Line = 9 + 6*len(run.Scenarios)
		s.ID = fmt.Sprintf("%s:%d", s.File, s.Line)
		s.Duration = 41.7
		run.Scenarios = append(run.Scenarios, s)
	}
	passes := func(names ...string) {
		for _, name := range names {
			scenario(result.Scenario{Name: name, Verdict: result.Passed, Steps: sampleSteps(result.Passed), Exchanges: []result.Exchange{sampleExchange(200, `{"data":{"_id":"65f0c0ffee65f0c0ffee65f0","status":"validated"}}`)}})
		}
	}

	rule("PV-01", result.Must, result.Passed, "The right OTP is answered 200 with the documented body", "")
	passes("the right OTP validates the phone", "a country code of 1 digit", "a country code of 3 digits")
	run.Scenarios[2].Flaky, run.Scenarios[2].Attempts = true, 2

	rule("PV-02", result.Must, result.Failed, "A wrong OTP is answered 403 otp_does_not_match", "only the last digit differs: the code is otp_does_not_match: expected \"otp_does_not_match\", got \"otp_not_match\"")
	passes("all digits differ")
	wrong := sampleExchange(403, `{"code":"otp_not_match","message":"403:otp_does_not_match","trace":["a",{"at":1}]}`)
	setup := sampleExchange(200, `{"data":{"_id":"65f0"}}`)
	setup.Purpose, setup.Label, setup.Request.Method, setup.Request.URL = "set-up", "create the registration", "POST", "https://staging.example.test/v2/app-registrations"
	scenario(result.Scenario{
		Name: "only the last digit differs", Verdict: result.Failed, Reason: "the code is otp_does_not_match: got \"otp_not_match\"",
		Diagnosis: "the symbol is near the documented one: a typing error?", Steps: sampleSteps(result.Failed),
		Findings: []result.Finding{
			{Rule: "PV-02", Expectation: "the code is otp_does_not_match", Path: "$.code", Expected: `"otp_does_not_match"`, Actual: `"otp_not_match"`, Exchange: 1, Step: 12},
			{Rule: "PV-02", Expectation: "the body has no member that the schema does not name", Path: "$.trace[1].at", Expected: "no such member", Actual: "1", Exchange: 1, Step: 12},
		},
		States: `eval "$(verifik-contract state 'a pending phone validation')"`, Exchanges: []result.Exchange{setup, wrong},
	})
	scenario(result.Scenario{
		Name: "only the first digit differs", Verdict: result.Failed, Reason: "the status is 403: got 200", Steps: sampleSteps(result.Failed),
		Findings:  []result.Finding{{Rule: "PV-02", Expectation: "the status is 403", Expected: "403", Actual: "200", Exchange: 0, Step: 12}},
		Exchanges: []result.Exchange{sampleExchange(200, `{"data":{"status":"validated"}}`)},
	})

	rule("PV-03", result.Must, result.Passed, "No validation for that phone is answered 404", "")
	passes("a phone without any validation")
	rule("PV-07", result.Must, result.Broken, "An expired OTP is answered 412 and does not validate", "timeout: no complete answer within 10s")
	scenario(result.Scenario{
		Name: "the right OTP after expiry", Verdict: result.Broken, Cause: "timeout", Reason: "no complete answer within 10s",
		Exchanges: []result.Exchange{sampleFailure()},
	})
	rule("PV-08", result.Must, result.Waived, "Spaces in the phone are removed", "waived until 2027-01-31: the gateway keeps the spaces, ticket 123")
	scenario(result.Scenario{
		Name: "one space inside", Verdict: result.Waived, Reason: "the gateway keeps the spaces, ticket 123",
		Findings:  []result.Finding{{Rule: "PV-08", Expectation: "the phone has no spaces", Path: "$.data.phone", Expected: `"62647737"`, Actual: `"626 47737"`, Exchange: 0}},
		Exchanges: []result.Exchange{sampleExchange(200, `{"data":{"phone":"626 47737"}}`)},
	})
	for _, id := range []string{"PV-04", "PV-06", "PV-09", "PV-10", "PV-12", "PV-13", "PV-15", "PV-16"} {
		rule(id, result.Must, result.Passed, "A promise of the documentation that is kept, in the words of its feature", "")
		passes("the first case of "+id, "the second case of "+id)
	}
	rule("PV-14", result.Must, result.Skipped, "A validation event triggers a webhook notification", "the environment has no webhook block")
	scenario(result.Scenario{Name: "a notification arrives", Verdict: result.Skipped, Reason: "the environment has no webhook block: add `webhook { listen = \"127.0.0.1:0\" }`"})
	run.Rules = append(run.Rules, result.Rule{
		ID: "PV-19", Level: result.Must, Title: "An answer's body is one JSON value in UTF-8", Verdict: result.Passed,
		EveryExchange: true, Judged: 96, File: "features/every-exchange.feature", Line: 9,
	})

	for _, id := range []string{"PV-05", "PV-11", "PV-17"} {
		rule(id, result.Should, result.Passed, "Follows from the words of the documentation", "")
		passes("the only case of " + id)
	}
	run.Rules = append(run.Rules, result.Rule{
		ID: "PV-18", Level: result.Should, Title: "An error answer is exactly code and message, both strings", Verdict: result.Failed, EveryExchange: true,
		Judged: 61, Breaches: 4, Reason: "4 of 61 exchanges hold another member", File: "features/every-exchange.feature", Line: 3,
		Findings: []result.Finding{{Rule: "PV-18", Expectation: "an error answer has the members code and message only", Path: "$.trace", Expected: "no such member", Actual: `["a",{"at":1}]`, Scenario: run.Scenarios[4].ID, Exchange: 1}},
	})
	rule("PV-22", result.Should, result.Skipped, "A wrong OTP neither validates nor links", "the state yields no id to read back")
	scenario(result.Scenario{Name: "read back after a wrong OTP", Verdict: result.Skipped, Reason: "the state yields no id to read back"})

	rule("PV-31", result.Observe, result.Observed, "The OTP in other spellings", "")
	for _, o := range []result.Observation{
		{Status: 409, Code: "MissingParameter", Shape: "{code: string, message: string}"},
		{Status: 403, Code: "otp_does_not_match", Shape: "{code: string, message: string}", Note: "as if it were wrong"},
		{Label: "second call", Status: 0, Note: "connection-lost"},
	} {
		scenario(result.Scenario{Name: fmt.Sprintf("OTP spelt another way (%d)", o.Status), Verdict: result.Observed, Observed: []result.Observation{o}, Exchanges: []result.Exchange{sampleExchange(409, `{"code":"MissingParameter","message":"missing otp"}`)}})
	}
	return run
}

func sampleSteps(last result.Verdict) []result.Step {
	return []result.Step{
		{Keyword: "Given", Text: "a pending phone validation", Line: 10, Verdict: result.Passed, Duration: 12},
		{Keyword: "When", Text: "the phone is validated with a wrong OTP", Line: 11, Verdict: result.Passed, Duration: 20},
		{Keyword: "Then", Text: `the answer is 403 "otp_does_not_match"`, Line: 12, Verdict: last},
	}
}

func sampleExchange(status int, body string) result.Exchange {
	return result.Exchange{
		Purpose: "judged", Attempt: 1, Started: sampleStart, Duration: 23.4, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736",
		Request: result.Request{
			Method: "PUT", URL: "https://staging.example.test/v2/phone-validations",
			Headers: map[string][]string{"Authorization": {"[redacted]"}, "Content-Type": {"application/json"}},
			Body:    `{"countryCode":"+507","otp":"[redacted]","phone":"62647737"}`,
		},
		Answer: &result.Answer{Status: status, Proto: "HTTP/1.1", Headers: map[string][]string{"Content-Type": {"application/json; charset=utf-8"}, "Date": {"Mon, 23 Nov 2026 06:00:00 GMT"}}, Body: body},
		Curl:   "curl -X PUT 'https://staging.example.test/v2/phone-validations' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"countryCode\":\"+507\",\"otp\":'\"$OTP\"',\"phone\":\"62647737\"}'",
	}
}

func sampleFailure() result.Exchange {
	e := sampleExchange(0, "")
	e.Answer, e.Failure = nil, &result.Failure{Cause: "timeout", Message: "no complete answer within 10s"}
	return e
}

func sampleLatency() *result.Latency {
	l := &result.Latency{Budget: &result.Budget{P95: 80, Max: 3000, Over: []string{"p95 is 95.2 ms, the budget allows 80 ms"}}}
	for i := range 240 {
		// A plain shape with a tail: most calls take some 20 ms, few take much longer.
		spread := float64(i*i%97) / 97
		l.Samples = append(l.Samples, result.Millis(14+16*spread))
		if i%17 == 0 {
			l.Samples = append(l.Samples, result.Millis(60+float64(i)))
		}
	}
	l.Count, l.P50, l.P95, l.Max = len(l.Samples), 21.4, 95.2, 298
	return l
}

// hostile is a run of which every text is an attack on the page or on its reader.
func hostile() *result.Run {
	const (
		script = `"><script>alert(1)</script><img src=x onerror=alert(2)>'` + "`{{.}}</style></title></textarea></pre>"
		hidden = "\x1b[31mred\x00\x00\x00 \u202eesrever\u2066 zero\u200bwidth \ufeff\xff\xfe\u2028 line\rreturn\nbreak\u00a0\U000e0041"
	)
	const attack = script + hidden
	e := sampleExchange(200, `{"a":"`+script+`"}`+hidden)
	e.Purpose, e.Label, e.TraceID = attack, attack, attack
	e.Request.Method, e.Request.URL, e.Request.Body, e.Curl = attack, "javascript:alert(3)"+attack, attack, "curl "+attack
	e.Request.Headers = map[string][]string{attack: {attack}}
	e.Answer.Proto = attack
	e.Answer.Headers = map[string][]string{"Location": {"javascript:alert(4)"}, attack: {attack, attack}}
	finding := result.Finding{Rule: attack, Expectation: attack, Path: "$." + attack, Expected: attack, Actual: attack + "x", Exchange: 0, Scenario: attack}
	failed := sampleFailure()
	failed.Failure.Cause, failed.Failure.Message = attack, attack
	return &result.Run{
		Version: 1, Tool: result.Tool{Name: attack, Version: attack}, Environment: attack, Exit: 1, Stopped: attack,
		Target: result.Target{Kind: attack, BaseURL: attack}, Digests: result.Digests{Features: attack, Schemas: attack},
		Selection: result.Selection{Rules: []string{attack}, Tags: attack, Level: attack, Features: []string{attack}, Shard: attack, FailOn: attack},
		Rules: []result.Rule{
			{ID: attack, Level: result.Must, Title: attack, Description: attack, Verdict: result.Failed, Reason: attack, File: attack, Line: 1, Findings: []result.Finding{finding}},
			{ID: "PV-19", Level: result.Level(attack), Title: attack, Verdict: result.Verdict(attack), EveryExchange: true},
		},
		Scenarios: []result.Scenario{{
			ID: attack, Rule: attack, Level: result.Must, Feature: attack, Name: attack, File: attack, Line: -1, Tags: []string{attack}, Verdict: result.Failed,
			Reason: attack, Cause: attack, Diagnosis: attack, Steps: []result.Step{{Keyword: attack, Text: attack, Verdict: result.Verdict(attack)}},
			Observed: []result.Observation{{Label: attack, Code: attack, Shape: attack, Note: attack}},
			Findings: []result.Finding{finding}, Exchanges: []result.Exchange{e, failed},
		}, {ID: "other", Level: result.Must, Rule: "not among the rules", Name: attack, Verdict: result.Skipped, Reason: attack}},
		Latency:  &result.Latency{Count: -1, P50: -5, Max: 1e300, Samples: []result.Millis{-1, 0, 1e300}, Budget: &result.Budget{Over: []string{attack}}},
		Webhooks: []result.Delivery{{Scenario: attack, Kind: attack, Reason: attack, Type: attack, Body: attack}},
		Waivers:  []result.Waiver{{Rule: attack, Reason: attack, Until: attack, State: attack}},
		Warnings: []string{attack}, Diagnosis: []string{attack},
	}
}

// large is a run of many repetitions with large bodies, the last of which failed.
func large(scenarios, body int) *result.Run {
	run := sample()
	run.Scenarios = nil
	text := `{"data":"` + strings.Repeat("x", max(body-11, 0)) + `"}`
	for i := range scenarios {
		r := run.Rules[i%13]
		s := result.Scenario{
			ID: fmt.Sprintf("%s:9#%d", r.File, i), Rule: r.ID, Level: r.Level, Name: fmt.Sprintf("case %d", i), Repeat: i/13 + 1,
			Verdict: result.Passed, Steps: sampleSteps(result.Passed), Exchanges: []result.Exchange{sampleExchange(200, text)},
		}
		if i == scenarios-1 {
			s.Verdict, s.Reason = result.Failed, "the last of many failed"
		}
		run.Scenarios = append(run.Scenarios, s)
	}
	return run
}
