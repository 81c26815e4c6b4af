package reference

import "slices"

// Variant is a provider that keeps every promise and differs from the plain one where the documentation leaves it
// free.
type Variant struct {
	// Name is what Options.Variant takes.
	Name string
	// Doc says in one sentence what is different.
	Doc string
	// Form marks a variant that differs in how answers are written and sent, and decides as the plain one does.
	Form bool

	apply change
}

func differing(name, doc string, changes ...change) Variant {
	return Variant{Name: name, Doc: doc, apply: all(changes...)}
}

// Variants returns all variants, grouped by what they change. They are made anew each time, as faults are.
func Variants() []Variant {
	forms := formVariants()
	for i := range forms {
		forms[i].Form = true
	}
	return slices.Concat(forms, decisionVariants(), strictVariants(), recordVariants())
}
