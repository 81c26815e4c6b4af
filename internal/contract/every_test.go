package contract

import (
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

func TestExchangesThatEachEveryExchangeRuleJudges(t *testing.T) {
	var ids []string
	for _, rule := range newChecks(t).Everywhere() {
		ids = append(ids, rule.Rule)
		t.Run(rule.Rule, func(t *testing.T) {
			silent, ofSuccess, ofErrors := rule.Rule == "PV-24", slices.Contains([]string{"PV-01", "PV-08", "PV-15", "PV-16", "PV-25"}, rule.Rule), slices.Contains([]string{"PV-02", "PV-07", "PV-18"}, rule.Rule)
			if slices.Contains([]string{"PV-04", "PV-05", "PV-06", "PV-11", "PV-21"}, rule.Rule) { // by what a request asks for: a request of nothing asks for no answer of theirs
				ofSuccess, ofErrors = true, true
			}
			judged := func(e exchange.Exchange) bool { _, ok := rule.Judge(newChecks(t).Judging(e, Known{})); return ok }
			aside := answeredWith(401, "")
			aside.Unpromised = true
			require.Equal(t, silent, judged(aside), "which answer refuses a foreign token, nobody documents")
			aside.Answer.Status = 500
			require.Equal(t, silent || rule.Rule == "PV-20", judged(aside), "no request is a reason to fail")
			aside.Answer.Status = 503
			require.Equal(t, silent, judged(aside), "a gateway's answer")
			require.Equal(t, !ofErrors, judged(answeredWith(200, documented200)), "a success is no error")
			require.Equal(t, !ofSuccess && rule.Rule != "PV-07", judged(answeredWith(403, documented403)), "a refusal says nothing of a success, nor of another refusal")
			require.Equal(t, !ofSuccess && !ofErrors, judged(answeredWith(500, "")), "any other 5xx is an answer")
			require.Equal(t, !ofSuccess && !ofErrors, judged(answeredWith(400, `{"error":1}`)), "the form of another error is nobody's matter")
			for _, status := range []int{429, 502, 503, 504} {
				require.Equal(t, silent, judged(answeredWith(status, "")), "%d", status)
			}
			require.False(t, judged(unanswered(exchange.CauseTimeout)))
			for _, purpose := range []exchange.Purpose{exchange.SetUp, exchange.ReadBack} {
				e := answeredWith(500, "x")
				e.Purpose = purpose
				require.False(t, judged(e), "%s calls are recorded, not judged", purpose)
			}
		})
	}
	require.Equal(t, []string{"PV-01", "PV-04", "PV-05", "PV-06", "PV-21", "PV-11", "PV-02", "PV-07", "PV-08", "PV-15", "PV-25", "PV-16", "PV-18", "PV-19", "PV-20", "PV-23", "PV-24"}, ids)
}

// A refusal has its documented body in any scenario, and a success names its own validation.
func TestRulesJudgedInScenariosOfOtherRules(t *testing.T) {
	known := Known{Values: providerstate.Values{OTP: "123456", ValidationID: "674de8df21c72be3cc42b8a7"}}
	flow := func(recommended bool) Known {
		return Known{Values: providerstate.Values{OTP: "123456", Liveness: &recommended}}
	}
	typed := func(otp string, status int, body string) exchange.Exchange {
		e := answeredWith(status, body)
		e.Request.Body = []byte(`{"phone":"62647737","countryCode":"+507","otp":` + otp + `}`)
		return e
	}
	for name, test := range map[string]struct {
		e        exchange.Exchange
		p        Known
		expected string // the rules
	}{
		"a wrong OTP, as documented":            {typed("123457", 403, documented403), known, ""},
		"a wrong OTP, in another dialect":       {typed("123457", 403, `{"code":"Forbidden","message":"otp_does_not_match"}`), known, "PV-02"},
		"the right OTP, forbidden":              {typed("123456", 403, `{"code":"Forbidden","message":"project"}`), known, ""},
		"any OTP, where the right is not known": {typed("123457", 403, `{"code":"Forbidden","message":"m"}`), Known{}, ""},
		"expired, in another dialect":           {typed("123456", 412, `{"code":"PreconditionFailed","message":"phoneValidation_has_expired"}`), known, "PV-07"},
		"a success of a flow with liveness":     {typed("123456", 200, documented200), flow(true), "PV-15"},
		"a success of a flow without":           {typed("123456", 200, documented200), flow(false), ""},
		"a success of its own validation":       {typed("123456", 200, documented200), known, ""},
		"a success of another validation":       {typed("123456", 200, documented200), Known{Values: providerstate.Values{OTP: "123456", ValidationID: "674de8df21c72be3cc42b8a8"}}, "PV-01"},
	} {
		t.Run(name, func(t *testing.T) {
			var broken []string
			for _, rule := range newChecks(t).Everywhere() {
				if findings, _ := rule.Judge(newChecks(t).Judging(test.e, test.p)); len(findings) > 0 {
					broken = append(broken, rule.Rule)
				}
			}
			require.Equal(t, test.expected, strings.Join(broken, " "))
			test.e.Undocumented = true
			for _, rule := range newChecks(t).Everywhere() {
				if findings, _ := rule.Judge(newChecks(t).Judging(test.e, test.p)); rule.Rule == "PV-02" || rule.Rule == "PV-07" {
					require.Empty(t, findings, "after three wrong ones a lock may say anything")
				}
			}
		})
	}
}

// Where nothing but the OTP can be the reason, a wrong one is answered as a wrong one in any scenario.
func TestAWrongOTPIsNoReasonForAnotherDocumentedAnswer(t *testing.T) {
	pending := Known{Pending: true, Values: providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", Token: aToken, Project: "pa", PhoneGateway: "sms"}}
	expired, unknown := pending, pending
	expired.Pending, unknown.OTP = false, ""
	for name, test := range map[string]struct {
		sent     string
		known    Known
		status   int
		body     string
		expected []found
	}{
		"not found":                      {`"otp":123457`, pending, 404, documented404, []found{{"", "403", "404 phone_validation_not_found"}}},
		"expired":                        {`"otp":123457`, pending, 412, documented412, []found{{"", "403", "412 phoneValidation_has_expired"}}},
		"missing":                        {`"otp":123457`, pending, 409, documented409, []found{{"", "403", `409 MissingParameter: "missing phone\n. missing countryCode\n. missing otp"`}}},
		"as documented":                  {`"otp":123457`, pending, 403, documented403, nil},
		"not documented":                 {`"otp":123457`, pending, 429, `{}`, nil},
		"the right OTP":                  {`"otp":123456`, pending, 404, documented404, nil},
		"no OTP at all":                  {`"otp":[123456]`, pending, 404, documented404, nil},
		"an OTP of another length":       {`"otp":12345`, pending, 404, documented404, nil},
		"it has expired":                 {`"otp":123457`, expired, 412, documented412, nil},
		"the right OTP is not known":     {`"otp":123457`, unknown, 404, documented404, nil},
		"the project may be the reason":  {`"otp":123457,"project":"pa"`, pending, 404, documented404, nil},
		"the delivery may be the reason": {`"otp":123457,"phoneGateway":"sms"`, pending, 404, documented404, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(test.status, test.body)
			e.Request.Body = []byte(`{"phone":"62647737","countryCode":"+507",` + test.sent + `}`)
			findings, _ := everyRule(t, RuleWrongOTP).Judge(newChecks(t).Judging(e, test.known))
			requireFindings(t, test.expected, findings)

			e.Request.Body = []byte(`{"phone":" 6264 7737","countryCode":"+507",` + test.sent + `}`)
			findings, _ = everyRule(t, RuleWrongOTP).Judge(newChecks(t).Judging(e, test.known))
			require.Empty(t, findings, "the spaces may be the reason")

			e.Request.Body = []byte(`{"phone":"62647737","countryCode":"+507",` + test.sent + `}`)
			e.Request.Header.Set("Content-Type", "text/plain")
			findings, _ = everyRule(t, RuleWrongOTP).Judge(newChecks(t).Judging(e, test.known))
			require.Empty(t, findings, "the content type may be the reason")
		})
	}
}

// In any scenario missing parameters, a malformed country code and another phone or project decide how a request is answered.
func TestRulesThatApplyByTheRequestAlone(t *testing.T) {
	known := Known{Values: providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", Token: "the registration's own", Project: "pa", ProjectFlow: "fa"}}
	const format = `{"code":"MissingParameter","message":"Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."}`
	missing := func(message string) string { return `{"code":"MissingParameter","message":"` + message + `"}` }
	for name, test := range map[string]struct {
		sent     string
		status   int
		body     string
		expected string // the rule
	}{
		"without an OTP, as documented":              {`{"phone":"62647737","countryCode":"+507"}`, 409, missing("missing otp"), ""},
		"without an OTP, as a wrong one":             {`{"phone":"62647737","countryCode":"+507"}`, 403, documented403, "PV-05"},
		"without a phone, as the registration's own": {`{"countryCode":"+507","otp":123456}`, 200, documented200, "PV-05"},
		"without phone and code, one of them named":  {`{"otp":123456}`, 409, missing("missing countryCode"), "PV-05"},
		"no plus, as documented":                     {`{"phone":"62647737","countryCode":"507","otp":123456}`, 409, format, ""},
		"no plus, completed":                         {`{"phone":"62647737","countryCode":"507","otp":123456}`, 200, documented200, "PV-06"},
		"six digits, cut, and the OTP compared":      {`{"phone":"62647737","countryCode":"+507111","otp":123457}`, 403, documented403, "PV-06"},
		"no plus and no OTP: either may come first":  {`{"phone":"62647737","countryCode":"507"}`, 409, format, ""},
		"another phone, nothing found":               {`{"phone":"62647738","countryCode":"+507","otp":123457}`, 404, documented404, ""},
		"another phone, in words of its own":         {`{"phone":"62647738","countryCode":"+507","otp":123457}`, 404, `{"code":"other_phone","message":"404:other_phone"}`, ""},
		"another phone, and the OTP compared":        {`{"phone":"62647738","countryCode":"+507","otp":123457}`, 403, documented403, "PV-21"},
		"another country, and the OTP compared":      {`{"phone":"62647737","countryCode":"+506","otp":123457}`, 403, documented403, "PV-21"},
		"a phone that may be none, refused":          {`{"phone":"6264773","countryCode":"+507","otp":123456}`, 403, documented403, ""},
		"another project, nothing found":             {`{"phone":"62647737","countryCode":"+507","otp":123457,"project":"pb"}`, 404, `{"code":"project_not_found","message":"m"}`, ""},
		"another project, and the OTP compared":      {`{"phone":"62647737","countryCode":"+507","otp":123457,"project":"pb"}`, 403, documented403, ""},
		"another project, called a wrong OTP":        {`{"phone":"62647737","countryCode":"+507","otp":123456,"project":"pb"}`, 403, documented403, "PV-11"},
		"another project, and spaces refused":        {`{"phone":"626 47737","countryCode":"+507","otp":123456,"project":"pb"}`, 409, missing("missing phone"), ""},
		"another flow of its project, validated":     {`{"phone":"62647737","countryCode":"+507","otp":123456,"project":"pa","projectFlow":"fb"}`, 200, documented200, "PV-11"},
		"another project, of no id's form":           {`{"phone":"62647737","countryCode":"+507","otp":123456,"project":"-"}`, 403, documented403, ""},
		"its own project and flow, a wrong OTP":      {`{"phone":"62647737","countryCode":"+507","otp":123457,"project":"pa","projectFlow":"fa"}`, 403, documented403, ""},
		"another phone and project":                  {`{"phone":"62647738","countryCode":"+507","otp":123457,"project":"pb"}`, 403, documented403, "PV-21"},
		"its own phone, a wrong OTP":                 {`{"phone":"626 47737","countryCode":"+507","otp":123457}`, 403, documented403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(test.status, test.body)
			e.Request.Body = []byte(test.sent)
			e.Request.Header = textproto.MIMEHeader{"Authorization": {"Bearer " + known.Token}}
			broken := func() (all []string) {
				for _, rule := range newChecks(t).Everywhere() {
					if findings, _ := rule.Judge(newChecks(t).Judging(e, known)); len(findings) > 0 && slices.Contains([]string{"PV-05", "PV-06", "PV-11", "PV-21"}, rule.Rule) {
						all = append(all, rule.Rule)
					}
				}
				return all
			}
			require.Equal(t, test.expected, strings.Join(broken(), " "))
			e.Undocumented = true
			if test.status == 200 {
				require.Equal(t, test.expected, strings.Join(broken(), " "), "after three tries a lock may say anything, but nothing is a success for that")
			} else {
				require.Empty(t, broken(), "after three tries a lock may say anything")
			}
			e.Undocumented, e.Unpromised = false, true
			require.Empty(t, broken(), "which answer refuses a foreign token, nobody documents")
		})
	}
}

// The provider may answer undocumented requests as it likes, within what no request excuses.
func TestRulesForUndocumentedExchanges(t *testing.T) {
	const page = "<html><body>Bad Request</body></html>"
	for name, test := range map[string]struct {
		status          int
		mediaType, body string
		broken          string // the rules
	}{
		"a framework's page":                         {400, "text/html", page, ""},
		"a page of a documented status":              {403, "text/html", page, ""},
		"a framework's JSON":                         {400, "application/json", `{"statusCode":400,"error":"Bad Request","message":["otp must be a number"]}`, ""},
		"a lock":                                     {423, "application/json", `{"code":"Locked","message":"423:locked"}`, ""},
		"a lock of a documented status, in its form": {403, "application/problem+json", `{"code":"locked","title":"Locked","retryAfter":60}`, ""},
		"a lock in text":                             {403, "text/plain", "locked", ""},
		"no media type, and nothing to have one":     {410, "", "", ""},
		"a second success that is a conflict":        {409, "application/json", `{"message":"phone_validation_already_validated","code":"Conflict"}`, ""},
		"as documented":                              {403, "application/json", documented403, ""},
		"JSON that is cut":                           {400, "application/json", `{"error":`, "PV-19"},
		"JSON that is nothing":                       {423, "application/vnd.lock+json", "", "PV-19"},
		"JSON with a key twice":                      {423, "application/json; charset=utf-8", `{"code":"Locked","code":"Locked","message":"m"}`, "PV-19"},
		"documented words in no media type":          {403, "", documented403, "PV-23"},
		"documented words in a page's media type":    {403, "text/html", documented403, "PV-23"},
		"a documented code and a field more":         {403, "application/json", `{"code":"otp_does_not_match","message":"403:otp_does_not_match","attempts":4}`, "PV-18"},
		"a documented code within an envelope":       {404, "application/json", `{"error":{"code":"phone_validation_not_found","message":"m"}}`, "PV-18"},
		"a documented code, and twice":               {403, "text/plain", `{"code":"otp_does_not_match","code":"otp_does_not_match","message":"403:otp_does_not_match"}`, "PV-19 PV-23"},
		"a failure":                                  {500, "text/html", page, "PV-20"},
		"a redirect":                                 {302, "text/html", "", "PV-20"},
		"another success":                            {202, "application/json", `{}`, "PV-20"},
		"a success that is none":                     {200, "application/json", `{"data":{}}`, "PV-01"},
		"a success of no JSON":                       {200, "text/plain", "ok", "PV-01"},
		"a success":                                  {200, "application/json", documented200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(test.status, test.body)
			e.Undocumented = true
			e.Answer.Header = textproto.MIMEHeader{}
			if test.mediaType != "" {
				e.Answer.Header.Set("Content-Type", test.mediaType)
			}
			var broken []string
			for _, rule := range newChecks(t).Everywhere() {
				if found, _ := rule.Judge(newChecks(t).Judging(e, Known{})); len(found) > 0 {
					broken = append(broken, rule.Rule)
				}
			}
			require.Equal(t, test.broken, strings.Join(broken, " "))
		})
	}
}

func judge(t *testing.T, rule string, e exchange.Exchange, p Known) []Finding {
	t.Helper()
	findings, judged := everyRule(t, rule).Judge(newChecks(t).Judging(e, p))
	require.True(t, judged)
	for _, f := range findings {
		require.Equal(t, rule, f.Rule)
		require.NotEmpty(t, f.Expectation)
		require.NotEmpty(t, f.Expected)
		require.NotEmpty(t, f.Actual)
	}
	return findings
}

func TestAnErrorAnswerIsCodeAndMessage(t *testing.T) {
	for name, test := range map[string]struct {
		status   int
		body     string
		expected []found
	}{
		"403 as documented":        {403, documented403, nil},
		"404 as documented":        {404, documented404, nil},
		"409 as documented":        {409, documented409, nil},
		"409, the other":           {409, documented409CountryCode, nil},
		"412 as documented":        {412, documented412, nil},
		"other order":              {403, `{"message":"m","code":"c"}`, nil},
		"empty texts":              {403, `{"message":"","code":""}`, nil},
		"escaped keys":             {403, `{"\u006dessage":"m","\u0063ode":"c"}`, nil},
		"not JSON, as PV-19 says":  {403, `<html>`, nil},
		"an extra status":          {409, `{"code":"c","message":"m","status":409}`, []found{{"$.status", "no such member", "409"}}},
		"an extra null":            {409, `{"code":"c","message":"m","x":null}`, []found{{"$.x", "no such member", "null"}}},
		"two extra, in order":      {412, `{"z":1,"code":"c","a":[],"message":"m"}`, []found{{"$.a", "no such member", "[]"}, {"$.z", "no such member", "1"}}},
		"a code of another case":   {404, `{"Code":"c","message":"m"}`, []found{{"$.code", "text", "missing"}, {"$.Code", "no such member", `"c"`}}},
		"no code":                  {403, `{"message":"m"}`, []found{{"$.code", "text", "missing"}}},
		"no message":               {403, `{"code":"c"}`, []found{{"$.message", "text", "missing"}}},
		"neither":                  {403, `{}`, []found{{"$.code", "text", "missing"}, {"$.message", "text", "missing"}}},
		"a code that is a number":  {403, `{"code":403,"message":"m"}`, []found{{"$.code", "text", "403"}}},
		"a code that is null":      {403, `{"code":null,"message":"m"}`, []found{{"$.code", "text", "null"}}},
		"a message that is a list": {409, `{"code":"c","message":["a"]}`, []found{{"$.message", "text", `["a"]`}}},
		"a list":                   {403, `["c","m"]`, []found{{"$", "an object", `["c","m"]`}}},
		"text":                     {404, `"not found"`, []found{{"$", "an object", `"not found"`}}},
		"null":                     {404, `null`, []found{{"$", "an object", `null`}}},
		"an envelope":              {404, `{"error":{"code":"c","message":"m"}}`, []found{{"$.code", "text", "missing"}, {"$.message", "text", "missing"}, {"$.error", "no such member", `{"code":"c","message":"m"}`}}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, test.expected, judge(t, "PV-18", answeredWith(test.status, test.body), Known{}))
		})
	}
}

func TestAnAnswerIsOneJSONValue(t *testing.T) {
	for name, body := range map[string]string{
		"as documented":                             documented200,
		"other key order":                           `{"message":"m","code":"c"}`,
		"white space all around":                    " \t\r\n{ \"a\" :\r\n[ 1 ,\t2 ] }\r\n \t",
		"a trailing newline":                        documented403 + "\n",
		"unicode escapes":                           `{"c\u006fde":"\u00e9\ud83d\ude00","message":"\/"}`,
		"a lone surrogate's escape, which is ASCII": `{"code":"\ud800"}`,
		"the same key in two objects":               `{"a":{"id":1},"b":{"id":2},"id":3}`,
		"the same key in a list's objects":          `[{"id":1},{"id":1}]`,
		"keys that differ in case":                  `{"code":1,"Code":2,"CODE":3}`,
		"keys that differ in normal form":           "{\"\u00e9\":1,\"e\u0301\":2}",
		"an empty key":                              `{"":1}`,
		"a scalar":                                  `"text"`,
		"null":                                      `null`,
		"numbers of every form":                     `[0,-0,1e5,1E+5,-1.5e-300,123456789012345678901234567890]`,
		"other scripts":                             `{"message":"número inválido 电话"}`,
		"DEL and other signs that need no escape":   "[\"\x7f\u2028\"]",
		"a replacement character that was sent":     "[\"\ufffd\"]",
		"a byte order mark within a text":           "[\"\ufeff\"]",
		"two hundred levels":                        strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		t.Run("faithful: "+name, func(t *testing.T) {
			require.Empty(t, judge(t, "PV-19", answeredWith(200, body), Known{}))
		})
	}
	for name, test := range map[string]struct{ body, actual string }{
		"an empty body":                {"", "the body is empty"},
		"white space only":             {" \r\n\t", "the body is empty"},
		"HTML":                         {"<html></html>", "the body is not JSON from byte 0 on"},
		"plain text":                   {"OK", "the body is not JSON from byte 0 on"},
		"a trailing byte":              {documented403 + "x", "1 bytes follow the JSON value"},
		"a second value":               {`{"a":1}` + "\n" + `{"b":2}`, "7 bytes follow the JSON value"},
		"a trailing comma":             {`{"a":1},`, "1 bytes follow the JSON value"},
		"a trailing NUL":               {"{}\x00", "1 bytes follow the JSON value"},
		"a trailing form feed":         {"{}\f", "1 bytes follow the JSON value"},
		"a trailing no-break space":    {"{}\u00a0", "2 bytes follow the JSON value"},
		"a trailing brace":             {"{}}", "1 bytes follow the JSON value"},
		"a key twice":                  {`{"code":"a","code":"b"}`, "the key at $.code occurs twice"},
		"a key twice, the same value":  {`{"code":"a","code":"a"}`, "the key at $.code occurs twice"},
		"a key twice at depth":         {`{"data":{"list":[{},{"id":1,"x":[],"id":2}]}}`, "the key at $.data.list.1.id occurs twice"},
		"a key twice by an escape":     {`{"code":"a","\u0063ode":"b"}`, "the key at $.code occurs twice"},
		"an empty key twice":           {`{"":1,"":2}`, "the key at $. occurs twice"},
		"a key with a slash twice":     {`{"a/b~c":1,"a/b~c":2}`, "the key at $.a/b~c occurs twice"},
		"a byte order mark":            {"\ufeff{}", "the body begins with a byte order mark, which JSON does not allow"},
		"invalid UTF-8 in a text":      {"{\"a\":\"\xff\"}", "byte 6 of the body is not UTF-8"},
		"invalid UTF-8 in a key":       {"{\"\xc3\":1}", "byte 2 of the body is not UTF-8"},
		"Latin-1":                      {"[\"n\xfamero\"]", "byte 3 of the body is not UTF-8"},
		"an overlong spelling":         {"[\"\xc0\xaf\"]", "byte 2 of the body is not UTF-8"},
		"a surrogate spelt in UTF-8":   {"[\"\xed\xa0\x80\"]", "byte 2 of the body is not UTF-8"},
		"UTF-16":                       {"{\x00}\x00", "the body is in UTF-16 or UTF-32, and JSON is in UTF-8"},
		"cut in a key":                 {`{"data":{"_id`, "the body is JSON that is cut off"},
		"cut after a comma":            {`{"a":1,`, "the body is JSON that is cut off"},
		"cut before the last brace":    {`{"a":{"b":1}`, "the body is JSON that is cut off"},
		"cut in a word":                {`[tru`, "the body is JSON that is cut off"},
		"single quotes":                {`{'a':1}`, "the body is not JSON from byte 1 on"},
		"a comment":                    {`{/* */}`, "the body is not JSON from byte 1 on"},
		"a comma too many":             {`{"a":1,}`, "the body is not JSON from byte 6 on"},
		"NaN":                          {`[NaN]`, "the body is not JSON from byte 1 on"},
		"a leading zero":               {`[01]`, "the body is not JSON from byte 2 on"},
		"a leading plus":               {`[+1]`, "the body is not JSON from byte 1 on"},
		"a raw newline in a text":      {"[\"a\nb\"]", "the body is not JSON from byte 3 on"},
		"an escape that JSON lacks":    {`["\x41"]`, "the body is not JSON from byte 2 on"},
		"a padding against hijacking":  {")]}',\n{}", "the body is not JSON from byte 0 on"},
		"a callback around the value":  {`callback({})`, "the body is not JSON from byte 0 on"},
		"several lines of JSON values": {"1\n2\n", "2 bytes follow the JSON value"},
	} {
		t.Run("broken: "+name, func(t *testing.T) {
			findings := judge(t, "PV-19", answeredWith(200, test.body), Known{})
			require.Len(t, findings, 1)
			require.Equal(t, "one JSON value", findings[0].Expected)
			require.Equal(t, test.actual, strings.SplitN(findings[0].Actual, `: "`, 2)[0])
		})
	}
}

func TestATooLongAnswerIsNotCalledCutOff(t *testing.T) {
	e := answeredWith(200, `{"data":`)
	e.Answer.TooLong = true
	require.Empty(t, judge(t, "PV-19", e, Known{}))
}

func TestOnlyTheDocumentedStatusesOccur(t *testing.T) {
	require.Equal(t, []string{"200", "403", "404", "409", "412"}, newChecks(t).statuses())
	for status := 100; status < 600; status++ {
		e := answeredWith(status, documented403)
		if Unanswered(e) != nil {
			continue
		}
		findings := judge(t, "PV-20", e, Known{})
		if status == 200 || status == 403 || status == 404 || status == 409 || status == 412 {
			require.Empty(t, findings, "%d", status)
			continue
		}
		require.Len(t, findings, 1, "%d", status)
		require.Equal(t, "200, 403, 404, 409 or 412", findings[0].Expected)
	}
	findings := judge(t, "PV-20", answeredWith(307, ""), Known{})
	require.Equal(t, "307 (a redirect, which is never followed)", findings[0].Actual)
}

func TestTheMediaTypeIsJSON(t *testing.T) {
	for name, test := range map[string]struct {
		types  []string
		actual string // "": faithful
	}{
		"plain":                       {[]string{"application/json"}, ""},
		"with a charset":              {[]string{"application/json; charset=utf-8"}, ""},
		"in upper case":               {[]string{"Application/JSON; charset=UTF-8"}, ""},
		"a problem":                   {[]string{"application/problem+json"}, ""},
		"a vendor's type":             {[]string{"application/vnd.api+JSON;version=1"}, ""},
		"an empty parameter":          {[]string{"application/json;"}, ""},
		"empty parameters":            {[]string{"application/json; ; ;charset=utf-8;"}, ""},
		"a parameter without a value": {[]string{"application/json; odata.metadata"}, ""},
		"a quoted parameter":          {[]string{`application/json; profile="https://example.test/a;b"`}, ""},
		"white space":                 {[]string{"  application/json ;charset=utf-8 "}, ""},
		"the same twice":              {[]string{"application/json", "application/json"}, ""},
		"none":                        {nil, "no Content-Type"},
		"an empty one":                {[]string{""}, "an empty Content-Type"},
		"HTML":                        {[]string{"text/html; charset=utf-8"}, "text/html; charset=utf-8"},
		"plain text":                  {[]string{"text/plain"}, "text/plain"},
		"JSON as a text type":         {[]string{"text/json"}, "text/json"},
		"JavaScript":                  {[]string{"application/javascript"}, "application/javascript"},
		"lines of JSON":               {[]string{"application/jsonl"}, "application/jsonl"},
		"a sequence of JSON":          {[]string{"application/json-seq"}, "application/json-seq"},
		"only the suffix":             {[]string{"+json"}, "+json"},
		"no type before the slash":    {[]string{"/x+json"}, "/x+json"},
		"nothing before the suffix":   {[]string{"application/+json"}, "application/+json"},
		"JSON as a parameter":         {[]string{"text/plain; a=application/json"}, "text/plain; a=application/json"},
		"two types in one":            {[]string{"text/html, application/x+json"}, "text/html, application/x+json"},
		"JSON, then HTML":             {[]string{"application/json", "text/html"}, "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(200, documented200)
			e.Answer.Header = textproto.MIMEHeader{}
			if test.types != nil {
				e.Answer.Header["Content-Type"] = test.types
			}
			findings := judge(t, "PV-23", e, Known{})
			if test.actual == "" {
				require.Empty(t, findings)
				return
			}
			requireFindings(t, []found{{"", "application/json or +json", test.actual}}, findings)
		})
	}
}

// In any scenario.
func TestOnlyTheRightOTPAndTokenMaySucceed(t *testing.T) {
	success := func(otp, authorization string) exchange.Exchange {
		e := answeredWith(200, documented200)
		e.Request.Body = []byte(`{"phone":"62647737","countryCode":"+507","otp":` + otp + `}`)
		e.Request.Header = textproto.MIMEHeader{"Authorization": {authorization}}
		return e
	}
	known := Known{Values: providerstate.Values{OTP: "123456", Token: "its-own-token"}}
	for _, otp := range []string{"123456", `"123456"`, "123456.0"} {
		require.Empty(t, judge(t, "PV-25", success(otp, "Bearer its-own-token"), known), "%s is right: whether a text is taken, nobody documents", otp)
	}
	for _, otp := range []string{"123457", `"123457"`, "[123456]", "true", "null"} {
		e := success(otp, "Bearer its-own-token")
		e.Undocumented = true
		requireFindings(t, []found{{"", "any status but 2xx", "200 with status \"validated\""}}, judge(t, "PV-25", e, known))
		require.Empty(t, judge(t, "PV-25", success(otp, ""), Known{}), "nobody knows the right one")
	}
	require.Empty(t, judge(t, "PV-16", success("123456", "Bearer its-own-token"), known))
	for _, authorization := range []string{"", "Bearer another-token", "Basic its-own-token"} {
		requireFindings(t, []found{{"", "any status but 2xx", "200 with status \"validated\""}}, judge(t, "PV-16", success("123456", authorization), known))
	}
}
