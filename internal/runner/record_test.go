package runner

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/steps"
)

// secretsOf is every OTP and token that a provider yielded, in the spellings that a report could show.
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
	// An answer that gives away everything that was sent, in every place that a record has.
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
				o.Ended = func(s result.Scenario) { live = append(live, s) }
			}}.run(t, t.Context())
			text, err := json.Marshal([]any{o, live})
			require.NoError(t, err)
			for _, s := range secretsOf(t, seen) {
				require.False(t, secret.Find(string(text), s), "%s is in the outcome", s)
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

func whole(r *run) func([]byte) string {
	return func(body []byte) string { return r.Secrets.RedactBody(body) }
}

func TestBodyIsRedactedBeforeItIsCut(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	r.Secrets.Add(spent.Token)
	for name, body := range map[string]string{
		"the secret across the cut": strings.Repeat("x", keptBody-10-1) + " " + spent.Token + strings.Repeat(" y", 100),
		"the secret after the cut":  strings.Repeat("x ", keptBody) + spent.Token,
		"the secret at the start":   spent.Token + strings.Repeat(" y", keptBody),
	} {
		t.Run(name, func(t *testing.T) {
			text, size := shownBody([]byte(body), whole(r), false)
			require.LessOrEqual(t, len(text), keptBody)
			require.Equal(t, len(body), size)
			for n := 8; n < len(spent.Token); n++ {
				require.NotContains(t, text, spent.Token[:n])
			}
		})
	}
}

func TestABodyOfWhichTheEndWasNotReadEndsInNoHalfOfASecret(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	r.Secrets.Add(spent.Token)
	body := []byte(strings.Repeat(spent.Token, 100) + spent.Token[:len(spent.Token)/2])
	text, size := shownBody(body, whole(r), true)
	require.NotContains(t, text, spent.Token[:8])
	require.Equal(t, len(body), size)
}

func TestAReasonAndAFailureAreCutAfterTheirSecretsAreGone(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	r.Secrets.Add(spent.Token)
	for before := range mostReason + 100 {
		quoted := strings.Repeat("x ", before/2) + spent.Token + spent.Token + " and more"
		reason := r.reason(&steps.Broken{Failure: exchange.Failure{Message: quoted}})
		require.NotContains(t, reason, spent.Token[:8], before)
		require.LessOrEqual(t, len(reason), mostReason+3)
		shown := r.exchange(exchange.Exchange{Purpose: exchange.SetUp, Failure: &exchange.Failure{Message: quoted}}, contract.Private{}, repeater{})
		require.NotContains(t, shown.Failure.Message, spent.Token[:8], before)
	}
}

func TestBodyIsShownWholeWhereItFits(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	for name, c := range map[string]struct{ body, shown string }{
		"empty":             {"", ""},
		"just short enough": {strings.Repeat("x", keptBody), strings.Repeat("x", keptBody)},
		"not UTF-8":         {"a\xff\xfeb", "a\ufffdb"},
		"NUL":               {"a\x00b", "a\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			text, size := shownBody([]byte(c.body), whole(r), false)
			require.Equal(t, c.shown, text)
			require.Zero(t, size)
		})
	}
}

func TestCutBodyIsStillText(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	for shift := range 4 {
		body := []byte(strings.Repeat("x", shift) + strings.Repeat("\U0001f600", keptBody))
		text, size := shownBody(body, whole(r), false)
		require.True(t, utf8.ValidString(text))
		require.Equal(t, shift+4*keptBody, size)
		require.NotContains(t, text, "\ufffd")
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

func TestWhatIsShownOfABodyLetsTheBodyGo(t *testing.T) {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var texts []string
	for range 200 {
		text, _ := shownBody(bytes.Repeat([]byte("0,"), exchange.MaxBody/2), whole(r), false)
		texts = append(texts, text)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Len(t, texts, 200)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(50<<20), "two hundred of a mebibyte are held")
	runtime.KeepAlive(texts)
}
