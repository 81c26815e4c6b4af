package html

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/history"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// nightsOf makes a history of the sample, each night with its own verdict of PV-01.
func nightsOf(verdicts ...result.Verdict) *history.History {
	h := &history.History{}
	for i, v := range verdicts {
		run := examples.Sample()
		run.Started = run.Started.Add(time.Duration(i) * 24 * time.Hour)
		run.Rules[0].Verdict, run.Scenarios[1].Flaky = v, false
		h.Add(fmt.Sprintf("%d.json", i), run)
	}
	h.Conclude()
	return h
}

func historyOf(t *testing.T, h *history.History) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, History(&page, h))
	return page.String()
}

func TestAPageOfNightsShowsEachRule(t *testing.T) {
	h := nightsOf("passed", "passed", "failed", "passed", "skipped")
	h.LeaveOut("<b>x</b>.json", "it is empty")
	page := historyOf(t, h)
	for _, want := range []string{
		"<h1>Not kept in the last night</h1>",
		`aria-label="1 failed, 3 passed, 1 skipped of 5 nights"`,
		`<rect class="v-passed" x="0" y="12" width="2" height="8"><title>passed, 2026-03-04 to 2026-03-05 (2 nights)</title></rect>`,
		`<rect class="v-failed" x="2" y="0" width="1" height="20"><title>failed, 2026-03-06</title></rect>`,
		"failed in 1 of 4 nights, 2026-03-06",
		"&lt;b&gt;x&lt;/b&gt;.json",
	} {
		require.True(t, strings.Contains(page, want), want)
	}
	require.Contains(t, page, "Latency of the PUT: p50 ")
	require.Contains(t, page, "p95 in the median ")
	require.False(t, strings.Contains(page, "<script"), "it needs none")
	require.True(t, strings.Contains(page, "default-src &#39;none&#39;"))
}

func TestAPageOfNightsTellsTheWorstOfSeveralSeries(t *testing.T) {
	h := &history.History{}
	for environment, exit := range map[string]result.ExitCode{"a": result.ExitBroken, "b": result.ExitKept} {
		run := examples.Sample()
		run.Environment, run.Exit = environment, exit
		h.Add(environment+".json", run)
	}
	h.Conclude()
	require.Len(t, h.Series, 2)
	require.Equal(t, "a", h.Series[0].Environment, "the worst is not the last")
	require.Contains(t, historyOf(t, h), "<h1>Not kept in the last night</h1>")
}

func TestAPageOfAThousandNightsStaysSmall(t *testing.T) {
	var verdicts []result.Verdict
	for i := range 1000 {
		v := result.Passed
		if i%50 == 0 {
			v = result.Failed
		}
		verdicts = append(verdicts, v)
	}
	require.Less(t, len(historyOf(t, nightsOf(verdicts...))), 200<<10)
}

func TestHostileResultsAreHarmlessInAPageOfNights(t *testing.T) {
	h := &history.History{}
	run := examples.Hostile()
	h.Add("\x1b[31m.json", run)
	again := examples.Hostile()
	again.Started, again.Tool.Version, again.Digests.Features = again.Started.Add(time.Hour), "\u202e<script>", "x"
	h.Add("b.json", again)
	h.Conclude()
	examples.Inert(t, historyOf(t, h))
}
