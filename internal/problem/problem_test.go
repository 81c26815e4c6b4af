package problem_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

func written(t *testing.T, l problem.List) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, problem.Write(&b, l))
	return b.String()
}

func TestWhatAPersonSees(t *testing.T) {
	long := strings.Repeat("a", 300)
	cases := map[string]problem.List{
		"every-part": {{Severity: problem.Error, Summary: "Unknown attribute \"timeot\"", Detail: "Did you mean \"timeout\"?",
			File: "env/x.hcl", Line: 12, Column: 3, Width: 6, Source: "  timeot = \"10s\""}},
		"several-problems": {
			{Severity: problem.Warning, Summary: "A warning", Detail: "First line.\n\nThird line."},
			{Severity: problem.Error, Summary: "A file as a whole", File: "a.hcl"},
			{Severity: problem.Error, Summary: "A line as a whole", File: "a.hcl", Line: 3, Source: "x = 1"},
		},
		"tab-keeps-one-column":         {{Summary: "s", File: "f", Line: 1, Column: 2, Width: 1, Source: "\tx"}},
		"wide-and-combining-letters":   {{Summary: "s", File: "f", Line: 1, Column: 8, Width: 2, Source: "名前 e\u0301 = 値段"}},
		"caret-behind-the-end-of-line": {{Summary: "s", File: "f", Line: 1, Column: 40, Width: 7, Source: "x = "}},
		"caret-wider-than-the-line":    {{Summary: "s", File: "f", Line: 1, Column: 5, Width: 4000, Source: "x = [1,"}},
		"no-width-is-one":              {{Summary: "s", File: "f", Line: 1, Column: 1, Source: "x"}},
		"start-of-a-long-line":         {{Summary: "s", File: "f", Line: 1, Column: 1, Width: 1, Source: long}},
		"middle-of-a-long-line":        {{Summary: "s", File: "f", Line: 1, Column: 151, Width: 3, Source: strings.Repeat("a", 150) + "xyz" + long}},
		"end-of-a-long-line":           {{Summary: "s", File: "f", Line: 1, Column: 301, Width: 3, Source: long + "xyz"}},
		"large-line-number":            {{Summary: "s", File: "f", Line: 1234567, Column: 1, Width: 1, Source: "x"}},
		"hostile-texts": {{Summary: "red \x1b[31m\r\nsecond line", Detail: "bell \a\u202etfel", File: "a\nb\x1b]0;t\a.hcl", Line: 1, Column: 5,
			Width: 2, Source: "\x1b[2Jxy\xff\u009b31m"}},
	}
	for name, list := range cases {
		t.Run(name, func(t *testing.T) {
			got := written(t, list)
			path := filepath.Join("testdata", name+".golden")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestNothingUnprintableIsWritten(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r < 0x3000; r++ {
		all.WriteRune(r)
	}
	text := all.String() + "\xff\xfe"
	got := written(t, problem.List{{Summary: text, Detail: text, File: text, Line: 1, Column: 30, Width: 3, Source: text}})
	for _, r := range strings.ReplaceAll(got, "\n", "") {
		require.False(t, r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e, "%U", r)
	}
}

func TestTheErrorTextOfAListIsWhatIsShown(t *testing.T) {
	several := problem.List{{Summary: "bad", File: "f", Line: 2, Column: 3}, {Severity: problem.Warning, Summary: "odd"}}
	require.EqualError(t, several, written(t, several))
}

func TestWarningsAloneStopNothing(t *testing.T) {
	require.False(t, problem.List{}.HasErrors())
	require.False(t, problem.List{{Severity: problem.Warning}}.HasErrors())
	require.True(t, problem.List{{Severity: problem.Warning}, {Severity: problem.Error}}.HasErrors())
	require.True(t, problem.List{{}}.HasErrors(), "what has no severity is an error")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestTheErrorOfAWriterIsReturned(t *testing.T) {
	require.EqualError(t, problem.Write(full{}, problem.List{{Summary: "s"}}), "no space")
}
