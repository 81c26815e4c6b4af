package steps

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
)

const aState = "there is a pending phone validation"

func TestTheBodyOfEachRequestByteForByte(t *testing.T) {
	for name, test := range map[string]struct {
		texts    []string
		typed    string // "": the right OTP
		expected string
	}{
		"the documentation's example": {nil, "", `{"phone":"62647737","countryCode":"+507","otp":123456}`},
		"any OTP":                     {nil, "any OTP", `{"phone":"62647737","countryCode":"+507","otp":246813}`},
		"the state's wrong OTP":       {nil, "a wrong OTP", `{"phone":"62647737","countryCode":"+507","otp":654321}`},
		"the first digit wrong":       {nil, "an OTP of which only the first digit is wrong", `{"phone":"62647737","countryCode":"+507","otp":223456}`},
		"a middle digit wrong":        {nil, "an OTP of which only a middle digit is wrong", `{"phone":"62647737","countryCode":"+507","otp":123956}`},
		"the last digit wrong":        {nil, "an OTP of which only the last digit is wrong", `{"phone":"62647737","countryCode":"+507","otp":123457}`},
		"every digit wrong":           {nil, "an OTP of which every digit is wrong", `{"phone":"62647737","countryCode":"+507","otp":234567}`},
		"in quotation marks":          {nil, "the right OTP in quotation marks", `{"phone":"62647737","countryCode":"+507","otp":"123456"}`},
		"a space in front":            {[]string{"the phone is written with a space in front"}, "", `{"phone":" 62647737","countryCode":"+507","otp":123456}`},
		"a tab":                       {[]string{"the phone is written with a tab inside"}, "", `{"phone":"6264\t7737","countryCode":"+507","otp":123456}`},
		"a no-break space":            {[]string{"the phone is written with a no-break space inside"}, "", "{\"phone\":\"6264\u00a07737\",\"countryCode\":\"+507\",\"otp\":123456}"},
		"a country code":              {[]string{`the country code is written "++507"`}, "", `{"phone":"62647737","countryCode":"++507","otp":123456}`},
		"a country code in Arabic":    {[]string{`the country code is written "+٥٠٧"`}, "", `{"phone":"62647737","countryCode":"+٥٠٧","otp":123456}`},
		"a country code with a quote": {[]string{`the country code is written "+5"0"`}, "", `{"phone":"62647737","countryCode":"+5\"0","otp":123456}`},
		"a code with a backslash":     {[]string{`the country code is written "+5\0"`}, "", `{"phone":"62647737","countryCode":"+5\\0","otp":123456}`},
		"a code with a line break":    {[]string{"the country code is written \"+507\n\""}, "", `{"phone":"62647737","countryCode":"+507\n","otp":123456}`},
		"a code with a NUL":           {[]string{"the country code is written \"+5\x000\""}, "", `{"phone":"62647737","countryCode":"+5\u00000","otp":123456}`},
		"a list over two lines":       {[]string{"the request gives \"phone\" as [1,\n2]"}, "", "{\"phone\":[1,\n2],\"countryCode\":\"+507\",\"otp\":123456}"},
		"its own project":             {[]string{"the request names the validation's own project"}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"project":"p1"}`},
		"its own flow":                {[]string{"the request names the validation's own project flow"}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"projectFlow":"f1"}`},
		"its own gateway":             {[]string{"the request names the validation's own gateway"}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"phoneGateway":"sms"}`},
		"another gateway":             {[]string{"the request names another gateway"}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"phoneGateway":"whatsapp"}`},
		"all three, in their order": {[]string{"the request names the validation's own gateway", "the request names the validation's own project", "the request names the validation's own project flow"}, "",
			`{"phone":"62647737","countryCode":"+507","otp":123456,"phoneGateway":"sms","project":"p1","projectFlow":"f1"}`},
		"its own flow, which is known": {[]string{"the request names the validation's own project flow, if it is known"}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"projectFlow":"f1"}`},
		"nothing at all":               {[]string{"the request leaves out phone, countryCode and otp"}, "", `{}`},
		"without a phone":              {[]string{"the request leaves out phone"}, "", `{"countryCode":"+507","otp":123456}`},
		"without a code and an OTP":    {[]string{"the request leaves out countryCode and otp"}, "", `{"phone":"62647737"}`},
		"a huge OTP":                   {[]string{`the request gives "otp" as 1e400`}, "any OTP", `{"phone":"62647737","countryCode":"+507","otp":1e400}`},
		"a leading zero":               {[]string{`the request gives "otp" as 024681`}, "any OTP", `{"phone":"62647737","countryCode":"+507","otp":024681}`},
		"a phone that is null":         {[]string{`the request gives "phone" as null`}, "any OTP", `{"phone":null,"countryCode":"+507","otp":246813}`},
		"an unknown parameter":         {[]string{`the request gives "colour" as "green"`}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"colour":"green"}`},
		"a parameter given twice":      {[]string{`the request gives "colour" as "green"`, `the request gives "colour" as [1]`}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"colour":[1]}`},
		"a key that needs escapes":     {[]string{`the request gives "a\b" as 1`}, "", `{"phone":"62647737","countryCode":"+507","otp":123456,"a\\b":1}`},
		"the OTP first":                {[]string{"the OTP is the first of the parameters"}, "", `{"otp":123456,"phone":"62647737","countryCode":"+507"}`},
		"the OTP in the middle":        {[]string{"the OTP is the middle of the parameters"}, "", `{"phone":"62647737","otp":123456,"countryCode":"+507"}`},
		"laid out with spaces":         {[]string{"the request is laid out with spaces between its parts"}, "", `{ "phone" : "62647737" , "countryCode" : "+507" , "otp" : 123456 }`},
		"over several lines":           {[]string{"the request is laid out over several lines"}, "", "{\n  \"phone\": \"62647737\",\n\t\"countryCode\": \"+507\",\n\t\"otp\": 123456\n}\n"},
		"an escaped plus":              {[]string{"the request is laid out with its plus as an escape"}, "", `{"phone":"62647737","countryCode":"\u002b507","otp":123456}`},
		"the other way round":          {[]string{"the request names the validation's own project", "the parameters stand the other way round"}, "", `{"project":"p1","otp":123456,"countryCode":"+507","phone":"62647737"}`},
		"as documented again": {[]string{"the request names another project", "the request leaves out otp", `the country code is written "507"`, "the request comes without a token", "the parameters stand the other way round", "the request is as documented again"}, "",
			`{"phone":"62647737","countryCode":"+507","otp":123456}`},
		"the OTP last, after others": {[]string{"the OTP is the last of the parameters", "the request names the validation's own project"}, "", `{"phone":"62647737","countryCode":"+507","project":"p1","otp":123456}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, reply(403, `{}`))
			w := newWorld(t, p, aState)
			typed := "the right OTP"
			if test.typed != "" {
				typed = test.typed
			}
			require.NoError(t, do(t, w, append(append([]string{aState}, test.texts...), "the person types "+typed)...))
			calls := p.got()
			require.Len(t, calls, 1)
			require.Equal(t, test.expected, calls[0].body)
			require.Equal(t, "PUT", calls[0].method)
			require.Equal(t, "/v2/phone-validations", calls[0].uri)
			require.Equal(t, test.expected, string(w.Exchanges[len(w.Exchanges)-1].Request.Body))
		})
	}
}

func TestBodiesSentInsteadOfARequest(t *testing.T) {
	for words, check := range map[string]func(t *testing.T, body string){
		"text that is not JSON": func(t *testing.T, body string) { require.False(t, json.Valid([]byte(body))) },
		"nothing":               func(t *testing.T, body string) { require.Empty(t, body) },
		"a list": func(t *testing.T, body string) {
			var list []any
			require.NoError(t, json.Unmarshal([]byte(body), &list))
		},
		"a deeply nested object": func(t *testing.T, body string) {
			require.True(t, json.Valid([]byte(body)))
			require.Equal(t, 1000, strings.Count(body, "{"))
		},
		"an object of one mebibyte": func(t *testing.T, body string) {
			require.True(t, json.Valid([]byte(body)))
			require.Len(t, body, 1<<20)
		},
	} {
		t.Run(words, func(t *testing.T) {
			p := newProvider(t, reply(400, ``))
			w := newWorld(t, p, "there is no phone validation")
			w.Observed = true
			require.NoError(t, do(t, w, "there is no phone validation", words+" is sent instead of a request", "the answer is recorded"))
			check(t, p.got()[0].body)
			require.NotContains(t, p.got()[0].body, "123456")
			require.Equal(t, []contract.Observation{{Status: 400, Shape: "empty"}}, w.Observations)
		})
	}
}

func TestCredentialsOfRequests(t *testing.T) {
	jwt := regexp.MustCompile(`^Bearer [\w-]+\.[\w-]+\.[\w-]+$`)
	for words, check := range map[string]func(t *testing.T, w *World, values []string){
		"":                func(t *testing.T, _ *World, values []string) { require.Equal(t, []string{"Bearer " + aToken}, values) },
		"without a token": func(t *testing.T, _ *World, values []string) { require.Empty(t, values) },
		"with the token of the other app registration": func(t *testing.T, _ *World, values []string) {
			require.Equal(t, []string{"Bearer " + otherToken1}, values)
		},
		"with its own token, its last character another one": func(t *testing.T, _ *World, values []string) {
			require.Equal(t, []string{"Bearer " + otherCharacter(aToken, len(aToken)-1)}, values)
		},
		"with its own token, its first character another one": func(t *testing.T, _ *World, values []string) {
			require.Equal(t, []string{"Bearer " + otherCharacter(aToken, 0)}, values)
		},
		"with made-up credentials instead of a token": func(t *testing.T, _ *World, values []string) {
			require.Len(t, values, 1)
			decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(values[0], "Basic "))
			require.NoError(t, err)
			require.Regexp(t, `^nobody:[0-9a-f]{12}$`, string(decoded))
		},
		"with an unknown token": func(t *testing.T, w *World, values []string) {
			require.Len(t, values, 1)
			require.Regexp(t, jwt, values[0])
			require.NotContains(t, w.Secrets.Redact("x "+values[0]), "eyJ", "a made-up token looks like a real one: it is redacted too")
			require.Contains(t, w.Private().Secrets, strings.TrimPrefix(values[0], "Bearer "))
		},
	} {
		t.Run(words, func(t *testing.T) {
			p := newProvider(t, reply(401, `{}`))
			texts := []string{aState, "there is another app registration"}
			if words != "" {
				texts = append(texts, "the request comes "+words)
			}
			w := newWorld(t, p, texts...)
			require.NoError(t, do(t, w, append(texts, "the person types the right OTP")...))
			check(t, w, p.got()[0].header.Values("Authorization"))
		})
	}
	for words, name := range map[string]string{"the id of the validation": "validationId", "the id of its own app registration": "appRegistrationId"} {
		for id, reason := range map[string]string{"an-id": "", "": "does not yield", aToken: "is the token"} {
			t.Run(words+" as "+id, func(t *testing.T) {
				p := newProvider(t, reply(401, `{}`))
				p.states[0][name] = id
				w := newWorld(t, p, aState)
				err := do(t, w, aState, "the request comes with "+words+" instead of a token", "the person types the right OTP")
				if reason != "" {
					requireSkip(t, err, reason)
					return
				}
				require.NoError(t, err)
				require.Equal(t, []string{"Bearer " + id}, p.got()[0].header.Values("Authorization"))
			})
		}
	}
	t.Run("another registration of the same token skips", func(t *testing.T) {
		p := newProvider(t, reply(401, `{}`))
		p.states[1]["token"] = aToken
		w := newWorld(t, p, aState, "there is another app registration")
		requireSkip(t, do(t, w, aState, "there is another app registration", "the request comes with the token of the other app registration"), "same token")
	})
}

func TestDeclaredContentTypes(t *testing.T) {
	for words, expected := range map[string][]string{
		"":                              {"application/json"},
		`the content type "text/plain"`: {"text/plain"},
		`the content type ""`:           nil,
		"no content type":               nil,
	} {
		t.Run(words, func(t *testing.T) {
			p := newProvider(t, reply(400, `{}`))
			w := newWorld(t, p, aState)
			texts := []string{aState}
			if words != "" {
				texts = append(texts, "the request declares "+words)
			}
			require.NoError(t, do(t, w, append(texts, "the person types any OTP")...))
			require.Equal(t, expected, p.got()[0].header.Values("Content-Type"))
		})
	}
}

func TestAnAppInABrowserSendsTheLanguagesOfItsUser(t *testing.T) {
	for laidOut, expected := range map[string]string{
		"without spaces":     "es-PA,es;q=0.9,en;q=0.8",
		"over several lines": "",
	} {
		p := newProvider(t, reply(400, `{}`))
		w := newWorld(t, p, aState)
		require.NoError(t, do(t, w, aState, "the request is laid out "+laidOut, "the person types any OTP"))
		require.Equal(t, expected, p.got()[0].header.Get("Accept-Language"), laidOut)
	}
}

func TestWaysToWriteAPhone(t *testing.T) {
	for how, expected := range map[string]string{
		"a space in front":        " 62647737",
		"a space at the end":      "62647737 ",
		"a space inside":          "6264 7737",
		"several spaces inside":   "6     264     773     7",
		"two spaces side by side": "6264  7737",
		"spaces everywhere":       "  6 264 773 7  ",
		"dashes":                  "626-477-37",
		"dots":                    "626.477.37",
		"parentheses":             "(62)647737",
		"a leading zero":          "062647737",
		"a tab inside":            "6264\t7737",
		"a no-break space inside": "6264\u00a07737",
	} {
		t.Run(how, func(t *testing.T) {
			found, _ := matching("the phone is written with " + how)
			require.Len(t, found, 1)
			written, err := (&World{values: providerstate.Values{Phone: "62647737"}}).writtenPhone(how)
			require.NoError(t, err)
			require.Equal(t, expected, written)
			for _, phone := range []string{"1234", "12345", "123456789012345"} {
				written, err := (&World{values: providerstate.Values{Phone: phone}}).writtenPhone(how)
				require.NoError(t, err)
				require.NotEqual(t, phone, written)
				require.Equal(t, phone, strings.TrimPrefix(regexp.MustCompile(`[^0-9]`).ReplaceAllString(written, ""), map[bool]string{true: "0"}[how == "a leading zero"]))
			}
		})
	}
	_, err := (&World{values: providerstate.Values{Phone: "123"}}).writtenPhone("dashes")
	require.ErrorContains(t, err, "3 digits")
}

func TestWhatIsNotKnownIsNotNamed(t *testing.T) {
	w := &World{values: providerstate.Values{Project: "p1"}}
	w.nameKnown("project", "project flow")
	require.Equal(t, []parameter{{"project", `"p1"`}}, w.draft.given)
}

func TestOtherCountryCodes(t *testing.T) {
	none := func(string, string) bool { return false }
	for name, test := range map[string]struct {
		own        string
		sameLength bool
		taken      func(code, phone string) bool
		expected   string // "": skipped
	}{
		"three digits, as many":          {"+507", true, none, "+506"},
		"three digits, another number":   {"+507", false, none, "+1"},
		"the second one is its own":      {"+506", true, none, "+507"},
		"two digits, another number":     {"+57", false, none, "+507"},
		"two digits, as many":            {"+52", true, none, "+34"},
		"two digits, no own beginning":   {"+50", false, none, "+593"},
		"one digit, as many":             {"+1", true, none, "+7"},
		"one digit, another number":      {"+5", false, none, "+34"},
		"one that begins with its own":   {"+59", true, none, "+52"},
		"nobody knows who is taken":      {"+507", true, nil, "+506"},
		"the first is taken":             {"+507", true, func(code, phone string) bool { return code == "+506" && phone == "62647737" }, "+593"},
		"another phone is taken there":   {"+507", true, func(code, phone string) bool { return phone != "62647737" }, "+506"},
		"all are taken":                  {"+507", true, func(string, string) bool { return true }, ""},
		"the only one of its length too": {"+7", true, func(code, _ string) bool { return code == "+1" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := &World{Taken: test.taken, values: providerstate.Values{Phone: "62647737", CountryCode: test.own}}
			code, err := w.otherCountryCode(map[bool]string{true: "as many", false: "another number of"}[test.sameLength])
			if test.expected == "" {
				requireSkip(t, err, "every other country code")
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.expected, code)
			require.Equal(t, test.sameLength, len(code) == len(test.own))
		})
	}
}

func TestAnotherProjectIsNotItsOwn(t *testing.T) {
	p := newProvider(t, reply(404, `{}`))
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, "the request names another project", "the request names another project flow", "the person types the right OTP"))
	var sent map[string]any
	require.NoError(t, json.Unmarshal([]byte(p.got()[0].body), &sent))
	require.Regexp(t, `^[0-9a-f]{24}$`, sent["project"])
	require.Regexp(t, `^[0-9a-f]{24}$`, sent["projectFlow"])
	require.NotEqual(t, sent["project"], sent["projectFlow"])
}

func TestAMissingValueSkipsTheScenario(t *testing.T) {
	for text, missing := range map[string]string{
		"the id of the validation is known":                           "validationId",
		"the project of the validation is known":                      "project",
		"the project flow of the validation is known":                 "projectFlow",
		"the gateway of the validation is known":                      "phoneGateway",
		"the face liveness recommendation of the validation is known": "showFaceLivenessRecommendation",
		"the request names the validation's own project":              "project",
		"the request names the validation's own project flow":         "projectFlow",
		"the request names the validation's own gateway":              "phoneGateway",
		"the request names another gateway":                           "phoneGateway",
		"the status of the validation can be read":                    "validationId",
		"the link of the app registration can be read":                "appRegistrationId",
	} {
		t.Run(text, func(t *testing.T) {
			p := newProvider(t, reply(200, `{"data":{"status":"sent"}}`))
			require.NoError(t, do(t, newWorld(t, p, aState), aState, text), "where it is told the scenario goes on")
			delete(p.states[0], missing)
			p.made = nil
			requireSkip(t, do(t, newWorld(t, p, aState), aState, text), "the state yields no ")
		})
	}
}

func TestAStateThatYieldsNoGatewayCountsAsDeliveredAsAsked(t *testing.T) {
	p := newProvider(t, reply(200, validatedReply))
	delete(p.states[0], "phoneGateway")
	text := `there is a pending phone validation delivered by "whatsapp"`
	w := newWorld(t, p, text)
	require.NoError(t, do(t, w, text, "the request names the validation's own gateway", "the person types the right OTP"))
	require.Contains(t, p.got()[0].body, `"phoneGateway":"whatsapp"`)
	require.Contains(t, p.made[0], `"phoneGateway":"whatsapp"`)

	p.states[0]["phoneGateway"], p.made = "sms", nil
	requireSkip(t, do(t, newWorld(t, p, text), text), "whatsapp")
}

func TestOtherPhones(t *testing.T) {
	for how, expected := range map[string]string{
		"another one": "16182272", "another one that ends alike": "12647737", "another one that begins alike": "62647739", "another one that begins and ends alike": "62642737", "its own without the first digit": "2647737",
		"its own without the last digit": "6264773", "its own with a digit before it": "962647737", "its own and a digit more": "626477379",
	} {
		p := newProvider(t, reply(404, `{}`))
		w := newWorld(t, p, aState)
		require.NoError(t, do(t, w, aState))
		phone, err := w.otherPhone(how)
		require.NoError(t, err)
		require.Equal(t, expected, phone, how)
		require.Equal(t, len(phone) != 8, w.draft.undocumented, "a provider may know how long a phone is")
		w.Taken = func(string, string) bool { return true }
		_, err = w.otherPhone(how)
		requireSkip(t, err, "the environment's own")
	}
	phone, err := (&World{values: providerstate.Values{Phone: "62647739"}}).otherPhone("another one that begins alike")
	require.NoError(t, err)
	require.Equal(t, "62647738", phone, "its own ends in nine")
}

func TestAPhoneThatResemblesNoOtherSkipsTheScenario(t *testing.T) {
	for phone, skipped := range map[string]bool{"123": true, "+50762647737": true, "1234": false, "12 34": false} {
		_, err := (&World{values: providerstate.Values{Phone: phone}}).otherPhone("another one")
		require.Equal(t, skipped, state.IsSkip(err), phone)
	}
}

func TestWhatTheDocumentationSaysOfARequest(t *testing.T) {
	const right = `the request gives "phoneGateway" as "sms"`
	for text, undocumented := range map[string]bool{
		right: false, `the request gives "phoneGateway" as "fax"`: true, `the request gives "lang" as "es"`: true, `the request gives "phone" as 62647737`: false,
	} {
		w := newWorld(t, newProvider(t, reply(200, validatedReply)), aState)
		require.NoError(t, do(t, w, aState, text, right, typed))
		require.Equal(t, undocumented, w.Exchanges[0].Undocumented, text)
		require.False(t, w.Exchanges[0].Unpromised, text)
	}
	w := newWorld(t, newProvider(t, reply(200, validatedReply)), aState)
	w.Observed = true
	require.NoError(t, do(t, w, aState, typed))
	require.True(t, w.Exchanges[0].Unpromised, "where the documentation is silent")
	require.Empty(t, w.Private().OTP+w.Private().Token, "no success is a breach there")

	w = newWorld(t, newProvider(t, reply(200, validatedReply)), aState)
	require.NoError(t, do(t, w, aState, typed, typed, "the request comes without a token", typed))
	require.False(t, w.Exchanges[0].Undocumented)
	require.True(t, w.Exchanges[1].Undocumented, "after the success")
	require.True(t, w.Exchanges[2].Unpromised, "how it is refused is not documented")
}

func TestPhonesWithWildcards(t *testing.T) {
	for sign, expected := range map[string]string{"a percent sign": "6264773%", "an underscore": "6264773_", "a point": "6264773."} {
		p := newProvider(t, reply(404, `{}`))
		w := newWorld(t, p, aState)
		require.NoError(t, do(t, w, aState, "the phone is its own with "+sign+" for its last digit", typed))
		require.Contains(t, p.got()[0].body, `"phone":"`+expected+`"`)
		require.True(t, w.draft.undocumented, "a provider may know how a phone is written")
	}
}

func TestCountryCodesThatBeginOrEndLikeTheStates(t *testing.T) {
	for how, expected := range map[string]string{"without the first digit": "+07", "without the last digit": "+50", "with another first digit": "+407"} {
		p := newProvider(t, reply(404, `{}`))
		w := newWorld(t, p, aState)
		require.NoError(t, do(t, w, aState, "the country code is its own "+how, typed))
		require.Contains(t, p.got()[0].body, `"countryCode":"`+expected+`"`)
		require.True(t, w.draft.undocumented, "a provider may know which country codes there are")
		requireSkip(t, do(t, w, "the country code is its own and a digit more"), "no room for one more")
		w.Taken = func(string, string) bool { return true }
		requireSkip(t, do(t, w, "the country code is its own "+how), "the environment's own")
	}
	w := &World{values: providerstate.Values{CountryCode: "+1", Phone: "62647737"}}
	code, err := w.nearCountryCode("and a digit more")
	require.NoError(t, err)
	require.Equal(t, "+11", code)
	w.values.CountryCode = "+44"
	code, err = w.nearCountryCode("with another first digit")
	require.NoError(t, err)
	require.Equal(t, "+34", code)
	w.values.CountryCode = "+1"
	for _, how := range []string{"without the first digit", "without the last digit"} {
		_, err = w.nearCountryCode(how)
		requireSkip(t, err, "no digit to spare")
	}
}

func TestANearValueDiffersInOneCharacter(t *testing.T) {
	require.Equal(t, "63fe7b0", nearValue("63fe7b9", true))
	require.Equal(t, "63fe7b1", nearValue("63fe7b0", true))
	require.Equal(t, "03fe7b0", nearValue("63fe7b0", false))
	require.Equal(t, "0", nearValue("ü", true))
}

func TestMovingADigitKeepsTheDigits(t *testing.T) {
	p := newProvider(t, reply(404, `{}`))
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, "a digit moves from the country code's end to the phone's front", typed))
	require.Contains(t, p.got()[0].body, `"phone":"762647737","countryCode":"+50"`)
	require.True(t, w.draft.undocumented, "a provider may know how long a phone is")
	requireSkip(t, do(t, w, "a digit moves from the phone's front to the country code's end"), "no room")
	requireSkip(t, (&World{values: providerstate.Values{CountryCode: "+1", Phone: "123"}}).moveDigit("phone's front"), "none to spare")
}

func TestATokenOfOneCase(t *testing.T) {
	require.True(t, hasOneCase("0af3-9b") && hasOneCase("0AF3") && !hasOneCase("aF3"))
}
