package steps

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anID           = "674de8df21c72be3cc42b8a7"
	aRegistration  = "674de8df21c72be3cc42b8a8"
	aToken         = "own-token-0123456789"
	otherToken1    = "other-token-0123456789"
	validatedReply = `{"data":{"_id":"` + anID + `","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
)

// seen is a call that the provider received.
type seen struct {
	method, uri, body string
	header            http.Header
}

// provider is a provider with a Pact handler, which answers as a test says.
type provider struct {
	mutex  sync.Mutex
	calls  []seen
	states []map[string]any // what the handler yields, in order; the last one again and again
	made   []string         // bodies that the handler got
	answer func(w http.ResponseWriter, r *http.Request, n int)
	url    string
}

func newProvider(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int)) *provider {
	t.Helper()
	p := &provider{answer: answer, states: []map[string]any{{
		"phone": "62647737", "countryCode": "+507", "otp": 123456, "wrongOtp": 654321, "token": aToken, "project": "p1", "projectFlow": "f1",
		"phoneGateway": "sms", "showFaceLivenessRecommendation": false, "validationId": anID, "appRegistrationId": aRegistration,
	}, {"phone": "60000001", "countryCode": "+507", "token": otherToken1}}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	server.Config.SetKeepAlivesEnabled(false) // a call that is lost is lost for good
	server.Start()
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *provider) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/_pact" {
		p.mutex.Lock()
		p.made = append(p.made, string(body))
		values := p.states[min(len(p.made), len(p.states))-1]
		p.mutex.Unlock()
		_ = json.NewEncoder(w).Encode(values)
		return
	}
	p.mutex.Lock()
	p.calls = append(p.calls, seen{r.Method, r.RequestURI, string(body), r.Header})
	n := len(p.calls)
	p.mutex.Unlock()
	w.Header().Set("Content-Type", "application/json")
	p.answer(w, r, n)
}

func (p *provider) got() []seen {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return append([]seen(nil), p.calls...)
}

// newWorld returns the world of a scenario with the needs of these steps.
func newWorld(t *testing.T, p *provider, texts ...string) *World {
	t.Helper()
	client, err := transport.New(transport.Options{Timeout: 20 * time.Second, Pause: func(ctx context.Context, _ int, _ time.Duration) error { return ctx.Err() }})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	secrets := &secret.Set{}
	maker, problems := state.New([]env.States{{Pact: &env.Pact{URL: p.url + "/_pact"}}}, state.Options{Target: client, Control: client, TargetURL: p.url, Secrets: secrets})
	require.Empty(t, problems)
	var needs []state.Request
	for _, text := range texts {
		if found, args := matching(text); len(found) == 1 && found[0].Cost != nil {
			needs = append(needs, found[0].Cost(args).Needs...)
		}
	}
	assignment, _, refusal := maker.Planner().Reserve(needs)
	require.Nil(t, refusal)
	session, err := maker.Begin(t.Context(), assignment, nil)
	require.NoError(t, err)
	w := &World{ID: "a.feature:1", Rule: "PV-01", Attempt: 1, Checks: builtInChecks(), Client: client, BaseURL: p.url, Session: session, Secrets: secrets}
	w.Start()
	return w
}

// do does steps until one returns an error.
func do(t *testing.T, w *World, texts ...string) error {
	t.Helper()
	for _, text := range texts {
		found, args := matching(text)
		require.Len(t, found, 1, text)
		if err := found[0].Do(t.Context(), w, args); err != nil {
			return err
		}
	}
	return nil
}

func reply(status int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// replies answers each call with the next reply.
func replies(all ...func(http.ResponseWriter, *http.Request, int)) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, n int) { all[min(n, len(all))-1](w, r, n) }
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }

func requireSkip(t *testing.T, err error, reason string) {
	t.Helper()
	var skip *state.Skip
	require.ErrorAs(t, err, &skip)
	require.Contains(t, skip.Reason, reason)
}

func TestAStateThatWasAskedToRecommendFaceLivenessIsTakenToDoSo(t *testing.T) {
	const text = "there is a pending phone validation with face liveness recommended"
	for _, yielded := range []any{nil, true} { // states "verifik" does not learn it
		p := newProvider(t, nil)
		p.states[0][providerstate.FaceLiveness] = yielded
		w := newWorld(t, p, text)
		require.NoError(t, do(t, w, text))
		require.NotNil(t, w.Private().Liveness)
		require.True(t, *w.Private().Liveness)
	}
}
