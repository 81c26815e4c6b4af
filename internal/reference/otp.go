package reference

import (
	"fmt"
	"strconv"
	"strings"
)

// sameNumber reports whether a JSON number, however it is spelt (123456, 123456.0, 1.23456e5), is otp. It works on
// the digits: an exponent of any size costs nothing and nothing is rounded.
func sameNumber(literal string, otp int) bool {
	want := strconv.Itoa(otp)
	if literal == want {
		return true
	}
	mantissa, exponent, found := strings.Cut(strings.ToLower(literal), "e")
	if !found {
		exponent = "0"
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift, err := strconv.Atoi(exponent)
	if err != nil || shift < -maxBody || shift > maxBody {
		return false // no body is long enough to make up for such an exponent
	}
	// The value is digits * 10^shift. Without its zeros at both ends that form is unique.
	digits := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	shift += len(digits) - len(trimmed) - len(fraction)
	wantTrimmed := strings.TrimRight(want, "0")
	return trimmed == wantTrimmed && shift == len(want)-len(wantTrimmed)
}

// wrongFor is an OTP of the provider's kind that is not the given one.
func (b *behaviour) wrongFor(otp int) int {
	for {
		if other := b.newOTP(); other != otp {
			return other
		}
	}
}

// spell is an OTP as it is told to who asks for it: a number, or a text where a number would lose its zeros.
func (b *behaviour) spell(otp int) any {
	if text := fmt.Sprintf("%0*d", b.otpDigits, otp); text[0] == '0' {
		return text
	}
	return otp
}
