package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestLongTextIsCut(t *testing.T) {
	shown := inline(strings.Repeat("é", 1<<20))
	require.LessOrEqual(t, utf8.RuneCountInString(shown), maxWords)
	require.True(t, strings.HasSuffix(shown, "é…"))
	require.Equal(t, strings.Repeat("é", maxWords), inline(strings.Repeat("é", maxWords)))
	require.True(t, utf8.ValidString(cut(strings.Repeat("é", 100), 9)))
}

func TestBodyIsShownLineByLine(t *testing.T) {
	cases := map[string]struct {
		text        string
		size, limit int
		lines       []string
	}{
		"all of it":                       {"a\n\tb\r\nc\n", 0, 100, []string{"a", "    b", "c"}},
		"the beginning that was kept":     {"abc", 5000, 100, []string{"abc", "… the beginning of 5000 bytes"}},
		"a cut never splits a character":  {"ab" + strings.Repeat("é", 9), 0, 11, []string{"ab" + strings.Repeat("é", 4), "… the beginning of 20 bytes"}},
		"escapes in every line":           {"\x1b[2J\n\x1b[1J", 0, 100, []string{`\x1b[2J`, `\x1b[1J`}},
		"bytes that are no UTF-8 at last": {"abcdefghi\xff\xff\xff", 0, 10, []string{`abcdefghi\xff`, "… the beginning of 12 bytes"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.lines, block(c.text, c.size, c.limit)) })
	}
}

func TestBodyOfManyLinesIsCut(t *testing.T) {
	lines := block(strings.Repeat("x\n", 1000), 0, 1<<20)
	require.Len(t, lines, maxLines+1)
	require.Equal(t, "… the beginning of 2000 bytes", lines[maxLines])
}

func FuzzForeignTextIsHarmless(f *testing.F) {
	f.Add(hostileText)
	f.Add("##vso[x]##[y]\xf0\x9f")
	f.Fuzz(func(t *testing.T, text string) {
		shown := inline(text)
		harmless(t, "| "+shown)
		require.NotContains(t, shown, "\n")
		require.NotContains(t, shown, "##[")
		require.LessOrEqual(t, utf8.RuneCountInString(shown), maxWords+1)
		require.Equal(t, cut(shown, 10*maxWords), shown, "what is clean stays as it is")
		for _, line := range block(text, 0, maxBody) {
			harmless(t, "| "+line)
		}
	})
}
