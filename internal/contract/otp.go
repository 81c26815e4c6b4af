package contract

import "fmt"

// Wrong is a way in which an OTP differs from the right one.
type Wrong string

// The ways, as the features word them.
const (
	FirstDigit  Wrong = "only the first digit"
	MiddleDigit Wrong = "only a middle digit"
	LastDigit   Wrong = "only the last digit"
	EveryDigit  Wrong = "every digit"
)

// WrongOTPs is every OTP that WrongOTP makes of the right one: it can be worked out from them, so they are as secret. None
// where there is no right one.
func WrongOTPs(right string) []string {
	var all []string
	for _, way := range []Wrong{FirstDigit, MiddleDigit, LastDigit, EveryDigit} {
		if wrong, err := WrongOTP(right, way); err == nil {
			all = append(all, wrong)
		}
	}
	return all
}

// WrongOTP makes an OTP of as many digits that differs from the right one in one way, and has no leading zero,
// which a JSON number could not carry.
func WrongOTP(right string, way Wrong) (string, error) {
	digits := []byte(right)
	if len(digits) == 0 {
		return "", fmt.Errorf("the state has no OTP")
	}
	change := func(i int) {
		digits[i] = '0' + (digits[i]-'0'+1)%10
		if i == 0 && digits[i] == '0' {
			digits[i] = '1'
		}
	}
	switch way {
	case FirstDigit:
		change(0)
	case MiddleDigit:
		change(len(digits) / 2)
	case LastDigit:
		change(len(digits) - 1)
	case EveryDigit:
		for i := range digits {
			change(i)
		}
	default:
		return "", fmt.Errorf("unknown way %q in which an OTP can be wrong", way)
	}
	return string(digits), nil
}
