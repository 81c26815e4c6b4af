package reference

import (
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/group"
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
	// Field marks a fault of one field: it is the matter of one promise, and turns no other red but those of Also.
	Field bool
	// Also are the other promises that the field breaks as they are worded, because further answers have it, or because it
	// should not be there at all.
	Also []string
	// Explore marks a fault that only a search beyond the written scenarios finds.
	Explore bool
	// Unjudgeable marks a fault that leaves nothing to judge (no answer, half an answer, 503): its scenarios end
	// broken rather than failed.
	Unjudgeable bool

	changes []change
}

func broken(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, changes: changes}
}

func ofField(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Field: true, changes: changes}
}

func ofFields(rule string, also []string, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Field: true, Also: also, changes: changes}
}

func unjudgeable(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Unjudgeable: true, changes: changes}
}

func hidden(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Explore: true, changes: changes}
}

// in returns the fault in each of some circumstances alone, as NAME-CIRCUMSTANCE. No line of the source has such a name whole: look
// for "NAME" in quotation marks, which is a call of this, and for "CIRCUMSTANCE", which circumstances describes.
func (f Fault) in(breaking func(when check) change, names ...string) []Fault {
	all, known := []Fault{}, circumstances()
	for _, name := range names {
		one, c := f, known[name]
		one.Name, one.Doc, one.changes = f.Name+"-"+name, c.words+", "+f.Doc, []change{breaking(c.when)}
		all = append(all, one)
	}
	return all
}

// Faults returns all faults, by rule; those for exploring come last. They are made anew each time: a change may hold state,
// as a count of calls, and no two providers share it.
func Faults() []Fault {
	table := faults()
	slices.SortStableFunc(table, func(a, b Fault) int { return strings.Compare(a.Rule, b.Rule) })
	explored := func(f Fault) bool { return f.Explore }
	return append(slices.DeleteFunc(slices.Clone(table), explored), group.Where(table, explored)...)
}

// faults returns them as their tables have them: to put them in order takes longer than to make them.
func faults() []Fault { return slices.Concat(answerFaults(), decisionFaults(), effectFaults()) }

// Variant is a provider that keeps every promise and differs from the plain one where the documentation leaves it
// free.
type Variant struct {
	// Name is what Options.Variant takes.
	Name string
	// Doc says in one sentence what is different.
	Doc string
	// Form marks a variant that differs in how answers are written and sent, and decides as the plain one does.
	Form bool

	changes []change
}

func differing(name, doc string, changes ...change) Variant {
	return Variant{Name: name, Doc: doc, changes: changes}
}

// Variants returns all variants, grouped by what they change. They are made anew each time, as faults are.
func Variants() []Variant {
	forms := formVariants()
	for i := range forms {
		forms[i].Form = true
	}
	return slices.Concat(forms, decisionVariants(), recordVariants())
}

// changed makes the change of a table's row by its name; "" is none. The error names the nearest one.
func changed[T any](b *behaviour, kind, name string, table func() []T, row func(T) (string, []change)) error {
	if name == "" {
		return nil
	}
	var names []string
	for _, entry := range table() {
		known, changes := row(entry)
		if known == name {
			all(changes...)(b)
			return nil
		}
		names = append(names, known)
	}
	return fmt.Errorf("unknown %s %q%s", kind, name, text.DidYouMean(name, names))
}
