package merge

import (
	"cmp"
	"slices"

	"verifik-contract/internal/result"
)

// order restores the features' order, of which every shard holds a part.
type order struct {
	files         map[string]int // the features' order, as far as the runs show it
	byRepetition  bool           // the whole selection once, then again; else each scenario as often as asked
	unknownBehind int
}

// newOrder learns the order from the runs: each holds some of the features' files and rules in the right order.
func newOrder(runs []*result.Run) order {
	var sequences [][]string
	for _, r := range runs {
		var ofRules, ofScenarios []string
		for _, rule := range r.Rules {
			ofRules = appendNew(ofRules, rule.File)
		}
		for _, s := range r.Scenarios {
			if s.Repeat <= 1 {
				ofScenarios = appendNew(ofScenarios, s.File)
			}
		}
		sequences = append(sequences, ofRules, ofScenarios)
	}
	o := order{files: map[string]int{}, byRepetition: true}
	for i, file := range interleave(sequences) {
		o.files[file] = i
	}
	o.unknownBehind = len(o.files)
	for _, r := range runs {
		if !slices.IsSortedFunc(r.Scenarios, o.scenarios) {
			o.byRepetition = false
		}
	}
	return o
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// interleave makes one sequence of many that agree on the order of what they share. What they leave open is
// ordered by name; a contradiction, which no tool of ours writes, is resolved by name too.
func interleave(sequences [][]string) []string {
	var names []string
	before := map[string]map[string]bool{} // before[b][a]: a stands before b
	for _, sequence := range sequences {
		for i, name := range sequence {
			if before[name] == nil {
				before[name] = map[string]bool{}
				names = append(names, name)
			}
			if i > 0 {
				before[name][sequence[i-1]] = true
			}
		}
	}
	slices.Sort(names)
	var ordered []string
	for len(names) > 0 {
		next := max(slices.IndexFunc(names, func(name string) bool { return len(before[name]) == 0 }), 0)
		name := names[next]
		names = slices.Delete(names, next, next+1)
		for _, waits := range before {
			delete(waits, name)
		}
		ordered = append(ordered, name)
	}
	return ordered
}

func (o order) file(name string) int {
	if i, known := o.files[name]; known {
		return i
	}
	return o.unknownBehind
}

func (o order) rules(a, b result.Rule) int {
	return cmp.Or(cmp.Compare(o.file(a.File), o.file(b.File)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID))
}

func (o order) scenarios(a, b result.Scenario) int {
	repeat := cmp.Compare(max(a.Repeat, 1), max(b.Repeat, 1))
	place := cmp.Or(cmp.Compare(o.file(a.File), o.file(b.File)), cmp.Compare(a.Line, b.Line))
	if o.byRepetition {
		return cmp.Or(repeat, place)
	}
	return cmp.Or(place, repeat)
}
