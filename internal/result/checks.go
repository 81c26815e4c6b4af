package result

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/group"
)

// Check is a judgement of the run as a whole. Without it a report of tests could look green though the exit code is not 0.
type Check struct {
	ID      string // "drift"
	Name    string
	Verdict Verdict
	Message string // one line; may contain foreign text that is not cleaned
}

// Checks returns the checks of a run. If the exit code is not 0, a scenario, a rule or one of these is failed or broken and says
// why.
func Checks(run *Run) []Check {
	var checks []Check
	add := func(id, name string, v Verdict, message string) { checks = append(checks, Check{id, name, v, message}) }
	switch {
	case run.Exit == ExitInterrupted || run.Stopped != "" && !stopIsShown(run):
		add("stopped", "It goes to its end", Broken, cmp.Or(run.Stopped, "the run was interrupted"))
	case run.Stopped == "" && allSkipped(run):
		add("judged", "Something is judged", Broken, whySkipped(run))
	}
	if missing := Unjudged(run); len(missing) > 0 {
		rules := group.Map(missing, func(r Rule) string { return r.ID + " (" + cmp.Or(r.Reason, "no reason is given") + ")" })
		add("required", "What --require asks for is judged", Broken, "not judged: "+strings.Join(rules, ", "))
	}
	if l := run.Latency; l != nil && l.Budget != nil && l.Budget.Fail {
		verdict, message := Passed, "it keeps its budget"
		if l.Exceeded() {
			verdict, message = Failed, strings.Join(l.Budget.Over, "; ")
		}
		add("latency", "The latency of the PUT keeps its budget", verdict, message)
	}
	if d := run.Drift; d != nil {
		verdict := Passed
		if d.Drifted() {
			verdict = Observed // it fails no run
		}
		if d.Drifted() && d.Fails {
			verdict = Failed
		}
		add("drift", "Changes since the baseline", verdict, d.Summary())
	}
	if run.Traffic != nil && run.Traffic.Kind != Received { // nobody expects a certificate of clients
		add("certificate", "It certifies the target", Skipped, "traffic that others sent certifies nothing")
	}
	if len(run.Problems) > 0 {
		add("problems", "All that was asked for is done", Broken, strings.Join(run.Problems, "; "))
	}
	red := func(c Check) bool { return c.Verdict.NeedsAttention() }
	if run.Exit != ExitKept && run.Exit != Exit(run) && !slices.ContainsFunc(checks, red) {
		add("exit", "The exit code is explained", run.Exit.Verdict(), fmt.Sprintf("the run ended with exit code %d, and nothing in its result says why", run.Exit))
	}
	return checks
}

// breaks reports whether a rule failed whose breach fails the run.
func breaks(run *Run) bool {
	return slices.ContainsFunc(run.Rules, func(r Rule) bool { return r.Verdict == Failed && Counts(r.Level, run.Selection.FailOn) })
}

// stopIsShown reports whether a scenario says why the run stopped. If the target is down, each does.
func stopIsShown(run *Run) bool {
	return slices.ContainsFunc(run.Scenarios, func(s Scenario) bool {
		return s.Verdict == Broken && s.Level != Observe && s.Reason != "" && strings.Contains(run.Stopped, s.Reason)
	})
}

// unjudged reports whether a must or should scenario is broken.
func unjudged(run *Run) bool {
	return slices.ContainsFunc(run.Scenarios, func(s Scenario) bool { return s.Verdict == Broken && s.Level != Observe })
}

func allSkipped(run *Run) bool {
	if run.Traffic != nil {
		return run.Traffic.Judged == 0
	}
	return !slices.ContainsFunc(run.Scenarios, func(s Scenario) bool { return s.Verdict != Skipped })
}

func whySkipped(run *Run) string {
	t := run.Traffic
	switch {
	case t != nil && len(t.Silent) > 0:
		return "every exchange is silent, most because: " + t.Silent[0].Reason
	case t != nil && t.Unread > 0 && len(run.Problems) > 0:
		return fmt.Sprintf("entries could not be read (%d): %s", t.Unread, run.Problems[0])
	case t != nil:
		why, advice := "no exchange of the endpoint was seen", " (if it has another path there, name it with --endpoint)"
		if t.Kind == Received {
			why, advice = "no client sent a request to the endpoint", ""
		}
		if t.LeftOut == 0 {
			return why
		}
		return fmt.Sprintf("%s, only %d of others%s", why, t.LeftOut, advice)
	}
	for i := range run.Scenarios {
		if reason := run.Scenarios[i].Reason; reason != "" {
			return "every scenario was skipped, the first with the reason: " + reason
		}
	}
	return "there is no scenario that could run"
}

// Tally counts verdicts.
type Tally map[Verdict]int

// EveryExchange and TheRun name the groups without a level: rules that are judged on exchanges of any scenario, and the checks
// of the run as a whole.
const (
	EveryExchange = "every exchange"
	TheRun        = "the run"
)

// Group counts the verdicts of one level, or of a group without one.
type Group struct {
	Name  string // a level, EveryExchange or TheRun
	Tally Tally
}

// Groups counts the tests of a report: one for each scenario, each rule that is judged on exchanges, and each check of the run.
// Empty groups are left out. All reports take their numbers from here, so that they agree.
func Groups(run *Run) []Group {
	tallies := map[string]Tally{}
	count := func(name string, v Verdict) {
		if tallies[name] == nil {
			tallies[name] = Tally{}
		}
		tallies[name][v]++
	}
	for i := range run.Scenarios {
		if run.Traffic == nil { // those of traffic only show exchanges of the rules' findings
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

// Count returns the tally of all groups together.
func Count(run *Run) Tally {
	all := Tally{}
	for _, g := range Groups(run) {
		for v, n := range g.Tally {
			all[v] += n
		}
	}
	return all
}

// Total returns the number of all verdicts.
func (t Tally) Total() int { return group.Sum(maps.Values(t)) }

// Kept returns how many passed or were only observed.
func (t Tally) Kept() int { return t[Passed] + t[Observed] }

// Words returns a tally in words: "3 passed, 1 failed".
func (t Tally) Words() string {
	given := group.Where([]Verdict{Passed, Failed, Broken, Waived, Observed, Skipped}, func(v Verdict) bool { return t[v] > 0 })
	return strings.Join(group.Map(given, func(v Verdict) string { return fmt.Sprintf("%d %s", t[v], v) }), ", ")
}
