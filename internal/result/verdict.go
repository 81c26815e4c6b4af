package result

import (
	"cmp"
	"slices"
	"strings"
)

// Verdict is how a scenario, a step or a rule ended.
type Verdict string

// The verdicts, as every report shows them.
const (
	Passed   Verdict = "passed"
	Failed   Verdict = "failed"   // the contract is broken
	Broken   Verdict = "broken"   // nothing could be judged
	Skipped  Verdict = "skipped"  // not run
	Observed Verdict = "observed" // recorded, never judged
	Waived   Verdict = "waived"   // failed, but covered by a waiver that is in force
)

// NeedsAttention reports whether somebody has to look into it: failed or broken.
func (v Verdict) NeedsAttention() bool { return v == Failed || v == Broken }

// Merge returns the worse of two verdicts. The zero Verdict is the best.
func Merge(a, b Verdict) Verdict {
	if order := Verdicts(); a == "" || b != "" && slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// Verdicts returns every verdict, worst first: a rule has the verdict of its worst scenario. Skipped is last, so that a rule
// passes if some of its scenarios pass and the others are skipped.
func Verdicts() []Verdict { return []Verdict{Failed, Broken, Waived, Passed, Observed, Skipped} }

// CompareIDs compares ids of rules so that PV-02 is before PV-10, and PV-99 before PV-100.
func CompareIDs(a, b string) int {
	name, number := splitID(a)
	otherName, otherNumber := splitID(b)
	return cmp.Or(strings.Compare(name, otherName), cmp.Compare(len(number), len(otherNumber)), strings.Compare(number, otherNumber), strings.Compare(a, b))
}

func splitID(id string) (name, number string) {
	name = strings.TrimRight(id, "0123456789")
	return name, strings.TrimLeft(id[len(name):], "0")
}
