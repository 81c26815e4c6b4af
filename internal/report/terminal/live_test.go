package terminal

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	feature "verifik-contract/features"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func live(t *testing.T, p *plan.Plan, o Options, scenarios ...result.Scenario) string {
	t.Helper()
	var out bytes.Buffer
	view := NewLive(&out, p, o)
	for i := range scenarios {
		view.Scenario(&scenarios[i])
	}
	view.Close()
	view.Close()
	for i := range scenarios {
		view.Scenario(&scenarios[i]) // too late
	}
	return out.String()
}

// planned is a plan of scenarios that are done.
func planned(scenarios []result.Scenario) *plan.Plan {
	p := &plan.Plan{}
	for _, s := range scenarios {
		p.Scenarios = append(p.Scenarios, plan.Scenario{ID: s.ID, Case: &plan.Case{Scenario: feature.Scenario{Rule: s.Rule, Level: string(s.Level), Feature: s.Feature, Name: s.Name, File: s.File, Line: s.Line}}})
	}
	return p
}

func TestLiveViewShowsScenariosAsTheyCome(t *testing.T) {
	examples.Golden(t, "live.txt", []byte(live(t, planned(examples.Sample().Scenarios), Options{}, examples.Sample().Scenarios...)))
}

func TestLiveViewInColourFitsTheTerminal(t *testing.T) {
	examples.Golden(t, "live.colour.txt", []byte(live(t, planned(examples.Sample().Scenarios), Options{Color: true, Width: 50}, examples.Sample().Scenarios...)))
}

func TestQuietLiveViewShowsNothing(t *testing.T) {
	require.Empty(t, live(t, samplePlan(), Options{Quiet: true}, examples.Sample().Scenarios...))
}

func TestLiveViewOfHostileScenariosIsHarmless(t *testing.T) {
	examples.Harmless(t, live(t, planned(examples.Hostile().Scenarios), Options{}, examples.Hostile().Scenarios...))
}

// planOf is two rules of three scenarios each, of which one does not run.
func planOf() *plan.Plan {
	p := &plan.Plan{Rules: []plan.Rule{{ID: "PV-01", Title: "First"}, {ID: "PV-02", Title: "Second"}}}
	for _, rule := range []string{"PV-01", "PV-02"} {
		for n := 1; n <= 3; n++ {
			s := plan.Scenario{ID: fmt.Sprintf("%s:%d", rule, n), Case: &plan.Case{Scenario: feature.Scenario{Rule: rule, Level: "must", Feature: "Feature", Name: fmt.Sprintf("%s scenario %d", rule, n), File: rule, Line: n}}}
			if n == 2 {
				s.Skip = "cannot"
			}
			p.Scenarios = append(p.Scenarios, s)
		}
	}
	return p
}

func done(p *plan.Plan, index int) *result.Scenario {
	s := p.Scenarios[index]
	one := &result.Scenario{ID: s.ID, Rule: s.Rule, Level: "must", Feature: s.Feature, Name: s.Name, File: s.File, Line: s.Line, Verdict: result.Passed, Duration: 1}
	if s.Skip != "" {
		one.Verdict, one.Reason, one.Duration = result.Skipped, s.Skip, 0
	}
	return one
}

// begun is a view that was told of what does not run, as a run tells it first.
func begun(w io.Writer, p *plan.Plan, o Options) *Live {
	view := NewLive(w, p, o)
	for i, s := range p.Scenarios {
		if s.Skip != "" {
			view.Scenario(done(p, i))
		}
	}
	return view
}

func TestLiveViewShowsARuleWhenItsLastScenarioIsDone(t *testing.T) {
	p := planOf()
	var out bytes.Buffer
	view := begun(&out, p, Options{})
	view.Scenario(done(p, 5))
	view.Scenario(done(p, 2))
	require.Empty(t, out.String(), "neither rule is finished")
	view.Scenario(done(p, 3))
	second := "Feature\n  PV-02 must Second\n    ✓ PV-02 scenario 1 (1 ms)\n    - PV-02 scenario 2 skipped\n        - cannot\n    ✓ PV-02 scenario 3 (1 ms)\n"
	require.Equal(t, second, out.String(), "in the plan's order, with what does not run")
	view.Scenario(done(p, 4))
	require.Equal(t, second, out.String(), "what does not run is shown once")
	view.Close()
	require.Equal(t, second+"  PV-01 must First\n    - PV-01 scenario 2 skipped\n        - cannot\n    ✓ PV-01 scenario 3 (1 ms)\n", out.String(),
		"an interrupted rule shows what was done")
}

func TestLiveViewInAFileKeepsTheFeaturesOrder(t *testing.T) {
	p := planOf()
	var out bytes.Buffer
	view := begun(&out, p, Options{Ordered: true})
	view.Scenario(done(p, 3))
	view.Scenario(done(p, 5))
	require.Empty(t, out.String(), "the second rule is finished, and waits for the first")
	view.Scenario(done(p, 0))
	view.Scenario(done(p, 2))
	require.Regexp(t, `(?s)^Feature\n  PV-01 must First\n.*scenario 3.*  PV-02 must Second\n.*scenario 3`, out.String(), "shown at once, while the run goes on")
	before := out.String()
	view.Close()
	require.Equal(t, before, out.String())

	out.Reset()
	view = begun(&out, p, Options{Ordered: true})
	view.Scenario(done(p, 5))
	view.Close()
	require.Regexp(t, `(?s)PV-01.*PV-02`, out.String(), "what an interrupt left over too")
}

func TestLiveViewShowsRepetitionsAsOneLine(t *testing.T) {
	p := &plan.Plan{}
	var scenarios []result.Scenario
	for n := 1; n <= 50; n++ {
		p.Scenarios = append(p.Scenarios, plan.Scenario{ID: fmt.Sprintf("a:1#%d", n), Case: &plan.Case{Scenario: feature.Scenario{Rule: "PV-01", Level: "must", Feature: "F", Name: "again", File: "a", Line: 1}}, Repeat: n})
		s := done(p, n-1)
		s.Duration = result.Millis(n)
		scenarios = append(scenarios, *s)
	}
	require.Equal(t, "F\n  PV-01 must\n    ✓ again ×50 (25.5 ms on average)\n", live(t, p, Options{}, scenarios...))
}

func TestLiveViewTakesScenariosFromManyGoroutines(t *testing.T) {
	p := &plan.Plan{}
	for n := range 200 {
		p.Scenarios = append(p.Scenarios, plan.Scenario{ID: fmt.Sprint(n), Case: &plan.Case{Scenario: feature.Scenario{Rule: fmt.Sprintf("PV-%02d", n/10), Feature: "F", Name: fmt.Sprintf("scenario %d", n), File: "f", Line: n + 1}}})
	}
	var out bytes.Buffer
	view := NewLive(&out, p, Options{})
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() { view.Scenario(done(p, 199-n)) })
	}
	all.Wait()
	view.Close()
	require.Equal(t, 20, strings.Count(out.String(), "  PV-"), "each rule has one header")
	for n := range 200 {
		require.Contains(t, out.String(), fmt.Sprintf("✓ scenario %d (", n))
	}
}
