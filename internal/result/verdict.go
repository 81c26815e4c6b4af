package result

import (
	"cmp"
	"slices"
	"strings"
)

// Verdict is how a scenario, a step or a rule ended.
type Verdict string

// The verdicts, spelt as every report shows them.
const (
	Passed   Verdict = "passed"
	Failed   Verdict = "failed"   // the contract is broken
	Broken   Verdict = "broken"   // no judgement
	Skipped  Verdict = "skipped"  // with its reason
	Observed Verdict = "observed" // recorded, never judged
	Waived   Verdict = "waived"   // failed, and a waiver in date covers it
)

// Merge returns the worse of two verdicts; the zero Verdict is the mildest.
func Merge(a, b Verdict) Verdict {
	if order := Verdicts(); a == "" || b != "" && slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// Verdicts returns every verdict, worst first: a rule is as its worst scenario. A rule of which one scenario passed and
// the others were skipped is passed: what could be judged is kept.
func Verdicts() []Verdict { return []Verdict{Failed, Broken, Waived, Passed, Observed, Skipped} }

// CompareIDs returns the order of ids: PV-02 before PV-10, PV-99 before PV-100.
func CompareIDs(a, b string) int {
	name, number := splitID(a)
	otherName, otherNumber := splitID(b)
	return cmp.Or(strings.Compare(name, otherName), cmp.Compare(len(number), len(otherNumber)), strings.Compare(number, otherNumber), strings.Compare(a, b))
}

func splitID(id string) (name, number string) {
	name = strings.TrimRight(id, "0123456789")
	return name, strings.TrimLeft(id[len(name):], "0")
}
