package state

import (
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// validate checks what a source yielded against what was asked for, and completes it. The error is *Unmade where a
// value is missing or unfit, and *Skip where the state is another than was asked for.
func validate(y decoded, asked Request, webhookURL string) (providerstate.Values, error) {
	if asked.Name == providerstate.None {
		y.OTP, y.WrongOTP, y.otpFaults, y.leadingZero = "", "", nil, false
	}
	if faults := slices.Concat(y.faults, y.otpFaults); len(faults) > 0 {
		return providerstate.Values{}, &Unmade{Reason: strings.Join(faults, "; "), leadingZero: y.leadingZero && len(faults) == 1}
	}
	v := y.Values
	for _, parameter := range []struct{ name, asked, yielded string }{
		{providerstate.CountryCode, asked.CountryCode, v.CountryCode},
		{providerstate.PhoneGateway, asked.PhoneGateway, nameOf(v.PhoneGateway)},
		{providerstate.WebhookURL, webhookURL, y.webhookURL},
	} {
		if parameter.asked != "" && parameter.yielded != "" && parameter.asked != parameter.yielded {
			return providerstate.Values{}, &Skip{Reason: fmt.Sprintf("the state has the %s %q, not %q, which was asked for",
				parameter.name, parameter.yielded, parameter.asked)}
		}
	}
	// Left alone it would be the provider that is blamed: its answer agrees with the flow, not with the state's name.
	if asked.Name == providerstate.Liveness && v.Liveness != nil && !*v.Liveness {
		return providerstate.Values{}, &Unmade{Reason: "the state contradicts itself: it is one with face liveness recommended, and yields " +
			"showFaceLivenessRecommendation false; make it in a project flow that recommends face liveness"}
	}
	if v.CountryCode == "" {
		v.CountryCode = asked.CountryCode
	}
	if missing := v.Missing(asked.Name); len(missing) > 0 {
		return providerstate.Values{}, &Unmade{Reason: "the state yields no " + strings.Join(missing, ", no ")}
	}
	if v.OTP != "" && v.WrongOTP == "" {
		v.WrongOTP = wrongFor(v.OTP)
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
