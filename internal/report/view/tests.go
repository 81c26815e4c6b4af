package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// Test is one test as test tools count them: a scenario, an every-exchange rule, or a check of the run as a whole.
type Test struct {
	Scenario *result.Scenario // nil if it is not one
	Rule     *result.Rule     // the scenario's, or an every-exchange rule; nil if it is a check
	Check    *result.Check    // nil if it is not one

	ID      string // of the rule, or of the check
	Title   string // unescaped; others may have the same
	Name    string // unique in the report, clean text: tools that keep a history identify tests by it
	Suite   Suite
	File    string
	Line    int
	Verdict result.Verdict
	Message string // why it did not pass, in clean text
	Details string // of a test that failed or is broken, as plain text
}

// Suite identifies the tests of a feature; those without a feature have a name only.
type Suite struct{ Name, File string }

// TheRun is the suite of the checks of the run as a whole.
const TheRun = "The run"

// MaxExplained is how many scenarios of one report are explained in full, with their exchanges: ten thousand failing
// repetitions must not make a report of a hundred megabytes.
const MaxExplained = 200

// Tests returns the tests of a run: its scenarios, its every-exchange rules and its checks. Scenarios of traffic are no
// tests: they only hold what the rules' findings show.
func Tests(run *result.Run) []Test {
	rules, explained, d := RulesByID(run), 0, (&Page{}).Details(run)
	var all []Test
	for _, s := range group.Pointers(run.Scenarios) {
		if run.Traffic != nil {
			break
		}
		t := Test{Scenario: s, Rule: rules[s.Rule], ID: s.Rule, Title: s.Name, Suite: Suite{s.Feature, s.File}, File: s.File, Line: s.Line, Verdict: s.Verdict}
		switch s.Verdict {
		case result.Failed, result.Broken:
			t.Message = uncounted(run, s.Verdict, s.Level) + ReasonOf(s)
			if explained++; explained > MaxExplained {
				t.Details = fmt.Sprintf("  --> %s\n  the first %d are explained here, the result file holds all\n", Place(s.File, s.Line), MaxExplained)
			} else {
				t.Details = d.Text("scenario", s)
			}
		case result.Skipped, result.Waived:
			t.Message = ReasonOf(s)
		}
		all = append(all, t)
	}
	for _, r := range group.Pointers(run.Rules) {
		if !r.OnExchanges() {
			continue
		}
		t := Test{Rule: r, ID: r.ID, Title: cmp.Or(r.Title, r.ID), Suite: Suite{Name: result.EveryExchange}, File: r.File, Line: r.Line, Verdict: r.Verdict}
		if r.Verdict != result.Passed && r.Verdict != result.Observed {
			t.Message = uncounted(run, r.Verdict, r.Level) + RuleReason(r)
		}
		if r.Verdict == result.Failed {
			t.Details = d.Text("breach", r)
		}
		all = append(all, t)
	}
	for _, c := range result.Checks(run) {
		t := Test{Check: &c, ID: c.ID, Title: c.Name, Suite: Suite{Name: TheRun}, Verdict: c.Verdict, Message: Inline(c.Message)}
		if c.Verdict != result.Passed {
			t.Details = t.Message + "\n"
			if c.ID == "drift" {
				t.Details = DriftText(run.Drift)
			}
		}
		all = append(all, t)
	}
	name(all)
	return all
}

// name gives the tests unique names. Those that share a title are named with their rule as well.
func name(all []Test) {
	taken := map[string]bool{}
	place := func(t *Test) string { return cmp.Or(Place(t.File, t.Line), TheRun) }
	for _, alike := range group.By(group.Pointers(all), func(t *Test) string { return t.Title }) {
		shared := slices.ContainsFunc(alike, func(t *Test) bool { return place(t) != place(alike[0]) })
		for _, t := range alike {
			t.Name = cmp.Or(Inline(t.Title), place(t))
			if shared && t.Title != "" {
				t.Name = Inline(t.ID) + " " + t.Name
			}
			if t.Scenario != nil && t.Scenario.Repeat > 1 { // the first is named like a scenario that is not repeated
				t.Name += fmt.Sprintf(" #%d", t.Scenario.Repeat)
			}
			if taken[t.Name] {
				t.Name += " (" + place(t) + ")"
			}
			for base, n := t.Name, 2; taken[t.Name]; n++ {
				t.Name = fmt.Sprintf("%s #%d", base, n)
			}
			taken[t.Name] = true
		}
	}
}

// Suites returns the tests of a run, grouped by suite.
func Suites(run *result.Run) [][]Test {
	return group.By(Tests(run), func(t Test) Suite { return t.Suite })
}

// Status returns a verdict as "passed", "failed" or "skipped", for tools that know only these. What could not be judged is
// "failed", so that whoever is notified of failed tests hears of it.
func Status(v result.Verdict) string {
	known := map[result.Verdict]string{result.Passed: "passed", result.Observed: "passed", result.Skipped: "skipped", result.Waived: "skipped"}
	return cmp.Or(known[v], "failed")
}

// uncounted returns what to put before the reason of a failed test that does not change the exit code; "" if it does.
func uncounted(run *result.Run, v result.Verdict, level result.Level) string {
	switch {
	case level == result.Observe:
		return "(no promise: it changes no exit code) "
	case v == result.Failed && !result.Counts(level, run.Selection.FailOn):
		return "(a warning: --fail-on " + Inline(run.Selection.FailOn) + ") "
	}
	return ""
}

// Earlier returns why each attempt of a scenario before the last could not be judged.
func Earlier(s *result.Scenario) []result.Failure {
	all := slices.Clone(s.Retried)
	for i := range all {
		all[i].Cause = cmp.Or(all[i].Cause, "broken")
	}
	for n := len(all) + 1; n < s.Attempts; n++ { // older versions kept no reasons
		all = append(all, result.Failure{Cause: "broken", Message: fmt.Sprintf("attempt %d could not be judged", n)})
	}
	return all
}

// StepText returns a step as it stands in the feature.
func StepText(s *result.Step) string {
	return Inline(strings.TrimSpace(s.Keyword) + " " + s.Text)
}
