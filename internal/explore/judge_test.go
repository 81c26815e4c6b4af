package explore

import (
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// theState is what the requests of these tests are sent against.
var theState = providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "246802", Token: "aaaa.bbbb.cccc", Project: "0123456789abcdef01234567"}

const (
	success  = `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
	notFound = `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`
)

// judged judges an answer to a request with the right token, unless the headers say otherwise.
func judged(t *testing.T, body string, status int, answer string, headers ...string) []breach {
	t.Helper()
	own := textproto.MIMEHeader{"Accept": {"application/json"}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + theState.Token}}
	for i := 0; i < len(headers); i += 2 {
		own[headers[i]] = []string{headers[i+1]}
	}
	added := textproto.MIMEHeader{"X-Env": {"staging"}}
	for name, values := range own {
		added[name] = values
	}
	return judge{contract.Checks{Schemas: loaded(t)}}.breaches(exchange.Exchange{
		Purpose: exchange.Judged,
		Request: exchange.Request{Method: "PUT", Header: added, Body: []byte(body)},
		Answer:  &exchange.Answer{Status: status, Header: textproto.MIMEHeader{"Content-Type": {"application/json"}}, Body: []byte(answer)},
	}, own, theState)
}

// with is the documented request with other JSON texts.
func with(phone, code, otp string) string {
	return `{"phone":` + phone + `,"countryCode":` + code + `,"otp":` + otp + `}`
}

func TestSuccessThatIsEarned(t *testing.T) {
	for name, body := range map[string]string{
		"plain":                        with(`"62647737"`, `"+507"`, "135791"),
		"spaces":                       with(`" 626 47 737 "`, `"+507"`, "135791"),
		"OTP with .0":                  with(`"62647737"`, `"+507"`, "135791.0"),
		"OTP with an exponent":         with(`"62647737"`, `"+507"`, "1.35791e5"),
		"OTP that no double tells":     with(`"62647737"`, `"+507"`, "135791.00000000000000000001"),
		"OTP in quotation marks":       with(`"62647737"`, `"+507"`, `"135791"`),
		"dashes, a tab, a zero":        with(`"0626-47\t737"`, `"+507"`, "135791"),
		"the code in the phone":        with(`"+507 62647737"`, `"+507"`, "135791"),
		"digits of another script":     with(`"٦2647737"`, `"+507"`, "135791"),
		"a digit that is punctuation":  with(`"62647737٣"`, `"+507"`, "135791"),
		"the phone as a number":        with("62647737", `"+507"`, "135791"),
		"the phone with an exponent":   with("6.2647737e7", `"+507"`, "135791"),
		"the phone in a list":          with(`["62647737"]`, `"+507"`, "135791"),
		"the phone in lists":           with(`[["0626 47737"]]`, `"+507"`, "135791"),
		"the code in a list":           with(`"62647737"`, `["+507"]`, "135791"),
		"the code as a number":         with(`"62647737"`, `507`, "135791"),
		"a space in the code":          with(`"62647737"`, `"+507 "`, "135791"),
		"escapes":                      with(`"\u0036\u00326\u00347737"`, `"\u002b507"`, "135791"),
		"doubled, the first is right":  `{"otp":135791,"otp":1,"phone":"62647737","countryCode":"+507"}`,
		"doubled, the second is right": `{"otp":null,"otp":135791,"phone":"62647737","countryCode":"+507"}`,
		"keys in capitals":             `{"OTP":135791,"Phone":"62647737","COUNTRYCODE":"+507"}`,
		"a mark and text around":       "\ufeff" + with(`"62647737"`, `"+507"`, "135791") + "x",
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, judged(t, body, 200, success)) })
	}
}

func TestSuccessThatIsNotEarned(t *testing.T) {
	for _, test := range []struct{ name, body, rule string }{
		{"a wrong OTP", with(`"62647737"`, `"+507"`, "135792"), "PV-02"},
		{"a fraction", with(`"62647737"`, `"+507"`, "135791.5"), "PV-25"},
		{"a minus", with(`"62647737"`, `"+507"`, "-135791"), "PV-25"},
		{"2^32 more", with(`"62647737"`, `"+507"`, "4295103087"), "PV-25"},
		{"zero", with(`"62647737"`, `"+507"`, "0"), "PV-02"},
		{"null", with(`"62647737"`, `"+507"`, "null"), "PV-25"},
		{"another OTP in quotation marks", with(`"62647737"`, `"+507"`, `"135791abc"`), "PV-25"},
		{"an object", with(`"62647737"`, `"+507"`, `{"$ne":0}`), "PV-25"},
		{"a list of the right OTP", with(`"62647737"`, `"+507"`, "[135791]"), "PV-25"},
		{"another phone", with(`"62647738"`, `"+507"`, "135791"), "PV-03"},
		{"a pattern", with(`".*"`, `"+507"`, "135791"), "PV-03"},
		{"another country code", with(`"62647737"`, `"+506"`, "135791"), "PV-21"},
		{"another phone in a list", with(`["62647738"]`, `"+507"`, "135791"), "PV-03"},
		{"a list of two phones", with(`["62647737","62647738"]`, `"+507"`, "135791"), "PV-03"},
		{"an empty list", with(`[]`, `"+507"`, "135791"), "PV-03"},
		{"a line break behind the code", with(`"62647737"`, `"+507\n"`, "135791"), "PV-06"},
		{"a code on one of several lines", with(`"62647737"`, `"x\n+507"`, "135791"), "PV-06"},
		{"no plus", with(`"62647737"`, `"507"`, "135791"), "PV-06"},
		{"no OTP", `{"phone":"62647737","countryCode":"+507"}`, "PV-02"},
		{"doubled, both wrong", `{"otp":1,"otp":2,"phone":"62647737","countryCode":"+507"}`, "PV-02"},
		{"no JSON", "phone=1", "PV-03"},
		{"cut", `{"phone":"62647737","countryCode":"+507","otp":135791`, "PV-03"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, 200, success)
			require.Len(t, found, 1)
			require.Equal(t, NoUnearnedSuccess, found[0].property)
			require.Equal(t, test.rule, found[0].rule, found[0].words)
		})
	}
}

func TestTokenOfASuccess(t *testing.T) {
	right := with(`"62647737"`, `"+507"`, "135791")
	for value, earned := range map[string]bool{
		"bearer aaaa.bbbb.cccc":    true,
		"Bearer  aaaa.bbbb.cccc":   true,
		"aaaa.bbbb.cccc":           true,
		`Bearer "aaaa.bbbb.cccc"`:  true,
		"":                         false,
		"Bearer aaaa.bbbb.":        false,
		"Bearer xaaaa.bbbb.cccc":   false,
		"Bearer aaaa.bbbb.cccc.dd": false,
	} {
		found := judged(t, right, 200, success, "Authorization", value)
		require.Equal(t, earned, len(found) == 0, value)
		if !earned {
			require.Equal(t, "PV-16", found[0].rule)
		}
	}
}

func TestStatusesOfAnswers(t *testing.T) {
	fitting, broken := with(`"62647737"`, `"+507"`, "135792"), with("null", `"+507"`, "1")
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
		{"400 to a phone with spaces", with(`" 626 47737"`, `"+507"`, "135792"), 400, KnownStatus},
		{"400 to a phone in escapes", with(`"\u00362647737"`, `"+507"`, "135792"), 400, KnownStatus},
		{"400 to another phone", with(`"62647738"`, `"+507"`, "135792"), 400, KnownStatus},
		{"400 to another country code", with(`"62647737"`, `"+1"`, "135792"), 400, KnownStatus},
		{"400 to another project", option(`"project":"ffffffffffffffffffffffff"`), 400, KnownStatus},
		{"400 to an OTP beyond every float", with(`"62647737"`, `"+507"`, "1e400"), 400, ""},
		{"400 to an OTP with a fraction of nothing", with(`"62647737"`, `"+507"`, "135791.0"), 400, ""},
		{"400 to an OTP with an exponent", with(`"62647737"`, `"+507"`, "1.35791e5"), 400, ""},
		{"400 to an OTP of one digit", with(`"62647737"`, `"+507"`, "1"), 400, ""},
		{"400 to an OTP of seven digits", with(`"62647737"`, `"+507"`, "1357910"), 400, ""},
		{"400 to an OTP that is zero", with(`"62647737"`, `"+507"`, "0"), 400, ""},
		{"400 to a phone of another length", with(`"626477371"`, `"+507"`, "135792"), 400, ""},
		{"400 to a phone of many spaces", with(`"6`+strings.Repeat(" ", 100)+`2647737"`, `"+507"`, "135792"), 400, ""},
		{"400 to a country code that no country has", with(`"62647737"`, `"+0"`, "135792"), 400, ""},
		{"400 to an unknown parameter", option(`"colour":"green"`), 400, ""},
		{"400 to a parameter in capitals", option(`"Project":"x"`), 400, ""},
		{"400 to a project of another form", option(`"project":"x"`), 400, ""},
		{"400 to an empty project", option(`"project":""`), 400, ""},
		{"400 to a gateway that is not the delivery's", option(`"phoneGateway":"none"`), 400, ""},
		{"400 to a broken request", broken, 400, ""},
		{"422 to a broken request", broken, 422, ""},
		{"404 to a broken request", broken, 404, ""},
		{"413 to a large request", `{"phone":"62647737","countryCode":"+507","otp":1,"x":"` + strings.Repeat("x", mostBytes) + `"}`, 413, ""},
		{"400 to a number of 100 digits", with(`"62647737"`, `"+507"`, strings.Repeat("9", 100)), 400, ""},
		{"400 to a doubled key", `{"phone":"1","phone":"1","countryCode":"+507","otp":1}`, 400, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, test.status, `{"code":"x","message":"y"}`)
			if test.property == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, test.property, found[0].property)
			require.Equal(t, "PV-20", found[0].rule)
		})
	}
	require.Empty(t, judged(t, fitting, 415, `{}`, "Content-Type", "text/plain"))
	require.Empty(t, judged(t, fitting, 406, `{}`, "Accept", "text/html"))
	require.Empty(t, judged(t, fitting, 401, `{}`, "Authorization", "Bearer x"))
	require.Empty(t, judged(t, fitting, 302, ``, "Authorization", ""), "a redirect to a login refuses too")
	require.Empty(t, judged(t, fitting, 403, `<html>`, "X-Explore", "../../etc/passwd"), "a firewall's own answer")
	require.Len(t, judged(t, fitting, 400, `{}`, "X-Explore", "null"), 1)
}

func TestShapesOfAnswersToFittingRequests(t *testing.T) {
	wrong, right := with(`"62647737"`, `"+507"`, "135792"), with(`"62647737"`, `"+507"`, "135791")
	for _, test := range []struct {
		name, body string
		status     int
		answer     string
		rule       string // "" is no breach
	}{
		{"as documented", wrong, 404, notFound, ""},
		{"a code of its own", wrong, 404, `{"code":"x","message":"y"}`, "PV-03"},
		{"a code of its own where the search is narrowed", `{"phone":"62647737","countryCode":"+507","otp":135792,"project":"ffffffffffffffffffffffff"}`, 404, `{"code":"x","message":"y"}`, ""},
		{"a code of its own where the phone is not the state's", with(`"62647738"`, `"+507"`, "135792"), 403, `{"code":"x","message":"y"}`, ""},
		{"another code of a wrong OTP", wrong, 403, `{"code":"Forbidden","message":"y"}`, "PV-02"},
		{"one field", wrong, 409, `{"error":"x"}`, "PV-18"},
		{"a conflict in two fields", wrong, 409, `{"code":"x","message":"y"}`, ""},
		{"no JSON", wrong, 404, `<html>`, "PV-19"},
		{"a success without its id", right, 200, strings.Replace(success, `"_id"`, `"id"`, 1), "PV-01"},
		{"a success that repeats another phone", right, 200, strings.Replace(success, "62647737", "62647738", 1), "PV-01"},
		{"a success that repeats a cleaned phone", with(`"062647737"`, `"+507"`, "135791"), 200, success, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := judged(t, test.body, test.status, test.answer)
			if test.rule == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, breach{KnownShape, test.rule, found[0].words}, found[0])
		})
	}
}

func TestLeaks(t *testing.T) {
	body := with("null", `"+507"`, "1")
	for _, answer := range []string{`{"code":"x","message":"it is 135791"}`, `{"code":"x","message":"aaaa.bbbb.cccc"}`, `{"code":"x","message":"y","stack":"goroutine 1 [running]:"}`} {
		found := judged(t, body, 400, answer)
		require.Len(t, found, 1, answer)
		require.Equal(t, NoLeak, found[0].property)
		require.Equal(t, "PV-24", found[0].rule)
	}
	require.Empty(t, judged(t, body, 400, `{"code":"x","message":"1357910"}`))
}

func TestSpellingsOfTheOTPAreWhatTheirShellExpressionsMake(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	_, err = exec.LookPath("bc")
	calculator := err == nil
	for name, test := range map[string]struct {
		spelling spelling
		secret   string
	}{
		"right": {rightOTP, "135791"}, "exponent": {scientific("e"), "135791"}, "exponent of one digit": {scientific("e"), "7"}, "cut": {cutOff, "135791"},
		"last digit": {wrongDigit(contract.LastDigit), "135799"}, "first digit": {wrongDigit(contract.FirstDigit), "935791"},
		"middle digit": {wrongDigit(contract.MiddleDigit), "135791"}, "middle digit of five": {wrongDigit(contract.MiddleDigit), "13579"}, "every digit": {wrongDigit(contract.EveryDigit), "905799"},
		"2^64 more": {plus("18446744073709551616"), "135791"}, "token": {rightToken, "aaaa.bbbb.cccc"}, "prefixed": {prefixedToken, "aaaa.bbbb.cccc"},
		"short": {shortToken, "aaaa.bbbb.cccc"}, "unsigned": {unsignedToken, "aaaa.bbbb.cccc"},
	} {
		t.Run(name, func(t *testing.T) {
			expression := test.spelling.shell(len(test.secret))
			if strings.Contains(expression, "bc)") && !calculator {
				t.Skip("there is no bc")
			}
			command := exec.Command(bash, "-c", "printf %s "+curl.Word(`a'\`+curl.Expression(expression)+"\x01é"))
			command.Env = []string{"OTP=" + test.secret, "TOKEN=" + test.secret, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
			out, err := command.Output()
			require.NoError(t, err)
			require.Equal(t, `a'\`+test.spelling.real(test.secret)+"\x01é", string(out))
			require.NotContains(t, test.spelling.shown, test.secret)
		})
	}
}

func TestReportShowsNothingThatActsOnATerminal(t *testing.T) {
	r := &Report{Stopped: "x\x1b[2Jy", Counterexamples: []Counterexample{{Words: "a\u202eb", Smallest: Shown{
		Body: "\x1b]0;z\x07", Size: 6, Status: 500, Answer: "line\nline\r\x00", Answered: map[string][]string{"X-\x1b": {"\x9b1m"}}, Changes: []string{"\x7f"}, Curl: "curl\x1b",
	}}}}
	for _, c := range told(t, r) {
		require.False(t, c != '\n' && !text.Shows(c), "%q", c)
	}
}
