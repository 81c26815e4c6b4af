package contract

import (
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/schemas"
)

// theState is the state of the requests in these tests.
var theState = Known{
	Values:  providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "135791", Token: "aaaa.bbbb.cccc", Project: "0123456789abcdef01234567", PhoneGateway: "sms"},
	Secrets: []string{"135791", "aaaa.bbbb.cccc"},
}

const (
	earned   = `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
	notFound = `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`
)

// met judges an answer to a request with the state, with its token unless another Authorization is given.
func met(t *testing.T, body string, status int, answer string, authorization ...string) ([]Finding, string) {
	t.Helper()
	if len(authorization) == 0 {
		authorization = []string{"Bearer " + theState.Token}
	}
	j := newChecks(t).Judge(exchange.Exchange{
		Purpose: exchange.Judged,
		Request: exchange.Request{Method: "PUT", Header: textproto.MIMEHeader{"Authorization": authorization, "X-Env": {"staging"}}, Body: []byte(body)},
		Answer:  &exchange.Answer{Status: status, Header: textproto.MIMEHeader{"Content-Type": {"application/json"}}, Body: []byte(answer)},
	}, theState)
	return j.Findings, j.Silent
}

func judged(t *testing.T, body string, status int, answer string, authorization ...string) []Finding {
	t.Helper()
	breaches, _ := met(t, body, status, answer, authorization...)
	return breaches
}

// asking returns the documented body with other JSON values.
func asking(phone, code, otp string) string {
	return `{"phone":` + phone + `,"countryCode":` + code + `,"otp":` + otp + `}`
}

func TestSuccessesThatAreRight(t *testing.T) {
	for name, body := range map[string]string{
		"plain":                        asking(`"62647737"`, `"+507"`, "135791"),
		"spaces":                       asking(`" 626 47 737 "`, `"+507"`, "135791"),
		"OTP with .0":                  asking(`"62647737"`, `"+507"`, "135791.0"),
		"OTP with an exponent":         asking(`"62647737"`, `"+507"`, "1.35791e5"),
		"OTP that no double tells":     asking(`"62647737"`, `"+507"`, "135791.00000000000000000001"),
		"OTP in quotation marks":       asking(`"62647737"`, `"+507"`, `"135791"`),
		"dashes, a tab, a zero":        asking(`"0626-47\t737"`, `"+507"`, "135791"),
		"the code in the phone":        asking(`"+507 62647737"`, `"+507"`, "135791"),
		"digits of another script":     asking(`"٦2647737"`, `"+507"`, "135791"),
		"a digit that is punctuation":  asking(`"62647737٣"`, `"+507"`, "135791"),
		"OTP of another script":        asking(`"62647737"`, `"+507"`, `"\t١35791 "`),
		"the phone as a number":        asking("62647737", `"+507"`, "135791"),
		"the phone with an exponent":   asking("6.2647737e7", `"+507"`, "135791"),
		"the phone in a list":          asking(`["62647737"]`, `"+507"`, "135791"),
		"the phone in lists":           asking(`[["0626 47737"]]`, `"+507"`, "135791"),
		"the code in a list":           asking(`"62647737"`, `["+507"]`, "135791"),
		"the code as a number":         asking(`"62647737"`, `507`, "135791"),
		"a space in the code":          asking(`"62647737"`, `"+507 "`, "135791"),
		"escapes":                      asking(`"\u0036\u00326\u00347737"`, `"\u002b507"`, "135791"),
		"doubled, the first is right":  `{"otp":135791,"otp":1,"phone":"62647737","countryCode":"+507"}`,
		"doubled, the second is right": `{"otp":null,"otp":135791,"phone":"62647737","countryCode":"+507"}`,
		"keys in capitals":             `{"OTP":135791,"Phone":"62647737","COUNTRYCODE":"+507"}`,
		"a mark and text around":       "\ufeff" + asking(`"62647737"`, `"+507"`, "135791") + "x",
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, judged(t, body, 200, earned)) })
	}
}

func TestUndeservedSuccesses(t *testing.T) {
	for _, test := range []struct{ name, body, rule string }{
		{"a wrong OTP", asking(`"62647737"`, `"+507"`, "135792"), "PV-02"},
		{"a fraction", asking(`"62647737"`, `"+507"`, "135791.5"), "PV-25"},
		{"a minus", asking(`"62647737"`, `"+507"`, "-135791"), "PV-25"},
		{"2^32 more", asking(`"62647737"`, `"+507"`, "4295103087"), "PV-25"},
		{"zero", asking(`"62647737"`, `"+507"`, "0"), "PV-02"},
		{"null", asking(`"62647737"`, `"+507"`, "null"), "PV-25"},
		{"another OTP in quotation marks", asking(`"62647737"`, `"+507"`, `"135791abc"`), "PV-25"},
		{"an object", asking(`"62647737"`, `"+507"`, `{"$ne":0}`), "PV-25"},
		{"a list of the right OTP", asking(`"62647737"`, `"+507"`, "[135791]"), "PV-25"},
		{"another phone", asking(`"62647738"`, `"+507"`, "135791"), "PV-03"},
		{"a pattern", asking(`".*"`, `"+507"`, "135791"), "PV-03"},
		{"another country code", asking(`"62647737"`, `"+506"`, "135791"), "PV-21"},
		{"another phone in a list", asking(`["62647738"]`, `"+507"`, "135791"), "PV-03"},
		{"a list of two phones", asking(`["62647737","62647738"]`, `"+507"`, "135791"), "PV-03"},
		{"an empty list", asking(`[]`, `"+507"`, "135791"), "PV-03"},
		{"a line break behind the code", asking(`"62647737"`, `"+507\n"`, "135791"), "PV-06"},
		{"a code on one of several lines", asking(`"62647737"`, `"x\n+507"`, "135791"), "PV-06"},
		{"no plus", asking(`"62647737"`, `"507"`, "135791"), "PV-06"},
		{"no OTP", `{"phone":"62647737","countryCode":"+507"}`, "PV-02"},
		{"doubled, both wrong", `{"otp":1,"otp":2,"phone":"62647737","countryCode":"+507"}`, "PV-02"},
		{"no JSON", "phone=1", "PV-03"},
		{"cut", `{"phone":"62647737","countryCode":"+507","otp":135791`, "PV-03"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, 200, earned)
			require.Len(t, found, 1)
			require.Equal(t, NoUnearnedSuccess, found[0].Property)
			require.Equal(t, test.rule, found[0].Rule, found[0].Sentence())
		})
	}
	require.Contains(t, judged(t, asking(`"62647737"`, `"+507"`, "1"), 200, earned)[0].Actual, "though its otp is not right")
	require.Contains(t, judged(t, asking(`"62647738"`, `"+507"`, "1"), 200, earned)[0].Actual, "though its phone and otp are not right")
}

func TestWithoutAValidationNoOTPIsRight(t *testing.T) {
	none := Known{Values: providerstate.Values{Phone: "62647737", CountryCode: "+507", Token: aToken}}
	for _, otp := range []string{"0", `"0"`, `""`, "123456"} {
		require.Equal(t, []string{"PV-03"}, broken(newChecks(t).Judge(passing(asking(`"62647737"`, `"+507"`, otp), 200, earned), none)), otp)
	}
}

func TestASuccessThatIsTooLongBreaksItsRuleWhereTheStateIsKnown(t *testing.T) {
	e := passing(asking(`"62647737"`, `"+507"`, "135791"), 200, earned[:40], asks("Authorization", "Bearer "+theState.Token))
	e.Answer.TooLong = true
	require.Equal(t, []string{"PV-01"}, broken(newChecks(t).Judge(e, theState)))
}

func TestTokensOfSuccesses(t *testing.T) {
	body := asking(`"62647737"`, `"+507"`, "135791")
	for value, right := range map[string]bool{
		"bearer aaaa.bbbb.cccc":    true,
		"Bearer  aaaa.bbbb.cccc":   true,
		"aaaa.bbbb.cccc":           true,
		`Bearer "aaaa.bbbb.cccc"`:  true,
		"":                         false,
		"Bearer aaaa.bbbb.":        false,
		"Bearer xaaaa.bbbb.cccc":   false,
		"Bearer aaaa.bbbb.cccc.dd": false,
	} {
		found := judged(t, body, 200, earned, value)
		require.Equal(t, right, len(found) == 0, value)
		if !right {
			require.Equal(t, "PV-16", found[0].Rule)
		}
	}
}

func TestStatusesOfAnswers(t *testing.T) {
	fitting, broken := asking(`"62647737"`, `"+507"`, "135792"), asking("null", `"+507"`, "1")
	option := func(text string) string { return strings.TrimSuffix(fitting, "}") + "," + text + "}" }
	for _, test := range []struct {
		name, body string
		status     int
		property   Property // "" is none
	}{
		{"400 to a fitting request", fitting, 400, KnownStatus},
		{"302 to a fitting request", fitting, 302, KnownStatus},
		{"500 to a fitting request", fitting, 500, NoServerError},
		{"501 to a broken request", broken, 501, NoServerError},
		{"302 to a broken request", broken, 302, ""}, // observed, as whatever answers it
		{"400 to a phone with spaces", asking(`" 626 47737"`, `"+507"`, "135792"), 400, KnownStatus},
		{"400 to a phone in escapes", asking(`"\u00362647737"`, `"+507"`, "135792"), 400, KnownStatus},
		{"400 to another project", option(`"project":"ffffffffffffffffffffffff"`), 400, KnownStatus},
		{"400 to an OTP beyond every float", asking(`"62647737"`, `"+507"`, "1e400"), 400, ""},
		{"400 to an OTP with a fraction of nothing", asking(`"62647737"`, `"+507"`, "135791.0"), 400, ""},
		{"400 to an OTP with an exponent", asking(`"62647737"`, `"+507"`, "1.35791e5"), 400, ""},
		{"400 to an OTP of one digit", asking(`"62647737"`, `"+507"`, "1"), 400, ""},
		{"400 to an OTP of seven digits", asking(`"62647737"`, `"+507"`, "1357910"), 400, ""},
		{"400 to an OTP that is zero", asking(`"62647737"`, `"+507"`, "0"), 400, ""},
		{"400 to a phone of another length", asking(`"626477371"`, `"+507"`, "135792"), 400, ""},
		{"400 to a phone of many spaces", asking(`"6`+strings.Repeat(" ", 100)+`2647737"`, `"+507"`, "135792"), 400, ""},
		{"400 to a country code that no country has", asking(`"62647737"`, `"+0"`, "135792"), 400, ""},
		{"401 to a malformed country code", asking(`"62647737"`, `"507"`, "135791"), 401, ""},
		{"400 to an unknown parameter", option(`"colour":"green"`), 400, ""},
		{"400 to a parameter in capitals", option(`"Project":"x"`), 400, ""},
		{"400 to a project of another form", option(`"project":"x"`), 400, ""},
		{"400 to an empty project", option(`"project":""`), 400, ""},
		{"400 to the delivery's gateway", option(`"phoneGateway":"sms"`), 400, KnownStatus},
		{"400 to a gateway that is not the delivery's", option(`"phoneGateway":"none"`), 400, ""},
		{"400 to a broken request", broken, 400, ""},
		{"422 to a broken request", broken, 422, ""},
		{"404 to a broken request", broken, 404, ""},
		{"413 to a large request", `{"phone":"62647737","countryCode":"+507","otp":1,"x":"` + strings.Repeat("x", maxBytes) + `"}`, 413, ""},
		{"400 to a number of 100 digits", asking(`"62647737"`, `"+507"`, strings.Repeat("9", 100)), 400, ""},
		{"400 to a doubled key", `{"phone":"1","phone":"1","countryCode":"+507","otp":1}`, 400, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, test.status, `{"code":"x","message":"y"}`)
			if test.property == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, test.property, found[0].Property)
			require.Equal(t, "PV-20", found[0].Rule)
		})
	}
	require.Empty(t, judged(t, fitting, 401, `{}`, "Bearer x"))
	require.Empty(t, judged(t, fitting, 302, ``, ""), "a redirect to a login refuses too")
	elsewhere := asking(`"62647738"`, `"+507"`, "135791")
	for _, status := range []int{302, 303, 400, 401, 403, 404, 409, 410, 412, 422, 423} {
		require.Empty(t, judged(t, elsewhere, status, `<a href="/login">`), "%d: the phone may be somebody else's, whose token this is not", status)
	}
	require.NotEmpty(t, judged(t, elsewhere, 405, `{}`), "whoever the phone belongs to, its request is made as documented")
	require.NotEmpty(t, judged(t, elsewhere, 500, `{}`))
	require.NotEmpty(t, judged(t, fitting, 401, `{}`))
}

func TestShapesOfAnswersToFittingRequests(t *testing.T) {
	wrong, right := asking(`"62647737"`, `"+507"`, "135792"), asking(`"62647737"`, `"+507"`, "135791")
	for _, test := range []struct {
		name, body string
		status     int
		answer     string
		rule       string // "" is no breach
	}{
		{"as documented", wrong, 404, notFound, ""},
		{"a code of its own", wrong, 404, `{"code":"x","message":"y"}`, "PV-03"},
		{"a code of its own where the search is narrowed", `{"phone":"62647737","countryCode":"+507","otp":135792,"project":"ffffffffffffffffffffffff"}`, 404, `{"code":"x","message":"y"}`, ""},
		{"a code of its own where the phone is not the state's", asking(`"62647738"`, `"+507"`, "135792"), 403, `{"code":"x","message":"y"}`, ""},
		{"another message where the phone is not the state's", asking(`"62647738"`, `"+507"`, "135792"), 403, `{"code":"otp_does_not_match","message":"y"}`, ""},
		{"another code of a wrong OTP", wrong, 403, `{"code":"Forbidden","message":"y"}`, "PV-02"},
		{"one field", wrong, 409, `{"error":"x"}`, "PV-18"},
		{"a conflict in two fields", wrong, 409, `{"code":"x","message":"y"}`, ""},
		{"no JSON", wrong, 404, `<html>`, "PV-19"},
		{"a success without its id", right, 200, strings.Replace(earned, `"_id"`, `"id"`, 1), "PV-01"},
		{"a success that repeats another phone", right, 200, strings.Replace(earned, "62647737", "62647738", 1), "PV-01"},
		{"a success that repeats a cleaned phone", asking(`"062647737"`, `"+507"`, "135791"), 200, earned, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, test.status, test.answer)
			if test.rule == "" {
				require.Empty(t, found)
				return
			}
			require.NotEmpty(t, found)
			for _, f := range found {
				require.Equal(t, KnownShape, f.Property)
				require.Equal(t, test.rule, f.Rule, f.Sentence())
			}
		})
	}
}

func TestLeaks(t *testing.T) {
	body := asking("null", `"+507"`, "1")
	for _, answer := range []string{`{"code":"x","message":"it is 135791"}`, `{"code":"x","message":"aaaa.bbbb.cccc"}`, `{"code":"x","message":"y","stack":"goroutine 1 [running]:"}`} {
		found := judged(t, body, 400, answer)
		require.Len(t, found, 1, answer)
		require.Equal(t, NoLeak, found[0].Property)
		require.Equal(t, "PV-24", found[0].Rule)
	}
	require.Empty(t, judged(t, body, 400, `{"code":"x","message":"1357910"}`))
}

func TestWhyAnAnswerIsNotJudged(t *testing.T) {
	fitting := asking(`"62647737"`, `"+507"`, "135792")
	for _, test := range []struct{ body, token, silent string }{
		{fitting, theState.Token, ""},
		{fitting, "x", "the request does not carry the token that is known to be right"},
		{fitting + "x", theState.Token, "the body is not one JSON object"},
		{"[]", theState.Token, "the body is not one JSON object"},
		{`{"phone":"1","phone":"1"}`, theState.Token, "the body is not one JSON object"},
		{asking(strings.Repeat("[", 40)+strings.Repeat("]", 40), "1", "1"), theState.Token, "the body does not fit the request schema"},
		{asking("1", "2", "3"), theState.Token, "the body does not fit the request schema"},
		{asking(`"1"`, `"+507"`, "135792"), theState.Token, `the documentation does not cover such a value of "phone"`},
	} {
		_, silent := met(t, test.body, 403, "{}", "Bearer "+test.token)
		require.Equal(t, test.silent, silent, test.body)
	}
}

func TestAnExchangeIsJudgedAloneAsIfNothingWereKnown(t *testing.T) {
	const wrong = `{"phone":"62647737","countryCode":"+507","otp":246802}`
	sent := func(answer string) exchange.Exchange {
		return exchange.Exchange{
			Purpose: exchange.Judged, Undocumented: true,
			Request: exchange.Request{Method: "PUT", Header: textproto.MIMEHeader{"Authorization": {"Bearer " + theState.Token}, "Content-Type": {"application/json"}}, Body: []byte(wrong)},
			Answer:  &exchange.Answer{Status: 200, Header: textproto.MIMEHeader{"Content-Type": {"application/json"}}, Body: []byte(answer)},
		}
	}
	c := newChecks(t)
	for name, answer := range map[string]string{"kept for all it shows": earned, "broken": `{"data":{}}`} {
		t.Run(name, func(t *testing.T) {
			e := sent(answer)
			judging := c.Judging(e, theState)
			require.Equal(t, RuleWrongOTP, c.Judge(e, theState).Findings[0].Rule)
			alone := judging.Alone()
			recorded := sent(answer)
			recorded.Undocumented = false
			require.Equal(t, c.Judge(recorded, Known{}), alone)
			require.Equal(t, name == "broken", len(alone.Findings) > 0)
			require.Empty(t, alone.Silent)
		})
	}
}

func TestABodyIsHeldAgainstEachSchemaOfEachContract(t *testing.T) {
	c := newChecks(t)
	body := decode([]byte(`{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`))
	fits := func(c Checks, schema schemas.Name) bool { return len(c.fit(body, schema)) == 0 }
	for range 2 {
		require.True(t, fits(c, "answer-403.json"))
		require.False(t, fits(c, "answer-404.json"))
		require.Panics(t, func() { fits(Checks{Set: &schemas.Set{}}, "answer-403.json") }, "it has no schema")
	}
}
