package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pack is what `go list` says of a package.
type pack struct {
	ImportPath                         string
	Standard                           bool
	Module                             *struct{ Path string }
	Imports, TestImports, XTestImports []string
}

// list is the packages that `go list` names.
func list(t *testing.T, args ...string) []pack {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Module,Imports,TestImports,XTestImports"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []pack
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pack
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// A test library in the binary brings its flags, its start-up and its faults to whoever only runs the tool.
func TestNoTestLibraryStandsInTheBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	imported, inTests := map[string]bool{}, map[string]bool{}
	for _, p := range list(t, "./...") {
		for _, path := range p.Imports {
			imported[path] = true
		}
		for _, path := range append(p.TestImports, p.XTestImports...) {
			inTests[path] = true
		}
	}
	product := list(t, "-deps", ".")
	t.Run("none that only the tests import", func(t *testing.T) {
		require.True(t, inTests["github.com/stretchr/testify/require"])
		for _, p := range product {
			if !p.Standard && inTests[p.ImportPath] && !imported[p.ImportPath] {
				require.Failf(t, "a test library", "%s is in the binary", p.ImportPath)
			}
		}
	})
	t.Run("none that is made for tests", func(t *testing.T) {
		allowed := map[string]string{
			"github.com/cucumber/godog":                "it runs the features, under go test as well",
			"github.com/cucumber/godog/internal/flags": "likewise",
			"verifik-contract/features":                "fstest.MapFS is the standard library's file system in memory",
		}
		for _, p := range product {
			for _, path := range p.Imports {
				if !p.Standard && (path == "testing" || strings.HasPrefix(path, "testing/") || path == "net/http/httptest") {
					require.Contains(t, allowed, p.ImportPath, "it imports %s", path)
				}
			}
		}
	})
}

// Outdated modules are information for whoever reads the log and never fail the build; nor does a module proxy that is away.
func TestWhatIsBehindIsSaidAndFailsNothing(t *testing.T) {
	ci, err := os.ReadFile("../.ci/run")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^make outdated \|\| echo `, string(ci))

	if testing.Short() {
		t.Skip("whole processes")
	}
	// A go that knows of one newer version, of a module that is deprecated, and of a proxy that is away.
	folder := t.TempDir()
	stand := func(t *testing.T, script string) *exec.Cmd {
		path := filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-"))
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
		cmd := exec.CommandContext(t.Context(), "make", "-s", "outdated", "GO="+path)
		cmd.Dir = ".."
		return cmd
	}
	t.Run("behind", func(t *testing.T) {
		out, err := stand(t, `case "$*" in
*-deps*) echo example.test/a; echo example.test/b;;
*-modfile=tools/go.mod*" -u "*) ;;
*" -u "*) echo "outdated: example.test/a v1.0.0, v1.1.0 is available"; echo "asked for $*" >&2;;
esac`).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "outdated: example.test/a v1.0.0, v1.1.0 is available\n")
		require.Regexp(t, `asked for .* example\.test/a example\.test/b\n`, string(out))
	})
	t.Run("the proxy is away", func(t *testing.T) {
		out, err := stand(t, `echo "dial tcp: no route to host" >&2; exit 1`).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "no route to host")
	})
}
