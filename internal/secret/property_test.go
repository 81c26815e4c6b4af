package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"verifik-contract/internal/secret"
)

// texts are made of what matters to the search: runs, escapes, pieces of values and of their forms.
func texts(t *rapid.T, values []string) string {
	pieces := []string{" ", "a", "Z", "9", "_", "é", "\xff", "\x00", `\`, `\n`, `\"`, `\u0020`, `\u00e9`, "%", "%20", "%41", "%25", "=", "+", "/", "[redacted]", "]"}
	for _, value := range values {
		for _, form := range forms(t, value) {
			pieces = append(pieces, form, form[:len(form)/2], form[len(form)/2:])
		}
	}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
}

var someValues = rapid.SliceOfN(rapid.OneOf(
	rapid.StringMatching(`[0-9]{4,6}`),
	rapid.StringMatching(`[a-f0-9]{4}`),
	rapid.StringMatching(`[a-zA-Z0-9._+/ %\\-]{4,40}`),
	rapid.StringN(4, 30, -1),
), 1, 4)

func TestNothingIsFoundAfterRedaction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := someValues.Draw(t, "values")
		var set secret.Set
		set.Add(values...)
		text := texts(t, values)
		keep := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9.]{1,12}`), 0, 2).Draw(t, "keep")
		redacted := set.Redact(text, keep...)
		if set.Find(redacted, keep...) {
			t.Fatalf("%q: %q still holds a value", text, redacted)
		}
		found := false
		for _, value := range values {
			found = found || secret.Find(text, value, keep...)
			if secret.Find(redacted, value, keep...) {
				t.Fatalf("%q: %q still holds %q", text, redacted, value)
			}
		}
		// Both ways of searching agree, and a text in which nothing is found is not changed.
		if found != set.Find(text, keep...) || found != (redacted != text) {
			t.Fatalf("%q: found %v, by the set %v, became %q", text, found, set.Find(text, keep...), redacted)
		}
	})
}

func TestATextWithoutTheValueIsReturnedUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set secret.Set
		set.Add("0123456789-secret")
		text := rapid.String().Draw(t, "text") + texts(t, []string{"another value", "4711"})
		if got := set.Redact(text); got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestWhatWasJSONStaysJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := someValues.Draw(t, "values")
		var set secret.Set
		set.Add(values...)
		parts := []any{1.5, nil, true, texts(t, values), texts(t, values), map[string]any{texts(t, values): texts(t, values)}}
		for _, value := range values {
			if number := json.Number(value); json.Valid([]byte(value)) && value[0] != '"' && value[0] != '[' && value[0] != '{' {
				parts = append(parts, number)
			}
		}
		body, err := json.MarshalIndent(parts, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Skip("what json takes for a number is none")
		}
		for _, redacted := range []string{set.RedactBody(body), set.RedactBodyFrom(body)} {
			if !json.Valid([]byte(redacted)) {
				t.Fatalf("%s became %s", body, redacted)
			}
			if set.Find(redacted) {
				t.Fatalf("%s still holds a value", redacted)
			}
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("otp=123456&x", "123456", "")
	f.Add(`"\u0031234"`, "1234", "x1234")
	f.Add("%41%2", "[redacted]", "")
	f.Add("YSBsb25nIGNsaWVudCBzZWNyZXQ=123456", "a long client secret", "123456")
	f.Fuzz(func(t *testing.T, text, value, keep string) {
		var set secret.Set
		set.Add(value)
		redacted := set.Redact(text, keep)
		require.False(t, set.Find(redacted, keep), "%q", redacted)
		require.Equal(t, secret.Find(text, value, keep), redacted != text)
		if json.Valid([]byte(text)) {
			require.True(t, json.Valid([]byte(set.RedactBody([]byte(text), keep))))
			require.True(t, json.Valid([]byte(set.RedactBodyFrom([]byte(text), keep))))
		}
	})
}

func manyValues(set *secret.Set) {
	for i := range 10_000 {
		set.Add(fmt.Sprint(100_000 + i*87))
		set.Add(fmt.Sprintf("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.%0*d.%x", 60+i%40, i*7919, i*104729))
	}
}

func BenchmarkRedact(b *testing.B) {
	var few, many secret.Set
	few.Add("123456", token)
	manyValues(&many)
	answer := `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
	large := strings.Repeat(answer, 1<<20/len(answer))
	lines := strings.Repeat(`{\"code\":\"MissingParameter\",\"message\":\"missing phone\n. missing otp\"}%20`, 1<<20/80)
	random := make([]byte, 1<<20*3/4)
	rand.NewChaCha8([32]byte{}).Read(random)
	numbers := strings.Repeat("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.1 1000870 ", 1<<20/48)
	for name, c := range map[string]struct {
		set  *secret.Set
		text string
	}{
		"answer/2": {&few, answer}, "answer/20000": {&many, answer},
		"1MiB/2": {&few, large}, "1MiB/20000": {&many, large},
		"1MiB of base64/20000": {&many, base64.StdEncoding.EncodeToString(random)}, "1MiB of hex/20000": {&many, strings.Map(func(r rune) rune { return r | 0x40 }, hex.EncodeToString(random[:1<<19]))},
		"1MiB of single digits/20000": {&many, strings.Repeat("1 ", 1<<19)},
		"1MiB of escapes/20000":       {&many, lines}, "1MiB of beginnings/20000": {&many, numbers},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if c.set.Redact(c.text) != c.text {
					b.Fatal("something was found")
				}
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	answer := `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
	b.ReportAllocs()
	for b.Loop() {
		if secret.Find(answer, token) {
			b.Fatal("something was found")
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	var set secret.Set
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		set.Add(fmt.Sprintf("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.%0200d", i))
	}
}
