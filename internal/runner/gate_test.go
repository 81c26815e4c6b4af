package runner

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
)

func TestScenariosAreLetInInThePlansOrder(t *testing.T) {
	g := newGate(1)
	var order []int
	var group sync.WaitGroup
	for turn := 9; turn >= 0; turn-- {
		group.Go(func() {
			g.enter(turn, false)
			order = append(order, turn) // one at a time
			g.leave(1)
		})
	}
	group.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)
}

func TestAScenarioThatStepsAsideKeepsNoOtherFromRunning(t *testing.T) {
	g := newGate(1)
	g.enter(0, false)
	g.leave(1) // it rests
	g.enter(1, false)
	back := make(chan struct{})
	go func() {
		g.back()
		close(back)
	}()
	g.leave(1)
	<-back
	g.leave(1)
	g.enter(2, false)
}

func TestAScenarioThatRunsAloneWaitsForTheOthersAndKeepsThemOut(t *testing.T) {
	g := newGate(2)
	require.Equal(t, 1, g.enter(0, false))
	alone, after := make(chan int), make(chan int)
	go func() { alone <- g.enter(1, true) }()
	go func() { after <- g.enter(2, false) }()
	g.leave(1)
	places := <-alone
	require.Equal(t, 2, places)
	select {
	case <-after:
		require.Fail(t, "it runs beside the one that runs alone")
	default:
	}
	g.leave(places)
	require.Equal(t, 1, <-after)
}

// Five scenarios that wait at once make a run longer by one wait, though one place is all there is. On a busy machine all
// else may take longer than short waits do.
func TestScenariosWaitSideBySide(t *testing.T) {
	one := func(name string) string {
		return scenarioOf(name, "Given there is a pending phone validation", "And the status of the validation can be read",
			"When the person types a wrong OTP", "Then the status of the validation is not validated")
	}
	for settle, beside := 50*time.Millisecond, false; !beside; settle *= 4 {
		require.Less(t, settle, 10*time.Second)
		tr := trial{feature: rule("@PV-22 @should", one("A"), one("B"), one("C"), one("D"), one("E")), options: func(o *Options) { o.Settle = settle }}
		started := time.Now()
		outcome, seen := tr.run(t, t.Context())
		took := time.Since(started)
		require.GreaterOrEqual(t, took, settle)
		beside = took < 5*settle && len(seen.reads) == 15 // before, at once and later
		for _, s := range outcome.Scenarios {
			require.Equal(t, "passed", string(s.Verdict), s.Reason)
		}
	}
}

// What a scenario waited for in vain is not awaited as long again, but as long as it may take where anything came late.
func TestWhatWasAwaitedInVainIsNotAwaitedAsLongAgain(t *testing.T) {
	for text, c := range map[string]struct {
		vain     bool
		late     time.Duration // what came, at most
		expected time.Duration
	}{
		"nothing is known":            {false, 0, 2 * time.Second},
		"nothing came late":           {true, 0, 200 * time.Millisecond},
		"what came was quick":         {true, 80 * time.Millisecond, 200 * time.Millisecond},
		"what came was slow":          {true, 400 * time.Millisecond, 800 * time.Millisecond},
		"what came was all but late":  {true, 1900 * time.Millisecond, 2 * time.Second},
		"it is another that was vain": {false, 80 * time.Millisecond, 2 * time.Second},
	} {
		t.Run(text, func(t *testing.T) {
			r := &run{late: c.late, vain: map[name]bool{{"key", "another"}: true, {"key", "one"}: c.vain}}
			require.Equal(t, c.expected, (&scenario{run: r, plan: plan.Scenario{Case: &plan.Case{Key: "key", Name: "one"}}}).patience(2*time.Second))
		})
	}
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
