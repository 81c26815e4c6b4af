package state

import (
	"regexp"
	"sync"

	"verifik-contract/internal/providerstate"
)

// wrongFor makes an OTP of the same length that differs in every digit and has no leading zero.
func wrongFor(otp string) string {
	wrong := []byte(otp)
	for i, digit := range wrong {
		if i == 0 {
			wrong[i] = '1' + (digit-'0')%9
		} else {
			wrong[i] = '0' + (digit-'0'+1)%10
		}
	}
	return string(wrong)
}

// countryCode is the form of a country code, as the documentation has it.
var countryCode = regexp.MustCompile(`^\+[0-9]{1,3}$`)

// remakes is how often a state is made again whose OTP begins with a zero. One OTP in ten does, and a JSON number
// cannot carry it: the state is of no use, and nobody's fault.
const remakes = 5

// beginsWithZero reports whether a text is an OTP that only its leading zero keeps from being sent.
func beginsWithZero(text string) bool {
	return providerstate.OTPFault(text) == providerstate.ZeroFault
}

// lengths is how long the OTPs of each source are. A JSON number that is shorter than the others has lost a zero: the
// provider may compare it with the text that it sent. It is safe for concurrent use.
type lengths struct {
	mutex   sync.Mutex
	longest []int // by source
	vary    []bool
}

// short reports whether a source's OTP has fewer digits than another that it yielded.
func (l *lengths) short(source int, y decoded) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	longest := max(l.longest[source], len(y.OTP)) // no OTP: none is short
	l.longest[source] = longest
	return y.otpIsNumber && !l.vary[source] && len(y.OTP) < max(longest, y.wrongDigits)
}

// giveUp remembers that making the state again did not help: the source's OTPs are of several lengths.
func (l *lengths) giveUp(source int) {
	l.mutex.Lock()
	l.vary[source] = true
	l.mutex.Unlock()
}
