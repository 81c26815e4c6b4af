package plan

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
)

func TestEverythingIsSelectedUnlessSomethingIsAskedFor(t *testing.T) {
	set := shipped(t)
	p := mustBuild(t, embedded(), set, Selection{})
	require.Len(t, p.Scenarios, len(set.Scenarios))
	require.Len(t, p.Rules, len(set.Rules))
	require.Equal(t, "observe", p.Selection.Level)
	require.Zero(t, carriers(p))
	require.Empty(t, p.Without)
	for i, s := range p.Scenarios {
		require.Empty(t, s.Skip)
		require.Equal(t, set.Scenarios[i].Name, s.Name, "the features' order")
	}
}

func TestSelections(t *testing.T) {
	set := shipped(t)
	for name, test := range map[string]struct {
		selection Selection
		rules     []string // of the scenarios that run for their own promise
		every     []string // of the every-exchange rules
	}{
		"one rule":             {Selection{Rules: []string{"PV-02"}}, []string{"PV-02"}, nil},
		"two rules":            {Selection{Rules: []string{"PV-07", "PV-02"}}, []string{"PV-02", "PV-07"}, nil},
		"a rule and its level": {Selection{Rules: []string{"PV-02"}, Level: "must"}, []string{"PV-02"}, nil},
		"tags":                 {Selection{Tags: "@PV-03 or @PV-04"}, []string{"PV-03", "PV-04"}, nil},
		"tags and a level":     {Selection{Tags: "@PV-04 or @PV-05", Level: "must"}, []string{"PV-04"}, nil},
		"tags and a rule":      {Selection{Tags: "@must", Rules: []string{"PV-04", "PV-05"}}, []string{"PV-04"}, nil},
		"tags of an every-exchange rule and another": {Selection{Tags: "@PV-19 or @PV-03"}, []string{"PV-03"}, []string{"PV-19"}},
		"without some tags":                          {Selection{Tags: "@should and not @every-exchange"}, []string{"PV-05", "PV-11", "PV-17", "PV-21", "PV-22", "PV-26", "PV-27"}, nil},
		"an observed rule":                           {Selection{Rules: []string{"PV-30"}}, []string{"PV-30"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustBuild(t, embedded(), set, test.selection)
			actual := slices.Sorted(slices.Values(judged(p)))
			require.Equal(t, test.rules, slices.Compact(actual))
			require.Zero(t, carriers(p))
			expected := append(slices.Clone(test.rules), test.every...)
			require.ElementsMatch(t, expected, ruleIDs(p))
		})
	}
}

func TestALevelSelectsStrongerOnes(t *testing.T) {
	set := shipped(t)
	for level, levels := range map[string][]string{"must": {"must"}, "should": {"must", "should"}, "observe": {"must", "should", "observe"}} {
		p := mustBuild(t, embedded(), set, Selection{Level: level})
		keep := func(r features.Rule) bool { return slices.Contains(levels, r.Level) }
		require.Len(t, p.Scenarios, of(set, keep), level)
		require.Zero(t, carriers(p))
		for _, r := range set.Rules {
			require.Equal(t, keep(r), slices.Contains(ruleIDs(p), r.ID), "%s under %s", r.ID, level)
		}
	}
}

func TestAnEveryExchangeRuleIsCarriedByTheScenariosOfTheOthers(t *testing.T) {
	set := shipped(t)
	strong := of(set, func(r features.Rule) bool { return r.Level != "observe" })
	for name, test := range map[string]struct {
		selection Selection
		rules     []string
		carriers  int
		judged    []string
	}{
		"by its rule":            {Selection{Rules: []string{"PV-19"}}, []string{"PV-19"}, strong, nil},
		"by its tag":             {Selection{Tags: "@PV-19"}, []string{"PV-19"}, strong, nil},
		"all by their tag":       {Selection{Tags: "@every-exchange"}, []string{"PV-18", "PV-19", "PV-20", "PV-23", "PV-24"}, strong, nil},
		"with a level":           {Selection{Rules: []string{"PV-19"}, Level: "must"}, []string{"PV-19"}, of(set, func(r features.Rule) bool { return r.Level == "must" }), nil},
		"with tags that it has":  {Selection{Rules: []string{"PV-19"}, Tags: "@every-exchange"}, []string{"PV-19"}, strong, nil},
		"beside another rule":    {Selection{Rules: []string{"PV-19", "PV-04"}}, []string{"PV-04", "PV-19"}, strong - 1, []string{"PV-04"}},
		"beside an observed one": {Selection{Rules: []string{"PV-19", "PV-30"}}, []string{"PV-19", "PV-30"}, strong, []string{"PV-30"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustBuild(t, embedded(), set, test.selection)
			require.ElementsMatch(t, test.rules, ruleIDs(p), "only what is asked for is judged")
			require.Equal(t, test.carriers, carriers(p))
			require.Equal(t, test.judged, judged(p))
			for _, s := range p.Scenarios {
				require.False(t, s.Carrier && s.Level == "observe")
			}
		})
	}
}

func TestASelectionThatSelectsNothingIsAProblem(t *testing.T) {
	set := shipped(t)
	for name, s := range map[string]Selection{
		"no such tag":                             {Tags: "@nothing"},
		"a rule of another level":                 {Rules: []string{"PV-05"}, Level: "must"},
		"a rule without the tag":                  {Rules: []string{"PV-02"}, Tags: "@PV-03"},
		"an every-exchange rule of another level": {Rules: []string{"PV-18"}, Level: "must"},
		"an every-exchange rule without the tag":  {Rules: []string{"PV-19"}, Tags: "@PV-02"},
		"a contradiction":                         {Tags: "@must and @should"},
		"an observed rule under a stronger level": {Rules: []string{"PV-30"}, Level: "should"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := build(t, embedded(), set, s)
			require.Nil(t, p)
			require.Len(t, problems, 1)
			require.True(t, problems.HasErrors())
			require.Equal(t, "the selection selects no scenario", problems[0].Summary)
			for _, part := range append(slices.Clone(s.Rules), s.Tags) {
				require.Contains(t, problems[0].Detail, part)
			}
		})
	}
}

func TestASelectionThatSelectsNothingIsShownAsItIsWritten(t *testing.T) {
	set := shipped(t)
	_, problems := build(t, embedded(), set, Selection{Rules: []string{"PV-05"}, Tags: `@must and not @PV-02`, Level: "must", Shard: "1/2"})
	require.Contains(t, problems[0].Detail, `: --rule PV-05 --tags "@must and not @PV-02" --level must --shard 1/2`+"\n")
	none := *set
	none.Rules = nil
	_, problems = build(t, embedded(), &none, Selection{Rules: []string{"PV-05"}, Features: []string{"a.feature", "b.feature"}})
	require.Equal(t, `there is no rule "PV-05" in a.feature or b.feature`, problems[0].Summary)
	require.Equal(t, "The rules: none.", problems[0].Detail)
}

func TestProblemsOfSelections(t *testing.T) {
	set := shipped(t)
	p, problems := build(t, embedded(), set, Selection{Rules: []string{"PV-99", "pv-02", "PV-02"}, Tags: "@a or", Level: "may"})
	require.Nil(t, p)
	require.Len(t, problems, 4, "all at once")
	require.Equal(t, `there is no rule "PV-99": did you mean "PV-09"?`, problems[0].Summary)
	for _, r := range set.Rules {
		require.Contains(t, problems[0].Detail, r.ID)
	}
	require.Equal(t, `there is no rule "pv-02": did you mean "PV-02"?`, problems[1].Summary)
	require.Contains(t, problems[2].Summary, "tag expression")
	require.Equal(t, `there is no level "may"`, problems[3].Summary)
	require.Contains(t, problems[3].Detail, "must, should, observe")
}

func TestIntrusiveRulesRunOnProtectedTargetsOnlyIfNamed(t *testing.T) {
	set := shipped(t)
	p := mustBuild(t, protected(over(pactStates())), set, Selection{})
	require.Equal(t, "should", p.Selection.Level)
	require.Len(t, p.Scenarios, of(set, func(r features.Rule) bool { return r.Level != "observe" }))
	require.True(t, p.Target.Protected)

	skipped := func(s Selection) []string {
		p := mustBuild(t, protected(over(pactStates())), set, s)
		var all []string
		for _, one := range p.Scenarios {
			if one.Skip != "" {
				require.Equal(t, "it is intrusive, and the target is protected", one.Skip)
				require.Equal(t, "name it: --rule "+one.Rule, one.Advice)
				all = append(all, one.Rule)
			}
		}
		return all
	}
	for name, test := range map[string]struct {
		selection Selection
		skipped   []string
	}{
		"observed":                       {Selection{Level: "observe"}, []string{"PV-37", "PV-38"}},
		"one by its rule":                {Selection{Level: "observe", Rules: []string{"PV-37"}}, nil},
		"one by its rule, no level":      {Selection{Rules: []string{"PV-38", "PV-02"}}, nil},
		"one by its tag":                 {Selection{Level: "observe", Tags: "@PV-38"}, nil},
		"both by their tag":              {Selection{Level: "observe", Tags: "@intrusive"}, nil},
		"one of them among others":       {Selection{Level: "observe", Tags: "@PV-38 or @must"}, nil},
		"by a tag that names neither":    {Selection{Level: "observe", Tags: "@observe"}, []string{"PV-37", "PV-38"}},
		"named to be left out":           {Selection{Level: "observe", Tags: "not (@intrusive and @must)"}, []string{"PV-37", "PV-38"}},
		"another's id begins alike":      {Selection{Level: "observe", Tags: "@observe and not @PV-370"}, []string{"PV-37", "PV-38"}},
		"only the other one is left out": {Selection{Level: "observe", Tags: "@observe and not @PV-38"}, []string{"PV-37"}},
		"not named where carriers run":   {Selection{Level: "observe", Rules: []string{"PV-19"}}, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.skipped, skipped(test.selection)) })
	}
	t.Run("elsewhere they run", func(t *testing.T) {
		require.Equal(t, []string{"PV-37", "PV-38"}, judged(mustBuild(t, over(pactStates()), set, Selection{Tags: "@intrusive"})))
	})
}

func TestFeatureFilesNarrowTheSelection(t *testing.T) {
	set, problems := features.Load([]string{"wrong-otp"})
	require.Empty(t, problems)
	p := mustBuild(t, embedded(), set, Selection{Features: []string{"wrong-otp"}, Level: "must"})
	require.Equal(t, []string{"PV-02", "PV-25"}, judged(p))
	_, problems = build(t, embedded(), set, Selection{Features: []string{"wrong-otp"}, Rules: []string{"PV-02"}, Tags: "@observe"})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Detail, ": wrong-otp --rule PV-02 --tags \"@observe\" --level observe\n")
}

func TestALineSelectsItsScenario(t *testing.T) {
	whole := shipped(t)
	var first features.Scenario
	for _, s := range whole.Scenarios {
		if s.Rule == "PV-02" {
			first = s
			break
		}
	}
	line := fmt.Sprintf("wrong-otp:%d", first.Line)
	set, problems := features.Load([]string{line, "every-answer"})
	require.Empty(t, problems)
	p := mustBuild(t, embedded(), set, Selection{Features: []string{line, "every-answer"}})
	require.Equal(t, []string{"PV-02"}, judged(p))
	require.Equal(t, first.Name, p.Scenarios[0].Name)
	require.Len(t, p.Rules, 6, "its own and those of every exchange")

	p = mustBuild(t, embedded(), set, Selection{Features: []string{line}, Rules: []string{"PV-19"}})
	require.Equal(t, 1, carriers(p), "only what the line names runs for the sake of another rule")
	require.Len(t, p.Scenarios, 1)

	_, problems = build(t, embedded(), set, Selection{Features: []string{line}, Tags: "@observe and not @every-exchange"})
	require.True(t, problems.HasErrors(), "a line does not widen the rest of the selection")
}

func TestAScenarioStartsAtTheSamePlaceOfAPoolWhateverIsSelected(t *testing.T) {
	numbers := func(set *features.Set, selection Selection) map[string]int {
		of := map[string]int{}
		for _, s := range mustBuild(t, embedded(), set, selection).Scenarios {
			of[s.ID] = s.number
		}
		return of
	}
	whole := shipped(t)
	all := numbers(whole, Selection{})
	last := whole.Scenarios[len(whole.Scenarios)-1]
	line := fmt.Sprintf("%s:%d", last.Key, last.Line)
	alone, problems := features.Load([]string{line})
	require.Empty(t, problems)
	for name, some := range map[string]map[string]int{
		"a rule": numbers(whole, Selection{Rules: []string{"PV-17"}}),
		"a line": numbers(alone, Selection{Features: []string{line}}),
	} {
		require.NotEmpty(t, some, name)
		for id, number := range some {
			require.Equal(t, all[id], number, "%s: the run that repeats a failure gets a phone of the same country code", id)
		}
	}
}
