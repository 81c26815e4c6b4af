package steps

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAlteredTokenDiffersInOneCharacterOfItsSignatureOrNearItsEnd(t *testing.T) {
	for token, from := range map[string]int{
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk": 37,
		"opaque-token-AAAAAAAA": 13, "aaaaaaaaaaaa": 4, "opaque.token.": 5, "short": 0, "x": 0,
	} {
		altered := alterToken(token)
		require.Len(t, altered, len(token))
		differing := 0
		for i := range token {
			if token[i] != altered[i] {
				differing++
				require.Equal(t, from, i)
			}
		}
		require.Equal(t, 1, differing, "%s became %s", token, altered)
	}
}

func TestAPartOfATokenCanBeDecoded(t *testing.T) {
	for token, part := range map[string]string{
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27",
		"a.b.123456": "a.b.123", "a.b.12": "a.b.1", "opaque-token": "opaque", "opaque.token.": "opaque.", "v2.opaque.1": "v2.opa", "x": "x",
	} {
		require.Equal(t, part, partOfToken(token))
	}
}

// A decoder may ignore the last bits of base64, and the case of hexadecimal digits.
func TestAnAlteredCharacterDiffersInEveryEncoding(t *testing.T) {
	for _, token := range []string{"AA", "AQ", "Ag", "zw", "8A", "_A", "-A", "AAA", "AAE", "__8", "00ff", "c0de"} {
		for at := range token {
			other := otherCharacter(token, at)
			require.Equal(t, []string{token[:at], token[at+1:]}, []string{other[:at], other[at+1:]})
			require.NotEqual(t, strings.ToLower(token), strings.ToLower(other))
			a, _ := base64.RawURLEncoding.DecodeString(token)
			b, _ := base64.RawURLEncoding.DecodeString(other)
			require.NotEqual(t, a, b, "%s became %s", token, other)
		}
	}
	require.Equal(t, "====A", otherCharacter("====", -1), "nothing of it can be changed")
}
