package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/result"
)

// outcome is what a user sees of one call of the tool.
type outcome struct {
	code           result.ExitCode
	stdout, stderr string
}

// call runs Main in this process, with nobody at the terminal and these environment variables.
func call(t *testing.T, variables map[string]string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main(args, cli.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		LookupEnv: lookup(variables),
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// lookup is os.LookupEnv for these variables, and for how often this process collects its garbage.
func lookup(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := variables[name]
		if name == "GOGC" && !set {
			return os.LookupEnv(name)
		}
		return value, set
	}
}
