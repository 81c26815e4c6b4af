package contract

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"verifik-contract/internal/providerstate"
)

// The ways without a constant.
const (
	SecondDigit  = "an OTP of which only the second digit is wrong"
	ThirdDigit   = "an OTP of which only the third digit is wrong"
	OtherMiddle  = "an OTP of which only the other middle digit is wrong"
	LastButTwo   = "an OTP of which only the last digit but two is wrong"
	LastButOne   = "an OTP of which only the last digit but one is wrong"
	OneMore      = "an OTP that is one more than the right one"
	OneLess      = "an OTP that is one less than the right one"
	AnotherOrder = "an OTP of the right one's digits in another order"
	Backwards    = "an OTP of the right one's digits backwards"
	FirstAtEnd   = "an OTP of the right one's digits with the first at the end"
)

func TestAWrongOTPDiffersAsItsWordsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.StringMatching(`[1-9][0-9]{2,9}`).Draw(t, "right")
		way := rapid.SampledFrom([]string{FirstDigit, SecondDigit, ThirdDigit, MiddleDigit, OtherMiddle, LastButTwo, LastButOne, LastDigit, EveryDigit}).Draw(t, "way")
		wrong := WrongOTP(right, way)
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
		case SecondDigit:
			require.Equal(t, []int{1}, differs)
		case ThirdDigit:
			require.Equal(t, []int{2}, differs)
		case LastButTwo:
			require.Equal(t, []int{last - 2}, differs)
		case LastButOne:
			require.Equal(t, []int{last - 1}, differs)
		case LastDigit:
			require.Equal(t, []int{last}, differs)
		case MiddleDigit, OtherMiddle:
			require.Len(t, differs, 1)
			require.Equal(t, last, differs[0]+map[string]int{MiddleDigit: (last) / 2, OtherMiddle: len(right) / 2}[way])
		case EveryDigit:
			require.Len(t, differs, len(right))
		}
		require.Equal(t, wrong, WrongOTP(right, way), "a run can be repeated")
	})
}

func TestWrongOTPsAtTheEdges(t *testing.T) {
	for name, test := range map[string]struct {
		right    string
		way      string
		expected string
	}{
		"nine becomes one in front, where zero cannot stand": {"999999", FirstDigit, "199999"},
		"nine becomes zero elsewhere":                        {"999999", LastDigit, "999990"},
		"the middle of six":                                  {"123456", MiddleDigit, "123956"},
		"the other middle of six":                            {"123456", OtherMiddle, "128456"},
		"no one more of as many digits":                      {"999999", OneMore, ""},
		"no one less of as many digits":                      {"100000", OneLess, ""},
		"another order":                                      {"123456", AnotherOrder, "123465"},
		"another order without a leading zero":               {"100020", AnotherOrder, "100002"},
		"no other order":                                     {"777777", AnotherOrder, ""},
		"no other order that a number can carry":             {"500000", AnotherOrder, ""},
		"side by side rather than nearer to the end":         {"123455", AnotherOrder, "123545"},
		"backwards": {"123456", Backwards, "654321"},
		"backwards, where zero cannot stand in front": {"123400", Backwards, "400321"},
		"backwards it is the same":                    {"123321", Backwards, "123312"},
		"the first at the end":                        {"123456", FirstAtEnd, "234561"},
		"the first at the end, and a zero in front":   {"102345", FirstAtEnd, "203451"},
		"no other order, backwards":                   {"777777", Backwards, ""},
		"every digit":                                 {"129059", EveryDigit, "230160"},
		"one digit":                                   {"9", LastDigit, "1"},
		"one digit, which is the middle":              {"5", MiddleDigit, "1"},
		"two digits in another order":                 {"12", AnotherOrder, "21"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.expected, WrongOTP(test.right, test.way))
		})
	}
	require.Empty(t, WrongOTP("", LastDigit))
}

// Whatever the digits of an OTP, each can be made, and none is the right one.
func TestNoOTPIsTheRightOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.StringMatching(`[1-9][0-9]{0,14}`).Draw(t, "right")
		for _, thing := range NoOTPs() {
			text := thing.JSON(right, "62647737")
			require.NotEqual(t, right, text, thing.Words)
			careless := []string{"62647737", "62647737"[:min(len(right), 8)], "62647737"[8-min(len(right), 8):], thing.Form, strings.Repeat("1", len(right)), strings.Repeat("9", len(right)), countdown(len(right))}
			require.True(t, json.Valid([]byte(text)) || text == "" && slices.Contains(careless, right), thing.Words)
		}
	})
}

func TestPlaceholdersOfAStateWithoutAnOTP(t *testing.T) {
	require.Equal(t, `{"phone":"62647737","otp":0}`, Filler(providerstate.Values{Phone: "62647737"}).Replace(`{"phone":"{phone}","otp":{otp}}`))
}

func TestNoOTPsOfOneOTP(t *testing.T) {
	for words, expected := range map[string]string{
		"the right OTP without its last digit":   "10010",
		"the right OTP without its first digit":  "108",
		"the right OTP and one digit more":       "1001087",
		"the right OTP with a one before it":     "1100108",
		"the right OTP plus 2 to the 32nd":       "4295067404",
		"the right OTP plus 2 to the 64th":       "18446744073709651724",
		"the right OTP within an object":         `{"otp":100108}`,
		"the right OTP twice":                    "100108100108",
		"the right OTP within a list":            "[100108]",
		"a wrong OTP as text":                    `"211219"`,
		"a fraction less than the right OTP":     "100107.6",
		"a placeholder for each digit":           `"______"`,
		"the right OTP among others in a list":   "[211219,100108]",
		"the right OTP as text in a list":        `["100108"]`,
		"the right OTP in a list within a list":  "[[100108]]",
		"the right OTP and a thousandth":         "100108.001",
		"the right OTP as one of several lines":  `"1\n100108\n1"`,
		"zeros alone, as text":                   `"000000"`,
		"nines alone":                            "999999",
		"digits that count down to one":          "654321",
		"the first digits of the phone":          "620477",
		"the last digits of the phone":           "47737",
		"the whole phone":                        "62047737",
		"the OTP of the documentation's example": "123456",
	} {
		at := slices.IndexFunc(NoOTPs(), func(n NoOTP) bool { return n.Words == words })
		require.GreaterOrEqual(t, at, 0, words)
		require.Equal(t, expected, NoOTPs()[at].JSON("100108", "62047737"), words)
	}
	last := NoOTPs()[len(NoOTPs())-1]
	require.Empty(t, last.JSON(example, "2"), "the example is the right OTP")
}
