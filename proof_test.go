package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
)

// TestMain lets the test binary be the tool as it is.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "verifik-contract" {
		os.Exit(int(cli.Main(os.Args[1:], cli.Standard())))
	}
	os.Exit(m.Run())
}

// block is one fenced block of PROOF.md: the language, what its info string says, and its text.
var block = regexp.MustCompile("(?s)```([a-z]*)([^\n]*)\n(.*?)```")

// attribute is key=value of an info string.
var attribute = regexp.MustCompile(`(\w+)=(\S+)`)

type fenced struct {
	language, text string
	attributes     map[string]string
}

func blocks(t *testing.T) []fenced {
	t.Helper()
	data, err := os.ReadFile("docs/PROOF.md")
	require.NoError(t, err)
	var all []fenced
	for _, match := range block.FindAllStringSubmatch(string(data), -1) {
		one := fenced{language: match[1], text: match[3], attributes: map[string]string{}}
		for _, a := range attribute.FindAllStringSubmatch(match[2], -1) {
			one.attributes[a[1]] = a[2]
		}
		all = append(all, one)
	}
	return all
}

// The walk-through is followed to the letter. The feature and the fault are laid over the source for the
// compiler, so that the source itself stays as it is.
func TestTheWalkThroughAddsAPromiseAndCatchesItsFault(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the tool")
	}
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	dir := t.TempDir()
	overlay := map[string]string{}
	binary := filepath.Join(dir, "verifik-contract")
	self, err := os.Executable()
	require.NoError(t, err)
	plain := filepath.Join(dir, "plain", "verifik-contract")
	require.NoError(t, os.Mkdir(filepath.Dir(plain), 0o755))
	require.NoError(t, os.Symlink(self, plain))
	commands := 0
	for _, b := range blocks(t) {
		switch file := b.attributes["file"]; {
		case b.language == "gherkin":
			path := filepath.Join(dir, filepath.FromSlash(file))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(b.text), 0o644))
			overlay[filepath.Join(root, filepath.FromSlash(file))] = path
		case b.language == "go":
			overlay[filepath.Join(root, filepath.FromSlash(file))] = inserted(t, filepath.Join(root, filepath.FromSlash(file)), b, dir)
			description, err := json.Marshal(map[string]any{"Replace": overlay})
			require.NoError(t, err)
			overlaid := filepath.Join(dir, "overlay.json")
			require.NoError(t, os.WriteFile(overlaid, description, 0o644))
			build(t, root, overlaid, binary)
		case b.language == "sh":
			for line := range strings.Lines(b.text) {
				words := strings.Fields(line)
				require.Equal(t, "verifik-contract", words[0])
				tool := plain
				if _, err := os.Stat(binary); err == nil {
					tool = binary
				}
				output := command(t, dir, tool, words[1:]...)
				commands++
				if words[1] == "prove" {
					require.Contains(t, output, "1 of 1 faults are caught by the rule whose promise they break")
					require.Contains(t, output, "FAILED PV-28")
				}
			}
		}
	}
	require.Equal(t, 3, commands, "the walk-through's commands")
}

func inserted(t *testing.T, path string, b fenced, dir string) string {
	t.Helper()
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	var out strings.Builder
	found := 0
	for line := range strings.Lines(string(source)) {
		out.WriteString(line)
		if strings.Contains(line, `"`+b.attributes["below"]+`"`) {
			out.WriteString(b.text)
			found++
		}
	}
	require.Equal(t, 1, found, "lines of %s that hold %s", path, b.attributes["below"])
	changed := filepath.Join(dir, filepath.Base(path))
	require.NoError(t, os.WriteFile(changed, []byte(out.String()), 0o644))
	return changed
}

// build compiles what the overlay reaches without optimising it, which takes half as long: nothing else uses it.
func build(t *testing.T, root, overlay, binary string) {
	t.Helper()
	args := []string{"build", "-o", binary, "-ldflags=-s -w", "-overlay", overlay}
	for _, reached := range []string{"features", "internal/reference", "internal/plan", "internal/runner", "internal/export", "internal/prove", "internal/report", "internal/cli"} {
		args = append(args, "-gcflags=verifik-contract/"+reached+"=-N -l -dwarf=false")
	}
	run := exec.CommandContext(t.Context(), "go", append(args, ".")...)
	run.Dir = root
	output, err := run.CombinedOutput()
	require.NoError(t, err, string(output))
}

func command(t *testing.T, dir, binary string, args ...string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), binary, args...)
	run.Dir = dir
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%v\n%s", args, output)
	return string(output)
}

// The matrix in the document is of the faults that there are.
func TestTheMatrixCountsTheFaultsThatThereAre(t *testing.T) {
	faults, explored := map[string]int{}, map[string]int{}
	for _, f := range reference.Faults() {
		faults[f.Rule]++
		if f.Explore {
			explored[f.Rule]++
		}
	}
	var matrix, each string
	for _, b := range blocks(t) {
		switch {
		case strings.HasPrefix(b.text, "rule "):
			matrix = b.text
		case strings.HasPrefix(b.text, "PV-"):
			each = b.text
		}
	}
	listed := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^(?:PV-\d\d)? +(\S+) +caught`).FindAllStringSubmatch(each, -1) {
		listed[line[1]] = true
	}
	for _, f := range reference.Faults() {
		require.True(t, listed[f.Name], f.Name)
	}
	for rule, n := range faults {
		expected := fmt.Sprintf(`(?m)^%s\s+%d\s+%d\s+%s\s+-\s+-$`, rule, n, n-explored[rule], counted(explored[rule]))
		require.Regexp(t, expected, matrix, "run `make prove` and put its matrix into PROOF.md")
	}
	require.Regexp(t, fmt.Sprintf(`%d of %d faithful providers pass. %d of %d faults are caught`, len(reference.Variants())+1, len(reference.Variants())+1, len(reference.Faults()), len(reference.Faults())), matrix)
}

// What the document says of the traffic alone accounts for every fault.
func TestTheFaultsThatTrafficDoesNotShowAreAccountedFor(t *testing.T) {
	text, err := os.ReadFile("docs/PROOF.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## What traffic alone shows\n")
	section, after, _ := strings.Cut(section, "\n## ")
	heard := regexp.MustCompile(`(\d+) of (\d+) when this was written`).FindStringSubmatch(section)
	require.NotNil(t, heard)
	require.Equal(t, fmt.Sprint(len(reference.Faults())), heard[2])
	require.Contains(t, after, heard[1]+" of them show in their traffic alone")
	sum := 0
	for _, counts := range append(regexp.MustCompile(`(?m)^- (\d+) |, and (\d+) leak`).FindAllStringSubmatch(section, -1), heard[:2]) {
		n, err := strconv.Atoi(strings.Join(counts[1:], ""))
		require.NoError(t, err)
		sum += n
	}
	require.Equal(t, len(reference.Faults()), sum)
}

func counted(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
