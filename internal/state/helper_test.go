package state

import (
	"cmp"
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
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/transport"
)

const (
	waitLimit = 30 * time.Second
	pollStep  = time.Millisecond
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t testing.TB) *transport.Client {
	t.Helper()
	client, err := transport.New(transport.Options{Timeout: waitLimit, Concurrency: 8, Pause: func(ctx context.Context, _ int, _ time.Duration) error { return ctx.Err() }})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

// fakeTime is a clock that only waiting advances.
type fakeTime struct {
	mutex  sync.Mutex
	now    time.Time
	waited time.Duration
}

func newFakeTime() *fakeTime {
	return &fakeTime{now: time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
}

func (f *fakeTime) Now() time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.now
}

func (f *fakeTime) Wait(ctx context.Context, d time.Duration) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.now = f.now.Add(d)
	f.waited += d
	return ctx.Err()
}

func (f *fakeTime) Waited() time.Duration {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.waited
}

// recorder keeps exchanges and checks that their secrets were known before they were recorded.
type recorder struct {
	secrets   *secret.Set
	mutex     sync.Mutex
	exchanges []exchange.Exchange
	redacted  []string // the answers as they can be shown at that moment
}

func (r *recorder) record(exchange exchange.Exchange) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.exchanges = append(r.exchanges, exchange)
	shown := ""
	if exchange.Answer != nil {
		shown = r.secrets.Redact(string(exchange.Answer.Body))
	}
	r.redacted = append(r.redacted, shown)
}

func (r *recorder) labels() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	labels := make([]string, len(r.exchanges))
	for i, exchange := range r.exchanges {
		labels[i] = exchange.Label
	}
	return labels
}

// makeAll plans and makes the states of one scenario.
func makeAll(t testing.TB, m *Maker, record func(exchange.Exchange), webhookURL string, needs ...Request) ([]providerstate.Values, error) {
	t.Helper()
	assignment, _, refusal := m.Planner().Reserve(needs)
	require.Nil(t, refusal)
	session, err := m.Begin(t.Context(), assignment, record)
	require.NoError(t, err)
	defer func() { require.NoError(t, session.End(context.WithoutCancel(t.Context()))) }()
	all := make([]providerstate.Values, len(needs))
	for i := range needs {
		if all[i], err = session.Make(t.Context(), i, webhookURL); err != nil {
			return all, err
		}
	}
	return all, nil
}

// call is a call that a test server received.
type call struct {
	Method, Path string
	Query        map[string][]string
	Header       http.Header
	Body         map[string]any
}

// listen starts a server that keeps the calls that it receives.
func listen(t testing.TB, answer func(w http.ResponseWriter, c call)) (string, func() []call) {
	t.Helper()
	var (
		mutex sync.Mutex
		calls []call
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header}
		if body, _ := io.ReadAll(r.Body); len(body) > 0 {
			if err := json.Unmarshal(body, &c.Body); err != nil {
				t.Errorf("the call's body is no JSON object: %s", body)
			}
		}
		mutex.Lock()
		calls = append(calls, c)
		mutex.Unlock()
		answer(w, c)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []call {
		mutex.Lock()
		defer mutex.Unlock()
		return append([]call(nil), calls...)
	}
}

func pactStates(url string) env.States {
	return env.States{Pact: &env.Pact{URL: url}}
}

func staticStates(data string) env.States {
	return env.States{Static: &env.Static{Content: env.Content{File: "some/fixtures.json", Data: []byte(data)}}}
}

func newMaker(t testing.TB, o Options, sources ...env.States) *Maker {
	t.Helper()
	o.Secrets = cmp.Or(o.Secrets, &secret.Set{})
	m, problems := New(sources, o)
	require.Empty(t, problems)
	return m
}
