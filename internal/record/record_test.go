package record

import (
	"bytes"
	"fmt"
	"net/textproto"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/secret"
)

func whole(secrets *secret.Set) func([]byte) string {
	return func(body []byte) string { return secrets.RedactBody(body) }
}

func TestBodyIsRedactedBeforeItIsCut(t *testing.T) {
	var secrets secret.Set
	secrets.Add(spent.Token)
	for name, body := range map[string]string{
		"the secret across the cut": strings.Repeat("x", MaxBody-10-1) + " " + spent.Token + strings.Repeat(" y", 100),
		"the secret after the cut":  strings.Repeat("x ", MaxBody) + spent.Token,
		"the secret at the start":   spent.Token + strings.Repeat(" y", MaxBody),
	} {
		t.Run(name, func(t *testing.T) {
			text, size := Body([]byte(body), whole(&secrets), false)
			require.LessOrEqual(t, len(text), MaxBody)
			require.Equal(t, len(body), size)
			for n := 8; n < len(spent.Token); n++ {
				require.NotContains(t, text, spent.Token[:n])
			}
		})
	}
}

func TestATruncatedBodyDoesNotEndInHalfASecret(t *testing.T) {
	var secrets secret.Set
	secrets.Add(spent.Token)
	body := []byte(strings.Repeat(spent.Token, 100) + spent.Token[:len(spent.Token)/2])
	text, size := Body(body, whole(&secrets), true)
	require.NotContains(t, text, spent.Token[:8])
	require.Equal(t, len(body), size)
}

func TestAShortBodyIsKeptWhole(t *testing.T) {
	var secrets secret.Set
	for name, c := range map[string]struct{ body, shown string }{
		"empty":             {"", ""},
		"just short enough": {strings.Repeat("x", MaxBody), strings.Repeat("x", MaxBody)},
		"not UTF-8":         {"a\xff\xfeb", "a\ufffdb"},
		"NUL":               {"a\x00b", "a\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			text, size := Body([]byte(c.body), whole(&secrets), false)
			require.Equal(t, c.shown, text)
			require.Zero(t, size)
		})
	}
}

func TestACutBodyIsValidUTF8(t *testing.T) {
	var secrets secret.Set
	for shift := range 4 {
		body := []byte(strings.Repeat("x", shift) + strings.Repeat("\U0001f600", MaxBody))
		text, size := Body(body, whole(&secrets), false)
		require.True(t, utf8.ValidString(text))
		require.Equal(t, shift+4*MaxBody, size)
		require.NotContains(t, text, "\ufffd")
	}
}

func TestTheKeptBeginningDoesNotHoldTheWholeBodyInMemory(t *testing.T) {
	var secrets secret.Set
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var texts []string
	for range 200 {
		text, _ := Body(bytes.Repeat([]byte("0,"), exchange.MaxBody/2), whole(&secrets), false)
		texts = append(texts, text)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Len(t, texts, 200)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(50<<20), "two hundred of a mebibyte are held")
	runtime.KeepAlive(texts)
}

func TestHeadersAreKeptUpToTheLimitOfBodies(t *testing.T) {
	var secrets secret.Set
	secrets.Add("573283991")
	redact := func(text string) string { return secrets.Redact(text) }
	h := textproto.MIMEHeader{"Content-Type": {"application/json"}, "Set-Cookie": {"a=b"}}
	for i := range 10_000 {
		h[fmt.Sprintf("A-%05d", i)] = []string{"v"}
	}
	kept, left := headers(h, redact)
	size, values := 0, 0
	for name, all := range kept {
		for _, v := range all {
			size += len(name) + len(v) + 32
			values++
		}
	}
	require.LessOrEqual(t, size, MaxBody+100)
	require.Equal(t, 10_002, values+left)

	h = textproto.MIMEHeader{"A": {strings.Repeat("x ", MaxBody/2-3) + "573283991"}, "B": {"left out"}}
	kept, left = headers(h, redact)
	require.False(t, strings.Contains(kept["A"][0], "573"), "it is redacted before it is cut")
	require.True(t, strings.HasSuffix(kept["A"][0], fmt.Sprintf("... (%d bytes)", MaxBody-6+len(secret.Redacted))))
	require.NotContains(t, kept, "B")
	require.Equal(t, 1, left)

	kept, left = headers(textproto.MIMEHeader{"A": {"1", "2"}}, redact)
	require.Equal(t, map[string][]string{"A": {"1", "2"}}, kept)
	require.Zero(t, left)
}

func TestAnOTPOfFourDigitsCannotBePutTogetherFromWhatIsTypedOfIt(t *testing.T) {
	own := spent
	own.OTP = "7349"
	r := Recorder{Secrets: &secret.Set{}, Own: own}
	r.Secrets.Add(own.OTP)
	for typed, shown := range map[string]string{
		`{"otp":734}`: `{"otp":"[redacted]"}`, `{ "otp" : 349 }`: `{ "otp" : "[redacted]" }`, `{"otp":7349}`: `{"otp":"[redacted]"}`,
		`{"otp":1}`: `{"otp":1}`, `{"otp":73}`: `{"otp":73}`, `{"phone":"734"}`: `{"phone":"734"}`,
	} {
		e := aPUT(typed)
		e.Answer = &exchange.Answer{Status: 403, Body: []byte(`{"code":"no","received":` + typed + `}`)}
		one := r.Exchange(e)
		require.Equal(t, shown, one.Request.Body)
		require.Equal(t, `{"code":"no","received":`+shown+`}`, one.Answer.Body)
	}
	for otp, typed := range map[string]string{"7012": "12", "7005": "5", "7000": "0", "70012": "12"} { // no number begins with a zero
		own.OTP = otp
		one := Recorder{Secrets: &secret.Set{}, Own: own}.Exchange(aPUT(`{"otp":` + typed + `}`))
		require.Equal(t, `{"otp":"[redacted]"}`, one.Request.Body, "without its first digit")
		for fresh, again := range map[string]string{"4321": `{"otp":321}`, "4021": `{"otp":21}`, "4000": `{"otp":0}`} {
			require.Equal(t, []string{again}, after(words(t, "OTP="+fresh+"\n"+one.Curl), "--data-raw"))
		}
	}
}
