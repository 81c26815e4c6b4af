// Package steps is the vocabulary of the features: one table of expressions, and what each does to the world of
// its scenario. Steps are thin: what an answer must be is decided in internal/contract.
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

// Session makes the provider states of a scenario, by their order among its needs.
type Session interface {
	Make(ctx context.Context, need int, webhookURL string) (providerstate.Values, error)
}

// World is one attempt of one scenario: what it may use, and what it found. It is not safe for concurrent use.
type World struct {
	// What the runner gives.
	ID       string // of the scenario
	Rule     string // "PV-02"
	Observed bool   // the documentation is silent: whatever is answered is recorded
	Attempt  int    // from 1
	Checks   contract.Checks
	Client   Client
	BaseURL  string // of the target, without a trailing slash
	Fresh    bool   // no call goes over a connection that was used before
	Session  Session
	Taken    func(countryCode, phone string) bool // a pair that belongs to somebody else
	Webhook  *webhook.Receiver                    // nil: notifications cannot be received
	Wait     time.Duration                        // for a notification, at most
	Patience time.Duration                        // for what a success changes to show in a read-back, at most
	Settle   time.Duration                        // after an answer, before what was read back is looked at again; 0: it is not
	Aside    func(wait func())                    // waits, and keeps no other scenario from running; nil: it just waits
	Secrets  *secret.Set                          // what no report shows; made-up tokens are added
	Judge    func(exchange int)                   // told of each PUT that was answered, or not, while its answer is at hand; nil: nobody is

	// What the steps append.
	Findings     []contract.Finding
	Exchanges    []exchange.Exchange
	Observations []contract.Observation
	Warnings     []string
	Notified     *Notified // nil: the scenario awaits no notification

	values  providerstate.Values
	other   providerstate.Values // of another app registration
	turned  bool                 // the two have changed places
	need    int                  // how many of the scenario's states were made
	draft   draft
	noOTP   bool // what is typed next is none
	ofPhone bool // and digits of the phone

	mistyped bool       // something else than the right OTP was typed
	looked   []readback // at what a success would change
	address  *webhook.Address
	secrets  []string
	last     int  // index of the exchange that the next expectation is about; -1: none
	expected bool // an expectation has looked at it
}

// Notified is what a scenario knows of the notification that it awaits.
type Notified struct {
	contract.Known
	Sent    time.Time // when the PUT was sent
	Awaited bool      // the scenario waits for one
	Refused bool      // no notification may tell of a success
}

// Judged is how a delivery is judged, which was read when all of it was there.
type Judged struct {
	contract.Notification
	Of *Notified // what its scenario awaited; nil: its state was not made yet
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

// Private returns what is known of the scenario's states: what no answer may echo, and what a success has to say.
func (w *World) Private() contract.Known {
	known := contract.Hidden(w.secrets, w.values, w.other)
	if w.Observed { // where the documentation is silent, nothing is a breach
		known.OTP, known.Token = "", ""
	}
	return known
}

// States returns the values of the state that the scenario is about, and of another app registration.
func (w *World) States() (own, other providerstate.Values) {
	own, other = w.values, w.other
	if w.turned {
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

// makeState makes the scenario's next state, and an address for its notifications where it has any.
func (w *World) makeState(ctx context.Context, notifies bool) (providerstate.Values, error) {
	url := ""
	if notifies {
		if w.Webhook == nil {
			return providerstate.Values{}, &state.Skip{Reason: "the environment cannot receive notifications"}
		}
		w.address = w.Webhook.Open(w.ID)
		url = w.address.URL()
	}
	values, err := w.Session.Make(ctx, w.need, url)
	w.need++
	if err != nil {
		return providerstate.Values{}, err
	}
	w.keepSecret(values.OTP, values.Token)
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

// judged returns the answer that an expectation is about.
func (w *World) judged() (exchange.Exchange, error) {
	w.expected = true
	if w.last < 0 {
		return exchange.Exchange{}, errors.New("nothing was sent: the scenario expects an answer before it sends a request")
	}
	return w.Exchanges[w.last], nil
}

// known returns a value of the state by the words of the features; the error skips the scenario.
func (w *World) known(words string) (string, error) {
	value := valueOf(w.values, words)
	if value == "" {
		return "", unknown(valueName(words))
	}
	return value, nil
}

func valueOf(values providerstate.Values, words string) string {
	for _, value := range values.All() {
		if value.Name == valueName(words) {
			return value.Text
		}
	}
	return ""
}

// unknown skips a scenario for want of a value, by the name that whoever yields states gives it.
func unknown(field string) error {
	return &state.Skip{Reason: "the state yields no " + field}
}

// list splits "phone, countryCode and otp".
func list(words string) []string {
	words = strings.ReplaceAll(words, " and ", ", ")
	return strings.Split(words, ", ")
}
