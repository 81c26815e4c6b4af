// Package state makes provider states: the records that a scenario starts from. The environment decides where they come
// from (a Pact provider-state handler, the provider's own set-up API, prepared records); scenarios do not know.
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
	Notifies     bool               `json:"notifies,omitempty"`     // its notifications are sent to this run, as those of providerstate.Webhook are
	Beside       bool               `json:"beside,omitempty"`       // it is of another app registration, beside the scenario's own

	// Values names the optional values that the scenario needs, as in Pact's exchange. A source that knows beforehand that
	// it lacks one refuses; otherwise the scenario finds out when it runs.
	Values []string `json:"values,omitempty"`
}

// Notified reports whether the state is made with an address to send notifications to.
func (r Request) Notified() bool { return r.Notifies || r.Name == providerstate.Webhook }

// Impossible returns what is wrong with a request that no source can make, and what to write instead; "" if nothing is.
func (r Request) Impossible() (summary, detail string) {
	switch {
	case r.CountryCode != "" && !countryCode.MatchString(r.CountryCode):
		return fmt.Sprintf("%q is not a country code", r.CountryCode), "Write + and 1 to 3 digits."
	case r.PhoneGateway != "" && !slices.Contains(providerstate.Gateways(), r.PhoneGateway):
		return fmt.Sprintf("%q is not a delivery method", r.PhoneGateway), "The documentation lists " + text.List(providerstate.Gateways(), "and") + "."
	}
	return "", ""
}

// Assignment is the plan's decision which source makes each need of one scenario. The zero value assigns nothing.
type Assignment struct {
	picks   []pick   // one for each need
	planner *Planner // reserves another prepared record for a retry
	start   int      // where in a pool the scenario looks for a phone first
}

// StartingAt returns the assignment of a scenario that looks for its phones from this place of a pool on. Scenarios that begin at
// different places are spread over the pool's country codes, of which most ask for none.
func (a Assignment) StartingAt(place int) Assignment {
	a.start = place
	return a
}

// pick is the source of one need and what it is made with.
type pick struct {
	Request
	source   source
	cost     Cost
	prepared *record     // nil if the source has no prepared records
	phones   []env.Phone // the phones of a pool that would do; nil if the source has no pool
	once     bool        // making it again takes a person's help or uses up a prepared record
}

// Cost counts what making states costs.
type Cost struct {
	Registrations int `json:"registrations"`              // app registrations made through the set-up API
	Messages      int `json:"messages"`                   // OTP messages sent, at most, which the provider charges for
	Possible      int `json:"possibleMessages,omitempty"` // how many of those messages may turn out not to be sent
}

// Add adds the cost of other states.
func (c *Cost) Add(other Cost) {
	c.Registrations += other.Registrations
	c.Messages += other.Messages
	c.Possible += other.Possible
}

// Allowance reports whether so many more OTP messages may be sent; nil means no limit. It is called by several goroutines.
type Allowance func(messages int) bool

// NewAllowance limits the messages beyond the planned ones, so that there are at most most in all; nil means no limit.
func NewAllowance(most *int, planned int) Allowance {
	if most == nil {
		return nil
	}
	left := semaphore.NewWeighted(int64(max(*most-planned, 0)))
	return func(messages int) bool { return left.TryAcquire(int64(messages)) }
}

// Allows reports whether so many more messages may be sent, which then count as sent.
func (a Allowance) Allows(messages int) bool { return messages == 0 || a == nil || a(messages) }

// Skip is the error of a state that differs from what was asked for or that the environment cannot make: the scenario is
// skipped, not failed.
type Skip struct {
	Reason string // in plain words
	Advice string // what to add to the environment that cannot make it; "" if the state differs
}

// Error implements error.
func (s *Skip) Error() string { return s.Reason }

// IsSkip reports whether an error skips the scenario.
func IsSkip(err error) bool {
	_, skips := errors.AsType[*Skip](err)
	return skips
}

// NotMade is the error of a state that could not be made: the scenario is broken.
type NotMade struct {
	State    providerstate.Name
	Reason   string             // what happened and what to do; may hold secrets from a URL
	Exchange *exchange.Exchange // the call that failed, for its cause and Retry-After; nil if none did

	leadingZero bool // the only fault is that the OTP begins with a zero
}

// stale reports whether the call failed on a connection that the server may have closed as idle.
func (n *NotMade) stale() bool {
	return n.Exchange != nil && n.Exchange.Failure != nil && n.Exchange.Failure.Stale
}

// Error implements error.
func (n *NotMade) Error() string { return fmt.Sprintf("%q could not be made: %s", n.State, n.Reason) }
