package reference

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/text"
)

// Fault is a provider that breaks one promise in one way.
type Fault struct {
	// Name is what Options.Fault takes.
	Name string
	// Rule is the id of the promise that it breaks and that has to catch it, as PV-02.
	Rule string
	// Doc says in one sentence what the provider does wrong.
	Doc string
	// Field marks a fault of one field of one answer: it is the matter of one promise, and turns no other red.
	Field bool
	// Explore marks a fault that only a search beyond the written scenarios finds.
	Explore bool
	// Unjudgeable marks a fault that leaves nothing to judge (no answer, half an answer, 503): its scenarios end
	// broken rather than failed.
	Unjudgeable bool
}

// fault is a Fault with the change that makes it.
type fault struct {
	Fault
	apply change
}

func broken(rule, name, doc string, changes ...change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc}, all(changes...)}
}

func ofField(rule, name, doc string, changes ...change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Field: true}, all(changes...)}
}

func unjudgeable(rule, name, doc string, changes ...change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Unjudgeable: true}, all(changes...)}
}

func hidden(rule, name, doc string, changes ...change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Explore: true}, all(changes...)}
}

// faultTable returns all faults, by rule; those for exploring come last. It is built anew each time: a change may hold
// state, as a count of calls, and no two providers share it.
func faultTable() []fault {
	table := slices.Concat(successFaults(), refusalFaults(), otpFaults(), searchFaults(), effectFaults(), webhookFaults(), tokenFaults(), answerFaults(), leakFaults())
	slices.SortStableFunc(table, func(a, b fault) int {
		if a.Explore != b.Explore {
			if a.Explore {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return table
}

// Faults returns all faults, grouped by rule; those for exploring come last.
func Faults() []Fault {
	var all []Fault
	for _, f := range faultTable() {
		all = append(all, f.Fault)
	}
	return all
}

// breakBy applies the fault of a name, "" for none.
func (b *behaviour) breakBy(name string) error {
	changes := map[string]change{}
	for _, f := range faultTable() {
		changes[f.Name] = f.apply
	}
	return b.applyNamed("fault", name, changes)
}

// applyNamed applies the change of a name, "" for none. The error names the nearest one.
func (b *behaviour) applyNamed(kind, name string, changes map[string]change) error {
	if name == "" {
		return nil
	}
	if apply, known := changes[name]; known {
		apply(b)
		return nil
	}
	if near := text.Nearest(name, slices.Sorted(maps.Keys(changes))); near != "" {
		return fmt.Errorf("unknown %s %q: did you mean %q?", kind, name, near)
	}
	return fmt.Errorf("unknown %s %q", kind, name)
}
