package examples

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares a text with a file of testdata, both without what would only make the file large.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = withoutPadding(withoutAssets(got))
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to write it")
	require.Equal(t, string(want), string(got))
}

var padding = regexp.MustCompile(`(?:A(?:\n|\\n)){20,}`)

// withoutPadding says how often the line repeats that makes a hostile text long, so that where a form cuts
// it is still compared.
func withoutPadding(text []byte) []byte {
	return padding.ReplaceAllFunc(text, func(run []byte) []byte {
		return fmt.Appendf(nil, "[A and a line break, %d times]", bytes.Count(run, []byte("A")))
	})
}

var (
	assets = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)`)
	hashes = regexp.MustCompile(`sha256-.+?=&#39;`)
	icons  = regexp.MustCompile(`(<svg class="icon v-[a-z]+") .*?</svg>`)
	symbol = regexp.MustCompile(`(?m)^<symbol .*\n`)
)

// withoutAssets leaves out the style, the script and the icons of a page, which have files and tests of their own, and
// the hashes in its policy.
func withoutAssets(text []byte) []byte {
	if !bytes.HasPrefix(bytes.ToLower(text[:min(len(text), 20)]), []byte("<!doctype html>")) {
		return text
	}
	head, rest, _ := bytes.Cut(text, []byte("<style>"))
	head = hashes.ReplaceAll(head, []byte("sha256-HASH&#39;"))
	text = assets.ReplaceAll(bytes.Join([][]byte{head, rest}, []byte("<style>")), []byte("$1$2"))
	return symbol.ReplaceAll(icons.ReplaceAll(text, []byte("$1>")), nil)
}

// Inert asserts that a text is UTF-8 and holds no character that acts.
func Inert(t *testing.T, shown string) {
	t.Helper()
	require.Equal(t, strings.ToValidUTF8(shown, "?"), shown, "not UTF-8")
	for at, r := range shown {
		if r != '\n' && !text.Shows(r) {
			t.Fatalf("%U stands raw at byte %d: %q", r, at, shown[max(at-40, 0):min(at+40, len(shown))])
		}
	}
}

// Harmless asserts that a text is inert and holds no command of a build server's log but those that are ours.
func Harmless(t *testing.T, text string) {
	t.Helper()
	Inert(t, text)
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		require.False(t, strings.HasPrefix(line, "::") && strings.Contains(line[:min(len(line), 20)], "injected"), line)
	}
}

// Rendered is what a form makes of a run.
func Rendered(t *testing.T, render func(io.Writer, *result.Run) error, run *result.Run) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render(&out, run))
	return out.Bytes()
}

// Decode reads a JSON document.
func Decode[T any](t *testing.T, text []byte) T {
	t.Helper()
	var document T
	require.NoError(t, json.Unmarshal(text, &document))
	return document
}
