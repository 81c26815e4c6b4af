package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
	"verifik-contract/steps"
)

// Input is what a plan is made from.
type Input struct {
	Environment *env.Environment
	Features    *features.Set
	Meanings    [][]Meaning // of the features, as Match returns them
	States      *state.Maker
	Selection   Selection
}

// Build makes the plan and sends nothing. The problems are those of the selection; with an error among them there is no plan.
func Build(in Input) (*Plan, problem.List) {
	s, problems := newSelector(in)
	if problems.HasErrors() {
		return nil, problems
	}
	p := &Plan{
		Environment: in.Environment.Name,
		Target:      Target{Kind: in.Environment.Target.Kind, BaseURL: in.Environment.Target.BaseURL, Protected: in.Environment.Target.Protected, Retries: in.Environment.Target.Retries},
		Selection:   s.Selection,
	}
	var chosen []Case
	number := map[string]int{} // of a scenario within its file: the same whatever is selected
	for i, scenario := range in.Features.Scenarios {
		number[scenario.File]++
		judged := s.scenario(scenario)
		if judged || s.carrier(scenario) {
			one := planned(scenario, in.Meanings[i])
			one.number = number[scenario.File]
			one.Carrier = !judged
			one.Skip, one.Advice = s.skip(one)
			chosen = append(chosen, one)
		}
	}
	if len(chosen) == 0 {
		problems.Add("the selection selects no scenario", "All that it asks for has to hold: "+s.Selection.flags()+"\n`verifik-contract plan` without a selection lists every scenario with its rule and tags.")
		return nil, problems
	}
	p.Rules = group.Where(in.Features.Rules, func(r Rule) bool {
		judged := slices.ContainsFunc(chosen, func(one Case) bool { return one.Rule == r.ID && !one.Carrier })
		return judged || r.EveryExchange && s.rule(r)
	})
	planner := in.States.Planner()
	p.Scenarios = make([]Scenario, 0, len(chosen)*max(in.Selection.Repeat, 1))
	latest := make([]*Case, len(chosen))
	for repeat := 1; repeat <= max(in.Selection.Repeat, 1); repeat++ {
		for i, one := range chosen {
			scenario := Scenario{ID: fmt.Sprintf("%s:%d", one.File, one.Line)}
			if in.Selection.Repeat > 1 {
				scenario.Repeat = repeat
				if repeat > 1 {
					scenario.ID += fmt.Sprintf("#%d", repeat)
				}
			}
			if one.Skip == "" {
				one.reserve(planner)
			}
			// Repetitions that are planned alike share their case.
			if l := latest[i]; l == nil || l.Skip != one.Skip || l.Advice != one.Advice || l.Cost != one.Cost || !reflect.DeepEqual(l.Assignment, one.Assignment) {
				latest[i] = &one
			}
			scenario.Case = latest[i]
			p.Scenarios = append(p.Scenarios, scenario)
		}
	}
	p.total()
	return p, problems
}

// Keep removes the scenarios whose index is not kept, as for a shard.
func (p *Plan) Keep(kept func(i int) bool) {
	at := -1
	p.Scenarios = group.Where(p.Scenarios, func(Scenario) bool {
		at++
		return kept(at)
	})
	p.total()
}

// planned returns a scenario with what its steps need and cost.
func planned(s features.Scenario, meanings []Meaning) Case {
	one := Case{Scenario: s, Meanings: meanings}
	own, beside := -1, -1 // the indexes of the scenario's own need and of the one beside it
	for _, m := range meanings {
		for _, need := range m.Cost.Needs {
			if need.Beside {
				beside = len(one.Needs)
			} else {
				own = len(one.Needs)
			}
			need.Values = slices.Clone(need.Values)
			one.Needs = append(one.Needs, need)
		}
		one.Cost.Calls += m.Cost.Calls
		one.Cost.ReadBacks += m.Cost.ReadBacks
		one.webhook = one.webhook || m.Cost.Webhook
	}
	wants := func(at int, names []string) {
		for _, name := range names {
			// If the scenario asks for a gateway, a source need not yield it.
			if at >= 0 && (name != providerstate.PhoneGateway || one.Needs[at].PhoneGateway == "") && !slices.Contains(one.Needs[at].Values, name) {
				one.Needs[at].Values = append(one.Needs[at].Values, name)
			}
		}
	}
	for _, m := range meanings {
		wants(beside, m.Cost.Other)
		wants(own, m.Cost.Values)
	}
	one.Cost.States = len(one.Needs)
	return one
}

// reserve finds the sources of the scenario's states, or why there are none.
func (c *Case) reserve(planner *state.Planner) {
	var refusal *state.Skip
	if c.Assignment, c.Cost.Cost, refusal = planner.Reserve(c.Needs); refusal != nil {
		c.Skip, c.Advice = refusal.Reason, refusal.Advice
	}
	c.Assignment = c.Assignment.StartingAt(c.number)
}

// total adds up the cost of what runs, and collects what does not.
func (p *Plan) total() {
	p.Cost, p.Without = Cost{}, nil
	runs := map[string]int{}
	for _, s := range p.Scenarios {
		if s.Skip == "" {
			runs[s.Rule]++
			p.Cost.Calls += s.Cost.Calls
			p.Cost.ReadBacks += s.Cost.ReadBacks
			p.Cost.States += s.Cost.States
			p.Cost.Add(s.Cost.Cost)
		}
	}
	skipped := group.Where(p.Scenarios, func(s Scenario) bool { return s.Skip != "" })
	for _, alike := range group.By(skipped, func(s Scenario) [2]string { return [2]string{s.Rule, s.Skip} }) {
		s := alike[0]
		p.Without = append(p.Without, Without{Rule: s.Rule, Reason: s.Skip, Advice: s.Advice, Scenarios: len(alike), All: runs[s.Rule] == 0})
	}
}

// Meaning is the meaning of a scenario's step.
type Meaning = steps.Meaning

// Match returns the meanings of each scenario's steps by the vocabulary, in the features' order. A step that none or several
// expressions match is a problem.
func Match(set *features.Set, table []steps.Step) ([][]Meaning, problem.List) {
	var problems problem.List
	meanings := make([][]Meaning, len(set.Scenarios))
	reported := map[string]bool{}         // by a step's place
	known := map[string][]steps.Meaning{} // by a step's text: many scenarios share steps
	for i, scenario := range set.Scenarios {
		stateful, sends := false, false
		expects := scenario.Level == "observe" || scenario.Level == "" || len(scenario.Steps) == 0 // the last two are problems already
		report := func(line int, p problem.Problem) {
			expects = true // perhaps, once what is wrong is mended
			if place := fmt.Sprintf("%s:%d", scenario.File, line); !reported[place] {
				reported[place] = true
				problems = append(problems, p)
			}
		}
		for _, step := range scenario.Steps {
			found, again := known[step.Text]
			if !again {
				found = steps.Meanings(table, step.Text)
				known[step.Text] = found
			}
			if len(found) != 1 {
				report(step.Line, stepProblem(set, scenario.File, step, found, table))
				continue
			}
			m := found[0]
			if m.Step.Wrong != nil {
				if wrong := m.Step.Wrong(m.Args); wrong != "" {
					report(step.Line, set.Problem(scenario.File, step.Line, wrong, ""))
				}
			}
			meanings[i] = append(meanings[i], m)
			expects = expects || m.Step.Expects
			stateful = stateful || len(m.Cost.Needs) > 0
			sends = sends || m.Cost.Calls > 0
			if summary, detail := whyImpossible(m, stateful, sends); summary != "" {
				report(step.Line, set.Problem(scenario.File, step.Line, summary, detail))
			}
		}
		if !expects {
			report(scenario.Head, set.Problem(scenario.File, scenario.Head, "the scenario expects nothing", "It would pass whatever the provider does: end it with what is promised, such as \"Then the phone is validated\"."))
		}
	}
	return meanings, problems
}

// whyImpossible returns why a step cannot work though its words are right; "" if it can.
func whyImpossible(m Meaning, stateful, sends bool) (summary, detail string) {
	if !stateful && (m.Cost.Calls > 0 || m.Cost.ReadBacks > 0) {
		return "the scenario has no provider state yet", "A request needs a phone and a token: begin with \"Given there is a pending phone validation\", or with another state."
	}
	if m.Step.Follows && !sends {
		return "no request was sent yet", "There is nothing to wait for: send one before, such as \"When the person types the right OTP\"."
	}
	for _, need := range m.Cost.Needs {
		if summary, detail = need.Impossible(); summary != "" {
			break
		}
	}
	return summary, detail
}

// stepProblem returns the problem of a step that has no meaning, or several.
func stepProblem(set *features.Set, file string, step features.Step, found []steps.Meaning, table []steps.Step) problem.Problem {
	if len(found) > 1 {
		texts := group.Map(found, func(f steps.Meaning) string { return "  " + f.Step.Text() })
		return set.Problem(file, step.Line, fmt.Sprintf("the step %q is ambiguous", step.Text), "These expressions match it:\n"+strings.Join(texts, "\n"))
	}
	for _, candidate := range table {
		if candidate.Unknown == nil {
			continue
		}
		if wrong := candidate.Unknown(step.Text); wrong != "" {
			summary, detail, _ := strings.Cut(wrong, "\n")
			return set.Problem(file, step.Line, summary, detail)
		}
	}
	nearer := func(a, b string) int { return cmp.Compare(distance(step.Text, a), distance(step.Text, b)) }
	nearest := slices.MinFunc(table, func(a, b steps.Step) int { return nearer(a.Text(), b.Text()) })
	shown := choices.ReplaceAllStringFunc(nearest.Text(), func(choice string) string { // the nearest first, as the rest may be cut away
		return "(" + strings.Join(slices.SortedStableFunc(strings.SplitSeq(strings.Trim(choice, "()"), "|"), nearer), "|") + ")"
	})
	return set.Problem(file, step.Line, fmt.Sprintf("there is no step %q", step.Text), "Nearest: "+text.Cut(shown, maxShown)+"\n`verifik-contract steps` lists them all.")
}

// choices is the form of the choices of an expression that hold no other.
var choices = regexp.MustCompile(`\([^()]*\)`)

// maxShown is how many characters of an expression are shown: some list a hundred alternatives.
const maxShown = 300

// distance compares a text with an expression by the words that one has and the other lacks, to find the step that was meant.
func distance(given, expression string) int {
	words := func(text string) []string {
		return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' })
	}
	missing := func(from, wanted []string) int {
		return len(group.Where(wanted, func(word string) bool { return !slices.Contains(from, word) }))
	}
	typed, required := words(given), words(alternatives.ReplaceAllString(expression, " "))
	return 20*missing(words(expression), typed) + missing(typed, required)
}

// alternatives is the form of the parts of an expression that a text need not have.
var alternatives = regexp.MustCompile(`\([^)]*\)`)
