package reference

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	wrongOTPBody   = `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`
	notFoundBody   = `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`
	hasExpiredBody = `{"code":"phoneValidation_has_expired","message":"412:phoneValidation_has_expired"}`
	formatBody     = `{"code":"MissingParameter","message":"Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."}`
)

func TestRightOTPIsAnsweredAsDocumented(t *testing.T) {
	for _, code := range []string{"+1", "+57", "+507"} {
		t.Run(code, func(t *testing.T) {
			b := newBench(t, Options{})
			v := b.state(t, StatePending, "countryCode", code)
			r := b.put(v, v.OTP)
			require.Equal(t, http.StatusOK, r.status)
			require.Equal(t, []string{"application/json"}, r.header["Content-Type"])
			require.Equal(t, `{"data":{"_id":"`+v.ValidationID+`","status":"validated","countryCode":"`+code+`","phone":"`+v.Phone+`","type":"onboarding","showFaceLivenessRecommendation":false}}`, r.body)
		})
	}
}

func TestRefusalsAreAnsweredAsDocumented(t *testing.T) {
	cases := []struct {
		name, state string
		body        func(values) string
		status      int
		want        string
	}{
		{"a wrong OTP", StatePending, func(v values) string { return v.request(strconv.Itoa(v.WrongOTP)) }, 403, wrongOTPBody},
		{"no validation", StateNone, func(v values) string { return v.request("123456") }, 404, notFoundBody},
		{"an expired OTP", StateExpired, func(v values) string { return v.request(strconv.Itoa(v.OTP)) }, 412, hasExpiredBody},
		{"a wrong OTP that has expired", StateExpired, func(v values) string { return v.request(strconv.Itoa(v.WrongOTP)) }, 412, hasExpiredBody},
		{"another project", StatePending, func(v values) string {
			return v.request(strconv.Itoa(v.OTP), `"project":"000000000000000000000000"`)
		}, 404, notFoundBody},
		{"another flow", StatePending, func(v values) string {
			return v.request(strconv.Itoa(v.OTP), `"project":"`+v.Project+`"`, `"projectFlow":"000000000000000000000000"`)
		}, 404, notFoundBody},
		{"a project that is not a string", StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"project":{"a":1}`) }, 404, notFoundBody},
		{"another country code", StatePending, func(v values) string {
			v.CountryCode = "+58"
			return v.request(strconv.Itoa(v.OTP))
		}, 404, notFoundBody},
		{"all missing", StateNone, func(values) string { return `{}` }, 409, `{"code":"MissingParameter","message":"missing phone\n. missing countryCode\n. missing otp"}`},
		{"an empty body", StateNone, func(values) string { return "" }, 409, `{"code":"MissingParameter","message":"missing phone\n. missing countryCode\n. missing otp"}`},
		{"phone and country code missing", StateNone, func(values) string { return `{"otp":1}` }, 409, `{"code":"MissingParameter","message":"missing phone\n. missing countryCode"}`},
		{"phone and OTP missing", StateNone, func(values) string { return `{"countryCode":"+1"}` }, 409, `{"code":"MissingParameter","message":"missing phone\n. missing otp"}`},
		{"country code and OTP missing", StateNone, func(values) string { return `{"phone":"1"}` }, 409, `{"code":"MissingParameter","message":"missing countryCode\n. missing otp"}`},
		{"phone missing", StateNone, func(values) string { return `{"otp":1,"countryCode":"+1"}` }, 409, `{"code":"MissingParameter","message":"missing phone"}`},
		{"country code missing", StateNone, func(values) string { return `{"otp":1,"phone":"1"}` }, 409, `{"code":"MissingParameter","message":"missing countryCode"}`},
		{"OTP missing", StateNone, func(values) string { return `{"phone":"1","countryCode":"+1"}` }, 409, `{"code":"MissingParameter","message":"missing otp"}`},
		{"a missing phone and a country code of another form", StateNone, func(values) string { return `{"otp":1,"countryCode":"1"}` }, 409, `{"code":"MissingParameter","message":"missing phone"}`},
		{"a phone of spaces alone", StateNone, func(values) string { return `{"phone":"  ","otp":1,"countryCode":"+1"}` }, 409, `{"code":"MissingParameter","message":"missing phone"}`},
		{"a phone that is a number", StateNone, func(values) string { return `{"phone":1,"otp":1,"countryCode":"+1"}` }, 409, `{"code":"MissingParameter","message":"missing phone"}`},
		{"an OTP that is a string", StatePending, func(v values) string { return v.request(strconv.Quote(strconv.Itoa(v.OTP))) }, 409, `{"code":"MissingParameter","message":"missing otp"}`},
		{"an OTP that is null", StatePending, func(v values) string { return v.request("null") }, 409, `{"code":"MissingParameter","message":"missing otp"}`},
	}
	for _, code := range []string{"507", "+", "+5077", "+abc", "++507", "507+", "+507+", "+50 ", " +507", "+٥٠٧", "+5\n"} {
		body := encoded(object{{"phone", "1"}, {"countryCode", code}, {"otp", 1}})
		cases = append(cases, struct {
			name, state string
			body        func(values) string
			status      int
			want        string
		}{"the country code " + strconv.Quote(code), StateNone, func(values) string { return string(body) }, 409, formatBody})
	}
	b := newBench(t, Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := b.state(t, c.state)
			r := b.putBody(v, c.body(v))
			require.Equal(t, c.want, r.body)
			require.Equal(t, c.status, r.status)
			require.Equal(t, "application/json", r.header.Get("Content-Type"))
			if v.ValidationID != "" {
				require.Equal(t, statusSent, b.status(v))
				require.Nil(t, b.link(v, ""))
			}
		})
	}
}

func TestSpacesAreRemovedFromThePhone(t *testing.T) {
	for name, spaced := range map[string]func(string) string{
		"before":         func(s string) string { return "  " + s },
		"after":          func(s string) string { return s + " " },
		"inside":         func(s string) string { return s[:4] + " " + s[4:] },
		"between each":   func(s string) string { return strings.Join(strings.Split(s, ""), " ") },
		"two in a place": func(s string) string { return s[:2] + "  " + s[2:] },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Options{})
			v := b.state(t, StatePending)
			sent := v
			sent.Phone = spaced(v.Phone)
			r := b.put(sent, v.OTP)
			require.Equal(t, http.StatusOK, r.status)
			require.Contains(t, r.body, `"phone":"`+v.Phone+`"`)
		})
	}
}

func TestOptionsAreAccepted(t *testing.T) {
	for _, gateway := range []string{"sms", "whatsapp", "none"} {
		b := newBench(t, Options{})
		v := b.state(t, StatePending, "phoneGateway", gateway)
		require.Equal(t, gateway, v.PhoneGateway)
		r := b.putBody(v, v.request(strconv.Itoa(v.OTP), `"project":"`+v.Project+`"`, `"projectFlow":"`+v.ProjectFlow+`"`, `"phoneGateway":"`+gateway+`"`))
		require.Equal(t, http.StatusOK, r.status, r.body)
	}
}

func TestSuccessIsKeptAndLinked(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	require.Equal(t, statusSent, b.status(v))
	require.Nil(t, b.link(v, populated))
	require.Equal(t, http.StatusOK, b.put(v, v.OTP).status)
	for range 2 {
		require.Equal(t, statusValidated, b.status(v))
	}
	require.Equal(t, v.ValidationID, b.link(v, ""))
	require.Equal(t, v.ValidationID, b.link(v, populated).(map[string]any)["_id"])

	t.Run("and it is found no more", func(t *testing.T) {
		r := b.put(v, v.OTP)
		require.Equal(t, http.StatusNotFound, r.status)
		require.Equal(t, notFoundBody, r.body)
		require.Equal(t, statusValidated, b.status(v))
	})
}

func TestWrongOTPDoesNotSpendTheValidation(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	for range 10 {
		require.Equal(t, http.StatusForbidden, b.put(v, v.WrongOTP).status)
	}
	require.Equal(t, http.StatusOK, b.put(v, v.OTP).status)
}

func TestOTPExpiresAfterTenMinutes(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	b.clock.advance(lifetime - time.Millisecond)
	require.Equal(t, http.StatusForbidden, b.put(v, v.WrongOTP).status)
	b.clock.advance(time.Millisecond)
	require.Equal(t, hasExpiredBody, b.put(v, v.OTP).body)
	require.Equal(t, statusSent, b.status(v))
}

func TestFlowRecommendsFaceLiveness(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StateLiveness)
	require.True(t, v.ShowFaceLivenessRecommendation)
	require.Equal(t, LivenessFlow, v.ProjectFlow)
	require.Contains(t, b.put(v, v.OTP).body, `"showFaceLivenessRecommendation":true}}`)
}

func TestOnlyTheRegistrationsOwnTokenValidates(t *testing.T) {
	for name, authorization := range map[string]func(own, other values) string{
		"no header":                      func(values, values) string { return "" },
		"not a bearer":                   func(values, values) string { return "Basic dXNlcjpwYXNz" },
		"a bearer without a token":       func(values, values) string { return "Bearer " },
		"the token without a scheme":     func(own, _ values) string { return own.Token },
		"an unknown token":               func(own, _ values) string { return "Bearer " + newToken(own.AppRegistrationID) },
		"the token of another":           func(_, other values) string { return "Bearer " + other.Token },
		"the token with other letters":   func(own, _ values) string { return "Bearer " + strings.ToLower(own.Token) },
		"the token without its last one": func(own, _ values) string { return "Bearer " + own.Token[:len(own.Token)-1] },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Options{})
			own, other := b.state(t, StatePending), b.state(t, StatePending)
			r := b.call(http.MethodPut, endpointPath, authorization(own, other), own.request(strconv.Itoa(own.OTP)))
			require.Contains(t, []int{401, 404}, r.status)
			require.Regexp(t, `^\{"code":"[^"]+","message":"[^"]+"\}$`, r.body)
			require.Equal(t, statusSent, b.status(own))
		})
	}
}

func TestTwentyRightOTPsAtOnceValidateOnce(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	var wg sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		wg.Go(func() { statuses[i] = b.put(v, v.OTP).status })
	}
	wg.Wait()
	count := map[int]int{}
	for _, s := range statuses {
		count[s]++
	}
	require.Equal(t, map[int]int{200: 1, 404: 19}, count)
}

func TestUnusualRequestsAreAnsweredInTwoFieldsAndWithoutSecrets(t *testing.T) {
	long := strings.Repeat("6", 1<<20)
	for name, body := range map[string]string{
		"no JSON":                     `{"phone":`,
		"an array":                    `[]`,
		"null":                        `null`,
		"a string":                    `"x"`,
		"a byte order mark":           "\xef\xbb\xbf{}",
		"two values":                  `{} {}`,
		"deep nesting":                strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000),
		"nesting in an extra":         `{"phone":"1","countryCode":"+1","otp":1,"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`,
		"a phone of 1 MiB":            `{"phone":"` + long + `","countryCode":"+1","otp":1}`,
		"more than is read":           strings.Repeat(long, 5),
		"an OTP of 1 MiB":             `{"phone":"1","countryCode":"+1","otp":` + long + `}`,
		"NUL in the country code":     `{"phone":"1","countryCode":"+\u0000","otp":1}`,
		"a lone surrogate":            `{"phone":"\ud800","countryCode":"+1","otp":1}`,
		"invalid UTF-8":               "{\"phone\":\"\xff\",\"countryCode\":\"+1\",\"otp\":1}",
		"an emoji":                    `{"phone":"📱","countryCode":"+1","otp":1}`,
		"an exponent beyond all":      `{"phone":"1","countryCode":"+1","otp":1e99999999999999999999}`,
		"an object as OTP":            `{"phone":"1","countryCode":"+1","otp":{"$ne":0}}`,
		"keys in other capitals":      `{"Phone":"1","COUNTRYCODE":"+1","Otp":1}`,
		"members of every wrong type": `{"phone":[],"countryCode":{},"otp":true,"project":1,"projectFlow":[],"phoneGateway":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Options{})
			v := b.state(t, StatePending)
			r := b.putBody(v, body)
			require.NoError(t, r.err)
			require.GreaterOrEqual(t, r.status, 400)
			require.Less(t, r.status, 500)
			require.Regexp(t, `^\{"code":"[^"]+","message":"[^"]+"\}$`, r.body)
			require.NotContains(t, fmt.Sprint(r.header, r.body), v.Token)
		})
	}
}

func TestContentTypeOfARequestIsIgnored(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	r := b.call(http.MethodPut, endpointPath, "bearer "+v.Token, v.request(strconv.Itoa(v.OTP)), "Content-Type", "text/plain")
	require.Equal(t, http.StatusOK, r.status)
}

func TestTheLastOfARepeatedKeyCounts(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	right, wrong := strconv.Itoa(v.OTP), strconv.Itoa(v.WrongOTP)
	require.Equal(t, http.StatusForbidden, b.putBody(v, v.request(right, `"otp":`+wrong)).status)
	require.Equal(t, http.StatusOK, b.putBody(v, v.request(wrong, `"otp":`+right)).status)
}

func TestSameNumber(t *testing.T) {
	for literal, same := range map[string]bool{
		"123400": true, "123400.0": true, "123400.000": true, "1234e2": true, "1.234e5": true, "1.234E+5": true,
		"0.1234e6": true, "12340000e-2": true, "1234000000.00e-4": true, "123400e0": true, "123400e-0": true,
		"123400.4": false, "-123400": false, "1234": false, "12340": false, "1234000": false, "0": false, "0.0": false,
		"4295090696": false, "1e400": false, "1234e99999999999999999999": false, "1234e-99999999999999999999": false,
		"1234e4294967298": false, "": false, "any": false, "123400e": false, "1.234e5.0": false,
	} {
		require.Equal(t, same, sameNumber(literal, 123400), literal)
	}
}
