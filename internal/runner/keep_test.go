package runner

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

func TestARepeatedFailureIsKeptOnce(t *testing.T) {
	o, _ := trial{
		feature: rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")),
		put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
			status := 500
			if n == 4 {
				status = 501
			}
			return answer(w, status, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
		},
		selection: plan.Selection{Repeat: 6},
	}.run(t, t.Context())
	require.Len(t, o.Scenarios, 6)
	for i, s := range o.Scenarios {
		require.Equal(t, result.Failed, s.Verdict)
		require.NotEmpty(t, s.Reason)
		require.Len(t, s.Findings, 1)
		if i == 0 || i == 3 {
			require.Len(t, s.Exchanges, 2, s.ID)
			require.Equal(t, 1, s.Findings[0].Exchange)
		} else {
			require.Empty(t, s.Exchanges, s.ID)
			require.Equal(t, -1, s.Findings[0].Exchange)
		}
	}
}

func TestWhichExchangesAreRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		options        func(*Options)
		passed, failed int
	}{
		"at all":               {nil, 2, 2},
		"at those of failures": {func(o *Options) { o.FailuresOnly = true }, 0, 2},
		"at none":              {func(o *Options) { o.Unseen = true }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := trial{feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")), put: on(calls{2: status(500)}), options: c.options}.run(t, t.Context())
			require.Equal(t, []result.Verdict{result.Passed, result.Failed}, verdicts(o))
			require.Len(t, o.Scenarios[0].Exchanges, c.passed)
			require.Len(t, o.Scenarios[1].Exchanges, c.failed)
			require.Equal(t, c.failed > 0, o.Scenarios[1].Findings[0].Exchange >= 0)
		})
	}
}

func TestRepetitionsShareEqualFindings(t *testing.T) {
	o, _ := trial{
		feature: rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")),
		put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return answer(w, 403, fmt.Sprintf(`{"code":"other%d","message":"403:otp_does_not_match"}`, n%3))
		},
		selection: plan.Selection{Repeat: 20},
		options:   func(o *Options) { o.Concurrency = 1 },
	}.run(t, t.Context())
	shared := map[*result.Finding]bool{}
	for _, s := range o.Scenarios[1:] {
		require.Equal(t, result.Failed, s.Verdict)
		shared[&s.Findings[0]] = true
	}
	require.Len(t, shared, 3)
}

func TestWhatHTTPForbidsIsAWarningOfTheRun(t *testing.T) {
	o, _ := trial{
		feature: rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match")),
		put: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return false
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/9.9 403 Forbidden\r\nContent-Type : application/json\r\nContent-Length: 64\r\n\r\n"+`{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
			return true
		},
		selection: plan.Selection{Repeat: 2},
	}.run(t, t.Context())
	require.Equal(t, []string{"HTTP forbids the version HTTP/9.9: answers that have it: 2", "HTTP forbids white space before a header's colon: answers that have it: 2"}, o.Warnings)
}

func TestAWarningOfSeveralRepetitionsIsGivenOnce(t *testing.T) {
	o, _ := trial{
		feature:   rule("@PV-37 @observe", scenarioOf("one", "Given there is a pending phone validation", "When the person types the right OTP 2 times at once")),
		put:       func(_ int, w http.ResponseWriter, _ *http.Request) bool { return status(200)(w) },
		selection: plan.Selection{Repeat: 3},
	}.run(t, t.Context())
	require.Equal(t, []string{"PV-37 one: the same OTP was accepted 2 times when typed 2 times at once"}, o.Warnings)
}
