package state

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

func TestDecode(t *testing.T) {
	yes := true
	for name, c := range map[string]struct {
		body string
		want providerstate.Values
	}{
		"every value": {
			`{"phone":"62647737","countryCode":"+507","otp":123456,"wrongOtp":"654321","token":"a.b-c","project":"p",
			  "projectFlow":"f","phoneGateway":"sms","showFaceLivenessRecommendation":true,"validationId":"v","appRegistrationId":"r"}`,
			providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", WrongOTP: "654321", Token: "a.b-c", Project: "p",
				ProjectFlow: "f", PhoneGateway: "sms", Liveness: &yes, ValidationID: "v", AppRegistrationID: "r"},
		},
		"an OTP as a string":                      {`{"otp":"123456"}`, providerstate.Values{OTP: "123456"}},
		"an OTP of fifteen digits is exact":       {`{"otp":999999999999999}`, providerstate.Values{OTP: "999999999999999"}},
		"null and the empty string are no values": {`{"otp":null,"token":"","phone":null,"showFaceLivenessRecommendation":null}`, providerstate.Values{}},
		"an empty liveness flag is no value":      {`{"showFaceLivenessRecommendation":""}`, providerstate.Values{}},
		"a flag as a string":                      {`{"showFaceLivenessRecommendation":"true"}`, providerstate.Values{Liveness: &yes}},
		"a phone as a number":                     {`{"phone":62647737}`, providerstate.Values{Phone: "62647737"}},
		"ids as numbers keep their digits":        {`{"validationId":12345678901234567890}`, providerstate.Values{ValidationID: "12345678901234567890"}},
		"other members are nobody's business":     {`{"Token":"x","nested":{"token":"y"},"list":[1]}`, providerstate.Values{}},
		"escapes":                                 {`{"token":"a\u0062c"}`, providerstate.Values{Token: "abc"}},
		"a wrong OTP with a leading zero is none": {`{"otp":123456,"wrongOtp":"012345"}`, providerstate.Values{OTP: "123456"}},
		"a wrong OTP that is zero is none":        {`{"otp":123456,"wrongOtp":0}`, providerstate.Values{OTP: "123456"}},
		"a wrong OTP of letters is none":          {`{"otp":123456,"wrongOtp":"wrong"}`, providerstate.Values{OTP: "123456"}},
		"a wrong OTP that is an object is none":   {`{"otp":123456,"wrongOtp":{}}`, providerstate.Values{OTP: "123456"}},
		"no body":                                 {``, providerstate.Values{}},
		"white space":                             {" \n", providerstate.Values{}},
		"an empty object":                         {`{}`, providerstate.Values{}},
	} {
		t.Run(name, func(t *testing.T) {
			y, err := decode([]byte(c.body), &secret.Set{})
			require.NoError(t, err)
			require.Empty(t, append(y.faults, y.otpFaults...))
			require.Equal(t, c.want, y.Values)
		})
	}
}

func TestDecodeFaults(t *testing.T) {
	for name, c := range map[string]struct{ body, fault string }{
		"an OTP with a fraction":            {`{"otp":123456.0}`, "otp is not made of digits alone"},
		"an OTP with an exponent":           {`{"otp":1e5}`, "otp is not made of digits alone"},
		"a negative OTP":                    {`{"otp":-123456}`, "otp is not made of digits alone"},
		"an OTP with a leading zero":        {`{"otp":"012345"}`, "otp has a leading zero, which a JSON number cannot carry"},
		"an OTP that is zero":               {`{"otp":0}`, "otp has a leading zero, which a JSON number cannot carry"},
		"an OTP of sixteen digits":          {`{"otp":"1234567890123456"}`, "otp has more than 15 digits, which not every JSON number can carry"},
		"an OTP that is an object":          {`{"otp":{}}`, "otp is neither a number nor a string of digits"},
		"a token with the scheme before it": {`{"token":"Bearer abcdef"}`, `token is not one run of visible ASCII characters, without the word Bearer`},
		"a token with a line break":         {`{"token":"abc\ndef"}`, "token is not one run of visible ASCII characters, without the word Bearer"},
		"a phone with an escape sequence":   {`{"phone":"\u001b[2J"}`, "phone has control characters"},
		"a token that is a list":            {`{"token":[]}`, "token is neither a string nor a number"},
		"a country code without plus":       {`{"countryCode":"507"}`, `countryCode is not + and 1 to 3 digits, such as "+507"`},
		"a country code of four digits":     {`{"countryCode":"+5070"}`, `countryCode is not + and 1 to 3 digits, such as "+507"`},
		"a flag that is a number":           {`{"showFaceLivenessRecommendation":1}`, "showFaceLivenessRecommendation is not true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			y, err := decode([]byte(c.body), &secret.Set{})
			require.NoError(t, err)
			require.Equal(t, []string{c.fault}, append(y.faults, y.otpFaults...))
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	for name, c := range map[string]struct{ body, contains string }{
		"text":                         {`OK`, "invalid JSON"},
		"a list":                       {`[]`, "no JSON object"},
		"null":                         {`null`, "no JSON object"},
		"cut":                          {`{"otp":12`, "invalid JSON: it ends too early"},
		"a name twice":                 {`{"otp":123456,"otp":123457}`, "invalid JSON"},
		"more after the object":        {`{"otp":123456}{}`, "invalid JSON"},
		"a number with a leading zero": {`{"phone":"1","otp": 012345}`, "invalid JSON: a syntax error (an OTP with a leading zero is one, too)"},
		"bytes that are no UTF-8":      {"{\"token\":\"\xff\"}", "invalid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode([]byte(c.body), &secret.Set{})
			require.ErrorContains(t, err, c.contains)
		})
	}
}

func TestDecodeFindsSecretsOfUnfitValues(t *testing.T) {
	secrets := &secret.Set{}
	_, err := decode([]byte(`{"token":"Bearer abcdef","otp":123456.5,"phone":{}}`), secrets)
	require.NoError(t, err)
	for _, text := range []string{"Bearer abcdef", "123456.5", "123456"} {
		require.True(t, secrets.Find(text), text)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"phone":"62647737","countryCode":"+507","otp":123456,"token":"t"}`))
	f.Add([]byte(`{"otp":"012345","showFaceLivenessRecommendation":"true"}`))
	f.Add([]byte(`{"otp":1.5e3,"token":"\u0000"}`))
	f.Add([]byte(`[{"otp":1}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		secrets := &secret.Set{}
		y, err := decode(body, secrets)
		require.Equal(t, original, body, "the body is recorded afterwards")
		if err != nil {
			return
		}
		if len(bytes.TrimSpace(body)) > 0 {
			require.True(t, json.Valid(body))
		}
		values, err := validate(y, Request{Name: providerstate.Pending}, "")
		if err != nil {
			return
		}
		require.Empty(t, providerstate.OTPFault(values.OTP))
		require.Empty(t, providerstate.OTPFault(values.WrongOTP))
		require.NotEqual(t, values.OTP, values.WrongOTP)
		for _, text := range []string{values.OTP, values.Token} {
			require.True(t, len(text) < 4 || secrets.Find(text), text)
		}
		require.True(t, countryCode.MatchString(values.CountryCode))
		require.Empty(t, providerstate.TokenFault(values.Token))
	})
}
