package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestForeignTextIsShownInOneLine(t *testing.T) {
	cases := map[string]struct{ text, shown string }{
		"plain text is left":              {"Zoë says ✓ 😀 日本", "Zoë says ✓ 😀 日本"},
		"terminal escapes":                {"\x1b[31mred\x07", `\x1b[31mred\x07`},
		"C1 controls":                     {"\u009b2J", `\x9b2J`},
		"line breaks and tabs":            {"a\r\nb\tc", `a\r\nb\tc`},
		"NUL and DEL":                     {"a\x00b\x7f", `a\x00b\x7f`},
		"bytes that are no UTF-8":         {"a\xff\xc3(", `a\xff\xc3(`},
		"a replacement character is one":  {"\ufffd", "\ufffd"},
		"bidirectional controls":          {"\u202eabc\u2069", `\u202eabc\u2069`},
		"what has no width":               {"a\u200b\ufeffb", `a\u200b\ufeffb`},
		"line separators":                 {"a\u2028b", `a\u2028b`},
		"tag characters":                  {"\U000e0041", `\U000e0041`},
		"what XML cannot hold":            {"\uffff", `\uffff`},
		"a command of an Azure log":       {"x ##vso[task.complete]", `x #\x23vso[task.complete]`},
		"an old command of GitHub's log":  {"##[add-mask]x", `#\x23[add-mask]x`},
		"a command of a TeamCity log":     {"##teamcity[x]", `#\x23teamcity[x]`},
		"a heading of markdown is no log": {"## title", "## title"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.shown, inline(c.text)) })
	}
}

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
