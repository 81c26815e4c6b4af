package drift

import (
	"cmp"
	"slices"

	"verifik-contract/internal/result"
)

// changes gathers what changed: the same change in another scenario is another place of the first.
type changes struct {
	of    map[key]*result.Change
	order []key
}

// key is what makes two changes the same one. Verdicts and observations belong to a rule; a header that is new in
// every answer is one change, whichever rule's scenario shows it.
type key struct {
	kind                result.DriftKind
	rule                string
	what, before, after string
}

// add notes a change; what is before as it is after is none, and nil.
func (c *changes) add(k key, place ...result.Place) *result.Change {
	if k.before == k.after {
		return nil
	}
	if c.of[k] == nil {
		c.of[k] = &result.Change{What: k.what, Before: k.before, After: k.after}
		c.order = append(c.order, k)
	}
	change := c.of[k]
	for _, p := range place {
		if !slices.Contains(change.Places, p) {
			change.Places = append(change.Places, p)
		}
	}
	return change
}

// groups is the changes by kind, worst first; within a kind the strongest level first, then what shows in most
// places, then by name, so that the order never depends on chance.
func (c *changes) groups() []result.DriftGroup {
	groups := []result.DriftGroup{}
	for _, kind := range kinds() {
		g := result.DriftGroup{Kind: kind.DriftKind, Title: kind.title}
		for _, k := range c.order {
			if k.kind == kind.DriftKind {
				change := *c.of[k]
				slices.SortStableFunc(change.Places, func(a, b result.Place) int { return cmp.Compare(strength(a.Level), strength(b.Level)) })
				g.Changes = append(g.Changes, change)
			}
		}
		if len(g.Changes) == 0 {
			continue
		}
		slices.SortStableFunc(g.Changes, func(a, b result.Change) int {
			return cmp.Or(
				cmp.Compare(strongest(a), strongest(b)),
				cmp.Compare(len(b.Places), len(a.Places)),
				cmp.Compare(a.What, b.What),
			)
		})
		groups = append(groups, g)
	}
	return groups
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
