package state

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// static is the source of records that someone prepared.
type static struct {
	file    string
	records []record
}

// record is one prepared record.
type record struct {
	name    providerstate.Name
	place   int    // in its state's list, from 0
	pointer string // JSON pointer of the record
	values  providerstate.Values
	known   []string // the optional values that it tells
}

// String names the record for a person.
func (r record) String() string { return fmt.Sprintf("%q, record %d", r.name, r.place+1) }

// pair is a whole phone number.
type pair struct{ countryCode, phone string }

func (r record) pair() pair { return pair{r.values.CountryCode, r.values.Phone} }

func newStatic(declared env.Static, secrets *secret.Set) (*static, problem.List) {
	records, problems := readFixtures(declared.File, declared.Data)
	for _, r := range records {
		secrets.Add(r.values.Token, r.values.OTP, r.values.WrongOTP)
	}
	return &static{file: declared.File, records: records}, problems
}

// states allows any state: the file has records of it, or refuse says that it has none.
func (s *static) states() (string, []providerstate.Name) { return s.base(), nil }

func (s *static) refuse(asked Request) *Refusal {
	switch {
	case asked.Notified():
		return &Refusal{
			Reason: `states "static" cannot make it: a prepared record cannot know the address at which this run waits for notifications`,
			Advice: `add a states "pact" or states "verifik" block, which tells the provider that address`,
		}
	case !slices.ContainsFunc(s.records, func(r record) bool { return r.name == asked.Name }):
		return &Refusal{
			Reason: fmt.Sprintf("%s has no record of %q", s.base(), asked.Name),
			Advice: fmt.Sprintf("add records of %q to %s", asked.Name, s.base()),
		}
	}
	return nil
}

// spent says that no record is left that fits.
func (s *static) spent(asked Request) *Refusal {
	var wishes []string
	if asked.CountryCode != "" {
		wishes = append(wishes, "countryCode "+asked.CountryCode)
	}
	if asked.PhoneGateway != "" {
		wishes = append(wishes, "phoneGateway "+asked.PhoneGateway)
	}
	wish := text.List(append(wishes, asked.Values...), "and")
	if wish != "" {
		wish = " with " + wish
	}
	count := 0
	for _, r := range s.records {
		if r.name == asked.Name {
			count++
		}
	}
	return &Refusal{
		Reason: fmt.Sprintf("%s has %s of %q, and none is left%s for this scenario", s.base(), text.Count(count, "record"), asked.Name, wish),
		Advice: fmt.Sprintf("add another record of %q%s to %s", asked.Name, wish, s.base()),
	}
}

func (s *static) base() string { return filepath.Base(s.file) }

func (s *static) cost(Request) Cost { return Cost{} }

func (s *static) make(_ context.Context, t task) (decoded, func(context.Context), error) {
	return decoded{Values: s.records[t.prepared].values}, nil, nil
}

// fits reports whether a record is as a request wants it.
func (r record) fits(asked Request) bool {
	gateway := r.values.PhoneGateway
	return (asked.CountryCode == "" || asked.CountryCode == r.values.CountryCode) &&
		(asked.PhoneGateway == "" || gateway == "" || asked.PhoneGateway == gateway) &&
		!slices.ContainsFunc(asked.Values, func(name string) bool { return !slices.Contains(r.known, name) })
}

// conflict reports whether a record cannot stand beside others in one scenario: where a scenario needs another
// registration, that has another phone and another token.
func (s *static) conflict(candidate int, beside []int) bool {
	one := s.records[candidate]
	return slices.ContainsFunc(beside, func(other int) bool {
		r := s.records[other]
		return r.pair() == one.pair() || r.values.Token == one.values.Token
	})
}

// fixturePool holds which of the prepared records are taken while a plan hands them out and a run takes spare ones for its
// retries. It is safe for concurrent use.
type fixturePool struct {
	mutex sync.Mutex
	taken map[pick]bool
}

// take hands out a record that fits what is asked for and that the scenario, which has the given ones already, can
// use beside them: the one that tells the least, so that what is rare is kept for who asks for it. Records of None are
// reusable.
func (p *fixturePool) take(index int, from *static, asked Request, beside []int) (taken int, ok bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for i, r := range from.records {
		if r.name != asked.Name || p.taken[pick{index, i}] || !r.fits(asked) || from.conflict(i, beside) {
			continue
		}
		if !ok || len(r.known) < len(from.records[taken].known) {
			taken, ok = i, true
		}
	}
	if ok && asked.Name != providerstate.None {
		p.taken[pick{index, taken}] = true
	}
	return taken, ok
}

// putBack undoes a take.
func (p *fixturePool) putBack(one pick) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.taken, one)
}
