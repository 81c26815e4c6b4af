package explore

import (
	"fmt"
	"math/big"
	"strings"

	"verifik-contract/internal/contract"
)

// spelling is a way to write something secret.
type spelling struct {
	real  func(string) string
	shown string                  // where it is redacted
	shell func(length int) string // the same of $OTP or $TOKEN, for inside double quotes
}

// rightOTP and rightToken are the secrets as they are.
var (
	rightOTP   = spelling{same, "[redacted]", always("$OTP")}
	rightToken = spelling{same, "[redacted]", always("$TOKEN")}
)

func same(text string) string { return text }

func always(text string) func(int) string { return func(int) string { return text } }

// plus spells the sum of the OTP and a whole number, which need not fit into 64 bits.
func plus(n string) spelling {
	return spelling{
		real: func(otp string) string {
			a, _ := new(big.Int).SetString(otp, 10)
			b, _ := new(big.Int).SetString(n, 10)
			return a.Add(a, b).String()
		},
		shown: fmt.Sprintf("[redacted, and %s added]", n),
		shell: always(fmt.Sprintf(`$(echo "$OTP + %s" | bc)`, n)),
	}
}

// scientific spells the OTP as a number with an exponent: 1.23456e5.
func scientific(e string) spelling {
	return spelling{
		real: func(otp string) string {
			if len(otp) < 2 {
				return otp + e + "0"
			}
			return fmt.Sprintf("%s.%s%s%d", otp[:1], otp[1:], e, len(otp)-1)
		},
		shown: "[redacted, with an exponent]",
		shell: func(length int) string {
			if length < 2 {
				return "${OTP}" + e + "0"
			}
			return fmt.Sprintf("${OTP%%%s}.${OTP#?}%s%d", strings.Repeat("?", length-1), e, length-1)
		},
	}
}

// cutOff is the OTP without its last digit.
var cutOff = spelling{
	real:  func(otp string) string { return otp[:max(1, len(otp)-1)] },
	shown: "[redacted, without its last digit]",
	shell: always("${OTP%?}"),
}

// wrongDigit spells an OTP that differs from the right one in some digits. It is a secret too: the right one can be worked
// out from it.
func wrongDigit(way contract.Wrong) spelling {
	return spelling{
		real: func(otp string) string {
			wrong, _ := contract.WrongOTP(otp, way) // an OTP that is empty, or a way that nobody knows, is none of ours
			return wrong
		},
		shown: "[redacted]",
		shell: func(length int) string {
			digits := func(which, to string) string {
				return fmt.Sprintf(`$(echo "$OTP" | cut -c%s | tr 0-9 %s)`, which, to)
			}
			switch way {
			case contract.FirstDigit:
				return digits("1", "1-91") + "${OTP#?}"
			case contract.LastDigit:
				return "${OTP%?}" + digits(fmt.Sprint(length), "1-90")
			case contract.MiddleDigit:
				return "${OTP%" + strings.Repeat("?", length-length/2) + "}" + digits(fmt.Sprint(length/2+1), "5-90-4") + "${OTP#" + strings.Repeat("?", length/2+1) + "}"
			}
			return digits("1", "1-91") + digits("2-", "1-90")
		},
	}
}

// Tokens that are nearly right.
var (
	prefixedToken = spelling{func(t string) string { return "x" + t }, "x[redacted]", always("x$TOKEN")}
	shortToken    = spelling{
		real:  func(t string) string { return t[:max(0, len(t)-8)] },
		shown: "[redacted, without its last 8 characters]",
		shell: always("${TOKEN%????????}"),
	}
	// A verifier that believes the header's "alg": "none" accepts it. Of a token that is no JWT it makes one.
	unsignedToken = spelling{
		real: func(t string) string {
			parts := strings.Split(t, ".")
			payload := "e30"
			if len(parts) == 3 {
				payload = parts[1]
			}
			return "eyJhbGciOiJub25lIn0." + payload + "."
		},
		shown: "eyJhbGciOiJub25lIn0.[redacted].",
		shell: always(`eyJhbGciOiJub25lIn0.$(echo "$TOKEN" | cut -d. -f2).`),
	}
)

// unknownToken has a token's shape and is nobody's.
const unknownToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJub2JvZHkifQ.bm90LWEtc2lnbmF0dXJlLW9mLWFueWJvZHk"
