package reference

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// newHexID is an id as the documentation shows them: 24 hex digits.
func newHexID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// newUUID is an id as most databases make them: a random UUID.
func newUUID() string {
	h := newHexID() + newHexID()
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

// tokenHeader is {"alg":"HS256","typ":"JWT"}.
const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// newToken is a bearer token of a JWT's shape for a registration. Its last part is random, not a signature: the
// provider looks tokens up and never reads them.
func newToken(registrationID string) string {
	var signature [32]byte
	_, _ = rand.Read(signature[:])
	e := base64.RawURLEncoding
	return tokenHeader + "." + e.EncodeToString([]byte(`{"appRegistration":"`+registrationID+`"}`)) + "." + e.EncodeToString(signature[:])
}

// otpsOf draws OTPs of so many digits, and without a leading zero, which a JSON number could not keep. None is as good as a
// guess: with one that has no digits in another order, or that everybody tries first, a run would skip a scenario by chance.
func otpsOf(digits int) change {
	return func(b *behaviour) {
		least := int(math.Pow10(digits - 1))
		b.otpDigits, b.newOTP = digits, until(func() int { return least + b.draw(9*least) }, func(otp string) bool {
			return strings.Trim(otp, otp[:1]) != "" && strings.Trim(otp[1:], "0") != "" && otp != "123456" && otp != "654321"
		})
	}
}

// until draws OTPs until one fits.
func until(draw func() int, fits func(otp string) bool) func() int {
	return func() int {
		for {
			if otp := draw(); fits(strconv.Itoa(otp)) {
				return otp
			}
		}
	}
}

// newHash has the shape of a bcrypt hash and is none: what the set-up API shows of an OTP must not be worth
// cracking.
func newHash() string {
	return "$2b$10$" + (rand.Text() + rand.Text() + rand.Text())[:53]
}

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
	return until(b.newOTP, func(other string) bool { return other != strconv.Itoa(otp) })()
}

// spell is an OTP as it is told to who asks for it: a number, or a text where a number would lose its zeros.
func (b *behaviour) spell(otp int) any {
	if text := fmt.Sprintf("%0*d", b.otpDigits, otp); text[0] == '0' {
		return text
	}
	return otp
}
