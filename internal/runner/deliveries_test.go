package runner

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/drift"
	"verifik-contract/internal/record"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
)

// swallow is a client that loses the provider's notifications, because the test sends its own.
type swallow struct{}

func (swallow) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
}

// post sends a notification as a provider would.
func post(t *testing.T, method, url, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}

// known returns the values of the provider's latest state.
type known struct{ url, id, phone, otp, token string }

func (s *traffic) last(t *testing.T) known {
	t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var change struct {
		Params struct {
			WebhookURL string `json:"webhookUrl"`
		} `json:"params"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.states[len(s.states)-1].Body), &change))
	values := s.yielded[len(s.yielded)-1]
	otp, _ := values["otp"].(float64)
	return known{change.Params.WebhookURL, fmt.Sprint(values["validationId"]), fmt.Sprint(values["phone"]), fmt.Sprintf("%.0f", otp), fmt.Sprint(values["token"])}
}

func TestDeliveryKinds(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	named := func(k known) string { return `{"type":"phone.validated","id":"` + k.id + `"}` }
	type delivery struct {
		when   string // before the OTP is typed, during the PUT, or after the scenario
		method string
		body   func(known) string
		url    func(known) string
	}
	good := delivery{when: "during", body: named}
	for name, c := range map[string]struct {
		deliveries []delivery
		kinds      []result.DeliveryKind
		reasons    []string // a part of each
		verdict    result.Verdict
		warning    string
	}{
		"one as promised":              {[]delivery{good}, []result.DeliveryKind{"accepted"}, []string{""}, result.Passed, ""},
		"named by the phone":           {[]delivery{{when: "during", body: func(k known) string { return `{"phone":"` + k.phone + `"}` }}}, []result.DeliveryKind{"accepted"}, []string{""}, result.Passed, ""},
		"one of an earlier event":      {[]delivery{{when: "during", body: func(k known) string { return `{"type":"phone.created","id":"` + k.id + `"}` }}, good}, []result.DeliveryKind{"ignored", "accepted"}, []string{"earlier event", ""}, result.Passed, ""},
		"one before the OTP was typed": {[]delivery{{when: "before", body: named}, good}, []result.DeliveryKind{"ignored", "accepted"}, []string{"before the OTP was typed", ""}, result.Passed, ""},
		"twice":                        {[]delivery{good, good}, []result.DeliveryKind{"accepted", "duplicate"}, []string{"", "one before it"}, result.Passed, "more than one notification"},
		"a second after the end":       {[]delivery{good, {when: "after", body: named}}, []result.DeliveryKind{"accepted", "duplicate"}, []string{"", "one before it"}, result.Passed, "more than one notification"},
		"late":                         {[]delivery{{when: "after", body: named}}, []result.DeliveryKind{"late"}, []string{"after the scenario had ended"}, result.Failed, ""},
		"not JSON":                     {[]delivery{{when: "during", body: func(k known) string { return "id=" + k.id }}}, []result.DeliveryKind{"refused"}, []string{"not JSON"}, result.Failed, ""},
		"of nobody":                    {[]delivery{{when: "during", body: func(known) string { return `{"id":"somebody"}` }}}, []result.DeliveryKind{"refused"}, []string{"does not name"}, result.Failed, ""},
		"with the OTP":                 {[]delivery{{when: "during", body: func(k known) string { return `{"id":"` + k.id + `","otp":` + k.otp + `}` }}}, []result.DeliveryKind{"refused"}, []string{"holds the OTP"}, result.Failed, ""},
		"with the token, later":        {[]delivery{good, {when: "after", body: func(k known) string { return `{"id":"` + k.id + `","t":"` + k.token + `"}` }}}, []result.DeliveryKind{"accepted", "refused"}, []string{"", "token"}, result.Failed, ""},
		"to another address":           {[]delivery{{when: "during", body: named, url: func(k known) string { return k.url + "0" }}, good}, []result.DeliveryKind{"foreign", "accepted"}, []string{"no scenario's address", ""}, result.Passed, ""},
		"not posted":                   {[]delivery{{when: "during", method: "PUT", body: named}, good}, []result.DeliveryKind{"foreign", "accepted"}, []string{"is a PUT", ""}, result.Passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen *traffic
			send := func(when string) {
				for _, d := range c.deliveries {
					if d.when != when {
						continue
					}
					k := seen.last(t)
					url, method := k.url, "POST"
					if d.url != nil {
						url = d.url(k)
					}
					if d.method != "" {
						method = d.method
					}
					post(t, method, url, d.body(k))
				}
			}
			tr := trial{feature: feature, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
			tr.put = func(_ int, _ http.ResponseWriter, _ *http.Request) bool { send("during"); return false }
			tr.options = func(o *Options) {
				if c.verdict == result.Failed && c.kinds[0] != "accepted" {
					o.Wait = 0
				}
				o.Ended = func(*result.Scenario) { send("after") }
			}
			// What is sent before the PUT is sent by the call that reads back, which comes between.
			tr.feature = strings.Replace(feature, "      When", "      And the status of the validation can be read\n      When", 1)
			tr.read = func(_ int, _ http.ResponseWriter, _ *http.Request) bool { send("before"); return false }
			var o Options
			o, seen = tr.prepare(t)
			outcome := Run(t.Context(), o)
			require.Equal(t, c.verdict, outcome.Scenarios[0].Verdict, outcome.Scenarios[0].Reason)
			var kinds []result.DeliveryKind
			for i, d := range outcome.Webhooks {
				kinds = append(kinds, d.Kind)
				require.Contains(t, d.Reason, c.reasons[i])
				require.Equal(t, c.reasons[i] == "", d.Reason == "")
				if d.Kind != "foreign" || c.reasons[i] == "is a PUT" {
					require.Equal(t, outcome.Scenarios[0].ID, d.Scenario)
				}
				require.NotContains(t, d.Body, seen.last(t).token)
				require.NotContains(t, d.Body, seen.last(t).otp+"}")
			}
			require.Equal(t, c.kinds, kinds)
			if c.warning == "" {
				require.Empty(t, outcome.Warnings)
				return
			}
			require.Len(t, outcome.Warnings, 1)
			require.Contains(t, outcome.Warnings[0], c.warning)
			require.Contains(t, outcome.Warnings[0], "PV-14 notified: ")
		})
	}
}

func TestNotificationOfAnEarlierAttemptIsNotTakenForTheLastOnes(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	var seen *traffic
	var mutex sync.Mutex
	var first known
	tr := trial{feature: feature, retries: 1, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
	tr.put = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		k := seen.last(t)
		mutex.Lock()
		defer mutex.Unlock()
		if n == 1 { // it is processed, its answer is lost, and its notification is late
			first = k
			return lose()
		}
		post(t, "POST", first.url, `{"id":"`+first.id+`"}`)
		post(t, "POST", k.url, `{"id":"`+k.id+`"}`)
		return false
	}
	var o Options
	o, seen = tr.prepare(t)
	outcome := Run(t.Context(), o)
	require.Equal(t, result.Passed, outcome.Scenarios[0].Verdict)
	require.Len(t, outcome.Webhooks, 2)
	require.Equal(t, result.Late, outcome.Webhooks[0].Kind)
	require.Equal(t, result.Accepted, outcome.Webhooks[1].Kind)
	require.Empty(t, outcome.Warnings, "each validation was told of once")
}

func TestANotificationForAStateThatWasNotMadeIsIgnored(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	tr := trial{feature: feature, pact: env.Pact{}}
	tr.state = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		var change struct {
			Params struct {
				WebhookURL string `json:"webhookUrl"`
			} `json:"params"`
		}
		if json.NewDecoder(r.Body).Decode(&change) == nil {
			post(t, "POST", change.Params.WebhookURL, `{"type":"created"}`)
		}
		return answer(w, 500, "{}")
	}
	o, _ := tr.run(t, t.Context())
	require.Equal(t, result.Broken, o.Scenarios[0].Verdict)
	require.Len(t, o.Webhooks, 1)
	require.Equal(t, result.Ignored, o.Webhooks[0].Kind)
	require.Equal(t, o.Scenarios[0].ID, o.Webhooks[0].Scenario)
}

func TestHugeNotificationIsCut(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	for name, length := range map[string]int{"hardly longer than is shown": 17 << 10, "as long as is looked at": 80 << 10, "200 KB": 200_000, "512 KiB": 512 << 10} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && length > 100_000 {
				t.Skip("a large input")
			}
			var seen *traffic
			var sent string
			tr := trial{feature: feature, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
			tr.put = func(_ int, _ http.ResponseWriter, _ *http.Request) bool {
				k := seen.last(t)
				sent = `{"id":"` + k.id + `","x":"`
				sent += strings.Repeat("x", length-len(sent)-2) + `"}`
				post(t, "POST", k.url, sent)
				return false
			}
			var o Options
			o, seen = tr.prepare(t)
			one := Run(t.Context(), o).Webhooks[0]
			require.Equal(t, result.Accepted, one.Kind)
			require.Equal(t, sent[:record.MaxBody], one.Body)
			require.Equal(t, length, one.Size)
		})
	}
}

// lateAfter runs a scenario whose state has a webhook, and sends a notification after it has ended.
func lateAfter(t *testing.T, id, when, then, body string) *result.Run {
	t.Helper()
	feature := rule(id, scenarioOf("one", "Given there is a pending phone validation with a webhook", "When the person types "+when, "Then "+then))
	var seen *traffic
	tr := trial{feature: feature, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
	tr.options = func(o *Options) {
		o.Ended = func(*result.Scenario) {
			k := seen.last(t)
			post(t, "POST", k.url, strings.ReplaceAll(body, "ID", k.id))
		}
	}
	var o Options
	o, seen = tr.prepare(t)
	return Run(t.Context(), o)
}

func TestANotificationThatTellsOfARefusedOTPTooLateFails(t *testing.T) {
	const none = "no notification tells of a success"
	for name, c := range map[string]struct {
		body    string
		verdict result.Verdict
		exit    result.ExitCode
	}{
		"its type says validated":                  {`{"type":"phone.validated","id":"ID"}`, result.Failed, result.ExitBroken},
		"its status says validated":                {`{"type":"phone.updated","object":{"id":"ID","status":"validated"}}`, result.Failed, result.ExitBroken},
		"it tells of the attempt":                  {`{"type":"phone.attempted","id":"ID","status":"pending"}`, result.Passed, result.ExitKept},
		"it tells of the validation that was made": {`{"type":"phone.created","id":"ID"}`, result.Passed, result.ExitKept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := lateAfter(t, "@PV-27 @should", "a wrong OTP", none, c.body)
			require.Equal(t, c.verdict, o.Scenarios[0].Verdict, o.Scenarios[0].Reason)
			require.Equal(t, c.exit, o.Exit)
			if c.verdict == result.Failed {
				require.Equal(t, result.Failed, ruleOf(t, o, "PV-27").Verdict)
				require.Contains(t, o.Scenarios[0].Reason, "validated")
				require.Equal(t, "PV-27", o.Scenarios[0].Findings[0].Rule)
			}
		})
	}
}

func TestASecondNotificationIsNoWarningUnlessOneIsAwaited(t *testing.T) {
	var seen *traffic
	tr := trial{reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
	tr.feature = rule("@PV-27 @should", scenarioOf("one", "Given there is a pending phone validation with a webhook", "When the person types a wrong OTP", "Then no notification tells of a success"))
	tr.put = func(_ int, _ http.ResponseWriter, _ *http.Request) bool {
		k := seen.last(t)
		for range 2 {
			post(t, "POST", k.url, `{"type":"phone.attempted","id":"`+k.id+`"}`)
		}
		return false
	}
	var o Options
	o, seen = tr.prepare(t)
	run := Run(t.Context(), o)
	require.Len(t, run.Webhooks, 2)
	require.Equal(t, result.Passed, run.Scenarios[0].Verdict)
	require.Empty(t, run.Warnings)
}

// A leak breaks PV-14, whichever scenario shows it.
func TestALeakInANotificationFailsAnotherPromiseOnlyWithoutPV14(t *testing.T) {
	status := rule("@PV-12 @must", scenarioOf("kept", "Given there is a pending phone validation with a webhook", "And the status of the validation can be read", "When the person types the right OTP", "Then the status of the validation is validated"))
	notified := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	wrong := rule("@PV-02 @must", scenarioOf("refused", "Given there is a pending phone validation with a webhook", "When the person types a wrong OTP", "Then no notification tells of a success"))
	const attempted, validated, leaking = `{"type":"phone.attempted","id":"ID"}`, `{"type":"phone.validated","id":"ID"}`, `{"type":"phone.attempted","id":"ID","otp":OTP}`
	for name, c := range map[string]struct {
		feature string
		sent    [][]string // after each PUT; none: the PUT is refused; an empty list: it is answered 503
		failed  []string
	}{
		"with PV-14":                          {status + notified, [][]string{{leaking}, {leaking}}, []string{"PV-14"}},
		"without PV-14":                       {status, [][]string{{leaking}}, []string{"PV-12"}},
		"of a wrong OTP alone, with PV-14":    {wrong + notified, [][]string{{leaking}, {attempted}}, []string{"PV-14"}},
		"of a wrong OTP alone, without PV-14": {wrong, [][]string{{leaking}}, []string{"PV-02"}},
		"after what fails the scenario":       {wrong + notified, [][]string{{validated, leaking}, {attempted}}, []string{"PV-02", "PV-14"}},
		"twice, after what fails it":          {wrong, [][]string{{validated, leaking, leaking}}, []string{"PV-02"}},
		"where PV-14 fails for another fault": {wrong + notified, [][]string{{leaking}, nil}, []string{"PV-14"}},
		"where PV-14 cannot be judged":        {wrong + notified, [][]string{{leaking}, {}}, []string{"PV-02"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen *traffic
			tr := trial{feature: c.feature, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
			tr.put = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				k := seen.last(t)
				for _, body := range c.sent[n-1] {
					post(t, "POST", k.url, strings.NewReplacer("ID", k.id, "OTP", k.otp).Replace(body))
				}
				switch sent := c.sent[n-1]; {
				case sent == nil:
					return answer(w, 403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
				case len(sent) == 0:
					return answer(w, 503, "")
				}
				return false
			}
			tr.options = func(o *Options) { o.Concurrency = 1 } // the state made last is that of the PUT
			var o Options
			o, seen = tr.prepare(t)
			var failed, leaks []string
			for _, s := range Run(t.Context(), o).Scenarios {
				if s.Verdict == result.Failed {
					failed = append(failed, s.Rule)
				}
				for _, f := range s.Findings {
					if f.Leak {
						leaks = append(leaks, s.Rule)
					}
				}
			}
			require.Equal(t, c.failed, failed)
			require.Equal(t, c.failed[len(c.failed)-1:], leaks, "it is told once")
		})
	}
}

func TestAScenarioThatADeliveryFailsIsNotFlaky(t *testing.T) {
	s := result.Scenario{Verdict: result.Passed, Flaky: true}
	(&run{Options: Options{Secrets: &secret.Set{}}}).fail(&s, contract.TooEarly("validated"))
	require.Equal(t, result.Failed, s.Verdict)
	require.NotEmpty(t, s.Reason)
	require.False(t, s.Flaky)
}

// What the notification of a success says is recorded, and another text of it is a change since the baseline.
func TestAChangedNotificationOfASuccessIsDrift(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("one", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	says := func(body string) *result.Run {
		var seen *traffic
		tr := trial{feature: feature, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
		tr.put = func(_ int, _ http.ResponseWriter, _ *http.Request) bool {
			k := seen.last(t)
			post(t, "POST", k.url, strings.NewReplacer("ID", k.id, "PHONE", k.phone).Replace(body))
			return false
		}
		var o Options
		o, seen = tr.prepare(t)
		run := Run(t.Context(), o)
		require.Equal(t, result.Passed, run.Scenarios[0].Verdict)
		return run
	}
	before := says(`{"type":"phone.validated","object":{"id":"ID","status":"validated"}}`)
	for name, c := range map[string]struct {
		body    string
		changed bool
	}{
		"the same of another state": {`{"type":"phone.validated","object":{"id":"ID","status":"validated"}}`, false},
		"another type":              {`{"type":"validation.succeeded","object":{"id":"ID","status":"validated"}}`, true},
		"another status":            {`{"type":"phone.validated","object":{"id":"ID","status":"done"}}`, true},
		"another id":                {`{"type":"phone.validated","object":{"phone":"PHONE","status":"validated"}}`, true},
		"another shape":             {`{"type":"phone.validated","object":{"id":"ID","status":"validated","by":"sms"}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			found := drift.Compare(before, says(c.body))
			require.Equal(t, c.changed, found.Drifted())
			if c.changed {
				require.Equal(t, result.NewlyObserved, found.Groups[0].Kind)
				require.Equal(t, "PV-14", found.Groups[0].Changes[0].Places[0].Rule)
			}
		})
	}
}
