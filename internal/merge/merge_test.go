package merge_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/merge"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/shard"
)

var start = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

func scenario(file string, line int, rule string, v result.Verdict) result.Scenario {
	return result.Scenario{
		ID: fmt.Sprintf("%s:%d", file, line), Rule: rule, Level: result.Must, Name: fmt.Sprintf("scenario %d", line),
		File: file, Line: line, Verdict: v,
	}
}

// whole is a run that was not cut: the rules' files stand in an order that is not the alphabet's.
func whole() result.Run {
	return result.Run{
		Version:     result.Version,
		Tool:        result.Tool{Name: "verifik-contract", Version: "1.0.0"},
		Started:     start,
		Duration:    1000,
		Target:      result.Target{Kind: "http", BaseURL: "https://api.example.test"},
		Environment: "staging",
		Digests:     result.Digests{Features: "sha256:f", Schemas: "sha256:s"},
		Selection:   result.Selection{Level: "should"},
		Rules: []result.Rule{
			{ID: "PV-02", Level: result.Must, Verdict: result.Passed, File: "features/wrong.feature", Line: 4},
			{ID: "PV-01", Level: result.Must, Verdict: result.Passed, File: "features/right.feature", Line: 4},
			{ID: "PV-03", Level: result.Must, Verdict: result.Passed, File: "features/right.feature", Line: 30},
			{ID: "PV-19", Level: result.Must, Verdict: result.Passed, EveryExchange: true, Judged: 5, File: "features/every.feature", Line: 3},
		},
		Scenarios: []result.Scenario{
			scenario("features/wrong.feature", 6, "PV-02", result.Passed),
			scenario("features/wrong.feature", 12, "PV-02", result.Passed),
			scenario("features/right.feature", 6, "PV-01", result.Passed),
			scenario("features/right.feature", 9, "PV-01", result.Passed),
			scenario("features/right.feature", 33, "PV-03", result.Passed),
		},
		Latency: &result.Latency{Count: 5, P50: 30, P95: 50, Max: 50, Samples: []result.Millis{10, 20, 30, 40, 50}},
	}
}

// cut is the whole run in so many shards, its scenarios dealt out in turn.
func cut(count int) []*result.Run {
	shards := make([]*result.Run, count)
	for i := range shards {
		r := whole()
		s := shard.Shard{Index: i + 1, Count: count}
		r.Selection.Shard = s.String()
		r.Scenarios, r.Latency = nil, nil
		for n, sc := range whole().Scenarios {
			if s.Takes(n) {
				r.Scenarios = append(r.Scenarios, sc)
			}
		}
		for k := range r.Rules {
			r.Rules[k].Judged = 0
			if r.Rules[k].EveryExchange {
				r.Rules[k].Judged = len(r.Scenarios)
			} else if !slices.ContainsFunc(r.Scenarios, func(s result.Scenario) bool { return s.Rule == r.Rules[k].ID }) {
				r.Rules[k].Verdict = result.Skipped
				r.Rules[k].Reason = "no scenario of it is in this shard"
			}
		}
		var samples []result.Millis
		for n, took := range whole().Latency.Samples {
			if s.Takes(n) {
				samples = append(samples, took)
			}
		}
		if len(samples) > 0 {
			r.Latency = &result.Latency{Count: len(samples), P50: samples[len(samples)/2], P95: samples[len(samples)-1], Max: samples[len(samples)-1], Samples: samples}
		}
		shards[i] = &r
	}
	return shards
}

func TestMergingTheShardsOfAnySplitGivesTheWholeRun(t *testing.T) {
	for count := 1; count <= 6; count++ {
		t.Run(fmt.Sprintf("%d shards", count), func(t *testing.T) {
			runs := cut(count)
			slices.Reverse(runs) // the order of the files on the command line does not matter
			merged, err := merge.Merge(runs)
			require.NoError(t, err)
			want := whole()
			require.Equal(t, &want, merged)
		})
	}
}

func TestMergingDoesNotChangeTheShards(t *testing.T) {
	runs := cut(2)
	_, err := merge.Merge(runs)
	require.NoError(t, err)
	require.Equal(t, cut(2), runs)
}

func TestASingleRunThatWasNotSplitMergesToItself(t *testing.T) {
	r := whole()
	merged, err := merge.Merge([]*result.Run{&r})
	require.NoError(t, err)
	require.Equal(t, whole(), *merged)
}

func TestARuleHasTheWorstVerdictOfAnyShard(t *testing.T) {
	runs := cut(2)
	runs[1].Scenarios[0].Verdict = result.Failed // features/wrong.feature:12
	runs[1].Scenarios[0].Reason = "the status is 200, not 403"
	runs[1].Exit = 1
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	require.Equal(t, "PV-02", merged.Rules[0].ID)
	require.Equal(t, result.Failed, merged.Rules[0].Verdict)
	require.Equal(t, "the status is 200, not 403", merged.Rules[0].Reason)
	require.Equal(t, result.Passed, merged.Rules[1].Verdict)
	require.EqualValues(t, 1, merged.Exit)
}

func TestAnEveryExchangeRuleAddsUpWhatTheShardsSaw(t *testing.T) {
	runs := cut(2)
	for i, r := range runs {
		every := &r.Rules[3]
		every.Judged, every.Breaches, every.Verdict = 10, 1+i, result.Failed
		every.Findings = []result.Finding{{Rule: "PV-19", Scenario: r.Scenarios[0].ID}}
		r.Exit = 1
	}
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	every := merged.Rules[3]
	require.Equal(t, result.Failed, every.Verdict)
	require.Equal(t, 20, every.Judged)
	require.Equal(t, 3, every.Breaches)
	require.Len(t, every.Findings, 2)
	require.EqualValues(t, 1, merged.Exit, "a breach of an every-exchange rule alone breaks the contract")
}

func TestTheShardsRunSideBySide(t *testing.T) {
	runs := cut(2)
	runs[0].Started, runs[0].Duration = start.Add(time.Second), 500
	runs[1].Started, runs[1].Duration = start, 3000
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	require.Equal(t, start, merged.Started)
	require.Equal(t, result.Millis(3000), merged.Duration)
}

func TestRepetitionsKeepTheOrderThatTheShardsShow(t *testing.T) {
	runs := cut(2)
	for _, r := range runs {
		r.Selection.Repeat = 2
		for _, s := range r.Scenarios {
			s.ID, s.Repeat = s.ID+"#2", 2
			r.Scenarios = append(r.Scenarios, s)
		}
	}
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	ids := []string{}
	for _, s := range merged.Scenarios {
		ids = append(ids, s.ID)
	}
	once := []string{}
	for _, s := range whole().Scenarios {
		once = append(once, s.ID)
	}
	want := slices.Clone(once)
	for _, id := range once {
		want = append(want, id+"#2")
	}
	require.Equal(t, want, ids)
}

func TestWebhooksWarningsAndDiagnosesAreMerged(t *testing.T) {
	runs := cut(2)
	runs[0].Warnings = []string{"both say this", "the first says this"}
	runs[1].Warnings = []string{"both say this"}
	runs[0].Diagnosis = []string{"another dialect"}
	runs[1].Diagnosis = []string{"another dialect"}
	runs[0].Webhooks = []result.Delivery{{Scenario: "late", Received: start.Add(2 * time.Second)}}
	runs[1].Webhooks = []result.Delivery{{Scenario: "early", Received: start.Add(time.Second)}}
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	require.Equal(t, []string{"both say this", "the first says this"}, merged.Warnings)
	require.Equal(t, []string{"another dialect"}, merged.Diagnosis)
	require.Equal(t, "early", merged.Webhooks[0].Scenario)
	require.Equal(t, "late", merged.Webhooks[1].Scenario)
}

func TestTheStateOfAWaiverFollowsFromTheWholeRun(t *testing.T) {
	for name, c := range map[string]struct {
		verdicts [2]result.Verdict // of a scenario of the rule, in each shard
		until    string
		want     result.WaiverState
		warns    string
	}{
		"used in one shard was used": {[2]result.Verdict{result.Passed, result.Waived}, "2027-01-31", "used", ""},
		"stale in all is stale": {[2]result.Verdict{result.Passed, result.Passed}, "2027-01-31", "stale",
			"the waiver of PV-02 is stale: the promise is kept, remove the waiver"},
		"stale in one, not judged in the other": {[2]result.Verdict{result.Passed, result.Broken}, "2027-01-31", "unused", ""},
		"out of date": {[2]result.Verdict{result.Passed, result.Failed}, "2026-11-21", "expired",
			"the waiver of PV-02 ended on 2026-11-21: it covers nothing any more"},
		"on its last day it still covers": {[2]result.Verdict{result.Waived, result.Waived}, "2026-11-22", "used", ""},
	} {
		t.Run(name, func(t *testing.T) {
			runs := cut(2)
			for i, r := range runs {
				r.Waivers = []result.Waiver{{Rule: "PV-02", Reason: "ticket 1", Until: c.until}}
				r.Scenarios[0].Verdict = c.verdicts[i]
				r.Warnings = []string{"a second notification"}
				result.Conclude(r, start)
			}
			merged, err := merge.Merge(runs)
			require.NoError(t, err)
			require.Len(t, merged.Waivers, 1)
			require.Equal(t, c.want, merged.Waivers[0].State)
			want := []string{"a second notification"}
			if c.warns != "" {
				want = append(want, c.warns)
			}
			require.Equal(t, want, merged.Warnings)
		})
	}
}

func TestTheExitCodeIsWorkedOutFromTheWhole(t *testing.T) {
	skipAll := func(r *result.Run) {
		for i := range r.Scenarios {
			r.Scenarios[i].Verdict = result.Skipped
		}
		r.Exit = 3
	}
	for name, c := range map[string]struct {
		change func(runs []*result.Run)
		want   int
	}{
		"all passed":                        {func([]*result.Run) {}, 0},
		"one shard of which all is skipped": {func(r []*result.Run) { skipAll(r[0]) }, 0},
		"all shards skipped everything":     {func(r []*result.Run) { skipAll(r[0]); skipAll(r[1]) }, 3},
		"a broken scenario": {func(r []*result.Run) {
			r[0].Scenarios[0].Verdict, r[0].Exit = result.Broken, 3
		}, 3},
		"a breach is not hidden by what could not be judged": {func(r []*result.Run) {
			r[0].Scenarios[0].Verdict, r[0].Exit = result.Broken, 3
			r[1].Scenarios[0].Verdict, r[1].Exit = result.Failed, 1
		}, 1},
		"an interrupt comes first": {func(r []*result.Run) {
			r[0].Scenarios[0].Verdict, r[0].Exit = result.Failed, 1
			r[1].Exit, r[1].Stopped = 130, "interrupted"
		}, 130},
		"a shard that stopped early":                     {func(r []*result.Run) { r[0].Stopped, r[0].Exit = "five in a row", 3 }, 3},
		"a report of a shard could not be written":       {func(r []*result.Run) { r[0].Exit = 3 }, 3},
		"a weaker level failed and only must is fatal":   {func(r []*result.Run) { weak(r) }, 0},
		"an observed scenario that could not be reached": {func(r []*result.Run) { observed(r) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			runs := cut(2)
			c.change(runs)
			merged, err := merge.Merge(runs)
			require.NoError(t, err)
			require.EqualValues(t, c.want, merged.Exit)
		})
	}
}

func weak(runs []*result.Run) {
	for _, r := range runs {
		r.Selection.FailOn = "must"
		r.Rules[0].Level = result.Should
	}
	runs[0].Scenarios[0].Level, runs[0].Scenarios[0].Verdict = result.Should, result.Failed
}

func observed(runs []*result.Run) {
	runs[0].Scenarios[0].Level, runs[0].Scenarios[0].Verdict = result.Observe, result.Broken
}

func TestOtherReasonsForAShardsExitCodeCountForTheWholeRun(t *testing.T) {
	runs := cut(2)
	runs[0].Problems, runs[0].Exit = []string{"the report junit could not be written to a.xml"}, 3
	runs[1].Drift = &result.Drift{Fails: true, Baseline: result.DriftSide{Started: whole().Started}, Groups: []result.DriftGroup{{Changes: []result.Change{{What: "Server"}}}}}
	runs[1].Exit = 1
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	require.EqualValues(t, 1, merged.Exit)
	require.Nil(t, merged.Drift, "the whole is compared anew")
	require.Equal(t, []string{"the report junit could not be written to a.xml", "shard 2/2: 1 change since " + runs[1].Drift.Since() + " (--fail-on-drift)"}, merged.Problems)
	require.Positive(t, result.Count(merged)[result.Broken])

	runs[1].Drift.Fails, runs[1].Exit = false, 0
	merged, err = merge.Merge(runs)
	require.NoError(t, err)
	require.EqualValues(t, 3, merged.Exit)
	require.Len(t, merged.Problems, 1)
}

func TestTheReasonsWhyShardsStoppedAreMerged(t *testing.T) {
	runs := cut(2)
	runs[0].Stopped, runs[1].Stopped = "refused five times", "interrupted"
	merged, err := merge.Merge(runs)
	require.NoError(t, err)
	require.Equal(t, "shard 1/2: refused five times; shard 2/2: interrupted", merged.Stopped)
}

func TestShardsOfOtherRunsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(runs []*result.Run)
		says   string
	}{
		"another target":      {func(r []*result.Run) { r[1].Target.BaseURL = "https://other.example.test" }, `target is "https://other.example.test", not "https://api.example.test"`},
		"another kind":        {func(r []*result.Run) { r[1].Target.Kind = "embedded" }, "kind of target"},
		"another environment": {func(r []*result.Run) { r[1].Environment = "production" }, `environment is "production", not "staging"`},
		"another tool":        {func(r []*result.Run) { r[1].Tool.Version = "2.0.0" }, `"verifik-contract 2.0.0"`},
		"another version":     {func(r []*result.Run) { r[1].Version = 2 }, "version of the result file"},
		"other features":      {func(r []*result.Run) { r[1].Digests.Features = "sha256:x" }, "digest of the features"},
		"other schemas":       {func(r []*result.Run) { r[1].Digests.Schemas = "sha256:x" }, "digest of the schemas"},
		"a rule less":         {func(r []*result.Run) { r[1].Rules = r[1].Rules[1:] }, `list of rules is "PV-01 PV-03 PV-19", not "PV-02`},
		"other rules":         {func(r []*result.Run) { r[1].Selection.Rules = []string{"PV-01"} }, `selection of rules is "PV-01", not ""`},
		"other tags":          {func(r []*result.Run) { r[1].Selection.Tags = "@must" }, "selection of tags"},
		"another level":       {func(r []*result.Run) { r[1].Selection.Level = "must" }, "level"},
		"other repetitions":   {func(r []*result.Run) { r[1].Selection.Repeat = 3 }, "number of repetitions"},
		"another level to fail on": {func(r []*result.Run) { r[1].Selection.FailOn = "must" },
			`level to fail on is "must", not "should"`},
		"another budget": {func(r []*result.Run) {
			r[0].Latency.Budget = &result.Budget{P95: 800}
			r[1].Latency.Budget = &result.Budget{P95: 900}
		}, `latency budget is "p95 900 ms, max 0 ms, fail false", not "p95 800 ms, max 0 ms, fail false"`},
		"a budget in one alone": {func(r []*result.Run) {
			r[0].Latency.Budget = &result.Budget{P95: 800, Fail: true}
		}, `the latency budget is "none", not "p95 800 ms, max 0 ms, fail true"`},
		"a budget that fails in one alone": {func(r []*result.Run) {
			r[0].Latency.Budget = &result.Budget{P95: 800}
			r[1].Latency.Budget = &result.Budget{P95: 800, Fail: true}
		}, "latency budget"},
		"another cut": {func(r []*result.Run) { r[1].Selection.Shard = "2/3" }, `number of shards is "3", not "2"`},
		"no cut":      {func(r []*result.Run) { r[1].Selection.Shard = "" }, "result 2: it is not a shard"},
		"not a shard": {func(r []*result.Run) { r[1].Selection.Shard = "3/2" }, "1/2 to 2/2"},
		"a shard twice": {func(r []*result.Run) {
			r[1].Selection.Shard = "1/2"
		}, "results 1 and 2 are both shard 1/2"},
		"a scenario twice": {func(r []*result.Run) {
			r[1].Scenarios = append(r[1].Scenarios, r[0].Scenarios...)
		}, "was judged twice: in result 1 (shard 1/2) and in result 2 (shard 2/2)"},
		"a scenario twice in one": {func(r []*result.Run) {
			r[0].Scenarios = append(r[0].Scenarios, r[0].Scenarios[0])
		}, "was judged twice: in result 1 (shard 1/2) and in result 1 (shard 1/2)"},
	} {
		t.Run(name, func(t *testing.T) {
			runs := cut(2)
			c.change(runs)
			merged, err := merge.Merge(runs)
			require.Nil(t, merged)
			require.Contains(t, text(t, err), c.says)
		})
	}
}

func TestABudgetIsComparedWhereItIsKnown(t *testing.T) {
	runs := cut(3)
	runs[0].Latency = nil // it answered nothing
	runs[1].Latency.Budget = &result.Budget{P95: 800}
	runs[2].Latency.Budget = &result.Budget{P95: 800, Over: []string{"p95 is 900 ms, the budget 800 ms"}}
	_, err := merge.Merge(runs)
	require.NoError(t, err)
	runs[2].Latency.Budget.P95 = 900
	_, err = merge.Merge(runs)
	require.Contains(t, text(t, err), `result 3 (shard 3/3) does not belong with result 1 (shard 1/3): the latency budget is "p95 900 ms, max 0 ms, fail false", not "p95 800`)
}

func TestTheOrderOfASelectionDoesNotMatter(t *testing.T) {
	runs := cut(2)
	runs[0].Selection.Rules = []string{"PV-03", "PV-02"}
	runs[1].Selection.Rules = []string{"PV-02", "PV-03", "PV-02"}
	runs[0].Selection.Features = []string{"b.feature", "a.feature"}
	runs[1].Selection.Features = []string{"a.feature", "b.feature"}
	_, err := merge.Merge(runs)
	require.NoError(t, err)
}

func TestMissingShardsAreNamed(t *testing.T) {
	runs := cut(5)
	_, err := merge.Merge([]*result.Run{runs[1], runs[3]})
	require.Contains(t, text(t, err), "3 shards missing: 1/5, 3/5, 5/5")
	_, err = merge.Merge(runs[1:])
	require.Contains(t, text(t, err), "1 shard missing: 1/5")
}

func TestAllReasonsAreReportedTogether(t *testing.T) {
	runs := cut(3)
	runs[1].Environment = "production"
	runs[1].Selection.Shard = "1/3"
	shown := text(t, func() error { _, err := merge.Merge(runs); return err }())
	require.Contains(t, shown, "environment")
	require.Contains(t, shown, "are both shard 1/3")
	require.Contains(t, shown, "1 shard missing: 2/3")
}

func TestHostileValuesAreQuoted(t *testing.T) {
	runs := cut(2)
	runs[1].Environment = "\x1b[31mred"
	_, err := merge.Merge(runs)
	require.NotContains(t, text(t, err), "\x1b")
}

func TestEmbeddedTargetsAreTheSameOnAnyPort(t *testing.T) {
	runs := cut(2)
	for i, r := range runs {
		r.Target = result.Target{Kind: "embedded", BaseURL: fmt.Sprintf("http://127.0.0.1:%d", 40000+i)}
	}
	_, err := merge.Merge(runs)
	require.NoError(t, err)
}

// text is how the tool shows the error.
func text(t *testing.T, err error) string {
	t.Helper()
	var list problem.List
	require.True(t, errors.As(err, &list), "%v", err)
	var b strings.Builder
	require.NoError(t, problem.Write(&b, list))
	return b.String()
}
