package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/text"
)

// Intrusive is the tag of rules that run on a protected target only if they are named.
const Intrusive = "@intrusive"

// Alone is the tag of scenarios that run while no other does, since they depend on which record is the newest.
const Alone = "@alone"

// selector decides what a selection selects.
type selector struct {
	Input
	tags     Tags
	carriers bool // all must and should scenarios run, for an every-exchange rule
}

// newSelector checks the selection and sets its level.
func newSelector(in Input) (*selector, problem.List) {
	s := &selector{Input: in}
	var problems problem.List
	ids := slices.Sorted(slices.Values(group.Map(in.Features.Rules, func(r features.Rule) string { return r.ID })))
	for _, id := range in.Selection.Rules {
		switch {
		case slices.ContainsFunc(in.Features.Client, func(r features.Rule) bool { return r.ID == id }):
			problems.Add(fmt.Sprintf("the rule %s is about clients", id), "No run judges it: `verifik-contract serve --judge` does.")
		case !slices.Contains(ids, id):
			problems.Add(fmt.Sprintf("there is no rule %q%s%s", id, in.Selection.place(), text.DidYouMean(id, ids)), "The rules: "+cmp.Or(strings.Join(ids, ", "), "none")+".")
		}
	}
	var err error
	if s.tags, err = ParseTags(in.Selection.Tags); err != nil {
		problems.Add(err.Error(), "Tags are joined with and, or, not and parentheses: '@must and not @intrusive'.")
	}
	switch {
	case s.Selection.Level == "" && s.Environment.Target.Protected && len(s.Selection.Rules) == 0:
		s.Selection.Level = "should"
	case s.Selection.Level == "":
		s.Selection.Level = "observe"
	case !slices.Contains(features.Levels(), s.Selection.Level):
		problems.Add(fmt.Sprintf("there is no level %q%s", s.Selection.Level, text.DidYouMean(s.Selection.Level, features.Levels())), "The levels: "+strings.Join(features.Levels(), ", ")+".")
	}
	if problems.HasErrors() {
		return s, problems
	}
	every := slices.ContainsFunc(in.Features.Rules, func(r features.Rule) bool { return r.EveryExchange && s.rule(r) })
	s.carriers = every && (len(s.Selection.Rules) > 0 || !slices.ContainsFunc(in.Features.Scenarios, s.scenario))
	return s, problems
}

// rule reports whether the rule is judged.
func (s *selector) rule(r features.Rule) bool {
	return s.names(r.ID) && s.atLeast(r.Level) && (s.Selection.Tags == "" || !r.EveryExchange || s.tags(r.Tags))
}

// scenario reports whether the scenario runs for its own promise.
func (s *selector) scenario(scenario features.Scenario) bool {
	return s.Features.Asked(scenario) && s.names(scenario.Rule) && s.atLeast(scenario.Level) && s.tags(scenario.Tags)
}

// carrier reports whether the scenario runs so that an every-exchange rule has exchanges to judge.
func (s *selector) carrier(scenario features.Scenario) bool {
	return s.carriers && scenario.Level != "observe" && s.atLeast(scenario.Level) && s.Features.Asked(scenario)
}

// names reports whether the selection names a rule, or none.
func (s *selector) names(id string) bool {
	return len(s.Selection.Rules) == 0 || slices.Contains(s.Selection.Rules, id)
}

// atLeast reports whether a level is the selected one or a stronger one.
func (s *selector) atLeast(level string) bool {
	return slices.Index(features.Levels(), level) <= slices.Index(features.Levels(), s.Selection.Level)
}

// skip returns why a scenario does not run in the environment, apart from its states; "" if it does.
func (s *selector) skip(scenario Case) (reason, advice string) {
	// A tag expression names it if it would not hold without these tags of its own: "not (@intrusive and @slow)" has the word,
	// and names nothing.
	own := []string{Intrusive, "@" + scenario.Rule}
	others := slices.DeleteFunc(slices.Clone(scenario.Tags), func(tag string) bool { return slices.Contains(own, tag) })
	named := slices.Contains(s.Selection.Rules, scenario.Rule) || !s.tags(others)
	switch e := s.Environment; {
	case e.Target.Protected && slices.Contains(scenario.Tags, Intrusive) && !named:
		return "it is intrusive, and the target is protected", "name it: --rule " + scenario.Rule
	case scenario.webhook && e.Webhook == nil && e.Target.Kind != env.TargetEmbedded:
		return "the environment cannot receive notifications", "add a webhook block"
	}
	return "", ""
}
