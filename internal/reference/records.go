package reference

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"verifik-contract/internal/providerstate"
)

const (
	// retention is how long a registration and its validations are kept, by the provider's clock. It exceeds the lifetime
	// of an OTP, because an expired validation must still be found to be answered 412.
	retention = time.Hour
	// maxRegistrations is how many registrations are kept; one more replaces the oldest.
	maxRegistrations = 1024
	// maxValidations is how many validations a registration keeps; one more replaces the oldest. Each holds
	// no more than one body's worth of text, so that callers can fill some 36 MB at most.
	maxValidations = 8
	// lifetime of an OTP: "typically 10 minutes".
	lifetime = 10 * time.Minute
)

// Statuses of a phone validation.
const (
	statusSent      = "sent"
	statusValidated = "validated"
	statusFailed    = "failed"
)

const typeOnboarding = "onboarding"

// number is a phone number with its country code.
type number struct{ countryCode, phone string }

// registration is an app registration: one user in the middle of an onboarding.
type registration struct {
	id, token        string
	project, flow    string
	number           number
	email, fullName  string
	language         string
	status           string
	linked           string // id of the linked validation, "" while there is none
	created, updated time.Time
	validations      []*validation
	state            providerstate.Change // the state that it was made for
	tornDown         bool                 // a teardown of that state has been counted for it
}

// validation is a phone validation: an OTP that was sent to a number.
type validation struct {
	id               string
	registration     *registration
	project, flow    string
	number           number
	gateway          string
	kind             string // "type" in the documentation
	status           string
	webhookURL       string
	otp              int
	attempts         int  // wrong OTPs so far
	sentToInbox      bool // made through the set-up API: the OTP was "sent"
	created, updated time.Time
	expires          time.Time
}

// named returns the fields that every answer shows of a validation, which do not include its OTP.
func (v *validation) named(status string) object {
	return object{
		{"_id", v.id},
		{"status", status},
		{"countryCode", v.number.countryCode},
		{"phone", v.number.phone},
		{"type", v.kind},
	}
}

// show returns the fields that the set-up API and webhooks show of a validation.
func (v *validation) show(status string) object {
	return append(v.named(status), field{"expiresAt", timestamp(v.expires)}, field{"createdAt", timestamp(v.created)}, field{"updatedAt", timestamp(v.updated)})
}

// records holds everything that the provider knows. Old records are removed when new ones are added, so that no timer
// is needed. mu guards all fields and the records themselves.
type records struct {
	mu            sync.Mutex
	newID         func() string
	registrations map[string]*registration // by id
	tokens        map[string]*registration
	validations   map[string]*validation   // by id
	phones        map[string][]*validation // by phone, whatever the country code, oldest first
	reserved      []string                 // phones that no state is given
	inOrder       []*registration          // oldest first
	nextPhone     int
}

func newRecords(newID func() string) *records {
	return &records{
		newID:         newID,
		registrations: map[string]*registration{},
		tokens:        map[string]*registration{},
		validations:   map[string]*validation{},
		phones:        map[string][]*validation{},
		nextPhone:     rand.IntN(phoneCount),
	}
}

// Phones have 8 digits and begin with 6, like the documentation's example.
const (
	firstPhone = 60_000_000
	phoneCount = 10_000_000
)

// freshPhone returns a phone that no validation has under any country code.
func (s *records) freshPhone() string {
	for {
		s.nextPhone = (s.nextPhone + 1) % phoneCount
		phone := strconv.Itoa(firstPhone + s.nextPhone)
		if !slices.Contains(s.reserved, phone) && len(s.phones[phone]) == 0 {
			return phone
		}
	}
}

// ofNumber returns the newest validation of a number; nil where there is none.
func (s *records) ofNumber(n number) *validation {
	for _, v := range slices.Backward(s.phones[n.phone]) {
		if v.number == n {
			return v
		}
	}
	return nil
}

// newest returns the newest registration; an empty one where there is none.
func (s *records) newest() *registration {
	if len(s.inOrder) == 0 {
		return &registration{}
	}
	return s.inOrder[len(s.inOrder)-1]
}

// addRegistration gives r an id and a token and keeps it.
func (s *records) addRegistration(r *registration, now time.Time) {
	s.makeRoom(now)
	r.id = s.newID()
	r.token = newToken(r.id)
	r.created, r.updated = now, now
	r.status = "STARTED"
	s.registrations[r.id] = r
	s.tokens[r.token] = r
	s.inOrder = append(s.inOrder, r)
}

// addValidation gives v an id and keeps it as the newest of its number.
func (s *records) addValidation(v *validation) {
	r := v.registration
	if len(r.validations) == maxValidations {
		s.removeValidation(r.validations[0])
	}
	v.id = s.newID()
	v.kind = typeOnboarding
	v.status = statusSent
	r.validations = append(r.validations, v)
	s.validations[v.id] = v
	s.phones[v.number.phone] = append(s.phones[v.number.phone], v)
}

// reset removes the earlier validations of a number or email, as the set-up API does when a person registers again.
func (s *records) reset(n number, email string) {
	for v := s.ofNumber(n); v != nil; v = s.ofNumber(n) {
		s.removeValidation(v)
	}
	for _, r := range s.registrations {
		for r.email == email && email != "" && len(r.validations) > 0 {
			s.removeValidation(r.validations[0])
		}
	}
}

func (s *records) removeValidation(v *validation) {
	r, phone, gone := v.registration, v.number.phone, func(other *validation) bool { return other == v }
	r.validations = slices.DeleteFunc(r.validations, gone)
	delete(s.validations, v.id)
	if s.phones[phone] = slices.DeleteFunc(s.phones[phone], gone); len(s.phones[phone]) == 0 {
		delete(s.phones, phone)
	}
}

func (s *records) removeRegistration(r *registration) {
	for len(r.validations) > 0 {
		s.removeValidation(r.validations[0])
	}
	delete(s.registrations, r.id)
	delete(s.tokens, r.token)
	s.inOrder = slices.DeleteFunc(s.inOrder, func(other *registration) bool { return other == r })
}

// makeRoom makes room for one more registration.
func (s *records) makeRoom(now time.Time) {
	for len(s.inOrder) >= maxRegistrations || len(s.inOrder) > 0 && now.Sub(s.inOrder[0].created) >= retention {
		s.removeRegistration(s.inOrder[0])
	}
}
