package env_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
)

func TestATextThatIsNoneIsRefusedWithItsPlace(t *testing.T) {
	cases := map[string]struct {
		text    string
		summary string
		line    int
		column  int
	}{
		"NUL byte":      {"target \"embedded\" {}\n# a\x00b\n", "NUL byte", 2, 4},
		"Latin-1":       {"# caf\xe9\n", "not UTF-8", 1, 6},
		"UTF-16":        {"\xff\xfet\x00a\x00", "not UTF-8", 1, 1},
		"cut character": {"# \xe2\x82", "not UTF-8", 1, 3},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e, problems := load(t, c.text, env.Options{})
			require.Nil(t, e)
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].Summary, c.summary)
			require.Equal(t, c.line, problems[0].Line)
			require.Equal(t, c.column, problems[0].Column)
		})
	}
}

func TestLineBreaksOfWindowsAndAByteOrderMarkAreFine(t *testing.T) {
	mustLoad(t, "\ufeff"+strings.ReplaceAll("target \"http\" {\n  base_url = \"http://127.0.0.1:1\"\n}\n"+pactStates, "\n", "\r\n"), env.Options{})
}

func TestALineOfWindowsIsShownWithoutItsEnd(t *testing.T) {
	_, problems := load(t, "target \"embedded\" {}\r\nwebhok {}\r\n", env.Options{})
	require.Len(t, problems, 1)
	require.Equal(t, "webhok {}", problems[0].Source)
}

func TestAFileOfManyMegabytesIsRefused(t *testing.T) {
	for _, size := range []int{1<<20 + 1, 10 << 20} {
		e, problems := load(t, strings.Repeat("#", size), env.Options{})
		require.Nil(t, e)
		require.Len(t, problems, 1)
		require.Contains(t, problems[0].Detail, "larger than 1 MiB")
	}
	mustLoad(t, "target \"embedded\" {}\n"+strings.Repeat("#", 1<<20-100), env.Options{})
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	_, problems := env.Load(folder, env.Options{})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "directory")

	_, problems = env.Load(os.DevNull, env.Options{})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "not a regular file")

	_, problems = env.Load("", env.Options{})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "-e")
}

func TestThousandsOfProblemsAreCutShort(t *testing.T) {
	_, problems := load(t, strings.Repeat("x {}\n", 20000), env.Options{})
	require.Len(t, problems, 101)
	require.Equal(t, "19901 more problems", problems[100].Summary)
}

// Without a bound these exhaust the stack of HCL's parser or evaluator, which no recover catches.
func TestATextThatNestsWithoutEndIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"brackets":     "x = " + strings.Repeat("[", 50_000),
		"braces":       strings.Repeat("a {\n", 10_000),
		"operators":    "x = " + strings.Repeat("1+", 40_000) + "1",
		"negations":    "x = " + strings.Repeat("!", 40_000) + "true",
		"conditions":   "x = " + strings.Repeat("true?1:", 10_000) + "1",
		"indexes":      "x = a" + strings.Repeat("[0]", 30_000),
		"templates":    "x = " + strings.Repeat("\"${", 20_000),
		"directives":   "x = \"" + strings.Repeat("%{if true}", 20_000) + "\"",
		"splats":       "x = a" + strings.Repeat("[*]", 30_000),
		"comparisons":  "x = " + strings.Repeat("1==", 30_000) + "1",
		"parentheses":  "x = " + strings.Repeat("(", 50_000),
		"calls":        "x = " + strings.Repeat("env(", 20_000),
		"plain splats": "x = a" + strings.Repeat(".*", 40_000),
	} {
		t.Run(name, func(t *testing.T) {
			e, problems := load(t, text, env.Options{})
			require.Nil(t, e)
			require.Len(t, problems, 1)
			require.Equal(t, "The file is too complex", problems[0].Summary)
		})
	}
	_, problems := load(t, `variable "x" { type = number }`+"\ntarget \"embedded\" {}\n",
		env.Options{Vars: []string{"x=" + strings.Repeat("[", 50_000)}})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Summary, "is not a number")
}

func TestPathsStartAtTheFilesFolder(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "sub/fixtures.json", "[]")
	write(t, folder, "sub/token.txt", "tok-123456\r\n")
	path := write(t, folder, "sub/x.hcl", `
target "http" {
  base_url = "http://127.0.0.1:1"
  headers  = { X-Token = file("token.txt") }
}
states "static" { file = "fixtures.json" }
states "static" { file = "`+filepath.ToSlash(filepath.Join(folder, "sub", "fixtures.json"))+`" }
`)
	t.Chdir(t.TempDir())
	e, problems := env.Load(path, env.Options{LookupEnv: noEnvironment})
	require.Empty(t, problems, "%s", shown(t, problems))
	require.Equal(t, []byte("[]"), e.States[0].Static.Data)
	require.Equal(t, []byte("[]"), e.States[1].Static.Data)
	require.Equal(t, "tok-123456", e.Target.Headers["X-Token"], "the last line break is no part of the text")
}

func TestAFunctionTakesNoFileThatIsNoText(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "nul.bin", "a\x00b")
	path := write(t, folder, "x.hcl", "target \"http\" {\n  base_url = file(\"nul.bin\")\n}\n"+pactStates)
	_, problems := env.Load(path, env.Options{LookupEnv: noEnvironment})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "NUL byte")
}
