package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/result"
)

// examples is each example's interpreter and its server.
var examples = map[string][]string{
	"node":   {"node", "examples/node/server.mjs", "0"},
	"python": {"python3", "examples/python/server.py", "0"},
}

// start runs a server until the test ends and returns the address that it prints.
func start(t *testing.T, command []string) string {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and this is CI: .ci/run installs it", command[0])
		}
		t.Skipf("%s is not installed", command[0])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONDONTWRITEBYTECODE=1"}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
		require.Empty(t, complaints.String(), "the server complained")
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "it ended before it listened")
	return strings.TrimSpace(line)
}

// Each example of a provider-state handler keeps the contract with the provider beside it.
func TestEachExampleKeepsTheContractAndMakesEveryState(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs")
	}
	for name, command := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := start(t, command)
			path := filepath.Join(t.TempDir(), "result.json")
			var said bytes.Buffer
			code := cli.Main([]string{"run", "-e", "examples/example.hcl", "--var", "base_url=" + address, "--require", "should", "--quiet", "--result", path}, cli.Streams{
				In: strings.NewReader(""), Out: &said, Err: &said, LookupEnv: func(string) (string, bool) { return "", false },
			})
			require.EqualValues(t, result.ExitKept, code, said.String())
			file, err := os.Open(path)
			require.NoError(t, err)
			defer func() { require.NoError(t, file.Close()) }()
			run, err := result.Read(file)
			require.NoError(t, err)
			for _, s := range run.Scenarios {
				if strings.Contains(s.Reason, "token is not a JSON Web Token") {
					continue // the examples' tokens are no such tokens, so there is none to forge
				}
				require.Contains(t, []result.Verdict{result.Passed, result.Observed}, s.Verdict, "%s %s: %s", s.Rule, s.Name, s.Reason)
			}
			require.Greater(t, len(run.Scenarios), 100)
		})
	}
}
