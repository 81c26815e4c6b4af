package drift

import (
	"cmp"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// change is something that changed at one place. The same one at another place is another place of the first.
type change struct {
	key
	place  result.Place // the zero value: the run as a whole
	detail string
}

// key is what makes two changes the same one. Verdicts and observations belong to a rule; a header that is new in
// every answer is one change, whichever rule's scenario shows it.
type key struct {
	kind                result.DriftKind
	rule                string
	what, before, after string
}

// changes gathers what changed.
type changes []change

// add notes a change; what is before as it is after is none.
func (c *changes) add(k key, place result.Place, detail string) {
	if k.before != k.after {
		*c = append(*c, change{k, place, detail})
	}
}

// groups is the changes by kind, worst first; within a kind the strongest level first, then what shows in most
// places, then by name, so that the order never depends on chance.
func (c changes) groups() []result.DriftGroup {
	groups := kinds()
	for _, same := range group.By(c, func(one change) key { return one.key }) {
		at := slices.IndexFunc(groups, func(g result.DriftGroup) bool { return g.Kind == same[0].kind })
		groups[at].Changes = append(groups[at].Changes, together(same))
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

// together is the same change at its places, those of the strongest level first.
func together(same []change) result.Change {
	made := result.Change{What: same[0].what, Before: same[0].before, After: same[0].after}
	for _, one := range same {
		made.Detail = cmp.Or(made.Detail, one.detail)
		if one.place != (result.Place{}) && !slices.Contains(made.Places, one.place) {
			made.Places = append(made.Places, one.place)
		}
	}
	slices.SortStableFunc(made.Places, func(a, b result.Place) int { return cmp.Compare(strength(a.Level), strength(b.Level)) })
	return made
}

func strength(l result.Level) int {
	return slices.Index([]result.Level{result.Must, result.Should, result.Observe}, l)
}

func strongest(c result.Change) int {
	if len(c.Places) == 0 {
		return 0
	}
	return strength(c.Places[0].Level)
}
