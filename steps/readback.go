package steps

import (
	"cmp"
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

func sortObservations(all []contract.Observation) {
	slices.SortFunc(all, func(a, b contract.Observation) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Shape, b.Shape), cmp.Compare(a.Note, b.Note))
	})
}

// What can be read back, as the features word it.
const (
	theStatus = "the status of the"
	theLink   = "the link of the"
)

// subject is whom a read-back is about: the scenario's own validation and registration, or the other ones.
type subject struct {
	providerstate.Values
	linked string // the validation that a link is to; "": any
	name   string // before "validation" and "app registration"
}

func (w *World) subject(words string) subject {
	if words == "other " {
		return subject{w.other, "", words}
	}
	return subject{w.values, w.values.ValidationID, ""}
}

// readable skips the scenario where the state does not tell the id to read by.
func (s subject) readable(id string) error {
	if slices.Contains(s.Optional(), id) {
		return nil
	}
	return unknown(id)
}

// read makes one documented GET call with the state's own token, at the address of the set-up calls.
func (w *World) read(ctx context.Context, of subject, label, path string) (exchange.Exchange, int) {
	base := w.BaseURL
	if of.ReadBackURL != "" {
		base = of.ReadBackURL
	}
	e := w.Client.Do(ctx, transport.Call{
		Purpose: exchange.ReadBack,
		Label:   label,
		Method:  http.MethodGet,
		URL:     base + path,
		Header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + of.Token}},
		Fresh:   w.Fresh,
	})
	e.Attempt = w.Attempt
	w.Exchanges = append(w.Exchanges, e)
	return e, len(w.Exchanges) - 1
}

func (w *World) readStatus(of subject) func(context.Context) (exchange.Exchange, int) {
	return func(ctx context.Context) (exchange.Exchange, int) {
		return w.read(ctx, of, "read the "+of.name+"validation back", w.Checks.Endpoint().Path+"/"+url.PathEscape(of.ValidationID))
	}
}

func (w *World) readLink(of subject) func(context.Context) (exchange.Exchange, int) {
	return func(ctx context.Context) (exchange.Exchange, int) {
		return w.read(ctx, of, "read the "+of.name+"app registration back", "/v2/app-registrations/"+url.PathEscape(of.AppRegistrationID)+"?populates[]=phoneValidation")
	}
}

// canRead reads once before the PUT: what cannot be read, or is already as the PUT would make it, proves nothing
// afterwards, and the scenario is skipped.
func (w *World) canRead(ctx context.Context, what string, of subject) error {
	if what == theStatus {
		if err := of.readable(providerstate.ValidationID); err != nil {
			return err
		}
		e, _ := w.readStatus(of)(ctx)
		status, reason := contract.ReadStatus(e)
		return cmp.Or(ctx.Err(), skipFor(what+" "+of.name+"validation", reason), skipIf(status == "validated", "the "+of.name+"validation is validated already before the OTP is typed"))
	}
	if err := of.readable(providerstate.AppRegistrationID); err != nil {
		return err
	}
	e, _ := w.readLink(of)(ctx)
	linked, reason := contract.ReadLink(e, of.linked)
	return cmp.Or(ctx.Err(), skipFor(what+" "+of.name+"app registration", reason), skipIf(linked, "the "+of.name+"app registration is linked to the validation already before the OTP is typed"))
}

func skipFor(what, reason string) error {
	return skipIf(reason != "", what+" cannot be read back: "+reason)
}

func skipIf(condition bool, reason string) error {
	if condition {
		return &state.Skip{Reason: reason}
	}
	return nil
}

// poll is the first pause between two read-backs that wait for what a success changes to show.
const poll = 20 * time.Millisecond

// settled reads until what is read is as it should be, or patience ends: a provider that writes through a queue keeps
// its promise a moment later. Where it refused the OTP there is no success that could show, and none is awaited for longer
// than things take to settle. What is as it should be is read once more when they have settled: what must not happen
// may happen late, and what happened may be undone. Only the last read is kept.
func (w *World) settled(ctx context.Context, read func(context.Context) (exchange.Exchange, int), shows bool, holds func(exchange.Exchange) bool) (exchange.Exchange, int) {
	e, at := read(ctx)
	again := func() {
		w.Exchanges = w.Exchanges[:at]
		e, at = read(ctx)
	}
	deadline := time.Now().Add(w.Patience)
	if settled := w.settledBy(); !w.accepted() && settled.Before(deadline) {
		deadline = settled
	}
	for wait := poll; shows && !holds(e); wait *= 2 {
		left := time.Until(deadline)
		if left <= 0 || w.rest(ctx, min(wait, left)) != nil {
			break
		}
		again()
	}
	if holds(e) && w.early(e) && w.settle(ctx) == nil {
		again()
		holds(e)
	}
	return e, at
}

// settledBy returns when what an answer set off is done, or is late. It leaves a provider that takes just as long as the
// environment says a margin.
func (w *World) settledBy() time.Time {
	for i := len(w.Exchanges) - 1; i >= 0; i-- {
		if e := w.Exchanges[i]; e.Purpose == exchange.Judged {
			return e.Started.Add(e.Duration + w.Settle*3/2)
		}
	}
	return time.Time{}
}

// early reports whether a read-back began before things had settled.
func (w *World) early(e exchange.Exchange) bool {
	return w.Settle > 0 && e.Started.Before(w.settledBy())
}

// settle waits until things have settled. The error is the context's.
func (w *World) settle(ctx context.Context) error { return w.rest(ctx, time.Until(w.settledBy())) }

// rest waits, and keeps no other scenario from running. The error is the context's.
func (w *World) rest(ctx context.Context, d time.Duration) (err error) {
	w.aside(func() { err = transport.Wait(ctx, d) })
	return err
}

func (w *World) aside(wait func()) {
	if w.Aside == nil {
		wait()
		return
	}
	w.Aside(wait)
}

// spent skips a scenario of what a success changes where there was none because a wrong OTP came before: that is a promise of
// its own.
func (w *World) spent() error {
	return skipIf(w.mistyped && !w.accepted(), "the right OTP was refused after a wrong one")
}

// statusIs reads a validation back and expects it to be validated, or not to be.
func (w *World) statusIs(ctx context.Context, of subject, validated bool) error {
	if err := of.readable(providerstate.ValidationID); err != nil {
		return err
	}
	if err := w.spent(); err != nil && validated {
		return err
	}
	var status, reason string
	e, at := w.settled(ctx, w.readStatus(of), validated, func(e exchange.Exchange) bool {
		status, reason = contract.ReadStatus(e)
		return reason == "" && (status == "validated") == validated
	})
	expectation, expected := "the "+of.name+"validation is not validated", "any status but \"validated\""
	if validated {
		expectation, expected = "the "+of.name+"validation is validated", "\"validated\""
	}
	if reason != "" {
		return w.unread(ctx, e, at, theStatus+" "+of.name+"validation", reason, validated || of.name != "", contract.Differs(expectation, "", expected, "the validation is gone: "+reason))
	}
	if (status == "validated") != validated {
		w.find(at, contract.Differs(expectation, "$.data.status", expected, quoted(status)+w.after()))
	}
	return nil
}

// linkIs reads a registration back and expects it to be linked to its validation, or not to be.
func (w *World) linkIs(ctx context.Context, of subject, expected bool) error {
	if err := of.readable(providerstate.AppRegistrationID); err != nil {
		return err
	}
	if err := w.spent(); err != nil && expected {
		return err
	}
	var linked bool
	var reason string
	e, at := w.settled(ctx, w.readLink(of), expected, func(e exchange.Exchange) bool {
		linked, reason = contract.ReadLink(e, of.linked)
		return reason == "" && linked == expected
	})
	expectation, words, actual := "the "+of.name+"app registration is not linked to the validation", "no link", "linked"
	if expected {
		expectation, words, actual = "the app registration is linked to the validation", "the validation", "no link to it"
		if of.linked != "" {
			words += " " + of.linked
		}
	}
	if reason != "" {
		return w.unread(ctx, e, at, theLink+" "+of.name+"app registration", reason, expected || of.name != "", contract.Differs(expectation, "", words, "the app registration is gone: "+reason))
	}
	if linked != expected {
		w.find(at, contract.Differs(expectation, "$.data.phoneValidation", words, actual+w.after()))
	}
	return nil
}

// after says what was answered to the OTP before the read-back: a status that is not kept and an OTP that was refused
// are different matters.
func (w *World) after() string {
	if answered := w.Checks.Answered(w.Exchanges); answered != "" {
		return ", after the OTP was answered " + answered
	}
	return ""
}

// unread judges a read-back that worked before the PUT and does not any more. What was there and is gone cannot
// be as promised; a connection that fails is broken; anything else is the GET call's own matter, which is not
// under contract.
func (w *World) unread(ctx context.Context, e exchange.Exchange, at int, what, reason string, expected bool, gone contract.Finding) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if failure := contract.Unanswered(e); failure != nil {
		return &Broken{*failure}
	}
	if expected && contract.Gone(e) {
		w.find(at, gone)
		return nil
	}
	return skipFor(what, reason)
}
