package state

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/secret"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl-X_1"

func TestSpot(t *testing.T) {
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
			require.Subset(t, spot([]byte(c.text)), c.want)
		})
	}
	for _, text := range []string{`{"token": "is missing"}`, "the token is missing", "Unexpected token u in JSON at position 0", "an eyJot. of. nothing"} {
		t.Run("nothing in "+text, func(t *testing.T) {
			require.Empty(t, spot([]byte(text)))
		})
	}
}

func TestProseOfAHandlerShowsNoSecret(t *testing.T) {
	url, _ := listen(t, answering(500, "Error: cannot insert otp 123456 token "+jwt+"."))
	recorded := &recorder{secrets: &secret.Set{}}
	m := newMaker(t, Options{Control: newClient(t), Secrets: recorded.secrets}, pactStates(url))
	_, err := makeAll(t, m, recorded.record, "", Request{Name: Pending})
	require.ErrorContains(t, err, "Error: cannot insert otp [redacted] token [redacted].")
	require.Equal(t, []string{"Error: cannot insert otp [redacted] token [redacted]."}, recorded.redacted)
}

func TestProseOfATeardownShowsNoSecret(t *testing.T) {
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
	_, err := makeAll(t, m, recorded.record, "", Request{Name: Pending})
	require.NoError(t, err)
	require.Equal(t, "cannot delete token [redacted]", recorded.redacted[1])
}

func TestComplaintOfACommandShowsNoSecret(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.declared.OTP = env.OTP{Kind: env.OTPCommand, Argv: []string{script(t, "echo cannot show otp 654321 >&2; exit 1")}, For: waitLimit}
	_, err := makeAll(t, b.maker(t), nil, "", Request{Name: Pending})
	require.ErrorContains(t, err, `"cannot show otp [redacted]"`)
}
