package state

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl-X_1"

func TestScan(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a member of JSON":                {`{"accessToken": "abcdefghijklmnopqrst", "otp": 987654, "x"`, []string{"abcdefghijklmnopqrst", "987654"}},
		"prose":                           {"Error: cannot insert otp 123456 token " + jwt + "\n at insert", []string{jwt, "123456"}},
		"a JWT that nothing announces":    {"Error: duplicate key (" + jwt + ") already exists", []string{jwt}},
		"a JWT without a signature":       {"given eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. here", []string{"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0"}},
		"a token at the end of a clause":  {"the token: 0123456789abcdefXYZ, is taken.", []string{"0123456789abcdefXYZ"}},
		"a token in brackets":             {"Unknown token (0123456789abcdefXYZ).", []string{"0123456789abcdefXYZ"}},
		"a token in a query":              {"GET /?access_token=0123456789abcdefXYZ&page=1", []string{"0123456789abcdefXYZ"}},
		"a bearer":                        {"Authorization: Bearer 0123456789abcdefXYZ==", []string{"0123456789abcdefXYZ=="}},
		"a secret far into a long answer": {strings.Repeat("long ", 100_000) + jwt, []string{jwt}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Subset(t, scan([]byte(c.text)), c.want)
		})
	}
	for _, text := range []string{`{"token": "is missing"}`, "the token is missing", "Unexpected token u in JSON at position 0", "an eyJot. of. nothing"} {
		t.Run("nothing in "+text, func(t *testing.T) {
			require.Empty(t, scan([]byte(text)))
		})
	}
}

func TestAMessageOfAHandlerShowsNoSecret(t *testing.T) {
	url, _ := listen(t, answering(500, "Error: cannot insert otp 123456 token "+jwt+"."))
	recorded := &recorder{secrets: &secret.Set{}}
	m := newMaker(t, Options{Control: newClient(t), Secrets: recorded.secrets}, pactStates(url))
	_, err := makeAll(t, m, recorded.record, "", Request{Name: providerstate.Pending})
	require.ErrorContains(t, err, "Error: cannot insert otp [redacted] token [redacted].")
	require.Equal(t, []string{"Error: cannot insert otp [redacted] token [redacted]."}, recorded.redacted)
}

func TestAMessageOfATeardownShowsNoSecret(t *testing.T) {
	url, _ := listen(t, func(w http.ResponseWriter, c call) {
		if c.Body["action"] == "teardown" {
			answering(500, "cannot delete token "+jwt)(w, c)
			return
		}
		answering(200, pending)(w, c)
	})
	source := pactStates(url)
	source.Pact.Teardown = true
	recorded := &recorder{secrets: &secret.Set{}}
	m := newMaker(t, Options{Control: newClient(t), Secrets: recorded.secrets}, source)
	_, err := makeAll(t, m, recorded.record, "", Request{Name: providerstate.Pending})
	require.NoError(t, err)
	require.Equal(t, "cannot delete token [redacted]", recorded.redacted[1])
}

func TestAMessageOfACommandShowsNoSecret(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.declared.OTP = env.OTP{Kind: env.OTPCommand, Argv: []string{script(t, "echo cannot show otp 654321 >&2; exit 1")}, For: waitLimit}
	_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
	require.ErrorContains(t, err, `"cannot show otp [redacted]"`)
}

func TestNoReasonShowsANumberFromASource(t *testing.T) {
	const body = 100_000 // bytes before a token that is cut nowhere
	inbox := func(status int, body string) func(t *testing.T) *bench {
		return func(t *testing.T) *bench {
			b := newBench(t, &setUpAPI{})
			url, _ := listen(t, answering(status, body))
			b.declared.OTP.URL = url + "/{phone}"
			return b
		}
	}
	command := func(text string) func(t *testing.T) *bench {
		return func(t *testing.T) *bench {
			b := newBench(t, &setUpAPI{})
			b.declared.OTP = env.OTP{Kind: env.OTPCommand, Argv: []string{script(t, text)}, For: 10 * time.Second}
			return b
		}
	}
	for name, bench := range map[string]func(*testing.T) *bench{
		"a bare number":              inbox(200, `573283`),
		"a bare text":                inbox(200, `"573283"`),
		"a text with a prefix":       inbox(200, `G-573283`),
		"a sentence":                 inbox(200, `Your code is 573283`),
		"a sentence, spaced":         inbox(200, `"Your code is 573-283"`),
		"an object in the field":     inbox(200, `{"otp":{"value":"573283"}}`),
		"a truth value in the field": inbox(200, `{"message":"Your code: 573283","otp":true}`),
		"a prefix in the field":      inbox(200, `{"otp":"G-573283"}`),
		"a number of a fraction":     inbox(200, `{"otp":573283.5}`),
		"a list":                     inbox(200, `["573283"]`),
		"another field":              inbox(200, `{"code":"573283"}`),
		"a failure":                  inbox(500, `Your code is 573283`),
		"a failure in escapes":       inbox(500, `{"m":"Your code is \u0035\u0037\u00333283"}`),
		"a failure in base64":        inbox(500, `{"m":"NTczMjgz"}`),
		"a failure behind much else": inbox(500, strings.Repeat(".", body)+`573283`),
		"what is no HTTP": func(t *testing.T) *bench {
			b := newBench(t, &setUpAPI{})
			b.declared.OTP.URL = babble(t, "573283 is your code\r\n")
			return b
		},
		"a command that fails":       command(`echo "cannot send 573283, ask for 573 283" >&2; exit 1`),
		"a command that prints more": command(`echo "Your code is 573283"`),
	} {
		t.Run(name, func(t *testing.T) {
			b := bench(t)
			b.declared.OTP.For = time.Second
			_, err := makeAll(t, b.maker(t), b.recorded.record, "", Request{Name: providerstate.Pending})
			var notMade *NotMade
			require.ErrorAs(t, err, &notMade)
			for _, never := range []string{"573283", "573-283", "573 283", "NTczMjgz", `\u0035`} {
				require.NotContains(t, b.secrets.Redact(notMade.Reason), never)
			}
			for _, e := range b.recorded.exchanges {
				if e.Answer != nil && strings.Contains(string(e.Answer.Body), "573") {
					require.True(t, e.Unread, "its record would show the number")
				}
			}
		})
	}
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"a handler that fails":       {500, "Your verification code is 573283"},
		"a handler's code":           {500, `{"code":573283}`},
		"an object for an OTP":       {200, `{"phone":"1","countryCode":"+1","token":"t","otp":{"value":"573283"}}`},
		"a list for an OTP":          {200, `{"phone":"1","countryCode":"+1","token":"t","otp":["573283"]}`},
		"a prefix":                   {200, `{"phone":"1","countryCode":"+1","token":"t","otp":"G-573283"}`},
		"an OTP as the gateway":      {200, `{"phone":"1","countryCode":"+1","token":"t","otp":1234,"phoneGateway":"573283"}`},
		"an OTP as the country code": {200, `{"phone":"1","countryCode":"573283","token":"t","otp":1234}`},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := listen(t, answering(c.status, c.body))
			secrets := &secret.Set{}
			recorded := &recorder{secrets: secrets}
			m := newMaker(t, Options{Control: newClient(t), Secrets: secrets}, pactStates(url))
			_, err := makeAll(t, m, recorded.record, "", Request{Name: providerstate.Pending, PhoneGateway: "sms"})
			require.Error(t, err)
			require.NotContains(t, secrets.Redact(err.Error()), "573283")
			for _, e := range recorded.exchanges {
				require.True(t, e.Unread || secrets.Find("573283"), string(e.Answer.Body))
			}
		})
	}
}

func TestAQuoteIsCutAfterItIsRedacted(t *testing.T) {
	var secrets secret.Set
	secrets.Add(jwt)
	for before := range 2 * maxQuote {
		words := task{secrets: &secrets}.quoted([]byte(strings.Repeat("x ", before/2) + strings.Repeat(jwt, 3)))
		require.NotContains(t, words, jwt[:8], before)
	}
	require.Equal(t, `: "no phone +50762647737 of [redacted]"`, task{secrets: &secrets, phone: panama1}.quoted([]byte("no phone +50762647737 of 4711")))
}

// babble answers every request with bytes that are not HTTP.
func babble(t *testing.T, text string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 1024)) // whatever it is
			_, _ = connection.Write([]byte(text))
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-done
	})
	return "http://" + listener.Addr().String() + "/{phone}"
}
