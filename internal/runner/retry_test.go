package runner

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

type calls = map[int]func(http.ResponseWriter) bool

func TestWhichScenariosAreRetried(t *testing.T) {
	promise, silence := rule("@PV-01 @must", rightOTP("the right OTP")), rule("@PV-30 @observe", observed("the right OTP"))
	readBack := rule("@PV-12 @must", scenarioOf("read back", "Given there is a pending phone validation", "And the status of the validation can be read",
		"When the person types the right OTP", "Then the status of the validation is validated"))
	for name, c := range map[string]struct {
		feature           string
		retries           int
		put, state, read  calls
		verdict           result.Verdict
		cause             exchange.Cause
		attempts, allPuts int
		flaky             bool
	}{
		"nothing is tried again unless it is asked for": {promise, 0, calls{1: status(503)}, nil, nil, result.Broken, exchange.CauseUnavailable, 1, 1, false},
		"429":                                    {promise, 1, calls{1: status(429)}, nil, nil, result.Passed, "", 2, 2, true},
		"502":                                    {promise, 1, calls{1: status(502)}, nil, nil, result.Passed, "", 2, 2, true},
		"503":                                    {promise, 1, calls{1: status(503)}, nil, nil, result.Passed, "", 2, 2, true},
		"504":                                    {promise, 1, calls{1: status(504)}, nil, nil, result.Passed, "", 2, 2, true},
		"no answer":                              {promise, 1, calls{1: lost}, nil, nil, result.Passed, "", 2, 2, true},
		"only half an answer":                    {promise, 1, calls{1: half}, nil, nil, result.Passed, "", 2, 2, true},
		"twice":                                  {promise, 2, calls{1: lost, 2: status(503)}, nil, nil, result.Passed, "", 3, 3, true},
		"a pass at once is not flaky":            {promise, 2, nil, nil, nil, result.Passed, "", 1, 1, false},
		"a final 429":                            {promise, 2, calls{1: lost, 2: lost, 3: status(429)}, nil, nil, result.Broken, exchange.CauseRateLimited, 3, 3, false},
		"a final 502":                            {promise, 1, calls{1: status(429), 2: status(502)}, nil, nil, result.Broken, exchange.CauseUnavailable, 2, 2, false},
		"a final loss":                           {promise, 1, calls{1: lost, 2: lost}, nil, nil, result.Broken, exchange.CauseLost, 2, 2, false},
		"500 is an answer":                       {promise, 2, calls{1: status(500)}, nil, nil, result.Failed, "", 1, 1, false},
		"501 is an answer":                       {promise, 2, calls{1: status(501)}, nil, nil, result.Failed, "", 1, 1, false},
		"505 is an answer":                       {promise, 2, calls{1: status(505)}, nil, nil, result.Failed, "", 1, 1, false},
		"408 is an answer":                       {promise, 2, calls{1: status(408)}, nil, nil, result.Failed, "", 1, 1, false},
		"a breach":                               {promise, 2, calls{1: status(403)}, nil, nil, result.Failed, "", 1, 1, false},
		"a breach at the second attempt":         {promise, 5, calls{1: status(503), 2: status(500)}, nil, nil, result.Failed, "", 2, 2, false},
		"a state whose source is unavailable":    {promise, 1, nil, calls{1: status(503)}, nil, result.Passed, "", 2, 1, true},
		"a state whose source limits":            {promise, 0, nil, calls{1: status(429)}, nil, result.Passed, "", 1, 1, false},
		"a read-back that is limited":            {readBack, 0, nil, nil, calls{1: status(429), 3: status(429)}, result.Passed, "", 1, 1, false},
		"a state whose source does not answer":   {promise, 1, nil, calls{1: lost}, nil, result.Passed, "", 2, 1, true},
		"a state whose source never answers":     {promise, 1, nil, calls{1: lost, 2: lost}, nil, result.Broken, exchange.CauseState, 2, 0, false},
		"a state whose source refuses":           {promise, 2, nil, calls{1: status(500)}, nil, result.Broken, exchange.CauseState, 1, 0, false},
		"a state without values":                 {promise, 2, nil, calls{1: status(200)}, nil, result.Broken, exchange.CauseState, 1, 0, false},
		"a read-back that is lost after the PUT": {readBack, 1, nil, nil, calls{2: lost}, result.Passed, "", 2, 2, true},
		"a read-back that is unavailable after the PUT":      {readBack, 1, nil, nil, calls{2: status(503)}, result.Passed, "", 2, 2, true},
		"a read-back that is lost before the PUT skips":      {readBack, 1, nil, nil, calls{1: lost}, result.Skipped, "", 1, 0, false},
		"an observed scenario, unavailable":                  {silence, 2, calls{1: status(503)}, nil, nil, result.Observed, "", 1, 1, false},
		"an observed scenario without an answer":             {silence, 2, calls{1: lost}, nil, nil, result.Observed, "", 1, 1, false},
		"an observed scenario whose state could not be made": {silence, 2, nil, calls{1: status(503)}, nil, result.Broken, exchange.CauseState, 1, 0, false},
		"a skip at the second attempt":                       {readBack, 2, calls{1: lost}, nil, calls{2: status(404)}, result.Skipped, "", 2, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, seen := trial{feature: c.feature, retries: c.retries, put: on(c.put), state: on(c.state), read: on(c.read)}.run(t, t.Context())
			s := o.Scenarios[0]
			require.Equal(t, c.verdict, s.Verdict, s.Reason)
			require.Equal(t, c.cause, s.Cause)
			require.Equal(t, c.attempts, s.Attempts)
			require.Equal(t, c.flaky, s.Flaky)
			require.Len(t, s.Retried, c.attempts-1, "why each attempt before the last was given up")
			for _, f := range s.Retried {
				require.NotEmpty(t, f.Message)
				require.NotEqual(t, exchange.CauseInternal, f.Cause)
			}
			require.Equal(t, c.verdict == result.Passed || c.verdict == result.Observed, s.Reason == "", "a reason: %q", s.Reason)
			require.Len(t, seen.puts, c.allPuts)
			require.Len(t, judged(s), c.allPuts, "each attempt is recorded")
			tokens := map[string]bool{}
			for _, put := range seen.puts {
				require.False(t, tokens[put.Authorization], "a PUT was sent twice for the same state")
				tokens[put.Authorization] = true
			}
			last := 0
			for _, e := range s.Exchanges {
				require.Contains(t, []int{last, last + 1}, e.Attempt, "the attempts are counted in order")
				last = e.Attempt
			}
			require.Equal(t, c.attempts, last)
		})
	}
}

// half announces more bytes than it sends.
func half(w http.ResponseWriter) bool {
	w.Header().Set("Content-Length", "1000")
	return answer(w, http.StatusOK, `{"data":`)
}

func TestPUTThatWasProcessedBeforeItsConnectionWasLostIsNotRepeatedWithItsState(t *testing.T) {
	outcome, seen := trial{feature: rule("@PV-01 @must", rightOTP("the right OTP")), retries: 1, lostAfter: 1}.run(t, t.Context())
	require.Equal(t, result.Passed, outcome.Scenarios[0].Verdict, outcome.Scenarios[0].Reason)
	require.True(t, outcome.Scenarios[0].Flaky)
	require.Len(t, seen.puts, 2)
	require.NotEqual(t, seen.puts[0], seen.puts[1])
	require.Len(t, seen.yielded, 2)
}

func TestRetryWaitsAsLongAsTheTargetAsks(t *testing.T) {
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		put, state calls
		asked      []time.Duration // before each further attempt
	}{
		"nothing":                     {calls{1: lost}, nil, []time.Duration{0}},
		"seconds of a 503":            {calls{1: status(503, "Retry-After", "7")}, nil, []time.Duration{7 * time.Second}},
		"seconds of a 429":            {calls{1: status(429, "Retry-After", "7")}, nil, []time.Duration{7 * time.Second}},
		"a date":                      {calls{1: status(503, "Retry-After", now.Add(9*time.Second).Format(http.TimeFormat), "Date", now.Format(http.TimeFormat))}, nil, []time.Duration{9 * time.Second}},
		"nonsense":                    {calls{1: status(503, "Retry-After", "soon")}, nil, []time.Duration{0}},
		"of the source of the states": {nil, calls{1: status(503, "Retry-After", "5")}, []time.Duration{5 * time.Second}},
		"only of the attempt before":  {calls{1: status(503, "Retry-After", "5"), 2: lost}, nil, []time.Duration{5 * time.Second, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []time.Duration
			o, _ := trial{
				feature: rule("@PV-01 @must", rightOTP("the right OTP")), retries: 2, put: on(c.put), state: on(c.state),
				pause: func(ctx context.Context, attempt int, d time.Duration) error {
					asked = append(asked, d)
					require.Len(t, asked, attempt)
					return ctx.Err()
				},
			}.run(t, t.Context())
			require.Equal(t, result.Passed, o.Scenarios[0].Verdict)
			require.Equal(t, c.asked, asked)
		})
	}
}

func TestALongerRetryAfterThanTheLimitIsNotRetried(t *testing.T) {
	for name, c := range map[string]struct{ put, state calls }{
		"the target":               {calls{1: status(503, "Retry-After", "86400")}, nil},
		"the limiter":              {calls{1: status(429, "Retry-After", "31")}, nil},
		"the source of the states": {nil, calls{1: status(429, "Retry-After", "86400")}},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := trial{feature: rule("@PV-01 @must", rightOTP("the right OTP")), retries: 2, put: on(c.put), state: on(c.state),
				pause: func(context.Context, int, time.Duration) error { t.Error("it waited"); return nil },
			}.run(t, t.Context())
			require.Equal(t, result.Broken, o.Scenarios[0].Verdict)
			require.Equal(t, 1, o.Scenarios[0].Attempts)
		})
	}
}

func TestAttemptThatEndsAtAnEarlierStepSaysSo(t *testing.T) {
	feature := rule("@PV-17 @should", scenarioOf("wrong, then right",
		"Given there is a pending phone validation",
		"When the person types a wrong OTP",
		"Then the answer is that the OTP does not match",
		"When the person types the right OTP",
		"Then the phone is validated"))
	o, _ := trial{feature: feature, retries: 1, put: on(calls{2: status(503), 3: status(500)})}.run(t, t.Context())
	s := o.Scenarios[0]
	require.Equal(t, result.Failed, s.Verdict)
	require.Equal(t, []result.Verdict{result.Passed, result.Passed, result.Failed, result.Skipped, result.Skipped}, stepVerdicts(s))
	require.Len(t, s.Findings, 1)
	require.Equal(t, s.Steps[2].Line, s.Findings[0].Step)
	require.Equal(t, 500, s.Exchanges[s.Findings[0].Exchange].Answer.Status)
}

func TestAttemptsBeforeArePartOfAPassButNotOfItsSteps(t *testing.T) {
	o, _ := trial{feature: rule("@PV-01 @must", rightOTP("the right OTP")), retries: 1, put: on(calls{1: status(503)})}.run(t, t.Context())
	require.Equal(t, []result.Verdict{result.Passed, result.Passed, result.Passed}, stepVerdicts(o.Scenarios[0]))
}

func TestATimeoutIsRetried(t *testing.T) {
	// Only the first call hangs; the others may be slow on a busy machine, hence the many retries.
	o, _ := trial{
		feature: rule("@PV-01 @must", rightOTP("the right OTP")), retries: 20, timeout: 200 * time.Millisecond,
		put: func(n int, _ http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				<-r.Context().Done()
			}
			return n == 1
		},
	}.run(t, t.Context())
	s := o.Scenarios[0]
	require.Equal(t, result.Passed, s.Verdict, s.Reason)
	require.True(t, s.Flaky)
	require.Equal(t, exchange.CauseTimeout, judged(s)[0].Failure.Cause)
}

func TestFinalTimeoutIsBroken(t *testing.T) {
	o, _ := trial{
		feature: rule("@PV-01 @must", rightOTP("the right OTP")), timeout: 50 * time.Millisecond,
		put: func(_ int, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
	}.run(t, t.Context())
	require.Equal(t, result.Broken, o.Scenarios[0].Verdict)
	require.Equal(t, exchange.CauseTimeout, o.Scenarios[0].Cause)
	require.Nil(t, o.Latency, "what was not answered has no latency")
}
