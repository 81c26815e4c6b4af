// Package state makes provider states: the records that a scenario starts from. Where they come from (a Pact
// provider-state handler, the provider's own set-up API, records that someone prepared) is the environment's
// matter; a scenario cannot tell.
package state

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/semaphore"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// Request asks for one provider state.
type Request struct {
	Name         providerstate.Name `json:"state"`
	CountryCode  string             `json:"countryCode,omitempty"`  // "": any
	PhoneGateway string             `json:"phoneGateway,omitempty"` // "": any
	Notifies     bool               `json:"notifies,omitempty"`     // its notifications come to this run, as those of providerstate.Webhook
	Beside       bool               `json:"beside,omitempty"`       // it stands beside the scenario's own, of another app registration

	// Values is the optional values that the scenario cannot do without, by the names of Pact's exchange. A source
	// that knows beforehand that it lacks one refuses; elsewhere the scenario finds out.
	Values []string `json:"values,omitempty"`
}

// Notified reports whether whoever makes the state is told where to send notifications.
func (r Request) Notified() bool { return r.Notifies || r.Name == providerstate.Webhook }

// Senseless says what of a request no source can make, and what to write instead; "": nothing.
func (r Request) Senseless() (summary, detail string) {
	switch {
	case r.CountryCode != "" && !countryCode.MatchString(r.CountryCode):
		return fmt.Sprintf("%q is no country code", r.CountryCode), "Write + and 1 to 3 digits."
	case r.PhoneGateway != "" && !slices.Contains(providerstate.Gateways(), r.PhoneGateway):
		return fmt.Sprintf("%q is no delivery method", r.PhoneGateway), "The documentation lists " + text.List(providerstate.Gateways(), "and") + "."
	}
	return "", ""
}

// Assignment is which source makes each need of one scenario, as the plan decided it. The zero value assigns
// nothing.
type Assignment struct {
	picks   []pick   // one for each need
	planner *Planner // which prepared records are left, for retries
}

// pick is who makes one need, and with what.
type pick struct {
	Request
	source   source
	cost     Cost
	prepared *record     // the one to be used; nil where the source has none
	phones   []env.Phone // of a pool, any of which would do; nil where the source has none
	once     bool        // to make it again takes a person's help, or a prepared record that is used up
}

// Cost counts what making states costs.
type Cost struct {
	Registrations int `json:"registrations"`              // app registrations made through the set-up API
	Messages      int `json:"messages"`                   // OTP messages sent, at most, which the provider charges for
	Possible      int `json:"possibleMessages,omitempty"` // of those, how many the source may spare: nobody can tell from here
}

// Add adds what other states cost.
func (c *Cost) Add(other Cost) {
	c.Registrations += other.Registrations
	c.Messages += other.Messages
	c.Possible += other.Possible
}

// Allowance is asked whether so many more OTP messages may be sent, from several goroutines; nil: there is no limit.
type Allowance func(messages int) bool

// NewAllowance holds the messages beside those that are planned to a limit; nil: there is none.
func NewAllowance(most *int, planned int) Allowance {
	if most == nil {
		return nil
	}
	left := semaphore.NewWeighted(int64(max(*most-planned, 0)))
	return func(messages int) bool { return left.TryAcquire(int64(messages)) }
}

// Allows reports whether so many more messages may be sent, which then count as sent.
func (a Allowance) Allows(messages int) bool { return messages == 0 || a == nil || a(messages) }

// Skip is a state that came out other than it was asked for, or that the environment cannot make: the scenario
// is skipped, not failed.
type Skip struct {
	Reason string // in plain words
	Advice string // what to add to the environment that cannot make it; "": it came out other
}

// Error implements error.
func (s *Skip) Error() string { return s.Reason }

// IsSkip reports whether an error skips the scenario.
func IsSkip(err error) bool {
	_, skips := errors.AsType[*Skip](err)
	return skips
}

// Unmade is a state that could not be made: the scenario is broken.
type Unmade struct {
	State    providerstate.Name
	Reason   string             // what happened and what to do; may hold secrets of a URL
	Exchange *exchange.Exchange // the call that failed, for its cause and Retry-After; nil where none did

	leadingZero bool // only the zero that its OTP begins with keeps the state from being used
}

// stale reports whether the call that failed went over a connection that may have been closed as idle.
func (u *Unmade) stale() bool {
	return u.Exchange != nil && u.Exchange.Failure != nil && u.Exchange.Failure.Stale
}

// Error implements error.
func (u *Unmade) Error() string { return fmt.Sprintf("%q could not be made: %s", u.State, u.Reason) }
