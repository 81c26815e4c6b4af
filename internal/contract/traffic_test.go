package contract

import (
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// passing returns an exchange of which nothing is known: a request with a token, and an answer that declares JSON.
func passing(body string, status int, answer string, changes ...func(*exchange.Exchange)) exchange.Exchange {
	e := exchange.Exchange{
		Purpose: exchange.Judged,
		Request: exchange.Request{
			Method: "PUT", URL: "https://api.example.test/v2/phone-validations", Body: []byte(body),
			Header: textproto.MIMEHeader{"Authorization": {"Bearer " + aToken}, "Content-Type": {"application/json"}},
		},
		Answer: &exchange.Answer{Status: status, Header: textproto.MIMEHeader{"Content-Type": {"application/json"}}, Body: []byte(answer)},
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func asks(name string, values ...string) func(*exchange.Exchange) {
	return func(e *exchange.Exchange) { e.Request.Header[name] = values }
}

func withoutToken(e *exchange.Exchange) { delete(e.Request.Header, "Authorization") }

func replying(name string, values ...string) func(*exchange.Exchange) {
	return func(e *exchange.Exchange) { e.Answer.Header[name] = values }
}

// broken returns the rules of the findings, each once.
func broken(j Judgement) []string {
	rules := map[string]bool{}
	for _, f := range j.Findings {
		rules[f.Rule] = true
	}
	return slices.Sorted(maps.Keys(rules))
}

func TestBreachesOfARecordedExchange(t *testing.T) {
	const (
		fits       = exampleSent
		spaced     = `{"phone":" 6264 7737","countryCode":"+507","otp":123456}`
		narrowed   = `{"phone":"62647737","countryCode":"+507","otp":123456,"project":"p"}`
		empty      = `{}`
		noOTP      = `{"phone":"62647737","countryCode":"+507"}`
		badCode    = `{"phone":"62647737","countryCode":"507","otp":123456}`
		notPhone   = `{"code":"MissingParameter","message":"missing phone"}`
		otherWords = `{"code":"Forbidden","message":"otp_does_not_match"}`
	)
	with := func(old, new string) string { return strings.Replace(documented200, old, new, 1) }
	for _, test := range []struct {
		name string
		e    exchange.Exchange
		want []string
	}{
		{"a success without its status", passing(fits, 200, with(`"status"`, `"state"`)), []string{"PV-01"}},
		{"a success of another phone", passing(fits, 200, with("62647737", "62647738")), []string{"PV-01"}},
		{"a success that keeps spaces", passing(spaced, 200, with("62647737", " 6264 7737")), []string{"PV-08"}},
		{"a success as 201", passing(fits, 201, documented200), []string{"PV-01", "PV-20"}},
		{"a success without a body", passing(fits, 204, ""), []string{"PV-01", "PV-20"}},
		{"a success that is cut", passing(fits, 200, documented200[:90]), []string{"PV-19"}},
		{"a success as text", passing(fits, 200, documented200, replying("Content-Type", "text/plain")), []string{"PV-23"}},
		{"a success that echoes the OTP", passing(fits, 200, with(`"onboarding"`, `"onboarding", "otp": 123456`)), []string{"PV-24"}},
		{"a success that echoes the token", passing(fits, 200, documented200, replying("X-Debug", aToken)), []string{"PV-24"}},
		{"a success that is an error", passing(fits, 200, documented403), []string{"PV-02"}},
		{"another dialect", passing(fits, 403, otherWords), []string{"PV-02"}},
		{"a wrong OTP as 400", passing(fits, 400, documented403), []string{"PV-02", "PV-20"}},
		{"an error that is wrapped", passing(fits, 403, `{"error":`+documented403+`}`), []string{"PV-18"}},
		{"nothing found, in other words", passing(fits, 404, `{"code":"phone_validation_not_found","message":"x"}`), []string{"PV-03"}},
		{"nothing found by a project, with a status", passing(narrowed, 404, `{"code":"phone_validation_not_found","message":"x","status":404}`), []string{"PV-18"}},
		{"nothing found by a project, without a code", passing(narrowed, 404, `{"message":"404:phone_validation_not_found"}`), []string{"PV-11", "PV-18"}},
		{"expired, in no documented words", passing(fits, 412, `{"code":"x","message":"y"}`), []string{"PV-07"}},
		{"expired, an empty body", passing(fits, 412, ""), []string{"PV-19"}},
		{"all missing as 422", passing(empty, 422, documented409), []string{"PV-04", "PV-20"}},
		{"all missing, one named", passing(empty, 409, notPhone), []string{"PV-04"}},
		{"all missing, looked up", passing(empty, 404, documented404), []string{"PV-04"}},
		{"all missing, validated", passing(empty, 200, documented200), []string{"PV-04"}},
		{"the OTP missing, the phone named", passing(noOTP, 409, notPhone), []string{"PV-05"}},
		{"the OTP missing, validated", passing(noOTP, 200, documented200), []string{"PV-05"}},
		{"a bad country code, looked up", passing(badCode, 404, documented404), []string{"PV-06"}},
		{"a bad country code, called missing", passing(badCode, 409, `{"code":"MissingParameter","message":"missing countryCode"}`), []string{"PV-06"}},
		{"a bad country code, validated", passing(badCode, 200, documented200), []string{"PV-06"}},
		{"a good country code, called bad", passing(fits, 409, documented409CountryCode), []string{"PV-01"}},
		{"an OTP that is there, called missing", passing(fits, 409, `{"code":"MissingParameter","message":"missing otp"}`), []string{"PV-09"}},
		{"a phone that is there, called missing", passing(fits, 409, notPhone), []string{"PV-01"}},
		{"a phone that is there, called missing by another code", passing(fits, 409, `{"code":"Conflict","message":"missing phone"}`), []string{"PV-01"}},
		{"a phone with spaces, called missing", passing(spaced, 409, notPhone), []string{"PV-08"}},
		{"a bad country code and no phone, looked up", passing(`{"countryCode":"507","otp":123456}`, 404, documented404), []string{"PV-05"}},
		{"an optional parameter, called missing", passing(fits, 409, `{"code":"MissingParameter","message":"missing projectFlow"}`), []string{"PV-10"}},
		{"a success without a token", passing(fits, 200, documented200, withoutToken), []string{"PV-16"}},
		{"a success with an empty bearer", passing(fits, 202, "", asks("Authorization", "Bearer ")), []string{"PV-16"}},
		{"a success of nothing", passing("", 200, documented200), []string{"PV-03"}},
		{"a success of a hexadecimal OTP", passing(strings.Replace(fits, "123456", `"0x1E240"`, 1), 200, documented200), []string{"PV-25"}},
		{"a success that is called a page", passing(fits, 200, with(`"status"`, `"state"`), replying("Content-Type", "text/html")), []string{"PV-01", "PV-23"}},
		{"PUT is not allowed", passing(fits, 405, ""), []string{"PV-20"}},
		{"JSON is not supported", passing(empty, 415, "{}"), []string{"PV-04", "PV-20"}},
		{"500", passing(fits, 500, "{}"), []string{"PV-20"}},
		{"501 to no JSON", passing("x", 501, "{}"), []string{"PV-20"}},
		{"500 without a token", passing(fits, 500, "{}", withoutToken), []string{"PV-20"}},
		{"null is validated", passing(`{"phone":"62647737","countryCode":"+507","otp":null}`, 200, documented200), []string{"PV-25"}},
		{"a fraction is validated", passing(`{"phone":"62647737","countryCode":"+507","otp":123456.5}`, 200, documented200), []string{"PV-25"}},
		{"letters are validated", passing(`{"phone":"62647737","countryCode":"+507","otp":"abc"}`, 200, documented200), []string{"PV-25"}},
		{"a query is validated", passing(`{"phone":"62647737","countryCode":"+507","otp":{"$ne":null}}`, 200, documented200), []string{"PV-25"}},
		{"a stack trace beside a 503", passing(fits, 503, "goroutine 1 [running]:"), []string{"PV-24"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := newChecks(t).Judge(test.e, Known{})
			require.Equal(t, test.want, broken(j), "%+v", j)
			for _, rule := range test.want {
				require.Contains(t, j.Judged, rule)
			}
			for _, f := range j.Findings {
				require.NotEmpty(t, f.Property)
			}
		})
	}
	wrapped := newChecks(t).Judge(passing(fits, 403, `{"error":`+documented403+`}`), Known{})
	require.Contains(t, wrapped.Judged, "PV-02", "that its form is another rule's matter does not leave it unjudged")
}

// Nothing that a faithful provider, or a gateway before it, answers is a finding.
func TestRecordedExchangesWithoutFindings(t *testing.T) {
	const fits = exampleSent
	odd := func(otp string) string { return `{"phone":"62647737","countryCode":"+507","otp":` + otp + `}` }
	lost := passing(fits, 200, "")
	lost.Answer, lost.Failure = nil, &exchange.Failure{Message: "the connection was lost"}
	cut := func(e *exchange.Exchange) { e.Answer.TooLong = true }
	for _, test := range []struct {
		name, silent string
		e            exchange.Exchange
	}{
		{"no answer", "the connection was lost", lost},
		{"a limiter", "429", passing(fits, 429, "")},
		{"a gateway", "502", passing(fits, 502, "<html>")},
		{"unavailable", "503", passing(fits, 503, "")},
		{"a gateway that waits no longer", "504", passing(fits, 504, "")},
		{"no token", "has no token", passing(fits, 401, "<html>", withoutToken)},
		{"no token, in documented words", "has no token", passing(fits, 404, documented404, withoutToken)},
		{"no bearer", "not one bearer", passing(fits, 200, documented200[:50], asks("Authorization", "Basic eDp5"))},
		{"two tokens", "not one bearer", passing(fits, 400, "{}", asks("Authorization", "Bearer a", "Bearer b"))},
		{"a token that is refused", "401", passing(fits, 401, `{"code":"Unauthorized","message":"invalid_token"}`)},
		{"a token that is refused as 403", "403", passing(fits, 403, `{"code":"Forbidden","message":"expired_token"}`)},
		{"a token that is refused as 404", "404", passing(fits, 404, `{"code":"NotFound","message":"Not found"}`)},
		{"a token that is refused as missing", "409", passing(fits, 409, `{"code":"MissingParameter","message":"missing Authorization header, not permitted"}`)},
		{"a token that is refused by a page", "403", passing(`{}`, 403, "<html>Forbidden</html>", replying("Content-Type", "text/html"))},
		{"a login", "302", passing(fits, 302, "", replying("Location", "/login"))},
		{"too many attempts", "423", passing(fits, 423, `{"code":"Locked","message":"423:phone_validation_locked"}`)},
		{"a second success", "409", passing(fits, 409, `{"code":"Conflict","message":"phone_validation_already_validated"}`)},
		{"a portal", "portal", passing(fits, 200, "<html>Please log in</html>", replying("Content-Type", "text/html"))},
		{"no JSON", "not one JSON object", passing("phone=1&otp=2", 400, "x")},
		{"a form that is validated", "not one JSON object", passing("phone=62647737&countryCode=%2B507&otp=123456", 200, "<html>")},
		{"a text", "does not fit", passing(odd(`"123456"`), 200, "{}")},
		{"a text with a sign", "does not fit", passing(odd(`" 123456 "`), 409, `{"code":"MissingParameter","message":"missing otp"}`)},
		{"zero", "such a value", passing(odd("0"), 409, `{"code":"MissingParameter","message":"missing otp"}`)},
		{"an exponent", "such a value", passing(odd("1.23456e5"), 200, "{}")},
		{"too many digits", "such a value", passing(odd("1234567890123456"), 400, "{}")},
		{"an unknown parameter", "such a value", passing(`{"phone":"62647737","countryCode":"+507","otp":1234,"lang":"es"}`, 409, documented409)},
		{"another gateway", "does not fit", passing(`{"phone":"62647737","countryCode":"+507","otp":1234,"phoneGateway":"fax"}`, 409, documented409)},
		{"a key in capitals", "does not fit", passing(`{"Phone":"62647737","countryCode":"+507","otp":1234}`, 409, `{"code":"MissingParameter","message":"missing phone"}`)},
		{"a key twice", "not one JSON object", passing(`{"otp":1,"otp":2}`, 400, "{}")},
		{"a country code with a space", "does not fit", passing(`{"phone":"62647737","countryCode":"+5 07","otp":1234,"x":1}`, 200, documented200)},
		{"an empty country code", "does not fit", passing(`{"phone":"62647737","countryCode":"","otp":1234}`, 409, `{"code":"MissingParameter","message":"missing countryCode"}`)},
		{"an empty phone", "does not fit", passing(`{"phone":"","countryCode":"+507","otp":1234}`, 409, `{"code":"MissingParameter","message":"missing phone"}`)},
		{"a code that no country has", "such a value", passing(`{"phone":"62647737","countryCode":"+0","otp":1234}`, 409, documented409CountryCode)},
		{"a phone of two digits", "such a value", passing(`{"phone":"62","countryCode":"+507","otp":1234}`, 409, `{"code":"MissingParameter","message":"missing phone"}`)},
		{"a query", "a query", passing(fits, 200, "{}", func(e *exchange.Exchange) { e.Request.URL += "?dry=1" })},
		{"a condition", "If-Match", passing(fits, 412, "", asks("If-Match", `"x"`))},
		{"a range", "Range", passing(fits, 206, documented200[:20], asks("Range", "bytes=0-19"))},
		{"XML", "asks for something else", passing(fits, 200, "<x/>", asks("Accept", "application/xml"))},
		{"a form", "asks for something else", passing(fits, 409, documented409, asks("Content-Type", "application/x-www-form-urlencoded"))},
		{"a large body", "larger than", passing(odd(`1,"x":"`+strings.Repeat("x", maxBytes)+`"`), 413, "")},
		{"an answer that is not there whole", "end of the answer", passing(fits, 200, documented200[:40], cut)},
		{"a preference", "Prefer", passing(fits, 204, "", asks("Prefer", "return=minimal"))},
		{"a phone with its country code", "", passing(`{"phone":"50762647737","countryCode":"+507","otp":123456}`, 200, documented200)},
		{"a phone with a zero before it", "", passing(`{"phone":"0 62647737","countryCode":"+507","otp":123456}`, 200, documented200)},
		{"a short token that is a word of the answer", "", passing(fits, 403, documented403, asks("Authorization", "Bearer demo"), replying("X-Env", "demo"))},
		{"an empty project", "such a value", passing(`{"phone":"62647737","countryCode":"+507","otp":123456,"project":""}`, 404, `{"code":"phone_validation_not_found","message":"m"}`)},
		{"an empty flow", "such a value", passing(`{"phone":"62647737","countryCode":"+507","otp":123456,"projectFlow":""}`, 404, `{"code":"phone_validation_not_found","message":"m"}`)},
		{"a phone of sixteen digits", "such a value", passing(`{"phone":"6264773762647737","countryCode":"+507","otp":123456}`, 409, documented409)},
		{"a phone of many spaces", "such a value", passing(`{"phone":"6264773`+strings.Repeat(" ", maxSpaces+1)+`7","countryCode":"+507","otp":123456}`, 409, documented409)},
		{"a phone with dashes", "does not fit", passing(`{"phone":"6264-7737","countryCode":"+507","otp":123456}`, 200, documented200)},
		{"two media types", "asks for something else", passing(fits, 409, documented409, asks("Content-Type", "application/json", "application/json"))},
		{"a wrong OTP where a project is named", "", passing(`{"phone":"62647737","countryCode":"+507","otp":123456,"project":"p"}`, 403, documented403)},
		{"two mistakes", "", passing(`{"countryCode":"507","otp":1234}`, 409, documented409CountryCode)},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := newChecks(t).Judge(test.e, Known{})
			require.Empty(t, j.Findings, "%+v", j)
			require.NotContains(t, j.Judged, "")
			if test.silent == "" {
				require.Empty(t, j.Silent)
			} else {
				require.Contains(t, j.Silent, test.silent)
			}
		})
	}
}

func TestRulesThatAFaithfulExchangeShowsToBeKept(t *testing.T) {
	answered := []string{"PV-24", "PV-20", "PV-18", "PV-19", "PV-23"}
	for _, test := range []struct {
		name string
		e    exchange.Exchange
		want []string
	}{
		{"success", passing(exampleSent, 200, documented200), []string{"PV-24", "PV-20", "PV-19", "PV-23", "PV-01", "PV-09"}},
		{"success of a space that is escaped", passing(`{"phone":"6264\u00207737","countryCode":"+507","otp":123456}`, 200, documented200), []string{"PV-24", "PV-20", "PV-19", "PV-23", "PV-01", "PV-09", "PV-08"}},
		{"success of spaces and options", passing(`{"phone":" 62647737","countryCode":"+507","otp":123456,"phoneGateway":"sms"}`, 200, documented200), []string{"PV-24", "PV-20", "PV-19", "PV-23", "PV-01", "PV-09", "PV-08", "PV-10"}},
		{"wrong OTP", passing(exampleSent, 403, documented403), append(answered[:5:5], "PV-02")},
		{"nothing found", passing(exampleSent, 404, documented404), append(answered[:5:5], "PV-03")},
		{"nothing found by a flow", passing(`{"phone":"62647737","countryCode":"+507","otp":1234,"projectFlow":"f"}`, 404, documented404), append(answered[:5:5], "PV-11")},
		{"expired", passing(exampleSent, 412, documented412), append(answered[:5:5], "PV-07")},
		{"all missing", passing(`{}`, 409, documented409), append(answered[:5:5], "PV-04")},
		{"one missing", passing(`{"phone":"62647737","otp":1}`, 409, `{"code":"MissingParameter","message":"missing countryCode"}`), append(answered[:5:5], "PV-05")},
		{"bad country code", passing(`{"phone":"62647737","countryCode":"+5070","otp":1}`, 409, documented409CountryCode), append(answered[:5:5], "PV-06")},
		{"no token", passing(exampleSent, 401, "", withoutToken), []string{"PV-24", "PV-16"}},
		{"a bearer in small letters", passing(exampleSent, 403, documented403, asks("Authorization", "bearer x.y.z")), append(answered[:5:5], "PV-02")},
		{"JSON that is told with a charset", passing(exampleSent, 403, documented403, asks("Content-Type", "application/json; charset=utf-8")), append(answered[:5:5], "PV-02")},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := newChecks(t).Judge(test.e, Known{})
			require.Empty(t, j.Findings)
			require.ElementsMatch(t, test.want, j.Judged)
		})
	}
}

// A redacted recording still shows what does not depend on the secrets.
func TestARedactedRecordingIsStillJudged(t *testing.T) {
	redacted := func(status int, answer string) Judgement {
		return newChecks(t).Judge(passing(`{"phone":"62647737","countryCode":"+507","otp":"[redacted]"}`, status, answer, asks("Authorization", "Bearer [redacted]")), Known{})
	}
	require.Equal(t, []string{"PV-02"}, broken(redacted(403, `{"code":"otp_does_not_match","message":"x"}`)))
	require.Equal(t, []string{"PV-01"}, broken(redacted(200, strings.Replace(documented200, "validated", "sent", 1))))
	require.Empty(t, redacted(200, documented200).Findings)
	require.NotContains(t, redacted(200, documented200).Judged, "PV-09")
	require.Empty(t, redacted(409, `{"code":"MissingParameter","message":"missing otp"}`).Findings, "it may have been a text")
}

func TestARecordingMayLackCredentials(t *testing.T) {
	e := passing(exampleSent, 200, documented200, withoutToken)
	require.Equal(t, []string{"PV-16"}, broken(newChecks(t).Judge(e, Known{})))
	j := newChecks(t).Judge(e, Known{Uncredentialed: true})
	require.Empty(t, j.Findings)
	require.Contains(t, j.Silent, "credentials")
	j = newChecks(t).Judge(passing(exampleSent, 403, `{"code":"otp_does_not_match","message":"x"}`, withoutToken), Known{Uncredentialed: true})
	require.Equal(t, []string{"PV-02"}, broken(j))
}

func TestAKnownTokenIsExpected(t *testing.T) {
	known := func() Known { k := Known{}; k.Token = aToken; return k }()
	require.Empty(t, newChecks(t).Judge(passing(exampleSent, 200, documented200), known).Findings)
	other := passing(exampleSent, 200, documented200, asks("Authorization", "Bearer other"))
	require.Equal(t, []string{"PV-16"}, broken(newChecks(t).Judge(other, known)))
	require.Contains(t, newChecks(t).Judge(other, known).Findings[0].Actual, "though its token is not right")
	refused := newChecks(t).Judge(passing(exampleSent, 404, documented404, asks("Authorization", "Bearer other")), known)
	require.Empty(t, refused.Findings)
	require.Contains(t, refused.Silent, "known to be right")
}

// The digits of an OTP may stand in ids and times by chance, those of a short one anywhere.
func TestDigitsThatEqualTheOTPByChanceAreNoLeak(t *testing.T) {
	for _, extra := range []string{
		`"project": "674de8df21c72be3cc123456"`, `"updatedAt": "2026-11-26T05:00:00.123456Z"`, `"request": "0b7c1f2e-1111-4aaa-8bbb-a123456bbbbb"`, `"at": 1764123456789`,
	} {
		answer := strings.Replace(documented200, `"type"`, extra+`, "type"`, 1)
		require.Empty(t, newChecks(t).Judge(passing(exampleSent, 200, answer), Known{}).Findings, extra)
	}
	short := passing(`{"phone":"62647737","countryCode":"+507","otp":2026}`, 200, strings.Replace(documented200, `"type"`, `"expires": "2026-11-26", "type"`, 1))
	require.Empty(t, newChecks(t).Judge(short, Known{}).Findings)
	wrong := passing(exampleSent, 403, documented403, replying("X-Typed", "123456"))
	require.Empty(t, newChecks(t).Judge(wrong, Known{}).Findings, "a wrong OTP is no secret")
}

// A newly documented answer is recognized by its words, like the carried ones.
func TestADeclaredAnswerIsJudgedInRecordings(t *testing.T) {
	set, err := schemas.Load(schemas.Files(), fstest.MapFS{"answer-423.json": {Data: []byte(`{
		"$schema": "http://json-schema.org/draft-07/schema#",
		"x-answer": {"status": 423, "rule": "LOCK-01", "words": "the validation is locked"},
		"type": "object", "required": ["code", "message"],
		"properties": {"code": {"const": "phone_locked"}, "message": {"const": "423:phone_locked"}}
	}`)}})
	require.NoError(t, err)
	checks := New(set)
	kept := checks.Judge(passing(exampleSent, 423, `{"code":"phone_locked","message":"423:phone_locked"}`), Known{})
	require.Empty(t, kept.Findings)
	require.Contains(t, kept.Judged, "LOCK-01")
	require.Equal(t, []string{"LOCK-01"}, broken(checks.Judge(passing(exampleSent, 423, `{"code":"phone_locked","message":"x"}`), Known{})))
	require.Equal(t, []string{"LOCK-01", "PV-20"}, broken(checks.Judge(passing(exampleSent, 400, `{"code":"phone_locked","message":"423:phone_locked"}`), Known{})))
	require.Contains(t, checks.Judge(passing(exampleSent, 423, `{"code":"Locked","message":"x"}`), Known{}).Silent, "documented words")
}

// A success is searched for the OTP and for the token, but a stack trace in it is one finding.
func TestAStackTraceInASuccessIsFoundOnce(t *testing.T) {
	traced := passing(exampleSent, 200, strings.Replace(documented200, `"type"`, `"trace": "goroutine 1 [running]:", "type"`, 1))
	require.Len(t, newChecks(t).Judge(traced, Known{}).Findings, 1)
}

// A leaked token that holds the OTP's digits by chance does not leak the OTP.
func TestATokenThatHoldsTheDigitsOfTheOTPIsOneLeak(t *testing.T) {
	const token = "abcdefghij-123456-klmnopqr"
	leaking := passing(exampleSent, 200, documented200, asks("Authorization", "Bearer "+token), replying("X-Debug", "Bearer "+token))
	require.Len(t, newChecks(t).Judge(leaking, Known{}).Findings, 1)
}
