package cli

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// What the documentation and the ready examples tell somebody to type has to exist: each verb, and each of its flags.
func TestDocumentedCommandsExist(t *testing.T) {
	t.Parallel()
	root := newApp(Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, LookupEnv: func(string) (string, bool) { return "", false }}).root()
	root.InitDefaultHelpCmd()
	found := 0
	for _, path := range documents(t) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, line := range commands(path, string(content)) {
			found++
			t.Run(path+": "+line, func(t *testing.T) { require.Empty(t, unknown(root, strings.Fields(line))) })
		}
	}
	require.Greater(t, found, 10, "the documentation shows commands")
}

// Each command has its help, and what is written of one is read.
func TestEachCommandHasItsHelp(t *testing.T) {
	t.Parallel()
	files, err := helps.ReadDir("help")
	require.NoError(t, err)
	var written, read []string
	for _, file := range files {
		written = append(written, strings.TrimSuffix(file.Name(), ".txt"))
	}
	root := newApp(Streams{In: strings.NewReader("")}).root()
	root.InitDefaultHelpCmd()
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() != "completion" { // cobra's own
			read = append(read, cmd.Name())
			require.NotEmpty(t, cmd.Short, cmd.Name())
			require.NotContains(t, cmd.Long, "{{", cmd.Name())
			for line := range strings.SplitSeq(cmd.Long, "\n") {
				require.LessOrEqual(t, len(line), 120, "%s: %s", cmd.Name(), line)
			}
		}
	}
	require.ElementsMatch(t, written, read)
}

// documents is every file that shows commands: what stands in it is read by people, or run by a CI system.
func documents(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../env/*.hcl"} {
		matches, err := filepath.Glob(pattern)
		require.NoError(t, err)
		paths = append(paths, matches...)
	}
	require.NoError(t, filepath.WalkDir("../../deploy", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasSuffix(path, ".go") && !strings.Contains(path, "testdata") {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}

var (
	// codeSpan is what stands between backticks in prose.
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	// typed is the tool where a command begins: in front may stand a prompt, a list's dash or "run:" of YAML, what a
	// shell sets or unsets, the end of another command, and the tool's own path.
	typed = regexp.MustCompile(`(?:^|[;&|(])\s*(?:(?:-|\$|run:|\w+=\S*|env -u \w+)\s+)*(?:\./|/usr/local/bin/|/)?verifik-contract((?:\s+[^\s;&|)]+)+)`)
)

// commands is what a document tells to type, without the tool's name and what the shell keeps to itself.
func commands(path, content string) []string {
	content = strings.ReplaceAll(content, "\\\n", " ")
	var texts []string
	fenced := false
	for _, line := range strings.Split(content, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		line, comment, _ := strings.Cut(line, " #")
		switch {
		case !strings.HasSuffix(path, ".md"):
			texts = append(texts, strings.TrimLeft(line, "# "), comment)
		case fenced || strings.HasPrefix(line, "    "):
			texts = append(texts, line)
		default:
			for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
				texts = append(texts, span[1])
			}
		}
	}
	found := containers(content)
	for _, text := range texts {
		if match := typed.FindStringSubmatch(text); match != nil {
			found = append(found, strings.Join(strings.Fields(match[1]), " "))
		}
	}
	return found
}

// containers is what the containers of a Kubernetes file are given: the list under "args:".
func containers(content string) []string {
	var found []string
	for _, block := range regexp.MustCompile(`(?m)^ *args:\n((?: *- .*\n)+)`).FindAllStringSubmatch(content, -1) {
		found = append(found, strings.Join(strings.Fields(strings.ReplaceAll("\n"+block[1], "- ", " ")), " "))
	}
	return found
}

// unknown is what of a command the tool does not know; "" where it knows all.
func unknown(root *cobra.Command, words []string) string {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err.Error()
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "no verb " + rest[0]
	}
	if cmd.Name() == "help" && len(rest) > 0 {
		return unknown(root, rest)
	}
	cmd.InitDefaultHelpFlag()
	for _, word := range rest {
		word = strings.Trim(word, `"'[]`)
		name, _, _ := strings.Cut(word, "=")
		switch {
		case strings.HasPrefix(name, "--") && name != "--":
			if cmd.Flag(name[2:]) == nil {
				return cmd.Name() + " has no flag " + name
			}
		case regexp.MustCompile(`^-[a-z]$`).MatchString(name):
			if cmd.Flags().ShorthandLookup(name[1:]) == nil {
				return cmd.Name() + " has no flag " + name
			}
		}
	}
	return ""
}

func TestUnknownCommandsAreFound(t *testing.T) {
	t.Parallel()
	root := newApp(Streams{In: strings.NewReader("")}).root()
	root.InitDefaultHelpCmd()
	for line, known := range map[string]bool{
		"run":                         true,
		"run -e staging --rule PV-02": true,
		"help exit-codes":             true,
		"run --report junit=x.xml":    true,
		"--no-color run":              true,
		"rum":                         false,
		"run --reprot x":              false,
		"run -z":                      false,
		"help nothing":                false,
	} {
		require.Equal(t, known, unknown(root, strings.Fields(line)) == "", line)
	}
	require.Equal(t, []string{"run --rule PV-02", "plan"}, commands("x.md", "text verifik-contract rum\n\n    $ verifik-contract run \\\n  --rule PV-02 # what\n`verifik-contract plan`\n"))
	require.Empty(t, commands("x.md", "    go build -o verifik-contract .\n    kubectl create secret generic verifik-contract --from-file=a\n"))
	require.Equal(t, []string{"run --env=x"}, commands("x.yaml", "  args:\n    - run\n    - --env=x\n  other: y\n"))
	require.Equal(t, []string{"run --quiet"}, commands("x.yml", "      env -u GITHUB_ACTIONS ./verifik-contract run --quiet\n"))
	require.Equal(t, []string{"run", "verify c.json"}, commands("x.yml", "run: ./verifik-contract run || true\n# verifik-contract verify c.json\n"))
}
