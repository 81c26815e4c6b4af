package drift

import (
	"cmp"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// key identifies a change. Verdicts and observations belong to a rule; a header that is new in every answer is one
// change, whichever rule's scenario shows it.
type key struct {
	kind                result.DriftKind
	rule                string
	what, before, after string
}

// add records a change at a place; the zero place is the run as a whole. The same change at another place is one change
// with two places. Equal values are no change.
func (c *comparison) add(k key, place result.Place, detail string) {
	if k.before == k.after {
		return
	}
	found := c.changes[k]
	if found == nil {
		found = &result.Change{What: k.what, Before: k.before, After: k.after}
		c.changes[k] = found
		c.order = append(c.order, k)
	}
	found.Detail = cmp.Or(found.Detail, detail)
	if place != (result.Place{}) && !slices.Contains(found.Places, place) {
		found.Places = append(found.Places, place)
	}
}

// groups returns the changes by kind, worst first. Within a kind, the strongest level comes first, then what shows in
// most places, then the names in order, so that the order never depends on chance.
func (c *comparison) groups() []result.DriftGroup {
	groups := kinds()
	for _, k := range c.order {
		places := c.changes[k].Places
		slices.SortStableFunc(places, func(a, b result.Place) int { return cmp.Compare(strength(a.Level), strength(b.Level)) })
		at := slices.IndexFunc(groups, func(g result.DriftGroup) bool { return g.Kind == k.kind })
		groups[at].Changes = append(groups[at].Changes, *c.changes[k])
	}
	strongest := func(c result.Change) int {
		if len(c.Places) == 0 {
			return 0
		}
		return strength(c.Places[0].Level)
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Changes, func(a, b result.Change) int {
			return cmp.Or(
				cmp.Compare(strongest(a), strongest(b)),
				cmp.Compare(len(b.Places), len(a.Places)),
				cmp.Compare(a.What, b.What),
			)
		})
	}
	return group.Where(groups, func(g result.DriftGroup) bool { return len(g.Changes) > 0 })
}

// strength orders the levels, the strongest first.
func strength(l result.Level) int {
	return slices.Index([]result.Level{result.Must, result.Should, result.Observe}, l)
}
