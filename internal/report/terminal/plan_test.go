package terminal

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/state"
)

func TestPlanSaysWhatRunsWhatNotAndWhatItCosts(t *testing.T) {
	for name, o := range map[string]Options{"plan.txt": {}, "plan.colour.txt": {Color: true, Width: 60}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Plan(&out, examples.SamplePlan(), o))
			examples.Golden(t, name, out.Bytes())
		})
	}
}

func TestPlanOfHostileEnvironmentIsHarmless(t *testing.T) {
	p := examples.SamplePlan()
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
	require.Error(t, Plan(closed{}, examples.SamplePlan(), Options{}))
	require.Error(t, Summary(closed{}, examples.Sample(), Options{}))
}
