package runner

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// How the scenarios of a row end, a letter each.
const (
	passes       = 'p'
	fails        = 'f' // answered 500
	isLost       = 'x' // no answer
	isCut        = 'c' // an answer that ends early
	unavailable  = 'u' // answered 503
	limited      = 'l' // answered 429
	stateLost    = 's' // the state's source does not answer
	stateLimited = 'L' // the state's source answers 429
	stateRefused = 'r' // the state's source answers 500
	answered     = 'o' // observed, answered
	unseen       = 'n' // observed, no answer
	skips        = 'k' // the state does not tell the gateway
)

// row runs scenarios that end as the letters say, one after another, and returns their letters, with "-" for those that did not
// run.
func row(t *testing.T, letters string, stopAfter int, carriers bool) (string, *result.Run) {
	t.Helper()
	text, id := everyExchange(), 1
	for i, letter := range letters {
		steps := []string{"Given there is a pending phone validation", "When the person types the right OTP", "Then the phone is validated"}
		level := "must"
		switch letter {
		case answered, unseen:
			level, steps[2] = "observe", "Then the answer is recorded"
		case skips:
			steps = append(steps[:1:1], "And the gateway of the validation is known", steps[1], steps[2])
		}
		text += rule(fmt.Sprintf("@PV-%d @%s", 40+id, level), scenarioOf(fmt.Sprintf("number %d", i), steps...))
		id++
	}
	var current atomic.Int32
	now := func() rune { return rune(letters[current.Load()-1]) }
	tr := trial{
		feature: text,
		options: func(o *Options) {
			o.StopAfter = stopAfter
			o.Began = func(plan.Scenario) { current.Add(1) }
		},
		put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			switch now() {
			case isLost, unseen:
				return lose()
			case isCut:
				w.Header().Set("Content-Length", "100")
				_, _ = w.Write([]byte(`{"code"`))
				_ = http.NewResponseController(w).Flush()
				return lose()
			case fails:
				return answer(w, 500, "{}")
			case unavailable:
				return answer(w, 503, "{}")
			case limited:
				return answer(w, 429, "{}")
			}
			return false
		},
		state: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			switch now() {
			case stateLost:
				return lose()
			case stateLimited:
				return answer(w, 429, "{}")
			case stateRefused:
				return answer(w, 500, "{}")
			case skips:
				return answer(w, 200, `{"phone": "62647737", "countryCode": "+507", "otp": 123456, "token": "not-a-token-of-anybody"}`)
			}
			return false
		},
	}
	if carriers {
		tr.selection.Rules = []string{"PV-19"}
	}
	o, _ := tr.run(t, t.Context())
	var ran strings.Builder
	for i, s := range o.Scenarios {
		if s.Verdict == result.Skipped && s.Attempts == 0 {
			ran.WriteByte('-')
			continue
		}
		ran.WriteByte(letters[i])
	}
	return ran.String(), o
}

func TestWhichRowsOfBrokenScenariosStopTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		letters   string
		stopAfter int
		ran       string
	}{
		"five in a row":                                     {"xxxxxpp", 5, "xxxxx--"},
		"in the middle":                                     {"pxxxxxp", 5, "pxxxxx-"},
		"at the very end":                                   {"pxx", 2, "pxx"},
		"four are not enough":                               {"xxxxp", 5, "xxxxp"},
		"the flag's number":                                 {"xxpp", 2, "xx--"},
		"0 is never":                                        {"xxxxxxxx", 0, "xxxxxxxx"},
		"a pass ends a row":                                 {"xxxxpxxxxp", 5, "xxxxpxxxxp"},
		"a failure ends a row":                              {"xxxxfxxxxp", 5, "xxxxfxxxxp"},
		"a limit ends a row: somebody answered":             {"xxlxxp", 3, "xxlxxp"},
		"limits are no transport":                           {"llllp", 3, "llllp"},
		"unavailability ends a row: a gateway answered":     {"xxuxxp", 3, "xxuxxp"},
		"answers that had begun are no transport":           {"ccccp", 3, "ccccp"},
		"unavailability is no transport":                    {"uuuup", 3, "uuuup"},
		"a source of states that does not answer":           {"xsxp", 3, "xsx-"},
		"a source of states that limits ends a row":         {"xxLxxp", 3, "xxLxxp"},
		"a source of states that refuses ends a row":        {"xxrxxp", 3, "xxrxxp"},
		"what was observed ends a row":                      {"xxoxxp", 3, "xxoxxp"},
		"that no answer was observed neither ends nor adds": {"xxnxp", 3, "xxnx-"},
		"a row of observations of no answer stops nothing":  {"nnnnp", 3, "nnnnp"},
		"a skip neither ends nor adds":                      {"xxkxp", 3, "xxkx-"},
		"two rows, the second long enough":                  {"xxpxxxp", 3, "xxpxxx-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ran, o := row(t, c.letters, c.stopAfter, false)
			require.Equal(t, c.ran, ran)
			require.Equal(t, strings.Contains(c.ran, "-") || name == "at the very end", o.Stopped != "")
			if o.Stopped != "" {
				require.Contains(t, o.Stopped, fmt.Sprintf("%d scenarios in a row got no answer", c.stopAfter))
				require.Contains(t, o.Stopped, "connection was closed")
			}
			for i, s := range o.Scenarios {
				if c.ran[i] == '-' {
					require.Equal(t, "the run was stopped", s.Reason)
					require.Equal(t, exchange.CauseUnreached, s.Cause)
					require.Len(t, s.Steps, 3)
				}
			}
			if o.Stopped != "" && !strings.ContainsAny(c.letters, "f") {
				require.Equal(t, result.ExitUnjudged, o.Exit)
			}
		})
	}
}

func TestCarriersEndARow(t *testing.T) {
	ran, o := row(t, "xxpxxfxxp", 3, true)
	require.Equal(t, "xxpxxfxxp", ran)
	require.Empty(t, o.Stopped)
}

func TestRowIsCountedInOrderOfCompletion(t *testing.T) {
	// The slow one starts first and ends between the two that are broken: there is no row of two.
	brokenOnce, slowEnded := make(chan struct{}), make(chan struct{})
	var broken atomic.Int32
	o, _ := trial{
		feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two"), rightOTP("three")),
		options: func(o *Options) {
			o.Concurrency, o.StopAfter = 2, 2
			o.Ended = func(s *result.Scenario) {
				if s.Verdict == result.Passed {
					close(slowEnded)
				} else if broken.Add(1) == 1 {
					close(brokenOnce)
				}
			}
		},
		put: func(n int, _ http.ResponseWriter, _ *http.Request) bool {
			switch n {
			case 1:
				<-brokenOnce
				return false
			case 3:
				<-slowEnded
			}
			return lose()
		},
	}.run(t, t.Context())
	require.Empty(t, o.Stopped)
	require.ElementsMatch(t, []result.Verdict{result.Passed, result.Broken, result.Broken}, verdicts(o))
}

func TestTargetThatIsDownBreaksEveryScenarioWithOneCause(t *testing.T) {
	o, seen := trial{feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")) + rule("@PV-14 @must",
		scenarioOf("three", "Given there is a pending phone validation with a webhook", "When the person types the right OTP", "Then a notification tells of the validation")),
		options: func(o *Options) {
			o.Plan.Scenarios[1].Skip = "for a reason"
			o.BaseURL = "http://127.0.0.1:0" // where nobody can listen
		}}.run(t, t.Context())
	require.NotEmpty(t, o.Stopped)
	require.Equal(t, []result.Verdict{result.Broken, result.Skipped, result.Broken}, verdicts(o))
	require.Equal(t, exchange.CauseRefused, o.Scenarios[0].Cause)
	require.Equal(t, o.Stopped, o.Scenarios[0].Reason)
	require.Equal(t, "for a reason", o.Scenarios[1].Reason)
	require.Equal(t, []result.Verdict{result.Skipped, result.Skipped, result.Skipped}, stepVerdicts(o.Scenarios[0]))
	require.Equal(t, result.ExitUnjudged, o.Exit)
	require.Empty(t, seen.states)
}
