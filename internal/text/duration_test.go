package text_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/text"
)

func TestADurationHasThreeSignificantDigits(t *testing.T) {
	for spelt, d := range map[string]time.Duration{
		"0 s":               0,
		"0.1 µs":            100,
		"120 µs":            120_400,
		"100 µs":            100 * time.Microsecond,
		"1 ms":              999_600, // three figures are a millisecond
		"1.23 ms":           1_234 * time.Microsecond,
		"95.2 ms":           95_180 * time.Microsecond,
		"299 ms":            298_600 * time.Microsecond,
		"1 s":               999_600 * time.Microsecond,
		"1.32 s":            1_319 * time.Millisecond,
		"10 s":              10 * time.Second,
		"1 min":             59_980 * time.Millisecond,
		"1 min 5 s":         65_400 * time.Millisecond,
		"2 min":             119_800 * time.Millisecond,
		"1 h":               time.Hour - time.Millisecond,
		"3 h 20 min":        3*time.Hour + 20*time.Minute + 4*time.Second,
		"720 h":             720 * time.Hour,
		"-2562047 h 47 min": math.MinInt64,
		"-1.5 s":            -1500 * time.Millisecond,
	} {
		require.Equal(t, spelt, text.Duration(d))
	}
}

func TestNumbersOfAThousandAndMoreAreGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		require.Equal(t, want, text.Number(n))
	}
	require.Equal(t, []string{"0 scenarios", "1 scenario", "2,000 scenarios"}, []string{text.Count(0, "scenario"), text.Count(1, "scenario"), text.Count(2000, "scenario")})
}
