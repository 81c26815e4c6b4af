package drift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/result"
)

// observations compares what was answered where the documentation is silent. Calls that were made at once have no
// order, so the answers to calls of one label are counted, not paired.
func (c *comparison) observations(p pair) {
	before, after := observed(p.baseline), observed(p.current)
	labels := maps.Clone(before)
	maps.Copy(labels, after)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		c.changes.add(key{kind: result.NewlyObserved, rule: p.place.Rule, what: cmp.Or(label, "answer"), before: count(before[label]), after: count(after[label])}, p.place, "")
	}
}

// observed is the observations of the scenario's first repetition that has any, by label.
func observed(repetitions []*result.Scenario) map[string][]string {
	by := map[string][]string{}
	for _, r := range judged(repetitions) {
		for _, o := range r.Observed {
			by[o.Label] = append(by[o.Label], o.Words(stable(o.Note), o.Code, o.Shape))
		}
		if len(by) > 0 {
			break
		}
	}
	return by
}

// count says how often each answer came: "19 x 409 already_validated, 200".
func count(answers []string) string {
	times := map[string]int{}
	for _, a := range answers {
		times[a]++
	}
	texts := make([]string, 0, len(times))
	for a, n := range times {
		if n > 1 {
			a = fmt.Sprintf("%d x %s", n, a)
		}
		texts = append(texts, a)
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}
