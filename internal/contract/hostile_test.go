package contract

import (
	"fmt"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// everything returns the redacted findings of every check of an exchange.
func everything(checks Checks, e exchange.Exchange, secrets *secret.Set) []Finding {
	all := raw(checks, e)
	for i, f := range all {
		all[i] = f.Shown(func(text string) string { return secrets.Redact(text) })
	}
	return all
}

func raw(checks Checks, e exchange.Exchange) []Finding {
	all := checks.NothingFound(e)
	for _, d := range checks.Answers() {
		if d.Status == e.Answer.Status || d.Status == 412 {
			all = append(all, checks.Refused(e, d)...)
		}
	}
	if e.Answer.Status == 409 {
		all = append(all, checks.Missing(e, checks.Endpoint().Required)...)
	} else {
		all = append(all, checks.Validated(e, exampleRequest)...)
		all = append(all, checks.NotAccepted(e, "the request is refused")...)
		all = append(all, checks.OwnID(e, anID)...)
		all = append(all, first(checks.Liveness(e, true))...)
	}
	for _, rule := range checks.Everywhere() {
		findings, _ := rule.Judge(checks.Judging(e, thePrivate))
		all = append(all, findings...)
	}
	for i := range all {
		if all[i].Exchange == -1 {
			all[i].Exchange = 0
		}
	}
	for _, rule := range []string{"PV-01", "PV-02", "PV-07"} {
		checks.Diagnose(rule, all, []exchange.Exchange{e})
	}
	o := Observe(e, "")
	all = append(all, Finding{Actual: o.Shape}, Finding{Actual: o.Code})
	e.Purpose = exchange.ReadBack
	_, _, status := ReadStatus(e)
	_, _, link := ReadLink(e, anID)
	all = append(all, Finding{Actual: status}, Finding{Actual: link})
	judged := JudgeNotification(e.Answer.Body, Known{Values: providerstate.Values{ValidationID: anID, Phone: aPhone, CountryCode: aCode}, Secrets: thePrivate.Secrets, Keep: thePrivate.Keep})
	return append(all, Finding{Actual: judged.Type}, Finding{Actual: judged.Reason})
}

func TestHostileBodiesAreJudgedInBoundedSpace(t *testing.T) {
	if testing.Short() {
		t.Skip("large bodies")
	}
	checks := newChecks(t)
	// A thirty-second of the limit: what grows with the square of a body is slow enough to be seen, what is fit is quick.
	const size = exchange.MaxBody / 32
	fill := func(text string) string { return strings.Repeat(text, size/len(text)) }
	var keys strings.Builder
	for i := 0; keys.Len() < size-20; i++ {
		fmt.Fprintf(&keys, `"k%d":1,`, i)
	}
	for name, body := range map[string]string{
		"open brackets":                     fill("["),
		"open braces":                       strings.Repeat(`{"a":`, 12000),
		"10,000 levels, closed":             strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
		"9,999 levels of objects":           strings.Repeat(`{"data":`, 9999) + "1" + strings.Repeat("}", 9999),
		"half a million lists":              "[" + strings.Repeat("[],", size/3-1) + "0]",
		"a hundred thousand texts":          `{"code":"\n","x":[` + strings.Repeat(`"at",`, size/5-10) + `""]}`,
		"a hundred thousand keys":           "{" + keys.String() + `"z":1}`,
		"a hundred thousand unknown errors": `{"code":1,"message":[` + strings.TrimSuffix(strings.Repeat("1,", size/2-20), ",") + `]}`,
		"one long text":                     `{"code":"` + fill("a")[:size-20] + `"}`,
		"one long key":                      `{"` + fill("k")[:size-20] + `":1}`,
		"one long number":                   `{"code":` + fill("9")[:size-20] + `}`,
		"a number of a huge exponent":       `{"data":{"_id":1e999999999,"status":1e-999999999,"phone":-1E+999999999}}`,
		"one long number as the flag":       `{"data":{"showFaceLivenessRecommendation":0.` + fill("3")[:size-60] + `}}`,
		"backslashes":                       `"` + fill(`\\`)[:size-2] + `"`,
		"escapes of escapes":                `{"code":"` + fill(`\\u005c`)[:size-20] + `"}`,
		"percent signs":                     fill("%25"),
		"the OTP, again and again":          fill("123456 "),
		"the phone, again and again":        fill("62647737 "),
		"the id and the OTP, over and over": fill(anID + " 123456 "),
		"almost a stack trace":              fill("\n at x.y("),
		"almost a stack trace in a line":    fill("at a b c ("),
		"spaces before at":                  fill(" "),
		"lines of spaces":                   fill("   \n"),
		"NUL":                               fill("\x00"),
		"invalid UTF-8":                     fill("\xff\xfe"),
		"terminal escapes":                  fill("\x1b[2J\x1b]0;x\x07"),
		"words of Go":                       fill("goroutine 1 "),
		"dotted words":                      fill("a.b.c.d."),
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{200, 409} {
				e := answeredWith(status, body)
				for _, f := range everything(checks, e, &secret.Set{}) {
					require.LessOrEqual(t, utf8.RuneCountInString(f.Actual), shown+200)
					require.LessOrEqual(t, utf8.RuneCountInString(f.Path), 2*shown)
					require.LessOrEqual(t, utf8.RuneCountInString(f.Expected), 2*shown)
				}
			}
		})
	}
}

func TestADeeplyNestedBodyOverflowsNoStack(t *testing.T) {
	for _, text := range []string{"[", `{"a":`, `[{"a":[`} {
		body := strings.Repeat(text, exchange.MaxBody/len(text))
		require.Equal(t, "not JSON", Shape(&exchange.Answer{Body: []byte(body)}))
		require.NotEmpty(t, decode([]byte(body)).flaw)
		require.False(t, JudgeNotification([]byte(body), Known{Values: providerstate.Values{Phone: aPhone}}).Accepted)
	}
}

func TestOnlyTheShownPartOfAFindingIsRedacted(t *testing.T) {
	looked := 0
	redact := func(text string) string { looked += len(text); return text }
	long := `[` + strings.Repeat("é,", 500_000) + `0]`
	f := Finding{Path: "$.n", Actual: long, Body: long}.Shown(redact)
	require.Equal(t, "["+strings.Repeat("é,", 149)+"é... (1000003 characters): \"["+strings.Repeat("é,", 39)+"é... (1000003 characters)\"", f.Actual)
	require.Equal(t, strings.Repeat("é", 300)+"... (1000000 characters)", Observation{Shape: strings.Repeat("é", 1_000_000)}.Shown(redact).Shape)
	require.Less(t, looked, 300<<10)
}

func TestAFindingShowsNoPartOfASecret(t *testing.T) {
	// What is shown is redacted as whole values and then cut: the other way round would leave half of one.
	checks := newChecks(t)
	long := strings.Repeat("eyJhbGciOiJIUzI1NiJ9-", 30) + "." + strings.Repeat("eyJzdWIiOiI2NzRkZThkZiJ9_", 30)
	secrets := &secret.Set{}
	secrets.Add(long, anOTP)
	pad := func(n int) string { return strings.Repeat("x ", n/2) }
	bodies := map[string]string{
		"a token as the message":          `{"code":"otp_does_not_match","message":` + quote(long) + `}`,
		"a token as the code":             `{"code":` + quote(long) + `,"message":"m"}`,
		"a token as a key":                `{` + quote(long) + `:1,"code":"c","message":"m"}`,
		"a token as the type":             `{"type":` + quote(long) + `}`,
		"a token in text":                 "Unauthorized: Bearer " + long,
		"a token in an object":            `{"code":{"a":"b","token":` + quote(long) + `},"message":{}}`,
		"a token within a stack trace":    "    at validate (/app/" + long + "/x.js:1:2)",
		"a token in a query":              "https://x.example.test/?token=" + long + "&a=b",
		"an OTP at the cut of a body":     pad(76) + anOTP + " is what we expected",
		"an OTP at the cut of a body (2)": pad(74) + "x\n" + anOTP + " is what we expected",
	}
	for cut := shown - 12; cut <= shown+2; cut++ {
		bodies[fmt.Sprintf("an OTP after %d characters", cut)] = `{"code":"` + pad(cut) + `","message":"` + pad(cut-1) + " " + anOTP + ` is what we expected"}`
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{200, 403, 404, 500} {
				e := answeredWith(status, body)
				e.Answer.Header = textproto.MIMEHeader{"Content-Type": {"text/" + long}, long: {"x"}}
				for _, f := range everything(checks, e, secrets) {
					for _, shown := range []string{f.Expected, f.Actual, f.Path} {
						require.NotContains(t, shown, long[:24], "the beginning of a token")
						require.NotContains(t, shown, anOTP[:4], "the beginning of an OTP")
					}
				}
			}
		})
	}
}

func TestLongTextsOfFindingsAreCut(t *testing.T) {
	words := strings.Repeat("word ", 100)
	cut := Clip(words)
	require.Less(t, utf8.RuneCountInString(cut), shown+30)
	require.Greater(t, utf8.RuneCountInString(cut), shown)
	require.True(t, strings.HasPrefix(words, strings.SplitN(cut, "...", 2)[0]))
	require.Contains(t, cut, "(500 characters)")
	require.Equal(t, strings.Repeat("é ", 150), Clip(strings.Repeat("é ", 150)), "characters count, not bytes")
}

func FuzzChecks(f *testing.F) {
	for _, body := range []string{documented200, documented403, documented404, documented409, documented409CountryCode, documented412,
		"", "null", `{"data":[]}`, `{"data":{"_id":1e999}}`, `{"a":1,"a":2}`, "\ufeff{}", "[[[", `"\ud800"`, `{"type":"created"}`} {
		f.Add(200, body, "application/json")
		f.Add(409, body, "")
	}
	checks := newChecks(f)
	f.Fuzz(func(t *testing.T, status int, body, contentType string) {
		e := answeredWith(status, body)
		e.Answer.Header["Content-Type"] = []string{contentType}
		for _, found := range everything(checks, e, &secret.Set{}) {
			require.LessOrEqual(t, utf8.RuneCountInString(found.Actual), shown+200)
		}
		if parse(e.Answer).flaw == "" {
			require.NoError(t, parse(e.Answer).err, "what PV-19 accepts can be read")
		}
	})
}

// BenchmarkHostile shows what the slowest bodies cost at full size, by all the every-exchange rules: less than a second.
func BenchmarkHostile(b *testing.B) {
	for name, body := range map[string]string{
		"brackets": strings.Repeat("[", exchange.MaxBody),
		"texts":    `["\n"` + strings.Repeat(`,"at"`, exchange.MaxBody/5-10) + `]`,
		"at":       strings.Repeat("\n at x.y(", exchange.MaxBody/9),
		"spaces":   strings.Repeat("   \n", exchange.MaxBody/4),
	} {
		b.Run(name, func(b *testing.B) {
			e, checks := answeredWith(409, body), newChecks(b)
			rules := checks.Everywhere()
			for b.Loop() {
				judging := checks.Judging(e, thePrivate)
				for _, rule := range rules {
					rule.Judge(judging)
				}
			}
		})
	}
}
