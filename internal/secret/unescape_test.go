package secret

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnescapingTakesMemoryOnlyForTheSequences(t *testing.T) {
	var u unescaped
	require.True(t, u.fill(strings.Repeat("x", 1000)+"%252525"+strings.Repeat("y", 1000)))
	require.Equal(t, []jump{{1001, 1003}}, u.jumps)
	require.Equal(t, span{999, 1004}, u.original(span{999, 1002}))
	require.True(t, u.touches(span{1001, 1002}))
	require.False(t, u.touches(span{1002, 1005}))
	require.True(t, u.fill(`aé\u00e9`)) // two bytes of one sequence
	require.Equal(t, []jump{{4, 3}, {5, 9}}, u.jumps)
	require.Equal(t, span{3, 9}, u.original(span{3, 4}), "a sequence is taken whole")
	require.False(t, u.fill("no sequence: %zz"))
}
