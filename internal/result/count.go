package result

import (
	"fmt"
	"strings"

	"verifik-contract/internal/group"
)

// Tally is how often each verdict was given.
type Tally map[Verdict]int

// EveryExchange and TheRun name what has no level: the rules that are judged on every exchange, and the checks of a
// run as a whole.
const (
	EveryExchange = "every exchange"
	TheRun        = "the run"
)

// Group is the verdicts of one level, or of what has none.
type Group struct {
	Name  string // a level, EveryExchange or TheRun
	Tally Tally
}

// Groups counts what a report of tests holds: a test for each scenario, each every-exchange rule and each check of
// the run. Groups without any are left out. Whoever shows a number takes it from here, so that they agree.
func Groups(run *Run) []Group {
	tallies := map[string]Tally{}
	count := func(name string, v Verdict) {
		if tallies[name] == nil {
			tallies[name] = Tally{}
		}
		tallies[name][v]++
	}
	for i := range run.Scenarios {
		if run.Traffic == nil { // there they keep what the rules' findings show
			count(string(run.Scenarios[i].Level), run.Scenarios[i].Verdict)
		}
	}
	for i := range run.Rules {
		switch {
		case run.Traffic != nil:
			count(string(run.Rules[i].Level), run.Rules[i].Verdict)
		case run.Rules[i].OnExchanges():
			count(EveryExchange, run.Rules[i].Verdict)
		}
	}
	for _, c := range Checks(run) {
		count(TheRun, c.Verdict)
	}
	names := []string{string(Must), string(Should), string(Observe), EveryExchange, TheRun}
	given := group.Where(names, func(name string) bool { return tallies[name] != nil })
	return group.Map(given, func(name string) Group { return Group{name, tallies[name]} })
}

// Count returns the sum of all groups.
func Count(run *Run) Tally {
	all := Tally{}
	for _, g := range Groups(run) {
		for v, n := range g.Tally {
			all[v] += n
		}
	}
	return all
}

// Total returns how many verdicts were given.
func (t Tally) Total() int {
	n := 0
	for _, of := range t {
		n += of
	}
	return n
}

// Kept returns how many are as they should be: they passed, or were only observed.
func (t Tally) Kept() int { return t[Passed] + t[Observed] }

// Words returns a tally in words: "3 passed, 1 failed".
func (t Tally) Words() string {
	given := group.Where([]Verdict{Passed, Failed, Broken, Waived, Observed, Skipped}, func(v Verdict) bool { return t[v] > 0 })
	return strings.Join(group.Map(given, func(v Verdict) string { return fmt.Sprintf("%d %s", t[v], v) }), ", ")
}
