package state

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/transport"
)

const pending = `{"phone":"62647737","countryCode":"+507","otp":123456,"token":"aaaa.bbbb"}`

func answering(status int, body string) func(http.ResponseWriter, call) {
	return func(w http.ResponseWriter, _ call) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestPactExchange(t *testing.T) {
	url, calls := listen(t, answering(201, pending))
	secrets := &secret.Set{}
	recorded := &recorder{secrets: secrets}
	source := pactStates(url + "/states")
	source.Pact.Headers = map[string]string{"x-key": "k"}
	m := newMaker(t, Options{Control: newClient(t), Secrets: secrets}, source)

	values, err := makeAll(t, m, recorded.record, "", Request{Name: providerstate.Pending})
	require.NoError(t, err)
	require.Equal(t, providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", WrongOTP: "234567", Token: "aaaa.bbbb"}, values[0])

	got := calls()
	require.Len(t, got, 1)
	require.Equal(t, "POST", got[0].Method)
	require.Equal(t, "/states", got[0].Path)
	require.Equal(t, "k", got[0].Header.Get("X-Key"))
	require.Equal(t, "application/json", got[0].Header.Get("Content-Type"))
	require.Equal(t, map[string]any{"state": string(providerstate.Pending), "params": map[string]any{}, "action": "setup"}, got[0].Body)
	require.Equal(t, []string{`set up "a pending phone validation"`}, recorded.labels())
	require.NotContains(t, recorded.redacted[0], "123456")
	require.NotContains(t, recorded.redacted[0], "aaaa.bbbb")
}

func TestPactParameters(t *testing.T) {
	url, calls := listen(t, answering(200, pending))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	_, err := makeAll(t, m, nil, "http://127.0.0.1:1/hook?a=1&b=2", Request{Name: providerstate.Webhook, CountryCode: "+507", PhoneGateway: "sms"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"countryCode": "+507", "phoneGateway": "sms", "webhookUrl": "http://127.0.0.1:1/hook?a=1&b=2"},
		calls()[0].Body["params"])
}

func TestPactWithoutWebhookAddressIsSkipped(t *testing.T) {
	url, calls := listen(t, answering(200, pending))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Webhook})
	require.ErrorAs(t, err, new(*Skip))
	require.Empty(t, calls())
}

func TestPactNotMade(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		body     string
		contains []string
	}{
		"an error":                    {500, "boom", []string{"answered 500", `"boom"`, `"without"`}},
		"an unknown state":            {404, "", []string{"answered 404", `"without"`}},
		"a redirect":                  {302, "", []string{"answered 302", "check the url"}},
		"no body":                     {204, "", []string{"the state yields no phone, no countryCode, no otp, no token"}},
		"text":                        {200, "OK", []string{"answered 200", "invalid JSON", `"OK"`}},
		"a list":                      {200, "[]", []string{"answered 200, but with no JSON object that holds the values: \"[]\""}},
		"a leading zero":              {200, `{"otp":"012345"}`, []string{"otp has a leading zero"}},
		"an escape sequence":          {500, "\x1b[2J\x00evil", []string{`"\x1b[2J\x00evil"`}},
		"secrets that it cannot read": {500, `{"token": "abcdefghijklmnopqrst", "otp": 987654, "x"`, []string{"[redacted]"}},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := listen(t, answering(c.status, c.body))
			m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
			_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
			var notMade *NotMade
			require.ErrorAs(t, err, &notMade)
			require.Equal(t, providerstate.Pending, notMade.State)
			for _, text := range c.contains {
				require.Contains(t, notMade.Reason, text)
			}
			for _, never := range []string{"\x1b", "012345", "987654", "abcdefghij"} {
				require.NotContains(t, notMade.Reason, never)
			}
		})
	}
}

func TestPactQuotesOnlyTheBeginningOfAnAnswer(t *testing.T) {
	url, _ := listen(t, answering(500, strings.Repeat("long ", 1000)))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
	require.ErrorContains(t, err, "long…")
	require.Less(t, len(err.Error()), 600)
}

func TestPactHandlerThatDoesNotAnswer(t *testing.T) {
	dropping, _ := listen(t, func(http.ResponseWriter, call) { panic(http.ErrAbortHandler) })
	hold := make(chan struct{})
	silent, _ := listen(t, func(http.ResponseWriter, call) { <-hold })
	t.Cleanup(func() { close(hold) })
	for name, c := range map[string]struct {
		url     string
		timeout time.Duration
		cause   exchange.Cause
	}{
		"nobody listens":           {"http://127.0.0.1:1/none", waitLimit, exchange.CauseRefused},
		"the connection is closed": {dropping, waitLimit, exchange.CauseLost},
		"it takes too long":        {silent, 50 * time.Millisecond, exchange.CauseTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := transport.New(transport.Options{Timeout: c.timeout, Concurrency: 1})
			require.NoError(t, err)
			t.Cleanup(client.Close)
			m := newMaker(t, Options{Control: client}, pactStates(c.url))
			_, err = makeAll(t, m, nil, "", Request{Name: providerstate.Pending, PhoneGateway: "sms"})
			var notMade *NotMade
			require.ErrorAs(t, err, &notMade)
			require.Contains(t, notMade.Reason, "the provider-state handler did not answer: ")
			require.Contains(t, notMade.Reason, `check the url of states "pact"`)
			require.NotContains(t, notMade.Reason, "without")
			require.NotContains(t, notMade.Reason, "phoneGateway")
			require.Equal(t, c.cause, notMade.Exchange.Failure.Cause)
		})
	}
}

func TestPactInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	hold := make(chan struct{}) // until the end: an answer that comes with the interruption could win
	url, _ := listen(t, func(http.ResponseWriter, call) {
		close(arrived)
		<-hold
	})
	t.Cleanup(func() { close(hold) })
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	needs := []Request{{Name: providerstate.Pending}}
	assignment, _, _ := m.Planner().Reserve(needs)
	session, err := m.Begin(ctx, assignment, nil)
	require.NoError(t, err)
	go func() { <-arrived; cancel() }()
	_, err = session.Make(ctx, 0, "")
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, session.End(ctx))
}

func TestPactTeardown(t *testing.T) {
	begin := func(t *testing.T, m *Maker, record *recorder, needs ...Request) *Session {
		assignment, _, refusal := m.Planner().Reserve(needs)
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), assignment, record.record)
		require.NoError(t, err)
		return session
	}
	actions := func(calls []call) string {
		var list []string
		for _, c := range calls {
			list = append(list, fmt.Sprint(c.Body["action"], " ", c.Body["state"]))
		}
		return strings.Join(list, "\n")
	}

	t.Run("each state is torn down once, the last first, with its own parameters", func(t *testing.T) {
		url, calls := listen(t, answering(200, pending))
		source := pactStates(url)
		source.Pact.Teardown = true
		m := newMaker(t, Options{Control: newClient(t)}, source)
		recorded := &recorder{secrets: &secret.Set{}}
		session := begin(t, m, recorded, Request{Name: providerstate.Pending, CountryCode: "+507"}, Request{Name: providerstate.None})
		for need := range 2 {
			_, err := session.Make(t.Context(), need, "http://hook")
			require.NoError(t, err)
		}
		require.NoError(t, session.Reset(t.Context()))
		_, err := session.Make(t.Context(), 0, "http://hook")
		require.NoError(t, err)
		require.NoError(t, session.End(t.Context()))
		require.Equal(t, strings.Join([]string{
			"setup " + string(providerstate.Pending), "setup " + string(providerstate.None), "teardown " + string(providerstate.None), "teardown " + string(providerstate.Pending),
			"setup " + string(providerstate.Pending), "teardown " + string(providerstate.Pending),
		}, "\n"), actions(calls()))
		require.Equal(t, calls()[0].Body["params"], calls()[3].Body["params"])
		require.Len(t, recorded.exchanges, 6)
	})

	t.Run("none unless it is asked for", func(t *testing.T) {
		url, calls := listen(t, answering(200, pending))
		_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, pactStates(url)), nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Len(t, calls(), 1)
	})

	t.Run("one that fails is recorded and no error", func(t *testing.T) {
		url, _ := listen(t, func(w http.ResponseWriter, c call) {
			if c.Body["action"] == "teardown" {
				w.WriteHeader(500)
				return
			}
			_, _ = w.Write([]byte(pending))
		})
		source := pactStates(url)
		source.Pact.Teardown = true
		recorded := &recorder{secrets: &secret.Set{}}
		_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, source), recorded.record, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, 500, recorded.exchanges[1].Answer.Status)
	})

	t.Run("a state that could not be made is not torn down", func(t *testing.T) {
		url, calls := listen(t, answering(500, ""))
		source := pactStates(url)
		source.Pact.Teardown = true
		_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, source), nil, "", Request{Name: providerstate.Pending})
		require.Error(t, err)
		require.Len(t, calls(), 1)
	})
}

func TestPactWithoutIsRefused(t *testing.T) {
	source := pactStates("http://127.0.0.1:1")
	source.Pact.Without = []string{string(providerstate.Webhook)}
	p := newMaker(t, Options{}, source).Planner()
	_, _, refusal := p.Reserve([]Request{{Name: providerstate.Webhook}})
	require.Contains(t, refusal.Reason, `needs "a pending phone validation with a webhook": states "pact" is declared without it`)
	require.Contains(t, refusal.Advice, `"without"`)
	_, cost, refusal := p.Reserve([]Request{{Name: providerstate.Pending}, {Name: providerstate.None}})
	require.Nil(t, refusal)
	require.Equal(t, Cost{Messages: 1, Possible: 1}, cost)
}
