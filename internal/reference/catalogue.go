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
	// Rule is the id of the promise that it breaks, such as PV-02, which has to catch it.
	Rule string
	// Doc says in one sentence what the provider does wrong.
	Doc string
	// Field marks a fault of one field of an answer: it may turn red only its own rule and those of Also.
	Field bool
	// Also lists the other rules that the field breaks, because several answers have it or because it should not be there
	// at all.
	Also []string
	// Explore marks a fault that no written scenario finds, only the search of `explore`.
	Explore bool
	// Unjudgeable marks a fault that leaves nothing to judge (no answer, half an answer, 503): its scenarios end
	// broken, not failed.
	Unjudgeable bool

	changes []change
}

func fault(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, changes: changes}
}

func fieldFault(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Field: true, changes: changes}
}

func fieldsFault(rule string, also []string, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Field: true, Also: also, changes: changes}
}

func unjudgeableFault(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Unjudgeable: true, changes: changes}
}

func exploreFault(rule, name, doc string, changes ...change) Fault {
	return Fault{Name: name, Rule: rule, Doc: doc, Explore: true, changes: changes}
}

// in returns, for each named circumstance, a fault NAME-CIRCUMSTANCE that shows in that circumstance only. To find such a
// fault in the source, search for "NAME" in quotation marks, and for "CIRCUMSTANCE" in circumstances.
func (f Fault) in(breaking func(when check) change, names ...string) []Fault {
	known := circumstances()
	return group.Map(names, func(name string) Fault {
		one, c := f, known[name]
		one.Name, one.Doc, one.changes = f.Name+"-"+name, c.words+", "+f.Doc, []change{breaking(c.when)}
		return one
	})
}

// Faults returns all faults in the order of their rules, those for explore last. Each call makes them anew: a change may hold
// state, such as a count of calls, which no two providers may share.
func Faults() []Fault {
	table := faults()
	slices.SortStableFunc(table, func(a, b Fault) int { return strings.Compare(a.Rule, b.Rule) })
	return slices.Concat(group.By(table, func(f Fault) bool { return f.Explore })...)
}

// faults returns all faults in the order of their tables: sorting them takes longer than making them.
func faults() []Fault { return slices.Concat(answerFaults(), decisionFaults(), effectFaults()) }

// Variant is a provider that keeps every promise and differs from the plain one where the documentation allows it.
type Variant struct {
	// Name is what Options.Variant takes.
	Name string
	// Doc says in one sentence how it differs.
	Doc string
	// Form marks a variant that decides as the plain one does and differs only in how answers are written and sent.
	Form bool
	// Subjects are what other variants decide, too: of two with a subject in common, one may hide the other.
	Subjects []string

	changes []change
}

func variant(name, doc string, changes ...change) Variant {
	return Variant{Name: name, Doc: doc, changes: changes}
}

// variantAbout returns a variant that has subjects, separated by commas.
func variantAbout(subjects, name, doc string, changes ...change) Variant {
	return Variant{Name: name, Doc: doc, Subjects: strings.Split(subjects, ", "), changes: changes}
}

// Variants returns all variants, grouped by what they change. As with Faults, each call makes them anew.
func Variants() []Variant {
	forms := formVariants()
	for i := range forms {
		forms[i].Form = true
	}
	return slices.Concat(forms, decisionVariants(), recordVariants())
}

// changed applies the changes of the fault or variant of that name; "" changes nothing. The error for an unknown name suggests
// the nearest one.
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
