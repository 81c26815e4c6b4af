package runner

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
)

// embedded is what `run -e local` runs against: the reference provider on a loopback port, called as the embedded
// target is.
type embedded struct {
	server   *reference.Server
	features *features.Set
	base     Options // all but the plan
}

func newEmbedded(t testing.TB) *embedded {
	t.Helper()
	server := listening(t)
	const concurrency = 8
	client, err := transport.New(transport.Options{Concurrency: concurrency, Timeout: patience})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = receiver.Close() })
	set, problems := features.Load(nil)
	require.False(t, problems.HasErrors(), "%v", problems)
	secrets := &secret.Set{}
	states, problems := state.New([]env.States{{Pact: &env.Pact{URL: server.StatesURL}}}, state.Options{Target: client, Control: client, TargetURL: server.BaseURL, Secrets: secrets})
	require.False(t, problems.HasErrors(), "%v", problems)
	return &embedded{server, set, Options{
		Features: set, Checks: contract.New(loadSchemas(t)), Secrets: secrets, StopAfter: 5,
		Target: Target{Client: client, BaseURL: server.BaseURL, States: states, Webhook: receiver, Wait: patience, Concurrency: concurrency},
	}}
}

// plan selects scenarios and leaves only the first so many runs; 0: all.
func (e *embedded) plan(t testing.TB, selection plan.Selection, runs int) Options {
	t.Helper()
	o := e.base
	meanings, problems := plan.Match(e.features, vocabulary())
	require.False(t, problems.HasErrors(), "%v", problems)
	planned, problems := plan.Build(plan.Input{
		Environment: &env.Environment{Name: "local", Target: env.Target{Kind: env.TargetEmbedded}}, Features: e.features, Meanings: meanings, States: o.States, Selection: selection,
	})
	require.False(t, problems.HasErrors(), "%v", problems)
	if runs > 0 {
		require.GreaterOrEqual(t, len(planned.Scenarios), runs)
		planned.Keep(func(i int) bool { return i < runs })
	}
	o.Plan = planned
	return o
}

func TestAThousandScenariosLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("1,000 scenarios take seconds")
	}
	others := goleak.IgnoreCurrent()
	t.Run("run", func(t *testing.T) {
		o := newEmbedded(t).plan(t, plan.Selection{Repeat: 4}, 0)
		require.GreaterOrEqual(t, len(o.Plan.Scenarios), 1000)
		before := liveBytes() // no other test runs beside this one
		outcome := Run(t.Context(), o)
		require.Len(t, outcome.Scenarios, len(o.Plan.Scenarios))
		kept := 0
		for _, s := range outcome.Scenarios {
			require.Contains(t, []result.Verdict{result.Passed, result.Observed}, s.Verdict, "%s: %s", s.ID, s.Reason)
			if s.Repeat > 1 {
				kept += len(s.Exchanges)
			}
		}
		require.Zero(t, kept, "what was seen before is counted, not kept")
		require.Empty(t, outcome.Stopped)

		live := liveBytes() - before
		t.Logf("%d scenarios leave %d KiB", len(outcome.Scenarios), live>>10)
		require.Less(t, live, int64(12<<20), "4 KiB each, and the first repetition's exchanges")
		runtime.KeepAlive(outcome)
	})
	goleak.VerifyNone(t, others)
}

// liveBytes returns the bytes of memory in use, without garbage.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC() // what the first left in pools
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapAlloc)
}
