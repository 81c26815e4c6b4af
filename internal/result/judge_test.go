package result

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func scenario(rule string, level Level, v Verdict) Scenario {
	return Scenario{ID: rule + string(v), Rule: rule, Level: level, Verdict: v, Reason: "the reason of " + string(v)}
}

var today = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)

func TestExitCodes(t *testing.T) {
	always := Waiver{Rule: "PV-01", Reason: "ticket 1", Until: "2999-12-31"}
	every := func(level Level, judged, breaches int) Rule {
		return Rule{ID: "PV-19", Level: level, EveryExchange: true, Judged: judged, Breaches: breaches}
	}
	for name, c := range map[string]struct {
		scenarios []Scenario
		rules     []Rule // beside PV-01
		waivers   []Waiver
		failOn    string
		stopped   string
		latency   *Latency
		exit      ExitCode
	}{
		"all passed":                             {[]Scenario{scenario("PV-01", Must, Passed)}, nil, nil, "", "", nil, ExitKept},
		"flaky is kept":                          {[]Scenario{{Rule: "PV-01", Level: Must, Verdict: Passed, Flaky: true}}, nil, nil, "", "", nil, ExitKept},
		"observed alone":                         {[]Scenario{scenario("PV-01", Observe, Observed)}, nil, nil, "", "", nil, ExitKept},
		"one passed, others skipped":             {[]Scenario{scenario("PV-01", Must, Skipped), scenario("PV-01", Must, Passed)}, nil, nil, "", "", nil, ExitKept},
		"a must failed":                          {[]Scenario{scenario("PV-01", Must, Failed)}, nil, nil, "", "", nil, ExitBroken},
		"a should failed":                        {[]Scenario{scenario("PV-01", Should, Failed)}, nil, nil, "", "", nil, ExitBroken},
		"a should failed, fail on should":        {[]Scenario{scenario("PV-01", Should, Failed)}, nil, nil, "should", "", nil, ExitBroken},
		"a should failed, fail on must":          {[]Scenario{scenario("PV-01", Should, Failed)}, nil, nil, "must", "", nil, ExitKept},
		"a must failed, fail on must":            {[]Scenario{scenario("PV-01", Must, Failed)}, nil, nil, "must", "", nil, ExitBroken},
		"a should broken, fail on must":          {[]Scenario{scenario("PV-01", Should, Broken)}, nil, nil, "must", "", nil, ExitUnjudged},
		"a failure is not hidden by broken ones": {[]Scenario{scenario("PV-01", Must, Broken), scenario("PV-01", Must, Failed)}, nil, nil, "", "", nil, ExitBroken},
		"a must broken":                          {[]Scenario{scenario("PV-01", Must, Passed), scenario("PV-01", Must, Broken)}, nil, nil, "", "", nil, ExitUnjudged},
		"an observed one broken":                 {[]Scenario{scenario("PV-01", Observe, Broken), scenario("PV-01", Must, Passed)}, nil, nil, "", "", nil, ExitKept},
		"everything skipped":                     {[]Scenario{scenario("PV-01", Must, Skipped)}, nil, nil, "", "", nil, ExitUnjudged},
		"no scenario at all":                     {nil, nil, nil, "", "", nil, ExitUnjudged},
		"stopped early":                          {[]Scenario{scenario("PV-01", Must, Passed)}, nil, nil, "", "five in a row", nil, ExitUnjudged},
		"stopped early after a failure":          {[]Scenario{scenario("PV-01", Must, Failed)}, nil, nil, "", "five in a row", nil, ExitBroken},
		"waived":                                 {[]Scenario{scenario("PV-01", Must, Failed)}, nil, []Waiver{always}, "", "", nil, ExitKept},
		"waived, and another broken":             {[]Scenario{scenario("PV-01", Must, Failed), scenario("PV-01", Must, Broken)}, nil, []Waiver{always}, "", "", nil, ExitUnjudged},
		"an every-exchange rule failed":          {[]Scenario{scenario("PV-01", Must, Passed)}, []Rule{every(Must, 3, 1)}, nil, "", "", nil, ExitBroken},
		"of the weaker level, fail on must":      {[]Scenario{scenario("PV-01", Must, Passed)}, []Rule{every(Should, 3, 1)}, nil, "must", "", nil, ExitKept},
		"an every-exchange rule alone failed":    {[]Scenario{scenario("PV-01", Must, Observed)}, []Rule{every(Must, 3, 1)}, nil, "", "", nil, ExitBroken},
		"an every-exchange rule waived":          {[]Scenario{scenario("PV-01", Must, Passed)}, []Rule{every(Must, 3, 1)}, []Waiver{{Rule: "PV-19", Until: "2999-12-31"}}, "", "", nil, ExitKept},
		"an every-exchange rule saw nothing":     {[]Scenario{scenario("PV-01", Must, Passed)}, []Rule{every(Must, 0, 0)}, nil, "", "", nil, ExitKept},
		"over a budget that warns":               {[]Scenario{scenario("PV-01", Must, Passed)}, nil, nil, "", "", &Latency{Budget: &Budget{Over: []string{"p95"}}}, ExitKept},
		"over a budget that fails":               {[]Scenario{scenario("PV-01", Must, Passed)}, nil, nil, "", "", &Latency{Budget: &Budget{Over: []string{"p95"}, Fail: true}}, ExitBroken},
		"within a budget that fails":             {[]Scenario{scenario("PV-01", Must, Passed)}, nil, nil, "", "", &Latency{Budget: &Budget{Fail: true}}, ExitKept},
	} {
		t.Run(name, func(t *testing.T) {
			level := Must
			if len(c.scenarios) > 0 {
				level = c.scenarios[len(c.scenarios)-1].Level
			}
			run := &Run{Scenarios: c.scenarios, Rules: append([]Rule{{ID: "PV-01", Level: level}}, c.rules...), Waivers: c.waivers, Selection: Selection{FailOn: c.failOn}, Stopped: c.stopped, Latency: c.latency}
			Conclude(run, today)
			require.Equal(t, c.exit, run.Exit)
			require.Equal(t, c.exit, Exit(run), "the code follows from what the file holds")
			switch hidden := name == "a failure is not hidden by broken ones" || name == "stopped early after a failure"; c.exit {
			case ExitKept, ExitBroken:
				require.Equal(t, !hidden, Complete(run), "a breach hides what was not judged from the code, not from who asks for all")
			default:
				require.False(t, Complete(run))
			}
			Conclude(run, today)
			require.Equal(t, c.exit, run.Exit, "to conclude twice changes nothing")
		})
	}
}

func TestARequiredRuleThatWasNotJudgedIsNamed(t *testing.T) {
	skipped := func(rule string, level Level, reason string) Scenario {
		return Scenario{Rule: rule, Level: level, Verdict: Skipped, Reason: reason}
	}
	passed := scenario("PV-01", Must, Passed)
	hook, phones := skipped("PV-14", Must, "no webhook"), skipped("PV-21", Should, "one phone only")
	for name, c := range map[string]struct {
		require, shard string
		scenarios      []Scenario
		exit           ExitCode
		warnings       []string
	}{
		"nothing required":               {"", "", []Scenario{passed, hook, phones}, ExitKept, nil},
		"must, and one was skipped":      {"must", "", []Scenario{passed, hook, phones}, ExitUnjudged, []string{"PV-14 (must) was not judged, and --require must asks for it: no webhook"}},
		"must, and a should was skipped": {"must", "", []Scenario{passed, phones}, ExitKept, nil},
		"should asks for must as well": {"should", "", []Scenario{passed, hook, phones}, ExitUnjudged, []string{
			"PV-14 (must) was not judged, and --require should asks for it: no webhook", "PV-21 (should) was not judged, and --require should asks for it: one phone only"}},
		"one of its scenarios was judged": {"should", "", []Scenario{passed, hook, scenario("PV-14", Must, Passed)}, ExitKept, nil},
		"an observed rule was skipped":    {"should", "", []Scenario{passed, skipped("PV-37", Observe, "intrusive")}, ExitKept, nil},
		"a breach is not hidden":          {"must", "", []Scenario{scenario("PV-01", Must, Failed), hook}, ExitBroken, []string{"PV-14 (must) was not judged, and --require must asks for it: no webhook"}},
		"the others' rules of a shard":    {"must", "1/2", []Scenario{passed, hook}, ExitKept, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run := &Run{Scenarios: c.scenarios, Selection: Selection{Require: c.require, Shard: c.shard}}
			for _, s := range c.scenarios {
				if !slices.ContainsFunc(run.Rules, func(r Rule) bool { return r.ID == s.Rule }) {
					run.Rules = append(run.Rules, Rule{ID: s.Rule, Level: s.Level})
				}
			}
			Conclude(run, today)
			Conclude(run, today)
			require.Equal(t, c.exit, run.Exit)
			require.Equal(t, c.warnings, run.Warnings)
		})
	}
	t.Run("an every-exchange rule saw nothing", func(t *testing.T) {
		run := &Run{Scenarios: []Scenario{passed}, Selection: Selection{Require: "must"}, Rules: []Rule{{ID: "PV-01", Level: Must}, {ID: "PV-19", Level: Must, EveryExchange: true}}}
		Conclude(run, today)
		require.Equal(t, ExitUnjudged, run.Exit)
		require.Len(t, Unjudged(run), 1)
	})
}

func TestARuleHasTheVerdictOfItsWorstScenario(t *testing.T) {
	for name, c := range map[string]struct {
		scenarios []Verdict
		verdict   Verdict
	}{
		"none":                                 {nil, Skipped},
		"passed":                               {[]Verdict{Passed, Passed}, Passed},
		"passed and skipped":                   {[]Verdict{Skipped, Passed, Skipped}, Passed},
		"skipped":                              {[]Verdict{Skipped, Skipped}, Skipped},
		"observed and skipped":                 {[]Verdict{Observed, Skipped}, Observed},
		"failed and broken":                    {[]Verdict{Broken, Failed, Broken}, Failed},
		"broken and passed":                    {[]Verdict{Passed, Broken, Passed}, Broken},
		"waived and passed":                    {[]Verdict{Passed, Waived}, Waived},
		"broken and waived, nothing is hidden": {[]Verdict{Waived, Broken}, Broken},
	} {
		t.Run(name, func(t *testing.T) {
			run := &Run{Rules: []Rule{{ID: "PV-01", Level: Must, Verdict: Failed, Reason: "of an earlier conclusion"}, {ID: "PV-02", Level: Must}}}
			for _, v := range c.scenarios {
				run.Scenarios = append(run.Scenarios, scenario("PV-01", Must, v))
			}
			rand.Shuffle(len(run.Scenarios), func(i, j int) {
				run.Scenarios[i], run.Scenarios[j] = run.Scenarios[j], run.Scenarios[i]
			})
			Conclude(run, today)
			require.Equal(t, c.verdict, run.Rules[0].Verdict)
			if len(c.scenarios) > 0 {
				require.Equal(t, "the reason of "+string(c.verdict), run.Rules[0].Reason)
			} else {
				require.NotEmpty(t, run.Rules[0].Reason)
			}
			require.Equal(t, Skipped, run.Rules[1].Verdict)
		})
	}
}

func TestMergeReturnsTheWorse(t *testing.T) {
	order := Verdicts()
	require.Len(t, order, 6)
	for i, worse := range order {
		require.Equal(t, worse, Merge("", worse))
		require.Equal(t, worse, Merge(worse, ""))
		for _, milder := range order[i:] {
			require.Equal(t, worse, Merge(worse, milder))
			require.Equal(t, worse, Merge(milder, worse))
		}
	}
}

func TestVerdictsOfEveryExchangeRules(t *testing.T) {
	for name, c := range map[string]struct {
		judged, breaches int
		waived           bool
		before           string
		verdict          Verdict
		reason           string
	}{
		"kept":            {3, 0, false, "old", Passed, ""},
		"broken":          {3, 2, false, "old", Failed, "2 of 3 answers"},
		"waived":          {3, 2, true, "old", Waived, "waived until 2027-12-31: ticket 7"},
		"unseen":          {0, 0, false, "", Skipped, "no answer that it is about was seen"},
		"left to another": {0, 0, false, "PV-02 tells of it", Skipped, "PV-02 tells of it"},
		"unneeded":        {3, 0, true, "old", Passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run := &Run{Rules: []Rule{{ID: "PV-19", Level: Must, EveryExchange: true, Judged: c.judged, Breaches: c.breaches, Reason: c.before}}}
			if c.waived {
				run.Waivers = []Waiver{{Rule: "PV-19", Reason: "ticket 7", Until: "2027-12-31"}}
			}
			Conclude(run, today)
			require.Equal(t, c.verdict, run.Rules[0].Verdict)
			require.Equal(t, c.reason, run.Rules[0].Reason)
		})
	}
}

func TestWaiverStates(t *testing.T) {
	for name, c := range map[string]struct {
		scenarios []Verdict
		until     string
		now       time.Time
		state     WaiverState
		verdict   Verdict
		warning   string
	}{
		"used":                                {[]Verdict{Failed}, "2027-12-31", today, "used", Waived, ""},
		"used, and other scenarios passed":    {[]Verdict{Passed, Failed}, "2027-12-31", today, "used", Waived, ""},
		"used, and another was broken":        {[]Verdict{Broken, Failed}, "2027-12-31", today, "used", Broken, ""},
		"stale":                               {[]Verdict{Passed}, "2027-12-31", today, "stale", Passed, "is stale"},
		"broken: nobody knows":                {[]Verdict{Broken}, "2027-12-31", today, "unused", Broken, ""},
		"skipped: nobody knows":               {[]Verdict{Skipped}, "2027-12-31", today, "unused", Skipped, ""},
		"observed: there is nothing to waive": {[]Verdict{Observed}, "2027-12-31", today, "unused", Observed, ""},
		"not selected":                        {nil, "2027-12-31", today, "unused", Skipped, ""},
		"its last day, UTC":                   {[]Verdict{Failed}, "2027-01-31", time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC), "used", Waived, ""},
		"the day after, UTC":                  {[]Verdict{Failed}, "2027-01-31", time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), "expired", Failed, "ended on 2027-01-31"},
		"tomorrow already in the far east":    {[]Verdict{Failed}, "2027-01-31", time.Date(2027, 2, 1, 9, 0, 0, 0, time.FixedZone("far east", 14*3600)), "used", Waived, ""},
		"today still in the far west":         {[]Verdict{Failed}, "2027-01-31", time.Date(2027, 1, 31, 20, 0, 0, 0, time.FixedZone("far west", -11*3600)), "expired", Failed, "ended on 2027-01-31"},
		"expired, and the promise is kept":    {[]Verdict{Passed}, "2026-01-31", today, "expired", Passed, "ended on 2026-01-31"},
	} {
		t.Run(name, func(t *testing.T) {
			run := &Run{Rules: []Rule{{ID: "PV-01", Level: Must}}, Waivers: []Waiver{{Rule: "PV-01", Reason: "ticket 7", Until: c.until}}}
			for _, v := range c.scenarios {
				run.Scenarios = append(run.Scenarios, scenario("PV-01", Must, v))
			}
			Conclude(run, c.now)
			Conclude(run, c.now) // as where results are merged
			require.Equal(t, c.state, run.Waivers[0].State)
			require.Equal(t, c.verdict, run.Rules[0].Verdict)
			if c.warning == "" {
				require.Empty(t, run.Warnings)
			} else {
				require.Len(t, run.Warnings, 1)
				require.Contains(t, run.Warnings[0], c.warning)
				require.Contains(t, run.Warnings[0], "PV-01")
			}
			for _, s := range run.Scenarios {
				require.False(t, s.Verdict == Failed && c.state == "used", "a waiver that is used leaves no failure")
				require.False(t, s.Verdict == Waived && c.state != "used")
				if s.Verdict == Waived {
					require.Equal(t, "waived until "+c.until+": ticket 7 (the reason of failed)", s.Reason)
				}
			}
		})
	}
}

func TestAWaiverCoversOnlyItsOwnRule(t *testing.T) {
	run := &Run{Rules: []Rule{{ID: "PV-01", Level: Must}, {ID: "PV-02", Level: Must}}, Waivers: []Waiver{{Rule: "PV-01", Until: "2027-12-31"}},
		Scenarios: []Scenario{scenario("PV-01", Must, Failed), scenario("PV-02", Must, Failed)}}
	Conclude(run, today)
	require.Equal(t, Waived, run.Rules[0].Verdict)
	require.Equal(t, Failed, run.Rules[1].Verdict)
	require.Equal(t, ExitBroken, run.Exit)
}

func millis(all ...int) []time.Duration {
	var durations []time.Duration
	for _, n := range all {
		durations = append(durations, time.Duration(n)*time.Millisecond)
	}
	return durations
}

func upTo(n int) []time.Duration {
	var all []time.Duration
	for i := range n {
		all = append(all, time.Duration(i+1)*time.Millisecond)
	}
	return all
}

func TestLatencyByNearestRank(t *testing.T) {
	for name, c := range map[string]struct {
		samples       []time.Duration
		p50, p95, max Millis
	}{
		"one":           {millis(7), 7, 7, 7},
		"two":           {millis(9, 1), 1, 9, 9},
		"three":         {millis(3, 1, 2), 2, 3, 3},
		"all the same":  {millis(4, 4, 4, 4), 4, 4, 4},
		"nineteen":      {upTo(19), 10, 19, 19},
		"twenty":        {upTo(20), 10, 19, 20},
		"twenty-one":    {upTo(21), 11, 20, 21},
		"a hundred":     {upTo(100), 50, 95, 100},
		"ten thousand":  {upTo(10000), 5000, 9500, 10000},
		"below a milli": {[]time.Duration{1499 * time.Nanosecond}, 0.001, 0.001, 0.001},
	} {
		t.Run(name, func(t *testing.T) {
			given := append([]time.Duration(nil), c.samples...)
			rand.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
			before := append([]time.Duration(nil), given...)
			l := Measure(given, nil)
			require.Equal(t, before, given, "the samples are left as they were")
			require.Equal(t, len(given), l.Count)
			require.Equal(t, []Millis{c.p50, c.p95, c.max}, []Millis{l.P50, l.P95, l.Max})
			require.IsNonDecreasing(t, l.Samples)
			require.LessOrEqual(t, len(l.Samples), maxSamples)
			require.Nil(t, l.Budget)
		})
	}
	require.Nil(t, Measure(nil, &Budget{Max: 1}))
}

func TestSamplesAreThinnedEvenly(t *testing.T) {
	for name, c := range map[string]struct{ given, kept int }{
		"as many as are kept": {1000, 1000},
		"one more":            {1001, 501},
		"many":                {10000, 1000},
		"more":                {10001, 910},
	} {
		t.Run(name, func(t *testing.T) {
			samples := Measure(upTo(c.given), nil).Samples
			require.Len(t, samples, c.kept)
			for i := 2; i < len(samples); i++ {
				require.InDelta(t, float64(samples[1]-samples[0]), float64(samples[i]-samples[i-1]), 1e-9)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	for name, c := range map[string]struct {
		budget Budget
		over   int
	}{
		"within":              {Budget{P95: 20, Max: 30}, 0},
		"exactly":             {Budget{P95: 19, Max: 20}, 0},
		"p95 over":            {Budget{P95: 18, Max: 30}, 1},
		"max over":            {Budget{P95: 19, Max: 19}, 1},
		"both over":           {Budget{P95: 1, Max: 1}, 2},
		"only max is limited": {Budget{Max: 19}, 1},
		"no limit":            {Budget{}, 0},
		"worked out anew":     {Budget{P95: 100, Max: 100, Over: []string{"of an earlier run"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			given := c.budget
			l := Measure(upTo(20), &given)
			require.Len(t, l.Budget.Over, c.over)
			require.Equal(t, c.budget, given, "the environment's own budget is left as it was")
			require.Equal(t, c.budget.Max, l.Budget.Max)
		})
	}
}

func TestMillisConvertBothWays(t *testing.T) {
	for _, d := range []time.Duration{0, time.Microsecond, 1500 * time.Microsecond, time.Hour} {
		require.Equal(t, d, ToMillis(d).Duration())
	}
	require.Equal(t, Millis(0.002), ToMillis(1500*time.Nanosecond))
}
