package cli_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// panicking is a stdout that fails as a defect of the tool would: in the middle of a run, with a secret in hand.
type panicking struct{ secret string }

func (p panicking) Write([]byte) (int, error) {
	panic("cannot write for the bearer of " + p.secret + ", base64 " + spellings(p.secret)["std"])
}

func TestAPanicShowsNoSecretAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const key = "api-key-of-the-test"
	provider, err := newProvider(reference.Options{}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	environment := written(t, `
variable "key" { sensitive = true }
target "http" {
  base_url = "`+provider.server.URL+`"
  headers  = { X-Api-Key = var.key }
}
states "pact" { url = "`+provider.states()+`" }
`)
	saved := filepath.Join(t.TempDir(), "result.json")
	var stderr bytes.Buffer
	code := cli.Main([]string{"run", "-e", environment, "--rule", "PV-02", "--result", saved, "--var", "key=" + key}, cli.Streams{
		In: strings.NewReader(""), Out: panicking{key}, Err: &stderr, LookupEnv: lookup(nil),
	})
	require.EqualValues(t, result.ExitUnjudged, code)
	require.Contains(t, stderr.String(), "this is a defect of the tool, please report it")
	require.Contains(t, stderr.String(), "cannot write for the bearer of "+secretMark)
	require.Contains(t, stderr.String(), "goroutine", "what helps to find it")
	content, err := os.ReadFile(saved)
	require.NoError(t, err, "the result is written all the same")
	require.Contains(t, string(content), `"exit": 3`)
	what, around, found := newSeeker([]string{key}, nil).find(stderr.String())
	require.False(t, found, "%s: %q", what.how, around)
}

// A provider that breaks off is no defect of the tool.
func TestAProviderThatPanicsBreaksItsScenariosAlone(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{}, func(*provider, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	require.NoError(t, err)
	t.Cleanup(provider.close)
	seen := call(t, map[string]string{"TARGET": provider.server.URL, "STATES": provider.states()}, "run", "-e", written(t, plainTarget), "--rule", "PV-02", "--stop-after", "0", "--quiet")
	require.EqualValues(t, result.ExitUnjudged, seen.code)
	require.Regexp(t, `: \d+ broken in `, seen.stdout)
	require.NotContains(t, seen.stdout+seen.stderr, "goroutine")
}

const plainTarget = `
target "http" { base_url = env("TARGET") }
states "pact" { url = env("STATES") }
`

// written is an environment file with this content.
func written(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "target.hcl")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}
