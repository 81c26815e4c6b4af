package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// outsideFences is the lines of a markdown text that are not code.
func outsideFences(t *testing.T, text string) []string {
	t.Helper()
	var lines []string
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && len(ticks) >= len(fence) && strings.Trim(line, "` ") == "":
			fence = ""
		case fence == "":
			lines = append(lines, line)
		}
	}
	require.Empty(t, fence, "every fence is closed")
	return lines
}

var ownTags = regexp.MustCompile(`^(<details><summary>[A-Za-z ]+</summary>|</details>)?$`)

func TestHostileContentsAreTextInMarkdown(t *testing.T) {
	for _, line := range outsideFences(t, string(examples.Rendered(t, Render, examples.Hostile()))) {
		if ownTags.MatchString(line) {
			continue
		}
		line = codeSpan.ReplaceAllString(line, "")
		require.NotContains(t, line, "<")
		require.NotContains(t, line, "@")
		require.NotRegexp(t, "(^|[^\\\\])[`\\[\\]]", line, "formatting is escaped")
	}
}

// codeSpan finds code in a line: as many backticks at its end as at its beginning.
var codeSpan = regexp.MustCompile("(?:^|[^`\\\\])(?:`[^`]+`|`` .+? ``|```` .+? ````)")

// A renderer of other people, with GitHub's extensions, makes what GitHub makes of a summary.
func TestNothingThatAProviderChoseIsALink(t *testing.T) {
	run := examples.Drifted()
	const links = "see https://evil.example/a?b=1|2 HTTPS://EVIL.example www.evil.example ftp://evil.example/x, (http://evil.example) <http://evil.example> mailto:a@evil.example " +
		"a@evil.example [x](http://evil.example) ![x](//evil.example/x.png) [x]: http://evil.example `http://evil.example` ``x``http://evil.example @everyone #12 GH-12 <a href=//evil.example>x</a>"
	run.Target.BaseURL, run.Environment = "https://evil.example/", links
	run.Stopped, run.Warnings, run.Diagnosis, run.Problems = links, []string{links}, []string{links}, []string{links}
	for i := range run.Rules {
		run.Rules[i].Title, run.Rules[i].Reason = links, links
	}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		s.Name, s.Reason, s.Diagnosis = links, links, ""
		for j := range s.Observed {
			s.Observed[j].Code, s.Observed[j].Note = links, links
		}
	}
	run.Drift.Notes = []string{links}
	for i := range run.Waivers {
		run.Waivers[i].Reason = links
	}
	source := examples.Rendered(t, Render, run)
	page := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	rows, code := 0, 0
	require.NoError(t, ast.Walk(page, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image, *ast.RawHTML:
			t.Errorf("%s: %s", n.Kind(), n.Parent().Lines().Value(source))
		case *ast.CodeSpan:
			code++
		case *ast.Text:
			if _, inCode := n.Parent().(*ast.CodeSpan); !inCode {
				require.NotContains(t, string(n.Value(source)), "evil.example", "systems make links of texts, too")
			}
		case *extast.TableRow:
			if entering {
				rows++
				require.Contains(t, []int{4, len(view.VerdictsIn(result.Groups(run))) + 1}, n.ChildCount(), "the cells of a row stay apart")
			}
		}
		return ast.WalkContinue, nil
	}))
	require.Greater(t, rows, len(run.Rules))
	require.Greater(t, code, 100)
}

func TestTableOfPromisesKeepsItsColumns(t *testing.T) {
	for _, line := range outsideFences(t, string(examples.Rendered(t, Render, examples.Hostile()))) {
		if strings.HasPrefix(line, "| PV-") {
			require.Len(t, regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1), 5, line)
		}
	}
}

func TestMarkdownStaysUnderTheLimitOfAJobSummary(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of failures")
	}
	run := examples.Hostile()
	for i := range 3000 {
		s := run.Scenarios[3]
		s.Rule, s.Line, s.Diagnosis = fmt.Sprintf("PV-%d", 1000+i), i, ""
		s.Findings = []result.Finding{{Path: fmt.Sprintf("$.member%d", i), Actual: "missing"}}
		run.Scenarios = append(run.Scenarios, s)
		run.Rules = append(run.Rules, result.Rule{ID: s.Rule, Level: "must", Title: "One of many", Verdict: result.Failed})
	}
	out := examples.Rendered(t, Render, run)
	require.Less(t, len(out), 1<<20)
	require.Contains(t, string(out), "more parts did not fit here: the result file holds them.")
	outsideFences(t, string(out))
}

func TestFenceIsLongerThanAnyInTheText(t *testing.T) {
	require.Equal(t, "```", fenceFor("a `b` c", "```"))
	require.Equal(t, "`````", fenceFor("a ```` b ``", "```"))
}
