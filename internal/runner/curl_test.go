package runner

import (
	"bytes"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/secret"
)

const (
	aToken = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.token_value-1"
	anOTP  = "734912"
)

// words runs a command with curl replaced by a function that prints its words, and returns them. It is how a
// person's shell takes the command.
func words(t *testing.T, command string) []string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no POSIX shell here")
	}
	script := "curl() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }\n" + command + "\n"
	cmd := exec.Command(shell, "-eu", "-c", script)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"TOKEN=" + aToken, "OTP=" + anOTP, "CREDENTIALS=the credentials", "PATH=/nonexistent"}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s", command, complaints.String())
	require.Empty(t, complaints.String())
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func curlOf(e contract.Exchange) string {
	r := &run{Options: Options{Secrets: &secret.Set{}}}
	r.Secrets.Add(aToken, anOTP)
	return r.curl(e, nil)
}

func after(words []string, option string) []string {
	var all []string
	for i, w := range words {
		if w == option && i+1 < len(words) {
			all = append(all, words[i+1])
		}
	}
	return all
}

func aPUT(body string) contract.Exchange {
	return contract.Exchange{Purpose: contract.Judged, Request: contract.Request{
		Method: "PUT", URL: "https://api.example.test/v2/phone-validations", Body: []byte(body),
		Header: textproto.MIMEHeader{
			"Authorization": {"Bearer " + aToken}, "Content-Type": {"application/json"}, "Accept": {"application/json"},
			"User-Agent": {"verifik-contract"}, "Traceparent": {"00-1-2-01"}, "Accept-Encoding": {"gzip"},
		},
	}}
}

func TestCurlRepeatsABodyWhateverItHolds(t *testing.T) {
	for name, body := range map[string]string{
		"as documented":               `{"phone":"62647737","countryCode":"+507","otp":734912}`,
		"the OTP as text":             `{"otp":"734912"}`,
		"the OTP alone":               `734912`,
		"the OTP twice":               `[734912,734912]`,
		"single quotes":               `{"phone":"it's 'quoted'"}`,
		"a quote beside the OTP":      `'734912'`,
		"a command":                   "$(touch owned) `touch owned` ${HOME} $OTP",
		"backslashes":                 `{"a":"\\n\n\\'"}`,
		"white space":                 " \t\n {\n} \n",
		"starts like a file":          "@/etc/passwd",
		"starts like an option":       "--next -d x",
		"an exclamation mark":         "!! !1",
		"glob and braces":             "* ? [a-z] {a,b} ~",
		"beyond ASCII":                "Zoë \u00a0 \U0001f600",
		"a terminal escape":           "\x1b[2J\x07\x7f",
		"empty":                       "",
		"the word that stands for it": "redacted",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := curlOf(aPUT(body))
			require.NotContains(t, command, anOTP)
			require.NotContains(t, command, aToken)
			got := words(t, command)
			require.Equal(t, []string{body}, after(got, "--data-raw"))
			require.Equal(t, []string{"PUT"}, after(got, "-X"))
			require.Contains(t, got, "https://api.example.test/v2/phone-validations")
			require.Equal(t, []string{"Accept: application/json", "Authorization: Bearer " + aToken, "Content-Type: application/json"}, after(got, "-H"))
		})
	}
}

func TestCurlReadsABodyThatNoArgumentHoldsFromAFile(t *testing.T) {
	for name, body := range map[string]string{
		"long":         strings.Repeat("6", longBody+1),
		"a NUL":        "a\x00b",
		"no UTF-8":     "a\xffb",
		"long and odd": strings.Repeat("'\xff", longBody),
	} {
		t.Run(name, func(t *testing.T) {
			got := words(t, curlOf(aPUT(body)))
			require.Equal(t, []string{"@body.txt"}, after(got, "--data-binary"))
			require.Empty(t, after(got, "--data-raw"))
		})
	}
}

func TestCurlHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		header   textproto.MIMEHeader
		expected []string
	}{
		"none":                        {nil, []string{"Content-Type:"}},
		"a bearer":                    {textproto.MIMEHeader{"Authorization": {"Bearer anything at all"}}, []string{"Authorization: Bearer " + aToken, "Content-Type:"}},
		"basic":                       {textproto.MIMEHeader{"Authorization": {"Basic bm9ib2R5Ong="}}, []string{"Authorization: Basic the credentials", "Content-Type:"}},
		"a credential without scheme": {textproto.MIMEHeader{"Authorization": {"s3cr3t-$(id)"}}, []string{"Authorization: the credentials", "Content-Type:"}},
		"a cookie":                    {textproto.MIMEHeader{"Cookie": {"session=s3cr3t"}}, []string{"Cookie: the credentials", "Content-Type:"}},
		"a cookie of several":         {textproto.MIMEHeader{"Cookie": {"session=s3cr3t; other=`id`"}}, []string{"Cookie: the credentials", "Content-Type:"}},
		"in another case":             {textproto.MIMEHeader{"cookie": {"session=s3cr3t"}, "proxy-authorization": {"Basic s3cr3t"}}, []string{"cookie: the credentials", "proxy-authorization: Basic the credentials", "Content-Type:"}},
		"a hostile value":             {textproto.MIMEHeader{"X-Env": {"it's $(id) \"`id`\""}}, []string{"X-Env: it's $(id) \"`id`\"", "Content-Type:"}},
		"a hostile name":              {textproto.MIMEHeader{"X-$(id)'": {"1"}}, []string{"X-$(id)': 1", "Content-Type:"}},
		"two of one name":             {textproto.MIMEHeader{"X-A": {"1", "2"}}, []string{"X-A: 1", "X-A: 2", "Content-Type:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := aPUT("{}")
			e.Request.Header = c.header
			command := curlOf(e)
			require.NotContains(t, command, "s3cr3t")
			require.Equal(t, c.expected, after(words(t, command), "-H"))
		})
	}
}

func TestCurlTakesAnAddressAsItIs(t *testing.T) {
	e := aPUT("")
	e.Request.Method, e.Request.URL = "GET", "http://127.0.0.1:1/v2/app-registrations/x'$(id)?populates[]=phoneValidation&{a,b}"
	got := words(t, curlOf(e))
	require.Contains(t, got, e.Request.URL)
	require.Contains(t, got, "-g", "curl reads brackets as a range otherwise")
	require.Empty(t, after(got, "--data-raw"))
}
