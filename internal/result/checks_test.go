package result

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func changed(fails bool) *Drift {
	return &Drift{Fails: fails, Groups: []DriftGroup{{Kind: NewlyFailing, Title: "Promises newly broken", Changes: []Change{{What: "PV-02"}, {What: "PV-06"}}}, {Kind: NewHeader, Title: "Headers", Changes: []Change{{What: "Server"}}}}}
}

func TestDriftAndProblemsArePartOfTheExitCode(t *testing.T) {
	passed, broken, failed := scenario("PV-01", Must, Passed), scenario("PV-01", Must, Broken), scenario("PV-01", Must, Failed)
	for name, c := range map[string]struct {
		run  Run
		exit ExitCode
	}{
		"drift that is shown":                      {Run{Scenarios: []Scenario{passed}, Drift: changed(false)}, ExitKept},
		"drift that fails":                         {Run{Scenarios: []Scenario{passed}, Drift: changed(true)}, ExitBroken},
		"nothing changed":                          {Run{Scenarios: []Scenario{passed}, Drift: &Drift{Fails: true}}, ExitKept},
		"drift is not hidden by what is broken":    {Run{Scenarios: []Scenario{broken}, Drift: changed(true)}, ExitBroken},
		"a problem":                                {Run{Scenarios: []Scenario{passed}, Problems: []string{"a file"}}, ExitUnjudged},
		"a breach is not hidden by a problem":      {Run{Scenarios: []Scenario{failed}, Rules: []Rule{{ID: "PV-01", Level: Must, Verdict: Failed}}, Problems: []string{"a file"}}, ExitBroken},
		"drift is not hidden by a problem, either": {Run{Scenarios: []Scenario{passed}, Drift: changed(true), Problems: []string{"a file"}}, ExitBroken},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.exit, Exit(&c.run)) })
	}
}

func TestWorseExit(t *testing.T) {
	order := []ExitCode{ExitKept, ExitUnjudged, ExitBroken, ExitInterrupted}
	for i, milder := range order {
		for _, worse := range order[i:] {
			require.Equal(t, worse, WorseExit(milder, worse))
			require.Equal(t, worse, WorseExit(worse, milder))
		}
	}
	require.EqualValues(t, 77, WorseExit(77, ExitKept), "a code that no run ends with is not green")
	require.Equal(t, ExitBroken, WorseExit(77, ExitBroken))
}

func TestAnExitCodeThatNothingExplainsIsRed(t *testing.T) {
	for code, verdict := range map[ExitCode]Verdict{ExitBroken: Failed, ExitUnjudged: Broken, 77: Broken} {
		run := &Run{Scenarios: []Scenario{{Rule: "PV-01", Level: Must, Verdict: Passed}}, Exit: code}
		checks := Checks(run)
		require.Len(t, checks, 1, code)
		require.Equal(t, verdict, checks[0].Verdict, code)
		require.Contains(t, checks[0].Message, fmt.Sprintf("exit code %d", code))
	}
}

func TestDriftHeadline(t *testing.T) {
	d := changed(true)
	d.Baseline.Started = today
	require.Equal(t, "3 changes since 2027-01-31 12:00 UTC: promises newly broken (2): PV-02, PV-06; headers (1)", d.Summary())
	d.Current.Target = Target{Kind: "http", BaseURL: "https://other.example.test"}
	require.Equal(t, "3 differences between two targets", d.Headline())
	require.Equal(t, "Nothing changed since 2027-01-31 12:00 UTC, 1 scenario compared", (&Drift{Baseline: d.Baseline, Compared: 1}).Summary())
	require.False(t, (*Drift)(nil).Drifted())
}

func TestSameTarget(t *testing.T) {
	for name, c := range map[string]struct {
		before, now Target
		same        bool
	}{
		"the same":                       {Target{Kind: "http", BaseURL: "https://a.test/x"}, Target{Kind: "http", BaseURL: "https://a.test/x"}, true},
		"another host":                   {Target{Kind: "http", BaseURL: "https://a.test"}, Target{Kind: "http", BaseURL: "https://b.test"}, false},
		"another port":                   {Target{Kind: "http", BaseURL: "https://a.test:1"}, Target{Kind: "http", BaseURL: "https://a.test:2"}, false},
		"another path":                   {Target{Kind: "http", BaseURL: "https://a.test/1"}, Target{Kind: "http", BaseURL: "https://a.test/2"}, false},
		"another port of this machine":   {Target{Kind: "http", BaseURL: "http://127.0.0.1:1"}, Target{Kind: "http", BaseURL: "http://127.0.0.1:2"}, true},
		"the embedded one":               {Target{Kind: "embedded", BaseURL: "http://127.0.0.1:1"}, Target{Kind: "embedded", BaseURL: "http://127.0.0.1:2"}, true},
		"IPv6":                           {Target{Kind: "http", BaseURL: "http://[::1]:1"}, Target{Kind: "http", BaseURL: "http://[::1]:2"}, true},
		"the embedded one and another":   {Target{Kind: "embedded", BaseURL: "http://127.0.0.1:1"}, Target{Kind: "http", BaseURL: "http://127.0.0.1:1"}, false},
		"a URL that is none, and itself": {Target{Kind: "http", BaseURL: "http://%zz"}, Target{Kind: "http", BaseURL: "http://%zz"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.same, (&Drift{Baseline: DriftSide{Target: c.before}, Current: DriftSide{Target: c.now}}).SameTarget())
		})
	}
}

func TestGroupsCountEverythingOnce(t *testing.T) {
	run := &Run{
		Scenarios: []Scenario{scenario("PV-01", Must, Passed), scenario("PV-02", Should, Failed), scenario("PV-30", Observe, Observed)},
		Rules:     []Rule{{ID: "PV-01"}, {ID: "PV-19", EveryExchange: true, Verdict: Failed}, {ID: "PV-20", EveryExchange: true, Verdict: Passed}},
		Drift:     &Drift{}, Exit: 1,
	}
	run.Rules[1].Level = Must
	require.Equal(t, []Group{{"must", Tally{Passed: 1}}, {"should", Tally{Failed: 1}}, {"observe", Tally{Observed: 1}}, {EveryExchange, Tally{Failed: 1, Passed: 1}}, {TheRun, Tally{Passed: 1}}}, Groups(run))
	require.Equal(t, "3 passed, 2 failed, 1 observed", Count(run).Words())
	require.Equal(t, 6, Count(run).Total())
}
