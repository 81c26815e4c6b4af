package env_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
)

// write writes a file in a temporary folder and returns its path.
func write(t testing.TB, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// noEnvironment looks up variables in an empty process environment.
func noEnvironment(string) (string, bool) { return "", false }

// processWith returns a lookup in a process environment of these variables.
func processWith(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

// loadFile loads an environment with an empty process environment and no secrets, unless the options say otherwise.
func loadFile(nameOrPath string, o env.Options) (*env.Environment, problem.List) {
	if o.LookupEnv == nil {
		o.LookupEnv = noEnvironment
	}
	if o.Secrets == nil {
		o.Secrets = &secret.Set{}
	}
	return env.Load(nameOrPath, o)
}

// load loads a text as an environment file.
func load(t testing.TB, text string, o env.Options) (*env.Environment, problem.List) {
	t.Helper()
	return loadFile(write(t, t.TempDir(), "test.hcl", text), o)
}

// mustLoad loads a text that has no problems.
func mustLoad(t testing.TB, text string, o env.Options) *env.Environment {
	t.Helper()
	e, problems := load(t, text, o)
	require.Empty(t, problems, "%s", shown(t, problems))
	require.NotNil(t, e)
	return e
}

func shown(t testing.TB, problems problem.List) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, problem.Write(&b, problems))
	return b.String()
}

const pactStates = `
states "pact" {
  url = "http://127.0.0.1:9000/_pact/provider-states"
}
`

func TestAShortHTTPEnvironmentHasTheDocumentedDefaults(t *testing.T) {
	e := mustLoad(t, `target "http" { base_url = "https://api.example.test/" }`+pactStates, env.Options{})
	require.Equal(t, "test", e.Name)
	require.Equal(t, env.Target{
		Kind: env.TargetHTTP, BaseURL: "https://api.example.test", Timeout: 10 * time.Second, Concurrency: 8, Settle: 300 * time.Millisecond,
	}, e.Target)
	require.Equal(t, []env.States{{Pact: &env.Pact{URL: "http://127.0.0.1:9000/_pact/provider-states"}}}, e.States)
	require.Nil(t, e.Webhook)
	require.Nil(t, e.Budget)
	require.Empty(t, e.Waivers)
}

func TestTheEmbeddedTargetBringsItsReceiver(t *testing.T) {
	e := mustLoad(t, `target "embedded" {}`, env.Options{})
	require.Equal(t, env.TargetEmbedded, e.Target.Kind)
	require.Empty(t, e.Target.BaseURL)
	require.Equal(t, 50*time.Millisecond, e.Target.Settle)
	require.Empty(t, e.States)
	require.Equal(t, &env.Webhook{Listen: "127.0.0.1:0", Wait: 5 * time.Second}, e.Webhook)
}

func TestEveryAttributeIsRead(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "fixtures.json", `{}`)
	path := write(t, folder, "all.hcl", `
variable "client_token" {
  description = "API token"
  sensitive   = true
}
variable "base_url" { default = "https://api.example.test/prefix" }
variable "rate" { default = 10 }

target "http" {
  base_url    = var.base_url
  protected   = true
  timeout     = "1m30s"
  concurrency = 3
  rate        = var.rate
  settle      = "1s"
  retries     = 2
  headers     = { x-env = "staging", X-Token = "t-${var.client_token}" }
  proxy       = "http://proxy.example.test:3128"
}
states "pact" {
  url      = "http://127.0.0.1:9000/states?x=1"
  headers  = { Authorization = "Basic eDp5" }
  teardown = true
  without  = ["a pending phone validation with a webhook"]
}
states "verifik" {
  base_url              = "https://setup.example.test/"
  client_token          = var.client_token
  project               = "p"
  project_flow          = "f"
  liveness_project_flow = "l"
  phones                = ["+507 62647737", "+1 2025550143"]
  expiry                = "none"
  otp "http" {
    url   = "http://127.0.0.1:9001/_inbox?countryCode={countryCode}&phone={phone}"
    field = "code"
    every = "500ms"
    for   = "30s"
  }
}
states "static" {
  file = "fixtures.json"
}
webhook {
  listen     = "0.0.0.0:8085"
  public_url = "https://tunnel.example.test/"
  wait       = "7s"
}
waiver "PV-02" {
  reason = "ticket 123"
  until  = "2027-01-31"
}
budget {
  p95  = "800ms"
  max  = "3s"
  fail = true
}
`)
	secrets := &secret.Set{}
	e, problems := loadFile(path, env.Options{Vars: []string{"client_token=tok-123456"}, Secrets: secrets})
	require.Empty(t, problems, "%s", shown(t, problems))
	require.Equal(t, &env.Environment{
		Name: "all", File: path, Files: []string{path, filepath.Join(filepath.Dir(path), "fixtures.json")},
		Target: env.Target{
			Kind: env.TargetHTTP, BaseURL: "https://api.example.test/prefix", Protected: true, Timeout: 90 * time.Second,
			Concurrency: 3, Rate: 10, Settle: time.Second, Retries: 2, Headers: map[string]string{"X-Env": "staging", "X-Token": "t-tok-123456"},
			Proxy: "http://proxy.example.test:3128",
		},
		States: []env.States{
			{Pact: &env.Pact{URL: "http://127.0.0.1:9000/states?x=1",
				Headers: map[string]string{"Authorization": "Basic eDp5"}, Teardown: true,
				Without: []string{"a pending phone validation with a webhook"}}},
			{Verifik: &env.Verifik{BaseURL: "https://setup.example.test", ClientToken: "tok-123456",
				Project: "p", ProjectFlow: "f", LivenessProjectFlow: "l",
				Phones: []env.Phone{{CountryCode: "+507", Number: "62647737"}, {CountryCode: "+1", Number: "2025550143"}},
				Expiry: env.ExpiryNone,
				OTP: env.OTP{Kind: env.OTPHTTP, URL: "http://127.0.0.1:9001/_inbox?countryCode={countryCode}&phone={phone}",
					Field: "code", Every: 500 * time.Millisecond, For: 30 * time.Second}}},
			{Static: &env.Static{Content: env.Content{File: filepath.Join(folder, "fixtures.json"), Data: []byte("{}")}}},
		},
		Webhook: &env.Webhook{Listen: "0.0.0.0:8085", PublicURL: "https://tunnel.example.test", Wait: 7 * time.Second},
		Waivers: []env.Waiver{{Rule: "PV-02", Reason: "ticket 123", Until: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Line: 49}},
		Budget:  &env.Budget{P95: 800 * time.Millisecond, Max: 3 * time.Second, Fail: true},
	}, e)
	require.Equal(t, "a [redacted] b", secrets.Redact("a tok-123456 b"))
}

func TestShippedEnvironmentsLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	vars := []string{"client_token=tok-123456", "project=p", "project_flow=f"}
	for name, vars := range map[string][]string{
		"local":      nil,
		"staging":    append(vars, "base_url=https://staging.example.test", "demo_otp=482913"),
		"production": append(vars, `phones=["+507 62647737"]`),
	} {
		e, problems := loadFile(name, env.Options{Vars: vars})
		require.Empty(t, problems, "%s: %s", name, shown(t, problems))
		require.Equal(t, name, e.Name)
		require.Equal(t, name != "local", e.Target.Protected)
	}
	require.Equal(t, []string{"local", "staging", "production"}, env.Names())
}

func TestTheTemplateLoadsAsItIs(t *testing.T) {
	text := string(env.Template("nightly"))
	require.NotContains(t, text, "NAME")
	require.Contains(t, text, "-e nightly")
	mustLoad(t, text, env.Options{})
}

func TestAFileOnDiskWinsOverAShippedOne(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "env", "local.hcl", `target "http" { base_url = "http://127.0.0.1:1" }`+pactStates)
	e, problems := loadFile("local", env.Options{})
	require.Empty(t, problems)
	require.Equal(t, env.TargetHTTP, e.Target.Kind)
	require.Equal(t, filepath.Join("env", "local.hcl"), e.File)

	write(t, "env", "other.hcl", `target "embedded" {}`)
	e, problems = loadFile("env/other.hcl", env.Options{})
	require.Empty(t, problems)
	require.Equal(t, "other", e.Name)
	e, problems = loadFile("other", env.Options{})
	require.Empty(t, problems)
	require.Equal(t, "other", e.Name)
}

func TestASecondTargetMakesNoSecondProblem(t *testing.T) {
	_, problems := load(t, `target "http" { base_url = "https://api.example.test" }`+pactStates+`target "embedded" {}`, env.Options{})
	require.Len(t, problems, 1, "%s", shown(t, problems))
	require.Equal(t, "A second target block", problems[0].Summary)
}

func TestAPublicURLThatCannotBeReadMakesOneProblem(t *testing.T) {
	for name, c := range map[string]struct {
		declared, url, want string
		options             env.Options
	}{
		"has no value":       {declared: `variable "pub" {}`, url: "var.pub", want: `Variable "pub" has no value`},
		"is not declared":    {url: "var.pub", want: `There is no variable "pub"`},
		"is no URL":          {declared: `variable "pub" {}`, url: "var.pub", want: `"public_url" of webhook`, options: env.Options{Vars: []string{"pub=no URL"}}},
		"is of another type": {url: "[]", want: `"public_url" of webhook is not a string`},
		"is empty": {declared: `variable "pub" { sensitive = true }`, url: "var.pub", want: `"listen" of webhook is every address`,
			options: env.Options{Vars: []string{"pub="}}},
		"is null": {url: "null", want: `"listen" of webhook is every address`},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := load(t, c.declared+"\ntarget \"http\" { base_url = \"https://api.example.test\" }\n"+pactStates+
				"webhook {\n  listen = \"0.0.0.0:0\"\n  public_url = "+c.url+"\n}\n", c.options)
			require.Len(t, problems, 1, "%s", shown(t, problems))
			require.Contains(t, problems[0].Summary, c.want)
		})
	}
}
