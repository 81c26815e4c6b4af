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
}

// variant is a Variant with the change that makes it.
type variant struct {
	Variant
	apply change
}

func differing(name, doc string, changes ...change) variant {
	return variant{Variant{Name: name, Doc: doc}, all(changes...)}
}

// variantTable is built anew each time, as faultTable is.
func variantTable() []variant {
	forms := formVariants()
	for i := range forms {
		forms[i].Form = true
	}
	return slices.Concat(forms, decisionVariants(), strictVariants(), recordVariants())
}

// Variants returns all variants, grouped by what they change.
func Variants() []Variant {
	var all []Variant
	for _, v := range variantTable() {
		all = append(all, v.Variant)
	}
	return all
}

// vary applies the variant of a name, "" for none.
func (b *behaviour) vary(name string) error {
	changes := map[string]change{}
	for _, v := range variantTable() {
		changes[v.Name] = v.apply
	}
	return b.applyNamed("variant", name, changes)
}
