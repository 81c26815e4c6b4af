package state

import (
	"context"
	"strings"
	"sync"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
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
		return &httpInbox{declared: otp, client: o.Control, secrets: o.Secrets, now: o.Now, wait: o.Wait, last: &lastSeen{}}, problems
	case env.OTPCommand:
		return &commandInbox{declared: otp, secrets: o.Secrets, now: o.Now, wait: o.Wait, last: &lastSeen{}}, commandProblems(otp, o.Secrets)
	case env.OTPPrompt:
		return &promptInbox{ask: o.Prompt, secrets: o.Secrets, turn: make(chan struct{}, 1)}, nil
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

// lastSeen is the last OTP that came to each phone. It is safe for concurrent use.
type lastSeen struct{ otps sync.Map }

func (l *lastSeen) of(phone env.Phone) string {
	otp, _ := l.otps.Load(phone)
	text, _ := otp.(string)
	return text
}

func (l *lastSeen) set(phone env.Phone, otp string) { l.otps.Store(phone, otp) }
