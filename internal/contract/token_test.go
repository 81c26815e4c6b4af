package contract

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForgedTokensKeepThePayload(t *testing.T) {
	made := MadeUp("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl")
	require.Equal(t, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhIjoxfQ.", made[UnsignedToken])
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.", made[UnsealedToken])
	require.Regexp(t, `^eyJhbGciOiJIUzI1NiJ9\.eyJhIjoxfQ\.[\w-]{43}$`, made[EmptyKeyToken], "its own header, which may name a key")
	require.Regexp(t, `^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJhIjoxfQ\.[\w-]{43}$`, made[UnnamedKeyToken], "a provider may look a key up that is not named, and find an empty one")
	content, seal, _ := strings.Cut(made[BroughtKeyToken], ".eyJhIjoxfQ.")
	header, err := base64.RawURLEncoding.DecodeString(content)
	require.NoError(t, err)
	require.JSONEq(t, `{"alg":"HS256","typ":"JWT","kid":"/dev/null","jwk":{"kty":"oct","k":"AA"}}`, string(header))
	for _, key := range []string{"", "\x00"} { // the empty file's, and the one that the header holds
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(content + ".eyJhIjoxfQ"))
		require.Equal(t, base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), seal)
	}
	require.Regexp(t, `^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJhIjoxfQ\.[\w-]{43}$`, MadeUp("eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl")[EmptyKeyToken], "of another algorithm")
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfSA.c2lnbmF0dXJl", made[RewrittenToken], "a space behind the payload: the same contents")
	require.Equal(t, "eyJhbGciOiJOb25lIiwidHlwIjoiSldUIn0.eyJhIjoxfQ.", made[CapitalToken])
	require.Equal(t, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhIjoxfQ.c2lnbmF0dXJl", made[SignedNoneToken])
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ", made[TwoPartToken])
	require.Regexp(t, `^eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9\.eyJhIjoxfQ\.[\w-]{342}$`, made[AlgorithmToken])
	require.NotEqual(t, made[ExampleKeyToken], made[SampleKeyToken])
	require.NotEqual(t, made[UnknownToken], MadeUp("")[UnknownToken], "nobody else makes it up")
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl00000000", made[ExtendedToken])
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.C2LNBMf0DxjL", made[OtherCaseToken])
	for _, opaque := range []string{"aBc-12Z", "a.b.c"} {
		made := MadeUp(opaque)
		require.Len(t, made, 4, opaque)
		require.Equal(t, opaque+"00000000", made[ExtendedToken])
		require.Contains(t, made, Credentials)
		require.Contains(t, made, UnknownToken)
	}
	require.Equal(t, "AbC-12z", MadeUp("aBc-12Z")[OtherCaseToken])
	require.NotContains(t, MadeUp(""), ExtendedToken, "nobody's token")
}
