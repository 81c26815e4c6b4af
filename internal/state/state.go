// Package state makes provider states: the records that a scenario starts from. Where they come from (a Pact
// provider-state handler, the provider's own set-up API, records that someone prepared) is the environment's
// matter; a scenario cannot tell.
package state

import (
	"fmt"

	"verifik-contract/internal/transport"
)

// Name is the name of a provider state, as Pact's exchange carries it.
type Name string

// The provider states.
const (
	Pending  Name = "a pending phone validation"
	Expired  Name = "an expired phone validation"
	None     Name = "no phone validation"
	Liveness Name = "a pending phone validation with face liveness recommended"
	Webhook  Name = "a pending phone validation with a webhook"
)

// Names is every provider state, in the order in which the documentation lists them.
func Names() []Name { return []Name{Pending, Expired, None, Liveness, Webhook} }

// Request asks for one provider state.
type Request struct {
	Name         Name   `json:"state"`
	CountryCode  string `json:"countryCode,omitempty"`  // "": any
	PhoneGateway string `json:"phoneGateway,omitempty"` // "": any
	Notifies     bool   `json:"notifies,omitempty"`     // its notifications come to this run, as those of Webhook

	// Values is the optional values that the scenario cannot do without, by the names of Pact's exchange. A source
	// that knows beforehand that it lacks one refuses; elsewhere the scenario finds out.
	Values []string `json:"values,omitempty"`
}

// Values is what a state yields. An empty string is a value that the source does not know.
type Values struct {
	Phone             string
	CountryCode       string
	OTP               string // digits, no leading zero; "" for None
	WrongOTP          string // digits
	Token             string // of the app registration
	Project           string
	ProjectFlow       string
	PhoneGateway      string
	Liveness          *bool // showFaceLivenessRecommendation; nil: not known
	ValidationID      string
	AppRegistrationID string
	ReadBackURL       string // base URL of the set-up calls, where read-backs go; "": the target's
}

// Assignment is which source makes each need of one scenario, as the plan decided it. The zero value assigns
// nothing.
type Assignment struct {
	picks []pick // one for each need
	stock *stock // what is left of the prepared records, for retries
}

// pick is who makes one need.
type pick struct {
	source int // index into the environment's sources
	record int // index of a prepared record; -1 where the source has none
}

// Cost is what making states costs.
type Cost struct {
	Registrations int
	Messages      int // OTP messages, at most
	Possible      int // of those, how many the source may spare: nobody can tell from here
}

// Skip is a state that came out other than it was asked for, or that the environment cannot make: the scenario
// is skipped, not failed.
type Skip struct{ Reason string }

// Error implements error.
func (s *Skip) Error() string { return s.Reason }

// Unmade is a state that could not be made: the scenario is broken.
type Unmade struct {
	State    Name
	Reason   string              // what happened and what to do; may hold secrets of a URL
	Exchange *transport.Exchange // the call that failed, for its cause and Retry-After; nil where none did

	leadingZero bool // only the zero that its OTP begins with keeps the state from being used
}

// Error implements error.
func (u *Unmade) Error() string { return fmt.Sprintf("%q could not be made: %s", u.State, u.Reason) }
