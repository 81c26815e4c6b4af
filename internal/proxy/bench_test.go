//go:build unix

package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/proxy"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/traffic"
	"verifik-contract/schemas"
)

// judged makes a proxy judge the traffic, as the verb does.
func judged(t testing.TB) (*traffic.Traffic, func(*proxy.Options)) {
	set, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	checks := contract.New(set)
	stream := traffic.New(result.Run{Rules: []result.Rule{{ID: contract.RuleWrongOTP, Level: result.Must}}, Traffic: &result.Traffic{}}, &secret.Set{})
	return stream, func(o *proxy.Options) {
		o.Passed = func(e exchange.Exchange) {
			traffic.Unpack(e.Answer)
			stream.Add(e, checks.Judge(e, contract.Known{}), traffic.Place{ID: "x", Name: "x"})
		}
	}
}

// refusing starts a target that refuses OTPs as documented.
func refusing(t testing.TB) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func validate(t testing.TB, transport *http.Transport, base string) {
	r, err := http.NewRequestWithContext(t.Context(), "PUT", base+path, strings.NewReader(`{"phone":"62647737","countryCode":"+507","otp":123456}`))
	require.NoError(t, err)
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer a-token-of-some-length"}}
	answer, err := transport.RoundTrip(r)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	_ = answer.Body.Close()
}

func ways(b *testing.B) map[string]string {
	target := refusing(b)
	_, judge := judged(b)
	address, _, _ := start(b, target, judge)
	return map[string]string{"straight": target, "proxied": "http://" + address}
}

// BenchmarkRequest makes one request after another, and reports the CPU time of client, proxy, judgement and target together.
func BenchmarkRequest(b *testing.B) {
	for way, base := range ways(b) {
		b.Run(way, func(b *testing.B) {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			before := spent(b)
			for b.Loop() {
				validate(b, transport, base)
			}
			b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// BenchmarkAThousandASecond reports the median latency at a thousand requests a second.
func BenchmarkAThousandASecond(b *testing.B) {
	for way, base := range ways(b) {
		b.Run(way, func(b *testing.B) {
			transport := &http.Transport{MaxIdleConnsPerHost: 100}
			defer transport.CloseIdleConnections()
			var mutex sync.Mutex
			var took []time.Duration
			var running sync.WaitGroup
			ticks := time.NewTicker(time.Millisecond)
			defer ticks.Stop()
			for b.Loop() {
				<-ticks.C
				running.Go(func() {
					began := time.Now()
					validate(b, transport, base)
					mutex.Lock()
					defer mutex.Unlock()
					took = append(took, time.Since(began))
				})
			}
			running.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// spent returns the CPU time of this process.
func spent(t testing.TB) time.Duration {
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
