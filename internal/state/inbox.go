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

// inbox is where the OTP that was sent to a phone is read.
type inbox interface {
	// before returns the OTP that is there before the message is sent, "" for none. known is false if this cannot be found out.
	before(ctx context.Context, t task) (otp string, known bool)
	// poll looks once; left is how much longer the OTP is waited for.
	poll(ctx context.Context, t task, left time.Duration) pollResult
}

// pollResult is the outcome of one poll.
type pollResult struct {
	otp      string // "" for none; why says so if it begins with a zero
	isNumber bool   // the OTP is a JSON number
	why      string // why there is no usable OTP
	again    bool   // it may still come
	exchange *exchange.Exchange
}

// otpReader polls an inbox until an OTP is there.
type otpReader struct {
	inbox
	Options
	declared env.OTP
	last     sync.Map // by phone: the last OTP that was read
}

// newOTPReader returns a reader of the inbox that an environment declares.
func newOTPReader(declared env.Verifik, o Options, problems *problem.List) *otpReader {
	otp := declared.OTP
	r := &otpReader{Options: o, declared: otp}
	switch otp.Kind {
	case env.OTPHTTP:
		r.inbox = &httpInbox{declared: otp, client: o.Control}
		if len(declared.Phones) > 1 && !strings.Contains(otp.URL, "{phone}") {
			*problems = append(*problems, problem.Problem{
				Severity: problem.Warning, Summary: `the url of otp "http" has no {phone}`,
				Detail: "Scenarios of several phones run at once; without {phone} one may read the OTP of another.",
			})
		}
	case env.OTPCommand:
		r.inbox = commandInbox{otp}
		checkCommand(otp, o.Secrets, problems)
	case env.OTPPrompt:
		r.inbox = &promptInbox{ask: o.Prompt}
	default:
		o.Secrets.Add(otp.Value)
		r.inbox = demoInbox{otp.Value}
	}
	return r
}

// fillTemplate returns a template with a phone filled in.
func fillTemplate(template string, phone env.Phone, escape func(string) string) string {
	return strings.NewReplacer("{countryCode}", escape(phone.CountryCode), "{phone}", escape(phone.Number)).Replace(template)
}

// demoInbox is a demo project's fixed OTP.
type demoInbox struct{ otp string }

func (d demoInbox) before(context.Context, task) (string, bool) { return "", true }
func (d demoInbox) poll(context.Context, task, time.Duration) pollResult {
	return pollResult{otp: d.otp}
}

const readOTP = "read the OTP"

// pollEvery is the pause between two polls of inboxes whose environment does not set it.
const pollEvery = time.Second

// before returns the OTP that must not be taken for the new one: that in the inbox before the message is sent or, if the inbox
// cannot tell, the last one that was read for the phone.
func (r *otpReader) before(ctx context.Context, t task) (string, error) {
	otp, known := r.inbox.before(ctx, t)
	if last, came := r.last.Load(t.phone); !known && came {
		otp, _ = last.(string)
	}
	return otp, ctx.Err()
}

// otp checks a text that should be an OTP, and adds what may be one to the secrets. where begins the sentence about a fault.
func (t task) otp(text, where string) pollResult {
	t.secrets.Add(runsOfDigits(text)...)
	one := pollResult{otp: text}
	if fault := providerstate.OTPFault(text); fault != "" {
		one.why = where + " " + fault
		if fault != providerstate.ZeroFault {
			one.otp = ""
		}
	}
	return one
}

// read looks until there is an OTP other than the one from before; isNumber reports whether it was a JSON number. An exchange
// with the same outcome as the one before is not recorded. The error is *NotMade or the context's.
func (r *otpReader) read(ctx context.Context, t task, before string) (otp string, isNumber bool, err error) {
	deadline := r.Now().Add(r.declared.For)
	var recorded string // the why of the last recorded exchange
	for {
		one := r.poll(ctx, t, deadline.Sub(r.Now()))
		pause := cmp.Or(r.declared.Every, pollEvery)
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
		last := !one.again || r.Now().Add(pause).After(deadline)
		if one.exchange != nil && (last || one.why != recorded) {
			t.record(*one.exchange)
			recorded = one.why
		}
		switch {
		case ctx.Err() != nil:
			return "", false, ctx.Err()
		case one.otp != "":
			r.last.Store(t.phone, one.otp)
			if one.why == "" {
				return one.otp, one.isNumber, nil
			}
			fallthrough
		case !one.again:
			return "", false, &NotMade{Reason: readOTP + ": " + one.why, Exchange: one.exchange, leadingZero: one.otp != ""}
		case last:
			return "", false, &NotMade{Reason: fmt.Sprintf("%s: no new OTP in %s: %s", readOTP, text.Duration(r.declared.For), one.why), Exchange: one.exchange}
		}
		if err := r.Wait(ctx, pause); err != nil {
			return "", false, err
		}
	}
}

// promptTries is how often a person is asked for one OTP.
const promptTries = 3

// promptInbox asks on the terminal, one question at a time.
type promptInbox struct {
	ask  func(ctx context.Context, question string) (string, error)
	turn sync.Mutex // held while asking
}

func (p *promptInbox) before(context.Context, task) (string, bool) { return "", true }

func (p *promptInbox) poll(ctx context.Context, t task, _ time.Duration) (typed pollResult) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if ctx.Err() != nil {
		return pollResult{}
	}
	prompt := "The OTP that was sent to " + t.phone.CountryCode + " " + t.phone.Number + ": "
	question := prompt
	for range promptTries {
		answer, err := p.ask(ctx, question)
		if err != nil {
			return pollResult{why: prompt + "nobody answered: " + err.Error()}
		}
		typed = t.otp(strings.Join(strings.Fields(answer), ""), "What you typed")
		if typed.otp != "" { // even with a leading zero, which is no typing error: another OTP has to be sent
			return typed
		}
		question = typed.why + ". " + prompt
	}
	return pollResult{why: prompt + typed.why}
}
