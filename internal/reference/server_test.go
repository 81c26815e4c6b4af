package reference

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestServerAnswersUntilItIsClosed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, err := New(Options{})
	require.NoError(t, err)
	s, err := Listen("127.0.0.1:0", p)
	require.NoError(t, err)
	require.Equal(t, s.BaseURL+"/_pact/provider-states", s.StatesURL)
	require.Equal(t, s.BaseURL+"/_inbox", s.InboxURL)

	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Post(s.StatesURL, "application/json", strings.NewReader(`{"state":"no phone validation","params":{},"action":"setup"}`))
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)

	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "twice is no harm")
	_, err = client.Get(s.BaseURL)
	require.Error(t, err)
	require.NoError(t, p.Close())
}

func TestListenOnATakenAddressIsAnError(t *testing.T) {
	p, err := New(Options{})
	require.NoError(t, err)
	s, err := Listen("127.0.0.1:0", p)
	require.NoError(t, err)
	defer s.Close()
	_, err = Listen(strings.TrimPrefix(s.BaseURL, "http://"), p)
	require.Error(t, err)
}

func TestHangEndsWhenTheCallerOrTheServerDoes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, err := New(Options{Fault: "hang"})
	require.NoError(t, err)
	for _, end := range []string{"caller", "server"} {
		s, err := Listen("127.0.0.1:0", p)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		held := make(chan struct{})
		arrive := p.behaviour.arrive
		p.behaviour.arrive = func(c *call) {
			close(held)
			arrive(c)
		}
		done := make(chan error)
		go func() {
			req, _ := http.NewRequestWithContext(ctx, http.MethodPut, s.BaseURL+endpointPath, strings.NewReader(`{}`))
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			_, err := client.Do(req)
			done <- err
		}()
		<-held
		if end == "caller" {
			cancel()
		} else {
			require.NoError(t, s.Close())
		}
		require.Error(t, <-done)
		cancel()
		require.NoError(t, s.Close())
		p.behaviour.arrive = arrive
	}
	require.NoError(t, p.Close())
}

func TestIncompleteAnswersAreIncompleteOnTheWire(t *testing.T) {
	for _, fault := range []string{"message-truncated", "last-chunk-missing", "closed-without-answer"} {
		t.Run(fault, func(t *testing.T) {
			b := newBench(t, Options{Fault: fault})
			b.overNetwork(t)
			v := b.state(t, StatePending)
			require.Error(t, b.put(v, v.OTP).err)
		})
	}
}

func TestHTTP2IsSpokenWithoutTLS(t *testing.T) {
	b := newBench(t, Options{Variants: []string{"http2"}})
	b.overNetwork(t)
	transport := b.client.Transport.(*http.Transport)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	v := b.state(t, StatePending)
	req, err := http.NewRequest(http.MethodPut, b.base+endpointPath, strings.NewReader(v.request(strconv.Itoa(v.OTP))))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+v.Token)
	resp, err := b.client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "HTTP/2.0 200", resp.Proto+" "+strconv.Itoa(resp.StatusCode))
}

func TestGzipIsUsedOnlyWhereItIsAccepted(t *testing.T) {
	b := newBench(t, Options{Variants: []string{"gzip"}})
	v := b.state(t, StateNone)
	r := b.call(http.MethodPut, endpointPath, "Bearer "+v.Token, `{}`, "Accept-Encoding", "gzip")
	require.Equal(t, "gzip", r.header.Get("Content-Encoding"))
	r = b.putBody(v, `{}`)
	require.Empty(t, r.header.Get("Content-Encoding"))
}
