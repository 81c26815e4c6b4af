// Package steps is the vocabulary of the features: a table of expressions, and what each does to its scenario's World. Steps
// are thin: internal/contract decides what an answer must be.
package steps

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
)

// Client makes the calls of a scenario.
type Client interface {
	Do(context.Context, transport.Call) exchange.Exchange
}

// Session makes the provider states of a scenario. They are numbered from 0, in the order of its steps.
type Session interface {
	Make(ctx context.Context, need int, webhookURL string) (providerstate.Values, error)
}

// World is one attempt of one scenario: what it uses, and what it found. It is not safe for concurrent use.
type World struct {
	// Set by the runner.
	ID       string // of the scenario
	Rule     string // "PV-02"
	Observed bool   // the documentation is silent: whatever is answered is recorded
	Attempt  int    // from 1
	Checks   contract.Checks
	Client   Client
	BaseURL  string // of the target, without a trailing slash
	Fresh    bool   // no call reuses a connection
	Session  Session
	Taken    func(countryCode, phone string) bool // whether a phone belongs to the environment; nil: none does
	Webhook  *webhook.Receiver                    // nil: notifications cannot be received
	Wait     time.Duration                        // for a notification, at most
	Patience time.Duration                        // for the effect of a success to show in a read-back, at most
	Settle   time.Duration                        // from an answer to the second read-back; 0: there is none
	Aside    func(wait func())                    // waits while other scenarios run; nil: just waits
	Secrets  *secret.Set                          // what no report shows; the steps add to it
	Tokens   *secret.Set                          // of all states of the run; the steps add to it. nil: of none
	Judge    func(exchange int)                   // called with the index of each PUT's exchange, while its answer is in memory; may be nil

	// Added by the steps.
	Findings     []contract.Finding
	Exchanges    []exchange.Exchange
	Observations []contract.Observation
	Warnings     []string
	Notified     *Notified // nil: no state of the scenario has a webhook

	values       providerstate.Values // of the state that the scenario is about
	other        providerstate.Values // of the state beside it
	swapped      bool                 // the two have changed places
	pending      bool                 // the validation of the state that the scenario is about was made as a pending one
	otherPending bool                 // and so was that of the state beside it
	made         int                  // how many of the scenario's states were made
	draft        draft

	typedNonOTP bool // the last that was typed is something other than an OTP
	typedOpenly bool // and tells nothing of the right OTP
	mistyped    bool // something other than the right OTP was typed

	readable []readback // what could be read before the PUT
	address  *webhook.Address
	secrets  []string
	last     int  // index of the exchange that the next expectation is about; -1: none
	expected bool // an expectation was about it
}

// Notified is what a scenario expects of notifications.
type Notified struct {
	contract.Known
	Sent    time.Time // when the PUT was sent that they may tell of
	Awaited bool      // the scenario waits for one
	Refused bool      // none may tell of a success
}

// Judged is the judgement of a delivery.
type Judged struct {
	contract.Notification
	Of *Notified // what its scenario expected; nil: its state was not made yet
}

// Start makes the world ready for its first step.
func (w *World) Start() {
	w.last = -1
	if w.Aside == nil {
		w.Aside = func(wait func()) { wait() }
	}
}

// End closes the scenario's webhook address: what comes later is late.
func (w *World) End() {
	if w.address != nil {
		w.address.Close()
	}
}

// Private returns what is known of the scenario's states, secrets included.
func (w *World) Private() contract.Known {
	known := contract.Hidden(w.secrets, w.values, w.other)
	known.Pending, known.Tokens = w.pending, w.Tokens
	if w.Observed { // where the documentation is silent, no success is a breach
		known.OTP, known.Token = "", ""
	}
	return known
}

// States returns the values of the scenario's own state and of the one beside it, as they were made.
func (w *World) States() (own, other providerstate.Values) {
	own, other = w.values, w.other
	if w.swapped {
		own, other = other, own
	}
	return own, other
}

// find appends findings about the exchange at an index.
func (w *World) find(exchange int, findings ...contract.Finding) {
	for _, f := range findings {
		f.Rule, f.Exchange = cmp.Or(f.Rule, w.Rule), exchange
		w.Findings = append(w.Findings, f)
	}
}

// makeState makes the scenario's next state, with an address for notifications if it notifies.
func (w *World) makeState(ctx context.Context, notifies bool) (providerstate.Values, error) {
	url := ""
	if notifies {
		if w.Webhook == nil {
			return providerstate.Values{}, &state.Skip{Reason: "the environment cannot receive notifications"}
		}
		w.address = w.Webhook.Open(w.ID)
		url = w.address.URL()
	}
	values, err := w.Session.Make(ctx, w.made, url)
	w.made++
	if err != nil {
		return providerstate.Values{}, err
	}
	w.keepSecret(values.OTP, values.Token)
	if w.Tokens != nil && len(values.Token) >= contract.MinTokenLength {
		w.Tokens.Add(values.Token)
	}
	if notifies {
		w.await(values)
	}
	return values, nil
}

func (w *World) keepSecret(values ...string) {
	for _, v := range values {
		if v != "" && !slices.Contains(w.secrets, v) {
			w.secrets = append(w.secrets, v)
			w.Secrets.Add(v)
		}
	}
}

// judged returns the exchange that an expectation is about.
func (w *World) judged() (exchange.Exchange, error) {
	w.expected = true
	if w.last < 0 {
		return exchange.Exchange{}, errors.New("nothing was sent: the scenario expects an answer before it sends a request")
	}
	return w.Exchanges[w.last], nil
}

// known returns a value of the state by the features' words. The error skips the scenario.
func (w *World) known(words string) (string, error) {
	value := valueOf(w.values, words)
	return value, skipIf(value == "", "the state yields no "+valueName(words))
}

func valueOf(values providerstate.Values, words string) string {
	return group.First(values.All(), func(v providerstate.Value) bool { return v.Name == valueName(words) }).Text
}

// list splits "phone, countryCode and otp".
func list(words string) []string {
	return strings.Split(strings.ReplaceAll(words, " and ", ", "), ", ")
}
