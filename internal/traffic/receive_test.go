package traffic_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/traffic"
	"verifik-contract/schemas"
)

const right = `{"phone":"60000200","countryCode":"+507","otp":123456}`

// judging is a reference provider whose clients are judged. seen gets a value for each judged request.
func judging(t *testing.T) (clients *traffic.Clients, server *httptest.Server, seen chan []string) {
	t.Helper()
	set, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	var rules []result.Rule
	for i, id := range contract.ClientRules() {
		rules = append(rules, result.Rule{ID: id, Level: []result.Level{result.Must, result.Must, result.Must, result.Should, result.Must, result.Observe}[i]})
	}
	clients = traffic.NewClients(traffic.New(result.Run{Rules: rules, Traffic: &result.Traffic{Kind: result.Received}}, &secret.Set{}), contract.New(set))
	seen = make(chan []string, 100)
	provider, err := reference.New(reference.Options{FixedPhones: true, Wrap: func(p *reference.Provider, h http.Handler) http.Handler {
		return clients.Wrap(traffic.Provider{Handler: h, Endpoint: reference.Endpoint, Tokens: p.Tokens}, func(found []traffic.Found, _ int) {
			all := []string{}
			for _, f := range found {
				all = append(all, f.Rule)
			}
			seen <- all
		})
	}})
	require.NoError(t, err)
	server = httptest.NewUnstartedServer(provider.Handler())
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, provider.Close())
	})
	return clients, server, seen
}

func put(t *testing.T, client *http.Client, address, token, body string) (status int, answer string) {
	t.Helper()
	return send(t, client, http.MethodPut, address, token, body)
}

func send(t *testing.T, client *http.Client, method, address, token, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	got, err := client.Do(r)
	require.NoError(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got.StatusCode, string(text)
}

func TestRequestsAreJudgedAlikeHoweverTheyAreSent(t *testing.T) {
	_, server, seen := judging(t)
	head := "PUT /v2/phone-validations HTTP/1.1\r\nhost: a.test\r\nAUTHORIZATION: Bearer demo\r\ncontent-TYPE: application/json;charset=UTF-8\r\n"
	for name, request := range map[string]string{
		"small letters":  head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(right), right),
		"in chunks":      head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", right[:5], len(right)-5, right[5:]),
		"HTTP/1.0":       strings.Replace(head, "HTTP/1.1", "HTTP/1.0", 1) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(right), right),
		"two at a time":  strings.Repeat(head+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(right), right), 2),
		"with a pause":   head + fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(right), right),
		"absolute URI":   strings.Replace(head, "PUT ", "PUT http://a.test", 1) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(right), right),
		"without an end": head + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(right), right),
	} {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		_, err = io.WriteString(connection, request)
		require.NoError(t, err)
		reader := bufio.NewReader(connection)
		for range strings.Count(request, "PUT ") {
			answer, err := http.ReadResponse(reader, nil)
			require.NoError(t, err, name)
			if answer.StatusCode == http.StatusContinue {
				answer, err = http.ReadResponse(reader, nil)
				require.NoError(t, err, name)
			}
			_, err = io.Copy(io.Discard, answer.Body)
			require.NoError(t, err, name)
			require.Equal(t, 200, answer.StatusCode, name)
			require.Empty(t, <-seen, name)
		}
		require.NoError(t, connection.Close())
	}
	second := &http.Transport{Protocols: new(http.Protocols)}
	second.Protocols.SetUnencryptedHTTP2(true)
	defer second.CloseIdleConnections()
	status, _ := put(t, &http.Client{Transport: second}, server.URL+"/v2/phone-validations", "demo", right)
	require.Equal(t, 200, status)
	require.Empty(t, <-seen, "HTTP/2")
}

func TestTheRightTokenIsThatOfThePhonesRegistration(t *testing.T) {
	clients, server, seen := judging(t)
	state := func() (token, phone, code, otp string) {
		answer, err := http.Post(server.URL+"/_pact/provider-states", "application/json", strings.NewReader(`{"state":"a pending phone validation","action":"setup"}`))
		require.NoError(t, err)
		defer answer.Body.Close()
		var values map[string]any
		require.NoError(t, json.NewDecoder(answer.Body).Decode(&values))
		return fmt.Sprint(values["token"]), fmt.Sprint(values["phone"]), fmt.Sprint(values["countryCode"]), fmt.Sprint(values["otp"])
	}
	address := server.URL + "/v2/phone-validations"
	token, phone, code, otp := state()
	other, _, _, _ := state()
	body := fmt.Sprintf(`{"phone":%q,"countryCode":%q,"otp":%s}`, phone, code, otp)
	status, _ := put(t, server.Client(), address, other, body)
	require.NotEqual(t, 200, status)
	require.Equal(t, []string{contract.RuleOwnToken}, <-seen)
	put(t, server.Client(), address, "demo", body)
	require.Equal(t, []string{contract.RuleOwnToken}, <-seen)
	status, _ = put(t, server.Client(), address, token, body)
	require.Equal(t, 200, status)
	require.Empty(t, <-seen)
	put(t, server.Client(), address, "whoever", strings.Replace(body, phone, "5550000", 1))
	require.Empty(t, <-seen, "nothing is known of such a phone")
	run := clients.Result()
	require.Equal(t, 3, run.Rules[0].Judged)
	require.Equal(t, "2 of 3 requests", run.Rules[0].Reason)
	require.Equal(t, 2, run.Traffic.LeftOut, "the states")
	text := fmt.Sprintf("%+v", run)
	require.NotContains(t, text, token)
	require.NotContains(t, text, other)
	require.NotContains(t, text, otp)
}

func TestWhatAClientDoesAfterARefusalIsObserved(t *testing.T) {
	clients, server, seen := judging(t)
	address := server.URL + "/v2/phone-validations"
	for _, body := range []string{
		`{"phone":"60000403","countryCode":"+507","otp":111111}`, `{"phone":"6000 0403","countryCode":"+507","otp":222222}`,
		`{"phone":"60000412","countryCode":"+507","otp":111111}`,
		`{"phone":"60000429","countryCode":"+507","otp":111111}`, `{"phone":"60000429","countryCode":"+507","otp":111111}`,
	} {
		put(t, server.Client(), address, "demo", body)
		require.Empty(t, <-seen)
	}
	status, _ := send(t, server.Client(), http.MethodPost, server.URL+"/v2/app-registrations", "account", `{"project":"63fe7b9a21c72be3cc42b8f0","projectFlow":"63fe7b9a21c72be3cc42b8f2","phone":"60000412","countryCode":"+507"}`)
	require.Equal(t, 200, status)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(`{"phone":"60000000","countryCode":"+507","otp":111111}`))
	require.NoError(t, err)
	r.Header = http.Header{"Authorization": {"Bearer demo"}, "Content-Type": {"application/json"}}
	_, err = server.Client().Do(r) //nolint:bodyclose // there is none
	require.Error(t, err)
	require.Empty(t, <-seen)

	run := clients.Result()
	after := map[string]string{}
	for _, s := range run.Scenarios {
		require.Equal(t, contract.RuleAfterwards, s.Rule)
		after[s.ID] = s.Reason
	}
	require.Equal(t, map[string]string{
		"after 403 otp_does_not_match":          "another OTP (1), nothing more for the phone (1)",
		"after 412 phoneValidation_has_expired": "registered again (1)",
		"after 429 TooManyRequests":             "nothing more for the phone (1), the same again, before the 5 s that it was asked to wait were over (1)",
		"after no answer":                       "nothing more for the phone (1)",
	}, after)
	require.Equal(t, result.Observed, run.Rules[5].Verdict)
	require.Equal(t, result.ExitKept, run.Exit, "it is observed, never judged")
}

func TestHowSoonAClientRepeatsARequestIsReported(t *testing.T) {
	began := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		status int
		header textproto.MIMEHeader
		after  time.Duration // from the first request's beginning, which took a second
		way    string
	}{
		"a retry in a loop":           {403, nil, time.Second + time.Millisecond, "the same again within a second (1)"},
		"a person":                    {403, nil, 8 * time.Second, "the same again (1)"},
		"a double click":              {403, nil, time.Millisecond, "the same again before the answer came (1)"},
		"too soon":                    {429, textproto.MIMEHeader{"Retry-After": {"5"}}, 5 * time.Second, "the same again, before the 5 s that it was asked to wait were over (1)"},
		"as it was asked to":          {429, textproto.MIMEHeader{"Retry-After": {"5"}}, 6 * time.Second, "the same again (1)"},
		"a wait longer than any time": {503, textproto.MIMEHeader{"Retry-After": {"99999999999"}}, time.Hour, "before the"},
		"nothing was answered":        {0, nil, time.Millisecond, "the same again within a second (1)"},
	} {
		clients, _, _ := judging(t)
		e := exchange.Exchange{Started: began, Duration: time.Second, Request: exchange.Request{Method: "PUT", URL: "/v2/phone-validations", Body: []byte(right)}}
		if e.Answer = (&exchange.Answer{Status: test.status, Header: test.header}); test.status == 0 {
			e.Answer, e.Failure = nil, &exchange.Failure{Begun: true}
		}
		clients.Sent(e, contract.Sender{})
		e.Started = began.Add(test.after)
		e.Answer = &exchange.Answer{Status: 200}
		clients.Sent(e, contract.Sender{})
		run := clients.Result()
		require.Contains(t, run.Scenarios[len(run.Scenarios)-1].Reason, test.way, name)
	}
}

func TestRequestsThatNameNoPhoneAreOfNobody(t *testing.T) {
	clients, _, _ := judging(t)
	for range 2 {
		clients.Sent(exchange.Exchange{Request: exchange.Request{Method: "PUT", URL: "/v2/phone-validations", Body: []byte(`{}`)}, Answer: &exchange.Answer{Status: 409}}, contract.Sender{})
	}
	for _, s := range clients.Result().Scenarios {
		require.NotEqual(t, contract.RuleAfterwards, s.Rule, s.Reason)
	}
}

func TestAPhoneThatContainsItsCountryCodeIsRecognised(t *testing.T) {
	_, server, seen := judging(t)
	for phone, expected := range map[string][]string{
		"50760000200": {contract.RuleParameters}, "0050760000200": {contract.RuleParameters},
		"50761111111": {}, "507": {}, "60000200": {},
	} {
		put(t, server.Client(), server.URL+"/v2/phone-validations", "demo", strings.Replace(right, "60000200", phone, 1))
		require.Equal(t, expected, <-seen, phone)
	}
}

func TestAnswersAreNotChanged(t *testing.T) {
	if testing.Short() {
		t.Skip("bodies of 5 MB")
	}
	_, server, seen := judging(t)
	plain, err := reference.New(reference.Options{FixedPhones: true})
	require.NoError(t, err)
	defer plain.Close()
	other := httptest.NewServer(plain.Handler())
	defer other.Close()
	for _, path := range []string{"/v2/phone-validations", "/v2/phone-validations/", "//v2/phone-validations", "/"} {
		for _, body := range []string{right, "", "{", strings.Repeat(" ", 100<<10) + right, strings.Repeat("x", 5<<20)} {
			status, answer := put(t, server.Client(), server.URL+path, "demo", body)
			sameStatus, same := put(t, other.Client(), other.URL+path, "demo", body)
			require.Equal(t, sameStatus, status, path)
			require.Equal(t, same, answer, path)
		}
	}
	for len(seen) > 0 {
		<-seen
	}
	// A body that is too large to be judged is silent.
	put(t, server.Client(), server.URL+"/v2/phone-validations", "demo", strings.Repeat(" ", 100<<10)+right)
	require.Empty(t, <-seen)

	// A request that was broken off is silent.
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(connection, "PUT /v2/phone-validations HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, connection.Close())
	require.Empty(t, <-seen)
}

func TestOnlyWhatTheProviderReadsOfABodyIsRead(t *testing.T) {
	clients, server, _ := judging(t)
	for _, c := range []struct {
		method, path string
		size         int
		expect       string
		read         int
	}{
		{"PUT", "/elsewhere", 100, "", 100},
		{"PUT", "/elsewhere", 100, "100-continue", 0},
		{"PUT", "/elsewhere", 200_000, "", 0},
		{"POST", "/v2/phone-validations", 200_000, "", 0},
		{"GET", "/v2/app-registrations/1", 100, "", 0},
	} {
		body := strings.NewReader(strings.Repeat("x", c.size))
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, body)
		r.Header.Set("Expect", c.expect)
		server.Config.Handler.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, c.read, c.size-body.Len(), "%+v", c)
	}
	require.Equal(t, 1, clients.Result().Traffic.Exchanges, "the endpoint's path with another method")
}

func TestConcurrentClients(t *testing.T) {
	clients, server, _ := judging(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				put(t, server.Client(), server.URL+"/v2/phone-validations", "demo", strings.Replace(right, "123456", fmt.Sprintf("%q", "12345"+fmt.Sprint(i)), 1))
			}
		})
	}
	all.Wait()
	run := clients.Result()
	require.Equal(t, 40, run.Traffic.Exchanges)
	require.Equal(t, 40, run.Rules[2].Breaches)
	require.Len(t, run.Rules[2].Findings, 1, "one cause")
}
