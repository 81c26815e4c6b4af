package state

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"slices"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/transport"
)

// pact is a Pact provider-state handler.
type pact struct {
	declared env.Pact
	header   textproto.MIMEHeader
	client   *transport.Client
}

func newPact(declared env.Pact, o Options) *pact {
	p := &pact{declared: declared, header: jsonHeader(), client: o.Control}
	for name, value := range declared.Headers {
		p.header.Set(name, value)
	}
	return p
}

func jsonHeader() textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
}

func (p *pact) title() string {
	if p.declared.Embedded {
		return "the embedded target"
	}
	return `states "pact"`
}

func (p *pact) has(env.Phone) bool { return false }

// assign refuses the states that the handler is declared without. It counts one possible message for each validation: a handler
// that writes its records itself sends none.
func (p *pact) assign(_ *Planner, request Request, _ []pick) (one pick, _ *Skip) {
	if slices.Contains(p.declared.Without, string(request.Name)) {
		return pick{}, refusal(`states "pact" is declared without it`,
			fmt.Sprintf(`teach the provider-state handler %q and take it out of "without" of states "pact"`, request.Name))
	}
	if p.declared.Embedded {
		if no := unknown(p, request); no != nil {
			return pick{}, no
		}
	}
	if request.Name != providerstate.None {
		one.cost = Cost{Messages: 1, Possible: 1}
	}
	return one, nil
}

func (p *pact) make(ctx context.Context, t task) (decoded, func(context.Context), error) {
	var d decoded
	var unread error
	exchange, err := p.post(ctx, t, providerstate.SetUp, "set up ", func(body []byte) bool {
		d, unread = decode(body, t.secrets)
		return unread == nil && len(d.faults)+len(d.otpFaults) == 0 && nameOf(d.PhoneGateway) == d.PhoneGateway
	})
	if err != nil {
		return decoded{}, nil, err
	}
	var undo func(context.Context)
	if p.declared.Teardown {
		undo = func(ctx context.Context) { _ = p.tearDown(ctx, t) }
	}
	if exchange.Answer.TooLong {
		unread = errors.New("more than a MiB")
	}
	if unread != nil {
		return decoded{}, undo, &NotMade{leadingZero: slices.Contains(d.otpFaults, otpZero), Reason: fmt.Sprintf("%s answered %d, but with %s%s",
			handlerName, exchange.Answer.Status, unread, t.quoted(exchange.Answer.Body))}
	}
	return d, undo, nil
}

// tearDown undoes what made a state. The error is *NotMade or the context's.
func (p *pact) tearDown(ctx context.Context, t task) error {
	_, err := p.post(ctx, t, providerstate.TearDown, "tear down ", func([]byte) bool { return false })
	return err
}

// handlerName is the handler's name in messages.
const handlerName = "the provider-state handler"

// post asks the handler for an action. A *NotMade says what to do about it.
func (p *pact) post(ctx context.Context, t task, action, label string, read func(body []byte) bool) (exchange.Exchange, error) {
	t.fresh = t.fresh || action == providerstate.TearDown
	exchange, err := t.post(ctx, p.client, handlerName, transport.Call{
		Label: label + `"` + string(t.Name) + `"`, URL: p.declared.URL, Header: p.header,
	}, providerstate.Change{State: t.Name, Action: action,
		Params: providerstate.Parameters{CountryCode: t.CountryCode, PhoneGateway: t.PhoneGateway, WebhookURL: t.webhookURL}}, read)
	var notMade *NotMade
	switch answer := exchange.Answer; {
	case !errors.As(err, &notMade):
	case answer == nil:
		notMade.Reason += `; see that it is running, and check the url of states "pact"`
	case answer.Status < 400:
		notMade.Reason += ` (no success, and redirects are not followed: check the url of states "pact")`
	case action == providerstate.SetUp:
		notMade.Reason += ` (where the handler does not know this state, name it in "without" of states "pact")`
	}
	return exchange, err
}
