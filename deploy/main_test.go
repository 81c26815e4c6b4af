package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
)

func TestEveryVerbHasAPageAndTheSameOneEachTime(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1800000000")
	first, second := t.TempDir(), t.TempDir()
	require.NoError(t, write(first, cli.Commands()))
	require.NoError(t, write(second, cli.Commands()))
	require.NoError(t, filepath.WalkDir(first, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, err := filepath.Rel(first, path)
			require.NoError(t, err)
			require.Equal(t, read(t, path), read(t, filepath.Join(second, name)), name)
		}
		return err
	}))
	for _, verb := range cli.Commands().Commands() {
		if verb.IsAvailableCommand() && verb.Name() != "help" {
			page := read(t, filepath.Join(first, "man", "verifik-contract-"+verb.Name()+".1"))
			require.Contains(t, page, "Jan 2027", "the day is the commit's")
		}
	}
	require.Contains(t, read(t, filepath.Join(first, "man", "verifik-contract.1")), "a promise is broken", "the exit codes have no page of their own")
	require.Regexp(t, `features/\*(\\&)?\.feature`, read(t, filepath.Join(first, "man", "verifik-contract-run.1")), "a star is a star")
	for _, completion := range []string{"verifik-contract.bash", "verifik-contract.fish", "_verifik-contract"} {
		require.Contains(t, read(t, filepath.Join(first, completion)), "verifik-contract")
	}
	require.Greater(t, strings.Count(read(t, filepath.Join(first, "ca-certificates.crt")), "BEGIN CERTIFICATE"), 100)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}
