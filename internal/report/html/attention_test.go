package html

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

func TestHTMLTellsOnceWhyNothingCouldBeJudged(t *testing.T) {
	run := &result.Run{Version: 1, Exit: 3, Stopped: "nobody listens on 127.0.0.1:1: connection refused", Target: result.Target{Kind: "http", BaseURL: "http://127.0.0.1:1"}}
	for i, level := range []result.Level{result.Must, result.Should, result.Observe} {
		id := fmt.Sprintf("PV-0%d", i+1)
		run.Rules = append(run.Rules, result.Rule{ID: id, Level: level, Title: "A promise", Verdict: result.Broken, Reason: run.Stopped})
		run.Scenarios = append(run.Scenarios, result.Scenario{ID: id, Rule: id, Level: level, Name: "One", Verdict: result.Broken, Cause: "refused", Reason: run.Stopped})
	}
	page := pageOf(t, run)
	require.Contains(t, page, "<h1>Nothing could be judged: nobody listens on 127.0.0.1:1: connection refused</h1>")
	require.NotContains(t, page, "Stopped early")
	require.NotContains(t, page, `<ul class="attention">`)
	require.Contains(t, page, `<span class="kept">0 looked at</span>`)
	require.Equal(t, "Nothing could be judged: nobody listens on 127.0.0.1:1: connection refused: 3 broken in 0 s.", view.Conclusion(run))
	require.Empty(t, view.Stopped(run))

	run.Stopped, run.Scenarios[0].Reason, run.Scenarios[1].Reason = "", "the state handler answered 500", "the state handler answered 500"
	require.Contains(t, pageOf(t, run), "<h1>Nothing could be judged</h1>", "for two reasons")
	run.Scenarios[2].Verdict = result.Observed
	require.Contains(t, pageOf(t, run), "<h1>Not all could be judged</h1>")
}

func TestHTMLNamesEachCauseOnce(t *testing.T) {
	run := &result.Run{Version: 1, Exit: 1, Again: "verifik-contract run -e staging"}
	for _, id := range []string{"PV-10", "PV-09", "PV-01"} {
		run.Rules = append(run.Rules, result.Rule{ID: id, Level: result.Must, Title: "A promise", Verdict: result.Failed})
		run.Scenarios = append(run.Scenarios, examples.Failed(id, result.Must, examples.Lacks("$.data.status")))
	}
	run.Rules = append(run.Rules, result.Rule{
		ID: "PV-24", Level: result.Should, EveryExchange: true, Verdict: result.Failed, File: "features/every.feature", Line: 3,
		Findings: []result.Finding{{Rule: "PV-24", Expectation: "no answer echoes", Expected: "nothing secret in the body", Actual: "it holds a token", Leak: true, Scenario: run.Scenarios[0].ID}},
	})
	page := pageOf(t, run)
	_, attention, _ := strings.Cut(page, `<ul class="attention">`)
	attention, _, _ = strings.Cut(attention, "</section>")
	require.Equal(t, 2, strings.Count(attention, `class="cause"`))
	text := strings.Join(strings.Fields(ansi.Strip(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(attention, " "))), " ")
	require.True(t, strings.HasPrefix(text, "the body holds a token failed leak should PV-24 "), text)
	require.Contains(t, text, "$.data.status is missing failed must · 3 scenarios PV-01 A promise PV-09 A promise PV-10 A promise")
	require.Contains(t, page, `: <code>$.data.status</code> <b>is missing</b>`)
	require.NotContains(t, page, `<dt>actual</dt><dd><pre>missing`)
	require.Contains(t, page, "<pre>verifik-contract run -e staging features/a.feature:9</pre>")
	require.Contains(t, page, "<pre>verifik-contract run -e staging features/a.feature:9 features/every.feature:3</pre>")
}

func TestHTMLShowsNoBackticks(t *testing.T) {
	require.Equal(t, []piece{{Text: "add "}, {Text: "webhook {}", Code: true}, {Text: ", then run"}}, prose("add `webhook {}`, then run", 100))
	require.Equal(t, []piece{{Text: "one ` alone"}}, prose("one ` alone", 100))
	run := &result.Run{Version: 1, Exit: 1, Scenarios: []result.Scenario{examples.Explained(examples.Failed("PV-01", result.Must, examples.Lacks("$.data")), "the success is not wrapped in `data`")}}
	page := pageOf(t, run)
	require.Contains(t, page, "<b>Diagnosis:</b> the success is not wrapped in <code>data</code>")
	require.NotContains(t, page, "Likely")
	require.NotContains(t, page, "`data`")
}

func TestHTMLSaysHowManyMoreFailed(t *testing.T) {
	run := &result.Run{Version: 1, Exit: 1, Rules: []result.Rule{{ID: "PV-01", Level: result.Must, Verdict: result.Failed}}}
	for i := range 1000 {
		s := examples.Failed("PV-01", result.Must, examples.Lacks("$.data.status"))
		s.ID, s.Repeat = fmt.Sprint(i), i
		run.Scenarios = append(run.Scenarios, s)
	}
	last := examples.Failed("PV-01", result.Must, examples.Lacks("$.data.type"))
	last.ID, last.Name = "last", "the only one of its cause"
	run.Scenarios = append(run.Scenarios, last)
	page := pageOf(t, run)
	require.Equal(t, 200, strings.Count(page, `<details class="scenario"`))
	require.Contains(t, page, "801 more scenarios did not pass: 200 are shown here, the result file holds all.")
	require.Contains(t, page, "the only one of its cause", "each cause is shown")
}

// TestHTMLKeepsItsIconsWithoutItsStyle holds the page to what a server allows that forbids inline styles: an icon
// without them would be as large as the page and black.
func TestHTMLKeepsItsIconsWithoutItsStyle(t *testing.T) {
	page := pageOf(t, sample())
	for _, tag := range regexp.MustCompile(`<svg class="[^>]*>`).FindAllString(page, -1) {
		require.Regexp(t, ` width="[^"]+" height="[^"]+"`, tag)
		if strings.Contains(tag, `"icon`) {
			require.Contains(t, tag, `fill="none" stroke="currentColor"`)
		}
	}
	for _, tag := range regexp.MustCompile(`<[a-z]+ [^>]*js-only[^>]*>`).FindAllString(page, -1) {
		require.Contains(t, tag, " hidden", "what only the script serves is not offered")
	}
}
