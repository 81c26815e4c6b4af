package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/history"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func shownHistory(t *testing.T, o Options, nights int, change func(int, *result.Run)) string {
	t.Helper()
	h := &history.History{}
	for i := range nights {
		run := examples.Sample()
		run.Started = run.Started.Add(time.Duration(i) * 24 * time.Hour)
		change(i, run)
		h.Add("", run)
	}
	h.Conclude()
	var out bytes.Buffer
	require.NoError(t, History(&out, h, o))
	return out.String()
}

func TestAHistoryShowsOneSignForEachNight(t *testing.T) {
	examples.Golden(t, "history.txt", []byte(shownHistory(t, Options{}, 8, func(i int, run *result.Run) {
		run.Exit = result.ExitKept
		run.Scenarios[1].Flaky = i == 6
		if i == 2 || i == 3 {
			run.Exit, run.Rules[0].Verdict = result.ExitBroken, result.Failed
		}
		if i == 4 {
			run.Rules = run.Rules[1:]
		}
		if i > 4 {
			run.Tool.Version = "1.3.0"
		}
		run.Latency.P95 += result.Millis(i)
	})))
}

func TestANarrowTerminalShowsTheLastNights(t *testing.T) {
	shown := shownHistory(t, Options{Width: 70}, 100, func(i int, run *result.Run) {
		if i == 99 {
			run.Rules[0].Verdict = result.Failed
		}
	})
	require.Contains(t, shown, "  PV-01 must      "+strings.Repeat("≈", 50)+"✗\n")
	require.Contains(t, shown, "The last 51 nights are shown")
	for line := range strings.SplitSeq(shown, "\n") {
		require.LessOrEqual(t, len([]rune(line)), 70, line)
	}
}

func TestAHeadingIsNotIndentedByItsName(t *testing.T) {
	plain := func(int, *result.Run) {}
	for _, o := range []Options{{}, {Width: 40}, {Color: true}} {
		for _, blanks := range []string{" ", "   "} {
			require.Equal(t, shownHistory(t, o, 2, plain), shownHistory(t, o, 2, func(_ int, run *result.Run) { run.Environment = blanks + run.Environment }), "%q", blanks)
		}
	}
}

func TestAHistoryOfHostileResultsIsHarmless(t *testing.T) {
	h := &history.History{}
	h.Add("x", examples.Hostile())
	h.Conclude()
	var out bytes.Buffer
	require.NoError(t, History(&out, h, Options{}))
	examples.Harmless(t, out.String())
}
