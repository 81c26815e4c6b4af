package report

import (
	"fmt"
	"strings"

	"verifik-contract/internal/result"
)

// tally is how often each verdict was given.
type tally map[result.Verdict]int

// tallyRow is the verdicts of one level.
type tallyRow struct {
	name   string
	counts tally
}

// everyExchange is the name of what the every-exchange rules are gathered under.
const everyExchange = "every exchange"

// tallies counts the scenarios of each level, and the every-exchange rules, which have none. Rows without any are
// left out.
func tallies(run *result.Run) []tallyRow {
	rows := []tallyRow{{string(result.Must), tally{}}, {string(result.Should), tally{}}, {string(result.Observe), tally{}}, {everyExchange, tally{}}}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		for _, row := range rows {
			if row.name == string(s.Level) {
				row.counts[s.Verdict]++
			}
		}
	}
	for i := range run.Rules {
		if run.Rules[i].EveryExchange {
			rows[3].counts[run.Rules[i].Verdict]++
		}
	}
	kept := rows[:0]
	for _, row := range rows {
		if len(row.counts) > 0 {
			kept = append(kept, row)
		}
	}
	return kept
}

// verdictsIn is the verdicts that occur in the rows, worst first.
func verdictsIn(rows []tallyRow) []result.Verdict {
	var found []result.Verdict
	for _, v := range result.Verdicts() {
		for _, row := range rows {
			if row.counts[v] > 0 {
				found = append(found, v)
				break
			}
		}
	}
	return found
}

// scenarioTally counts the verdicts of all scenarios.
func scenarioTally(run *result.Run) tally {
	all := tally{}
	for i := range run.Scenarios {
		all[run.Scenarios[i].Verdict]++
	}
	return all
}

// words is a tally in words: "3 passed, 1 failed".
func (t tally) words() string {
	var parts []string
	for _, v := range []result.Verdict{result.Passed, result.Failed, result.Broken, result.Waived, result.Observed, result.Skipped} {
		if t[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", t[v], v))
		}
	}
	return strings.Join(parts, ", ")
}
