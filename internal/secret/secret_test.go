package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/secret"
)

// token has characters that escapes treat specially and that make the two base64 alphabets differ.
const token = "eyJ+/ab>?c~d.ef&gh=\"<ñ>\"ij\\kl"

func everyUnit(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		fmt.Fprintf(&b, `\u%04X`, c)
	}
	return b.String()
}

func jsonString(t require.TestingT, value string) string {
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// forms lists the forms in which a value may appear, made without the code under test.
func forms(t require.TestingT, value string) map[string]string {
	std, urls := base64.StdEncoding.EncodeToString([]byte(value)), base64.URLEncoding.EncodeToString([]byte(value))
	return map[string]string{
		"plain":                        value,
		"JSON string":                  jsonString(t, value),
		"JSON within JSON":             jsonString(t, jsonString(t, value)),
		"query-escaped":                url.QueryEscape(value),
		"query-escaped in lower case":  lowerEscapes(url.QueryEscape(value)),
		"path-escaped":                 url.PathEscape(value),
		"query-escaped twice":          url.QueryEscape(url.QueryEscape(value)),
		"JSON string in a URL":         url.QueryEscape(jsonString(t, value)),
		"base64":                       std,
		"base64 without padding":       strings.TrimRight(std, "="),
		"base64 for URLs":              urls,
		"base64 for URLs, not padded":  strings.TrimRight(urls, "="),
		"base64, query-escaped":        url.QueryEscape(std),
		"base64, slashes JSON-escaped": strings.ReplaceAll(std, "/", `\/`),
		"hex":                          hex.EncodeToString([]byte(value)),
		"hex in upper case":            strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
}

func lowerEscapes(text string) string {
	for i := 0; i+2 < len(text); i++ {
		if text[i] == '%' {
			text = text[:i] + strings.ToLower(text[i:i+3]) + text[i+3:]
		}
	}
	return text
}

func TestAValueIsFoundAndRedactedInEveryForm(t *testing.T) {
	for _, value := range []string{"1234", "123456", "p@ss wörd+1", token, strings.Repeat(token, 20)} {
		var set secret.Set
		set.Add("another", value)
		for name, form := range forms(t, value) {
			for _, around := range [][2]string{{"", ""}, {`{"a":`, "}"}, {"a b ", ", c"}, {"Bearer ", "\r\n"}, {"?otp=", "&x"}, {`\n`, `\n`}, {"%20", "%20"}} {
				text := around[0] + form + around[1]
				require.True(t, secret.Find(text, value), "%s: %s", name, text)
				require.True(t, set.Find(text), "%s: %s", name, text)
				redacted := set.Redact(text)
				require.True(t, strings.HasPrefix(redacted, around[0]), "%s: %s", name, redacted)
				require.True(t, strings.HasSuffix(redacted, around[1]), "%s: %s", name, redacted)
				require.Contains(t, redacted, secret.Redacted)
				require.NotContains(t, redacted, form)
				require.False(t, set.Find(redacted), "%s: %s", name, redacted)
			}
		}
	}
}

func TestAValueIsFoundWhereEveryCharacterIsAJSONEscape(t *testing.T) {
	var set secret.Set
	set.Add("123456")
	require.True(t, secret.Find(everyUnit("123456"), "123456"))
	require.Equal(t, `"[redacted]"`, set.Redact(`"`+everyUnit("123456")+`"`))
	require.Equal(t, `"[redacted]"`, set.Redact(`"`+strings.ToLower(everyUnit("123456"))+`"`))
	require.True(t, secret.Find(`\ud83d\ude00x`+" 😀abc", "😀abc"))
	require.True(t, secret.Find(`"\ud83d\ude00abc"`, "😀abc"))
}

func TestALongValueIsFoundWithinALongerBase64Text(t *testing.T) {
	for _, value := range []string{token, "sixteen_letters_", "seventeen_letters", "eighteen_letters_x"} {
		var set secret.Set
		set.Add(value)
		for _, before := range []string{"", "a", "ab", "abc", "Bearer ", "user:"} {
			for _, after := range []string{"", "\n", "xy", "xyz"} {
				for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
					text := "Basic " + encoding.EncodeToString([]byte(before+value+after)) + " tail"
					require.True(t, secret.Find(text, value), "%q %q", before, after)
					redacted := set.Redact(text)
					require.True(t, strings.HasPrefix(redacted, "Basic "), redacted)
					require.True(t, strings.HasSuffix(redacted, " tail"), redacted)
					// No bits of the value are left, at most those of its surroundings.
					left := strings.NewReplacer(secret.Redacted, "", "Basic ", "", " tail", "", "=", "").Replace(redacted)
					require.LessOrEqual(t, len(left), (len(before)*8+5)/6+(len(after)*8+5)/6, redacted)
				}
			}
		}
	}
}

func TestWhatIsBesideAValueDecidesWhetherItIsFound(t *testing.T) {
	const token = "sixteen-letters.16+"
	cases := map[string]struct {
		value, text string
		found       bool
	}{
		"an OTP alone":                            {"123456", "123456", true},
		"an OTP, digit before":                    {"123456", "0123456", false},
		"an OTP, digit after":                     {"123456", "1234567", false},
		"an OTP, letter before":                   {"123456", "otp123456", true},
		"an OTP, letter after":                    {"123456", "123456e0", true},
		"an OTP, letters beyond ASCII":            {"123456", "é123456ж", true},
		"an OTP, digit beyond ASCII after":        {"123456", "123456٣", false},
		"an OTP, digit beyond ASCII before":       {"123456", "٣123456", false},
		"an OTP, NUL and invalid UTF-8 beside":    {"123456", "\x00123456\xff", true},
		"an OTP in a timestamp":                   {"123456", `"2026-11-23T10:00:00.1234567Z"`, false},
		"an OTP as a fraction of a second":        {"123456", `"2026-11-23T10:00:00.123456Z"`, false},
		"an OTP of a date":                        {"202611", `"2026-11-23"`, false},
		"an OTP of a date of HTTP":                {"202610", "Mon, 23 Nov 2026 10:11:12 GMT", false},
		"an OTP in an id, digits beside":          {"123456", "674de8df71234562be3cc42", false},
		"an OTP after an escaped letter":          {"123456", `\u0041123456`, true},
		"an OTP after an escaped digit":           {"123456", `\u0031123456`, false},
		"an OTP in the digits of an escape":       {"123456", `\u0012123456`, true},
		"an OTP after a twice escaped line feed":  {"123456", `"\\n123456"`, true},
		"an OTP after a lone percent":             {"123456", "100%123456", true},
		"an OTP, second of two":                   {"123456", "0123456 123456", true},
		"an OTP split by a space":                 {"123456", "123 456", true},
		"an OTP split by a dash":                  {"123456", "is 123-456.", true},
		"an OTP split by dots":                    {"123456", "12.34.56", true},
		"an OTP, each digit by itself":            {"123456", "1 2 3 4 5 6", true},
		"an OTP split by an escaped space":        {"123456", "123%20456", true},
		"an OTP split by a no-break space":        {"123456", "123\u00a0456", true},
		"an OTP split, digit after":               {"123456", "123 4567", false},
		"an OTP split, digit before":              {"123456", "0123 456", false},
		"an OTP split, another group beside":      {"123456", "9 123 456 9", true},
		"an OTP split by two spaces":              {"123456", "123  456", false},
		"an OTP split by a comma":                 {"123456", "123,456", false},
		"an OTP, missing last":                    {"123456", "12345", false},
		"an OTP of 15 digits":                     {"123456789012345", "x123456789012345x", true},
		"an OTP of 15 digits, digit after":        {"123456789012345", "x1234567890123456", false},
		"a short OTP alone":                       {"1234", "is 1234.", true},
		"a short OTP, letter before":              {"1234", "x1234", false},
		"a short OTP, letter after":               {"1234", "1234x", false},
		"a short OTP, letter beyond ASCII":        {"1234", "é1234", false},
		"a short OTP, underscore and dash beside": {"1234", "_1234-", true},
		"a short OTP, symbol beyond ASCII":        {"1234", "→1234€", true},
		"a short OTP, split":                      {"1234", "12 34", false},
		"a short OTP after an escaped line feed":  {"1234", `"\n1234"`, true},
		"a short OTP in an id":                    {"1234", "674de81234df", false},
		"a short OTP, a year":                     {"2026", `"2026-11-23T10:00:00Z" Mon, 23 Nov 2026 10:11:12 GMT`, false},
		"a password":                              {"pass-word", "?p=pass-word&x", true},
		"a password in a longer word":             {"pass-word", "pass-words", false},
		"a token alone":                           {token, token, true},
		"a token, letter before":                  {token, "s" + token, true},
		"a token, digit after":                    {token, token + "0", true},
		"a token in a longer word of a URL":       {token, "https://x.example.test/a" + token + "b/c", true},
		"a token, half":                           {token, token[:16], false},
		"a token, one letter of another case":     {token, "S" + token[1:], false},
		"a long number in a longer one":           {"1234567890123456", "012345678901234567", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var set secret.Set
			set.Add(c.value)
			require.Equal(t, c.found, secret.Find(c.text, c.value))
			require.Equal(t, c.found, set.Find(c.text))
			require.Equal(t, !c.found, set.Redact(c.text) == c.text)
			require.False(t, set.Find(set.Redact(c.text)))
		})
	}
}

// jwt returns an unsigned JSON Web Token with a payload.
func jwt(payload string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJlLW9mLW5vYm9keQ"
}

func wrapped(text, by string, width int) string {
	var lines []string
	for ; len(text) > width; text = text[width:] {
		lines = append(lines, text[:width])
	}
	return strings.Join(append(lines, text), by)
}

func separated(value, by string) string {
	pairs := make([]string, len(value))
	for i := range len(value) {
		pairs[i] = hex.EncodeToString([]byte(value[i : i+1]))
	}
	return strings.Join(pairs, by)
}

func TestWhatLooksEncodedIsDecoded(t *testing.T) {
	base := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	each := func(value, format string) string {
		var b strings.Builder
		for _, c := range []byte(value) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	for _, value := range []string{"486148", "4861", "hunter-2!", "client.token/of+the=test", token} {
		var set secret.Set
		set.Add(value)
		for name, text := range map[string]string{
			"base64 in a sentence":         base("the code is " + value + ", says the message"),
			"base64, glued to a letter":    "s" + base(value),
			"base64, glued to a path":      "/v2/x/" + base(value) + "?",
			"base64, wrapped":              wrapped(base("the code is "+value+", says the message"), "\r\n", 20),
			"base64, wrapped by escapes":   `"` + wrapped(base("the code is "+value+", says the message"), `\r\n`, 20) + `"`,
			"base64, wrapped and indented": wrapped(base("the code is "+value+", says the message"), "\n\t", 20),
			"base64 of base64":             base(base(value)),
			"base64 of wrapped base64":     base(wrapped(base(value+" "+value), "\r\n", 8)),
			"base64 thrice":                base(base(base(value))),
			"base64 of JSON":               base(`{"otp":` + jsonString(t, value) + `}`),
			"base64 of a query":            base("otp=" + url.QueryEscape(value) + "&x=1"),
			"a JWT":                        jwt(`{"sub":"x","otp":` + jsonString(t, value) + `}`),
			"a JWT as a bearer, in base64": base("Bearer " + jwt(`{"otp":`+jsonString(t, value)+`}`)),
			"hex of base64":                hex.EncodeToString([]byte(base(value))),
			"base64 of hex":                base(hex.EncodeToString([]byte(value))),
			"hex, glued":                   "f" + hex.EncodeToString([]byte(value)),
			"hex, mixed case":              strings.Replace(strings.ToUpper(hex.EncodeToString([]byte(value))), "A", "a", 1),
			"hex with colons":              separated(value, ":"),
			"hex with spaces":              strings.ToUpper(separated(value, " ")),
			"hex with dashes":              "x=" + separated(value, "-") + ";",
			"hex with commas":              separated(value, ", "),
			"hex as C writes it":           "0x" + separated(value, ", 0x"),
			"hex as Python writes it":      `\x` + separated(value, `\x`),
			"hex in lines":                 wrapped(hex.EncodeToString([]byte(value)), "\n", 4),
			"HTML, decimal":                each(value, "&#%d;"),
			"HTML, hexadecimal":            each(value, "&#x%X;"),
			"HTML, with zeros in front":    each(value, "&#%05d;"),
			"HTML within a URL":            url.QueryEscape(each(value, "&#%d;")),
			"URL, every byte":              each(value, "%%%02x"),
			"URL, every byte, five times":  url.QueryEscape(url.QueryEscape(url.QueryEscape(url.QueryEscape(each(value, "%%%02x"))))),
			"JSON in JSON in JSON in JSON": jsonString(t, jsonString(t, jsonString(t, jsonString(t, value)))),
		} {
			require.True(t, set.Find(text), "%s of %q: %s", name, value, text)
			require.True(t, secret.Find(`{"x":"`+text+`"}`, value), "%s of %q: %s", name, value, text)
			redacted := set.Redact(text)
			require.False(t, set.Find(redacted), redacted)
			require.Contains(t, redacted, secret.Redacted)
		}
	}
}

func TestWhatIsDecodedFollowsTheSameRules(t *testing.T) {
	base := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		text  string
		found bool
	}{
		"letters beside it": {base("a486148b"), true},
		"spaced":            {base("486-148"), true},
		"a digit beside it": {base("4861480"), false},
		"in hex, a digit":   {separated("14861480", ":"), false},
		"in a kept value":   {base("id p-486148 of it"), false},
		"beside a kept one": {base("id p-486148, otp 486148"), true},
		"in a time":         {base("at 2026-11-23T10:00:00.486148Z"), false},
		"a JWT without it":  {jwt(`{"otp":486149,"iat":1486148000}`), false},
	} {
		require.Equal(t, c.found, secret.Find(c.text, "486148", "p-486148"), name)
	}
}

func TestAValueInAnotherCharacterSetIsFound(t *testing.T) {
	var set secret.Set
	set.Add("s3cr3téß", "sesión-de-€uros-larga")
	for name, text := range map[string]string{
		"UTF-8":                                 "x s3cr3téß y",
		"Latin-1":                               "x s3cr3t\xe9\xdf y",
		"UTF-8 that was taken for Latin-1":      "x s3cr3tÃ©Ã\u009f y",
		"UTF-8 that was taken for Windows-1252": "x s3cr3tÃ©ÃŸ y",
		"characters that could not be written":  "x s3cr3t?? y",
		"bytes that could not be read":          "x s3cr3t\ufffd\ufffd\ufffd\ufffd y",
		"bytes that could not be written":       "x s3cr3t???? y",
		"decomposed":                            "x s3cr3te\u0301ß y",
		"Windows-1252":                          "x sesi\xf3n-de-\x80uros-larga y",
		"Latin-1, URL-escaped":                  "x s3cr3t%e9%df y",
		"Latin-1, in base64":                    "x " + base64.StdEncoding.EncodeToString([]byte("s3cr3t\xe9\xdf")) + " y",
	} {
		require.Equal(t, "x [redacted] y", strings.ReplaceAll(set.Redact(text), "=", ""), name)
	}
}

func TestARedactedBodyStaysJSON(t *testing.T) {
	var set secret.Set
	set.Add("123456", "4711", "471112", "null", "a \"token\" of letters")
	for body, want := range map[string]string{
		`{"otp":123456}`:                          `{"otp":"[redacted]"}`,
		`{"otp": -123456.0e0, "n":1}`:             `{"otp": "[redacted]", "n":1}`,
		`{"otp":"123456"}`:                        `{"otp":"[redacted]"}`,
		`{"123456":[123456,4711 , 47110]}`:        `{"[redacted]":["[redacted]","[redacted]" , 47110]}`,
		`{"a":"x\n123456\ny"}`:                    `{"a":"x\n[redacted]\ny"}`,
		`{"a":"\u0031\u0032\u0033456"}`:           `{"a":"[redacted]"}`,
		`{"a":"\u471112"}`:                        `{"a":"[redacted]"}`,
		`{"a":"a \"token\" of letters, 123 456"}`: `{"a":"[redacted], [redacted]"}`,
		`{"a":null}`:                              `{"a":"[redacted]"}`,
		"123456":                                  `"[redacted]"`,
		`[ "MTIzNDU2", "MTIz\nNDU2==" ]`:          `[ "[redacted]", "[redacted]" ]`,
		`[31, 32, 33, 34, 35, 36]`:                `["[redacted]", "[redacted]", "[redacted]", "[redacted]", "[redacted]", "[redacted]"]`,
		`{"otp":123456`:                           `{"otp":"[redacted]"`,
		`{"otp":"123456`:                          `{"otp":"[redacted]`,
		`{"a":"123456\`:                           `{"a":"[redacted]\`,
		`{"a":"123456\u00`:                        `{"a":"[redacted]\u00`,
		`otp=123456`:                              `otp=[redacted]`,
	} {
		require.Equal(t, want, set.RedactBody([]byte(body)))
	}
}

func TestDigitsFromASourceOfOTPsAreRedacted(t *testing.T) {
	var set secret.Set
	set.Add("letters")
	for text, want := range map[string]string{
		`573283`:                                     `"[redacted]"`,
		`"G-573283"`:                                 `"G-[redacted]"`,
		`Your code is 573-283, valid for 10 min`:     `Your code is [redacted], valid for 10 min`,
		`{"otp":{"value":"573283"}}`:                 `{"otp":{"value":"[redacted]"}}`,
		`{"m":"Your code: 5732","otp":true}`:         `{"m":"Your code: [redacted]","otp":true}`,
		`{"m":"NTczMjgz"}`:                           `{"m":"[redacted]"}`,
		`no validation of +507 6264 7737, letters`:   `no validation of +507 6264 7737, [redacted]`,
		`2026-11-23T10:11:12Z 503 12345678901234567`: `2026-11-23T10:11:12Z [redacted]`,
		`{"id":"674de8df21c72be3cc421234"}`:          `{"id":"674de8df21c72be3cc421234"}`,
	} {
		require.Equal(t, want, set.RedactBodyFrom([]byte(text), "62647737", "+50762647737", "674de8df21c72be3cc421234"))
	}
	require.Equal(t, "code [redacted]", set.RedactFrom("code 1234"))
}

func TestAValueThatIsNoTextIsFoundInBase64(t *testing.T) {
	value := "\x00\x01\x02\x03\x04"
	require.True(t, secret.Find("x "+base64.StdEncoding.EncodeToString([]byte(value)), value))
	require.True(t, secret.Find("x "+hex.EncodeToString([]byte("\x07"+value)), value))
}

func TestShortValuesAreNotLookedFor(t *testing.T) {
	var set secret.Set
	set.Add("", "123", "ñññ", "  ab ")
	require.Equal(t, "123 ñññ ab", set.Redact("123 ñññ ab"))
	require.False(t, secret.Find("123", "123"))
	require.False(t, secret.Find("", ""))
	set.Add("ñññ€")
	require.Equal(t, "[redacted]", set.Redact("ñññ€"))
}

func TestWhiteSpaceAroundAValueIsNoPartOfIt(t *testing.T) {
	var set secret.Set
	set.Add("s3cret-from-file\n")
	require.Equal(t, "Bearer [redacted]", set.Redact("Bearer s3cret-from-file"))
	require.True(t, secret.Find("s3cret-from-file", " s3cret-from-file\r\n"))
}

func TestWhatIsWithinAKeepValueStays(t *testing.T) {
	cases := map[string]struct {
		text, want string
		keep       []string
	}{
		"nothing kept":              {"a 50-123456-7", "a 50-[redacted]-7", nil},
		"inside":                    {"a 50-123456-7", "a 50-123456-7", []string{"50-123456-7"}},
		"inside, escaped":           {`"50\/123456"`, `"50\/123456"`, []string{"50/123456"}},
		"inside, in a URL":          {"?id=50%2f123456", "?id=50%2f123456", []string{"50/123456"}},
		"inside and outside":        {"50-123456-7 123456", "50-123456-7 [redacted]", []string{"50-123456-7"}},
		"kept value is no run":      {"x50-123456-7", "x50-[redacted]-7", []string{"50-123456-7"}},
		"kept value is the secret":  {"123456", "123456", []string{"123456"}},
		"kept value is shorter":     {"123456", "[redacted]", []string{"12345", "", "6"}},
		"kept value only overlaps":  {"50-123456", "50-[redacted]", []string{"50-12345"}},
		"one of several kept ones":  {"50-123456 123456-7", "50-123456 123456-7", []string{"50-123456", "123456-7"}},
		"kept value holds another ": {"a-123456-b", "a-123456-b", []string{"zzzz", "a-123456-b", "123456-b"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var set secret.Set
			set.Add("123456")
			require.Equal(t, c.want, set.Redact(c.text, c.keep...))
			require.Equal(t, c.want != c.text, set.Find(c.text, c.keep...))
			require.Equal(t, c.want != c.text, secret.Find(c.text, "123456", c.keep...))
		})
	}
}

func TestOverlappingValuesAreRedactedAsOne(t *testing.T) {
	var set secret.Set
	set.Add("1234.abcd", "abcd.5678", "abcd")
	require.Equal(t, "x [redacted] y [redacted]", set.Redact("x 1234.abcd.5678 y abcd"))
}

func TestAValueThatTheMarkerHoldsIsNotFoundInTheMarker(t *testing.T) {
	var set secret.Set
	set.Add("redacted", "123456", "[redacted]")
	require.Equal(t, "[redacted] [redacted]", set.Redact("123456 redacted"))
	require.False(t, set.Find("a [redacted] b"))
	require.True(t, set.Find("[redacted"))
}

func TestWhatOneReplacementExposesIsRedactedToo(t *testing.T) {
	var set secret.Set
	long := "a long client secret" // its base64 ends within a group: the run after it is laid bare
	text := strings.TrimRight(base64.StdEncoding.EncodeToString([]byte("xxx"+long)), "=") + "123456"
	set.Add(long, "123456")
	redacted := set.Redact(text)
	require.False(t, set.Find(redacted), redacted)
	require.NotContains(t, redacted, "123456")
}

func TestATextWithoutAValueCostsNoAllocation(t *testing.T) {
	var empty, set secret.Set
	set.Add("123456", token)
	plain := strings.Repeat(`{"phone":"62647737","id":"674de8df21c72be3cc42b8a7"} `, 100)
	require.Zero(t, testing.AllocsPerRun(100, func() { empty.Redact(plain) }))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { set.Redact(plain) }), 10.0, "none but where the race detector empties pools; one for each copy would be a hundred")
	escaped := strings.Repeat(`\n%20\u0041`, 1000)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { set.Redact(escaped) }), 30.0, "the race detector empties pools")
}

func TestValuesAreFoundAfterManyMoreWereAdded(t *testing.T) {
	var set secret.Set
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprintf("token-of-registration-%04d", i)
		set.Add(values[i])
	}
	for _, value := range values {
		require.Equal(t, "x [redacted] y", set.Redact("x "+value+" y"))
	}
}

func TestASetIsSafeForConcurrentUse(t *testing.T) {
	var set secret.Set
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 200 {
				value := fmt.Sprintf("otp%d-%d", worker, i)
				set.Add(value)
				if set.Redact(`"\n`+value+`"`) != `"\n[redacted]"` {
					t.Errorf("%s was not found", value)
				}
			}
		})
	}
	group.Wait()
}
