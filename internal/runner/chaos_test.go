package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
)

// toxic is one thing that the proxy does to connections, as toxiproxy's own API spells it.
type toxic struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream"`
	Toxicity   float32        `json:"toxicity"` // to which share of the connections
	Attributes map[string]int `json:"attributes"`
}

const (
	up   = "upstream"
	down = "downstream"
)

// long is a timeout that only a machine that stands still exceeds; short is one that a hanging call exceeds soon.
const (
	long  = 20 * time.Second
	short = 60 * time.Millisecond
)

// TestBadNetworkNeverLooksLikeABadProvider puts a proxy between the tool and a faithful provider (Shopify's toxiproxy, which many
// use for this and which runs within a test) that delays, cuts, slices and swallows what passes.
func TestBadNetworkNeverLooksLikeABadProvider(t *testing.T) {
	if testing.Short() {
		t.Skip("timeouts of many runs")
	}
	for name, c := range map[string]struct {
		toxic   toxic
		timeout time.Duration
		broken  bool // every call is lost: nothing can be judged
		kept    bool // nothing is lost: everything passes
	}{
		"reset before an answer":            {toxic{"reset_peer", down, 1, map[string]int{"timeout": 0}}, long, true, false},
		"reset when the request comes":      {toxic{"reset_peer", up, 1, map[string]int{"timeout": 0}}, long, true, false},
		"reset now and then":                {toxic{"reset_peer", down, 0.3, map[string]int{"timeout": 0}}, long, false, false},
		"latency within the timeout":        {toxic{"latency", down, 1, map[string]int{"latency": 20, "jitter": 15}}, long, false, true},
		"latency of requests":               {toxic{"latency", up, 1, map[string]int{"latency": 20, "jitter": 15}}, long, false, true},
		"latency beyond the timeout":        {toxic{"latency", down, 1, map[string]int{"latency": 10000}}, short, true, false},
		"half open: answers vanish":         {toxic{"timeout", down, 1, map[string]int{"timeout": 0}}, short, true, false},
		"half open: requests vanish":        {toxic{"timeout", up, 1, map[string]int{"timeout": 0}}, short, true, false},
		"answers vanish, then the end":      {toxic{"timeout", down, 1, map[string]int{"timeout": 20}}, long, true, false},
		"half open now and then":            {toxic{"timeout", down, 0.3, map[string]int{"timeout": 20}}, long, false, false},
		"a few bytes at a time":             {toxic{"slicer", down, 1, map[string]int{"average_size": 3, "size_variation": 2, "delay": 10}}, long, false, true},
		"requests of a few bytes at a time": {toxic{"slicer", up, 1, map[string]int{"average_size": 3, "size_variation": 2, "delay": 10}}, long, false, true},
		"a few bytes a second":              {toxic{"bandwidth", down, 1, map[string]int{"rate": 1}}, short, true, false},
		"narrow, but enough":                {toxic{"bandwidth", down, 1, map[string]int{"rate": 8}}, long, false, true},
		"cut in the status line":            {toxic{"limit_data", down, 1, map[string]int{"bytes": 9}}, long, true, false},
		"cut in the header":                 {toxic{"limit_data", down, 1, map[string]int{"bytes": 60}}, long, true, false},
		"cut near the end of the header":    {toxic{"limit_data", down, 1, map[string]int{"bytes": 115}}, long, false, false},
		"cut in the body":                   {toxic{"limit_data", down, 1, map[string]int{"bytes": 150}}, long, false, false},
		"cut in the longer bodies":          {toxic{"limit_data", down, 1, map[string]int{"bytes": 200}}, long, false, false},
		"cut in the longest bodies":         {toxic{"limit_data", down, 1, map[string]int{"bytes": 260}}, long, false, false},
		"cut in the request":                {toxic{"limit_data", up, 1, map[string]int{"bytes": 200}}, long, true, false},
		"cut in the body of the request":    {toxic{"limit_data", up, 1, map[string]int{"bytes": 480}}, long, false, false},
	} {
		for _, retries := range []int{0, 2} {
			if c.kept && retries > 0 || c.broken && retries == 0 && c.timeout != short { // nothing is tried again where nothing is lost; an end that is seen once is in the first of three attempts
				continue
			}
			t.Run(fmt.Sprintf("%s, %d retries", name, retries), func(t *testing.T) {
				t.Parallel()
				run := certify(t, c.toxic, c.timeout, retries)
				expectJudgement(t, run, retries)
				counts := map[result.Verdict]int{}
				for _, s := range run.Scenarios {
					counts[s.Verdict]++
				}
				t.Log(counts)
				switch {
				case c.broken:
					require.Equal(t, result.ExitUnjudged, run.Exit)
				case c.kept:
					require.Equal(t, result.ExitKept, run.Exit)
				}
				for _, s := range run.Scenarios {
					require.False(t, c.kept && s.Verdict == result.Broken, "%s: %s", s.Name, s.Reason)
					require.False(t, c.broken && s.Verdict == result.Passed, s.Name)
				}
			})
		}
	}
}

// expectJudgement expects that nothing is taken for a breach, and that the exit code follows.
func expectJudgement(t *testing.T, run *result.Run, retries int) {
	t.Helper()
	exit, ran := result.ExitKept, false
	for _, s := range run.Scenarios {
		require.Contains(t, []result.Verdict{result.Passed, result.Observed, result.Skipped, result.Broken}, s.Verdict, "%s: %s", s.Name, s.Reason)
		require.Empty(t, s.Findings, s.Name)
		require.False(t, s.Flaky && (retries == 0 || s.Verdict != result.Passed), s.Name)
		ran = ran || s.Verdict != result.Skipped
		if s.Verdict == result.Broken {
			require.NotEmpty(t, s.Cause, s.Name)
			require.NotContains(t, []string{"internal", "state", "interrupted"}, s.Cause, "%s: %s", s.Name, s.Reason)
			if run.Stopped == "" { // else the target was found away before anything was sent, as where a connection takes longer than the timeout
				require.NotEqual(t, result.Observe, s.Level, "that no answer came is the observation")
				require.Equal(t, retries+1, s.Attempts, s.Name)
			}
			exit = result.ExitUnjudged
		}
	}
	if !ran {
		exit = result.ExitUnjudged
	}
	for _, r := range run.Rules {
		require.NotEqual(t, result.Failed, r.Verdict, "%s: %s", r.ID, r.Reason)
		require.Zero(t, r.Breaches, r.ID)
	}
	require.Equal(t, exit, run.Exit)
}

// declared returns the shipped features, and what their steps mean, which nobody changes: to load them for each test would be most
// of what it costs.
var declared = sync.OnceValues(func() (*features.Set, [][]plan.Meaning) {
	set, problems := features.Load(nil)
	meanings, unmatched := plan.Match(set, vocabulary())
	if problems = append(problems, unmatched...); problems.HasErrors() {
		panic(problems)
	}
	return set, meanings
})

// certify runs one scenario of each rule against a faithful provider behind a bad network. Its states are made
// directly.
func certify(t *testing.T, bad toxic, timeout time.Duration, retries int) *result.Run {
	t.Helper()
	return certifyThrough(t, bad, timeout, retries, plan.Selection{}, straight, straight)
}

// straight puts nothing between.
func straight(address string) string { return address }

// certifyThrough does so for a selection, with something before the bad network, or behind it.
func certifyThrough(t *testing.T, bad toxic, timeout time.Duration, retries int, selection plan.Selection, before, behind func(address string) string) *result.Run {
	t.Helper()
	server := listening(t)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), t.Name(), "127.0.0.1:0", behind(strings.TrimPrefix(server.BaseURL, "http://")))
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	text, err := json.Marshal(bad)
	require.NoError(t, err)
	_, err = proxy.Toxics.AddToxicJson(strings.NewReader(string(text)))
	require.NoError(t, err)

	client, err := transport.New(transport.Options{Timeout: timeout, Concurrency: 8, Pause: func(ctx context.Context, _ int, asked time.Duration) error { return transport.Wait(ctx, asked) }})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	control, err := transport.New(transport.Options{Timeout: long, Concurrency: 8})
	require.NoError(t, err)
	t.Cleanup(control.Close)
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = receiver.Close() })

	set, meanings := declared()
	secrets := &secret.Set{}
	target := "http://" + before(proxy.Listen)
	states, problems := state.New([]env.States{{Pact: &env.Pact{URL: server.StatesURL}}}, state.Options{Target: client, Control: control, TargetURL: target, Secrets: secrets})
	require.False(t, problems.HasErrors(), "%v", problems)
	planned, problems := plan.Build(plan.Input{Environment: &env.Environment{Name: "chaos", Target: env.Target{Kind: env.TargetEmbedded, Retries: retries}}, Features: set, Meanings: meanings, States: states, Selection: selection})
	require.False(t, problems.HasErrors(), "%v", problems)
	kept := map[string]bool{}
	planned.Keep(func(i int) bool {
		rule := planned.Scenarios[i].Rule
		defer func() { kept[rule] = true }()
		return !kept[rule]
	})
	return Run(t.Context(), Options{
		Plan: planned, Features: set, Checks: contract.New(loadSchemas(t)), Secrets: secrets, FailuresOnly: true,
		Target: Target{Client: client, BaseURL: target, States: states, Webhook: receiver, Wait: long, Concurrency: 8},
	})
}
