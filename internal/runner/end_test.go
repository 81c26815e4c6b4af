package runner

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
)

func TestInterruptCutsRunningScenariosShortAndStartsNoOther(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o, seen := trial{
		feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two"), rightOTP("three")),
		pact:    env.Pact{Teardown: true},
		retries: 3,
		put: func(n int, _ http.ResponseWriter, r *http.Request) bool {
			if n == 2 {
				cancel()
				<-r.Context().Done() // until the caller has gone
			}
			return n == 2
		},
	}.run(t, ctx)
	require.Equal(t, []result.Verdict{result.Passed, result.Broken, result.Skipped}, verdicts(o))
	cut := o.Scenarios[1]
	require.Equal(t, exchange.CauseInterrupted, cut.Cause)
	require.Equal(t, "the run was interrupted", cut.Reason)
	require.Equal(t, 1, cut.Attempts)
	require.Equal(t, []result.Verdict{result.Passed, result.Broken, result.Skipped}, stepVerdicts(cut))
	require.Equal(t, "the run was interrupted", o.Scenarios[2].Reason)
	setUps, tornDown := 0, 0
	for _, call := range seen.states {
		if strings.Contains(call.Body, `"teardown"`) {
			tornDown++
		} else {
			setUps++
		}
	}
	require.Equal(t, 2, setUps)
	require.Equal(t, 2, tornDown, "a state that was made is torn down also after an interrupt")
}

func TestInterruptWhileARetryWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o, seen := trial{
		feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")), retries: 3, put: on(calls{1: status(503)}),
		pause: func(ctx context.Context, _ int, _ time.Duration) error { cancel(); return ctx.Err() },
	}.run(t, ctx)
	require.Equal(t, []result.Verdict{result.Broken, result.Skipped}, verdicts(o))
	require.Equal(t, exchange.CauseInterrupted, o.Scenarios[0].Cause)
	require.Len(t, seen.puts, 1)
}

func TestRunThatWasInterruptedBeforeItStartedSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o, seen := trial{feature: rule("@PV-01 @must", rightOTP("one"))}.run(t, ctx)
	require.Equal(t, []result.Verdict{result.Skipped}, verdicts(o))
	require.Empty(t, seen.states)
	require.Empty(t, seen.puts)
}

func TestWhatWasFoundBeforeAnInterruptStays(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter) bool
		verdict result.Verdict
		cause   exchange.Cause
	}{
		"a breach":      {status(500), result.Failed, ""},
		"a lost answer": {lost, result.Broken, exchange.CauseLost},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			feature := rule("@PV-01 @must", rightOTP("one"))
			o, _ := trial{feature: feature, pact: env.Pact{Teardown: true}, put: on(calls{1: c.answer}), state: func(n int, _ http.ResponseWriter, _ *http.Request) bool {
				if n == 2 { // the teardown
					cancel()
				}
				return false
			}}.run(t, ctx)
			require.Equal(t, c.verdict, o.Scenarios[0].Verdict)
			require.Equal(t, c.cause, o.Scenarios[0].Cause)
		})
	}
}

func TestPanicOfAStepBreaksItsScenarioAlone(t *testing.T) {
	var once sync.Once
	o, _ := trial{
		feature: rule("@PV-01 @must", rightOTP("one")) + rule("@PV-16 @must",
			scenarioOf("two", "Given there is a pending phone validation", "And the request comes without a token", "When the person types the right OTP", "Then the request is refused")),
		retries: 2,
		options: func(o *Options) {
			o.Sent = func(*contract.Judging) { once.Do(func() { panic("whoever watches fails") }) }
		},
	}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Broken, result.Passed}, verdicts(o))
	require.Equal(t, exchange.CauseInternal, o.Scenarios[0].Cause)
	require.Equal(t, `the tool failed in "the person types the right OTP": whoever watches fails`, o.Scenarios[0].Reason)
	require.Equal(t, 1, o.Scenarios[0].Attempts, "what the tool did wrong once it does wrong again")
	require.Len(t, judged(o.Scenarios[0]), 1, "what was sent is shown")
}

func TestPanicOfASourceOfStatesDoesNotEndTheRun(t *testing.T) {
	o, _ := trial{feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")), options: func(o *Options) {
		o.Webhook = nil
		o.Plan.Scenarios[0].Assignment = state.Assignment{} // it does not fit the scenario
	}}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Broken, result.Passed}, verdicts(o))
	require.Equal(t, exchange.CauseInternal, o.Scenarios[0].Cause)
}

func TestStateThatCannotBeMadeBreaks(t *testing.T) {
	o, seen := trial{feature: rule("@PV-01 @must", rightOTP("one")) + rule("@PV-30 @observe", observed("two")),
		state: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			return answer(w, 400, `{"error":"no such state"}`)
		}}.run(t, t.Context())
	for _, s := range o.Scenarios {
		require.Equal(t, result.Broken, s.Verdict)
		require.Equal(t, exchange.CauseState, s.Cause)
		require.Contains(t, s.Reason, "a pending phone validation")
		require.Contains(t, s.Reason, "without")
		require.Equal(t, []result.Verdict{result.Broken, result.Skipped, result.Skipped}, stepVerdicts(s))
		require.Len(t, s.Exchanges, 1)
	}
	require.Empty(t, seen.puts)
	run := &result.Run{Rules: o.Rules, Scenarios: o.Scenarios[1:]}
	result.Conclude(run, time.Now())
	require.Equal(t, result.ExitKept, run.Exit, "an observed scenario never changes the exit code")
}

func TestSkipsKeepTheirReasons(t *testing.T) {
	feature := rule("@PV-10 @must",
		scenarioOf("by whatsapp", `Given there is a pending phone validation delivered by "whatsapp"`, "When the person types the right OTP", "Then the phone is validated"),
		rightOTP("plain"))
	var live []string
	o, seen := trial{feature: feature, options: func(o *Options) {
		o.Plan.Scenarios[1].Skip = "the plan says so"
		o.Ended = func(s *result.Scenario) { live = append(live, s.Name) }
	}, state: func(n int, w http.ResponseWriter, _ *http.Request) bool {
		return answer(w, 200, `{"phone":"62647737","countryCode":"+507","otp":123456,"token":"a-made-up-token","phoneGateway":"sms"}`)
	}}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Skipped, result.Skipped}, verdicts(o))
	require.Contains(t, o.Scenarios[0].Reason, "sms")
	require.Equal(t, "the plan says so", o.Scenarios[1].Reason)
	require.Equal(t, []result.Verdict{result.Skipped, result.Skipped, result.Skipped}, stepVerdicts(o.Scenarios[0]))
	require.Empty(t, seen.puts)
	require.ElementsMatch(t, []string{"by whatsapp", "plain"}, live)
}

func TestResultsAreInThePlansOrder(t *testing.T) {
	const n = 4
	var names []string
	for i := range n {
		names = append(names, rightOTP(fmt.Sprintf("number %d", i)))
	}
	// All are on their way at once, and they end last first.
	var mutex sync.Mutex
	waiting, all := []chan struct{}{}, make(chan struct{})
	var completed []string
	o, _ := trial{
		feature: rule("@PV-01 @must", names...),
		options: func(o *Options) {
			o.Concurrency = n
			o.Ended = func(s *result.Scenario) {
				mutex.Lock()
				defer mutex.Unlock()
				completed = append(completed, s.ID)
				if left := n - len(completed); left > 0 {
					close(waiting[left-1])
				}
			}
		},
		put: func(_ int, _ http.ResponseWriter, _ *http.Request) bool {
			mutex.Lock()
			mine := make(chan struct{})
			waiting = append(waiting, mine)
			if len(waiting) == n {
				close(all)
				close(mine)
			}
			mutex.Unlock()
			<-all
			<-mine
			return false
		},
	}.run(t, t.Context())
	require.Len(t, completed, n)
	for i, s := range o.Scenarios {
		require.Equal(t, fmt.Sprintf("number %d", i), s.Name)
		require.Equal(t, result.Passed, s.Verdict)
	}
	require.Equal(t, n, o.Latency.Count)
}

func TestRepetitionsFollowEachOtherAndKeepOnlyWhatIsOfInterest(t *testing.T) {
	began := 0
	o, seen := trial{
		feature:   everyExchange() + rule("@PV-01 @must", rightOTP("one"), rightOTP("two")),
		selection: plan.Selection{Repeat: 3},
		options:   func(o *Options) { o.Began = func(plan.Scenario) { began++ } },
		put: func(n int, w http.ResponseWriter, r *http.Request) bool {
			switch n {
			case 4: // the second of the second repetition
				return answer(w, 500, "{}")
			case 5: // the first of the third breaks PV-24 alone
				w.Header().Set("X-Debug", r.Header.Get("Authorization"))
			}
			return false
		},
	}.run(t, t.Context())
	require.Equal(t, 6, began)
	require.Len(t, seen.puts, 6)
	p, f := result.Passed, result.Failed
	require.Equal(t, []result.Verdict{p, p, p, f, p, p}, verdicts(o))
	ids := map[string]bool{}
	for i, s := range o.Scenarios {
		require.Equal(t, i/2+1, s.Repeat)
		ids[s.ID] = true
		if i < 2 || i == 3 || i == 4 {
			require.NotEmpty(t, s.Exchanges, s.ID)
			require.NotEmpty(t, s.Steps)
		} else {
			require.Empty(t, s.Exchanges, s.ID)
		}
	}
	require.Len(t, ids, 6)
	require.Equal(t, 6, o.Latency.Count)
}

func TestObservedScenarioNeverFails(t *testing.T) {
	feature := rule("@PV-30 @observe", scenarioOf("an expectation where none belongs",
		"Given there is a pending phone validation", "When the person types a wrong OTP", "Then the phone is validated", "Then the answer is recorded"))
	o, _ := trial{feature: feature}.run(t, t.Context())
	s := o.Scenarios[0]
	require.Equal(t, result.Observed, s.Verdict)
	require.Len(t, s.Observed, 1)
	require.Equal(t, 403, s.Observed[0].Status)
	require.Len(t, s.Findings, 1)
	require.True(t, s.Findings[0].Warning)
}

func TestObservationsSayWhatCame(t *testing.T) {
	feature := rule("@PV-30 @observe", observed("answered"), observed("lost"), observed("unavailable"))
	o, _ := trial{feature: feature, put: on(calls{2: lost, 3: status(503)})}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Observed, result.Observed, result.Observed}, verdicts(o))
	require.Equal(t, 200, o.Scenarios[0].Observed[0].Status)
	require.Equal(t, []result.Observation{{Note: "connection-lost"}}, o.Scenarios[1].Observed)
	require.Equal(t, 503, o.Scenarios[2].Observed[0].Status)
	require.Equal(t, []result.Verdict{result.Passed, result.Passed, result.Passed}, stepVerdicts(o.Scenarios[1]))
}

func TestFailuresAreExplainedEachAndTogether(t *testing.T) {
	o, _ := trial{reference: reference.Options{Fault: "otp-not-compared"}, selection: plan.Selection{Rules: []string{"PV-02"}}}.run(t, t.Context())
	for _, s := range o.Scenarios {
		require.Equal(t, result.Failed, s.Verdict)
		require.Contains(t, s.Diagnosis, "is the OTP compared")
		require.Contains(t, s.Reason, "expected 403")
		steps := stepVerdicts(s)
		at := slices.Index(steps, result.Failed)
		require.GreaterOrEqual(t, at, 0)
		for i := range steps[at+1:] {
			require.Equal(t, result.Skipped, steps[at+1+i], "what would follow from it is not looked at")
		}
		require.Equal(t, s.Steps[at].Line, s.Findings[0].Step)
	}
	require.Len(t, o.Diagnosis, 1)
	require.Contains(t, o.Diagnosis[0], fmt.Sprintf("all %d failures look alike", len(o.Scenarios)))
}

func TestFailuresOfDifferentCausesHaveNoCommonExplanation(t *testing.T) {
	o, _ := trial{feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")), put: on(calls{1: status(500), 2: status(401)})}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Failed, result.Failed}, verdicts(o))
	require.NotEqual(t, o.Scenarios[0].Diagnosis, o.Scenarios[1].Diagnosis)
	require.Empty(t, o.Diagnosis)
}
