package reference

import "slices"

// Variant is a provider that keeps every promise and differs from the plain one where the documentation leaves it
// free.
type Variant struct {
	// Name is what Options.Variant takes.
	Name string
	// Doc says in one sentence what is different.
	Doc string
	// Form tells that it differs in how answers are written and sent, and decides as the plain one does.
	Form bool
}

// variant is a Variant with the change that makes it.
type variant struct {
	Variant
	apply change
}

// Variants are all variants, grouped by what they change.
func Variants() []Variant {
	table := variantTable()
	all := make([]Variant, len(table))
	for i, v := range table {
		all[i] = v.Variant
	}
	return all
}

// variantTable is built anew each time, as faultTable is.
func variantTable() []variant {
	forms := slices.Concat(bodyVariants(), messageVariants(), transferVariants())
	for i := range forms {
		forms[i].Form = true
	}
	return slices.Concat(forms, decisionVariants(), tokenVariants(), attemptVariants(),
		strictVariants(), lenientVariants(), recordVariants(), webhookVariants())
}

func differing(name, doc string, apply change) variant {
	return variant{Variant{Name: name, Doc: doc}, apply}
}

func (b *behaviour) vary(name string) error {
	if name == "" {
		return nil
	}
	table := variantTable()
	for _, v := range table {
		if v.Name == name {
			v.apply(b)
			return nil
		}
	}
	known := make([]string, len(table))
	for i, v := range table {
		known[i] = v.Name
	}
	return unknownName("variant", name, known)
}
