package contract

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

var exampleRequest = Sent{"phone": aPhone, "countryCode": aCode}

func with(body, old, new string) string {
	if !strings.Contains(body, old) {
		panic("the body does not hold " + old)
	}
	return strings.Replace(body, old, new, 1)
}

func TestTheDocumentedSuccessIsAccepted(t *testing.T) {
	checks := newChecks(t)
	for name, test := range map[string]struct {
		body string
		sent Sent
	}{
		"byte for byte":                       {documented200, exampleRequest},
		"other key order":                     {`{"data":{"type":"onboarding","showFaceLivenessRecommendation":false,"phone":"62647737","_id":"674de8df21c72be3cc42b8a7","countryCode":"+507","status":"validated"}}`, exampleRequest},
		"no white space, a newline after it":  {`{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":true}}` + "\r\n", exampleRequest},
		"the flag is true":                    {with(documented200, "false", "true"), exampleRequest},
		"extra fields beside and within data": {with(with(documented200, `"type"`, `"createdAt":"2027-01-31T12:00:00Z","attempts":1,"type"`), `"data"`, `"success":true,"data"`), exampleRequest},
		"unicode escapes":                     {with(documented200, `"validated"`, `"\u0076alidated"`), exampleRequest},
		"escaped keys":                        {with(documented200, `"_id"`, `"\u005fid"`), exampleRequest},
		"an escaped plus":                     {with(documented200, `"+507"`, `"\u002b507"`), exampleRequest},
		"upper case hexadecimal id":           {with(documented200, anID, strings.ToUpper(anID)), exampleRequest},
		"the phone was sent with spaces":      {documented200, Sent{"phone": "  6 264 77  37 ", "countryCode": aCode}},
		"one digit of country code":           {with(documented200, "+507", "+1"), Sent{"phone": aPhone, "countryCode": "+1"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, checks.Validated(answeredWith(200, test.body), test.sent))
		})
	}
}

func TestASuccessThatDeviatesIsFound(t *testing.T) {
	checks := newChecks(t)
	for name, test := range map[string]struct {
		status   int
		body     string
		expected []found
	}{
		"201":                         {201, documented200, []found{{"", "200", `201 with status "validated"`}}},
		"204 without a body":          {204, "", []found{{"", "200", "204, and the body is empty"}}},
		"403 as documented":           {403, documented403, []found{{"", "200", "403 otp_does_not_match"}}},
		"a redirect":                  {302, "", []found{{"", "200", "302 (a redirect, which is never followed)"}}},
		"500 in HTML":                 {500, "<h1>Oops</h1>", []found{{"", "200", "500, and the body is not JSON"}}},
		"an empty body":               {200, " \n", []found{{"", "a JSON body", `the body is empty: " \n"`}}},
		"no body at all":              {200, "", []found{{"", "a JSON body", `the body is empty`}}},
		"HTML":                        {200, "<p>", []found{{"", "a JSON body", `the body is not JSON: "<p>"`}}},
		"cut JSON":                    {200, `{"data":{"_id`, []found{{"", "a JSON body", `the body is JSON that is cut off: "{\"data\":{\"_id"`}}},
		"null":                        {200, "null", []found{{"$", "of type object", "null"}}},
		"a list":                      {200, "[]", []found{{"$", "of type object", "[]"}}},
		"an empty object":             {200, "{}", []found{{"$.data", "", "missing"}}},
		"no envelope":                 {200, `{"status":"validated"}`, []found{{"$.data", "", "missing"}}},
		"data is null":                {200, `{"data":null}`, []found{{"$.data", "of type object", "null"}}},
		"an envelope of another name": {200, with(documented200, `"data"`, `"Data"`), []found{{"$.data", "", "missing"}}},
		"no id":                       {200, with(documented200, `"_id"`, `"id"`), []found{{"$.data._id", "", "missing"}}},
		"an id of 23 digits":          {200, with(documented200, anID, anID[1:]), nil},
		"an id that is a UUID":        {200, with(documented200, anID, "0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11"), nil},
		"an id of digits":             {200, with(documented200, anID, "42"), nil},
		"an id of any text":           {200, with(documented200, anID, "pv_1 ñ"), nil},
		"an id that is empty":         {200, with(documented200, anID, ""), []found{{"$.data._id", "of length 1 or more", `""`}}},
		"an id that is a number":      {200, with(documented200, `"`+anID+`"`, "67"), []found{{"$.data._id", "of type string", "67"}}},
		"another status":              {200, with(documented200, `"validated"`, `"sent"`), []found{{"$.data.status", `"validated"`, `"sent"`}}},
		"a status in upper case":      {200, with(documented200, `"validated"`, `"VALIDATED"`), []found{{"$.data.status", `"validated"`, `"VALIDATED"`}}},
		"a status that is true":       {200, with(documented200, `"validated"`, `true`), []found{{"$.data.status", `"validated"`, `true`}}},
		"a status that is null":       {200, with(documented200, `"validated"`, `null`), []found{{"$.data.status", `"validated"`, `null`}}},
		"no status":                   {200, with(documented200, `"status": "validated",`, ``), []found{{"$.data.status", "", "missing"}}},
		"another type":                {200, with(documented200, `"onboarding"`, `"login"`), []found{{"$.data.type", `"onboarding"`, `"login"`}}},
		"no type":                     {200, with(documented200, `"type": "onboarding",`, ``), []found{{"$.data.type", "", "missing"}}},
		"another phone":               {200, with(documented200, `"62647737"`, `"62647738"`), []found{{"$.data.phone", `"62647737"`, `"62647738"`}}},
		"a phone with its space":      {200, with(documented200, `"62647737"`, `"6264 7737"`), []found{{"$.data.phone", `"62647737"`, `"6264 7737"`}}},
		"a phone with its code":       {200, with(documented200, `"62647737"`, `"+50762647737"`), []found{{"$.data.phone", `"62647737"`, `"+50762647737"`}}},
		"a phone that is a number":    {200, with(documented200, `"62647737"`, `62647737`), []found{{"$.data.phone", "of type string", "62647737"}}},
		"no phone":                    {200, with(documented200, `"phone": "62647737",`, ``), []found{{"$.data.phone", "", "missing"}}},
		"another country code":        {200, with(documented200, `"+507"`, `"+506"`), []found{{"$.data.countryCode", `"+507"`, `"+506"`}}},
		"a country code as a number":  {200, with(documented200, `"+507"`, `507`), []found{{"$.data.countryCode", "of type string", "507"}}},
		"no country code":             {200, with(documented200, `"countryCode": "+507",`, ``), []found{{"$.data.countryCode", "", "missing"}}},
		"the flag as text":            {200, with(documented200, `false`, `"false"`), []found{{"$.data.showFaceLivenessRecommendation", "of type boolean", `"false"`}}},
		"the flag as a number":        {200, with(documented200, `false`, `0`), []found{{"$.data.showFaceLivenessRecommendation", "of type boolean", `0`}}},
		"the flag as null":            {200, with(documented200, `false`, `null`), []found{{"$.data.showFaceLivenessRecommendation", "of type boolean", `null`}}},
		"no flag":                     {200, with(documented200, `,`+"\n"+`"showFaceLivenessRecommendation": false`, ``), []found{{"$.data.showFaceLivenessRecommendation", "", "missing"}}},
		"two deviations": {200, with(with(documented200, `"validated"`, `"sent"`), `"_id"`, `"id"`), []found{
			{"$.data._id", "", "missing"}, {"$.data.status", `"validated"`, `"sent"`},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, test.expected, checks.Validated(answeredWith(test.status, test.body), exampleRequest))
		})
	}
}

func TestABadCountryCodeInASuccessIsFoundAtItsPlace(t *testing.T) {
	findings := newChecks(t).Validated(answeredWith(200, with(documented200, `"+507"`, `"507"`)), exampleRequest)
	require.NotEmpty(t, findings)
	for _, f := range findings {
		require.Equal(t, "$.data.countryCode", f.Path)
		require.Equal(t, `"507"`, f.Actual)
	}
}

func TestAFlawBesideTheJSONValueFailsNoScenario(t *testing.T) {
	// It is PV-19's matter, which is reported under its own rule.
	checks := newChecks(t)
	for name, body := range map[string]string{
		"bytes after the value": documented200 + "x",
		"a byte order mark":     "\ufeff" + documented200,
		"a key twice":           with(documented200, `"status"`, `"status":"sent","status"`),
		"invalid UTF-8":         with(documented200, `"type"`, "\"x\":\"\xff\",\"type\""),
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, checks.Validated(answeredWith(200, body), exampleRequest))
		})
	}
}

func TestEachDocumentedRefusal(t *testing.T) {
	checks := newChecks(t)
	bodies := map[int][]string{
		403: {documented403}, 404: {documented404}, 412: {documented412}, 409: {documented409CountryCode},
	}
	require.Len(t, checks.Answers(), 6)
	for _, d := range checks.Answers() {
		if len(d.Messages) != 1 {
			continue // the success, and the messages of what is missing
		}
		require.Equal(t, d, checks.AnswerByWords(d.Words))
		body := bodies[d.Status][0]
		v := decode([]byte(body)).value
		code, message := quote(member(v, "code")), quote(member(v, "message"))
		t.Run(d.Words, func(t *testing.T) {
			refused := func(status int, body string) []Finding { return checks.Refused(answeredWith(status, body), d) }
			require.Empty(t, refused(d.Status, body), "byte for byte")
			require.Empty(t, refused(d.Status, `{"message":`+message+`,"code":`+code+"}\n"), "other order")
			require.Empty(t, refused(d.Status, `{"message":`+message+`,"code":`+code+`,"status":409}`), "an extra field is PV-18's matter")

			for _, status := range []int{200, 400, 401, 403, 404, 409, 412, 422, 500} {
				if status != d.Status {
					findings := refused(status, body)
					require.Len(t, findings, 1)
					require.Empty(t, findings[0].Path)
					require.Contains(t, findings[0].Actual, strings.Trim(code, `"`))
				}
			}
			requireFindings(t, []found{{"$.code", code, `"Other"`}}, refused(d.Status, `{"message":`+message+`,"code":"Other"}`))
			requireFindings(t, []found{{"$.message", message, `"Other"`}}, refused(d.Status, `{"message":"Other","code":`+code+`}`))
			requireFindings(t, []found{{"$.message", message, message[:len(message)-1] + ` "`}}, refused(d.Status, `{"message":`+message[:len(message)-1]+` ","code":`+code+`}`))
			requireFindings(t, []found{{"$.code", "", "missing"}}, refused(d.Status, `{"message":`+message+`}`))
			requireFindings(t, []found{{"$.message", "", "missing"}}, refused(d.Status, `{"code":`+code+`}`))
			requireFindings(t, []found{{"$.code", code, "null"}}, refused(d.Status, `{"code":null,"message":`+message+`}`))
			requireFindings(t, []found{{"$.code", code, strings.ToUpper(code)}}, refused(d.Status, `{"code":`+strings.ToUpper(code)+`,"message":`+message+`}`))
			requireFindings(t, []found{{"$", "of type object", code}}, refused(d.Status, code))
			requireFindings(t, []found{{"$.code", "", "missing"}, {"$.message", "", "missing"}}, refused(d.Status, `{"error":{"code":`+code+`,"message":`+message+`}}`))
		})
	}
	require.Zero(t, checks.AnswerByWords("something else"))
}

func TestTheMissingParametersAreNamed(t *testing.T) {
	checks := newChecks(t)
	messages := map[string]string{
		"phone":                 `missing phone`,
		"countryCode":           `missing countryCode`,
		"otp":                   `missing otp`,
		"phone,countryCode":     `missing phone\n. missing countryCode`,
		"phone,otp":             `missing phone\n. missing otp`,
		"countryCode,otp":       `missing countryCode\n. missing otp`,
		"phone,countryCode,otp": `missing phone\n. missing countryCode\n. missing otp`,
	}
	for set, message := range messages {
		missing := strings.Split(set, ",")
		t.Run(set, func(t *testing.T) {
			require.Empty(t, checks.Missing(answeredWith(409, `{"code":"MissingParameter","message":"`+message+`"}`), missing))
			for other, wrong := range messages {
				if other == set {
					continue
				}
				requireFindings(t, []found{{"$.message", `"` + message + `"`, `"` + wrong + `"`}},
					checks.Missing(answeredWith(409, `{"code":"MissingParameter","message":"`+wrong+`"}`), missing))
			}
		})
	}
	all := checks.Endpoint().Required
	require.Equal(t, []string{"phone", "countryCode", "otp"}, all)
	require.Empty(t, checks.Missing(answeredWith(409, documented409), all), "byte for byte")
	const right = `"missing phone\n. missing countryCode\n. missing otp"`
	for name, test := range map[string]struct {
		status   int
		body     string
		expected []found
	}{
		"400":                  {400, documented409, []found{{"", "409", "400 MissingParameter"}}},
		"200":                  {200, documented200, []found{{"", "409", `200 with status "validated"`}}},
		"the order of names":   {409, `{"code":"MissingParameter","message":"missing otp\n. missing phone\n. missing countryCode"}`, []found{{"$.message", right, `"missing otp\n. missing phone\n. missing countryCode"`}}},
		"the separators":       {409, `{"code":"MissingParameter","message":"missing phone, missing countryCode, missing otp"}`, []found{{"$.message", right, `"missing phone, missing countryCode, missing otp"`}}},
		"a newline at the end": {409, `{"code":"MissingParameter","message":"missing phone\n. missing countryCode\n. missing otp\n"}`, []found{{"$.message", right, `"missing phone\n. missing countryCode\n. missing otp\n"`}}},
		"another code":         {409, `{"code":"Conflict","message":"missing phone\n. missing countryCode\n. missing otp"}`, []found{{"$.code", `"MissingParameter"`, `"Conflict"`}}},
		"both":                 {409, `{"code":"Conflict","message":"no"}`, []found{{"$.code", `"MissingParameter"`, `"Conflict"`}, {"$.message", right, `"no"`}}},
		"a list as message":    {409, `{"code":"MissingParameter","message":["missing phone"]}`, []found{{"$.message", `"missing phone\n. missing countryCode\n. missing otp"`, `["missing phone"]`}}},
		"no message":           {409, `{"code":"MissingParameter"}`, []found{{"$.message", "", "missing"}}},
		"not JSON":             {409, `missing phone`, []found{{"", "a JSON body", `the body is not JSON: "missing phone"`}}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, test.expected, checks.Missing(answeredWith(test.status, test.body), all))
		})
	}
}

func TestAContractNeedNotListWhatMayBeMissing(t *testing.T) {
	set, err := schemas.Load(schemas.Files(), fstest.MapFS{"answer-409-missing-parameter.json": {Data: []byte(`{"x-answer":{"status":409,"rule":"PV-04","words":"parameters are missing"},
		"type":"object","properties":{"message":{"const":"missing phone\n. missing countryCode\n. missing otp"}}}`)}})
	require.NoError(t, err)
	findings := New(set).Missing(answeredWith(409, `{"code":"MissingParameter","message":"missing otp"}`), []string{"otp"})
	require.Len(t, findings, 1)
	require.Equal(t, "$.message", findings[0].Path, "as its schema says")
}

func TestNothingFoundMayHaveAnyCode(t *testing.T) {
	checks := newChecks(t)
	for name, test := range map[string]struct {
		status   int
		body     string
		expected []found
	}{
		"as documented":        {404, documented404, nil},
		"another code":         {404, `{"code":"project_not_found","message":"404:project_not_found"}`, nil},
		"200":                  {200, documented200, []found{{"", "404", `200 with status "validated"`}}},
		"403":                  {403, documented403, []found{{"", "404", "403 otp_does_not_match"}}},
		"no code":              {404, `{"message":"not found"}`, []found{{"$.code", "", "missing"}}},
		"a number as code":     {404, `{"code":404,"message":"not found"}`, []found{{"$.code", "of type string", "404"}}},
		"an object as message": {404, `{"code":"x","message":{}}`, []found{{"$.message", "of type string", "{}"}}},
		"HTML of a router":     {404, "<pre>Cannot PUT</pre>", []found{{"", "a JSON body", `the body is not JSON: "<pre>Cannot PUT</pre>"`}}},
		"an empty body":        {404, "", []found{{"", "a JSON body", "the body is empty"}}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, test.expected, checks.NothingFound(answeredWith(test.status, test.body)))
		})
	}
}

func TestAnyAnswerButASuccessIsARefusal(t *testing.T) {
	checks := newChecks(t)
	for _, status := range []int{301, 302, 304, 400, 401, 403, 404, 409, 412, 422, 500, 501} {
		require.Empty(t, checks.NotAccepted(answeredWith(status, ""), "the request is refused"), "%d", status)
		require.Empty(t, checks.NotAccepted(answeredWith(status, documented200), "the request is refused"), "%d", status)
	}
	for _, status := range []int{200, 201, 202, 204, 206, 299} {
		findings := checks.NotAccepted(answeredWith(status, documented403), "the request is refused")
		require.Len(t, findings, 1, "%d", status)
		require.Equal(t, "any status but 2xx", findings[0].Expected)
	}
}

func TestTheAnswerNamesTheValidationsOwnID(t *testing.T) {
	checks := newChecks(t)
	for name, test := range map[string]struct {
		status   int
		body     string
		expected []found
	}{
		"its own":              {200, documented200, nil},
		"its own, upper case":  {200, with(documented200, anID, strings.ToUpper(anID)), nil},
		"another":              {200, with(documented200, anID, "000000000000000000000000"), []found{{"$.data._id", `"` + anID + `"`, `"000000000000000000000000"`}}},
		"none":                 {200, `{"data":{}}`, []found{{"$.data._id", `"` + anID + `"`, "missing"}}},
		"null":                 {200, `{"data":{"_id":null}}`, []found{{"$.data._id", `"` + anID + `"`, "null"}}},
		"a number":             {200, `{"data":{"_id":7}}`, []found{{"$.data._id", `"` + anID + `"`, "7"}}},
		"data is no object":    {200, `{"data":"` + anID + `"}`, []found{{"$.data._id", `"` + anID + `"`, "missing"}}},
		"refused":              {403, documented403, []found{{"", "200 with data._id " + anID, "403 otp_does_not_match"}}},
		"not JSON":             {200, "ok", []found{{"", "200 with data._id " + anID, "200, and the body is not JSON"}}},
		"an id of another key": {200, `{"_id":"` + anID + `"}`, []found{{"$.data._id", `"` + anID + `"`, "missing"}}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, test.expected, checks.OwnID(answeredWith(test.status, test.body), anID))
		})
	}
}

func TestTheLivenessFlagFollowsTheFlow(t *testing.T) {
	checks := newChecks(t)
	const path = "$.data.showFaceLivenessRecommendation"
	for name, test := range map[string]struct {
		status      int
		body        string
		recommended bool
		expected    []found
	}{
		"true, recommended":      {200, with(documented200, "false", "true"), true, nil},
		"false, not recommended": {200, documented200, false, nil},
		"false, recommended":     {200, documented200, true, []found{{path, "true", "false"}}},
		"true, not recommended":  {200, with(documented200, "false", "true"), false, []found{{path, "false", "true"}}},
		"refused":                {404, documented404, true, []found{{"", "200 with data.showFaceLivenessRecommendation true", "404 phone_validation_not_found"}}},
	} {
		t.Run(name, func(t *testing.T) {
			findings, silent := checks.Liveness(answeredWith(test.status, test.body), test.recommended)
			requireFindings(t, test.expected, findings)
			require.False(t, silent)
			for _, f := range findings {
				require.Equal(t, test.recommended, f.Expectation == "the answer recommends face liveness", f.Expectation)
			}
		})
	}
	for name, body := range map[string]string{
		"text":      with(documented200, "false", `"true"`),
		"an object": with(documented200, "false", `{"a":[1]}`),
		"null":      with(documented200, "false", `null`),
		"none":      `{"data":{}}`,
		"not JSON":  "ok",
	} {
		t.Run("silent: "+name, func(t *testing.T) {
			e := answeredWith(200, body)
			findings, silent := checks.Liveness(e, true)
			require.Empty(t, findings, "that a success says it is PV-01's matter")
			require.True(t, silent)
			require.NotEmpty(t, finds(t, "PV-01", e))
		})
	}
}

func TestEachFindingOfASuccessNamesTheRuleThatItBreaks(t *testing.T) {
	checks := newChecks(t)
	sent := Sent{"phone": " 6264 7737", "countryCode": aCode}
	for name, test := range map[string]struct {
		body, rule string
	}{
		"no status":                {with(documented200, `"status": "validated",`, ""), "PV-01"},
		"another country code":     {with(documented200, "+507", "+506"), "PV-01"},
		"another phone":            {with(documented200, aPhone, "62647738"), "PV-01"},
		"another phone, spaced":    {with(documented200, aPhone, "6264 7738"), "PV-01"},
		"no phone":                 {with(documented200, `"phone": "62647737",`, ""), "PV-01"},
		"the phone as it was sent": {with(documented200, aPhone, sent["phone"]), "PV-08"},
		"the phone, spaced anew":   {with(documented200, aPhone, "62 64 77 37"), "PV-08"},
		"no JSON":                  {"ok", "PV-01"},
		"an error":                 {documented403, "PV-01"},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(200, test.body)
			e.Request.Body = []byte(`{"phone":" 6264 7737","countryCode":"+507","otp":123456}`)
			for _, rule := range []string{"PV-01", "PV-08", "PV-09"} {
				require.Equal(t, rule == test.rule, len(checks.Accepted(e, rule)) > 0, "in a scenario of %s", rule)
				if rule != "PV-09" {
					require.Equal(t, rule == test.rule, len(finds(t, rule, e)) > 0, "%s on every success", rule)
				}
			}
		})
	}
	for _, rule := range []string{"PV-01", "PV-08", "PV-09"} {
		require.Len(t, checks.Accepted(answeredWith(404, documented404), rule), 1, "whoever expects a success and gets none says so")
	}
}

func TestAScenarioReportsItsOwnRule(t *testing.T) {
	rule := everyRule(t, "PV-01")
	f := Finding{Rule: "PV-01", Path: "$.data.status", Exchange: 2}
	for name, test := range map[string]struct {
		own  Finding
		told bool
	}{
		"the same rule's":             {Finding{Rule: "PV-01", Path: "$.data._id", Exchange: 2}, true},
		"another answer was expected": {Finding{Rule: "PV-02", Exchange: 2}, true},
		"another rule's, of the body": {Finding{Rule: "PV-08", Path: "$.data.phone", Exchange: 2}, false},
		"of another exchange":         {Finding{Rule: "PV-01", Path: "$.data.status", Exchange: 1}, false},
	} {
		require.Equal(t, test.told, rule.ReportedBy(f, []Finding{test.own}), name)
	}
	require.False(t, everyRule(t, "PV-19").ReportedBy(f, []Finding{{Rule: "PV-19", Exchange: 2}}), "it has no scenarios")
}

func TestACompleteAnswerOverTheLimitFailsEveryExpectation(t *testing.T) {
	checks := newChecks(t)
	long := func(status int, body string) exchange.Exchange {
		e := answeredWith(status, body+strings.Repeat(" ", exchange.MaxBody-len(body)))
		e.Answer.TooLong = true
		return e
	}
	cut := answeredWith(200, `{"data":{"_id":"`)
	cut.Answer.TooLong = true
	documented := checks.AnswerByWords("the OTP does not match")
	for name, findings := range map[string][]Finding{
		"the phone is validated":  checks.Validated(long(200, documented200), exampleRequest),
		"a refusal":               checks.Refused(long(403, documented403), documented),
		"missing parameters":      checks.Missing(long(409, documented409), checks.Endpoint().Required),
		"nothing is found":        checks.NothingFound(long(404, documented404)),
		"the validation's own id": checks.OwnID(long(200, documented200), anID),
		"an id, cut off":          checks.OwnID(cut, anID),
		"face liveness, cut off":  first(checks.Liveness(cut, true)),
		"face liveness":           first(checks.Liveness(long(200, documented200), false)),
		"the request is refused":  checks.NotAccepted(long(401, documented403), "the request is refused"),
	} {
		t.Run(name, func(t *testing.T) {
			requireFindings(t, []found{{"", "a body of at most 1048576 bytes", "more: the rest was not read"}}, findings)
		})
	}
}

func TestExchangesThatCannotBeJudged(t *testing.T) {
	for status := 100; status < 600; status++ {
		failure := Unanswered(answeredWith(status, documented403))
		switch status {
		case 429:
			require.Equal(t, exchange.CauseRateLimited, failure.Cause)
			require.Contains(t, failure.Message, "429")
			require.True(t, failure.Sent)
		case 502, 503, 504:
			require.Equal(t, exchange.CauseUnavailable, failure.Cause)
			require.Contains(t, failure.Message, strings.ToLower(http.StatusText(status)))
			require.True(t, failure.Sent)
		default:
			require.Nil(t, failure, "%d is an answer", status)
		}
	}
	for _, cause := range []exchange.Cause{exchange.CauseDNS, exchange.CauseTimeout, exchange.CauseLost} {
		e := unanswered(cause)
		require.Same(t, e.Failure, Unanswered(e))
	}
}

func TestAServerThatExpectsTLSIsNoProvider(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	answer, err := http.Get("http://" + server.Listener.Addr().String())
	require.NoError(t, err)
	defer answer.Body.Close()
	ofGo, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	for _, body := range []string{
		string(ofGo),
		"<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
		"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
		"Bad Request\nThis combination of host and port requires TLS.\n",
	} {
		for url, message := range map[string]string{
			"http://api.example.test/v2/phone-validations":  "the target expects TLS: its address begins with https://",
			"https://api.example.test/v2/phone-validations": "a server behind the target expects TLS, and was called without",
			"HTTPS://api.example.test/v2/phone-validations": "a server behind the target expects TLS, and was called without",
		} {
			e := answeredWith(400, body)
			e.Request.URL = url
			failure := Unanswered(e)
			require.NotNil(t, failure, body)
			require.Equal(t, exchange.CauseTLS, failure.Cause)
			require.Equal(t, message, failure.Message)
		}
		require.Nil(t, Unanswered(answeredWith(403, body)), "only as a 400 do servers say so")
	}
}

func TestADeclared429IsJudged(t *testing.T) {
	set, err := schemas.Load(schemas.Files(), fstest.MapFS{"answer-429.json": {Data: []byte(`{"x-answer":{"status":429,"rule":"LIMIT-01","words":"there were too many attempts"},
		"type":"object","required":["code"],"properties":{"code":{"const":"too_many_attempts"}}}`)}})
	require.NoError(t, err)
	checks := New(set)
	own, foreign := answeredWith(429, `{"code":"too_many_attempts","message":"429:too_many_attempts"}`), answeredWith(429, "slow down")
	require.Nil(t, checks.Unanswered(own))
	require.Equal(t, exchange.CauseRateLimited, checks.Unanswered(foreign).Cause, "a limiter on the way")
	require.NotNil(t, checks.Unanswered(answeredWith(429, `{"code":"slow_down"}`)), "another limiter")
	require.NotNil(t, checks.Unanswered(answeredWith(503, string(own.Answer.Body))), "it is declared for another status")
	require.NotNil(t, newChecks(t).Unanswered(own), "of which this contract says nothing")
	documented := checks.AnswerByWords("there were too many attempts")
	require.Empty(t, checks.Refused(own, documented))
	require.Empty(t, checks.Judging(own, Known{}).documentedStatus())
	e := unanswered(exchange.CauseTimeout)
	require.Same(t, e.Failure, checks.Unanswered(e))
}

func TestCausesBetweenToolAndTarget(t *testing.T) {
	for cause, transport := range map[exchange.Cause]bool{
		exchange.CauseDNS: true, exchange.CauseRefused: true, exchange.CauseTLS: true, exchange.CauseProxy: true, exchange.CauseTimeout: true, exchange.CauseLost: true,
		exchange.CauseProtocol: true, exchange.CauseUnavailable: false,
		exchange.CauseRateLimited: false, exchange.CauseState: false, exchange.CauseInterrupted: false, exchange.CauseInternal: false, exchange.Cause("other"): false,
	} {
		require.Equal(t, transport, cause.Transport(), cause)
	}
}

func TestATooLongRetryAfterIsReported(t *testing.T) {
	for status, expected := range map[int]string{
		429: "the target answered 429: too many requests, and asks to wait 1 h: the tool waits 30 s at most",
		503: "the target answered 503: service unavailable, and asks to wait 1 h: the tool waits 30 s at most",
		502: "the target answered 502: bad gateway",
	} {
		e := exchange.Exchange{Answer: &exchange.Answer{Status: status, Header: textproto.MIMEHeader{"Retry-After": {"3600"}}}}
		require.Equal(t, expected, Unanswered(e).Message)
	}
}

// finds returns what a rule finds at an exchange.
func finds(t *testing.T, rule string, e exchange.Exchange) []Finding {
	return first(everyRule(t, rule).Judge(newChecks(t).Judging(e, Known{})))
}

func first(findings []Finding, _ bool) []Finding { return findings }
