package reference

// Variant is a provider that keeps every promise and differs from the plain one where the documentation leaves it
// free.
type Variant struct {
	// Name is what Options.Variant takes.
	Name string
	// Doc says in one sentence what is different.
	Doc string
}

// variant is a Variant with the change that makes it.
type variant struct {
	Variant
	apply func(*behaviour)
}

// Variants are all variants.
func Variants() []Variant {
	var all []Variant
	for _, v := range variantTable() {
		all = append(all, v.Variant)
	}
	return all
}

func variantTable() []variant {
	return nil
}

func (b *behaviour) vary(name string) error {
	if name == "" {
		return nil
	}
	var known []string
	for _, v := range variantTable() {
		if v.Name == name {
			v.apply(b)
			return nil
		}
		known = append(known, v.Name)
	}
	return unknownName("variant", name, known)
}
