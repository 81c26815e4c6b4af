package runner

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
)

// secretsOf returns every OTP and token of a provider's states, in the encodings that a report could show.
func secretsOf(t *testing.T, seen *traffic) []string {
	t.Helper()
	var all []string
	for _, values := range seen.yielded {
		for _, name := range []string{"otp", "token"} {
			if v := fmt.Sprint(values[name]); values[name] != nil {
				if number, ok := values[name].(float64); ok {
					v = fmt.Sprintf("%.0f", number)
				}
				all = append(all, v, base64.StdEncoding.EncodeToString([]byte(v)))
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestOutcomeHoldsNoSecret(t *testing.T) {
	var live []result.Scenario
	// An answer that leaks everything that was sent, in every place that is recorded.
	echo := func(_ int, w http.ResponseWriter, r *http.Request) bool {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		var sent struct{ OTP json.Number }
		decoder := json.NewDecoder(r.Body)
		decoder.UseNumber()
		_ = decoder.Decode(&sent)
		code, _ := json.Marshal("code " + sent.OTP.String() + " " + token)
		w.Header().Set("Set-Cookie", "session="+token)
		w.Header().Set("X-"+sent.OTP.String(), sent.OTP.String())
		return answer(w, 403, `{"code":`+string(code)+`,"otp":`+sent.OTP.String()+`,"message":"`+base64.StdEncoding.EncodeToString([]byte(token))+`"}`, "X-Debug", token)
	}
	feature := everyExchange() +
		rule("@PV-01 @must", rightOTP("one")) +
		rule("@PV-30 @observe", observed("two")) +
		rule("@PV-16 @must", refusedWithoutToken("three"),
			scenarioOf("four", "Given there is a pending phone validation", "And the request comes with an unknown token", "When the person types the right OTP", "Then the request is refused")) +
		rule("@PV-14 @must", scenarioOf("five", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	for name, put := range map[string]func(int, http.ResponseWriter, *http.Request) bool{"faithful": nil, "echoes": echo} {
		t.Run(name, func(t *testing.T) {
			live = nil
			o, seen := trial{feature: feature, put: put, options: func(o *Options) {
				o.Wait = 0
				o.Ended = func(s *result.Scenario) { live = append(live, *s) }
			}}.run(t, t.Context())
			text, err := json.Marshal([]any{o, live})
			require.NoError(t, err)
			drawn := regexp.MustCompile(`\b(?:[0-9a-f]{16}){1,2}\b|\b[0-9a-f]{24}\b`).ReplaceAllString(string(text), "") // ids, in which an OTP may stand by chance
			for _, s := range secretsOf(t, seen) {
				require.False(t, secret.Find(drawn, s), "%s is in the outcome", s)
			}
			require.Contains(t, string(text), secret.Redacted)
			require.Contains(t, string(text), "Bearer "+secret.Redacted, "whether it was a bearer is worth knowing")
			if put != nil {
				require.Positive(t, ruleOf(t, o, "PV-24").Breaches)
			}
		})
	}
}

func TestIdsAndPhonesOfAScenarioAreNotMangled(t *testing.T) {
	// The validation's id and the phone hold the OTP in their middle, by chance, as a whole run of digits.
	const yields = `{"phone":"734912","countryCode":"+507","otp":734912,"token":"a-made-up-token-of-a-test","validationId":"674de8df21c72be3cc42b8a7"}`
	o, _ := trial{feature: rule("@PV-01 @must", rightOTP("one")),
		state: func(_ int, w http.ResponseWriter, _ *http.Request) bool { return answer(w, 200, yields) },
		put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			return answer(w, 200, `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"sent","countryCode":"+507","phone":"734912","type":"onboarding","showFaceLivenessRecommendation":false}}`)
		}}.run(t, t.Context())
	s := o.Scenarios[0]
	require.Equal(t, result.Failed, s.Verdict)
	require.Contains(t, judged(s)[0].Answer.Body, "674de8df21c72be3cc42b8a7")
	require.NotContains(t, judged(s)[0].Request.Body, `"otp":734912`)
	require.Equal(t, `"sent"`, s.Findings[0].Actual)
}

const aToken = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.token_value-1"

func TestTextsAreCutAfterTheyAreRedacted(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	r.Secrets.Add(aToken)
	for before := range maxReason + 100 {
		quoted := strings.Repeat("x ", before/2) + aToken + aToken + " and more"
		reason := r.reason(&exchange.Failure{Message: quoted})
		require.NotContains(t, reason, aToken[:8], before)
		require.LessOrEqual(t, len(reason), maxReason+3)
		shown := record.Recorder{Secrets: r.Secrets}.Exchange(exchange.Exchange{Purpose: exchange.SetUp, Failure: &exchange.Failure{Message: quoted}})
		require.NotContains(t, shown.Failure.Message, aToken[:8], before)
	}
}

func TestLatencyIsThatOfAnsweredPUTsUnderContract(t *testing.T) {
	feature := rule("@PV-12 @must", scenarioOf("one", "Given there is a pending phone validation", "And the status of the validation can be read", "When the person types the right OTP", "Then the status of the validation is validated")) +
		rule("@PV-01 @must", rightOTP("two"), rightOTP("three")) +
		rule("@PV-30 @observe", observed("four"))
	o, _ := trial{feature: feature, put: on(calls{2: status(500), 3: lost})}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Passed, result.Failed, result.Broken, result.Observed}, verdicts(o))
	require.Equal(t, 2, o.Latency.Count, "read-backs, what was lost and what was observed say nothing of how long a person waits")
	require.Positive(t, o.Latency.P50)
}

func TestEveryExchangeOfAScenarioIsRecordedWithItsPurpose(t *testing.T) {
	feature := rule("@PV-12 @must", scenarioOf("one", "Given there is a pending phone validation", "And the status of the validation can be read", "When the person types the right OTP", "Then the status of the validation is validated"))
	o, _ := trial{feature: feature}.run(t, t.Context())
	var purposes []exchange.Purpose
	traces := map[string]bool{}
	for _, e := range o.Scenarios[0].Exchanges {
		purposes = append(purposes, e.Purpose)
		require.Len(t, e.TraceID, 32)
		traces[e.TraceID] = true
		require.NotNil(t, e.Answer)
		require.Equal(t, e.Purpose == exchange.SetUp, e.Curl == "", "set-up calls cannot be repeated by hand")
		require.Equal(t, "UTC", e.Started.Location().String())
	}
	require.Equal(t, []exchange.Purpose{exchange.SetUp, exchange.ReadBack, exchange.Judged, exchange.ReadBack}, purposes)
	require.Len(t, traces, 4)
}
