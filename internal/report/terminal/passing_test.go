package terminal_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
)

func TestTrafficIsShownWhileItPasses(t *testing.T) {
	missing := result.Finding{Rule: "PV-02", Path: "$.code", Actual: "missing"}
	show := func(p *terminal.Passing) {
		defer p.Close()
		for i := range 25 {
			missing.Times = i + 1
			p.Found(result.Must, missing, "exchange 7")
		}
		p.Count(30)
		synctest.Wait()
		p.Count(30)
		synctest.Wait()
		p.Note("Not reached: \x1b[2Jnobody")
		p.Found(result.Should, result.Finding{Rule: "PV-18", Expectation: "c", Expected: "a", Actual: "b", Times: 1}, "exchange 8")
		p.Count(1_031)
		synctest.Wait()
	}
	lines := "PV-02 (must) $.code is missing  exchange 7\nPV-02 (must) $.code is missing  10 times, now exchange 7\n"
	rest := "Not reached: \\x1b[2Jnobody\nPV-18 (should) expected a, got b: c  exchange 8\n"
	for name, c := range map[string]struct {
		options  terminal.Options
		terminal bool
		expected string
	}{
		"in a log":        {terminal.Options{}, false, lines + rest},
		"at a terminal":   {terminal.Options{}, true, lines + "30 exchanges, PV-02 ×25\r\x1b[K" + rest + "1,031 exchanges, PV-02 ×25, PV-18 ×1\r\x1b[K"},
		"at a narrow one": {terminal.Options{Width: 30}, true, ""},
		"quietly":         {terminal.Options{Quiet: true}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			synctest.Test(t, func(*testing.T) {
				show(terminal.NewPassing(&b, func() terminal.Options { return c.options }, c.terminal))
			})
			if c.options.Width > 0 {
				all := strings.Split(strings.TrimSuffix(b.String(), "\r\x1b[K"), "\n")
				require.LessOrEqual(t, len([]rune(all[len(all)-1])), c.options.Width, "%q", all)
				return
			}
			require.Equal(t, c.expected, b.String())
		})
	}
}

func TestPassingFollowsTheWidthOfItsTerminal(t *testing.T) {
	var b strings.Builder
	width := 200
	view := terminal.NewPassing(&b, func() terminal.Options { return terminal.Options{Width: width} }, false)
	finding := result.Finding{Rule: "PV-02", Times: 1, Expectation: "the answer is that the OTP does not match", Expected: "403 otp_does_not_match", Actual: "404 phone_validation_not_found"}
	view.Found(result.Must, finding, "exchange 1")
	view.Close()
	require.Equal(t, 1, strings.Count(b.String(), "\n"), "%s", b.String())
	b.Reset()
	width = 40
	finding.Times = 10
	view.Found(result.Must, finding, "exchange 10")
	view.Close()
	for line := range strings.Lines(b.String()) {
		require.LessOrEqual(t, len([]rune(line)), 41, "%q", line)
	}
	require.Greater(t, strings.Count(b.String(), "\n"), 1)
}

// standing is a terminal that stands still until it is released.
type standing struct {
	strings.Builder
	released chan struct{}
}

func (s *standing) Write(p []byte) (int, error) {
	<-s.released
	return s.Builder.Write(p)
}

func TestAStalledTerminalDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := standing{released: make(chan struct{})}
		p := terminal.NewPassing(&w, func() terminal.Options { return terminal.Options{} }, true)
		p.Count(1)
		synctest.Wait() // it is written now
		for i := range 200 {
			p.Count(2 + i)
			p.Note("Not reached: " + strings.Repeat("nobody", 100))
		}
		p.Found(result.Must, result.Finding{Rule: "PV-02", Path: "$.code", Actual: "missing", Times: 1}, "exchange 7")
		p.Count(203)
		close(w.released)
		synctest.Wait() // what was held up is written now
		p.Close()
		require.Regexp(t, `^1 exchange\r\x1b\[K(Not reached: (nobody)+\n)+PV-02 .*  exchange 7\n203 exchanges, PV-02 ×1\r\x1b\[K$`, w.String())
		require.Less(t, w.Len(), 64<<10+1_000, "what nobody reads takes no more and more room")
	})
}
