package env

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheHostOfAURLIsSpeltAsTheNetworkDoes(t *testing.T) {
	for text, expected := range map[string]string{
		"http://münchen.example":                    "http://xn--mnchen-3ya.example",
		"https://MÜNCHEN.example:8443/a/ü?b=ü":      "https://xn--mnchen-3ya.example:8443/a/ü?b=ü",
		"http://例え.テスト/x?c={countryCode}&p={phone}": "http://xn--r8jz45g.xn--zckzah/x?c={countryCode}&p={phone}",
		"http://user:p@bücher.example":              "http://user:p@xn--bcher-kva.example",
		"http://127.0.0.1:9000/ü":                   "http://127.0.0.1:9000/ü",
		"http://[::1]:9000":                         "http://[::1]:9000",
		"http://api.example.test":                   "http://api.example.test",
	} {
		require.Equal(t, expected, withASCIIHost(text))
	}
	what, _ := urlRule{}.check("http://münchen.example:8080")
	require.Empty(t, what)
	what, _ = urlRule{}.check("http://mün chen.example")
	require.Equal(t, "is not a URL", what)
	what, _ = urlRule{}.check("http://a\u202eü.example")
	require.Equal(t, "names no usable host and port", what)
}
