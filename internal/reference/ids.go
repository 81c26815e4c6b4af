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

// newHexID returns an id of the documented form: 24 hex digits.
func newHexID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// newUUID returns a random UUID.
func newUUID() string {
	h := newHexID() + newHexID()
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

// tokenHeader is {"alg":"HS256","typ":"JWT"}.
const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// newToken returns a bearer token in the form of a JWT. Its last part is random, not a signature: the provider looks
// tokens up and never reads them.
func newToken(registrationID string) string {
	var signature [32]byte
	_, _ = rand.Read(signature[:])
	e := base64.RawURLEncoding
	return tokenHeader + "." + e.EncodeToString([]byte(`{"appRegistration":"`+registrationID+`"}`)) + "." + e.EncodeToString(signature[:])
}

// drawingOTPsOf draws OTPs of so many digits, without a leading zero, which a JSON number could not carry. It leaves out OTPs of one
// repeated digit, of one digit and zeros, and those that everybody tries first: with them, a run would skip scenarios by chance.
func drawingOTPsOf(digits int) change {
	return func(b *behaviour) {
		least := int(math.Pow10(digits - 1))
		b.otpDigits, b.newOTP = digits, until(func() int { return least + b.randomBelow(9*least) }, func(otp string) bool {
			return strings.Trim(otp, otp[:1]) != "" && strings.Trim(otp[1:], "0") != "" && otp != "123456" && otp != "654321"
		})
	}
}

// until returns a function that draws OTPs until one fits.
func until(draw func() int, fits func(otp string) bool) func() int {
	return func() int {
		for {
			if otp := draw(); fits(strconv.Itoa(otp)) {
				return otp
			}
		}
	}
}

// newHash returns random text in the form of a bcrypt hash, which the set-up API shows in place of an OTP: nobody can
// crack it.
func newHash() string {
	return "$2b$10$" + (rand.Text() + rand.Text() + rand.Text())[:53]
}

// sameNumber reports whether a JSON number in any spelling (123456, 123456.0, 1.23456e5) equals otp. A very long number or
// exponent never does: parsing it could take long.
func sameNumber(literal string, otp int) bool {
	_, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	if len(literal) > 1000 || len(exponent) > 4 {
		return false
	}
	number, ok := new(big.Rat).SetString(literal)
	return ok && number.Cmp(big.NewRat(int64(otp), 1)) == 0
}

// wrongFor returns another OTP of the same length.
func (b *behaviour) wrongFor(otp int) int {
	return until(b.newOTP, func(other string) bool { return other != strconv.Itoa(otp) })()
}

// otpValue returns an OTP as the inbox and the states show it: a number, or a string where a number would lose its zeros.
func (b *behaviour) otpValue(otp int) any {
	if text := fmt.Sprintf("%0*d", b.otpDigits, otp); text[0] == '0' {
		return text
	}
	return otp
}
