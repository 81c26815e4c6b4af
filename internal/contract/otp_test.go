package contract

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAWrongOTPDiffersExactlyAsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.StringMatching(`[1-9][0-9]{2,9}`).Draw(t, "right")
		way := rapid.SampledFrom([]Wrong{FirstDigit, MiddleDigit, LastDigit, EveryDigit}).Draw(t, "way")
		wrong, err := WrongOTP(right, way)
		require.NoError(t, err)
		require.Len(t, wrong, len(right))
		require.NotEqual(t, byte('0'), wrong[0], "a JSON number cannot carry a leading zero")
		var differs []int
		for i := range right {
			require.Contains(t, "0123456789", string(wrong[i]))
			if wrong[i] != right[i] {
				differs = append(differs, i)
			}
		}
		last := len(right) - 1
		switch way {
		case FirstDigit:
			require.Equal(t, []int{0}, differs)
		case LastDigit:
			require.Equal(t, []int{last}, differs)
		case MiddleDigit:
			require.Len(t, differs, 1)
			require.NotContains(t, []int{0, last}, differs[0])
		case EveryDigit:
			require.Len(t, differs, len(right))
		}
		again, err := WrongOTP(right, way)
		require.NoError(t, err)
		require.Equal(t, wrong, again, "a run can be repeated")
	})
}

func TestWrongOTPsOfEachEnd(t *testing.T) {
	for name, test := range map[string]struct {
		right    string
		way      Wrong
		expected string
	}{
		"nine becomes one in front, where zero cannot stand": {"999999", FirstDigit, "199999"},
		"nine becomes zero elsewhere":                        {"999999", LastDigit, "999990"},
		"the middle of six":                                  {"123456", MiddleDigit, "123556"},
		"every digit":                                        {"129059", EveryDigit, "230160"},
		"one digit":                                          {"9", LastDigit, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong, err := WrongOTP(test.right, test.way)
			require.NoError(t, err)
			require.Equal(t, test.expected, wrong)
		})
	}
	_, err := WrongOTP("", LastDigit)
	require.ErrorContains(t, err, "no OTP")
	_, err = WrongOTP("123456", "upside down")
	require.ErrorContains(t, err, `"upside down"`)
}
