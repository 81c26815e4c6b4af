package reference

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatesYieldTheirValues(t *testing.T) {
	pending := []string{"appRegistrationId", "countryCode", "otp", "phone", "phoneGateway", "project", "projectFlow", "showFaceLivenessRecommendation", "token", "validationId", "wrongOtp"}
	for state, names := range map[string][]string{
		StatePending:  pending,
		StateExpired:  pending,
		StateLiveness: pending,
		StateWebhook:  pending,
		StateNone:     {"appRegistrationId", "countryCode", "phone", "project", "projectFlow", "token"},
	} {
		t.Run(state, func(t *testing.T) {
			b := newBench(t, Options{})
			var params []string
			if state == StateWebhook {
				params = []string{"webhookUrl", "http://receiver.test/a"}
			}
			r := b.change(state, "setup", params...)
			require.Equal(t, http.StatusOK, r.status)
			var fields map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(r.body), &fields))
			var got []string
			for name := range fields {
				got = append(got, name)
			}
			slices.Sort(got)
			require.Equal(t, names, got)
			require.Regexp(t, `^"6\d{7}"$`, string(fields["phone"]))
			require.Equal(t, `"+507"`, string(fields["countryCode"]))
			require.Regexp(t, `^"[\w-]+\.[\w-]+\.[\w-]{43}"$`, string(fields["token"]))
			if state != StateNone {
				require.Regexp(t, `^[1-9]\d{5}$`, string(fields["otp"]))
				require.Regexp(t, `^[1-9]\d{5}$`, string(fields["wrongOtp"]))
				require.NotEqual(t, string(fields["otp"]), string(fields["wrongOtp"]))
				require.Regexp(t, `^"[0-9a-f]{24}"$`, string(fields["validationId"]))
			}
		})
	}
}

func TestStatesHaveAPhoneOfTheirOwn(t *testing.T) {
	b := newBench(t, Options{})
	seen := map[string]bool{}
	for i := range 2000 {
		v := b.state(t, StatePending, "countryCode", []string{"+1", "+57", "+507"}[i%3])
		require.False(t, seen[v.Phone])
		seen[v.Phone] = true
	}
}

func TestAStateThatCannotBeMadeIsRefusedWithAReason(t *testing.T) {
	b := newBench(t, Options{})
	for name, c := range map[string]struct {
		body, want string
	}{
		"unknown state":       {`{"state":"x","params":{},"action":"setup"}`, `unknown state "x"; the states are: ["a pending`},
		"unknown action":      {`{"state":"no phone validation","params":{},"action":"x"}`, `unknown action "x"`},
		"bad country code":    {`{"state":"no phone validation","params":{"countryCode":"507"},"action":"setup"}`, `params.countryCode is "507"`},
		"bad gateway":         {`{"state":"no phone validation","params":{"phoneGateway":"fax"},"action":"setup"}`, `params.phoneGateway is "fax"`},
		"bad webhook URL":     {`{"state":"no phone validation","params":{"webhookUrl":"/x"},"action":"setup"}`, `params.webhookUrl is "/x"`},
		"no webhook URL":      {`{"state":"a pending phone validation with a webhook","params":{},"action":"setup"}`, `needs params.webhookUrl`},
		"parameter no string": {`{"state":"no phone validation","params":{"countryCode":1},"action":"setup"}`, `params.countryCode is not a string`},
		"parameter misspelt":  {`{"state":"no phone validation","params":{"contryCode":"+57"},"action":"setup"}`, `unknown parameter params.contryCode; the parameters are countryCode, phoneGateway and webhookUrl`},
		"in another case":     {`{"state":"no phone validation","params":{"webhookURL":"http://a.test/"},"action":"teardown"}`, `unknown parameter params.webhookURL; the`},
		"parameter twice":     {`{"state":"no phone validation","params":{"countryCode":"+57","countryCode":"+1"},"action":"setup"}`, `params: `},
		"no parameters":       {`{"state":"no phone validation","params":["countryCode"],"action":"setup"}`, `params is not an object of strings`},
		"state no string":     {`{"state":5}`, `state is not a string`},
		"action no string":    {`{"state":"no phone validation","action":["setup"]}`, `action is not a string`},
		"no JSON":             {`state`, `body_is_not`},
		"null":                {`null`, `body_is_not`},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.call(http.MethodPost, statesPath, "", c.body)
			require.Equal(t, http.StatusBadRequest, r.status)
			var refusal struct{ Message string }
			require.NoError(t, json.Unmarshal([]byte(r.body), &refusal))
			require.Contains(t, refusal.Message, c.want)
		})
	}
}

func TestWhatElsePactSendsIsNotReadAsAParameter(t *testing.T) {
	b := newBench(t, Options{})
	for _, body := range []string{
		`{"state":"no phone validation","params":{"countryCode":"+57"},"action":"setup","consumer":"app"}`,
		`{"state":"no phone validation","params":{"countryCode":"+57","phoneGateway":"","webhookUrl":null}}`,
	} {
		r := b.call(http.MethodPost, statesPath, "", body)
		require.Equal(t, http.StatusOK, r.status, r.body)
		require.Contains(t, r.body, `"countryCode":"+57"`)
	}
	for _, body := range []string{`{"state":"no phone validation"}`, `{"state":"no phone validation","params":null}`, `{"state":"no phone validation","params":{}}`} {
		r := b.call(http.MethodPost, statesPath, "", body)
		require.Equal(t, http.StatusOK, r.status, r.body)
		require.Contains(t, r.body, `"countryCode":"+507"`)
	}
}

func TestALongSetUpCallIsRefused(t *testing.T) {
	b := newBench(t, Options{})
	for _, path := range []string{statesPath, "/v2/app-registrations"} {
		require.Equal(t, http.StatusRequestEntityTooLarge, b.call(http.MethodPost, path, "Bearer x", `{"email":"`+strings.Repeat("x", maxControlBody)+`"}`).status)
	}
}

func TestTheBodyOfACallWithoutAKnownTokenIsNotRead(t *testing.T) {
	b := newBench(t, Options{ClientToken: "client"})
	for _, call := range []string{
		"POST /v2/app-registrations", "POST /v2/phone-validations/app-registration", "GET /v2/app-registrations/0", "GET /v2/phone-validations/0",
	} {
		method, path, _ := strings.Cut(call, " ")
		sent := strings.NewReader(strings.Repeat("x", maxControlBody+1))
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, sent)
		r.Header.Set("Authorization", "Bearer stranger")
		b.Handler().ServeHTTP(w, r)
		require.Equal(t, http.StatusUnauthorized, w.Code, call)
		require.Equal(t, maxControlBody+1, sent.Len(), call)
	}
}

func TestTeardownRemovesTheRecordsOfTheState(t *testing.T) {
	b := newBench(t, Options{})
	kept := b.state(t, StatePending, "countryCode", "+1")
	first, second := b.state(t, StatePending), b.state(t, StatePending)
	require.Equal(t, http.StatusOK, b.change(StatePending, "teardown").status)
	require.Equal(t, http.StatusOK, b.put(first, first.OTP).status, "another set-up of the same state is still in use")
	require.Equal(t, http.StatusOK, b.change(StatePending, "teardown").status)
	require.Equal(t, http.StatusUnauthorized, b.put(second, second.OTP).status)
	require.Equal(t, http.StatusOK, b.put(kept, kept.OTP).status)
	require.Equal(t, http.StatusOK, b.change(StatePending, "teardown", "countryCode", "+1").status)
	require.Equal(t, http.StatusOK, b.change(StateNone, "teardown").status, "one that was never set up")
	requireEmpty(t, b.records)
}

func requireEmpty(t *testing.T, s *records) {
	t.Helper()
	for name, n := range map[string]int{
		"registrations": len(s.registrations), "tokens": len(s.tokens), "validations": len(s.validations),
		"phones": len(s.phones), "order": len(s.inOrder),
	} {
		require.Zero(t, n, name)
	}
}
