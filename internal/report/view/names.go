package view

import (
	"cmp"
	"fmt"

	"verifik-contract/internal/result"
)

// UniqueNames is the names given so far under each class: tools that keep a history join on both.
type UniqueNames map[[2]string]bool

// Take returns a name that is not given yet under a class.
func (u UniqueNames) Take(class, name, place string) string {
	if name == "" {
		name = place
	}
	if u[[2]string{class, name}] {
		name += " (" + place + ")"
	}
	for base, n := name, 2; u[[2]string{class, name}]; n++ {
		name = fmt.Sprintf("%s #%d", base, n)
	}
	u[[2]string{class, name}] = true
	return name
}

// Repetition is what the name of a repeated scenario ends with; the first has the name that it has alone.
func Repetition(s *result.Scenario) string {
	if s.Repeat > 1 {
		return fmt.Sprintf(" #%d", s.Repeat)
	}
	return ""
}

// TestNames is the names of tests where a form has no class: unique in the whole report. What has the same name as
// another is named with its rule.
type TestNames struct {
	shared map[string]bool
	taken  UniqueNames
}

func NewTestNames(run *result.Run) TestNames {
	n := TestNames{shared: map[string]bool{}, taken: UniqueNames{}}
	first := map[string]string{} // where a name was seen first
	see := func(name, file string, line int) {
		at := Place(file, line)
		if seen, again := first[name]; again && seen != at {
			n.shared[name] = true
		}
		first[name] = at
	}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		see(s.Name, s.File, s.Line)
	}
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			see(cmp.Or(r.Title, r.ID), r.File, r.Line)
		}
	}
	return n
}

func (n TestNames) Scenario(s *result.Scenario) string {
	return n.Of(s.Name, s.Rule, Place(s.File, s.Line), Repetition(s))
}

func (n TestNames) Rule(r *result.Rule) string {
	return n.Of(cmp.Or(r.Title, r.ID), r.ID, Place(r.File, r.Line), "")
}

func (n TestNames) Check(c result.Check) string { return n.Of(c.Name, c.ID, TheRun, "") }

// Of returns the name of a test; place stands for one without a name.
func (n TestNames) Of(name, id, place, repetition string) string {
	shown := Inline(name)
	switch {
	case shown == "":
		shown = place
	case n.shared[name]:
		shown = Inline(id) + " " + shown
	}
	return n.taken.Take("", shown+repetition, place)
}
