package merge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/merge"
	"verifik-contract/internal/result"
)

func merged(t *testing.T, latencies ...*result.Latency) *result.Run {
	t.Helper()
	runs := cut(len(latencies))
	for i := range runs {
		runs[i].Latency = latencies[i]
	}
	whole, err := merge.Merge(runs)
	require.NoError(t, err)
	return whole
}

func same(n int, took result.Millis) []result.Millis {
	all := make([]result.Millis, n)
	for i := range all {
		all[i] = took
	}
	return all
}

func TestAShardCountsByItsPutsNotByItsSamples(t *testing.T) {
	// 9,000 fast PUTs of which 1,000 samples are left, and 1,000 slow ones: one PUT in ten was slow, not one in two.
	whole := merged(t,
		&result.Latency{Count: 9000, P50: 10, P95: 10, Max: 12, Samples: same(1000, 10)},
		&result.Latency{Count: 1000, P50: 90, P95: 90, Max: 95, Samples: same(1000, 90)},
	).Latency
	require.Equal(t, 10000, whole.Count)
	require.Equal(t, result.Millis(10), whole.P50)
	require.Equal(t, result.Millis(90), whole.P95)
	require.Equal(t, result.Millis(95), whole.Max)
	require.Len(t, whole.Samples, 1000)
	slow := 0
	for _, s := range whole.Samples {
		if s == 90 {
			slow++
		}
	}
	require.InDelta(t, 100, slow, 2, "the samples that are kept show the same distribution")
}

func TestAShardWithoutAnswersDoesNotCount(t *testing.T) {
	whole := merged(t, nil, &result.Latency{Count: 2, P50: 5, P95: 7, Max: 7, Samples: []result.Millis{5, 7}}).Latency
	require.Equal(t, &result.Latency{Count: 2, P50: 5, P95: 7, Max: 7, Samples: []result.Millis{5, 7}}, whole)
	require.Nil(t, merged(t, nil, nil).Latency)
}

func TestAShardWithoutSamplesCountsByItsFigures(t *testing.T) {
	whole := merged(t, &result.Latency{Count: 30, P50: 5, P95: 9, Max: 20}, nil).Latency
	require.Equal(t, 30, whole.Count)
	require.Equal(t, result.Millis(5), whole.P50)
	require.Equal(t, result.Millis(9), whole.P95)
	require.Equal(t, result.Millis(20), whole.Max)
}

func TestTheBudgetAppliesToTheWholeRun(t *testing.T) {
	budget := func(over ...string) *result.Budget { return &result.Budget{P95: 50, Max: 200, Fail: true, Over: over} }
	t.Run("a shard alone was over, the whole is not", func(t *testing.T) {
		runs := cut(2)
		runs[0].Latency = &result.Latency{Count: 1, P50: 90, P95: 90, Max: 90, Samples: []result.Millis{90}, Budget: budget("p95")}
		runs[1].Latency = &result.Latency{Count: 99, P50: 10, P95: 10, Max: 10, Samples: same(99, 10), Budget: budget()}
		runs[0].Exit = 1
		whole, err := merge.Merge(runs)
		require.NoError(t, err)
		require.Empty(t, whole.Latency.Budget.Over)
		require.EqualValues(t, 0, whole.Exit)
	})
	t.Run("the whole is over and fails", func(t *testing.T) {
		whole := merged(t,
			&result.Latency{Count: 10, P50: 90, P95: 90, Max: 300, Samples: same(10, 90), Budget: budget("p95", "max")},
			&result.Latency{Count: 10, P50: 10, P95: 10, Max: 10, Samples: same(10, 10), Budget: budget()})
		require.Equal(t, []string{"p95 is 90 ms, the budget 50 ms", "max is 300 ms, the budget 200 ms"}, whole.Latency.Budget.Over)
		require.EqualValues(t, 1, whole.Exit)
	})
	t.Run("the whole is over by the figures of shards that kept no samples", func(t *testing.T) {
		over := func() *result.Latency {
			return &result.Latency{Count: 10, P50: 90, P95: 95, Max: 150, Budget: budget("p95")}
		}
		whole := merged(t, over(), over())
		require.Equal(t, []string{"p95 is 95 ms, the budget 50 ms"}, whole.Latency.Budget.Over)
		require.EqualValues(t, 1, whole.Exit)
	})
}
