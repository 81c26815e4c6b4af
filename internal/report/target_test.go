package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
)

func TestParseTarget(t *testing.T) {
	cases := map[string]struct {
		text   string
		target Target
		err    string
	}{
		"a file":                  {"junit=out/report.xml", Target{"junit", "out/report.xml"}, ""},
		"the standard output":     {"json=-", Target{"json", "-"}, ""},
		"a file name with equals": {"text=a=b.txt", Target{"text", "a=b.txt"}, ""},
		"no file":                 {"junit", Target{}, `write junit=FILE, or junit=- for the standard output`},
		"an empty file name":      {"junit=", Target{}, "has no file"},
		"a misspelt form":         {"juint=x", Target{}, `there is no report form "juint": did you mean "junit"?`},
		"another case":            {"JUnit=x", Target{}, `did you mean "junit"?`},
		"an unknown form":         {"spreadsheet=x", Target{}, `there is no report form "spreadsheet" (there are json, `},
		"a file alone":            {"report.xml", Target{}, "a report is given as FORM=FILE"},
		"nothing":                 {"", Target{}, "a report is given as FORM=FILE"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			target, err := ParseTarget(c.text)
			require.Equal(t, c.target, target)
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.err)
		})
	}
}

func TestAnUnknownFormIsRefused(t *testing.T) {
	require.ErrorContains(t, Of(examples.Sample())(nil, "markdwn\x1b[2J"), "there is no report form")
}

func TestFormsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Forms() {
		require.NotEmpty(t, f.Doc)
		require.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
	}
}

func TestCheckWritable(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, []byte("kept"), 0o644))
	cases := map[string]struct {
		paths   []string
		message string // "": writable
	}{
		"a new file":                         {[]string{filepath.Join(folder, "new")}, ""},
		"a file that is there":               {[]string{file}, ""},
		"a folder that can be made":          {[]string{filepath.Join(folder, "a", "b", "c")}, ""},
		"the standard output":                {[]string{"-"}, ""},
		"a device":                           {[]string{os.DevNull}, ""},
		"a folder":                           {[]string{folder}, "it is a folder: name a file in it"},
		"a folder that is not there":         {[]string{filepath.Join(folder, "x") + "/"}, "is a folder: name a file in it"},
		"below a file":                       {[]string{filepath.Join(file, "x")}, "not a"},
		"far below a file":                   {[]string{filepath.Join(file, "x", "y")}, "not a"},
		"a name that is too long":            {[]string{filepath.Join(folder, longName())}, "too long"},
		"two reports in one file":            {[]string{file, filepath.Join(folder, ".", "file")}, "give each its own file"},
		"two reports on the standard output": {[]string{"-", "-"}, "both go to the standard output"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var targets []Target
			for _, path := range c.paths {
				targets = append(targets, Target{"json", path})
			}
			before := tree(t, folder)
			problems := CheckWritable(targets)
			require.Equal(t, before, tree(t, folder), "the check leaves nothing behind")
			if c.message == "" {
				require.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			require.ErrorContains(t, problems[0], c.message)
		})
	}
}

func TestFolderThatCannotBeWrittenIsKnownBefore(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o555))
	problems := CheckWritable([]Target{{"json", filepath.Join(folder, "x")}})
	require.Len(t, problems, 1)
	require.ErrorContains(t, problems[0], "permission denied")
}

func longName() string {
	name := make([]byte, 300)
	for i := range name {
		name[i] = 'x'
	}
	return string(name)
}

func tree(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	}))
	return found
}
