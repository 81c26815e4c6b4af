package runner

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

// fourRules are enough to distinguish the wrong server from a bad provider.
func fourRules() string {
	refused := scenarioOf("wrong", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")
	return everyExchange() + rule("@PV-01 @must", rightOTP("right")) + rule("@PV-02 @must", refused) + rule("@PV-16 @must", refusedWithoutToken("without a token")) + rule("@PV-30 @observe", observed("again"))
}

func page(_ int, w http.ResponseWriter, _ *http.Request) bool {
	return answer(w, 403, "<html>blocked</html>", "Content-Type", "text/html")
}

func TestNothingIsJudgedIfNoAnswerIsTheEndpoints(t *testing.T) {
	o, _ := trial{feature: fourRules(), put: page, options: func(o *Options) { o.Plan.Target.Proxy = "proxy.example.test:3128" }}.run(t, t.Context())
	const why = "nothing here speaks like the endpoint: 4 of 4 answers are 403 Forbidden with an HTML page. Is the base URL right? /v2/phone-validations is added to it; a proxy, proxy.example.test:3128, is in between"
	require.Equal(t, why, o.Stopped)
	require.Empty(t, o.Diagnosis)
	require.Nil(t, o.Latency)
	require.Len(t, o.Scenarios, 4)
	for _, s := range o.Scenarios {
		require.Equal(t, result.Broken, s.Verdict, "what seemed to be kept, too")
		require.Equal(t, exchange.CauseForeign, s.Cause)
		require.Equal(t, why, s.Reason)
		require.Empty(t, s.Findings)
		require.NotEmpty(t, s.Exchanges, "who answered can be seen")
	}
	for _, r := range o.Rules {
		require.Zero(t, r.Judged+r.Breaches, r.ID)
	}
	require.Equal(t, result.ExitUnjudged, o.Exit)
}

func TestATargetThatIsDownOrLimitsCallsIsNotCalledAnother(t *testing.T) {
	for name, c := range map[string]struct {
		statuses []int
		why      string
	}{
		"down":            {[]int{503}, "the target is not available: 4 of 4 answers are 503 Service Unavailable with an HTML page"},
		"limited":         {[]int{429}, "the target limits how often it is called: 4 of 4 answers are 429 Too Many Requests with an HTML page; a rate in the environment makes fewer calls a second"},
		"down and slow":   {[]int{504, 502}, "the target is not available: 2 of 4 answers are 502 Bad Gateway with an HTML page"},
		"down or limited": {[]int{503, 429, 503, 503}, "the target is not available: 3 of 4 answers are 503 Service Unavailable with an HTML page"},
		"another at last": {[]int{503, 404}, "nothing here speaks like the endpoint: 2 of 4 answers are 404 Not Found with an HTML page. Is the base URL right? /v2/phone-validations is added to it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			o, _ := trial{feature: fourRules(), put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				return answer(w, c.statuses[int(calls.Add(1))%len(c.statuses)], "<html>", "Content-Type", "text/html")
			}}.run(t, t.Context())
			require.Equal(t, c.why, o.Stopped)
			require.Equal(t, result.ExitUnjudged, o.Exit)
		})
	}
}

// Of an early end nobody would learn that they are.
func TestARunIsNotEndedEarlyByAnswersThatAreNotTheEndpoints(t *testing.T) {
	o, seen := trial{
		feature: fourRules(),
		put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			return answer(w, 404, "<html>", "Content-Type", "text/html")
		},
		options: func(o *Options) { o.Enough = func([]string) bool { return true } },
	}.run(t, t.Context())
	require.Len(t, seen.puts, 4)
	require.Contains(t, o.Stopped, "nothing here speaks like the endpoint: 4 of 4")
	require.Equal(t, result.ExitUnjudged, o.Exit)
}

func TestAProviderIsJudgedIfOneAnswerIsTheEndpoints(t *testing.T) {
	o, _ := trial{feature: fourRules(), put: func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 2 {
			return answer(w, 403, `{"code":"wrong","message":"wrong"}`)
		}
		return page(n, w, r)
	}}.run(t, t.Context())
	require.Empty(t, o.Stopped)
	require.Contains(t, verdicts(o), result.Failed)
}

func TestAFewAnswersAreJudgedHoweverBadTheyAre(t *testing.T) {
	o, _ := trial{feature: rule("@PV-01 @must", rightOTP("right")), put: page}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Failed}, verdicts(o))
}
