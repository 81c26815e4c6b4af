package state

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// inbox is where the OTP that came to a phone is read.
type inbox interface {
	// before is what is there before the message is sent, so that it is not taken for the new OTP; "": nothing, or
	// it cannot be told.
	before(ctx context.Context, t task) (string, error)
	// read waits for the OTP; isNumber tells that it came as a JSON number. The error is *Unmade or the context's.
	read(ctx context.Context, t task, before string) (otp string, isNumber bool, err error)
}

// newInbox prepares the inbox that an environment declares, which is one of the four kinds.
func newInbox(declared env.Verifik, o Options) (inbox, problem.List) {
	otp := declared.OTP
	switch otp.Kind {
	case env.OTPHTTP:
		var problems problem.List
		if len(declared.Phones) > 1 && !strings.Contains(otp.URL, "{phone}") {
			problems = problem.List{{
				Severity: problem.Warning, Summary: `the url of otp "http" has no {phone}`,
				Detail: "Scenarios of several phones run at once; without {phone} one may read the OTP of another.",
			}}
		}
		return &httpInbox{poller: newPoller(otp, o), client: o.Control}, problems
	case env.OTPCommand:
		return &commandInbox{newPoller(otp, o)}, commandProblems(otp, o.Secrets)
	case env.OTPPrompt:
		return &promptInbox{ask: o.Prompt, turn: make(chan struct{}, 1)}, nil
	default:
		o.Secrets.Add(otp.Value)
		return demoInbox{otp.Value}, nil
	}
}

// filled fills a phone into a template.
func filled(template string, phone env.Phone, escape func(string) string) string {
	return strings.NewReplacer("{countryCode}", escape(phone.CountryCode), "{phone}", escape(phone.Number)).Replace(template)
}

// demoInbox is a demo project's fixed OTP.
type demoInbox struct{ otp string }

func (d demoInbox) before(context.Context, task) (string, error) { return "", nil }
func (d demoInbox) read(context.Context, task, string) (string, bool, error) {
	return d.otp, false, nil
}

const readOTP = "read the OTP"

// Where the environment says nothing.
const (
	pollEvery = time.Second
	pollFor   = time.Minute
)

// poller looks again and again until an OTP is there.
type poller struct {
	declared env.OTP
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	last     *sync.Map // the last OTP that came, by phone
}

func newPoller(otp env.OTP, o Options) poller {
	return poller{declared: otp, now: o.Now, wait: o.Wait, last: &sync.Map{}}
}

// lastOTP returns the last OTP that came to a phone.
func (p *poller) lastOTP(phone env.Phone) string {
	otp, _ := p.last.Load(phone)
	text, _ := otp.(string)
	return text
}

// found is the outcome of one look.
type found struct {
	otp      string // may begin with a zero, as why says
	isNumber bool   // the OTP is a JSON number
	why      string // there is none
	again    bool   // it may come yet
	exchange *exchange.Exchange
}

// otp judges a text that stands where an OTP should, and keeps what may be one from being shown.
func (t task) otp(text, where string) found {
	t.secrets.Add(runsOfDigits(text)...)
	one := found{otp: text}
	if fault := providerstate.OTPFault(text); fault != "" {
		one.why = where + " " + fault
		if fault != providerstate.ZeroFault {
			one.otp = ""
		}
	}
	return one
}

// poll looks until there is an OTP that is not the one from before. left is how long is still looked for one. Exchanges
// that are answered as the one before are not recorded.
func (p *poller) poll(ctx context.Context, t task, before string, look func(left time.Duration) found) (string, bool, error) {
	limit := cmp.Or(p.declared.For, pollFor)
	deadline := p.now().Add(limit)
	var recorded string // why there was none
	for {
		one := look(deadline.Sub(p.now()))
		pause := cmp.Or(p.declared.Every, pollEvery)
		if one.exchange != nil {
			pause = max(pause, one.exchange.RetryAfter())
		}
		if one.otp != "" && one.otp == before {
			if one.why != "" { // it begins with a zero
				one.why += "; "
			}
			one.why += `it still holds the OTP from before (for a fixed one, use otp "demo")`
			one.otp, one.again = "", true
		}
		last := !one.again || p.now().Add(pause).After(deadline)
		if one.exchange != nil && (last || one.why != recorded) {
			t.record(*one.exchange)
			recorded = one.why
		}
		switch {
		case ctx.Err() != nil:
			return "", false, ctx.Err()
		case one.otp != "":
			p.last.Store(t.phone, one.otp)
			if one.why == "" {
				return one.otp, one.isNumber, nil
			}
			fallthrough
		case !one.again:
			return "", false, &Unmade{Reason: readOTP + ": " + one.why, Exchange: one.exchange, leadingZero: one.otp != ""}
		case last:
			return "", false, &Unmade{Reason: fmt.Sprintf("%s: no new OTP in %s: %s", readOTP, text.Duration(limit), one.why), Exchange: one.exchange}
		}
		if err := p.wait(ctx, pause); err != nil {
			return "", false, err
		}
	}
}

// promptTries is how often somebody is asked for one OTP.
const promptTries = 3

// promptInbox asks on the terminal, one question at a time.
type promptInbox struct {
	ask  func(ctx context.Context, question string) (string, error)
	turn chan struct{} // holds who is asking
}

func (p *promptInbox) before(context.Context, task) (string, error) { return "", nil }

func (p *promptInbox) read(ctx context.Context, t task, _ string) (string, bool, error) {
	if p.ask == nil {
		return "", false, &Unmade{Reason: `otp "prompt" asks on a terminal, and there is none`}
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	defer func() { <-p.turn }()
	prompt := "The OTP that was sent to " + t.phone.CountryCode + " " + t.phone.Number + ": "
	var typed found
	for range promptTries {
		question := prompt
		if typed.why != "" {
			question = typed.why + ". " + prompt
		}
		answer, err := p.ask(ctx, question)
		if err != nil {
			if ctx.Err() != nil {
				return "", false, ctx.Err()
			}
			return "", false, &Unmade{Reason: readOTP + ": " + prompt + "nobody answered: " + err.Error()}
		}
		typed = t.otp(strings.Join(strings.Fields(answer), ""), "What you typed")
		if typed.why == "" {
			return typed.otp, false, nil
		}
		if typed.otp != "" { // nobody mistyped it: another one has to be sent
			break
		}
	}
	return "", false, &Unmade{Reason: readOTP + ": " + prompt + typed.why, leadingZero: typed.otp != ""}
}
