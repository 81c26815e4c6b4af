package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the tests' own binary does proves starts.txtar. This is the binary that is shipped, where `make build` has made it.
func TestWhatMakeBuildMadeStartsNothing(t *testing.T) {
	binary, err := filepath.Abs("../../verifik-contract")
	require.NoError(t, err)
	if _, err := os.Stat(binary); err != nil && os.Getenv("CI") != "true" {
		t.Skip("nothing is built")
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go"), []byte("#!/bin/sh\necho \"$@\" >>'"+folder+"/started'\n"), 0o755))
	for _, args := range [][]string{{"version"}, {"validate"}, {"run", "--quiet", "--rule", "PV-03"}} {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "PATH="+folder)
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	require.NoFileExists(t, filepath.Join(folder, "started"), "make build, where the binary is an old one")
}
