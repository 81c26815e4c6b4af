package state

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"verifik-contract/env"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// static is a source of prepared records.
type static struct {
	file    string
	records []*record
}

// record is one prepared record.
type record struct {
	name   providerstate.Name
	place  int   // in its state's list, from 0
	at     int64 // where the record begins in the file
	values providerstate.Values
	known  []string // the names of the optional values that it has
}

// String returns the record's name in messages.
func (r *record) String() string { return fmt.Sprintf("%q, record %d", r.name, r.place+1) }

func (r *record) wholePhone() env.Phone {
	return env.Phone{CountryCode: r.values.CountryCode, Number: r.values.Phone}
}

func newStatic(declared env.Static, secrets *secret.Set, problems *problem.List) *static {
	f := fixtureFile{static: &static{file: declared.File}, data: declared.Data, secrets: secrets}
	f.read()
	if more := len(f.problems) - maxFixtureProblems; more > 0 {
		f.problems = f.problems[:maxFixtureProblems]
		f.problems[maxFixtureProblems-1].Detail += fmt.Sprintf("\nThere are %d more problems in this file.", more)
	}
	*problems = append(*problems, f.problems...)
	return f.static
}

func (s *static) title() string { return filepath.Base(s.file) }

func (s *static) has(phone env.Phone) bool {
	return slices.ContainsFunc(s.records, func(r *record) bool { return r.wholePhone() == phone })
}

// assign reserves a record that fits the request and that the scenario can use beside its others: the one with the fewest
// optional values, so that rare values are kept for who asks for them. Records of None are reusable.
func (s *static) assign(p *Planner, request Request, others []pick) (pick, *Skip) {
	if request.Notified() {
		return pick{}, refusal(`states "static" cannot make it: a prepared record cannot know the address at which this run waits for notifications`,
			`add a states "pact" or states "verifik" block, which tells the provider that address`)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fitting := group.Where(s.records, func(r *record) bool {
		return r.name == request.Name && !p.taken[r] && r.fits(request) && !r.conflicts(others)
	})
	if len(fitting) == 0 {
		return pick{}, s.noneLeft(request)
	}
	best := slices.MinFunc(fitting, func(a, b *record) int { return cmp.Compare(len(a.known), len(b.known)) })
	used := request.Name != providerstate.None
	p.taken[best] = used
	return pick{prepared: best, once: used}, nil
}

// noneLeft returns the refusal of a request that no record is left for.
func (s *static) noneLeft(request Request) *Skip {
	var wishes []string
	if request.CountryCode != "" {
		wishes = append(wishes, "countryCode "+request.CountryCode)
	}
	if request.PhoneGateway != "" {
		wishes = append(wishes, "phoneGateway "+request.PhoneGateway)
	}
	wish := text.List(append(wishes, request.Values...), "and")
	if wish != "" {
		wish = " with " + wish
	}
	count := len(group.Where(s.records, func(r *record) bool { return r.name == request.Name }))
	if count == 0 {
		return refusal(fmt.Sprintf("%s has no record of %q", s.title(), request.Name),
			fmt.Sprintf("add records of %q%s to %s", request.Name, wish, s.title()))
	}
	return refusal(fmt.Sprintf("%s has %s of %q, and none is left%s for this scenario", s.title(), text.Count(count, "record"), request.Name, wish),
		fmt.Sprintf("add another record of %q%s to %s", request.Name, wish, s.title()))
}

func (s *static) make(_ context.Context, t task) (decoded, func(context.Context), error) {
	return decoded{Values: t.prepared.values}, nil, nil
}

// fits reports whether a record has what a request asks for.
func (r *record) fits(request Request) bool {
	gateway := r.values.PhoneGateway
	return (request.CountryCode == "" || request.CountryCode == r.values.CountryCode) &&
		(request.PhoneGateway == "" || gateway == "" || request.PhoneGateway == gateway) &&
		!slices.ContainsFunc(request.Values, func(name string) bool { return !slices.Contains(r.known, name) })
}

// conflicts reports whether a record cannot be used beside those of the scenario's other needs, which must differ in phone and token:
// they stand for different registrations.
func (r *record) conflicts(others []pick) bool {
	return slices.ContainsFunc(others, func(other pick) bool {
		return other.prepared != nil && (other.prepared.wholePhone() == r.wholePhone() || other.prepared.values.Token == r.values.Token)
	})
}
