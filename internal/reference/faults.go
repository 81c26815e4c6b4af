package reference

import (
	"slices"
	"strings"
)

// Fault is a provider that breaks one promise in one way.
type Fault struct {
	// Name is what Options.Fault takes.
	Name string
	// Rule is the id of the promise that it breaks and that has to catch it, as PV-02.
	Rule string
	// Doc says in one sentence what the provider does wrong.
	Doc string
	// Field marks one of one field of one answer: it is the matter of one promise, and turns no other red.
	Field bool
	// Explore marks one that only a search beyond the written scenarios finds.
	Explore bool
	// Unjudgeable marks one that leaves nothing to judge (no answer, half an answer, 503): its scenarios end
	// broken rather than failed.
	Unjudgeable bool
}

// fault is a Fault with the change that makes it.
type fault struct {
	Fault
	apply change
}

// Faults are all faults, grouped by rule; those for exploring come last.
func Faults() []Fault {
	table := faultTable()
	all := make([]Fault, len(table))
	for i, f := range table {
		all[i] = f.Fault
	}
	return all
}

// faultTable is built anew each time: a change may hold state, as a count of calls, and no two providers share it.
func faultTable() []fault {
	all := slices.Concat(
		successFaults(),
		countryCodeOfNumberFaults(),
		wrongOTPFaults(),
		unknownPhoneFaults(),
		missingFaults(),
		formatFaults(),
		expiryFaults(),
		spaceFaults(),
		numberFaults(),
		optionFaults(),
		narrowingFaults(),
		statusFaults(),
		linkFaults(),
		webhookFaults(),
		livenessFaults(),
		tokenFaults(),
		spentFaults(),
		errorShapeFaults(),
		jsonFaults(),
		statusCodeFaults(),
		otherCodeFaults(),
		failedAttemptFaults(),
		mediaTypeFaults(),
		leakFaults(),
		noOTPFaults(),
		othersFaults(),
		tooEarlyFaults(),
		unevenFaults(),
		exploreFaults(),
	)
	slices.SortStableFunc(all, func(a, b fault) int {
		if a.Explore == b.Explore {
			return strings.Compare(a.Rule, b.Rule)
		}
		if a.Explore {
			return 1
		}
		return -1
	})
	return all
}

func broken(rule, name, doc string, apply change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc}, apply}
}

func ofField(rule, name, doc string, apply change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Field: true}, apply}
}

func unjudgeable(rule, name, doc string, apply change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Unjudgeable: true}, apply}
}

func hidden(rule, name, doc string, apply change) fault {
	return fault{Fault{Name: name, Rule: rule, Doc: doc, Explore: true}, apply}
}

func (b *behaviour) breakBy(name string) error {
	if name == "" {
		return nil
	}
	table := faultTable()
	for _, f := range table {
		if f.Name == name {
			f.apply(b)
			return nil
		}
	}
	known := make([]string, len(table))
	for i, f := range table {
		known[i] = f.Name
	}
	return unknownName("fault", name, known)
}
