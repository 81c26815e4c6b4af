package providerstate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

func TestAStateIsNamedAsASentenceOfAFeatureNamesIt(t *testing.T) {
	for _, name := range providerstate.Names() {
		require.True(t, name.Valid(), name)
	}
	for name, valid := range map[providerstate.Name]bool{
		"a locked phone validation":                         true,
		"an unsent phone validation":                        true,
		"no locked phone validation":                        true,
		"a phone validation":                                true,
		"a phone validation that was locked an hour ago":    true,
		"a locked, expired phone validation of another app": true,
		"":                               false,
		"phone validation":               false,
		"a locked validation":            false,
		"the locked phone validation":    false,
		"a locked phone validations":     false,
		"a  phone validation":            true,
		" a locked phone validation":     false,
		"a locked phone validation\n":    false,
		"alocked phone validation":       false,
		`a "locked" phone validation`:    false,
		"a locked phonevalidation":       false,
		"a locked microphone validation": false,
	} {
		require.Equal(t, valid, name.Valid(), "%q", name)
	}
}

func TestWhatIsMissingDependsOnTheState(t *testing.T) {
	v := providerstate.Values{Phone: "62647737", CountryCode: "+507", Token: "t"}
	require.Equal(t, []string{"otp"}, v.Missing(providerstate.Pending))
	require.Equal(t, []string{"otp"}, v.Missing("a locked phone validation"))
	require.Empty(t, v.Missing(providerstate.None))
	require.Equal(t, []string{"phone", "countryCode", "token"}, providerstate.Values{}.Missing(providerstate.None))
}

func TestOptionalReturnsTheNamesOfKnownValues(t *testing.T) {
	no := false
	require.Empty(t, providerstate.Values{Phone: "1", OTP: "123456"}.Optional())
	require.Equal(t, []string{"project", "projectFlow", "phoneGateway", "showFaceLivenessRecommendation", "validationId", "appRegistrationId"},
		providerstate.Values{Project: "p", ProjectFlow: "f", PhoneGateway: "sms", Liveness: &no, ValidationID: "v", AppRegistrationID: "r"}.Optional())
}

func TestWrongOTPDiffersInEveryDigit(t *testing.T) {
	for _, otp := range []string{"1", "9", "123456", "999999", "900000", "189098"} {
		wrong := providerstate.WrongFor(otp)
		require.Len(t, wrong, len(otp))
		require.Empty(t, providerstate.OTPFault(wrong))
		for i := range otp {
			require.NotEqual(t, otp[i], wrong[i])
		}
	}
}
