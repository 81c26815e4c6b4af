package reference

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoOTPIsEasyToGuess(t *testing.T) {
	for variant, drawn := range map[string][]int{
		"":                 {0, 400_000, 11_111, 899_999, 23_456, 554_321, 47_11}, // 100000, 500000, 111111, 999999, 123456, 654321
		"otps-of-4-digits": {0, 111, 8_999, 8_000, 47_11},
	} {
		b := newBench(t, Options{Variants: []string{variant}})
		left := drawn
		b.behaviour.randomBelow = func(int) int {
			next := left[0]
			left = left[1:]
			return next
		}
		require.Equal(t, map[string]int{"": 104_711, "otps-of-4-digits": 5711}[variant], b.behaviour.newOTP())
	}
}
