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

// token has what escapes and base64 treat apart: both alphabets differ on it.
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

// forms is how a value may turn up, each made by another implementation than the one under test.
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

func TestAValueIsFoundAndTakenOutInEveryForm(t *testing.T) {
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
				require.Equal(t, redacted, string(set.RedactBytes([]byte(text))))
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
					// Nothing of the value's bits is left: at most what encodes the surroundings is.
					left := strings.NewReplacer(secret.Redacted, "", "Basic ", "", " tail", "", "=", "").Replace(redacted)
					require.LessOrEqual(t, len(left), (len(before)*8+5)/6+(len(after)*8+5)/6, redacted)
				}
			}
		}
	}
}

func TestOnlyAWholeRunIsFound(t *testing.T) {
	cases := map[string]struct {
		text  string
		found bool
	}{
		"alone":                           {"123456", true},
		"digit before":                    {"0123456", false},
		"digit after":                     {"1234567", false},
		"letter before":                   {"x123456", false},
		"letter after":                    {"123456x", false},
		"letter beyond ASCII before":      {"é123456", false},
		"letter beyond ASCII after":       {"123456ж", false},
		"digit beyond ASCII after":        {"123456٣", false},
		"symbol beyond ASCII beside":      {"→123456€", true},
		"underscore and dash beside":      {"_123456-", true},
		"NUL and invalid UTF-8 beside":    {"\x00123456\xff", true},
		"in a timestamp":                  {`"2026-11-23T10:00:00.1234567Z"`, false},
		"in an id":                        {"674de8df123456c72be3cc42", false},
		"after an escaped line feed":      {`"otp:\n123456"`, true},
		"after an escaped space":          {`\u0020123456`, true},
		"after a space in a URL":          {"%20123456%20", true},
		"after a twice escaped line feed": {`"\\n123456"`, true},
		"after an escaped letter":         {`\u0041123456`, false},
		"after a lone backslash":          {`\123456`, true},
		"after a lone percent":            {"100%123456", true},
		"second of two":                   {"x123456 123456", true},
		"split":                           {"123 456", false},
		"missing last":                    {"12345", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var set secret.Set
			set.Add("123456")
			require.Equal(t, c.found, secret.Find(c.text, "123456"))
			require.Equal(t, c.found, set.Find(c.text))
			if !c.found {
				require.Equal(t, c.text, set.Redact(c.text))
			}
		})
	}
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

func TestWhatLiesInsideOfAKeptValueStays(t *testing.T) {
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

func TestOverlappingValuesAreTakenOutAsOne(t *testing.T) {
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

func TestWhatOneReplacementLaysBareIsTakenOutToo(t *testing.T) {
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
	bytes := []byte(plain)
	require.Zero(t, testing.AllocsPerRun(100, func() { empty.Redact(plain) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { set.Redact(plain) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { set.RedactBytes(bytes) }))
	escaped := strings.Repeat(`\n%20\u0041`, 1000)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { set.Redact(escaped) }), 30.0, "the race detector empties pools")
	same := set.RedactBytes(bytes)
	require.Same(t, &bytes[0], &same[0])
	require.Nil(t, set.RedactBytes(nil))
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
