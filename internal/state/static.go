package state

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
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
	kind    int      // the same for records that are alike to whoever asks
}

// pair is a whole phone number.
type pair struct{ countryCode, phone string }

func (r record) pair() pair { return pair{r.values.CountryCode, r.values.Phone} }

func newStatic(declared env.Static, secrets *secret.Set) (*static, problem.List) {
	records, problems := readFixtures(declared.File, declared.Data)
	kinds := map[string]int{}
	for i := range records {
		r := &records[i]
		r.known = r.values.Optional()
		alike := fmt.Sprint(r.values.CountryCode, r.values.PhoneGateway, r.known)
		if _, seen := kinds[alike]; !seen {
			kinds[alike] = len(kinds)
		}
		r.kind = kinds[alike]
	}
	for _, r := range records {
		secrets.Add(r.values.Token, r.values.OTP, r.values.WrongOTP)
		if r.name == providerstate.Webhook {
			problems = append(problems, problem.Problem{
				Severity: problem.Warning,
				Summary:  fmt.Sprintf("the prepared records of %q are never used", providerstate.Webhook),
				Detail:   "A prepared record cannot know the address at which this run waits for notifications. Leave them out.",
				File:     declared.File,
			})
			break
		}
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
	for _, name := range asked.Values {
		if !slices.ContainsFunc(s.records, func(r record) bool { return r.name == asked.Name && slices.Contains(r.known, name) }) {
			return &Refusal{
				Reason: fmt.Sprintf("no record of %q in %s tells its %s", asked.Name, s.base(), name),
				Advice: fmt.Sprintf("add %s to the records of %q in %s", name, asked.Name, s.base()),
			}
		}
	}
	return nil
}

// spent says that no record is left that fits.
func (s *static) spent(asked Request) *Refusal {
	wish, and := "", " with "
	if asked.CountryCode != "" {
		wish, and = and+"countryCode "+asked.CountryCode, " and "
	}
	if asked.PhoneGateway != "" {
		wish += and + "phoneGateway " + asked.PhoneGateway
	}
	if len(asked.Values) > 0 {
		wish += " that tells its " + strings.Join(asked.Values, " and ")
	}
	count := 0
	for _, r := range s.records {
		if r.name == asked.Name {
			count++
		}
	}
	noun := "records"
	if count == 1 {
		noun = "record"
	}
	return &Refusal{
		Reason: fmt.Sprintf("%s has %d %s of %q, and none is left%s for this scenario", s.base(), count, noun, asked.Name, wish),
		Advice: fmt.Sprintf("add another record of %q%s to %s", asked.Name, wish, s.base()),
	}
}

func (s *static) base() string { return filepath.Base(s.file) }

func (s *static) cost(Request) Cost { return Cost{} }

func (s *static) make(_ context.Context, t task) (decoded, func(context.Context), error) {
	return decoded{Values: s.records[t.record].values}, nil, nil
}

// fits reports whether a record is as a request wants it.
func (r *record) fits(asked Request) bool {
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
