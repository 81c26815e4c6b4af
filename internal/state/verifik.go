package state

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"verifik-contract/env"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
)

// verifik makes states through the provider's documented set-up API: a registration for a phone of the pool, which
// resets that phone, then a phone validation.
type verifik struct {
	Options
	declared     env.Verifik
	base         string // URL of the set-up API, without a trailing slash
	otp          *otpReader
	capabilities capabilities
}

func newVerifik(declared env.Verifik, o Options, problems *problem.List) *verifik {
	o.Secrets.Add(declared.ClientToken)
	return &verifik{
		Options:      o,
		declared:     declared,
		base:         strings.TrimRight(cmp.Or(declared.BaseURL, o.TargetURL), "/"),
		otp:          newOTPReader(declared, o, problems),
		capabilities: capabilities{gateways: map[string]string{}},
	}
}

func (v *verifik) title() string { return `states "verifik"` }

func (v *verifik) has(phone env.Phone) bool { return slices.Contains(v.declared.Phones, phone) }

// assign refuses states that the set-up API cannot make or that the pool has too few phones for.
func (v *verifik) assign(_ *Planner, request Request, others []pick) (pick, *Skip) {
	if no := cmp.Or(unknown(v, request), v.refuse(request)); no != nil {
		return pick{}, no
	}
	one := pick{cost: Cost{Registrations: 1}, phones: v.phones(request.CountryCode)}
	if request.Name != providerstate.None {
		one.once = v.declared.OTP.Kind == env.OTPPrompt
		if v.declared.OTP.Kind != env.OTPDemo {
			one.cost.Messages = 1
		}
	}
	if _, all := match(wanted(append(others, one), 0), func(env.Phone) bool { return true }); !all {
		return pick{}, v.tooFew(request.CountryCode, len(others)+1)
	}
	return one, nil
}

func (v *verifik) refuse(request Request) *Skip {
	switch {
	case request.Name == providerstate.Liveness && v.declared.LivenessProjectFlow == "":
		return refusal(`states "verifik" has no liveness_project_flow`,
			`add liveness_project_flow to states "verifik": a flow that recommends face liveness`)
	case request.Name == providerstate.Expired && v.declared.Expiry != env.ExpiryExpiresAt:
		return refusal(`states "verifik" cannot expire a validation: its expiry is "none"`,
			`set expiry = "expiresAt" in states "verifik", if the provider honours a short life`)
	case slices.Contains(request.Values, providerstate.FaceLiveness): // finding out would cost a message
		return refusal(`states "verifik" does not learn whether a flow recommends face liveness: the set-up API does not tell`,
			`add a states "pact" or states "static" block that yields `+providerstate.FaceLiveness)
	case request.Name != providerstate.None && v.declared.OTP.Kind == env.OTPPrompt && v.Prompt == nil:
		return refusal(`otp "prompt" of states "verifik" asks on a terminal, and there is none`,
			`run it on a terminal, or use otp "http", otp "command" or otp "demo" in states "verifik"`)
	}
	return nil
}

// phones returns the phones of the pool with a country code; "" means any.
func (v *verifik) phones(countryCode string) []env.Phone {
	return group.Where(v.declared.Phones, func(phone env.Phone) bool { return countryCode == "" || phone.CountryCode == countryCode })
}

// tooFew returns the refusal of a scenario that needs more phones at once than the pool has.
func (v *verifik) tooFew(code string, needed int) *Skip {
	of := ""
	if code != "" {
		of = " of " + code
	}
	advice := `add a phone` + of + ` to phones of states "verifik"`
	if len(v.phones(code)) == 0 {
		return refusal(`states "verifik" has no phone`+of, advice)
	}
	return refusal(fmt.Sprintf(`states "verifik" has too few phones%s: the scenario needs %d at once`, of, needed), advice)
}

// make makes a registration and, if the state has one, a validation.
func (v *verifik) make(ctx context.Context, t task) (d decoded, _ func(context.Context), err error) {
	flow := v.declared.ProjectFlow
	if t.Name == providerstate.Liveness {
		flow = v.declared.LivenessProjectFlow
	}
	if err := v.capabilities.skip(flow, t.Request); err != nil {
		return d, nil, err
	}
	clock := newClock()
	id, token, err := v.createRegistration(ctx, t, flow, clock)
	if err != nil {
		return d, nil, err
	}
	d.Values = providerstate.Values{
		Phone:             t.phone.Number,
		CountryCode:       t.phone.CountryCode,
		Token:             token,
		Project:           v.declared.Project,
		ProjectFlow:       flow,
		AppRegistrationID: id,
		ReadBackURL:       v.base,
	}
	if t.Name == providerstate.None {
		return d, nil, nil
	}
	before, err := v.otp.before(ctx, t)
	if err != nil {
		return d, nil, err
	}
	created, err := v.createValidation(ctx, t, flow, token, clock)
	if err != nil {
		return d, nil, err
	}
	d.ValidationID, d.PhoneGateway, d.Liveness = created.ID, created.PhoneGateway, created.Liveness
	d.Project, d.ProjectFlow = cmp.Or(created.Project, d.Project), cmp.Or(created.ProjectFlow, d.ProjectFlow)
	// From now on, a scenario that asks for what this provider cannot make is skipped before a message is sent.
	v.capabilities.learn(flow, created)
	if err := v.capabilities.skip(flow, t.Request); err != nil {
		return d, nil, err
	}
	// The OTP is read while a validation that is to expire grows old.
	d.OTP, d.otpIsNumber, err = v.otp.read(ctx, t, before)
	if err == nil && t.Name == providerstate.Expired {
		err = v.Wait(ctx, clock.until(created.expires, v.Now()))
	}
	return d, nil, err
}

// capabilities holds what earlier validations showed about a provider, so that scenarios that it cannot serve are skipped
// without sending another message, which costs money.
type capabilities struct {
	mutex    sync.Mutex
	gateways map[string]string // by flow: the gateway of its last validation
	expiry   string            // why no validation can be made to expire; "": no reason is known
}

// skip returns a *Skip if a new validation is known not to be what is asked for, else nil.
func (c *capabilities) skip(flow string, request Request) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	known := c.gateways[flow]
	switch {
	case request.Name == providerstate.Expired && c.expiry != "":
		return &Skip{Reason: c.expiry}
	case known != "" && request.PhoneGateway != "" && request.PhoneGateway != known:
		return &Skip{Reason: fmt.Sprintf("the provider delivers by %q here, not by %q, which was asked for", nameOf(known), request.PhoneGateway)}
	}
	return nil
}

// learn remembers what a new validation shows.
func (c *capabilities) learn(flow string, created validation) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.gateways[flow] = cmp.Or(created.PhoneGateway, c.gateways[flow])
	c.expiry = cmp.Or(created.cannotExpire(), c.expiry)
}
