package secret_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/secret"
)

func TestTheCostOfALongTextDependsOnWhatIsShownOfIt(t *testing.T) {
	looked := 0
	redact := func(text string) string { looked += len(text); return text }
	text := strings.Repeat("é", 1<<20)
	beginning, whole := secret.Beginning(text, 1001, false, redact)
	require.Equal(t, strings.Repeat("é", 500), beginning, "half a character is left out")
	require.False(t, whole)
	require.Less(t, looked, 100<<10)

	beginning, whole = secret.Beginning("short", 1000, false, redact)
	require.Equal(t, "short", beginning)
	require.True(t, whole)
}

func TestTheBeginningOfALongTextDoesNotEndInHalfASecret(t *testing.T) {
	if testing.Short() {
		t.Skip("large texts")
	}
	const token = "tok-5f3c9a7e1b2d4c6f8a9e"
	var set secret.Set
	set.Add(token)
	redact := func(text string) string { return set.Redact(text) }
	escaped := ""
	for _, c := range hex.EncodeToString([]byte(token)) {
		escaped += `\u00` + hex.EncodeToString([]byte{byte(c)})
	}
	behind := strings.Repeat(" y", 100<<10)
	for name, held := range map[string]string{"plain": token, "hex, escaped": escaped} {
		for at := 900; at <= 1000; at += 2 {
			text := strings.Repeat("x ", at/2) + held + behind
			beginning, _ := secret.Beginning(text, 1000, false, redact)
			require.NotContains(t, beginning, held[:8], "%s at %d", name, at)
		}
	}
	// However much shorter a text becomes: what was looked at ends in half of one.
	text := strings.Repeat(token, 1<<13)
	for cut := range len(token) {
		beginning, _ := secret.Beginning(text[:len(text)-cut], 1000, true, redact)
		require.NotContains(t, beginning, token[:4])
		beginning, _ = secret.Beginning(text[cut:], 1000, false, redact)
		require.NotContains(t, beginning, token[len(token)/2:len(token)/2+4]+token[:4])
	}
}
