package runner

import (
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/proxy"
	"verifik-contract/internal/result"
	recorded "verifik-contract/internal/traffic"
)

// proxied starts a proxy to an address, which finds nothing wrong with what passes.
func proxied(t *testing.T) func(address string) string {
	return func(address string) string {
		checks := contract.New(loadSchemas(t))
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		p := proxy.New(proxy.Options{
			Target: &url.URL{Scheme: "http", Host: address}, Timeout: long,
			Wanted: func(method, _ string) bool { return method == checks.Endpoint().Method }, LeftOut: func() {}, Missed: func(string) {},
			Passed: func(e exchange.Exchange) {
				if e.Answer != nil {
					recorded.Unpack(e.Answer)
				}
				if found := checks.Judge(e, contract.Known{}).Findings; len(found) > 0 {
					t.Errorf("%+v", found)
				}
			},
		})
		served := make(chan error, 1)
		go func() { served <- p.Serve(listener) }()
		t.Cleanup(func() {
			_ = listener.Close()
			p.Close()
			<-served
		})
		return listener.Addr().String()
	}
}

// A bad network before the proxy or behind it looks to the client as it does without one, and to the proxy never as a bad provider.
func TestABadNetworkAtEitherSideOfTheProxyIsPassedOn(t *testing.T) {
	if testing.Short() {
		t.Skip("timeouts of many runs")
	}
	for name, c := range map[string]struct {
		toxic   toxic
		timeout time.Duration
		exit    result.ExitCode
	}{
		"reset before an answer":            {toxic{"reset_peer", down, 1, map[string]int{"timeout": 0}}, long, result.ExitUnjudged},
		"reset when the request comes":      {toxic{"reset_peer", up, 1, map[string]int{"timeout": 0}}, long, result.ExitUnjudged},
		"latency":                           {toxic{"latency", down, 1, map[string]int{"latency": 5, "jitter": 5}}, long, result.ExitKept},
		"answers vanish, then the end":      {toxic{"timeout", down, 1, map[string]int{"timeout": 20}}, long, result.ExitUnjudged},
		"a few bytes at a time":             {toxic{"slicer", down, 1, map[string]int{"average_size": 3, "size_variation": 2, "delay": 10}}, long, result.ExitKept},
		"requests of a few bytes at a time": {toxic{"slicer", up, 1, map[string]int{"average_size": 3, "size_variation": 2, "delay": 10}}, long, result.ExitKept},
		"half open: answers vanish":         {toxic{"timeout", down, 1, map[string]int{"timeout": 0}}, short, result.ExitUnjudged},
		"cut in the head":                   {toxic{"limit_data", down, 1, map[string]int{"bytes": 60}}, long, result.ExitUnjudged},
		"cut in the body of the request":    {toxic{"limit_data", up, 1, map[string]int{"bytes": 200}}, long, result.ExitUnjudged},
	} {
		for where, between := range map[string]func(through func(string) string) (before, behind func(string) string){
			"between client and proxy": func(through func(string) string) (before, behind func(string) string) { return straight, through },
			"between proxy and target": func(through func(string) string) (before, behind func(string) string) { return through, straight },
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Parallel()
				before, behind := between(proxied(t))
				// What is only observed makes most of the calls, and a proxy passes on their bytes like any.
				run := certifyThrough(t, c.toxic, c.timeout, 0, plan.Selection{Level: "must"}, before, behind)
				expectJudgement(t, run, 0)
				require.Equal(t, c.exit, run.Exit)
			})
		}
	}
}
