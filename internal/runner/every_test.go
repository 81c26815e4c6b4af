package runner

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// without a token, the answer is nobody's matter but that it is no success.
func refusedWithoutToken(name string) string {
	return scenarioOf(name, "Given there is a pending phone validation", "And the request comes without a token", "When the person types the right OTP", "Then the request is refused")
}

func TestBreachOfAnEveryExchangeRuleIsOneVerdictAndFailsNoScenario(t *testing.T) {
	o, _ := trial{
		feature: everyExchange() + rule("@PV-02 @must",
			scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match"),
			scenarioOf("two", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match"),
			rightOTP("three")),
		put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n <= 2 && answer(w, 403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match","extra":1}`)
		},
	}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Passed, result.Passed, result.Passed}, verdicts(o))
	for id, expected := range map[string]result.Verdict{"PV-18": result.Failed, "PV-19": result.Passed, "PV-20": result.Passed, "PV-23": result.Passed, "PV-24": result.Passed} {
		require.Equal(t, expected, ruleOf(t, o, id).Verdict, id)
		answers := 3
		if id == "PV-18" {
			answers = 2 // a success is no error
		}
		require.Equal(t, answers, ruleOf(t, o, id).Judged)
	}
	broken := ruleOf(t, o, "PV-18")
	require.Equal(t, 2, broken.Breaches)
	require.Len(t, broken.Findings, 2)
	for i, f := range broken.Findings {
		s := o.Scenarios[i]
		require.Equal(t, s.ID, f.Scenario)
		require.Equal(t, 403, s.Exchanges[f.Exchange].Answer.Status, "the finding leads to the exchange that showed it")
		require.Equal(t, "$.extra", f.Path)
		require.Equal(t, "PV-18", f.Rule)
	}
	require.Equal(t, result.ExitBroken, o.Exit)
}

func TestWhichExchangesEveryExchangeRulesJudge(t *testing.T) {
	promise, silence := rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")), rule("@PV-30 @observe", observed("one"))
	foreign := rule("@PV-16 @must", refusedWithoutToken("one"))
	const every = "PV-18 PV-19 PV-20 PV-23"
	for name, c := range map[string]struct {
		feature       string
		put           calls
		judged, leaks int
	}{
		"a promise":                           {promise, nil, 1, 1},
		"a promise that is broken":            {promise, calls{1: status(409)}, 1, 1},
		"no answer":                           {promise, calls{1: lost}, 0, 0},
		"an answer of a limiter":              {promise, calls{1: status(429)}, 0, 1},
		"an answer of a gateway":              {promise, calls{1: status(503)}, 0, 1},
		"an observed rule":                    {silence, nil, 0, 1},
		"no answer to an observed rule":       {silence, calls{1: lost}, 0, 0},
		"whose token authenticates":           {foreign, nil, 0, 1},
		"set-up calls and read-backs are not": {rule("@PV-22 @should", scenarioOf("one", "Given there is a pending phone validation", "And the status of the validation can be read", "When the person types a wrong OTP", "Then the status of the validation is not validated")), nil, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, _ := trial{feature: everyExchange() + c.feature, put: on(c.put)}.run(t, t.Context())
			for _, r := range o.Rules {
				expected := c.judged
				switch {
				case !r.EveryExchange:
					continue
				case r.ID == "PV-24":
					expected = c.leaks
				default:
					require.Contains(t, every, r.ID)
				}
				require.Equal(t, expected, r.Judged, r.ID)
				require.Equal(t, expected == 0, r.Verdict == result.Skipped, "%s is %s", r.ID, r.Verdict)
				if expected == 0 {
					require.Equal(t, "no answer that it is about was seen", r.Reason)
				}
			}
		})
	}
}

func TestEveryAttemptIsSearchedForItsOwnSecrets(t *testing.T) {
	for name, leak := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"the token of the first attempt": func(w http.ResponseWriter, r *http.Request) bool {
			return answer(w, 503, `{}`, "X-Debug", r.Header.Get("Authorization"))
		},
		"its OTP": func(w http.ResponseWriter, r *http.Request) bool {
			var otp string
			_, _ = fmt.Sscanf(r.Header.Get("X-Otp"), "%s", &otp)
			return answer(w, 503, `{"message":"otp `+otp+` not now"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen *traffic
			tr := trial{feature: everyExchange() + rule("@PV-01 @must", rightOTP("one")), retries: 1}
			tr.put = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 1 {
					return false
				}
				seen.mutex.Lock()
				r.Header.Set("X-Otp", fmt.Sprint(seen.yielded[0]["otp"]))
				seen.mutex.Unlock()
				return leak(w, r)
			}
			var o Options
			o, seen = tr.prepare(t)
			outcome := Run(t.Context(), o)
			require.Equal(t, result.Passed, outcome.Scenarios[0].Verdict)
			leaked := ruleOf(t, outcome, "PV-24")
			require.Equal(t, 1, leaked.Breaches, "what the first answer gave away is found though another state followed")
			require.Equal(t, 503, outcome.Scenarios[0].Exchanges[leaked.Findings[0].Exchange].Answer.Status)
		})
	}
}

func TestCarriersAreNotJudgedThemselves(t *testing.T) {
	o, _ := trial{
		feature: everyExchange() + rule("@PV-01 @must", rightOTP("fails"), rightOTP("passes"), rightOTP("is lost"), rightOTP("is flaky")) + rule("@PV-30 @observe", observed("silent")),
		retries: 1, selection: plan.Selection{Rules: []string{"PV-19"}},
		put: on(calls{1: func(w http.ResponseWriter) bool { return answer(w, 500, `{} trailing`) }, 3: lost, 4: lost, 5: status(503)}),
	}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Observed, result.Observed, result.Broken, result.Observed}, verdicts(o), "an observed rule carries nothing")
	failed := o.Scenarios[0]
	require.Empty(t, failed.Findings)
	require.Empty(t, failed.Diagnosis)
	require.Contains(t, failed.Reason, "every exchange")
	require.Equal(t, []result.Verdict{result.Passed, result.Passed, result.Skipped}, stepVerdicts(failed), "no step of it is red")
	require.False(t, o.Scenarios[3].Flaky)
	require.Empty(t, o.Diagnosis)
	require.Len(t, o.Rules, 1)
	require.Equal(t, result.Failed, o.Rules[0].Verdict)
	require.Equal(t, "1 of 3 answers", o.Rules[0].Reason)
	require.Equal(t, result.ExitBroken, o.Exit)
}

func TestOnlyTheFirstBreachesAreShown(t *testing.T) {
	o, _ := trial{
		feature: everyExchange() + rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")),
		put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			return answer(w, 403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match","extra":1}`)
		},
		selection: plan.Selection{Repeat: shownFindings + 5},
	}.run(t, t.Context())
	broken := ruleOf(t, o, "PV-18")
	require.Equal(t, shownFindings+5, broken.Judged)
	require.Equal(t, shownFindings+5, broken.Breaches)
	require.Len(t, broken.Findings, shownFindings)
	require.Equal(t, o.Scenarios[0].ID, broken.Findings[0].Scenario)
}

func TestTheBodyOfASuccessIsOnePromiseWhicheverScenarioShowsIt(t *testing.T) {
	successes := plan.Selection{Rules: []string{"PV-01", "PV-08", "PV-09", "PV-10", "PV-12", "PV-15", "PV-17"}}
	for name, c := range map[string]struct {
		fault     string
		selection plan.Selection
		red       string   // the rule that fails; "": none
		judges    []string // rules that are judged all the same, and kept
	}{
		"all that is judged":                 {"success-lacks-status", plan.Selection{Level: "should"}, "PV-01", []string{"PV-08", "PV-09", "PV-10", "PV-15", "PV-17"}},
		"its own rule":                       {"success-lacks-status", plan.Selection{Rules: []string{"PV-01"}}, "PV-01", nil},
		"its own rule and another":           {"success-lacks-status", plan.Selection{Rules: []string{"PV-01", "PV-17"}}, "PV-01", []string{"PV-17"}},
		"another rule":                       {"success-lacks-status", plan.Selection{Rules: []string{"PV-08"}}, "", []string{"PV-08"}},
		"another rule, by its tag":           {"success-lacks-status", plan.Selection{Tags: "@PV-09 or @PV-10"}, "", []string{"PV-09", "PV-10"}},
		"where the documentation is silent":  {"success-lacks-status", plan.Selection{Rules: []string{"PV-01", "PV-30", "PV-36"}}, "PV-01", nil},
		"every answer's JSON, by all":        {"success-lacks-status", plan.Selection{Rules: []string{"PV-19"}}, "", []string{"PV-19"}},
		"a phone that keeps its spaces":      {"success-phone-keeps-spaces", successes, "PV-08", []string{"PV-01", "PV-09"}},
		"the same, and PV-01 alone is asked": {"success-phone-keeps-spaces", plan.Selection{Rules: []string{"PV-01"}}, "", []string{"PV-01"}},
		"a flag that is missing":             {"success-lacks-flag", successes, "PV-01", []string{"PV-08", "PV-17"}},
		"a flag that is wrong":               {"liveness-inverted", successes, "PV-15", []string{"PV-01", "PV-08"}},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && slices.Contains([]string{"all that is judged", "every answer's JSON, by all"}, name) {
				t.Skip("all must and should scenarios")
			}
			t.Parallel()
			o, _ := trial{reference: reference.Options{Fault: c.fault}, selection: c.selection, options: func(o *Options) {
				o.Concurrency = 8
				of := map[string]int{}
				o.Plan.Keep(func(i int) bool { // all once, and else three of each rule
					id := o.Plan.Scenarios[i].Rule
					of[id]++
					return of[id] <= 3 || name == "all that is judged"
				})
			}}.run(t, t.Context())
			var red []string
			for _, r := range o.Rules {
				if r.Verdict == result.Failed {
					red = append(red, r.ID)
				}
			}
			if c.red == "" {
				require.Empty(t, red)
				require.Equal(t, result.ExitKept, o.Exit)
			} else {
				require.Equal(t, []string{c.red}, red)
				require.Equal(t, result.ExitBroken, o.Exit)
			}
			for _, id := range c.judges {
				require.Equal(t, result.Passed, ruleOf(t, o, id).Verdict, id)
			}
			seen, observed := map[string]bool{}, map[string]bool{} // each exchange is reported once
			for _, s := range o.Scenarios {
				observed[s.ID] = s.Level == result.Observe
				for _, f := range s.Findings {
					require.Equal(t, c.red, f.Rule)
					seen[s.ID+strconv.Itoa(f.Exchange)] = true
				}
			}
			for _, r := range o.Rules {
				for _, f := range r.Findings {
					require.Equal(t, c.red, f.Rule)
					require.False(t, seen[f.Scenario+strconv.Itoa(f.Exchange)])
					require.False(t, observed[f.Scenario], "the documentation is silent there")
				}
			}
		})
	}
}

func TestASuccessAfterAWrongOTPIsHeldToItsBodyToo(t *testing.T) {
	o, _ := trial{
		feature: rule("@PV-01 @must", rightOTP("one")) + rule("@PV-17 @should", scenarioOf("two", "Given there is a pending phone validation", "When the person types a wrong OTP", "And the person types the right OTP", "Then the phone is validated")),
		put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 2 && answer(w, 200, `{"data":{}}`) // the scenario of more calls runs first
		},
	}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Passed, result.Passed}, verdicts(o))
	broken := ruleOf(t, o, "PV-01")
	require.Equal(t, result.Failed, broken.Verdict)
	require.Equal(t, "1 of 2 answers", broken.Reason)
	require.Equal(t, "$.data._id", broken.Findings[0].Path)
	require.Equal(t, o.Scenarios[1].ID, broken.Findings[0].Scenario)
	require.Equal(t, 200, o.Scenarios[1].Exchanges[broken.Findings[0].Exchange].Answer.Status)
	require.Equal(t, result.Passed, ruleOf(t, o, "PV-17").Verdict)
	require.Equal(t, 1, result.Count(o)[result.Failed], "a report has a test for it")
}
