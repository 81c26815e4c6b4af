package transport_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// recording is a server that keeps the requests it gets.
type recording struct {
	*httptest.Server
	mutex    sync.Mutex
	requests []*http.Request
	bodies   []string
}

func newRecording(t testing.TB) *recording {
	r := &recording{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.requests, r.bodies = append(r.requests, request), append(r.bodies, string(body))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *recording) last() (*http.Request, string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.requests[len(r.requests)-1], r.bodies[len(r.bodies)-1]
}

func TestACallIsSentAsItIsRecorded(t *testing.T) {
	server := newRecording(t)
	client := newClient(t, transport.Options{UserAgent: "verifik-contract/1.2.3", Headers: map[string]string{"X-Env": "staging"}})
	before := time.Now()
	e := client.Do(t.Context(), put(server.URL+"/prefix/v2/phone-validations?a=b%20c"))
	require.Nil(t, e.Failure)
	request, body := server.last()
	require.Equal(t, "PUT", request.Method)
	require.Equal(t, "/prefix/v2/phone-validations?a=b%20c", request.RequestURI)
	require.Equal(t, `{"phone":"62647737"}`, body)
	require.Equal(t, int64(20), request.ContentLength)
	require.Equal(t, exchange.Judged, e.Purpose)
	require.Equal(t, "validate", e.Label)
	require.Equal(t, server.URL+"/prefix/v2/phone-validations?a=b%20c", e.Request.URL)
	require.Equal(t, "PUT", e.Request.Method)
	require.Equal(t, body, string(e.Request.Body))
	require.False(t, e.Started.Before(before))
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer token", "User-Agent": "verifik-contract/1.2.3",
		"X-Env": "staging", "Accept-Encoding": "gzip", "Traceparent": "00-" + e.TraceID + "-",
	} {
		require.True(t, strings.HasPrefix(request.Header.Get(name), value), "%s: %s", name, request.Header.Get(name))
		require.Equal(t, request.Header.Get(name), e.Request.Header.Get(name))
	}
	require.Regexp(t, `^00-[0-9a-f]{32}-[0-9a-f]{16}-01$`, request.Header.Get("Traceparent"))
	delete(request.Header, "Content-Length")
	require.Len(t, request.Header, len(e.Request.Header), "nothing else is sent")
	require.NotEqual(t, e.TraceID, client.Do(t.Context(), put(server.URL)).TraceID)
}

func TestNoHeaderIsSentThatACallLeavesOut(t *testing.T) {
	server := newRecording(t)
	client := newClient(t, transport.Options{Headers: map[string]string{
		"authorization": "Bearer of the environment", "CONTENT-TYPE": "text/plain", "Host": "other.example.test", "x-env": "1", "traceparent": "mine",
	}})
	call := put(server.URL)
	call.Header = textproto.MIMEHeader{"X-Env": {"of the call"}}
	call.Body = nil
	e := client.Do(t.Context(), call)
	require.Nil(t, e.Failure)
	request, body := server.last()
	require.Empty(t, body)
	require.Empty(t, request.TransferEncoding)
	require.Zero(t, request.ContentLength)
	require.NotContains(t, request.Header, "Authorization")
	require.NotContains(t, request.Header, "Content-Type")
	require.Equal(t, "other.example.test", request.Host)
	require.Equal(t, []string{"1"}, request.Header.Values("X-Env"))
	require.NotEqual(t, "mine", request.Header.Get("Traceparent"))
	require.Equal(t, textproto.MIMEHeader{"X-Env": {"of the call"}}, call.Header, "the call itself is not changed")

	call = put(server.URL)
	e = client.Do(t.Context(), call)
	request, _ = server.last()
	require.Equal(t, "Bearer token", request.Header.Get("Authorization"))
	require.Equal(t, "application/json", request.Header.Get("Content-Type"))
	require.Nil(t, e.Failure)
}

func TestGETHasNoBody(t *testing.T) {
	server := newRecording(t)
	e := newClient(t, transport.Options{}).Do(t.Context(), transport.Call{Purpose: exchange.ReadBack, Method: "GET", URL: server.URL + "/x"})
	require.Nil(t, e.Failure)
	request, _ := server.last()
	require.Zero(t, request.ContentLength)
	require.Equal(t, "verifik-contract", request.UserAgent())
}

func TestAnInvalidCallFails(t *testing.T) {
	client := newClient(t, transport.Options{})
	for name, c := range map[string]struct {
		call transport.Call
		want string
	}{
		"no URL":       {put("::"), "not an absolute"},
		"no host":      {put("/v2"), "not an absolute"},
		"other scheme": {put("ftp://127.0.0.1/"), "not an absolute"},
		"bad method":   {transport.Call{Method: "PU T", URL: "http://127.0.0.1:1/"}, "invalid method"},
		"bad header":   {transport.Call{Method: "PUT", URL: "http://127.0.0.1:1/", Header: textproto.MIMEHeader{"Authorization": {"Bearer a\nsecret"}}}, "Authorization"},
	} {
		t.Run(name, func(t *testing.T) {
			e := client.Do(t.Context(), c.call)
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseInternal, e.Failure.Cause, e.Failure.Message)
			require.Contains(t, e.Failure.Message, c.want)
			require.NotContains(t, e.Failure.Message, "secret")
			require.False(t, e.Failure.Sent)
		})
	}
}

func TestAnUnreachableTargetFailsWithItsCause(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := listener.Addr().String()
	listener.Close()
	client := newClient(t, transport.Options{})
	for name, c := range map[string]struct {
		url   string
		cause exchange.Cause
		want  string
	}{
		"nobody listens":         {"http://" + closed, exchange.CauseRefused, "nobody listens on " + closed + ": connection refused"},
		"nobody listens, https":  {"https://" + closed, exchange.CauseRefused, "nobody listens on " + closed + ": connection refused"},
		"name does not resolve":  {"http://no..name/", exchange.CauseDNS, `the name "no..name" does not resolve`},
		"no address to reach it": {"http://[::ffff:255.255.255.255]:1/", exchange.CauseRefused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := client.Do(t.Context(), put(c.url))
			require.Equal(t, c.cause, e.Failure.Cause, e.Failure.Message)
			require.Contains(t, e.Failure.Message, c.want)
			require.False(t, e.Failure.Sent)
			require.Equal(t, e.Failure, client.Probe(t.Context(), c.url))
		})
	}
}

func TestProbeSendsNoRequest(t *testing.T) {
	var sent atomic.Int64
	seen := make(chan struct{})
	address := rawServer(t, func(conn net.Conn) {
		n, _ := io.Copy(io.Discard, conn)
		sent.Add(n)
		close(seen)
	})
	require.Nil(t, newClient(t, transport.Options{}).Probe(t.Context(), "http://"+address+"/prefix"))
	<-seen
	require.Zero(t, sent.Load())
	require.Equal(t, exchange.CauseInternal, newClient(t, transport.Options{}).Probe(t.Context(), "x").Cause)
}

func TestProbeIsBoundedAndCanBeInterrupted(t *testing.T) {
	address := rawServer(t, holdOpen)
	failure := newClient(t, transport.Options{Timeout: 30 * time.Millisecond}).Probe(t.Context(), "https://"+address)
	require.Equal(t, exchange.CauseTimeout, failure.Cause)
	require.Equal(t, "no connection was made within 30 ms", failure.Message)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, exchange.CauseInterrupted, newClient(t, transport.Options{}).Probe(ctx, "https://"+address).Cause)
}

func TestIPv6LoopbackIsReached(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback: ", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.NotFoundHandler()}}
	server.Start()
	t.Cleanup(server.Close)
	client := newClient(t, transport.Options{})
	require.Equal(t, 404, client.Do(t.Context(), put(server.URL)).Answer.Status)
	require.Nil(t, client.Probe(t.Context(), server.URL))
}

func TestTheRateLimitHoldsForAllCallsTogetherAndIsNotPartOfTheirDuration(t *testing.T) {
	server := newRecording(t)
	const gap = 20 * time.Millisecond
	client := newClient(t, transport.Options{Rate: float64(time.Second / gap)})
	start := time.Now()
	var group sync.WaitGroup
	exchanges := make([]exchange.Exchange, 6)
	for i := range exchanges {
		group.Go(func() { exchanges[i] = client.Do(t.Context(), put(server.URL)) })
	}
	group.Wait()
	require.GreaterOrEqual(t, time.Since(start), 5*gap)
	last := start
	for _, e := range exchanges {
		require.Nil(t, e.Failure)
		if e.Started.After(last) {
			last = e.Started
		}
	}
	require.GreaterOrEqual(t, last.Sub(start), 4*gap, "a call starts when its turn comes")

	slow := newClient(t, transport.Options{Rate: 0.001})
	require.Nil(t, slow.Do(t.Context(), put(server.URL)).Failure)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failure := slow.Do(ctx, put(server.URL)).Failure
	require.Equal(t, exchange.CauseInterrupted, failure.Cause)
	require.False(t, failure.Sent)
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.Equal(t, exchange.CauseTimeout, slow.Do(ctx, put(server.URL)).Failure.Cause)
}

func TestBadOptionsSayWhatToDo(t *testing.T) {
	ours := newAuthority(t)
	cert, key := ours.issue(t, "client", time.Now().Add(time.Hour))
	_, other := ours.issue(t, "client", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		options transport.Options
		want    string
	}{
		"proxy, no URL":    {transport.Options{Proxy: "proxy:3128"}, "proxy"},
		"proxy, no scheme": {transport.Options{Proxy: "//proxy:3128"}, "not an http, https or socks5 URL"},
		"proxy, ftp":       {transport.Options{Proxy: "ftp://proxy:3128"}, "not an http, https or socks5 URL"},
		"authority":        {transport.Options{CA: []byte("hello")}, "ca_file holds no certificate"},
		"key alone":        {transport.Options{ClientKey: key}, "set both"},
		"certificate":      {transport.Options{ClientCert: cert}, "set both"},
		"no pair":          {transport.Options{ClientCert: cert, ClientKey: other}, "not a matching pair"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transport.New(c.options)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "PRIVATE KEY")
		})
	}
}

func TestACallThatIsNotJudgedIsMadeAgainAfter429(t *testing.T) {
	for name, c := range map[string]struct {
		purpose exchange.Purpose
		once    bool
		answers []string // the Retry-After of each 429, before 200
		waits   []time.Duration
		status  int
		label   string
	}{
		"a read-back":           {exchange.ReadBack, false, []string{"7"}, []time.Duration{7 * time.Second}, 200, "read (try 2, after 429)"},
		"a set-up call, thrice": {exchange.SetUp, false, []string{"1", "2", "3"}, []time.Duration{1 * time.Second, 2 * time.Second, 3 * time.Second}, 200, "read (try 4, after 429)"},
		"more often":            {exchange.SetUp, false, []string{"9", "9", "9", "9"}, []time.Duration{9 * time.Second, 9 * time.Second, 9 * time.Second}, 429, "read (try 4, after 429)"},
		"longer than is waited": {exchange.SetUp, false, []string{"31"}, nil, 429, "read"},
		"a judged call":         {exchange.Judged, false, []string{"7"}, nil, 429, "read"},
		"one that polls":        {exchange.SetUp, true, []string{"7"}, nil, 429, "read"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if calls++; calls <= len(c.answers) {
					w.Header().Set("Retry-After", c.answers[calls-1])
					w.WriteHeader(http.StatusTooManyRequests)
				}
			}))
			defer server.Close()
			var waits []time.Duration
			client, err := transport.New(transport.Options{Pause: func(_ context.Context, _ int, d time.Duration) error { waits = append(waits, d); return nil }})
			require.NoError(t, err)
			defer client.Close()
			e := client.Do(t.Context(), transport.Call{Purpose: c.purpose, NoRetry: c.once, Label: "read", Method: "GET", URL: server.URL})
			require.Equal(t, c.status, e.Answer.Status)
			require.Equal(t, c.waits, waits)
			require.Equal(t, len(waits)+1, calls)
			require.Equal(t, c.label, e.Label)
		})
	}
}

func TestTheWaitAfter429EndsWithTheRun(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	client, err := transport.New(transport.Options{Pause: func(ctx context.Context, attempt int, asked time.Duration) error {
		require.Equal(t, 1, attempt)
		require.Zero(t, asked)
		cancel()
		return ctx.Err()
	}})
	require.NoError(t, err)
	defer client.Close()
	require.Equal(t, 429, client.Do(ctx, transport.Call{Purpose: exchange.SetUp, Method: "GET", URL: server.URL}).Answer.Status)
}

func TestAClientWithoutAPauseWaitsByItself(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, newClient(t, transport.Options{}).Pause(ctx, 1, time.Hour), context.Canceled, "it waits until the context ends")
}

func TestBackoffGrowsWithinBounds(t *testing.T) {
	first := map[time.Duration]bool{}
	for range 50 {
		first[transport.Backoff(1, 0)] = true
		for attempt := 1; attempt <= 12; attempt++ {
			d := transport.Backoff(attempt, 0)
			require.GreaterOrEqual(t, d, 100*time.Millisecond)
			require.LessOrEqual(t, d, 15*time.Second)
			require.Equal(t, time.Minute, transport.Backoff(attempt, time.Minute), "as long as is asked")
		}
		require.Less(t, transport.Backoff(1, 0), 500*time.Millisecond)
		require.Greater(t, transport.Backoff(8, time.Second), time.Second, "not only as long as is asked")
	}
	require.Greater(t, len(first), 1, "calls that failed together are not repeated together")
}
