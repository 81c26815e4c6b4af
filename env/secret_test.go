package env_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
)

// everything sets every attribute of the schema to a right value.
const everything = `
variable "list" { default = ["a"] }
target "http" {
  base_url    = "https://api.example.test"
  protected   = true
  timeout     = "10s"
  concurrency = 8
  rate        = 10
  retries     = 2
  headers     = { X-Env = "staging" }
  proxy       = "http://proxy.example.test:3128"
  tls {
    server_name          = "api.example.test"
    insecure_skip_verify = false
    ca_file = null
    client_cert_file = null
    client_key_file = null
  }
}
states "pact" {
  url      = "http://127.0.0.1:9000/states"
  headers  = {}
  teardown = false
  without  = []
}
states "verifik" {
  base_url              = "https://setup.example.test"
  client_token          = "tok-123456"
  project               = "p"
  project_flow          = "f"
  liveness_project_flow = "l"
  phones                = ["+507 62647737"]
  expiry                = "none"
  otp "http" {
    url   = "http://127.0.0.1:9001/{phone}"
    field = "otp"
    every = "1s"
    for   = "60s"
  }
}
states "verifik" {
  client_token = "tok-123456"
  project      = "p"
  project_flow = "f"
  phones       = ["+507 62647738"]
  otp "command" {
    argv = ["./read-otp"]
    for  = "60s"
  }
}
states "verifik" {
  client_token = "tok-123456"
  project      = "p"
  project_flow = "f"
  phones       = ["+507 62647739"]
  otp "demo" {
    value = 482913
  }
}
webhook {
  listen     = "127.0.0.1:0"
  public_url = "https://tunnel.example.test"
  wait       = "5s"
}
waiver "PV-02" {
  reason = "r"
  until  = "2027-01-31"
}
budget {
  p95  = "800ms"
  max  = "3s"
  fail = false
}
`

// assertHidden looks for a value in everything that a person or a tool gets to see.
func assertHidden(t testing.TB, problems problem.List, values ...string) {
	t.Helper()
	asJSON, err := json.Marshal(problems)
	require.NoError(t, err)
	all := shown(t, problems) + string(asJSON) + problems.Error()
	for _, value := range values {
		require.NotContains(t, all, value)
	}
}

// around returns what stands before and after a line of everything in a file that has its block and of the others only what that
// one needs: such a file is read several times as fast.
func around(t *testing.T, line int) (before, after string) {
	t.Helper()
	lines := strings.SplitAfter(everything, "\n")
	first, last := line, line
	for !strings.HasSuffix(lines[first], "{\n") || strings.HasPrefix(lines[first], " ") {
		first--
	}
	for lines[last] != "}\n" {
		last++
	}
	before, after = lines[1]+strings.Join(lines[first:line], ""), strings.Join(lines[line+1:last+1], "")
	if !strings.HasPrefix(lines[first], "target") {
		before = "target \"http\" { base_url = \"https://api.example.test\" }\n" + before
	}
	if !strings.HasPrefix(lines[first], "states") {
		after += pactStates
	}
	mustLoad(t, before+lines[line]+after, env.Options{})
	return before, after
}

// No problem shows a sensitive variable, whatever attribute it is put into, alone, within a text, or through an expression that
// fails; nor does one show the value of any other variable.
func TestNoValueOfAVariableIsShownWhereverItStands(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of environments")
	}
	const value = "Zx9 hunter/Qq7"
	mustLoad(t, everything, env.Options{})
	tried, folder := 0, t.TempDir()
	for i, line := range strings.Split(everything, "\n") {
		name, _, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "variable") {
			continue
		}
		before, after := around(t, i)
		for at, expression := range []string{
			`var.x`, `"a${var.x}b"`, `[var.x]`, `{ a = var.x }`, `{ (var.x) = "a" }`, `{ (var.x) = 1, (var.x) = [] }`, `1 + var.x`, `var.x.y`, `var.x[0]`,
			`var.list[var.x]`, `{ a = 1 }[var.x]`, `env(var.x)`, `file(var.x)`, `var.x ? 1 : 2`, `[for a in var.x : a]`, `!var.x`,
			`"https://${var.x}"`, `"https://a:${var.x}@b.test"`, `[["${var.x}"]]`, `env("X_IN_PROCESS")`, `{ a = 1 }[env("X_IN_PROCESS")]`,
			`var[var.x]`, `"%{if var.x}a%{endif}"`, `env(var.x, var.x, var.x)`, `undefined(var.x)`, `{ for k in [var.x, var.x] : k => 1 }`,
		} {
			if (i+at)%2 == 0 { // of each attribute the expressions that its neighbour is not given
				continue
			}
			text := fmt.Sprintf("variable \"x\" { sensitive = %t }\n", tried%2 == 0) + before + name + "= " + expression + "\n" + after
			_, problems := loadFile(write(t, folder, "x.hcl", text), env.Options{Vars: []string{"x=" + value},
				LookupEnv: processWith(map[string]string{"X_IN_PROCESS": value})})
			asJSON, err := json.Marshal(problems)
			require.NoError(t, err)
			require.NotContains(t, shown(t, problems)+string(asJSON), "hunter", "%s= %s", name, expression)
			tried++
		}
	}
	require.Greater(t, tried, 450)
}

// A secret in a place where it does not belong is not shown by the problem that it causes.
func TestALiteralSecretInAWrongPlaceIsNotShown(t *testing.T) {
	const value = "hunter2hunter2"
	for name, c := range map[string]struct {
		text    string
		options env.Options
	}{
		"the misspelt attribute of a token":   {verifikWith("client_tokn = \"" + value + "\"\n otp \"prompt\" {}"), env.Options{}},
		"an attribute of no block":            {"target \"embedded\" {}\napi_key = \"" + value + "\"\n", env.Options{}},
		"a block that does not exist":         {"target \"embedded\" {}\nauth { token = \"" + value + "\" }\n", env.Options{}},
		"a block in a block, both unknown":    {"target \"embedded\" {}\nauth {\n b { token = \"" + value + "\" }\n}\n", env.Options{}},
		"the default of a second variable":    {"variable \"a\" {\n default = \"x\"\n}\nvariable \"a\" { default = \"" + value + "\" }\ntarget \"embedded\" {}\n", env.Options{}},
		"a sensitive default of another type": {"variable \"a\" {\n sensitive = true\n type = number\n default = \"" + value + "\"\n}\ntarget \"embedded\" {}\n", env.Options{}},
		"a default of uncertain sensitivity":  {"variable \"a\" {\n sensitive = perhaps\n type = number\n default = \"" + value + "\"\n}\ntarget \"embedded\" {}\n", env.Options{}},
		"the attribute of a default misspelt": {"variable \"a\" { defalt = \"" + value + "\" }\ntarget \"embedded\" {}\n", env.Options{}},
		"a header that is refused":            {"target \"http\" {\n base_url = \"http://127.0.0.1:1\"\n headers = { Authorization = \"" + value + "\" }\n}\n" + pactStates, env.Options{}},
		"the password of a URL":               {"target \"http\" {\n base_url = \"http://u:" + value + "@127.0.0.1:1\"\n}\n" + pactStates, env.Options{}},
		"the password of a URL that is none":  {"target \"http\" {\n base_url = \"http://u:" + value + "@127.0.0.1:1:1\"\n}\n" + pactStates, env.Options{}},
		"a URL that holds a token as query":   {verifikWith("otp \"http\" {\n url = \"http://u:" + value + "@127.0.0.1/{x}\"\n}"), env.Options{}},
		"an OTP of letters":                   {verifikWith("otp \"demo\" {\n value = \"" + value + "\"\n}"), env.Options{}},
		"a token with white space":            {strings.Replace(verifikWith("otp \"prompt\" {}"), "tok-123456", value+" x", 1), env.Options{}},
		"a token with its scheme":             {strings.Replace(verifikWith("otp \"prompt\" {}"), "tok-123456", "Bearer "+value, 1), env.Options{}},
		"a flag without a name":               {"target \"embedded\" {}\n", env.Options{Vars: []string{value}}},
		"a flag whose name is no name":        {"target \"embedded\" {}\n", env.Options{Vars: []string{value + "-x=1"}}},
		"a flag of base64":                    {"target \"embedded\" {}\n", env.Options{Vars: []string{value + "=="}}},
		"the flag of an unknown variable":     {"target \"embedded\" {}\n", env.Options{Vars: []string{"x=" + value}}},
		"the password of --base-url":          {"target \"http\" {}\n" + pactStates, env.Options{BaseURL: "http://u:" + value + "@127.0.0.1"}},
		"the password of a bad --base-url":    {"target \"http\" {}\n" + pactStates, env.Options{BaseURL: "http://u:" + value + "@127.0.0.1:x"}},
		"a default without its end":           {"variable \"a\" {\n sensitive = true\n default = \"" + value + "\n}\n", env.Options{}},
		"a default in a broken line":          {"variable \"a\" { default = \"" + value + "\n", env.Options{}},
		"a default of several lines":          {"variable \"a\" {\n default = <<E\nx\ntarget {\n" + value + " ${\nE\n}\n", env.Options{}},
		"a token without its end":             {strings.Replace(verifikWith("otp \"prompt\" {}"), "tok-123456\"", value, 1), env.Options{}},
		"a token without quotes":              {"states \"verifik\" {\n client_token = " + value + " x\n}\n", env.Options{}},
		"a header without its end":            {"target \"http\" {\n headers = { X-Api-Key = \"" + value + " }\n}\n", env.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := load(t, c.text, c.options)
			require.NotEmpty(t, problems)
			assertHidden(t, problems, value)
		})
	}
}

func TestAFileOfVariablesIsNeverShown(t *testing.T) {
	const value = "hunter2hunter2"
	for name, text := range map[string]string{
		"an unknown name":        "tokn = \"" + value + "\"\n",
		"another type":           "rate = \"" + value + "\"\n",
		"a text without its end": "token = \"" + value + "\n",
		"a text without quotes":  "token = " + value + "\n",
		"a line without a name":  value + "\n",
		"two words":              "token " + value + "\n",
		"a bad escape":           "token = \"\\" + value + "\"\n",
		"a name twice":           "token = \"" + value + "\"\ntoken = \"" + value + "\"\n",
		"a block":                "token { x = \"" + value + "\" }\n",
		"a labelled block":       "x \"" + value + "\" {}\n",
		"a function":             "token = f(\"" + value + "\")\n",
		"a reference":            "token = " + value + ".x\n",
		"a bad directive":        "token = \"%{" + value + "}\"\n",
		"a key":                  "table = { " + value + " = [] }\n",
		"a NUL byte":             "token = \"" + value + "\x00\"\n",
		"a leading zero":         "rate = 012 # " + value + "\n",
		"deep nesting":           "rate = " + strings.Repeat("[", 100) + value,
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, t.TempDir(), "v.hcl", text)
			_, problems := load(t, `
variable "token" { default = "x" }
variable "rate" {
  type = number
  default = 1
}
variable "table" {
  type = map(number)
  default = {}
}
target "embedded" {}
`, env.Options{VarFiles: []string{file}})
			require.NotEmpty(t, problems)
			assertHidden(t, problems, value)
			for _, p := range problems {
				require.Empty(t, p.Source)
			}
		})
	}
}

// FuzzLoad loads arbitrary files. Whatever they are, Load returns, gives places within the file, and shows neither the
// sensitive variable nor a value of the variables file.
func FuzzLoad(f *testing.F) {
	f.Add(everything, "x = 1")
	archives, err := filepath.Glob("testdata/problems/*.txtar")
	require.NoError(f, err)
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		for _, file := range archive.Files {
			if file.Name == "environment.hcl" {
				text := strings.ReplaceAll(string(file.Data), "hunter", "trapper")
				f.Add(text, "client_token = \"a\"")
				f.Add("variable \"client_token\" { sensitive = true }\n"+text, "client_token = [")
			}
		}
	}
	f.Fuzz(func(t *testing.T, text, values string) {
		const value = "Zq7hunterZq7"
		if strings.Contains(text+values, "hunter") {
			t.Skip("the file shows its own text")
		}
		folder := t.TempDir()
		path := write(t, folder, "x.hcl", text)
		secrets := &secret.Set{}
		e, problems := loadFile(path, env.Options{
			Vars: []string{"client_token=" + value, "x=" + value}, VarFiles: []string{write(t, folder, "v.hcl", "# "+value+"\n"+values)},
			LookupEnv: func(string) (string, bool) { return value, true }, Secrets: secrets,
		})
		require.Equal(t, problems.HasErrors(), e == nil)
		assertHidden(t, problems, "hunter")
		lines := strings.Count(text, "\n") + strings.Count(values, "\n") + 2
		for _, p := range problems {
			require.NotEmpty(t, p.Summary)
			require.LessOrEqual(t, p.Line, lines)
		}
		if e != nil {
			require.NotEmpty(t, e.Target.Kind)
			require.Positive(t, e.Target.Timeout)
			require.Positive(t, e.Target.Concurrency)
		}
	})
}

func TestWhatFileReadsIntoAHeaderIsSensitive(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "key.txt", "key-of-the-gateway\n")
	write(t, folder, "stage.txt", "staging-of-the-gateway\n")
	for name, text := range map[string]string{
		"alone":              `headers = { X-Api-Key = file("key.txt") }`,
		"within a text":      `headers = { X-Api-Key = "Key ${file("key.txt")}" }`,
		"through a variable": `headers = { X-Api-Key = var.key }`,
	} {
		t.Run(name, func(t *testing.T) {
			secrets := &secret.Set{}
			environment := "variable \"key\" { default = file(\"key.txt\") }\ntarget \"http\" {\n base_url = \"http://127.0.0.1:1/${file(\"stage.txt\")}\"\n " + text + "\n}\n" + pactStates
			e, problems := loadFile(write(t, folder, "x.hcl", environment), env.Options{Secrets: secrets})
			require.Empty(t, problems)
			require.Contains(t, e.Target.Headers["X-Api-Key"], "key-of-the-gateway")
			require.True(t, secrets.Find("key-of-the-gateway"))
			require.False(t, secrets.Find("staging-of-the-gateway"), "an address is none")
		})
	}
}

func TestASensitiveValueThatNoReportCouldHideIsAnError(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "key.txt", "abc\n")
	const variable = "variable \"x\" {\n sensitive = true\n default = null\n}\n"
	for name, c := range map[string]struct {
		text, summary string
		vars          []string
	}{
		"a variable":           {variable + "target \"embedded\" {}\n", `The value of the sensitive variable "x" is too short to be hidden`, []string{"x=abc"}},
		"a number":             {"variable \"x\" {\n sensitive = true\n type = number\n}\ntarget \"embedded\" {}\n", `The value of the sensitive variable "x" is too short to be hidden`, []string{"x=17"}},
		"an element of a list": {"variable \"x\" {\n sensitive = true\n type = list(string)\n}\ntarget \"embedded\" {}\n", `The value of the sensitive variable "x" is too short to be hidden`, []string{`x=["long enough", "abc"]`}},
		"a default":            {"variable \"x\" {\n sensitive = true\n default = \"abc\"\n}\ntarget \"embedded\" {}\n", `The value of the sensitive variable "x" is too short to be hidden`, nil},
		"a client token":       {strings.Replace(verifikWith("otp \"prompt\" {}"), "tok-123456", "abc", 1), `"client_token" of states "verifik" is too short to be hidden`, nil},
		"the OTP of a demo":    {verifikWith("otp \"demo\" {\n value = 123\n}"), `"value" of otp "demo" is too short to be hidden`, nil},
		"a header from a file": {"target \"http\" {\n base_url = \"http://127.0.0.1:1\"\n headers = { X-Api-Key = file(\"key.txt\") }\n}\n" + pactStates, "What file() reads into a header is too short to be hidden", nil},
		"a credential":         {strings.Replace(pactTarget, "TARGET", "http://127.0.0.1:1", 1) + "states \"pact\" {\n url = \"http://127.0.0.1:1\"\n headers = { Authorization = \"abc\" }\n}\n", "The header Authorization is too short to be hidden", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := loadFile(write(t, folder, "x.hcl", c.text), env.Options{Vars: c.vars})
			require.Len(t, problems, 1)
			require.Equal(t, c.summary, problems[0].Summary)
			assertHidden(t, problems, "abc")
		})
	}
	for name, text := range map[string]string{
		"none":          variable + "target \"embedded\" {}\n",
		"four letters":  strings.Replace(variable, "null", `"abcd"`, 1) + "target \"embedded\" {}\n",
		"a truth value": strings.Replace(variable, "null", "true", 1) + "target \"embedded\" {}\n",
		"an empty text": strings.Replace(variable, "null", `""`, 1) + "target \"embedded\" {}\n",
		"not sensitive": "variable \"x\" { default = \"abc\" }\ntarget \"embedded\" {}\n",
	} {
		_, problems := loadFile(write(t, folder, "x.hcl", text), env.Options{})
		require.Empty(t, problems, name)
	}
}

const pactTarget = "target \"http\" {\n base_url = \"TARGET\"\n}\n"
