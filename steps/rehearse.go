package steps

import (
	"context"
	"errors"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// fakeProvider stands in for the provider and for the source of its states.
type fakeProvider struct {
	values providerstate.Values
	answer exchange.Answer
}

func (s fakeProvider) Make(context.Context, int, string) (providerstate.Values, error) {
	return s.values, nil
}

func (s fakeProvider) Do(_ context.Context, call transport.Call) exchange.Exchange {
	return exchange.Exchange{Purpose: call.Purpose, Label: call.Label, Answer: new(s.answer), Request: exchange.Request{Method: call.Method, URL: call.URL, Header: call.Header, Body: call.Body}}
}

// Rehearser does scenarios without a provider.
type Rehearser struct {
	Checks contract.Checks
	Table  []Step
}

// Do does the steps of a rule's scenario up to its second request. The values of its state come from the caller, and its request
// gets the answer. The error says why the scenario cannot be done so.
func (m Rehearser) Do(ctx context.Context, rule string, texts []string, values func(providerstate.Name, providerstate.Parameters) providerstate.Values, answer exchange.Answer) (contract.Rehearsal, error) {
	var r contract.Rehearsal
	w := &World{Rule: rule, Attempt: 1, Checks: m.Checks, Secrets: &secret.Set{}}
	w.Start()
	for _, text := range texts {
		meaning := Meanings(m.Table, text)[0] // without one a contract is not loaded
		cost := meaning.Cost
		switch {
		case cost.ReadBacks > 0 && len(cost.Values)+len(cost.Other) > 0: // unless it reads only what the state happens to have the id of
			return r, errors.New("it reads back what the answer changed")
		case cost.Webhook:
			return r, errors.New("it waits for a notification")
		case len(cost.Needs) > 0 && (cost.Needs[0].Beside || r.State != ""):
			return r, errors.New("it needs two provider states at once")
		case cost.Calls > 1:
			return r, errors.New("it sends many requests at once, or in turn")
		case cost.Calls == 1 && w.last >= 0 && w.expected:
			r.Continues = true
			return r, nil
		case cost.Calls == 1 && w.last >= 0:
			return r, errors.New("it expects something of the answer to its second request only")
		}
		if len(cost.Needs) > 0 {
			need := cost.Needs[0]
			r.State, r.Params = need.Name, providerstate.Parameters{CountryCode: need.CountryCode, PhoneGateway: need.PhoneGateway}
			on := fakeProvider{values(r.State, r.Params), answer}
			w.Session, w.Client = on, on
		}
		switch err := meaning.Step.Do(ctx, w, meaning.Args); {
		case state.IsSkip(err) && w.last < 0:
			return r, errors.New("whether it can be done depends on what the state yields")
		case err != nil && w.last < 0:
			return r, err
		case err != nil:
			r.Findings = append(r.Findings, contract.Finding{Expectation: err.Error()})
		}
		if cost.Calls == 1 {
			sent := w.Exchanges[w.last]
			r.Request = sent.Request
			private := w.Private()
			private.ValidationID = "" // the answer is the documentation's example, of another validation
			judging := m.Checks.Judging(sent, private)
			for _, every := range m.Checks.Everywhere() {
				findings, _ := every.Judge(judging)
				r.Findings = append(r.Findings, findings...)
			}
		}
		r.Findings = append(r.Findings, w.Findings...)
		w.Findings = nil
	}
	if !w.expected {
		return r, errors.New("it expects nothing of an answer")
	}
	return r, nil
}
