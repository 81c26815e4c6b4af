package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/transport"
)

// pact is a Pact provider-state handler.
type pact struct {
	declared env.Pact
	header   textproto.MIMEHeader
	client   *transport.Client
	secrets  *secret.Set
}

func newPact(declared env.Pact, o Options) *pact {
	p := &pact{declared: declared, header: jsonHeader(), client: o.Control, secrets: o.Secrets}
	for _, name := range slices.Sorted(maps.Keys(declared.Headers)) {
		p.header.Set(name, declared.Headers[name])
	}
	return p
}

func jsonHeader() textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
}

// states allows any state: whoever writes the handler teaches it new ones.
func (p *pact) states() (string, []providerstate.Name) {
	if p.declared.Embedded {
		return "the embedded target", providerstate.Names()
	}
	return `states "pact"`, nil
}

func (p *pact) refuse(asked Request) *Refusal {
	if !slices.Contains(p.declared.Without, string(asked.Name)) {
		return nil
	}
	return &Refusal{
		Reason: `states "pact" is declared without it`,
		Advice: fmt.Sprintf(`teach the provider-state handler %q and take it out of "without" of states "pact"`, asked.Name),
	}
}

// cost counts a message for each validation. A handler that writes its records itself sends none.
func (p *pact) cost(asked Request) Cost {
	if asked.Name == providerstate.None {
		return Cost{}
	}
	return Cost{Messages: 1, Possible: 1}
}

func (p *pact) make(ctx context.Context, t task) (decoded, func(context.Context), error) {
	exchange, err := p.post(ctx, t, providerstate.SetUp, "set up ")
	if err != nil {
		return decoded{}, nil, err
	}
	if exchange.Answer == nil {
		return decoded{}, nil, noAnswer(ctx, t, exchange, "the provider-state handler did not answer: "+failure(exchange, p.secrets)+
			`; see that it is running, and check the url of states "pact"`)
	}
	y, err := decode(exchange.Answer.Body)
	p.secrets.Add(y.secrets...)
	succeeded := exchange.Answer.Status >= 200 && exchange.Answer.Status <= 299
	if err != nil || !succeeded || len(y.faults)+len(y.otpFaults) > 0 || nameOf(y.PhoneGateway) != y.PhoneGateway {
		exchange.Unread = true
		p.secrets.Add(scan(exchange.Answer.Body)...)
	}
	t.tell(exchange)
	if !succeeded {
		return decoded{}, nil, unmade(exchange, fmt.Sprintf("the provider-state handler answered %d%s (%s)",
			exchange.Answer.Status, said(exchange.Answer.Body, p.secrets), advice(exchange.Answer.Status)))
	}
	var undo func(context.Context)
	if p.declared.Teardown {
		undo = func(ctx context.Context) { _ = p.tearDown(ctx, t) }
	}
	switch {
	case exchange.Answer.TooLong:
		err = fmt.Errorf("the provider-state handler answered with more than a MiB")
	case errors.Is(err, errNoObject):
		err = fmt.Errorf("the provider-state handler answered %d without a JSON object that holds the values%s",
			exchange.Answer.Status, said(exchange.Answer.Body, p.secrets))
	case err != nil:
		err = fmt.Errorf("the provider-state handler answered %d, but with %w%s",
			exchange.Answer.Status, err, said(exchange.Answer.Body, p.secrets))
	}
	if err != nil {
		return decoded{}, undo, &Unmade{Reason: err.Error(), leadingZero: y.leadingZero}
	}
	return y, undo, nil
}

// tearDown undoes what made a state. The error is *Unmade or the context's.
func (p *pact) tearDown(ctx context.Context, t task) error {
	exchange, err := p.post(ctx, t, providerstate.TearDown, "tear down ")
	if err != nil {
		return err
	}
	exchange.Unread = true
	if exchange.Answer != nil {
		p.secrets.Add(scan(exchange.Answer.Body)...)
	}
	t.tell(exchange)
	switch a := exchange.Answer; {
	case ctx.Err() != nil:
		return ctx.Err()
	case a == nil:
		return unmade(exchange, "the provider-state handler did not answer the teardown: "+failure(exchange, p.secrets))
	case a.Status < 200 || a.Status > 299:
		return unmade(exchange, fmt.Sprintf("the provider-state handler answered the teardown %d%s", a.Status, said(a.Body, p.secrets)))
	}
	return nil
}

// advice returns what to do about a handler that answered without success.
func advice(status int) string {
	if status < 400 {
		return `no success, and redirects are not followed: check the url of states "pact"`
	}
	return `where the handler does not know this state, name it in "without" of states "pact"`
}

func (p *pact) post(ctx context.Context, t task, action, label string) (exchange.Exchange, error) {
	body, err := json.Marshal(providerstate.Change{State: t.Name, Action: action,
		Params: providerstate.Parameters{CountryCode: t.CountryCode, PhoneGateway: t.PhoneGateway, WebhookURL: t.webhookURL}})
	if err != nil {
		return exchange.Exchange{}, err
	}
	return p.client.Do(ctx, transport.Call{
		Purpose: exchange.SetUp, Label: label + `"` + string(t.Name) + `"`,
		Method: "POST", URL: p.declared.URL, Header: p.header, Body: body, Fresh: t.fresh || action == providerstate.TearDown,
	}), nil
}

// said quotes what was answered, where anything was.
func said(body []byte, secrets *secret.Set, keep ...string) string {
	if len(body) == 0 {
		return ""
	}
	return ": " + quote(body, secrets, keep...)
}
