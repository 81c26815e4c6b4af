package explore

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChoicesAreReducedToTheSimplestThatStillBreak(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to []int
		breaks   func([]int) bool
	}{
		"whatever is chosen":       {[]int{3, 1, 4, 1, 5}, []int{}, func([]int) bool { return true }},
		"only what was found":      {[]int{3, 1, 4}, []int{3, 1, 4}, func(c []int) bool { return slices.Equal(c, []int{3, 1, 4}) }},
		"one of many":              {[]int{9, 9, 7, 9, 9}, []int{7}, func(c []int) bool { return slices.Contains(c, 7) }},
		"fewer, though larger":     {[]int{0, 0, 7}, []int{7}, func(c []int) bool { return slices.Contains(c, 7) }},
		"two of many":              {[]int{9, 5, 9, 7, 9}, []int{5, 7}, func(c []int) bool { return slices.Contains(c, 7) && slices.Contains(c, 5) }},
		"a place that must stay":   {[]int{9, 9, 9, 7}, []int{0, 0, 0, 7}, func(c []int) bool { return len(c) > 3 && c[3] == 7 }},
		"a size from a bound on":   {[]int{1 << 19}, []int{70_001}, func(c []int) bool { return len(c) > 0 && c[0] > 70_000 }},
		"an alternative in a list": {[]int{30}, []int{11}, func(c []int) bool { return len(c) > 0 && (c[0] == 30 || c[0] == 11 || c[0] == 12) }},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			reduced := reduce(test.from, func(candidate []int) ([]int, bool) {
				asked++
				return candidate, test.breaks(candidate)
			})
			require.True(t, slices.Equal(test.to, reduced), "%v", reduced)
			require.Less(t, asked, 120)
		})
	}
}

func TestReplayedChoicesStayInRange(t *testing.T) {
	t.Parallel()
	c := &choices{replay: []int{7, 3, 1}}
	require.Equal(t, []int{4, 3, 0}, []int{c.smallBelow(5), c.size(100), c.smallBelow(1)}, "a larger number is the largest")
	require.True(t, c.oneIn(9), "what is missing is the simplest")
	require.Equal(t, []int{4, 3, 0, 0}, c.made)
}

func TestSizesCoverEveryOrderOfMagnitude(t *testing.T) {
	t.Parallel()
	c := drawChoices(1, 1)
	orders := map[int]bool{}
	for range 1000 {
		n := c.size(1 << 20)
		require.True(t, n >= 0 && n < 1<<20)
		for order := 0; order < 20; order++ {
			orders[order] = orders[order] || n>>order == 1
		}
	}
	require.Len(t, orders, 20)
	for order, seen := range orders {
		require.True(t, seen, "2^%d", order)
	}
}
