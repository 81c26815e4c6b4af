package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to write it")
	require.Equal(t, string(want), string(got))
}

// goldenForms is the forms whose output golden files hold. HTML has a test of its own.
func goldenForms() []form {
	var kept []form
	for _, f := range forms() {
		if f.Name != "html" {
			kept = append(kept, f)
		}
	}
	return kept
}

func render(t *testing.T, name string, run *result.Run) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Render(&out, name, run))
	return out.Bytes()
}

func TestEveryFormShowsEveryVerdict(t *testing.T) {
	for _, f := range goldenForms() {
		t.Run(f.Name, func(t *testing.T) {
			golden(t, "sample."+f.Name+f.Extension, render(t, f.Name, sample()))
		})
	}
}

func TestEveryFormShowsThatTheTargetIsDown(t *testing.T) {
	for _, f := range goldenForms() {
		t.Run(f.Name, func(t *testing.T) {
			golden(t, "down."+f.Name+f.Extension, render(t, f.Name, down()))
		})
	}
}

// The JSON forms that hold whole bodies are compared with a parser by their own tests; a golden megabyte helps nobody.
func TestHostileContentsAreShownAsText(t *testing.T) {
	for _, f := range goldenForms() {
		t.Run(f.Name, func(t *testing.T) {
			out := render(t, f.Name, hostile())
			harmless(t, string(out))
			if len(out) < 200_000 {
				golden(t, "hostile."+f.Name+f.Extension, out)
			}
		})
	}
}

func TestSameRunGivesSameReport(t *testing.T) {
	for _, f := range goldenForms() {
		t.Run(f.Name, func(t *testing.T) {
			first := render(t, f.Name, sample())
			for range 5 {
				require.True(t, bytes.Equal(first, render(t, f.Name, sample())))
			}
		})
	}
}

func TestRunWithNothingInItIsShown(t *testing.T) {
	for _, f := range goldenForms() {
		t.Run(f.Name, func(t *testing.T) {
			require.NotEmpty(t, render(t, f.Name, &result.Run{Version: 1}))
		})
	}
}

// harmless asserts that a text holds no character that acts, no command of a build server's log but those that are
// ours, and is UTF-8.
func harmless(t *testing.T, text string) {
	t.Helper()
	require.Equal(t, strings.ToValidUTF8(text, "?"), text, "not UTF-8")
	for at, r := range text {
		if r != '\n' && acts(r) {
			t.Fatalf("%U stands raw at byte %d: %q", r, at, text[max(at-40, 0):min(at+40, len(text))])
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		require.False(t, strings.HasPrefix(line, "::") && strings.Contains(line[:min(len(line), 20)], "injected"), line)
	}
}
