package env_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
)

func verifikWith(otp string) string {
	return `
target "http" { base_url = "https://api.example.test" }
states "verifik" {
  client_token = "tok-123456"
  project      = "p"
  project_flow = "f"
  phones       = ["+507 62647737"]
  ` + otp + `
}
`
}

func TestEachOTPSourceIsRead(t *testing.T) {
	cases := map[string]struct {
		block string
		want  env.OTP
	}{
		"http with its defaults": {"otp \"http\" {\n url = \"http://127.0.0.1/{phone}\"\n}",
			env.OTP{Kind: env.OTPHTTP, URL: "http://127.0.0.1/{phone}", Field: "otp", Every: time.Second, For: time.Minute}},
		"command": {"otp \"command\" {\n argv = [\"./read\", \"{countryCode}{phone}\", \"{print $1}\", 5]\n for = \"5s\"\n}",
			env.OTP{Kind: env.OTPCommand, Argv: []string{"./read", "{countryCode}{phone}", "{print $1}", "5"}, For: 5 * time.Second}},
		"command with its default": {"otp \"command\" {\n argv = [\"./read\"]\n}", env.OTP{Kind: env.OTPCommand, Argv: []string{"./read"}, For: time.Minute}},
		"demo as a number":         {"otp \"demo\" {\n value = 123456\n}", env.OTP{Kind: env.OTPDemo, Value: "123456"}},
		"demo as a string":         {"otp \"demo\" {\n value = \"123456\"\n}", env.OTP{Kind: env.OTPDemo, Value: "123456"}},
		"demo in another spelling": {"otp \"demo\" {\n value = 1.23456e5\n}", env.OTP{Kind: env.OTPDemo, Value: "123456"}},
		"demo of 15 digits":        {"otp \"demo\" {\n value = 999999999999999\n}", env.OTP{Kind: env.OTPDemo, Value: "999999999999999"}},
		"prompt":                   {"otp \"prompt\" {}", env.OTP{Kind: env.OTPPrompt}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := mustLoad(t, verifikWith(c.block), env.Options{})
			if c.want.Kind == env.OTPCommand {
				c.want.Dir = filepath.Dir(e.File)
			}
			require.Equal(t, c.want, e.States[0].Verifik.OTP)
			require.Equal(t, env.ExpiryExpiresAt, e.States[0].Verifik.Expiry)
		})
	}
}

func TestACommandIsToldWhichVariablesTheFileReads(t *testing.T) {
	e := mustLoad(t, "variable \"a\" { default = env(\"GATEWAY_KEY\") }\n"+verifikWith("otp \"command\" { argv = [\"./read\"] }")+"webhook { public_url = env(\"PUBLIC_URL\") }\n",
		env.Options{LookupEnv: processWith(map[string]string{"GATEWAY_KEY": "abcdef", "PUBLIC_URL": "https://a.example.test"})})
	require.Equal(t, []string{"GATEWAY_KEY", "PUBLIC_URL"}, e.States[0].Verifik.OTP.Own, "also what stands behind the command")
}

func TestEveryStateCanBeLeftOut(t *testing.T) {
	for _, name := range append(providerstate.Names(), "a locked phone validation", "no locked phone validation") {
		e := mustLoad(t, "target \"http\" { base_url = \"http://127.0.0.1:1\" }\nstates \"pact\" {\n url = \"http://127.0.0.1:1\"\n without = [\""+string(name)+"\"]\n}\n", env.Options{})
		require.Equal(t, []string{string(name)}, e.States[0].Pact.Without)
	}
}
