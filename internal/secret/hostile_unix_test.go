//go:build unix

package secret_test

import (
	"encoding/base64"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/secret"
)

// processor returns the CPU time of the process, which does not depend on what else the machine does.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano())
}

// TestTheCostOfAHostileTextDependsOnItsLengthAlone compares a text with one four times as long: what is quadratic in the text
// takes sixteen times as long.
func TestTheCostOfAHostileTextDependsOnItsLengthAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("large texts")
	}
	const small, large = 16 << 10, 64 << 10
	var set secret.Set
	long := strings.Repeat("A", 300)
	set.Add("123456", "1234", "aaaa", long, strings.Repeat("\x00", 40), "%%%%", `\\\\`)
	fill := func(piece string) string { return strings.Repeat(piece, large/len(piece)) }
	for name, text := range map[string]string{
		"secrets only":            fill("123456 "),
		"beginnings of a secret":  fill(strings.Repeat("A", 299) + " "),
		"one long run":            fill("A"),
		"base64 of a secret":      base64.StdEncoding.EncodeToString([]byte(fill("\x00"))),
		"backslashes":             fill(`\`),
		"percent signs":           fill("%25"),
		"escapes within escapes":  fill(`%5cu005c%255Cn123456`),
		"everything, unescapable": fill(`\u%\%u`),
		"markers":                 fill(secret.Redacted + "1234"),
		"base64 of base64":        fill("VVVVVVVVTVRJek5EVTI"),
		"base64 in short lines":   fill("MTIz\nNDU2\n"),
		"hex digits":              fill("313233343536"),
		"hex with separators":     fill("31:32-33, 34 0x35 "),
		"single digits":           fill("1 "),
		"entities":                fill("&#49;&amp;"),
		"times":                   fill("2026-11-23T10:11:12.123456Z "),
		"letters only":            fill("abcdefghijklmnopqrstuvwxyz"),
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(text string) time.Duration {
				start := processor(t)
				redacted := set.Redact(text, "A 123456", "1234 123456 123456", fill("1234"))
				require.False(t, set.Find(redacted, "A 123456", "1234 123456 123456", fill("1234")))
				secret.Find(text, long)
				return processor(t) - start
			}
			const negligible = 100 * time.Millisecond
			require.Less(t, cost(text), max(negligible, 10*cost(text[:small])))
		})
	}
}
