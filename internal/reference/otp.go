package reference

import (
	"fmt"
	"math/big"
	"strings"
)

// sameNumber reports whether a JSON number, however it is spelt (123456, 123456.0, 1.23456e5), is otp. One that is spelt at
// great length, or whose exponent is, is not read: it could take a long time.
func sameNumber(literal string, otp int) bool {
	_, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	if len(literal) > 1000 || len(exponent) > 4 {
		return false
	}
	number, ok := new(big.Rat).SetString(literal)
	return ok && number.Cmp(big.NewRat(int64(otp), 1)) == 0
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
