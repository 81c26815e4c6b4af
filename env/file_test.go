package env_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
)

func TestAFileThatIsNotTextIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text, summary string
		line          int
	}{
		"a NUL byte":          {"target \"embedded\" {}\n# a\x00b\n", "The file is not UTF-8 text", 0},
		"UTF-16":              {"\xff\xfet\x00a\x00", "The file is not UTF-8 text", 0},
		"Latin-1 in a string": {"target \"embedded\" {}\nvariable \"x\" {\n  default = \"caf\xe9\"\n}\n", "Invalid character encoding", 3},
	} {
		t.Run(name, func(t *testing.T) {
			e, problems := load(t, c.text, env.Options{})
			require.Nil(t, e)
			require.Equal(t, c.summary, problems[0].Summary)
			require.Equal(t, c.line, problems[0].Line)
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
	if testing.Short() {
		t.Skip("large files")
	}
	for _, size := range []int{1<<20 + 1, 10 << 20} {
		e, problems := load(t, strings.Repeat("#", size), env.Options{})
		require.Nil(t, e)
		require.Len(t, problems, 1)
		require.Contains(t, problems[0].Detail, "larger than 1024 KiB")
	}
	mustLoad(t, "target \"embedded\" {}\n"+strings.Repeat("#", 1<<20-100), env.Options{})
}

func TestWhatGoesOnWithoutEndIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("large files")
	}
	const tooLong = "no more than 12000 names, texts, brackets and signs"
	for name, open := range map[string]string{
		"lists": "[", "maps": "{a=", "parentheses": "(", "templates": `"${`, "negations": "!", "signs": "-", "conditions": "true ? true : true ? ", "directives": `"%{if `,
		"negations in lines": "(!\n", "sums": "1+", "splats": "[1][*]", "indices": "a[0]", "attributes": "a.", "whole directives": `"%{if true}`, "comments": "(! # x\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for count, refused := range map[int]bool{500: false, 12_000: true} {
				nested := strings.Repeat(open, count)
				_, problems := load(t, "target \"embedded\" {\n  base_url = "+nested+"\n}\n", env.Options{})
				require.True(t, problems.HasErrors())
				require.Equal(t, refused, strings.Contains(problems[0].Detail, tooLong))
				_, problems = load(t, "variable \"x\" { type = list(string) }\ntarget \"embedded\" {}\n", env.Options{Vars: []string{"x=" + nested}})
				require.True(t, problems.HasErrors())
			}
		})
	}
	_, problems := load(t, strings.Repeat("a {\n", 6_000), env.Options{})
	require.Contains(t, problems[0].Detail, tooLong)
	require.Empty(t, problems[0].Source, "what is secret in it nobody knows yet")
	_, problems = load(t, "x = "+strings.Repeat("[", 11_900), env.Options{})
	require.NotContains(t, problems[0].Detail, tooLong, "the stack is large enough for what is let through")
}

func TestAPoolMayHaveTenThousandPhones(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand phones")
	}
	var phones strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&phones, "    \"+507 6%07d\", # of the pool\n", i)
	}
	e := mustLoad(t, "target \"http\" { base_url = \"https://api.example.test\" }\n"+
		"states \"verifik\" {\n  client_token = \"tok-123456\"\n  project = \"p\"\n  project_flow = \"f\"\n  phones = [\n"+phones.String()+"  ]\n"+
		"  otp \"demo\" { value = \"123456\" }\n}\n", env.Options{})
	require.Len(t, e.States[0].Verifik.Phones, 10_000)
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	_, problems := loadFile(folder, env.Options{})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "directory")

	_, problems = loadFile("", env.Options{})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "Known here")
}

func TestThousandsOfProblemsAreCutShort(t *testing.T) {
	_, problems := load(t, strings.Repeat("x {}\n", 2000), env.Options{})
	require.Len(t, problems, 101)
	require.Equal(t, "1901 more problems", problems[100].Summary)
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
	values := write(t, folder, "values.hcl", "")
	e, problems := loadFile(path, env.Options{LookupEnv: noEnvironment, VarFiles: []string{values}})
	require.Empty(t, problems, "%s", shown(t, problems))
	for _, read := range []string{path, values, filepath.Join(folder, "sub", "token.txt"), filepath.Join(folder, "sub", "fixtures.json")} {
		require.Contains(t, e.Files, read, "nothing may be written over it")
	}
	require.Equal(t, []byte("[]"), e.States[0].Static.Data)
	require.Equal(t, []byte("[]"), e.States[1].Static.Data)
	require.Equal(t, "tok-123456", e.Target.Headers["X-Token"], "the last line break is no part of the text")
}

func TestTheFileFunctionRefusesAFileThatIsNotText(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "picture.png", "\x89PNG")
	path := write(t, folder, "x.hcl", "target \"http\" {\n  base_url = file(\"picture.png\")\n}\n"+pactStates)
	_, problems := loadFile(path, env.Options{LookupEnv: noEnvironment})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, "not UTF-8 text")
}
