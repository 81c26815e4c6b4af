package state_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// world is the reference provider with a clock that only waiting advances.
type world struct {
	url    string
	client *transport.Client
	mutex  sync.Mutex
	now    time.Time
}

func (w *world) Now() time.Time {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.now
}

func (w *world) Wait(ctx context.Context, d time.Duration) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.now = w.now.Add(d)
	return ctx.Err()
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
	provider, err := reference.New(reference.Options{Now: w.Now, ClientToken: "client.token"})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		answer.Header().Set("Date", w.Now().Format(http.TimeFormat))
		provider.Handler().ServeHTTP(answer, r)
	}))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, provider.Close())
	})
	w.url = server.URL
	w.client, err = transport.New(transport.Options{Concurrency: 4})
	require.NoError(t, err)
	t.Cleanup(w.client.Close)
	return w
}

func (w *world) maker(t testing.TB, states env.States) *state.Maker {
	t.Helper()
	m, problems := state.New([]env.States{states}, state.Options{
		Target: w.client, Control: w.client, TargetURL: w.url, Secrets: &secret.Set{}, Now: w.Now, Wait: w.Wait,
	})
	require.Empty(t, problems)
	return m
}

func (w *world) pact() env.States {
	return env.States{Pact: &env.Pact{URL: w.url + "/_pact/provider-states", Teardown: true}}
}

func (w *world) verifik() env.States {
	return env.States{Verifik: &env.Verifik{
		ClientToken: "client.token", Project: reference.Project, ProjectFlow: reference.Flow,
		LivenessProjectFlow: reference.LivenessFlow, Expiry: env.ExpiryExpiresAt,
		Phones: []env.Phone{{CountryCode: "+507", Number: "62647737"}, {CountryCode: "+1", Number: "2025550123"}},
		OTP: env.OTP{
			Kind: env.OTPHTTP, URL: w.url + "/_inbox?countryCode={countryCode}&phone={phone}", Field: "otp",
			Every: time.Second, For: time.Minute,
		},
	}}
}

// put makes the call under test with an OTP.
func (w *world) put(t testing.TB, values providerstate.Values, otp string) (status int, body string) {
	t.Helper()
	exchange := w.client.Do(t.Context(), transport.Call{
		Purpose: exchange.Judged, Method: "PUT", URL: w.url + "/v2/phone-validations",
		Header: map[string][]string{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + values.Token}},
		Body:   fmt.Appendf(nil, `{"phone":%q,"countryCode":%q,"otp":%s}`, values.Phone, values.CountryCode, otp),
	})
	require.Nil(t, exchange.Failure)
	return exchange.Answer.Status, string(exchange.Answer.Body)
}

func TestStatesOfTheReferenceProvider(t *testing.T) {
	for name, c := range map[string]struct {
		asked    state.Request
		hook     bool
		otp      func(providerstate.Values) string
		status   int
		contains string
	}{
		"pending, the right OTP":   {state.Request{Name: providerstate.Pending}, false, right, 200, `"validated"`},
		"pending, a wrong OTP":     {state.Request{Name: providerstate.Pending}, false, wrong, 403, "otp_does_not_match"},
		"pending in a country":     {state.Request{Name: providerstate.Pending, CountryCode: "+1"}, false, right, 200, `"+1"`},
		"pending by a gateway":     {state.Request{Name: providerstate.Pending, PhoneGateway: "whatsapp"}, false, right, 200, ""},
		"expired":                  {state.Request{Name: providerstate.Expired}, false, right, 412, "phoneValidation_has_expired"},
		"none":                     {state.Request{Name: providerstate.None}, false, anOTP, 404, "phone_validation_not_found"},
		"face liveness":            {state.Request{Name: providerstate.Liveness}, false, right, 200, `"showFaceLivenessRecommendation":true`},
		"a webhook, the right OTP": {state.Request{Name: providerstate.Webhook}, true, right, 200, ""},
	} {
		for source, states := range map[string]func(*world) env.States{"pact": (*world).pact, "verifik": (*world).verifik} {
			t.Run(source+": "+name, func(t *testing.T) {
				w := newWorld(t)
				hook, deliveries := "", make(chan string, 8)
				if c.hook {
					receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
						var body struct{ Type string }
						_ = json.NewDecoder(r.Body).Decode(&body)
						deliveries <- body.Type
					}))
					t.Cleanup(receiver.Close)
					hook = receiver.URL + "/hook"
				}
				m, needs := w.maker(t, states(w)), []state.Request{c.asked}
				assignment, _, refusal := m.Planner().Reserve(needs)
				require.Nil(t, refusal)
				session, err := m.Begin(t.Context(), assignment, nil)
				require.NoError(t, err)
				for attempt := range 2 { // the second after a reset, as a retry does
					values, err := session.Make(t.Context(), 0, hook)
					require.NoError(t, err)
					status, body := w.put(t, values, c.otp(values))
					require.Equal(t, c.status, status, "attempt %d: %s", attempt, body)
					require.Contains(t, body, c.contains)
					if c.asked.Name != providerstate.None {
						require.NotEmpty(t, values.ValidationID)
					}
					require.NotEmpty(t, values.AppRegistrationID)
					if c.hook {
						types := []string{<-deliveries, <-deliveries}
						require.Contains(t, strings.Join(types, " "), "validated")
					}
					require.NoError(t, session.Reset(t.Context()))
				}
				require.NoError(t, session.End(t.Context()))
			})
		}
	}
}

func right(v providerstate.Values) string { return v.OTP }
func wrong(v providerstate.Values) string { return v.WrongOTP }
func anOTP(providerstate.Values) string   { return "123456" }

func TestReferenceProviderDeliversByOneGateway(t *testing.T) {
	w := newWorld(t)
	m, needs := w.maker(t, w.verifik()), []state.Request{{Name: providerstate.Pending, PhoneGateway: "sms"}}
	assignment, _, refusal := m.Planner().Reserve(needs)
	require.Nil(t, refusal)
	session, err := m.Begin(t.Context(), assignment, nil)
	require.NoError(t, err)
	_, err = session.Make(t.Context(), 0, "")
	require.ErrorAs(t, err, new(*state.Skip))
	require.NoError(t, session.End(t.Context()))
}

func TestManyScenariosShareAPool(t *testing.T) {
	w := newWorld(t)
	m := w.maker(t, w.verifik())
	planner := m.Planner()
	wants := [][]state.Request{
		{{Name: providerstate.Pending}},
		{{Name: providerstate.Pending}, {Name: providerstate.None}},
		{{Name: providerstate.Expired, CountryCode: "+1"}},
		{{Name: providerstate.None, CountryCode: "+507"}},
	}
	var group sync.WaitGroup
	for i := range 60 {
		needs := wants[i%len(wants)]
		assignment, _, refusal := planner.Reserve(needs)
		require.Nil(t, refusal)
		group.Go(func() {
			session, err := m.Begin(t.Context(), assignment, nil)
			if err != nil {
				t.Error(err)
				return
			}
			for need := range needs {
				if _, err := session.Make(t.Context(), need, ""); err != nil {
					t.Error(err)
				}
			}
			if err := session.End(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
