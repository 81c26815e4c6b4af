package runner

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// One fault belongs to one promise: a code or message that one answer lacks is reported by that answer's rule, whichever scenarios
// got that answer. If several answers lack it, the form of errors is broken as well.
func TestAMissingMemberBelongsToTheAnswersOwnPromise(t *testing.T) {
	const wrong = "Given there is a pending phone validation|When the person types a wrong OTP"
	feature := everyExchange() +
		rule("@PV-02 @must", scenarioOf("one", append(strings.Split(wrong, "|"), "Then the answer is that the OTP does not match")...)) +
		rule("@PV-03 @must", scenarioOf("two", "Given there is no phone validation", "When the person types any OTP", "Then the answer is that no phone validation was found")) +
		rule("@PV-17 @should", scenarioOf("three", append(strings.Split(wrong, "|"), "And the person types the right OTP", "Then the phone is validated")...))
	const lacksMessage = `{"code":"otp_does_not_match"}`
	for name, c := range map[string]struct {
		answers map[int]string // by status
		rules   []string
		waived  string
		red     []string
		form    result.Verdict // of the rule of all error answers
		judged  int            // of how many
	}{
		"a message that one answer lacks":       {map[int]string{403: lacksMessage}, nil, "", []string{"PV-02"}, "passed", 1},
		"neither member in one answer":          {map[int]string{403: `{}`}, nil, "", []string{"PV-02"}, "passed", 1},
		"a code that is a number in one answer": {map[int]string{403: `{"code":403,"message":"403:otp_does_not_match"}`}, nil, "", []string{"PV-02"}, "passed", 1},
		"a further member of one answer":        {map[int]string{403: `{"code":"otp_does_not_match","message":"403:otp_does_not_match","status":403}`}, nil, "", []string{"PV-18"}, "failed", 3},
		"both in one answer":                    {map[int]string{403: `{"code":"otp_does_not_match","status":403}`}, nil, "", []string{"PV-02", "PV-18"}, "failed", 3},
		"a message that two answers lack": {
			map[int]string{403: lacksMessage, 404: `{"code":"phone_validation_not_found"}`}, nil, "", []string{"PV-02", "PV-03", "PV-18"}, "failed", 3,
		},
		"PV-18 alone is asked":                          {map[int]string{403: lacksMessage}, []string{"PV-18"}, "", []string{"PV-18"}, "failed", 3},
		"the answer's own promise is not asked":         {map[int]string{403: lacksMessage}, []string{"PV-03", "PV-17", "PV-18"}, "", []string{"PV-18"}, "failed", 3},
		"the answer's own promise is waived":            {map[int]string{403: lacksMessage}, nil, "PV-02", []string{"PV-18"}, "failed", 3},
		"another promise is waived":                     {map[int]string{403: lacksMessage}, nil, "PV-03", []string{"PV-02"}, "passed", 1},
		"the rule of all error answers is waived":       {map[int]string{403: lacksMessage}, nil, "PV-18", []string{"PV-02"}, "passed", 1},
		"it is the answer of a rule that is not judged": {map[int]string{404: `{"message":"404:phone_validation_not_found"}`}, []string{"PV-02", "PV-18"}, "", []string{"PV-18"}, "failed", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, _ := trial{
				feature: feature, selection: plan.Selection{Rules: c.rules}, options: func(o *Options) {
					if c.waived != "" {
						o.Waivers = []result.Waiver{{Rule: c.waived, Reason: "ticket 7", Until: "9999-12-31"}}
					}
				},
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
			form := ruleOf(t, o, "PV-18")
			if c.waived == "PV-18" {
				require.NotEqual(t, result.WaiverUsed, o.Waivers[0].State)
			}
			require.Equal(t, c.form, form.Verdict)
			require.Equal(t, c.judged, form.Judged)
			require.Equal(t, c.form == result.Failed, len(form.Findings) > 0)
			require.True(t, slices.IsSortedFunc(form.Findings, func(a, b result.Finding) int { return strings.Compare(a.Scenario, b.Scenario) }))
		})
	}
}

// If each answer's own promise reports all that is wrong, nothing shows that error answers keep their form.
func TestTheFormOfErrorsIsNotKeptIfEveryErrorBreaksIt(t *testing.T) {
	for _, repeat := range []int{1, shownFindings + 5} {
		o, _ := trial{
			feature: everyExchange() + rule("@PV-02 @must", scenarioOf("one", "Given there is a pending phone validation", "When the person types a wrong OTP", "Then the answer is that the OTP does not match"), rightOTP("two")),
			edit: func(status int, body string) string {
				return map[int]string{200: body, 403: `{"code":"otp_does_not_match"}`}[status]
			},
			selection: plan.Selection{Repeat: repeat},
		}.run(t, t.Context())
		require.Equal(t, result.Failed, ruleOf(t, o, "PV-02").Verdict)
		form := ruleOf(t, o, "PV-18")
		require.Equal(t, result.Skipped, form.Verdict)
		require.Contains(t, form.Reason, "is reported by that answer's own promise")
		require.Empty(t, form.Findings)
		require.Equal(t, result.ExitBroken, o.Exit)
	}
}
