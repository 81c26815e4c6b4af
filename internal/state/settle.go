package state

import (
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/secret"
)

// settle checks what a source yielded against what was asked for, and completes it. The error is *Unmade where a
// value is missing or unfit, and *Skip where the state is another than was asked for.
func settle(y yield, asked Request, webhookURL string) (Values, error) {
	if asked.Name == None {
		y.OTP, y.WrongOTP, y.otpFaults = "", "", nil
	}
	if faults := slices.Concat(y.faults, y.otpFaults); len(faults) > 0 {
		return Values{}, &Unmade{Reason: strings.Join(faults, "; "), leadingZero: y.leadingZero && len(faults) == 1}
	}
	v := y.Values
	for _, parameter := range []struct{ name, asked, yielded string }{
		{"countryCode", asked.CountryCode, v.CountryCode},
		{"phoneGateway", asked.PhoneGateway, nameOf(v.PhoneGateway)},
		{"webhookUrl", webhookURL, y.webhookURL},
	} {
		if parameter.asked != "" && parameter.yielded != "" && parameter.asked != parameter.yielded {
			return Values{}, &Skip{Reason: fmt.Sprintf("the state has the %s %q, not %q, which was asked for",
				parameter.name, parameter.yielded, parameter.asked)}
		}
	}
	// Left alone it would be the provider that is blamed: its answer agrees with the flow, not with the state's name.
	if asked.Name == Liveness && v.Liveness != nil && !*v.Liveness {
		return Values{}, &Unmade{Reason: "the state contradicts itself: it is one with face liveness recommended, and yields " +
			"showFaceLivenessRecommendation false; make it in a project flow that recommends face liveness"}
	}
	if v.CountryCode == "" {
		v.CountryCode = asked.CountryCode
	}
	if missing := missingValues(v, asked.Name); len(missing) > 0 {
		return Values{}, &Unmade{Reason: "the state yields no " + strings.Join(missing, ", no ")}
	}
	if v.OTP != "" && v.WrongOTP == "" {
		v.WrongOTP = wrongFor(v.OTP)
	}
	if v.OTP != "" && v.OTP == v.WrongOTP {
		return Values{}, &Unmade{Reason: "otp and wrongOtp are the same"}
	}
	return v, nil
}

// nameOf is what a source calls a gateway, fit to be shown: one that mixes up its values may have an OTP there.
func nameOf(gateway string) string {
	var none secret.Set
	return none.RedactFrom(gateway)
}

func missingValues(v Values, name Name) []string {
	var missing []string
	for _, required := range []struct{ name, value string }{
		{"phone", v.Phone}, {"countryCode", v.CountryCode}, {"otp", v.OTP}, {"token", v.Token},
	} {
		if required.value == "" && (required.name != "otp" || name != None) {
			missing = append(missing, required.name)
		}
	}
	return missing
}
