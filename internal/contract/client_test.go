package contract

import (
	"encoding/base64"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// sent returns the documented request with changes.
func sent(changes ...func(*exchange.Request)) exchange.Request {
	r := exchange.Request{
		Method: "PUT", URL: "http://127.0.0.1:8080/v2/phone-validations", Body: []byte(exampleSent),
		Header: textproto.MIMEHeader{"Authorization": {"Bearer " + aToken}, "Content-Type": {"application/json"}},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func withHeader(name string, values ...string) func(*exchange.Request) {
	return func(r *exchange.Request) {
		if r.Header[name] = values; len(values) == 0 {
			delete(r.Header, name)
		}
	}
}

func bodied(text string) func(*exchange.Request) {
	return func(r *exchange.Request) { r.Body = []byte(text) }
}

func swapped(old, replaced string) func(*exchange.Request) {
	if !strings.Contains(exampleSent, old) {
		panic(old)
	}
	return bodied(strings.Replace(exampleSent, old, replaced, 1))
}

func by(method string) func(*exchange.Request) {
	return func(r *exchange.Request) { r.Method = method }
}

func to(path string) func(*exchange.Request) {
	return func(r *exchange.Request) { r.URL = "http://127.0.0.1:8080" + path }
}

func TestACorrectClientHasNoFindings(t *testing.T) {
	for name, r := range map[string]exchange.Request{
		"as documented":               sent(),
		"a charset":                   sent(withHeader("Content-Type", "application/json; charset=utf-8")),
		"capitals in the media type":  sent(withHeader("Content-Type", "Application/JSON;charset=UTF-8")),
		"a parameter without a value": sent(withHeader("Content-Type", "application/json; charset")),
		"a small bearer":              sent(withHeader("Authorization", "bearer "+aToken)),
		"two spaces before the token": sent(withHeader("Authorization", "Bearer  "+aToken)),
		"spaces in the phone":         sent(swapped(`"62647737"`, `" 6264 7737 "`)),
		"every optional parameter":    sent(swapped(`{`, `{"project":"p","projectFlow":"f","phoneGateway":"whatsapp",`)),
		"an empty project":            sent(swapped(`{`, `{"project":"",`)),
		"a wrong OTP":                 sent(swapped(`123456`, `999999`)),
		"an OTP of another length":    sent(swapped(`123456`, `1`)),
		"white space in the body":     sent(bodied("\n" + strings.ReplaceAll(exampleSent, ":", " : ") + "\n")),
		"escapes in the body":         sent(swapped(`+507`, `\u002B507`)),
		"an escaped path":             sent(to("/v2/phone%2Dvalidations")),
		"a fragment":                  sent(to("/v2/phone-validations#top")),
		"a query without anything":    sent(to("/v2/phone-validations?")),
		"further headers":             sent(withHeader("Accept-Encoding", "gzip"), withHeader("X-Request-Id", "1"), withHeader("Content-Encoding", "identity")),
		"an absolute address":         sent(func(r *exchange.Request) { r.URL = "https://api.example.test/v2/phone-validations" }),
	} {
		t.Run(name, func(t *testing.T) {
			j := newChecks(t).JudgeClient(r, Sender{Tokens: []string{"another-registration", aToken}})
			require.Empty(t, j.Findings)
			require.Empty(t, j.Silent)
			require.ElementsMatch(t, []string{RuleOwnToken, RuleContentType, RuleParameters, RuleDocumented, RuleAddress}, j.Judged)
			require.True(t, newChecks(t).MeantForEndpoint(r))
		})
	}
}

func TestEachClientMistakeIsFoundUnderItsRule(t *testing.T) {
	for name, test := range map[string]struct {
		r    exchange.Request
		rule string
		says string // expected and actual
	}{
		"no token":                         {sent(withHeader("Authorization")), RuleOwnToken, "no Authorization"},
		"a token of somebody else":         {sent(withHeader("Authorization", "Bearer somebody-elses")), RuleOwnToken, "another token"},
		"a token without its scheme":       {sent(withHeader("Authorization", aToken)), RuleOwnToken, "without the word Bearer"},
		"credentials":                      {sent(withHeader("Authorization", "Basic bm9ib2R5")), RuleOwnToken, "not Bearer"},
		"nothing behind Bearer":            {sent(withHeader("Authorization", "Bearer")), RuleOwnToken, "Bearer without a token"},
		"Bearer twice":                     {sent(withHeader("Authorization", "Bearer Bearer "+aToken)), RuleOwnToken, "that is not a token"},
		"a token that is not there":        {sent(withHeader("Authorization", "Bearer undefined")), RuleOwnToken, "got Bearer undefined: the app had no token"},
		"an object as token":               {sent(withHeader("Authorization", "Bearer [object Object]")), RuleOwnToken, "got Bearer [object Object]: the app had"},
		"two tokens":                       {sent(withHeader("Authorization", "Bearer "+aToken, "Bearer "+aToken)), RuleOwnToken, "2 headers Authorization"},
		"a token in another header":        {sent(withHeader("Authorization"), withHeader("X-Access-Token", aToken)), RuleOwnToken, "in the header X-Access-Token"},
		"a bearer in another header":       {sent(withHeader("Authorization"), withHeader("X-Auth", "Bearer "+aToken)), RuleOwnToken, "in the header X-Auth"},
		"a token in a cookie":              {sent(withHeader("Authorization"), withHeader("Cookie", "lang=es; token="+aToken)), RuleOwnToken, "in the header Cookie"},
		"no content type":                  {sent(withHeader("Content-Type")), RuleContentType, "no Content-Type"},
		"JSON that is called a form":       {sent(withHeader("Content-Type", "application/x-www-form-urlencoded")), RuleContentType, "application/json, got Content-Type: application/x-www-form-urlencoded"},
		"a form":                           {sent(withHeader("Content-Type", "application/x-www-form-urlencoded"), bodied("phone=62647737&countryCode=%2B507&otp=123456")), RuleContentType, "and the body is a form"},
		"a form in parts":                  {sent(withHeader("Content-Type", "multipart/form-data; boundary=x"), bodied("--x\r\nContent-Disposition: form-data; name=\"otp\"\r\n\r\n123456\r\n--x--\r\n")), RuleContentType, "and the body is a form"},
		"text":                             {sent(withHeader("Content-Type", "text/plain;charset=UTF-8")), RuleContentType, "text/plain"},
		"two content types":                {sent(withHeader("Content-Type", "application/json", "text/plain")), RuleContentType, "application/json and text/plain"},
		"two content types, JSON last":     {sent(withHeader("Content-Type", "text/plain", "application/json")), RuleContentType, "text/plain and application/json"},
		"a form that is called JSON":       {sent(bodied("phone=62647737&countryCode=%2B507&otp=123456")), RuleParameters, "one JSON object in UTF-8, got a form"},
		"an OTP as text":                   {sent(swapped(`123456`, `"123456"`)), RuleParameters, `a whole number (The one-time password that came to the phone) at $.otp, got the text "123456"`},
		"an OTP that is not a number":      {sent(swapped(`123456`, `null`)), RuleParameters, "at $.otp, got null (JavaScript writes NaN"},
		"an OTP with a leading zero":       {sent(swapped(`123456`, `012345`)), RuleParameters, "a number cannot begin with 0"},
		"an OTP with a fraction":           {sent(swapped(`123456`, `123456.5`)), RuleParameters, "a whole number"},
		"a negative OTP":                   {sent(swapped(`123456`, `-123456`)), RuleParameters, "at $.otp, got the number -123456"},
		"a country code without +":         {sent(swapped(`+507`, `507`)), RuleParameters, `+ and 1 to 3 digits) at $.countryCode, got the text "507"`},
		"a country code as number":         {sent(swapped(`"+507"`, `507`)), RuleParameters, "at $.countryCode, got the number 507"},
		"a country code with a line break": {sent(swapped(`+507`, `+507\n`)), RuleParameters, "at $.countryCode"},
		"a phone as number":                {sent(swapped(`"62647737"`, `62647737`)), RuleParameters, "text (The phone number that the validation was made for, in digits. Spaces are removed) at $.phone, got the number 62647737"},
		"a phone with its country code":    {sent(swapped(`"62647737"`, `"+507 62647737"`)), RuleParameters, "expected another text (The phone number"},
		"no phone":                         {sent(bodied(`{"countryCode":"+507","otp":123456}`)), RuleParameters, "every required parameter is sent: $.phone is missing"},
		"a parameter in capitals":          {sent(swapped(`otp`, `OTP`)), RuleParameters, `at $.otp, got sent as "OTP"`},
		"a parameter with an underscore":   {sent(swapped(`countryCode`, `country_code`)), RuleParameters, `got sent as "country_code"`},
		"a longer name":                    {sent(swapped(`"phone"`, `"phoneNumber"`)), RuleParameters, `got sent as "phoneNumber"`},
		"an OTP of another name":           {sent(swapped(`"otp"`, `"code"`)), RuleParameters, `got sent as "code"`},
		"a parameter twice":                {sent(swapped(`{`, `{"otp":1,`)), RuleParameters, "each parameter once"},
		"a project that is null":           {sent(swapped(`{`, `{"project":null,`)), RuleParameters, "left out if there is none at $.project, got null"},
		"a project as number":              {sent(swapped(`{`, `{"project":5,`)), RuleParameters, "at $.project, got the number 5"},
		"a list that has a key twice":      {sent(bodied(`[{"otp":1,"otp":1}]`)), RuleParameters, "got a list"},
		"a project that is not there":      {sent(swapped(`{`, `{"project":"undefined",`)), RuleParameters, `left out if there is none at $.project, got the text "undefined"`},
		"nothing":                          {sent(bodied("")), RuleParameters, "the body is empty"},
		"a list":                           {sent(bodied("[" + exampleSent + "]")), RuleParameters, "got a list"},
		"JSON in a text":                   {sent(bodied(`"{\"phone\":\"62647737\"}"`)), RuleParameters, "it was encoded twice"},
		"Python's spelling":                {sent(bodied(`{'phone': '62647737'}`)), RuleParameters, "the body is not JSON"},
		"a byte order mark":                {sent(bodied("\ufeff" + exampleSent)), RuleParameters, "byte order mark"},
		"another gateway":                  {sent(swapped(`{`, `{"phoneGateway":"pigeon",`)), RuleDocumented, `one of "sms", "whatsapp", "none" at $.phoneGateway`},
		"a gateway that is null":           {sent(swapped(`{`, `{"phoneGateway":null,`)), RuleDocumented, `at $.phoneGateway, got null`},
		"a parameter too many":             {sent(swapped(`{`, `{"colour":"red",`)), RuleDocumented, `no such member at $.colour, got the text "red"`},
		"POST":                             {sent(by("POST")), RuleAddress, "PUT /v2/phone-validations, got POST /v2/phone-validations (another method)"},
		"PATCH":                            {sent(by("PATCH")), RuleAddress, "another method"},
		"small letters":                    {sent(by("put")), RuleAddress, "got put /v2"},
		"a browser":                        {sent(by("GET"), bodied(""), withHeader("Content-Type"), withHeader("Authorization")), RuleAddress, "got GET"},
		"a slash at the end":               {sent(to("/v2/phone-validations/")), RuleAddress, "(a slash at the end)"},
		"two slashes":                      {sent(to("//v2/phone-validations")), RuleAddress, "(two slashes in a row)"},
		"no version":                       {sent(to("/phone-validations")), RuleAddress, "(another path)"},
		"another version":                  {sent(to("/v1/phone-validations")), RuleAddress, "(another path)"},
		"capitals":                         {sent(to("/V2/Phone-Validations")), RuleAddress, "(upper and lower case differ)"},
		"an escaped slash":                 {sent(to("/v2%2Fphone-validations")), RuleAddress, "(another path)"},
		"an id behind it":                  {sent(to("/v2/phone-validations/674de8df21c72be3cc42b8a7")), RuleAddress, "(another path)"},
		"a singular":                       {sent(to("/v2/phone-validation")), RuleAddress, "(another path)"},
		"no path":                          {sent(to("/")), RuleAddress, "(another path)"},
		"a query":                          {sent(to("/v2/phone-validations?lang=es")), RuleAddress, "?... (a query"},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, newChecks(t).MeantForEndpoint(test.r))
			j := newChecks(t).JudgeClient(test.r, Sender{Tokens: []string{aToken}})
			require.Len(t, j.Findings, 1, "%+v", j.Findings)
			require.Equal(t, test.rule, j.Findings[0].Rule)
			require.Contains(t, j.Findings[0].Sentence(), test.says)
			for _, hint := range []string{"body is a form", "cannot begin with 0", "writes NaN", "left out if there is none"} {
				require.Equal(t, strings.Contains(test.says, hint), strings.Contains(j.Findings[0].Sentence(), hint), hint)
			}
			require.Contains(t, j.Judged, test.rule)
		})
	}
}

func TestAFindingOfAMissingValueSaysWhatIsExpected(t *testing.T) {
	require.Equal(t, `it holds: $.a is missing, expected "b"`, Differs("it holds", "$.a", `"b"`, schemas.Missing).Sentence())
}

func TestUndocumentedRequestsOfClientsAreNotJudged(t *testing.T) {
	unknown := newChecks(t).JudgeClient(sent(withHeader("Authorization", "Bearer any")), Sender{})
	require.Empty(t, unknown.Findings)
	require.NotContains(t, unknown.Judged, RuleOwnToken, "whose phone it is is not known")
	for _, word := range []string{"undefined", "Null", "None", "false", "[object Promise]"} {
		nobody := sent(withHeader("Authorization", "Bearer "+word))
		require.Equal(t, RuleOwnToken, newChecks(t).JudgeClient(nobody, Sender{}).Findings[0].Rule, "that an app had no token can be told of any phone")
		held, _, _ := SecretsOf(nobody)
		require.NotContains(t, held, word, "it is no secret, and is to be read")
	}

	for _, j := range []Judgement{
		newChecks(t).JudgeClient(sent(bodied(`{"phone":`)), Sender{Partly: true}),
		newChecks(t).JudgeClient(sent(bodied("\x1f\x8b"), withHeader("Content-Encoding", "gzip")), Sender{}),
	} {
		require.Empty(t, j.Findings)
		require.NotEmpty(t, j.Silent)
		require.Contains(t, j.Judged, RuleContentType)
		require.NotContains(t, j.Judged, RuleParameters)
	}
}

func TestRequestsThatWereNotMeantForTheEndpoint(t *testing.T) {
	for name, r := range map[string]exchange.Request{
		"a preflight":        sent(by("OPTIONS"), bodied("")),
		"a monitor":          sent(by("HEAD"), bodied("")),
		"an icon":            sent(by("GET"), to("/favicon.ico"), bodied("")),
		"the root":           sent(by("GET"), to("/"), bodied("")),
		"health":             sent(by("GET"), to("/healthz"), bodied("")),
		"another collection": sent(by("POST"), to("/v2/email-validations"), bodied(`{"email":"a@example.test","otp":123456}`)),
	} {
		require.False(t, newChecks(t).MeantForEndpoint(r), name)
	}
}

func TestMisplacedSecretsOfAClientAreSecret(t *testing.T) {
	const otp, token = "734912", "sEcReT-token-of-an-app"
	for name, r := range map[string]exchange.Request{
		"a form":          sent(bodied("phone=62647737&otp=" + otp + "&token=" + token)),
		"a form in parts": sent(bodied("--x\r\n\r\n"+otp+"\r\n--x--"), withHeader("X-Token", token)),
		"a query":         sent(bodied(""), to("/v2/phone-validations?otp="+otp+"&token="+token)),
		"another name":    sent(bodied(`{"phone":"62647737","code":` + otp + `,"jwt":"` + token + `"}`)),
		"no JSON":         sent(bodied(`{'otp': `+otp+`}`), withHeader("X-Api-Key", token)),
		"in groups":       sent(bodied(`{'otp': 734-912, 'jwt': '` + token + `'}`)),
		"base64":          sent(bodied(base64.StdEncoding.EncodeToString([]byte(`{"otp":` + otp + `,"jwt":"` + token + `"}`)))),
		"another page":    sent(bodied(""), withHeader("Referer", "https://app.example.test/?otp="+otp+"&token="+token)),
		"a cookie":        sent(bodied(""), withHeader("Cookie", "otp="+otp+"; session="+token)),
		"any header":      sent(bodied("otp "+otp), withHeader("X-Whatever", "Bearer "+token)),
		"a path":          sent(bodied(""), to("/v2/phone-validations/"+otp), withHeader("Auth", token)),
	} {
		held, _, _ := SecretsOf(r)
		require.Contains(t, held, otp, name)
		require.Contains(t, held, token, name)
		require.NotContains(t, held, "62647737", name)
	}
	const wide = "{\x00\"\x00o\x00t\x00p\x00\"\x00:\x007\x003\x004\x009\x001\x002\x00}\x00"
	held, _, _ := SecretsOf(sent(bodied(wide)))
	require.Contains(t, held, wide, "UTF-16 is readable")
	held, _, _ = SecretsOf(sent(bodied(`{"phone":"62647737","countryCode":"+507","otp":7.34912e5}`)))
	require.Subset(t, held, []string{"7.34912e5", otp}, "a number can be spelt in other ways")
	const jwt = "eyJhbGciOiJub25lIn0.e30."
	held, _, _ = SecretsOf(sent(withHeader("X-Whatever", jwt)))
	require.Contains(t, held, jwt)
	_, own, typed := SecretsOf(sent())
	require.Equal(t, []string{aToken, "123456"}, []string{own, typed})
	_, _, typed = SecretsOf(sent(swapped("123456", `"letters"`)))
	require.Empty(t, typed)
	held, _, _ = SecretsOf(sent())
	slices.Sort(held)
	require.Equal(t, []string{"123456", aToken}, slices.Compact(held), "what is documented is open, as before")
}
