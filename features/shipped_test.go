package features_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/plan"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// The catalogue has each promise with its level and the least number of scenarios, rows included, so that none gets lost.
var catalogue = []struct {
	id, level string
	least     int // 0: judged on every exchange
}{
	{"PV-01", "must", 5},
	{"PV-02", "must", 10},
	{"PV-03", "must", 1},
	{"PV-04", "must", 1},
	{"PV-05", "should", 6},
	{"PV-06", "must", 23},
	{"PV-07", "must", 7},
	{"PV-08", "must", 6},
	{"PV-09", "must", 3},
	{"PV-10", "must", 8},
	{"PV-11", "should", 7},
	{"PV-12", "must", 2},
	{"PV-13", "must", 3},
	{"PV-14", "must", 1},
	{"PV-15", "must", 2},
	{"PV-16", "must", 14},
	{"PV-17", "should", 1},
	{"PV-18", "should", 0},
	{"PV-19", "must", 0},
	{"PV-20", "should", 0},
	{"PV-21", "should", 8},
	{"PV-22", "should", 2},
	{"PV-23", "should", 0},
	{"PV-24", "should", 0},
	{"PV-25", "must", 12},
	{"PV-26", "should", 2},
	{"PV-27", "should", 3},
	{"PV-30", "observe", 1},
	{"PV-31", "observe", 6},
	{"PV-32", "observe", 9},
	{"PV-33", "observe", 5},
	{"PV-34", "observe", 2},
	{"PV-35", "observe", 1},
	{"PV-36", "observe", 5},
	{"PV-37", "observe", 1},
	{"PV-38", "observe", 1},
	{"PV-39", "observe", 6},
}

func shipped(t *testing.T) *features.Set {
	t.Helper()
	set, problems := features.Load(nil)
	require.Empty(t, problems)
	return set
}

func TestTheContractKeepsToTheCatalogue(t *testing.T) {
	set := shipped(t)
	counts := map[string]int{}
	for _, s := range set.Scenarios {
		counts[s.Rule]++
	}
	require.Len(t, set.Rules, len(catalogue))
	for _, promise := range catalogue {
		rule, ok := set.Rule(promise.id)
		require.True(t, ok, promise.id)
		require.Equal(t, promise.level, rule.Level, promise.id)
		require.Equal(t, promise.least == 0, rule.EveryExchange, promise.id)
		require.GreaterOrEqual(t, counts[promise.id], promise.least, promise.id)
		if promise.least == 0 {
			require.Zero(t, counts[promise.id], promise.id)
		}
		require.Equal(t, promise.id == "PV-37" || promise.id == "PV-38", slices.Contains(rule.Tags, plan.Intrusive), promise.id)
	}
	_, ok := set.Rule("PV-99")
	require.False(t, ok)
}

func TestRulesAboutClientsAreSeparate(t *testing.T) {
	set := shipped(t)
	var ids, levels []string
	for _, rule := range set.Client {
		ids, levels = append(ids, rule.ID), append(levels, rule.Level)
		require.Contains(t, rule.Description, "ocumentation", rule.ID)
		_, promised := set.Rule(rule.ID)
		require.False(t, promised, "%s is no promise of the provider", rule.ID)
	}
	require.Equal(t, contract.ClientRules(), ids)
	require.Equal(t, []string{"must", "must", "must", "should", "must", "observe"}, levels)
}

func TestEachPromiseSaysWhatAndWhere(t *testing.T) {
	for _, rule := range shipped(t).Rules {
		require.NotEmpty(t, rule.Title, rule.ID)
		require.NotEmpty(t, rule.Description, rule.ID)
		require.Positive(t, rule.Line, rule.ID)
		if rule.Level != "observe" {
			require.Contains(t, rule.Description, "Documentation:", "%s says in which part of the documentation it is promised", rule.ID)
		}
	}
}

// texts returns the steps of a rule's scenarios, one text for each.
func texts(set *features.Set, rule string) []string {
	var all []string
	for _, s := range set.Scenarios {
		if s.Rule != rule {
			continue
		}
		var lines []string
		for _, step := range s.Steps {
			lines = append(lines, step.Text)
		}
		all = append(all, strings.Join(lines, "\n"))
	}
	return all
}

func checks(t *testing.T) contract.Checks {
	t.Helper()
	declared, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	return contract.New(declared)
}

func TestEachStepHasExactlyOneMeaning(t *testing.T) {
	set := shipped(t)
	meanings, problems := plan.Match(set, steps.Table(checks(t)))
	require.Empty(t, problems)
	require.Len(t, meanings, len(set.Scenarios))
}

func TestAScenarioWhoseAnswerNeedsNoValidationSendsNoMessage(t *testing.T) {
	for _, rule := range []string{"PV-03", "PV-04", "PV-05", "PV-06", "PV-32", "PV-33", "PV-34"} {
		for _, text := range texts(shipped(t), rule) {
			require.True(t, strings.HasPrefix(text, "there is no phone validation"), "%s: %s", rule, text)
		}
	}
}

func TestAnObservedScenarioExpectsNothing(t *testing.T) {
	set := shipped(t)
	expectations := regexp.MustCompile(`(?m)^(the phone is validated|the answer is that|the answer names|the answer recommends|nothing is found|the request is refused|the OTP is not accepted|the status of the validation is|the status of the other|the (?:other )?app registration is|a notification|no notification)`)
	for _, rule := range set.Rules {
		for _, text := range texts(set, rule.ID) {
			require.Equal(t, rule.Level != "observe", expectations.MatchString(text), "%s: %s", rule.ID, text)
		}
	}
}

func TestFeaturesUseNoHTTPJargon(t *testing.T) {
	jargon := regexp.MustCompile(`(?i)\b(200|403|404|409|412|put|get|post|http|https|status code|header|headers|json|endpoint|request body|payload|api|url|bearer)\b`)
	for _, s := range shipped(t).Scenarios {
		for _, step := range s.Steps {
			words := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(step.Text, "")
			words = strings.ReplaceAll(words, "text that is not JSON", "") // what is sent there is named by what it is not
			require.NotRegexp(t, jargon, words, "%s:%d", s.File, step.Line)
		}
	}
}

func TestScenarioNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range shipped(t).Scenarios {
		key := s.File + "\n" + s.Name
		require.False(t, seen[key], key)
		seen[key] = true
		require.NotContains(t, s.Name, "<", "a placeholder that no column fills")
		require.Positive(t, s.Line)
		require.Contains(t, s.Tags, "@"+s.Rule, "a scenario has the tags of its rule")
		for _, step := range s.Steps {
			require.Contains(t, []string{"Given", "When", "Then", "And", "But"}, step.Keyword)
			require.NotContains(t, step.Text, "<", "a placeholder that no column fills")
		}
	}
}

func TestPromisesAreInOrderWithinTheirFiles(t *testing.T) {
	set := shipped(t)
	require.Equal(t, "PV-01", set.Rules[0].ID)
	last := map[string]string{}
	for _, rule := range set.Rules {
		require.Less(t, last[rule.File], rule.ID)
		last[rule.File] = rule.ID
	}
	for i, s := range set.Scenarios[1:] {
		before := set.Scenarios[i]
		if s.File == before.File {
			require.LessOrEqual(t, before.Line, s.Line)
		}
	}
}

func TestEmbeddedFeaturesAreThoseOnDisk(t *testing.T) {
	set := shipped(t)
	names, err := filepath.Glob("*.feature")
	require.NoError(t, err)
	require.Len(t, set.Files, len(names))
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		i := slices.IndexFunc(set.Files, func(f features.File) bool { return f.Key == name })
		require.GreaterOrEqual(t, i, 0)
		require.Equal(t, string(content), string(set.Files[i].Content))
		require.Equal(t, "features/"+name, set.Files[i].Name)
	}
}
