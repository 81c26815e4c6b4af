package env_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"verifik-contract/env"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// Each archive in testdata/problems is a folder with a mistake in it and, in its section "problems", what a person reads about it.
// The section "options" holds flags and environment variables, one a line. Each problem must say what is wrong, what to do, and
// where it is.
func TestWhatAPersonReadsAboutAWrongEnvironmentSaysWhereAndWhatToDo(t *testing.T) {
	archives, err := filepath.Glob("testdata/problems/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	placeless := []string{ // what stands in no file, or is about a file as a whole
		"base-url-override", "environment-", "var-flag", "var-type", "var-file-missing", "no-target", "empty-file", "secrets",
	}
	for _, path := range archives {
		path, err := filepath.Abs(path)
		require.NoError(t, err)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			require.NoError(t, err)
			t.Chdir(t.TempDir())
			golden := -1
			name, options := "./environment.hcl", env.Options{LookupEnv: noEnvironment}
			for i, file := range archive.Files {
				switch file.Name {
				case "problems":
					golden = i
				case "options":
					name, options = parseOptions(t, string(file.Data))
				default:
					write(t, ".", file.Name, string(file.Data))
				}
			}
			e, problems := loadFile(name, options)
			require.NotEmpty(t, problems, "the archive has nothing wrong in it")
			require.Equal(t, problems.HasErrors(), e == nil)
			whole := slices.ContainsFunc(placeless, func(p string) bool { return strings.HasPrefix(filepath.Base(path), p) })
			for _, p := range problems {
				require.NotEmpty(t, p.Summary)
				require.NotEmpty(t, p.Detail, p.Summary)
				if !whole {
					require.NotEmpty(t, p.File, p.Summary)
					require.Positive(t, p.Line, p.Summary)
					require.Positive(t, p.Column, p.Summary)
				}
			}
			got := shown(t, problems)
			if *update {
				if golden < 0 {
					golden = len(archive.Files)
					archive.Files = append(archive.Files, txtar.File{Name: "problems"})
				}
				archive.Files[golden].Data = []byte(got)
				require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
			}
			require.GreaterOrEqual(t, golden, 0, "the archive lacks its section \"problems\"")
			require.Equal(t, string(archive.Files[golden].Data), got)
		})
	}
}

func parseOptions(t *testing.T, text string) (string, env.Options) {
	t.Helper()
	name, variables := "./environment.hcl", map[string]string{}
	var o env.Options
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		flag, value, ok := strings.Cut(line, " ")
		switch {
		case flag == "-e" && ok:
			name = value
		case flag == "--var" && ok:
			o.Vars = append(o.Vars, value)
		case flag == "--var-file" && ok:
			o.VarFiles = append(o.VarFiles, value)
		case flag == "--base-url" && ok:
			o.BaseURL = value
		default:
			variable, value, ok := strings.Cut(line, "=")
			require.True(t, ok, line)
			variables[variable] = value
		}
	}
	o.LookupEnv = processWith(variables)
	return name, o
}
