package cli

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/plan"
)

// clock is a time that stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func threeScenarios() (*plan.Plan, []plan.Scenario) {
	all := []plan.Scenario{{ID: "a:1", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-01", Name: "first"}}}, {ID: "a:2", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-02", Name: "second"}}}, {ID: "a:3", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-03", Name: "third"}, Skip: "no webhook"}}}
	return &plan.Plan{Scenarios: all}, all
}

func TestProgressCountsWhatRunsAndNamesWhatHangs(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
	planned, all := threeScenarios()
	p := newProgress(planned, c.Now)
	since := c.now
	require.Equal(t, "... 0 of 2 scenarios after 0 s", p.line(since), "what is skipped is not awaited")
	p.began(all[0])
	c.now = c.now.Add(time.Second)
	p.began(all[1])
	c.now = c.now.Add(time.Second)
	require.Equal(t, "... 0 of 2 scenarios after 2 s", p.line(since), "nothing hangs yet")
	c.now = c.now.Add(28 * time.Second)
	require.Equal(t, "... 0 of 2 scenarios after 30 s; PV-01 first has run for 30 s", p.line(since), "the one that has run longest")
	p.ended("a:1")
	p.ended("a:1")
	p.ended("a:3")
	require.Equal(t, "... 1 of 2 scenarios after 30 s; PV-02 second has run for 29 s; 0.03 a second; about 30 s left", p.line(since))
	p.ended("a:2")
	require.Equal(t, "... 2 of 2 scenarios after 30 s", p.line(since), "nothing is left")
}

func TestProgressEstimatesTheTimeLeft(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
	for want, is := range map[string]struct {
		done  int
		after time.Duration
	}{
		"... 0 of 162 scenarios after 1 min":                                            {0, time.Minute},
		"... 5 of 162 scenarios after 0 s":                                              {5, 0},
		"... 127 of 162 scenarios after 1 min; 2.12 a second; about 17 s left":          {127, time.Minute},
		"... 161 of 162 scenarios after 1 min; 2.68 a second; about 1 s left":           {161, time.Minute},
		"... 162 of 162 scenarios after 1 min":                                          {162, time.Minute},
		"... 1 of 162 scenarios after 1 min 40 s; 0.01 a second; about 4 h 28 min left": {1, 100 * time.Second},
		"... 1 of 162 scenarios after 4 min 10 s; about 11 h 11 min left":               {1, 250 * time.Second},
	} {
		p := &progress{total: 162, done: is.done, now: c.Now}
		require.Equal(t, want, p.line(c.now.Add(-is.after)))
	}
}

func TestTheHeartbeatBeatsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
	planned, _ := threeScenarios()
	lines, ticks := make(chan string), make(chan time.Time)
	stop := newProgress(planned, c.Now).watch(ticks, func(line string) { lines <- line })
	for range 2 {
		ticks <- c.now
		require.Equal(t, "... 0 of 2 scenarios after 0 s", <-lines)
	}
	stop()
	select {
	case ticks <- c.now:
		t.Fatal("it still beats")
	default:
	}
}

func TestALineTypedAheadAnswersTheNextQuestion(t *testing.T) {
	t.Parallel()
	a := newApp(Streams{In: strings.NewReader("yes\n123456\n"), Err: io.Discard})
	for _, want := range []string{"yes", "123456"} {
		got, err := a.ask(t.Context(), "? ")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := a.ask(t.Context(), "? ")
	require.EqualError(t, err, "no answer was typed")
}
