package state

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettle(t *testing.T) {
	full := Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", WrongOTP: "111111", Token: "token"}
	with := func(change func(*yield)) yield {
		y := yield{Values: full}
		change(&y)
		return y
	}

	t.Run("a missing wrong OTP is made", func(t *testing.T) {
		got, err := settle(with(func(y *yield) { y.WrongOTP = "" }), Request{Name: Pending}, "")
		require.NoError(t, err)
		require.Equal(t, "234567", got.WrongOTP)
	})
	t.Run("a country code that is not yielded is the one that was asked for", func(t *testing.T) {
		got, err := settle(with(func(y *yield) { y.CountryCode = "" }), Request{Name: Pending, CountryCode: "+1"}, "")
		require.NoError(t, err)
		require.Equal(t, "+1", got.CountryCode)
	})
	t.Run("no validation needs no OTP and keeps none", func(t *testing.T) {
		got, err := settle(yield{Values: full}, Request{Name: None}, "")
		require.NoError(t, err)
		require.Empty(t, got.OTP)
		require.Empty(t, got.WrongOTP)
	})
	t.Run("no validation minds no unfit OTP", func(t *testing.T) {
		for _, otps := range []string{`"otp":"000000","wrongOtp":"012345"`, `"otp":0,"wrongOtp":0`, `"otp":{},"wrongOtp":[]`, `"otp":1234,"wrongOtp":1234`} {
			y, err := readYield([]byte(`{"phone":"62647737","countryCode":"+507","token":"token",` + otps + `}`))
			require.NoError(t, err)
			got, err := settle(y, Request{Name: None}, "")
			require.NoError(t, err, otps)
			require.Equal(t, Values{Phone: "62647737", CountryCode: "+507", Token: "token"}, got)
			_, err = settle(y, Request{Name: Pending}, "")
			require.ErrorContains(t, err, "otp ", otps)
		}
	})
	t.Run("no validation minds an unfit token", func(t *testing.T) {
		y, err := readYield([]byte(`{"phone":"62647737","countryCode":"+507","token":"a b","otp":0}`))
		require.NoError(t, err)
		_, err = settle(y, Request{Name: None}, "")
		require.Equal(t, &Unmade{Reason: "token has white space or characters that a header cannot carry"}, err)
	})
	t.Run("face liveness that is recommended, or of which nothing is said, is as the state's name says", func(t *testing.T) {
		yes := true
		for _, flag := range []*bool{nil, &yes} {
			_, err := settle(with(func(y *yield) { y.Liveness = flag }), Request{Name: Liveness}, "")
			require.NoError(t, err)
		}
	})
	t.Run("face liveness that is not recommended contradicts the state's name, and no other", func(t *testing.T) {
		no := false
		y := with(func(y *yield) { y.Liveness = &no })
		_, err := settle(y, Request{Name: Pending}, "")
		require.NoError(t, err)
		_, err = settle(y, Request{Name: Liveness}, "")
		require.ErrorAs(t, err, new(*Unmade))
		require.ErrorContains(t, err, "the state contradicts itself")
		require.ErrorContains(t, err, "showFaceLivenessRecommendation false")
	})
	t.Run("a gateway that is not yielded counts as honoured", func(t *testing.T) {
		_, err := settle(yield{Values: full}, Request{Name: Pending, PhoneGateway: "sms"}, "http://hook")
		require.NoError(t, err)
	})

	for name, c := range map[string]struct {
		y       yield
		asked   Request
		webhook string
		skip    string
	}{
		"another country code": {yield{Values: full}, Request{Name: Pending, CountryCode: "+1"}, "",
			`the state has the countryCode "+507", not "+1", which was asked for`},
		"another gateway": {with(func(y *yield) { y.PhoneGateway = "whatsapp" }), Request{Name: Pending, PhoneGateway: "sms"}, "",
			`the state has the phoneGateway "whatsapp", not "sms", which was asked for`},
		"another webhook": {with(func(y *yield) { y.webhookURL = "http://else" }), Request{Name: Webhook}, "http://hook",
			`the state has the webhookUrl "http://else", not "http://hook", which was asked for`},
	} {
		t.Run(name+" skips", func(t *testing.T) {
			_, err := settle(c.y, c.asked, c.webhook)
			require.Equal(t, &Skip{Reason: c.skip}, err)
		})
	}

	for name, c := range map[string]struct {
		y      yield
		asked  Request
		reason string
	}{
		"nothing at all":                {yield{}, Request{Name: Pending}, "the state yields no phone, no countryCode, no otp, no token"},
		"no OTP":                        {with(func(y *yield) { y.OTP = "" }), Request{Name: Expired}, "the state yields no otp"},
		"nothing for no validation":     {yield{}, Request{Name: None}, "the state yields no phone, no countryCode, no token"},
		"a wrong OTP that is right":     {with(func(y *yield) { y.WrongOTP = y.OTP }), Request{Name: Pending}, "otp and wrongOtp are the same"},
		"values that are unfit, listed": {with(func(y *yield) { y.faults = []string{"otp is odd", "token is odd"} }), Request{Name: Pending}, "otp is odd; token is odd"},
	} {
		t.Run(name+" is unmade", func(t *testing.T) {
			_, err := settle(c.y, c.asked, "")
			require.Equal(t, &Unmade{Reason: c.reason}, err)
		})
	}
}

func TestWrongOTPDiffersInEveryDigit(t *testing.T) {
	for _, otp := range []string{"1", "9", "123456", "999999", "900000", "189098"} {
		wrong := wrongFor(otp)
		require.Len(t, wrong, len(otp))
		require.Empty(t, digitsFault(wrong))
		for i := range otp {
			require.NotEqual(t, otp[i], wrong[i])
		}
	}
}
