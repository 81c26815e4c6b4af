package report

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
)

func TestPlanSaysWhatRunsWhatNotAndWhatItCosts(t *testing.T) {
	for name, o := range map[string]TextOptions{"plan.txt": {}, "plan.colour.txt": {Color: true, Width: 60}, "plan.quiet.txt": {Quiet: true}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Plan(&out, samplePlan(), o))
			golden(t, name, out.Bytes())
		})
	}
}

func TestPlanOfHostileEnvironmentIsHarmless(t *testing.T) {
	p := samplePlan()
	p.Environment, p.Target.BaseURL, p.Selection.Tags = hostileText, hostileText, hostileText
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		s.Name, s.Feature, s.Rule, s.Level, s.Advice = hostileText, hostileText, hostileText, hostileText, hostileText
		if s.Skip != "" {
			s.Skip = hostileText
		}
	}
	for i := range p.Without {
		p.Without[i] = plan.Without{Rule: hostileText, Reason: hostileText, Advice: hostileText}
	}
	var out bytes.Buffer
	require.NoError(t, Plan(&out, p, TextOptions{}))
	harmless(t, out.String())
}

func TestEmbeddedTargetCostsNoMessages(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Plan(&out, &plan.Plan{Environment: "local", Target: plan.Target{Kind: "embedded"}}, TextOptions{}))
	require.Contains(t, out.String(), "Plan for environment local (the embedded reference provider)")
	require.Contains(t, out.String(), "0 OTP messages.\n")
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWriteErrorsAreReported(t *testing.T) {
	require.Error(t, Plan(closed{}, samplePlan(), TextOptions{}))
	require.Error(t, Summary(closed{}, sample(), TextOptions{}))
	for _, f := range forms() {
		require.Error(t, f.render(closed{}, sample()), f.Name)
	}
}
