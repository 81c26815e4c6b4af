package env_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/secret"
)

func TestTheNearestValueOfAVariableWins(t *testing.T) {
	text := `
variable "host" { default = "default.example.test" }
target "http" { base_url = "https://${var.host}" }
` + pactStates
	folder := t.TempDir()
	first := write(t, folder, "first.hcl", `host = "first.example.test"`)
	second := write(t, folder, "second.hcl", `host = "second.example.test"`)
	process := processWith(map[string]string{"CONTRACT_VAR_host": "process.example.test"})
	cases := map[string]struct {
		options env.Options
		want    string
	}{
		"the default":                       {env.Options{}, "default"},
		"the process's environment":         {env.Options{LookupEnv: process}, "process"},
		"a file before the environment":     {env.Options{LookupEnv: process, VarFiles: []string{first}}, "first"},
		"the last file":                     {env.Options{VarFiles: []string{first, second}}, "second"},
		"a flag before all":                 {env.Options{LookupEnv: process, VarFiles: []string{first}, Vars: []string{"host=flag.example.test"}}, "flag"},
		"the last flag":                     {env.Options{Vars: []string{"host=flag.example.test", "host=last.example.test"}}, "last"},
		"--base-url before what it defines": {env.Options{Vars: []string{"host=flag.example.test"}, BaseURL: "https://base.example.test/"}, "base"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "https://"+c.want+".example.test", mustLoad(t, text, c.options).Target.BaseURL)
		})
	}
}

func TestAValueForAnotherTypeThanStringIsHCL(t *testing.T) {
	text := `
variable "project" { type = string }
variable "untyped" {}
variable "phones" { type = list(string) }
variable "headers" {
  type    = map(string)
  default = {}
}
variable "rate" { default = 5 }
variable "protected" { type = bool }
variable "liveness" { default = null }
variable "timeout" { default = true ? null : 5 }
target "http" {
  base_url  = "https://api.example.test"
  rate      = var.rate
  timeout   = var.timeout
  protected = var.protected
  headers   = var.headers
}
states "verifik" {
  client_token = "tok-123456"
  project      = var.project
  project_flow = var.untyped
  phones       = [for phone in var.phones : "+507 ${phone}"]
  liveness_project_flow = var.liveness
  otp "prompt" {}
}
`
	e := mustLoad(t, text, env.Options{
		Vars:      []string{"project=[1", `phones=["62647737", "62647738"]`, "rate=2.5", "untyped=12", "timeout=5s"},
		VarFiles:  []string{write(t, t.TempDir(), "v.hcl", `headers = { X-A = "b" }`)},
		LookupEnv: processWith(map[string]string{"CONTRACT_VAR_protected": "true"}),
	})
	require.Equal(t, "[1", e.States[0].Verifik.Project, "a string is taken as it is")
	require.Equal(t, "12", e.States[0].Verifik.ProjectFlow, "without a type it is a string")
	require.Equal(t, []env.Phone{{CountryCode: "+507", Number: "62647737"}, {CountryCode: "+507", Number: "62647738"}}, e.States[0].Verifik.Phones)
	require.Equal(t, 2.5, e.Target.Rate)
	require.Equal(t, 5*time.Second, e.Target.Timeout, "a default of null is of any type")
	require.True(t, e.Target.Protected)
	require.Equal(t, map[string]string{"X-A": "b"}, e.Target.Headers)
	require.Empty(t, e.States[0].Verifik.LivenessProjectFlow, "null is the same as left out")
}

// A value of the command line is read by the same parser as the file, which recurses.
func TestAValueIsNoLongerThanAnEnvironmentMayBe(t *testing.T) {
	text := "variable \"numbers\" { type = list(number) }\ntarget \"http\" { base_url = \"https://h${var.numbers[0]}.example.test\" }\n" + pactStates
	list := func(n int) env.Options {
		return env.Options{Vars: []string{"numbers=[" + strings.Repeat("1,", n) + "]"}}
	}
	require.Equal(t, "https://h1.example.test", mustLoad(t, text, list(5000)).Target.BaseURL)
	_, problems := load(t, text, list(15000))
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Summary, "numbers")
}

func TestABaseURLOfTheCommandLineMakesItsVariableUnneeded(t *testing.T) {
	alone := `
variable "base_url" {}
target "http" { base_url = var.base_url }
` + pactStates
	require.Equal(t, "http://127.0.0.1:1", mustLoad(t, alone, env.Options{BaseURL: "http://127.0.0.1:1"}).Target.BaseURL)

	elsewhere := alone + "waiver \"PV-02\" {\n  reason = var.base_url\n  until = \"2027-01-31\"\n}\n"
	_, problems := load(t, elsewhere, env.Options{BaseURL: "http://127.0.0.1:1"})
	require.Len(t, problems, 1)
	require.Equal(t, `Variable "base_url" has no value`, problems[0].Summary)

	without := "target \"http\" {}\n" + pactStates
	require.Equal(t, "http://127.0.0.1:1", mustLoad(t, without, env.Options{BaseURL: "http://127.0.0.1:1"}).Target.BaseURL)
}

func TestWhatIsWrongWithAVariablesFileComesBeforeTheValuesThatItDoesNotGive(t *testing.T) {
	text := `
variable "base_url" {}
target "http" { base_url = var.base_url }
` + pactStates
	for name, c := range map[string]struct{ content, first string }{
		"no HCL":          {"base_url = \"https://api.example.test\nother = 1\n", "Invalid multi-line string"},
		"a misspelt name": {"base_ur = \"https://api.example.test\"\n", `The file gives "base_ur", which the environment does not declare: did you mean "base_url"?`},
		"a block":         {"base_url {}\n", "A variables file holds no blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, t.TempDir(), "values.hcl", c.content)
			_, problems := load(t, text, env.Options{VarFiles: []string{file}})
			require.GreaterOrEqual(t, len(problems), 2)
			require.Equal(t, c.first, problems[0].Summary)
			require.Equal(t, file, problems[0].File)
			require.Equal(t, `Variable "base_url" has no value`, problems[len(problems)-1].Summary)
		})
	}
}

func TestFunctionsReadTheProcessAndFiles(t *testing.T) {
	e := mustLoad(t, `
variable "host" { default = env("HOST", "other.example.test") }
target "http" {
  base_url = "https://${var.host}"
  timeout  = env("NOT_SET", "3s")
  proxy    = env("EMPTY")
}
`+pactStates, env.Options{LookupEnv: processWith(map[string]string{"HOST": "api.example.test", "EMPTY": ""})})
	require.Equal(t, "https://api.example.test", e.Target.BaseURL)
	require.Equal(t, "3s", e.Target.Timeout.String())
	require.Empty(t, e.Target.Proxy)
}

func TestADefaultThatIsNotNeededCallsNoFunction(t *testing.T) {
	e := mustLoad(t, `
variable "host" { default = env("NOT_SET") }
target "http" { base_url = "https://${var.host}" }
`+pactStates, env.Options{Vars: []string{"host=api.example.test"}})
	require.Equal(t, "https://api.example.test", e.Target.BaseURL)
}

// Secrets are known before the environment is, so that whatever goes wrong later does not show them.
func TestEverySecretIsRegistered(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "token.txt", "from-a-file-1\n")
	path := write(t, folder, "x.hcl", `
variable "flag" { sensitive = true }
variable "process" { sensitive = true }
variable "file" { sensitive = true }
variable "list" {
  sensitive = true
  type      = list(string)
}
variable "number" {
  sensitive = true
  type      = number
}
variable "fallback" {
  sensitive = true
  default   = "from-default-1"
}
variable "unused_fallback" {
  sensitive = true
  default   = "from-default-2"
}
variable "called" {
  sensitive = true
  default   = file("token.txt")
}
variable "open" { default = "not-a-secret" }
target "http" {
  base_url = "https://api.example.test"
  headers  = { X-Joined = "${var.flag}${var.process}", X-Open = var.open }
  proxy    = "http://user:from-a-proxy@proxy.example.test"
}
states "pact" {
  url     = "http://127.0.0.1:1"
  headers = { authorization = "Bearer from-a-header" }
}
states "verifik" {
  client_token = "from-an-attribute"
  project      = "p"
  project_flow = "f"
  phones       = ["+507 62647737"]
  otp "demo" {
    value = 482913
  }
}
`)
	secrets := &secret.Set{}
	e, problems := loadFile(path, env.Options{
		Vars:      []string{"flag=fromaflag", `list=["in-a-list-1", "in-a-list-2"]`, "number=7712345", "unused_fallback=from-a-flag-2"},
		VarFiles:  []string{write(t, folder, "v.hcl", `file = "from-a-varfile"`)},
		LookupEnv: processWith(map[string]string{"CONTRACT_VAR_process": "fromaprocess"}), Secrets: secrets,
	})
	require.Empty(t, problems, "%s", shown(t, problems))
	require.Equal(t, "fromaflagfromaprocess", e.Target.Headers["X-Joined"])
	require.Equal(t, "482913", e.States[1].Verifik.OTP.Value)
	for _, value := range []string{
		"fromaflag", "fromaprocess", "from-a-varfile", "in-a-list-1", "in-a-list-2", "7712345", "from-default-1", "from-default-2",
		"from-a-flag-2", "from-a-file-1", "fromaflagfromaprocess", "from-a-proxy", "from-a-header", "from-an-attribute", "482913",
	} {
		require.Equal(t, secret.Redacted, secrets.Redact(value), value)
	}
	for _, value := range []string{"not-a-secret", "https://api.example.test", "p", filepath.Base(path)} {
		require.Equal(t, value, secrets.Redact(value))
	}
}

func TestASensitiveBooleanHidesNoWord(t *testing.T) {
	secrets := &secret.Set{}
	mustLoad(t, `
variable "protected" {
  sensitive = true
  type      = bool
}
target "http" {
  base_url    = "https://api.example.test"
  protected   = var.protected
  concurrency = var.protected ? 1000 : 8
}
`+pactStates, env.Options{Vars: []string{"protected=true"}, Secrets: secrets})
	require.Equal(t, "1000 is true", secrets.Redact("1000 is true"))
}

func TestAMissingNameAfterVarIsSuggested(t *testing.T) {
	for _, url := range []string{`"${var}"`, `"${var[0]}"`, `var["aa"]`} {
		_, problems := load(t, "variable \"a\" { default = \"x\" }\ntarget \"http\" {\n  base_url = "+url+"\n}\n"+pactStates, env.Options{})
		require.Len(t, problems, 1, url)
		require.Contains(t, problems[0].Detail, "Did you mean var.a? ", url)
	}
}
