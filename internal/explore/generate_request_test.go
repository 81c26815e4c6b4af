package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

func TestAnUnsignedTokenIsSentWhateverTheTokenIs(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]struct {
		sent, derived string
	}{
		"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln": {"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhIjoxfQ.", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhIjoxfQ."},
		"aaaa.bbbb.cccc":                       {"eyJhbGciOiJub25lIn0.e30.", ""},
		"0123456789abcdef0123456789abcdef":     {"eyJhbGciOiJub25lIn0.e30.", ""},
		"":                                     {"eyJhbGciOiJub25lIn0.e30.", ""},
	} {
		d := plain(providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "135791", Token: token}, nil)
		unsign(d)
		require.Equal(t, []string{"Bearer " + want.sent}, d.header["Authorization"], token)
		if want.derived == "" {
			require.Empty(t, d.derived, "what is made of no token is no secret")
			require.Equal(t, []string{"Bearer " + want.sent}, d.madeUp, token)
			continue
		}
		require.Equal(t, []string{want.derived}, d.derived)
		require.Empty(t, d.madeUp)
	}
}
