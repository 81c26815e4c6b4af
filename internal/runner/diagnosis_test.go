package runner

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func TestAGatewayThatDropsTheTokenIsBlamedForAllThatFollows(t *testing.T) {
	feature := rule("@PV-01 @must", rightOTP("one"), rightOTP("two")) + rule("@PV-16 @must", refusedWithoutToken("three"))
	for name, test := range map[string]struct {
		drops     func(n int) bool
		diagnosis string
	}{
		"every time":     {func(int) bool { return true }, "does a gateway on the way drop the Authorization header?"},
		"not every time": {func(n int) bool { return n > 1 }, "is the token that the state yields the app registration's own?"},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := trial{feature: feature, put: func(n int, w http.ResponseWriter, r *http.Request) bool {
				if test.drops(n) || r.Header.Get("Authorization") == "" {
					return answer(w, 401, `{"code":"Unauthorized","message":"no token"}`)
				}
				return answer(w, 403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
			}, options: func(o *Options) { o.Concurrency = 1 }}.run(t, t.Context())
			last := o.Scenarios[1]
			require.Equal(t, result.Failed, last.Verdict)
			require.Contains(t, last.Diagnosis, test.diagnosis)
		})
	}
}

func TestAGatewayThatRewritesStatusesIsOneCause(t *testing.T) {
	const questions = ": does a gateway on the way rewrite the status, or does the provider set it wrong?"
	bodies := []string{`{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`, `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`}
	for name, test := range map[string]struct{ second, diagnosis string }{
		"of one body":  {bodies[0], "the body is the one that the documentation shows for 403, and the status is 400" + questions},
		"of different": {bodies[1], "the body is one that the documentation shows for another status, and the status is 400" + questions},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := trial{feature: rule("@PV-01 @must", rightOTP("one"), rightOTP("two")), put: func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n == 1 {
					return answer(w, 400, bodies[0])
				}
				return answer(w, 400, test.second)
			}, options: func(o *Options) { o.Concurrency = 1 }}.run(t, t.Context())
			require.Equal(t, []string{"all 2 failures look alike: " + test.diagnosis}, o.Diagnosis)
			for _, s := range o.Scenarios {
				require.Equal(t, test.diagnosis, s.Diagnosis)
			}
		})
	}
}
