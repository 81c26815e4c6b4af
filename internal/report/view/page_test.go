package view

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func TestLongTextIsCut(t *testing.T) {
	shown := Inline(strings.Repeat("é", 1<<20))
	require.LessOrEqual(t, utf8.RuneCountInString(shown), maxWords)
	require.True(t, strings.HasSuffix(shown, "é…"))
	require.Equal(t, strings.Repeat("é", maxWords), Inline(strings.Repeat("é", maxWords)))
	require.True(t, utf8.ValidString(Cut(strings.Repeat("é", 100), 9)))
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
	f.Add(examples.HostileText)
	f.Add("##vso[x]##[y]\xf0\x9f")
	f.Fuzz(func(t *testing.T, text string) {
		shown := Inline(text)
		examples.Harmless(t, "| "+shown)
		require.NotContains(t, shown, "\n")
		require.NotContains(t, shown, "##[")
		require.LessOrEqual(t, utf8.RuneCountInString(shown), maxWords+1)
		require.Equal(t, Cut(shown, 10*maxWords), shown, "what is clean stays as it is")
		for _, line := range block(text, 0, maxBody) {
			examples.Harmless(t, "| "+line)
		}
	})
}

func TestLinesBreakAtSpacesAlone(t *testing.T) {
	p := NewPage(true, 50)
	p.Prose(2, p.Bold("some words")+" and then /a/path-with-hyphens/that-is/very-long-indeed.feature:12 and more words - and a dash")
	text := ansi.Strip(p.String())
	require.Contains(t, text, "/a/path-with-hyphens/that-is/very-long-indeed.feature:12")
	require.Contains(t, text, " - ")
	require.Greater(t, strings.Count(text, "\n"), 2)
}

func TestAWaivedPromiseHasTheColourOfAWarning(t *testing.T) {
	require.Equal(t, paint(true).yellow("waived"), paint(true).Verdict(result.Waived, "waived"))
	require.Equal(t, paint(true).Dim("skipped"), paint(true).Verdict(result.Skipped, "skipped"))
}
