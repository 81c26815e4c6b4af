package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the README tells a newcomer to type, in an empty folder, works as it stands there, save for the port. (.ci/run does
// what comes before: a clone, and the first two commands with nothing cached.)
func TestANewcomerWalksByTheREADME(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it runs the whole contract")
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "\n## Point it at a target\n\n")
	require.True(t, found)
	var commands []string
	for line := range strings.Lines(section) {
		command, typed := strings.CutPrefix(line, "    ")
		if !typed {
			break
		}
		command, _, _ = strings.Cut(command, " #")
		commands = append(commands, strings.TrimSpace(command))
	}
	require.Len(t, commands, 5, "serve, init, validate, plan, run")

	folder := t.TempDir()
	tool, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(tool, filepath.Join(folder, "verifik-contract")))
	path := folder + ":" + os.Getenv("PATH")

	const documented = "127.0.0.1:8080"
	require.Contains(t, commands[0], "serve --addr "+documented+" &")
	serve := exec.CommandContext(t.Context(), "bash", "-c", "exec "+strings.TrimSuffix(strings.Replace(commands[0], documented, "127.0.0.1:0", 1), "&"))
	serve.Env = []string{"PATH=" + path}
	said, err := serve.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, serve.Start())
	t.Cleanup(func() {
		require.NoError(t, serve.Process.Signal(os.Interrupt))
		_ = serve.Wait()
	})
	address := ""
	for lines := bufio.NewScanner(said); address == "" && lines.Scan(); {
		address = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	require.NotEmpty(t, address)

	for _, command := range commands[1:] {
		code, said := sh(t, folder, map[string]string{"PATH": path}, "bash", "-ec", command)
		require.Zero(t, code, "%s\n%s", command, said)
		if strings.Contains(command, " init ") {
			written := filepath.Join(folder, "env", "gateway.hcl")
			environment, err := os.ReadFile(written)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(environment), documented))
			require.NoError(t, os.WriteFile(written, []byte(strings.Replace(string(environment), documented, address, 1)), 0o600))
		}
		if strings.Contains(command, " run ") {
			require.Contains(t, said, "The contract is kept")
			for _, file := range []string{"result.json", "junit.xml", "report.html"} {
				require.FileExists(t, filepath.Join(folder, file))
			}
		}
	}
}
