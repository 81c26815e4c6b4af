package proxy_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/proxy"
)

// echo starts a server that answers with the body of the request.
func echo(t testing.TB) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestBodiesOfAnySizeTakeBoundedMemory(t *testing.T) {
	address, told, stop := start(t, echo(t))
	const size = 32 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, io.LimitReader(zeros{}, size))
	require.NoError(t, err)
	answer, err := client(t).RoundTrip(r)
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.EqualValues(t, size, n)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	stop()
	require.Contains(t, told.exchanges[0].Failure.Message, "over 1 MiB")
	require.LessOrEqual(t, len(told.exchanges[0].Request.Body), exchange.MaxBody)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestASlowPassedDelaysNoTraffic(t *testing.T) {
	var wait sync.Mutex
	wait.Lock()
	told := 0
	address, seen, stop := start(t, echo(t), func(o *proxy.Options) {
		o.Passed = func(exchange.Exchange) {
			wait.Lock()
			defer wait.Unlock()
			told++
		}
	})
	transport := client(t)
	for range 1_100 {
		r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, bytes.NewReader([]byte("{}")))
		require.NoError(t, err)
		answer, err := transport.RoundTrip(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Equal(t, "{}", string(body))
	}
	wait.Unlock()
	stop()
	require.Equal(t, 1_100, told+int(seen.missed.Load()))
	require.GreaterOrEqual(t, told, 1_000)
	require.NotZero(t, seen.missed.Load())
}
