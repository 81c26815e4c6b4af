package runner

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

func TestScenariosEnterInTheirOrder(t *testing.T) {
	g := newGate(1)
	var turns []turn
	for range 10 {
		turns = append(turns, g.turn(false))
	}
	var order []int
	var group sync.WaitGroup
	for i, turn := range slices.Backward(turns) {
		group.Go(func() {
			g.enter(turn)
			order = append(order, i) // one at a time
			g.leave(1)
		})
	}
	group.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)
	<-g.last
}

func TestAScenarioThatStepsAsideKeepsNoOtherFromRunning(t *testing.T) {
	g := newGate(1)
	g.enter(g.turn(false))
	g.leave(1) // it steps aside
	g.enter(g.turn(false))
	back := make(chan struct{})
	go func() {
		g.take(1)
		close(back)
	}()
	g.leave(1)
	<-back
	g.leave(1)
	g.enter(g.turn(false))
}

func TestAScenarioThatRunsAloneRunsBesideNoOther(t *testing.T) {
	g := newGate(2)
	g.enter(g.turn(false))
	alone, after := g.turn(true), g.turn(false)
	require.Equal(t, 2, alone.places)
	go g.enter(alone)
	go g.enter(after)
	g.leave(1)
	<-alone.entered
	select {
	case <-after.entered:
		require.Fail(t, "it runs beside the one that runs alone")
	default:
	}
	g.leave(alone.places)
	<-after.entered
}

// Five waiting scenarios, or five repetitions of one, make a run longer by one wait only, even with a single place. On a busy
// machine everything else may take longer than short waits.
func TestScenariosWaitSideBySide(t *testing.T) {
	one := func(name string) string {
		return scenarioOf(name, "Given there is a pending phone validation", "And the status of the validation can be read",
			"When the person types a wrong OTP", "Then the status of the validation is not validated")
	}
	for name, c := range map[string]struct {
		feature string
		repeat  int
	}{
		"of one repetition": {rule("@PV-22 @should", one("A"), one("B"), one("C"), one("D"), one("E")), 1},
		"of five":           {rule("@PV-22 @should", one("A")), 5},
	} {
		t.Run(name, func(t *testing.T) {
			for settle, beside := 50*time.Millisecond, false; !beside; settle *= 4 {
				require.Less(t, settle, 10*time.Second)
				tr := trial{feature: c.feature, selection: plan.Selection{Repeat: c.repeat}, options: func(o *Options) { o.Settle = settle }}
				started := time.Now()
				outcome, seen := tr.run(t, t.Context())
				took := time.Since(started)
				require.GreaterOrEqual(t, took, settle)
				beside = took < 5*settle && len(seen.reads) == 15 // before, at once and later
				require.Len(t, outcome.Scenarios, 5)
				for _, s := range outcome.Scenarios {
					require.Equal(t, "passed", string(s.Verdict), s.Reason)
				}
			}
		})
	}
}

// A provider that loses one notification, and sends the others slowly, breaks its promise once. A stalled machine may lose
// another.
func TestARepetitionWaitsAsLongAsTheFirst(t *testing.T) {
	feature := rule("@PV-14 @must", scenarioOf("notified", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation"))
	var verdict []result.Verdict
	for wait := 150 * time.Millisecond; wait < 10*time.Second && slices.Contains(verdict[min(1, len(verdict)):], result.Failed) || verdict == nil; wait *= 4 {
		var seen *traffic
		var sending sync.WaitGroup
		tr := trial{feature: feature, selection: plan.Selection{Repeat: 4}, reference: reference.Options{Client: &http.Client{Transport: swallow{}}}}
		tr.put = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
			if k := seen.last(t); n > 1 {
				sending.Go(func() {
					time.Sleep(wait / 3) // a provider that takes its time
					post(t, "POST", k.url, `{"id":"`+k.id+`"}`)
				})
			}
			return false
		}
		tr.options = func(o *Options) { o.Wait = wait }
		var o Options
		o, seen = tr.prepare(t)
		verdict = verdicts(Run(t.Context(), o))
		sending.Wait()
	}
	require.Equal(t, []result.Verdict{result.Failed, result.Passed, result.Passed, result.Passed}, verdict)
}

func TestScenariosThatWaitStartFirst(t *testing.T) {
	read := scenarioOf("reads back", "Given there is a pending phone validation", "And the status of the validation can be read", "When the person types a wrong OTP", "Then the status of the validation is not validated")
	many := scenarioOf("many calls", "Given there is a pending phone validation", "When the person types a wrong OTP", "And the person types the right OTP", "Then the phone is validated")
	expired := scenarioOf("expires", "Given there is an expired phone validation", "When the person types the right OTP", "Then the answer is that the OTP has expired")
	alone := "    @alone\n" + rightOTP("alone")
	var order []string
	tr := trial{feature: rule("@PV-40 @must", rightOTP("one")) + rule("@PV-41 @must", many) + rule("@PV-42 @must", expired) + rule("@PV-43 @must", read) + rule("@PV-44 @must", alone), options: func(o *Options) {
		o.Began = func(s plan.Scenario) { order = append(order, s.Name) }
	}}
	outcome, _ := tr.run(t, t.Context())
	require.Equal(t, []string{"alone", "expires", "reads back", "many calls", "one"}, order)
	require.Equal(t, "one", outcome.Scenarios[0].Name, "the result's order is the features'")
}
