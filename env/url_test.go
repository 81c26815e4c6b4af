package env_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
)

func TestTheHostOfAURLIsWrittenInASCII(t *testing.T) {
	of := func(proxy, handler, inbox string) string {
		text := strings.Replace(verifikWith(fmt.Sprintf("otp \"http\" { url = %q }", inbox)), ` }`, fmt.Sprintf("\n  proxy = %q\n}", proxy), 1)
		return strings.Replace(text, `{ base_url`, "{\n  base_url", 1) + fmt.Sprintf("states \"pact\" { url = %q }\n", handler)
	}
	for text, expected := range map[string]string{
		"http://münchen.example":                    "http://xn--mnchen-3ya.example",
		"https://MÜNCHEN.example:8443/a/ü?b=ü":      "https://xn--mnchen-3ya.example:8443/a/ü?b=ü",
		"http://例え.テスト/x?c={countryCode}&p={phone}": "http://xn--r8jz45g.xn--zckzah/x?c={countryCode}&p={phone}",
		"http://127.0.0.1:9000/ü":                   "http://127.0.0.1:9000/ü",
		"http://[::1]:9000":                         "http://[::1]:9000",
		"http://api.example.test":                   "http://api.example.test",
	} {
		e := mustLoad(t, of("http://user:p@bücher.example/", text, text), env.Options{})
		require.Equal(t, expected, e.States[1].Pact.URL)
		require.Equal(t, expected, e.States[0].Verifik.OTP.URL)
		require.Equal(t, "http://user:p@xn--bcher-kva.example", e.Target.Proxy)
	}
	for text, what := range map[string]string{"http://mün chen.example": "is not a URL", "http://a\u202eü.example": "names no usable host and port"} {
		_, problems := load(t, of("http://proxy.example.test", text, "http://127.0.0.1"), env.Options{})
		require.Len(t, problems, 1)
		require.Equal(t, `"url" of states "pact" `+what, problems[0].Summary)
	}
}
