package steps

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// Users' features may put any step behind any other. If what a step needs is missing, the scenario is skipped or says that it
// makes no sense, and sends nothing malformed.
func TestAStepWhoseStateLacksAValueDoesNotFail(t *testing.T) {
	set, problems := features.Load(nil)
	require.Empty(t, problems)
	texts := map[string]bool{"the answer recommends face liveness where the validation's flow does": true}
	for _, scenario := range set.Scenarios {
		for _, step := range scenario.Steps {
			texts[step.Text] = true
		}
	}
	table := vocabulary()
	type meant struct {
		step Step
		args []string
	}
	meaning := map[string]meant{}
	for text := range texts {
		for _, step := range table {
			if match := step.Expression.FindStringSubmatch(text); match != nil {
				meaning[text] = meant{step, match[1:]}
			}
		}
		require.NotNil(t, meaning[text].step.Do, text)
	}
	for name, values := range map[string]providerstate.Values{
		"no state":            {},
		"no phone validation": {Phone: "62647737", CountryCode: "+507", Token: aToken},
		"a short phone":       {Phone: "6", CountryCode: "+", Token: "t"},
		"the least values":    {Phone: "62647737", CountryCode: "+507", Token: aToken, OTP: "123456", WrongOTP: "234567"},
	} {
		for text := range texts {
			for _, before := range [][]string{{text}, {text, "the person types any OTP"}, {"the person types any OTP", text}} {
				on := fakeProvider{values, exchange.Answer{Status: 200, Body: []byte(validatedReply)}}
				w := &World{Rule: "PV-01", Attempt: 1, Checks: builtInChecks(), Secrets: &secret.Set{}, Session: on, Client: on, values: values}
				w.Start()
				for _, one := range before {
					var err error
					require.NotPanics(t, func() { err = meaning[one].step.Do(t.Context(), w, meaning[one].args) }, "%s: %s", name, before)
					if err != nil {
						break
					}
				}
				for _, e := range w.Exchanges {
					if len(e.Request.Body) > 0 && e.Request.Body[0] == '{' {
						require.NotContains(t, string(e.Request.Body), `:}`, "%s: %s", name, before)
						require.NotContains(t, string(e.Request.Body), `:,`, "%s: %s", name, before)
					}
				}
			}
		}
	}
}

func TestAnExpectationOfAMissingValueSkipsTheScenario(t *testing.T) {
	const text = "the answer recommends face liveness where the validation's flow does"
	found, args := matching(text)
	require.Equal(t, Cost{Values: []string{providerstate.FaceLiveness}}, found[0].Cost(args), "the plan skips it")
	on := fakeProvider{providerstate.Values{Phone: "62647737", CountryCode: "+507", Token: aToken, OTP: "123456"}, exchange.Answer{Status: 200, Body: []byte(validatedReply)}}
	w := &World{Rule: "PV-15", Attempt: 1, Checks: builtInChecks(), Secrets: &secret.Set{}, Session: on, Client: on}
	w.Start()
	requireSkip(t, do(t, w, aState, "the person types the right OTP", text), "the state yields no "+providerstate.FaceLiveness)

	for _, text := range []string{"the status of the validation is validated", "the app registration is linked to the validation", "the answer names the validation's own id"} {
		w := &World{Rule: "PV-12", Attempt: 1, Checks: builtInChecks(), Secrets: &secret.Set{}, Session: on, Client: on}
		w.Start()
		requireSkip(t, do(t, w, aState, "the person types the right OTP", text), "the state yields no ")
		require.Len(t, w.Exchanges, 1, "nothing is read by no id")
	}
	w = &World{Rule: "PV-12", Attempt: 1, Checks: builtInChecks(), Secrets: &secret.Set{}, Session: on, Client: on}
	w.Start()
	require.ErrorContains(t, do(t, w, "the person types any OTP"), "no provider state was made before")
	require.Empty(t, w.Exchanges)
}
