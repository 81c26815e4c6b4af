package report

import (
	"fmt"

	"verifik-contract/internal/result"
)

// uniqueNames is the names given so far under each class: tools that keep a history join on both.
type uniqueNames map[[2]string]bool

// take returns a name that is not given yet under a class.
func (u uniqueNames) take(class, name, place string) string {
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

// repetition is what the name of a repeated scenario ends with; the first has the name that it has alone.
func repetition(s *result.Scenario) string {
	if s.Repeat > 1 {
		return fmt.Sprintf(" #%d", s.Repeat)
	}
	return ""
}

// testNames is the names of tests where a form has no class: unique in the whole report. What has the same name as
// another is named with its rule.
type testNames struct {
	shared map[string]bool
	taken  uniqueNames
}

func newTestNames(run *result.Run) testNames {
	n := testNames{shared: map[string]bool{}, taken: uniqueNames{}}
	first := map[string]string{} // where a name was seen first
	see := func(name, file string, line int) {
		at := place(file, line)
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
			see(orElse(r.Title, r.ID), r.File, r.Line)
		}
	}
	return n
}

func (n testNames) scenario(s *result.Scenario) string {
	return n.of(s.Name, s.Rule, place(s.File, s.Line), repetition(s))
}

func (n testNames) rule(r *result.Rule) string {
	return n.of(orElse(r.Title, r.ID), r.ID, place(r.File, r.Line), "")
}

func (n testNames) check(c result.Check) string { return n.of(c.Name, c.ID, theRun, "") }

// of returns the name of a test; place stands for one without a name.
func (n testNames) of(name, id, place, repetition string) string {
	shown := inline(name)
	switch {
	case shown == "":
		shown = place
	case n.shared[name]:
		shown = inline(id) + " " + shown
	}
	return n.taken.take("", shown+repetition, place)
}
