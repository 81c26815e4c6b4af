package runner

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
	"verifik-contract/steps"
)

// The server closes reused connections at the worst moment, when it has got a request, and has processed some of these. That is
// nobody's fault, and no PUT is sent twice with one state.
func TestIdleConnectionsThatAreClosedBreakNoScenario(t *testing.T) {
	many := 300
	if testing.Short() {
		many = 40
	}
	var used, closed atomic.Int32
	worst := func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		if served(r) > 0 && used.Add(1)%2 == 0 {
			closed.Add(1)
			lose()
		}
		return false
	}
	for name, c := range map[string]struct {
		trial
		runs int
	}{
		"a promise":      {trial{feature: rule("@PV-01 @must", rightOTP("the right OTP"))}, many},
		"what is silent": {trial{feature: rule("@PV-30 @observe", observed("the right OTP"))}, 40},
		"a teardown":     {trial{feature: rule("@PV-01 @must", rightOTP("the right OTP")), pact: env.Pact{Teardown: true}}, 40},
	} {
		t.Run(name, func(t *testing.T) {
			closed.Store(0)
			tr := c.trial
			tr.keeps, tr.put, tr.state, tr.selection.Repeat = true, worst, worst, c.runs
			o, seen := tr.run(t, t.Context())
			t.Logf("%d connections were closed", closed.Load())
			require.Greater(t, int(closed.Load()), c.runs/4)
			for _, s := range o.Scenarios {
				require.Contains(t, []result.Verdict{result.Passed, result.Observed}, s.Verdict, s.Reason)
				require.False(t, s.Flaky)
				require.Equal(t, 1, s.Attempts)
				require.Empty(t, s.Retried)
			}
			require.Empty(t, o.Warnings)
			tokens := map[string]bool{}
			for _, put := range seen.puts {
				require.False(t, tokens[put.Authorization], "a PUT was sent twice for the same state")
				tokens[put.Authorization] = true
			}
		})
	}
}

// A scenario whose request may have been processed starts again once; after that its failures count.
func TestAScenarioStartsAgainOnceIfAReusedConnectionIsLost(t *testing.T) {
	const wrong = "When the person types a wrong OTP"
	feature := rule("@PV-17 @should", scenarioOf("wrong, then right", "Given there is a pending phone validation", wrong, wrong, "When the person types the right OTP", "Then the phone is validated"))
	for name, c := range map[string]struct {
		lost     calls
		retries  int
		verdict  result.Verdict
		attempts int
		flaky    bool
		counted  []int // the attempts of the PUTs
	}{
		"once":                              {calls{2: lost}, 0, result.Passed, 1, false, []int{0, 0, 1, 1, 1}},
		"on the fresh connection too":       {calls{2: lost, 3: lost}, 0, result.Broken, 1, false, []int{0, 0, 1}},
		"and once more, which counts":       {calls{2: lost, 4: lost}, 1, result.Passed, 2, true, []int{0, 0, 1, 1, 2, 2, 2}},
		"after an attempt that counts":      {calls{1: lost, 3: lost}, 1, result.Broken, 2, false, []int{1, 2, 2}},
		"the first request of a connection": {calls{1: lost}, 0, result.Broken, 1, false, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			o, seen := trial{feature: feature, keeps: true, retries: c.retries, put: on(c.lost)}.run(t, t.Context())
			s := o.Scenarios[0]
			require.Equal(t, c.verdict, s.Verdict, s.Reason)
			require.Equal(t, c.attempts, s.Attempts)
			require.Equal(t, c.flaky, s.Flaky)
			require.Len(t, s.Retried, c.attempts-1)
			var counted []int
			for _, e := range judged(s) {
				counted = append(counted, e.Attempt)
			}
			require.Equal(t, c.counted, counted)
			require.Len(t, seen.puts, len(counted))
		})
	}
}

// A scenario that cannot start again has only the attempt that does not count.
func TestAnAttemptThatLostAReusedConnectionDoesNotCount(t *testing.T) {
	for _, c := range []struct{ attempt, stale, counted int }{{3, 0, 3}, {2, 1, 1}, {3, 2, 2}, {2, 2, 1}} {
		s := &scenario{world: &steps.World{Attempt: c.attempt}, stale: c.stale}
		require.Equal(t, c.counted, s.attempts())
	}
}

// A state that can be used up is not spent on what a server does with its connections.
func TestStatesThatCannotBeMadeAgainUseNewConnections(t *testing.T) {
	feature := rule("@PV-01 @must", rightOTP("the right OTP"))
	var used atomic.Int32
	count := func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		if served(r) > 0 {
			used.Add(1)
		}
		return false
	}
	for name, c := range map[string]struct {
		limit *int
		used  bool
	}{"no limit": {nil, true}, "OTP messages are limited": {new(40), false}} {
		t.Run(name, func(t *testing.T) {
			used.Store(0)
			o, _ := trial{feature: feature, keeps: true, put: count, state: count, selection: plan.Selection{Repeat: 20}, options: func(o *Options) { o.MaxMessages = c.limit }}.run(t, t.Context())
			require.Equal(t, result.Passed, o.Scenarios[19].Verdict)
			require.Equal(t, c.used, used.Load() > 0)
		})
	}
}
