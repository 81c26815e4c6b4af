package terminal

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/state"
)

func samplePlan() *plan.Plan {
	return &plan.Plan{
		Environment: "staging", Target: plan.Target{Kind: "http", BaseURL: "https://api.example.test", Protected: true},
		Selection: plan.Selection{Level: "should"},
		Rules: []plan.Rule{
			{ID: "PV-01", Level: "must", Title: "The right OTP is answered 200"},
			{ID: "PV-14", Level: "must", Title: "A validation event triggers a webhook notification"},
			{ID: "PV-19", Level: "must", Title: "The body is one JSON value in UTF-8", EveryExchange: true},
		},
		Scenarios: []plan.Scenario{
			{ID: "features/right_otp.feature:10", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 1 digit", File: "features/right_otp.feature", Line: 10}, Needs: []state.Request{{Name: providerstate.Pending}}}},
			{ID: "features/right_otp.feature:11", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 2 digits", File: "features/right_otp.feature", Line: 11}, Skip: "no phone of the pool has such a code", Advice: `add one to "phones"`}},
			{ID: "features/right_otp.feature:10#2", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-01", Level: "must", Feature: "The right OTP", Name: "With a country code of 1 digit", File: "features/right_otp.feature", Line: 10}}, Repeat: 2},
			{ID: "features/webhook.feature:6", Case: &plan.Case{Scenario: features.Scenario{Rule: "PV-14", Level: "must", Feature: "Notifications", Name: "One notification", File: "features/webhook.feature", Line: 6}, Skip: "the environment has no webhook block", Advice: `add a "webhook" block`}},
		},
		Cost: plan.Cost{Calls: 2, ReadBacks: 1, States: 2, Cost: state.Cost{Registrations: 2, Messages: 2}},
		Without: []plan.Without{
			{Rule: "PV-14", Reason: "the environment has no webhook block", Advice: `add a "webhook" block`, Scenarios: 1, All: true},
			{Rule: "PV-01", Reason: "no phone of the pool has such a code", Scenarios: 1},
			{Rule: "PV-27", Reason: "the environment has no webhook block", Advice: `add a "webhook" block`, Scenarios: 2},
		},
	}
}

func TestPlanSaysWhatRunsWhatNotAndWhatItCosts(t *testing.T) {
	for name, o := range map[string]Options{"plan.txt": {}, "plan.colour.txt": {Color: true, Width: 60}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Plan(&out, samplePlan(), o))
			examples.Golden(t, name, out.Bytes())
		})
	}
}

func TestPlanOfHostileEnvironmentIsHarmless(t *testing.T) {
	p := samplePlan()
	p.Environment, p.Target.BaseURL, p.Selection.Tags = examples.HostileText, examples.HostileText, examples.HostileText
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		s.Name, s.Feature, s.Rule, s.Level, s.Advice = examples.HostileText, examples.HostileText, examples.HostileText, examples.HostileText, examples.HostileText
		if s.Skip != "" {
			s.Skip = examples.HostileText
		}
	}
	for i := range p.Without {
		p.Without[i] = plan.Without{Rule: examples.HostileText, Reason: examples.HostileText, Advice: examples.HostileText}
	}
	var out bytes.Buffer
	require.NoError(t, Plan(&out, p, Options{}))
	examples.Harmless(t, out.String())
}

func TestOnlyMessagesThatAreSentAreMentioned(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		cost plan.Cost
		says string
	}{
		"the reference provider":              {"embedded", plan.Cost{States: 2, Cost: state.Cost{Messages: 2, Possible: 2}}, "States: 2 provider states made, 0 app registrations.\n"},
		"prepared records, or a demo project": {"http", plan.Cost{States: 2, Cost: state.Cost{Registrations: 1}}, "States: 2 provider states made, 1 app registration.\n"},
		"the set-up API":                      {"http", plan.Cost{States: 2, Cost: state.Cost{Registrations: 2, Messages: 1}}, "2 app registrations, 1 OTP message (the provider charges for them).\n"},
		"a state handler": {"http", plan.Cost{States: 3, Cost: state.Cost{Messages: 2, Possible: 2}},
			"0 app registrations, 2 OTP messages at most if the state handler sends any.\n"},
		"both": {"http", plan.Cost{States: 3, Cost: state.Cost{Registrations: 1, Messages: 3, Possible: 2}},
			"1 app registration, 1 OTP message (the provider charges for them), 2 OTP messages at most if the state handler sends any.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Plan(&out, &plan.Plan{Environment: "x", Target: plan.Target{Kind: c.kind}, Cost: c.cost}, Options{}))
			require.Contains(t, out.String(), c.says)
		})
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWriteErrorsAreReported(t *testing.T) {
	require.Error(t, Plan(closed{}, samplePlan(), Options{}))
	require.Error(t, Summary(closed{}, examples.Sample(), Options{}))
}
