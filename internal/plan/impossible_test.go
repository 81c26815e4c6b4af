package plan

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
)

func TestStepsThatCannotWorkAreProblems(t *testing.T) {
	const head = "Feature: F\n\n  @PV-02 @must\n  Rule: R\n    Words.\n\n    Scenario: S\n"
	for name, c := range map[string]struct {
		steps, summary string
		line           int // of the problem
	}{
		"a request before a state":     {"      When the person types any OTP\n      Then nothing is found\n", "the scenario has no provider state yet", 8},
		"a read-back before a state":   {"      Given the status of the validation can be read\n", "the scenario has no provider state yet", 8},
		"no country code":              {"      Given there is a pending phone validation for country code \"foo\"\n", `"foo" is not a country code`, 8},
		"no delivery method":           {"      Given there is a pending phone validation delivered by \"pigeon\"\n", `"pigeon" is not a delivery method`, 8},
		"a state, then a request":      {"      Given there is no phone validation\n      When the person types any OTP\n      Then nothing is found\n", "", 0},
		"a country code of two digits": {"      Given there is a pending phone validation for country code \"+57\"\n      When the person types the right OTP\n      Then the phone is validated\n", "", 0},
		"settling before a request":    {"      Given there is a pending phone validation\n      When things have settled\n      And the person types the right OTP\n      Then the phone is validated\n", "no request was sent yet", 9},
		"a notification of nothing":    {"      Given there is a pending phone validation with a webhook\n      Then a notification tells of the validation\n", "no request was sent yet", 9},
		"no notification of nothing":   {"      Given there is a pending phone validation with a webhook\n      Then no notification tells of a success\n", "no request was sent yet", 9},
		"settling after a request":     {"      Given there is a pending phone validation\n      When the person types the right OTP\n      And things have settled\n      Then the phone is validated\n", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "own.feature")
			require.NoError(t, os.WriteFile(path, []byte(head+c.steps), 0o600))
			set, problems := features.Load([]string{path})
			require.Empty(t, problems)
			_, problems = Match(set, vocabulary())
			if c.summary == "" {
				require.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			require.Equal(t, c.summary, problems[0].Summary)
			require.Equal(t, c.line, problems[0].Line)
		})
	}
}

// A scenario without steps and a rule without a level are problems of the feature, and told once.
func TestScenariosThatExpectNothingAreProblems(t *testing.T) {
	steps := func(texts ...string) (all []features.Step) {
		for _, text := range texts {
			all = append(all, features.Step{Text: text})
		}
		return all
	}
	sends := []string{"there is a pending phone validation", "the person types a wrong OTP"}
	for name, c := range map[string]struct {
		features.Scenario
		problem bool
	}{
		"nothing":             {features.Scenario{Level: "must", Steps: steps(sends...)}, true},
		"a recorded answer":   {features.Scenario{Level: "should", Steps: steps(append(sends, "the answer is recorded")...)}, true},
		"an answer, recorded": {features.Scenario{Level: "must", Steps: steps(append(sends, "the request is refused", "the answer is recorded")...)}, false},
		"to observe":          {features.Scenario{Level: "observe", Steps: steps(append(sends, "the answer is recorded")...)}, false},
		"no steps":            {features.Scenario{Level: "must"}, false},
		"no level":            {features.Scenario{Steps: steps(sends...)}, false},
	} {
		_, problems := Match(&features.Set{Scenarios: []features.Scenario{c.Scenario}}, vocabulary())
		require.Len(t, problems, map[bool]int{true: 1}[c.problem], name)
	}
}
