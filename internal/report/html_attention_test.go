package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func TestHTMLTellsOnceWhyPromisesCouldNotBeJudged(t *testing.T) {
	run := &result.Run{Version: 1, Exit: 3, Stopped: "nobody listens on 127.0.0.1:1: connection refused", Target: result.Target{Kind: "http", BaseURL: "http://127.0.0.1:1"}}
	for _, id := range []string{"PV-01", "PV-02", "PV-03"} {
		run.Rules = append(run.Rules, result.Rule{ID: id, Level: result.Must, Title: "A promise", Verdict: result.Broken, Reason: "nobody listens"})
		run.Scenarios = append(run.Scenarios, result.Scenario{ID: id, Rule: id, Level: result.Must, Name: "One", Verdict: result.Broken, Reason: "nobody listens"})
	}
	run.Rules = append(run.Rules, result.Rule{ID: "PV-04", Level: result.Must, Title: "A promise", Verdict: result.Broken, Reason: "another reason"})
	page := htmlOf(t, run)
	_, attention, _ := strings.Cut(page, `<ul class="attention">`)
	attention, _, _ = strings.Cut(attention, "</ul>")
	require.Equal(t, 2, strings.Count(attention, "<li>"), "one for each reason")
	require.Contains(t, attention, "and 2 more promises for the same reason")
	require.Equal(t, 1, strings.Count(attention, "for the same reason"))
}
