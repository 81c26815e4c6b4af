package state

import (
	"context"
	"fmt"
	"strings"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// promptTries is how often somebody is asked for one OTP.
const promptTries = 3

// promptInbox asks on the terminal, one question at a time.
type promptInbox struct {
	ask     func(ctx context.Context, question string) (string, error)
	secrets *secret.Set
	turn    chan struct{} // holds who is asking
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
	phone := t.phone.CountryCode + " " + t.phone.Number
	question, fault, zero := "The OTP that was sent to "+phone+": ", "", false
	for range promptTries {
		answer, err := p.ask(ctx, question)
		if err != nil {
			if ctx.Err() != nil {
				return "", false, ctx.Err()
			}
			return "", false, &Unmade{Reason: fmt.Sprintf("%s: nobody answered which OTP was sent to %s: %s", readOTP, phone, err)}
		}
		otp := strings.Join(strings.Fields(answer), "")
		p.secrets.Add(otp)
		if fault = providerstate.OTPFault(otp); fault == "" {
			return otp, false, nil
		}
		if zero = beginsWithZero(otp); zero { // nobody mistyped it: another one has to be sent
			break
		}
		question = "What you typed " + fault + ". The OTP that was sent to " + phone + ": "
	}
	return "", false, &Unmade{Reason: fmt.Sprintf("%s: what was typed for %s %s", readOTP, phone, fault), leadingZero: zero}
}
