package cli

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
)

// clock is a time that stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func threeScenarios() (*plan.Plan, []plan.Scenario) {
	all := []plan.Scenario{{ID: "a:1", Case: &plan.Case{Rule: "PV-01", Name: "first"}}, {ID: "a:2", Case: &plan.Case{Rule: "PV-02", Name: "second"}}, {ID: "a:3", Case: &plan.Case{Rule: "PV-03", Name: "third", Skip: "no webhook"}}}
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
	require.Equal(t, "... 1 of 2 scenarios after 30 s; PV-02 second has run for 29 s", p.line(since))
}

func TestTheHeartbeatBeatsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)}
	planned, _ := threeScenarios()
	lines, w := io.Pipe()
	ticks := make(chan time.Time)
	stop := newProgress(planned, c.Now).beat(w, ticks, &guard{})
	read := make([]byte, 100)
	for range 2 {
		ticks <- c.now
		n, err := lines.Read(read)
		require.NoError(t, err)
		require.Equal(t, "... 0 of 2 scenarios after 0 s\n", string(read[:n]))
	}
	stop()
	select {
	case ticks <- c.now:
		t.Fatal("it still beats")
	default:
	}
}

// A run that is over before anybody loses patience shows no bar, and every line of the live view.
func TestAShortRunShowsItsLinesAndNoBar(t *testing.T) {
	t.Parallel()
	planned, _ := threeScenarios()
	var screen bytes.Buffer
	above, stop := newProgress(planned, time.Now).bar(&screen, 80, nil)
	_, err := io.WriteString(above, "  ✓ first\n")
	require.NoError(t, err)
	require.Equal(t, "  ✓ first\n", screen.String(), "at once")
	stop()
	require.Equal(t, "  ✓ first\n", screen.String())
}

func TestALongRunShowsABarUnderItsLines(t *testing.T) {
	t.Parallel()
	planned, all := threeScenarios()
	p := newProgress(planned, time.Now)
	impatient := make(chan time.Time)
	screen := &drawn{seen: make(chan struct{}, 1)}
	above, stop := p.bar(screen, 80, impatient)
	_, err := io.WriteString(above, "  ✓ before\n")
	require.NoError(t, err)
	p.began(all[0])
	impatient <- time.Now()
	<-screen.seen // drawn for the first time
	_, err = io.WriteString(above, "  ✓ above\n")
	require.NoError(t, err)
	stop()
	_, err = io.WriteString(above, "the summary\n")
	require.NoError(t, err)
	text := screen.content.String()
	require.Contains(t, text, "0 of 2")
	require.Contains(t, text, "  ✓ before\n")
	require.Contains(t, text, "  ✓ above\n")
	require.True(t, strings.HasSuffix(text, "the summary\n"), "%q", text)
}

// drawn is a screen that tells when a bar stands on it.
type drawn struct {
	mutex   sync.Mutex
	content bytes.Buffer
	seen    chan struct{}
}

func (d *drawn) Write(p []byte) (int, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	n, err := d.content.Write(p)
	if bytes.Contains(d.content.Bytes(), []byte("0 of 2")) {
		select {
		case d.seen <- struct{}{}:
		default:
		}
	}
	return n, err
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
