package state

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// validate checks what a source yielded against what was asked for, and completes it. The error is *Unmade where a
// value is missing or unfit, and *Skip where the state is another than was asked for.
func validate(y decoded, request Request, webhookURL string) (providerstate.Values, error) {
	if request.Name == providerstate.None {
		y.OTP, y.WrongOTP, y.otpFaults = "", "", nil
	}
	if faults := slices.Concat(y.faults, y.otpFaults); len(faults) > 0 {
		return providerstate.Values{}, &Unmade{Reason: strings.Join(faults, "; "), leadingZero: slices.Equal(faults, []string{otpZero})}
	}
	v := y.Values
	for _, parameter := range []struct{ name, wanted, yielded string }{
		{providerstate.CountryCode, request.CountryCode, v.CountryCode},
		{providerstate.PhoneGateway, request.PhoneGateway, nameOf(v.PhoneGateway)},
		{providerstate.WebhookURL, webhookURL, y.webhookURL},
	} {
		if parameter.wanted != "" && parameter.yielded != "" && parameter.wanted != parameter.yielded {
			return providerstate.Values{}, &Skip{Reason: fmt.Sprintf("the state has the %s %q, not %q, which was asked for",
				parameter.name, parameter.yielded, parameter.wanted)}
		}
	}
	// Left alone it would be the provider that is blamed: its answer agrees with the flow, not with the state's name.
	if request.Name == providerstate.Liveness && v.Liveness != nil && !*v.Liveness {
		return providerstate.Values{}, &Unmade{Reason: "the state contradicts itself: it is one with face liveness recommended, and yields " +
			"showFaceLivenessRecommendation false; make it in a project flow that recommends face liveness"}
	}
	if v.CountryCode == "" {
		v.CountryCode = request.CountryCode
	}
	if missing := v.Missing(request.Name); len(missing) > 0 {
		return providerstate.Values{}, &Unmade{Reason: "the state yields no " + strings.Join(missing, ", no ")}
	}
	if v.OTP != "" && v.WrongOTP == "" {
		v.WrongOTP = providerstate.WrongFor(v.OTP)
	}
	if v.OTP != "" && v.OTP == v.WrongOTP {
		return providerstate.Values{}, &Unmade{Reason: "otp and wrongOtp are the same"}
	}
	return v, nil
}

// nameOf returns what a source calls a gateway, fit to be shown: one that mixes up its values may have an OTP there.
func nameOf(gateway string) string {
	var none secret.Set
	return none.RedactFrom(gateway)
}

// countryCode is the form of a country code, as the documentation has it.
var countryCode = regexp.MustCompile(`^\+[0-9]{1,3}$`)

// remakes is how often a state is made again whose OTP begins with a zero. One OTP in ten does, and a JSON number
// cannot carry it: the state is of no use, and nobody's fault.
const remakes = 5

// lengths is how long the OTPs of a source are. A JSON number that is shorter than the others has lost a zero: the
// provider may compare it with the text that it sent. It is safe for concurrent use.
type lengths struct {
	mutex   sync.Mutex
	longest int
	vary    bool
}

// short reports whether an OTP has fewer digits than another that the source yielded. Where the last of several attempts did
// not help, the source's OTPs are of several lengths, and none is short any more.
func (l *lengths) short(y decoded, last bool) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.longest = max(l.longest, len(y.OTP)) // no OTP: none is short
	short := y.otpIsNumber && !l.vary && len(y.OTP) < max(l.longest, y.wrongDigits)
	l.vary = l.vary || short && last
	return short
}
