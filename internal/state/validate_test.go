package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

func TestValidate(t *testing.T) {
	full := providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", WrongOTP: "111111", Token: "token"}
	with := func(change func(*decoded)) decoded {
		y := decoded{Values: full}
		change(&y)
		return y
	}

	t.Run("a missing wrong OTP is made", func(t *testing.T) {
		got, err := validate(with(func(y *decoded) { y.WrongOTP = "" }), Request{Name: providerstate.Pending}, "")
		require.NoError(t, err)
		require.Equal(t, "234567", got.WrongOTP)
	})
	t.Run("a country code that is not yielded is the one that was asked for", func(t *testing.T) {
		got, err := validate(with(func(y *decoded) { y.CountryCode = "" }), Request{Name: providerstate.Pending, CountryCode: "+1"}, "")
		require.NoError(t, err)
		require.Equal(t, "+1", got.CountryCode)
	})
	t.Run("no validation needs no OTP and keeps none", func(t *testing.T) {
		got, err := validate(decoded{Values: full}, Request{Name: providerstate.None}, "")
		require.NoError(t, err)
		require.Empty(t, got.OTP)
		require.Empty(t, got.WrongOTP)
	})
	t.Run("no validation minds no unfit OTP", func(t *testing.T) {
		for _, otps := range []string{`"otp":"000000","wrongOtp":"012345"`, `"otp":0,"wrongOtp":0`, `"otp":{},"wrongOtp":[]`, `"otp":1234,"wrongOtp":1234`} {
			y, err := decode([]byte(`{"phone":"62647737","countryCode":"+507","token":"token",`+otps+`}`), &secret.Set{})
			require.NoError(t, err)
			got, err := validate(y, Request{Name: providerstate.None}, "")
			require.NoError(t, err, otps)
			require.Equal(t, providerstate.Values{Phone: "62647737", CountryCode: "+507", Token: "token"}, got)
			_, err = validate(y, Request{Name: providerstate.Pending}, "")
			require.ErrorContains(t, err, "otp ", otps)
		}
	})
	t.Run("no validation minds an unfit token", func(t *testing.T) {
		y, err := decode([]byte(`{"phone":"62647737","countryCode":"+507","token":"a b","otp":0}`), &secret.Set{})
		require.NoError(t, err)
		_, err = validate(y, Request{Name: providerstate.None}, "")
		require.Equal(t, &NotMade{Reason: "token is not one run of visible ASCII characters, without the word Bearer"}, err)
	})
	t.Run("face liveness that is recommended, or of which nothing is said, is as the state's name says", func(t *testing.T) {
		yes := true
		for _, flag := range []*bool{nil, &yes} {
			_, err := validate(with(func(y *decoded) { y.Liveness = flag }), Request{Name: providerstate.Liveness}, "")
			require.NoError(t, err)
		}
	})
	t.Run("face liveness that is not recommended contradicts the state's name, and no other", func(t *testing.T) {
		no := false
		y := with(func(y *decoded) { y.Liveness = &no })
		_, err := validate(y, Request{Name: providerstate.Pending}, "")
		require.NoError(t, err)
		_, err = validate(y, Request{Name: providerstate.Liveness}, "")
		require.ErrorAs(t, err, new(*NotMade))
		require.ErrorContains(t, err, "the state contradicts itself")
		require.ErrorContains(t, err, "showFaceLivenessRecommendation false")
	})
	t.Run("a gateway that is not yielded counts as honoured", func(t *testing.T) {
		_, err := validate(decoded{Values: full}, Request{Name: providerstate.Pending, PhoneGateway: "sms"}, "http://hook")
		require.NoError(t, err)
	})

	for name, c := range map[string]struct {
		y       decoded
		asked   Request
		webhook string
		skip    string
	}{
		"another country code": {decoded{Values: full}, Request{Name: providerstate.Pending, CountryCode: "+1"}, "",
			`the state has the countryCode "+507", not "+1", which was asked for`},
		"another gateway": {with(func(y *decoded) { y.PhoneGateway = "whatsapp" }), Request{Name: providerstate.Pending, PhoneGateway: "sms"}, "",
			`the state has the phoneGateway "whatsapp", not "sms", which was asked for`},
		"another webhook": {with(func(y *decoded) { y.webhookURL = "http://else" }), Request{Name: providerstate.Webhook}, "http://hook",
			`the state has the webhookUrl "http://else", not "http://hook", which was asked for`},
	} {
		t.Run(name+" skips", func(t *testing.T) {
			_, err := validate(c.y, c.asked, c.webhook)
			require.Equal(t, &Skip{Reason: c.skip}, err)
		})
	}

	for name, c := range map[string]struct {
		y      decoded
		asked  Request
		reason string
	}{
		"nothing at all":                {decoded{}, Request{Name: providerstate.Pending}, "the state yields no phone, no countryCode, no otp, no token"},
		"no OTP":                        {with(func(y *decoded) { y.OTP = "" }), Request{Name: providerstate.Expired}, "the state yields no otp"},
		"nothing for no validation":     {decoded{}, Request{Name: providerstate.None}, "the state yields no phone, no countryCode, no token"},
		"a wrong OTP that is right":     {with(func(y *decoded) { y.WrongOTP = y.OTP }), Request{Name: providerstate.Pending}, "otp and wrongOtp are the same"},
		"values that are unfit, listed": {with(func(y *decoded) { y.faults = []string{"otp is odd", "token is odd"} }), Request{Name: providerstate.Pending}, "otp is odd; token is odd"},
	} {
		t.Run(name+" is not made", func(t *testing.T) {
			_, err := validate(c.y, c.asked, "")
			require.Equal(t, &NotMade{Reason: c.reason}, err)
		})
	}
}
