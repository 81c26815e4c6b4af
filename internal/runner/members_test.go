package runner

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// One fault is one promise's: what one answer's code or message lacks is told by that answer's rule, also where scenarios of
// others got the same answer; what several answers lack is the form of errors as well.
func TestAMemberThatOneAnswerLacksIsThatAnswersMatter(t *testing.T) {
	const wrong = "Given there is a pending phone validation|When the person types a wrong OTP"
	feature := everyExchange() +
		rule("@PV-02 @must", scenarioOf("one", append(strings.Split(wrong, "|"), "Then the answer is that the OTP does not match")...)) +
		rule("@PV-03 @must", scenarioOf("two", "Given there is no phone validation", "When the person types any OTP", "Then the answer is that no phone validation was found")) +
		rule("@PV-17 @should", scenarioOf("three", append(strings.Split(wrong, "|"), "And the person types the right OTP", "Then the phone is validated")...))
	for name, c := range map[string]struct {
		answers map[int]string // by status
		rules   []string
		red     []string
	}{
		"a message that one answer lacks":       {map[int]string{403: `{"code":"otp_does_not_match"}`}, nil, []string{"PV-02"}},
		"a code that is a number in one answer": {map[int]string{403: `{"code":403,"message":"403:otp_does_not_match"}`}, nil, []string{"PV-02"}},
		"a further member of one answer":        {map[int]string{403: `{"code":"otp_does_not_match","message":"403:otp_does_not_match","status":403}`}, nil, []string{"PV-18"}},
		"both in one answer":                    {map[int]string{403: `{"code":"otp_does_not_match","status":403}`}, nil, []string{"PV-02", "PV-18"}},
		"a message that two answers lack": {
			map[int]string{403: `{"code":"otp_does_not_match"}`, 404: `{"code":"phone_validation_not_found"}`}, nil, []string{"PV-02", "PV-03", "PV-18"},
		},
		"PV-18 alone is asked": {map[int]string{403: `{"code":"otp_does_not_match"}`}, []string{"PV-18"}, []string{"PV-18"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, _ := trial{
				feature: feature, selection: plan.Selection{Rules: c.rules},
				edit: func(status int, body string) string {
					if other, changed := c.answers[status]; changed {
						return other
					}
					return body
				},
			}.run(t, t.Context())
			var red []string
			for _, r := range o.Rules {
				if r.Verdict == result.Failed {
					red = append(red, r.ID)
				}
			}
			require.ElementsMatch(t, c.red, red)
			require.Equal(t, result.ExitBroken, o.Exit)
		})
	}
}
