package steps

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAlteredTokenDiffersInOneCharacterOfItsEnd(t *testing.T) {
	for _, token := range []string{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "opaque-token-AAAAAAAA", "aaaaaaaaaaaa", "short", "x"} {
		altered := alter(token)
		require.Len(t, altered, len(token))
		differing := 0
		for i := range token {
			if token[i] != altered[i] {
				differing++
				require.GreaterOrEqual(t, i, len(token)-8)
			}
		}
		require.Equal(t, 1, differing, "%s became %s", token, altered)
	}
}
