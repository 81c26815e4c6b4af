package reference

// Fault is a provider that breaks one promise in one way.
type Fault struct {
	// Name is what Options.Fault takes.
	Name string
	// Rule is the id of the promise that it breaks and that has to catch it, as PV-02.
	Rule string
	// Doc says in one sentence what the provider does wrong.
	Doc string
	// Explore marks one that only a search beyond the written scenarios finds.
	Explore bool
	// Unjudgeable marks one that leaves nothing to judge (no answer, half an answer, 503): its scenarios end
	// broken rather than failed.
	Unjudgeable bool
}

// fault is a Fault with the change that makes it.
type fault struct {
	Fault
	apply func(*behaviour)
}

// Faults are all faults, grouped by rule; those for exploring come last.
func Faults() []Fault {
	var all []Fault
	for _, f := range faultTable() {
		all = append(all, f.Fault)
	}
	return all
}

func faultTable() []fault {
	return nil
}

func (b *behaviour) breakBy(name string) error {
	if name == "" {
		return nil
	}
	var known []string
	for _, f := range faultTable() {
		if f.Name == name {
			f.apply(b)
			return nil
		}
		known = append(known, f.Name)
	}
	return unknownName("fault", name, known)
}
