package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	for _, line := range outsideFences(t, string(render(t, "markdown", hostile()))) {
		if ownTags.MatchString(line) {
			continue
		}
		require.NotContains(t, line, "<")
		require.NotContains(t, line, "@")
		require.NotRegexp(t, "(^|[^\\\\])[`\\[\\]]", line, "formatting is escaped")
	}
}

func TestTableOfPromisesKeepsItsColumns(t *testing.T) {
	for _, line := range outsideFences(t, string(render(t, "markdown", hostile()))) {
		if strings.HasPrefix(line, "| PV-") {
			require.Len(t, regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1), 5, line)
		}
	}
}

func TestMarkdownStaysUnderTheLimitOfAJobSummary(t *testing.T) {
	run := hostile()
	for i := range 3000 {
		s := run.Scenarios[3]
		s.Rule, s.Line, s.Diagnosis = fmt.Sprintf("PV-%d", 1000+i), i, ""
		s.Findings = []result.Finding{{Path: fmt.Sprintf("$.member%d", i), Actual: "missing"}}
		run.Scenarios = append(run.Scenarios, s)
		run.Rules = append(run.Rules, result.Rule{ID: s.Rule, Level: "must", Title: "One of many", Verdict: result.Failed})
	}
	out := render(t, "markdown", run)
	require.Less(t, len(out), 1<<20)
	require.Contains(t, string(out), "more parts did not fit here: the result file holds them.")
	outsideFences(t, string(out))
}

func TestFenceIsLongerThanAnyInTheText(t *testing.T) {
	require.Equal(t, "```", fenceFor("a `b` c"))
	require.Equal(t, "`````", fenceFor("a ```` b ``"))
}
