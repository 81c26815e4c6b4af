package state

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/transport"
)

// verifik makes states through the provider's documented set-up API: a registration for a phone of the pool, which
// resets that phone, and then a phone validation.
type verifik struct {
	declared env.Verifik
	base     string // where the set-up API is, without a trailing slash
	client   *transport.Client
	secrets  *secret.Set
	otp      inbox
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	terminal bool // somebody can answer otp "prompt"
	learnt   learnt
}

func newVerifik(declared env.Verifik, o Options) (*verifik, problem.List) {
	o.Secrets.Add(declared.ClientToken)
	v := &verifik{
		declared: declared,
		base:     strings.TrimRight(declared.BaseURL, "/"),
		client:   o.Target,
		secrets:  o.Secrets,
		now:      o.Now,
		wait:     o.Wait,
		terminal: o.Terminal && o.Prompt != nil,
		learnt:   learnt{gateways: map[string]string{}},
	}
	if v.base == "" {
		v.base = strings.TrimRight(o.TargetURL, "/")
	}
	var problems problem.List
	if declared.BaseURL != "" {
		problems = urlProblems(`base_url of states "verifik"`, declared.BaseURL)
	}
	if fault := tokenFault(declared.ClientToken); fault != "" || declared.ClientToken == "" {
		if fault == "" {
			fault = "is empty"
		}
		problems = append(problems, problem.Problem{
			Severity: problem.Error, Summary: `the client_token of states "verifik" ` + fault,
			Detail: "Give the API token of the provider's client account, alone.",
		})
	}
	problems = append(problems, phoneProblems(declared.Phones)...)
	otp, found := newInbox(declared, o)
	v.otp = otp
	return v, append(problems, found...)
}

func phoneProblems(phones []env.Phone) problem.List {
	var problems problem.List
	if len(phones) == 0 {
		problems = append(problems, problem.Problem{
			Severity: problem.Error, Summary: `states "verifik" has no phones`,
			Detail: `Give at least one, such as phones = ["+507 62647737"].`,
		})
	}
	seen := map[env.Phone]bool{}
	for _, phone := range phones {
		shown := fmt.Sprintf("%q", phone.CountryCode+" "+phone.Number)
		switch {
		case !codeFits(phone.CountryCode) || !numberFits(phone.Number):
			problems = append(problems, problem.Problem{
				Severity: problem.Error, Summary: `the phone ` + shown + ` of states "verifik" is no phone number`,
				Detail: `Write + and 1 to 3 digits, a space, and digits: "+507 62647737".`,
			})
		case seen[phone]:
			problems = append(problems, problem.Problem{
				Severity: problem.Warning, Summary: `the phone ` + shown + ` of states "verifik" is named twice`,
				Detail: "It counts once: one scenario at a time uses a phone.",
			})
		}
		seen[phone] = true
	}
	return problems
}

func (v *verifik) refuse(asked Request) *Refusal {
	switch {
	case asked.Name == Liveness && v.declared.LivenessProjectFlow == "":
		return &Refusal{
			Reason: `states "verifik" has no liveness_project_flow`,
			Advice: `add liveness_project_flow to states "verifik": a flow that recommends face liveness`,
		}
	case asked.Name == Expired && v.declared.Expiry != env.ExpiryExpiresAt:
		return &Refusal{
			Reason: `states "verifik" cannot expire a validation: its expiry is "none"`,
			Advice: `set expiry = "expiresAt" in states "verifik", if the provider honours a short life`,
		}
	case slices.Contains(asked.Values, "showFaceLivenessRecommendation"):
		return &Refusal{ // or a message would be spent to find it out
			Reason: `states "verifik" does not learn whether a flow recommends face liveness: the set-up API does not tell`,
			Advice: `add a states "pact" or states "static" block that yields showFaceLivenessRecommendation`,
		}
	case asked.Name != None && v.declared.OTP.Kind == env.OTPPrompt && !v.terminal:
		return &Refusal{
			Reason: `otp "prompt" of states "verifik" asks on a terminal, and there is none`,
			Advice: `run it on a terminal, or use otp "http", otp "command" or otp "demo" in states "verifik"`,
		}
	case len(v.phones(asked.CountryCode)) == 0:
		return &Refusal{
			Reason: `states "verifik" has no phone of ` + asked.CountryCode,
			Advice: "add a phone of " + asked.CountryCode + ` to phones of states "verifik"`,
		}
	}
	return nil
}

// phones is those of the pool that have a country code; "" is any.
func (v *verifik) phones(countryCode string) []env.Phone {
	if countryCode == "" {
		return v.declared.Phones
	}
	var fit []env.Phone
	for _, phone := range v.declared.Phones {
		if phone.CountryCode == countryCode {
			fit = append(fit, phone)
		}
	}
	return fit
}

// tooFew says that the pool cannot serve all needs of one scenario at once.
func (v *verifik) tooFew(needs []Request) *Refusal {
	of := ""
	if code := needs[len(needs)-1].CountryCode; code != "" {
		of = " of " + code
	}
	return &Refusal{
		Reason: fmt.Sprintf(`the scenario needs %d phones at once, and states "verifik" has too few phones%s`, len(needs), of),
		Advice: `add a phone` + of + ` to phones of states "verifik"`,
	}
}

func (v *verifik) cost(asked Request) Cost {
	cost := Cost{Registrations: 1}
	if asked.Name != None && v.declared.OTP.Kind != env.OTPDemo {
		cost.Messages = 1
	}
	return cost
}

func (v *verifik) make(ctx context.Context, t task) (yield, func(context.Context), error) {
	y, err := v.register(ctx, t)
	return y, nil, err
}

// register makes a registration, and a validation where the state has one.
func (v *verifik) register(ctx context.Context, t task) (yield, error) {
	if v.client == nil {
		return yield{}, errNoClient
	}
	flow, told := v.flow(t.Name), func() {}
	if t.Name != None {
		var err error
		if told, err = v.learnt.before(ctx, flow, t.Request); err != nil {
			return yield{}, err
		}
		defer told()
	}
	clock := &clock{}
	registered, err := v.createRegistration(ctx, t, flow, clock)
	if err != nil {
		return yield{}, err
	}
	y := yield{Values: Values{
		Phone:             t.phone.Number,
		CountryCode:       t.phone.CountryCode,
		Token:             registered.token,
		Project:           v.declared.Project,
		ProjectFlow:       flow,
		AppRegistrationID: registered.id,
		ReadBackURL:       v.base,
	}}
	if t.Name == None {
		return y, nil
	}
	before, err := v.otp.before(ctx, t)
	if err != nil {
		return yield{}, err
	}
	created, err := v.createValidation(ctx, t, flow, registered.token, clock)
	if err != nil {
		return yield{}, err
	}
	y.complete(created)
	err = v.fits(t.Request, flow, created)
	told()
	if err != nil {
		return yield{}, err
	}
	// The OTP is read while the validation grows old.
	if y.OTP, y.otpIsNumber, err = v.otp.read(ctx, t, before); err != nil {
		return yield{}, err
	}
	if t.Name == Expired {
		if err := v.wait(ctx, clock.until(created.expires, v.now())); err != nil {
			return yield{}, err
		}
	}
	return y, nil
}

func (v *verifik) flow(name Name) string {
	if name == Liveness {
		return v.declared.LivenessProjectFlow
	}
	return v.declared.ProjectFlow
}

func (y *yield) complete(created validation) {
	y.ValidationID = created.ID
	y.PhoneGateway = created.PhoneGateway
	y.Liveness = created.Liveness
	if created.Project != "" {
		y.Project = created.Project
	}
	if created.ProjectFlow != "" {
		y.ProjectFlow = created.ProjectFlow
	}
}

// fits finds out early that a created validation is not what was asked for, and remembers it: the next scenario
// that asks for the same is skipped before a message is sent.
func (v *verifik) fits(asked Request, flow string, created validation) error {
	v.learnt.gateway(flow, created.PhoneGateway)
	if asked.PhoneGateway != "" && created.PhoneGateway != "" && asked.PhoneGateway != created.PhoneGateway {
		return otherGateway(created.PhoneGateway, asked.PhoneGateway)
	}
	if asked.Name != Expired {
		return nil
	}
	if reason := created.lives(); reason != "" {
		v.learnt.noExpiry(reason)
		return &Skip{Reason: reason}
	}
	return nil
}

func otherGateway(delivers, asked string) *Skip {
	return &Skip{Reason: fmt.Sprintf("the provider delivers by %q here, not by %q, which was asked for", nameOf(delivers), asked)}
}
