package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/steps"
)

func head(id, level string) string {
	return fmt.Sprintf("Feature: F\n\n  @%s @%s\n  Rule: R\n    In words.\n\n", id, level)
}

const paid = `    Scenario: One
      Given there is a pending phone validation
      And the status of the validation can be read
      When the person types the right OTP
      Then the status of the validation is validated
`

func TestAScenarioOfThePlan(t *testing.T) {
	set := written(t, head("PV-12", "must")+paid)
	p := mustBuild(t, embedded(), set, Selection{})
	require.Len(t, p.Scenarios, 1)
	s := p.Scenarios[0]
	require.Equal(t, set.Files[0].Name+":7", s.ID)
	require.Equal(t, "PV-12", s.Rule)
	require.Equal(t, "must", s.Level)
	require.Equal(t, "F", s.Feature)
	require.Equal(t, set.Files[0].Key, s.Key)
	require.Equal(t, []string{"@PV-12", "@must"}, s.Tags)
	require.Equal(t, features.Step{Keyword: "Given", Text: "there is a pending phone validation", Line: 8}, s.Steps[0])
	require.Equal(t, []state.Request{{Name: providerstate.Pending, Values: []string{"validationId"}}}, s.Needs)
	require.Equal(t, Cost{Calls: 1, ReadBacks: 2, States: 1, Cost: state.Cost{Messages: 1, Possible: 1}}, s.Cost)
	require.Equal(t, s.Cost, p.Cost)
	require.Zero(t, s.Repeat)
	require.Equal(t, []Rule{{ID: "PV-12", Level: "must", Title: "R", Description: "In words.", File: set.Files[0].Name, Line: 4, Tags: []string{"@PV-12", "@must"}}}, p.Rules)
	require.Equal(t, Target{Kind: "embedded"}, p.Target)
	require.Equal(t, "local", p.Environment)
}

func TestRepetitionsComeOneAfterTheOther(t *testing.T) {
	set := shipped(t)
	once := mustBuild(t, embedded(), set, Selection{Rules: []string{"PV-02"}})
	p := mustBuild(t, embedded(), set, Selection{Rules: []string{"PV-02"}, Repeat: 3})
	n := len(once.Scenarios)
	require.Len(t, p.Scenarios, 3*n)
	require.Len(t, p.Rules, 1)
	ids := map[string]bool{}
	for i, s := range p.Scenarios {
		require.Equal(t, i/n+1, s.Repeat)
		expected := once.Scenarios[i%n].ID
		if i >= n {
			expected += fmt.Sprintf("#%d", i/n+1)
		}
		require.Equal(t, expected, s.ID)
		require.False(t, ids[s.ID])
		ids[s.ID] = true
	}
	require.Equal(t, 3*once.Cost.Calls, p.Cost.Calls)
	require.Equal(t, 3*once.Cost.Messages, p.Cost.Messages)
	for _, s := range mustBuild(t, embedded(), set, Selection{Rules: []string{"PV-02"}, Repeat: 1}).Scenarios {
		require.Zero(t, s.Repeat)
		require.NotContains(t, s.ID, "#")
	}
}

func TestAShardKeepsItsScenariosAndTheirCost(t *testing.T) {
	set := shipped(t)
	whole := mustBuild(t, over(pactStates(providerstate.Expired)), set, Selection{})
	even := mustBuild(t, over(pactStates(providerstate.Expired)), set, Selection{})
	odd := mustBuild(t, over(pactStates(providerstate.Expired)), set, Selection{})
	even.Keep(func(i int) bool { return i%2 == 0 })
	odd.Keep(func(i int) bool { return i%2 == 1 })
	require.Equal(t, len(whole.Scenarios), len(even.Scenarios)+len(odd.Scenarios))
	require.Equal(t, whole.Scenarios[2].ID, even.Scenarios[1].ID)
	require.Equal(t, whole.Cost.Calls, even.Cost.Calls+odd.Cost.Calls)
	require.Equal(t, whole.Cost.States, even.Cost.States+odd.Cost.States)
	require.Equal(t, whole.Cost.Messages, even.Cost.Messages+odd.Cost.Messages)
	count := func(p *Plan) (n int) {
		for _, w := range p.Without {
			n += w.Scenarios
		}
		return n
	}
	require.Equal(t, count(whole), count(even)+count(odd))
	even.Keep(func(int) bool { return false })
	require.Empty(t, even.Scenarios)
	require.Zero(t, even.Cost)
	require.Empty(t, even.Without)
}

// without returns the promises that cannot be certified, by rule.
func without(p *Plan) map[string]Without {
	all := map[string]Without{}
	for _, w := range p.Without {
		all[w.Rule+" "+w.Reason] = w
	}
	return all
}

func TestStatesThatCannotBeMadeAreSkippedWithTheReason(t *testing.T) {
	set := shipped(t)
	t.Run("embedded: everything runs", func(t *testing.T) {
		require.Empty(t, mustBuild(t, embedded(), set, Selection{}).Without)
	})
	t.Run("pact, with a webhook: everything runs", func(t *testing.T) {
		require.Empty(t, mustBuild(t, over(pactStates()), set, Selection{}).Without)
	})
	t.Run("no webhook block", func(t *testing.T) {
		e := over(pactStates())
		e.Webhook = nil
		p := mustBuild(t, e, set, Selection{})
		without := func(rule string, scenarios int, all bool) Without {
			return Without{Rule: rule, Reason: "the environment cannot receive notifications", Advice: "add a webhook block", Scenarios: scenarios, All: all}
		}
		require.Equal(t, []Without{without("PV-12", 1, false), without("PV-13", 1, false), without("PV-17", 1, false), without("PV-22", 1, false), without("PV-07", 1, false), without("PV-08", 1, false), without("PV-14", 5, true), without("PV-27", 7, true), without("PV-16", 2, false)}, p.Without)
		require.NotEmpty(t, ruleIDs(p), "PV-14 stays listed")
		require.Contains(t, ruleIDs(p), "PV-14")
	})
	t.Run("a handler that does not know a state", func(t *testing.T) {
		p := mustBuild(t, over(pactStates(providerstate.Expired, providerstate.Liveness)), set, Selection{})
		require.Len(t, p.Without, 14)
		for _, w := range p.Without {
			require.Contains(t, []string{"PV-02", "PV-07", "PV-08", "PV-11", "PV-12", "PV-13", "PV-15", "PV-16", "PV-17", "PV-21", "PV-22", "PV-27", "PV-35"}, w.Rule)
			require.Contains(t, w.Reason, "is declared without")
			require.Contains(t, w.Advice, `"without"`)
			require.Equal(t, w.Rule == "PV-07" || w.Rule == "PV-35", w.All, "the others can be tried in other states")
		}
		for _, s := range p.Scenarios {
			if s.Skip != "" {
				require.Zero(t, s.Cost.Messages, "what is skipped costs nothing")
			}
		}
	})
	t.Run("no source of states", func(t *testing.T) {
		p := mustBuild(t, over(), set, Selection{})
		require.Zero(t, p.Cost)
		for _, s := range p.Scenarios {
			require.Equal(t, "the environment has no source of provider states", s.Skip)
			require.Contains(t, s.Advice, `states "pact"`)
		}
		for _, w := range p.Without {
			require.True(t, w.All)
		}
	})
	t.Run("one phone of the set-up API", func(t *testing.T) {
		p := mustBuild(t, over(verifikStates(env.Phone{CountryCode: "+507", Number: "62647737"})), set, Selection{Level: "should"})
		all := without(p)
		for rule, reason := range map[string]string{"PV-16": "phone", "PV-01": "+1", "PV-07": "expir", "PV-15": "liveness"} {
			found := false
			for key, w := range all {
				if strings.HasPrefix(key, rule+" ") && strings.Contains(strings.ToLower(w.Reason), reason) {
					found = true
					require.NotEmpty(t, w.Advice)
				}
			}
			require.True(t, found, "%s: %s in %v", rule, reason, p.Without)
		}
	})
	t.Run("phones of each length, two of one code", func(t *testing.T) {
		states := verifikStates(env.Phone{CountryCode: "+507", Number: "62647737"}, env.Phone{CountryCode: "+507", Number: "62647738"}, env.Phone{CountryCode: "+1", Number: "2025550100"}, env.Phone{CountryCode: "+57", Number: "3001234567"})
		p := mustBuild(t, over(states), set, Selection{Level: "should"})
		for _, w := range p.Without {
			require.Contains(t, []string{"PV-02", "PV-07", "PV-08", "PV-11", "PV-12", "PV-13", "PV-15", "PV-16", "PV-17", "PV-21", "PV-22", "PV-27"}, w.Rule, "no expiry and no flow of liveness: %v", w)
		}
		require.Positive(t, p.Cost.Registrations)
		require.Positive(t, p.Cost.Messages)
		for _, s := range p.Scenarios {
			if slices.Contains([]string{"PV-03", "PV-04", "PV-05", "PV-06"}, s.Rule) {
				require.Zero(t, s.Cost.Messages, "a scenario that needs only a token sends no message")
				require.Equal(t, 1, s.Cost.Registrations)
			}
			if s.Rule == "PV-16" && len(s.Needs) == 2 && s.Skip == "" {
				require.Equal(t, 2, s.Cost.Registrations)
				pending := group.Where(s.Needs, func(need state.Request) bool { return need.Name.IsPending() })
				require.Equal(t, len(pending), s.Cost.Messages)
			}
		}
	})
	t.Run("prepared records are used once each", func(t *testing.T) {
		states := staticStates(`{"a pending phone validation":[{"phone":"62647737","countryCode":"+507","otp":123456,"token":"token-one"}],"no phone validation":[{"phone":"62647738","countryCode":"+507","token":"token-two"}]}`)
		p := mustBuild(t, over(states), set, Selection{Rules: []string{"PV-02", "PV-05"}})
		ran := map[string]int{}
		for _, s := range p.Scenarios {
			if s.Skip == "" {
				ran[s.Rule]++
				require.Zero(t, s.Cost.Messages)
				continue
			}
			require.Contains(t, s.Skip, "fixtures.json")
			require.Contains(t, s.Advice, "fixtures.json")
		}
		require.Equal(t, map[string]int{"PV-02": 1, "PV-05": 6}, ran, "nothing spends a record of no validation")
		require.Len(t, p.Without, 7, "a pending one, and one that tells its flow; one of each country code and gateway; one with face liveness; one of no validation that tells its project")
		require.False(t, p.Without[0].All)
		require.Equal(t, 5, p.Without[0].Scenarios)
	})
	t.Run("the second source makes what the first cannot", func(t *testing.T) {
		p := mustBuild(t, over(pactStates(providerstate.Expired), staticStates(`{"an expired phone validation":[{"phone":"62647737","countryCode":"+507","otp":123456,"token":"token-one"}]}`)), set, Selection{Rules: []string{"PV-07"}})
		require.Len(t, p.Scenarios, 8)
		runs := slices.IndexFunc(p.Scenarios, func(s Scenario) bool { return s.Skip == "" })
		require.GreaterOrEqual(t, runs, 0)
		require.Len(t, p.Without, 7, "by what each asks of the record")
		for _, w := range p.Without {
			require.Contains(t, w.Reason, "is declared without")
			require.Regexp(t, "fixtures.json|prepared record", w.Reason)
		}
	})
}

func TestThePlanIsTheSameEachTime(t *testing.T) {
	set := shipped(t)
	spell := func() string {
		data, err := json.Marshal(mustBuild(t, over(pactStates(providerstate.Expired)), set, Selection{Repeat: 2}))
		require.NoError(t, err)
		return string(data)
	}
	require.Equal(t, spell(), spell())
}

func TestAnUnknownOrAmbiguousStepIsAProblem(t *testing.T) {
	set := written(t, head("PV-02", "must")+words(
		"    Scenario Outline: A <what>",
		"      Given there is a pending phone validation",
		"      When the person types the rihgt OTP",
		"      Then the phone is <what>",
		"",
		"      Examples:",
		"        | what      |",
		"        | validated |",
		"        | gone      |",
		"        | lost      |",
	))
	_, problems := Match(set, vocabulary())
	require.Len(t, problems, 2, "a line is told once, whatever its rows")
	require.Equal(t, `"the person types the rihgt OTP" is unknown: did you mean "the person types the right OTP"?`, problems[0].Summary)
	require.Equal(t, 9, problems[0].Line)
	require.Equal(t, set.Files[0].Name, problems[0].File)
	require.Equal(t, "      When the person types the rihgt OTP", problems[0].Source)
	require.Equal(t, 7, problems[0].Column)
	require.Equal(t, `there is no step "the phone is gone"`, problems[1].Summary)
	require.Contains(t, problems[1].Detail, "Nearest: the phone is validated")
	require.Contains(t, problems[1].Detail, "`verifik-contract steps`")
	require.NotContains(t, problems[1].Detail, "^")
}

func TestAMisspeltStepNamesTheNearest(t *testing.T) {
	set, table := written(t, head("PV-02", "must")+words("    Scenario: One", "      When the person types the right OTP")), vocabulary()
	step := set.Scenarios[0].Steps[0]
	for given, meant := range map[string]string{
		"there a pending phone validation":                                              "Nearest: there is (a pending phone validation|",
		`a pending phone validation for country code "+57"`:                             "Nearest: there is (a pending phone validation|a pending phone validation with ",
		"there is another phone valdiation":                                             "Nearest: there is another (pending phone validation|",
		"person types the right OTP":                                                    "Nearest: the person types (the right OTP|",
		"the person types the right OTP one digit more":                                 `did you mean "the person types the right OTP and one digit more"?`,
		"the person types something that is no OTP":                                     "Nearest: the person types (",
		"the person types digits from one up to four":                                   "Nearest: the person types (the digits from one to four|",
		"the person types the right OTPP":                                               `did you mean "the person types the right OTP"?`,
		"the request comes with its own token":                                          "Nearest: the request comes (with its own token",
		"the request comes with its own token, of an other algorithm":                   "Nearest: the request comes (with its own token, of another algorithm|",
		"the request comes with its own token without its seal and the point before it": "Nearest: the request comes (with its own token without its signature and the point before it|",
		"the phone is its own without first digit":                                      "Nearest: the phone is (",
		"the request comes with the token of the app registration":                      "Nearest: the request comes (",
		"the person types the right OTP 20 times":                                       "Nearest: the person types the right OTP N times at once\n",
		"the status the validation is validated":                                        "Nearest: the status of the (other )?validation is (validated|",
		"the request leaves phone and otp":                                              "Nearest: the request leaves out ((phone|otp|countryCode)( and (phone|otp|countryCode))*)\n",
		`the country code written "+57"`:                                                "Nearest: the country code is written \"...\"\n",
		"a pending phone validation":                                                    `did you mean "there is a pending phone validation"?`,
	} {
		step.Text = given
		require.Empty(t, steps.Meanings(table, given), given)
		said := stepProblem(set, set.Scenarios[0].File, step, nil, table)
		require.Contains(t, said.Summary+"\n"+said.Detail, meant, given)
	}
}

func TestATextThatCannotBeSentIsAProblem(t *testing.T) {
	set := written(t, head("PV-02", "must")+words(
		"    Scenario Outline: The phone is <phone>",
		"      Given there is no phone validation",
		"      And the request gives \"phone\" as <phone>",
		"      And the request declares the content type \"<type>\"",
		"      When the person types any OTP",
		"      Then nothing is found",
		"",
		"      Examples:",
		`        | phone     | type       |`,
		`        | "62\0"    | text/plain |`,
		`        | "62\\n6"  | text\nplain |`,
		`        | {"a": [0] | text/plain |`,
		`        | 024681    | text/plain |`,
	))
	_, problems := Match(set, vocabulary())
	require.Len(t, problems, 2, "a line is told once, whatever its rows")
	require.Equal(t, `"\"62\\0\"" is not JSON: write text in quotation marks, with \n for a line break, \" for a quotation mark and \\ for a backslash`, problems[0].Summary)
	require.Equal(t, 9, problems[0].Line)
	require.Equal(t, `"text\nplain" cannot be sent in a header: it holds a line break or another control character`, problems[1].Summary)
	require.Equal(t, 10, problems[1].Line)
}

func TestAnAmbiguousStepNamesEachExpression(t *testing.T) {
	set := written(t, head("PV-02", "must")+words("    Scenario: One", "      When the person types the right OTP"))
	scenario := set.Scenarios[0]
	table := vocabularyFor(t, scenario.Steps[0].Text)
	problem := stepProblem(set, scenario.File, scenario.Steps[0], steps.Meanings(append(table, table...), scenario.Steps[0].Text), table)
	require.Equal(t, `the step "the person types the right OTP" is ambiguous`, problem.Summary)
	require.Equal(t, 2, strings.Count(problem.Detail, table[0].Text()))
	require.Equal(t, 8, problem.Line)
}

func TestMatchKeepsTheFeaturesOrder(t *testing.T) {
	set := shipped(t)
	meanings, problems := Match(set, vocabulary())
	require.Empty(t, problems)
	for i, s := range set.Scenarios {
		calls := 0
		for _, m := range meanings[i] {
			calls += m.Cost.Calls
		}
		require.Positive(t, calls, "%s sends nothing", s.Name)
	}
	_, problems = Match(&features.Set{}, vocabulary())
	require.Empty(t, problems)
}
