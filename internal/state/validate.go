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

// validate checks the values of a source against the request and completes them. The error is *NotMade if a value is
// missing or unfit, and *Skip if the state differs from what was asked for.
func validate(d decoded, request Request, webhookURL string) (providerstate.Values, error) {
	if request.Name == providerstate.None {
		d.OTP, d.WrongOTP, d.otpFaults = "", "", nil
	}
	if faults := slices.Concat(d.faults, d.otpFaults); len(faults) > 0 {
		return providerstate.Values{}, &NotMade{Reason: strings.Join(faults, "; "), leadingZero: slices.Equal(faults, []string{otpZero})}
	}
	v := d.Values
	for _, parameter := range []struct{ name, wanted, yielded string }{
		{providerstate.CountryCode, request.CountryCode, v.CountryCode},
		{providerstate.PhoneGateway, request.PhoneGateway, nameOf(v.PhoneGateway)},
		{providerstate.WebhookURL, webhookURL, d.webhookURL},
	} {
		if parameter.wanted != "" && parameter.yielded != "" && parameter.wanted != parameter.yielded {
			return providerstate.Values{}, &Skip{Reason: fmt.Sprintf("the state has the %s %q, not %q, which was asked for",
				parameter.name, parameter.yielded, parameter.wanted)}
		}
	}
	// Otherwise the provider would be blamed for an answer that agrees with the flow and not with the state's name.
	if request.Name == providerstate.Liveness && v.Liveness != nil && !*v.Liveness {
		return providerstate.Values{}, &NotMade{Reason: "the state contradicts itself: it is one with face liveness recommended, and yields " +
			"showFaceLivenessRecommendation false; make it in a project flow that recommends face liveness"}
	}
	if v.CountryCode == "" {
		v.CountryCode = request.CountryCode
	}
	if missing := v.Missing(request.Name); len(missing) > 0 {
		return providerstate.Values{}, &NotMade{Reason: "the state yields no " + strings.Join(missing, ", no ")}
	}
	if v.OTP != "" && v.WrongOTP == "" {
		v.WrongOTP = providerstate.WrongFor(v.OTP)
	}
	if v.OTP != "" && v.OTP == v.WrongOTP {
		return providerstate.Values{}, &NotMade{Reason: "otp and wrongOtp are the same"}
	}
	return v, nil
}

// nameOf returns the name of a gateway as it may be shown: a source that mixes up its values may have put an OTP there.
func nameOf(gateway string) string {
	var none secret.Set
	return none.RedactFrom(gateway)
}

// countryCode is the documented form of a country code.
var countryCode = regexp.MustCompile(`^\+[0-9]{1,3}$`)

// maxRemakes is how often a state is made again because its OTP begins with a zero, as one in ten does: a JSON number cannot
// carry it.
const maxRemakes = 5

// lengths keeps track of how long a source's OTPs are. A JSON number that is shorter than the others has lost a zero,
// which the provider may well compare. It is safe for concurrent use.
type lengths struct {
	mutex   sync.Mutex
	longest int
	vary    bool
}

// short reports whether an OTP has fewer digits than another of the source. If even the last attempt's has, the source's OTPs
// vary in length, and none counts as short any more.
func (l *lengths) short(d decoded, last bool) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.longest = max(l.longest, len(d.OTP)) // no OTP: none is short
	short := d.otpIsNumber && !l.vary && len(d.OTP) < max(l.longest, d.wrongDigits)
	l.vary = l.vary || short && last
	return short
}
