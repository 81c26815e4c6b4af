package steps

import (
	"cmp"
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// theStatus and theLink are what can be read back, as the features word it.
const (
	theStatus = "the status of the"
	theLink   = "the link of the"
)

// readback is one of the documented GET calls, about the scenario's own validation and registration or about the other ones.
type readback struct {
	of               providerstate.Values
	other            string // "other ": of the other ones
	record           string // "validation": what is read
	what             string // of it is looked at
	id               string // the name of the value that it is read by
	path             string
	place            string                                                     // in the answer
	done             string                                                     // "validated": what a success makes of it
	wanted, unwanted string                                                     // what a finding expects where that is expected, and where it is not
	shows            func(exchange.Exchange) (done bool, actual, reason string) // whether it does; the reason is why nobody can tell
}

// readback returns the one of the words.
func (w *World) readback(what, other string) readback {
	r := readback{of: w.values, other: other, what: what}
	if other != "" {
		r.of = w.other
	}
	if what == theStatus {
		r.record, r.id, r.place = "validation", providerstate.ValidationID, "$.data.status"
		r.done, r.wanted, r.unwanted = "validated", `"validated"`, `any status but "validated"`
		r.path = w.Checks.Endpoint().Path + "/" + url.PathEscape(r.of.ValidationID)
		r.shows = contract.ReadStatus
		return r
	}
	linked := "" // to any
	if other == "" {
		linked = w.values.ValidationID
	}
	r.record, r.id, r.place = "app registration", providerstate.AppRegistrationID, "$.data.phoneValidation"
	r.done, r.wanted, r.unwanted = "linked to the validation", strings.TrimSpace("the validation "+linked), "no link"
	r.path = "/v2/app-registrations/" + url.PathEscape(r.of.AppRegistrationID) + "?populates[]=phoneValidation"
	r.shows = func(e exchange.Exchange) (bool, string, string) { return contract.ReadLink(e, linked) }
	return r
}

// subject names what is read.
func (r readback) subject() string { return "the " + r.other + r.record }

// readable skips the scenario where the state does not tell the id to read by.
func (r readback) readable() error {
	return skipIf(!slices.Contains(r.of.Optional(), r.id), "the state yields no "+r.id)
}

// read makes the call with the state's own token, at the address of the set-up calls.
func (w *World) read(ctx context.Context, r readback) (exchange.Exchange, int) {
	e := w.Client.Do(ctx, transport.Call{
		Purpose: exchange.ReadBack,
		Label:   "read " + r.subject() + " back",
		Method:  http.MethodGet,
		URL:     cmp.Or(r.of.ReadBackURL, w.BaseURL) + r.path,
		Header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + r.of.Token}},
		Fresh:   w.Fresh,
	})
	e.Attempt = w.Attempt
	w.Exchanges = append(w.Exchanges, e)
	return e, len(w.Exchanges) - 1
}

// canRead reads once before the PUT: what cannot be read, or is already as the PUT would make it, proves nothing
// afterwards, and the scenario is skipped.
func (w *World) canRead(ctx context.Context, r readback) error {
	if err := r.readable(); err != nil {
		return err
	}
	e, _ := w.read(ctx, r)
	done, _, reason := r.shows(e)
	return cmp.Or(ctx.Err(), skipFor(r, reason), skipIf(done, r.subject()+" is "+r.done+" already before the OTP is typed"))
}

// lookAt reads once before the PUT, as canRead does, what of a validation can be read: what cannot is not looked at afterwards.
func (w *World) lookAt(ctx context.Context) error {
	for _, what := range []string{theStatus, theLink} {
		if r := w.readback(what, ""); w.canRead(ctx, r) == nil {
			w.looked = append(w.looked, r)
		}
	}
	return ctx.Err()
}

// expectNothingDone expects of what was looked at that it is not as a success makes it, where that can still be read. What was
// answered as a success is a finding already.
func (w *World) expectNothingDone(ctx context.Context) error {
	for _, r := range w.looked {
		if !w.accepted() {
			_ = w.expectRead(ctx, r, false) // these calls are not under contract, and the scenario is not about them
		}
	}
	return ctx.Err()
}

func skipFor(r readback, reason string) error {
	return skipIf(reason != "", r.what+" "+r.other+r.record+" cannot be read back: "+reason)
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
func (w *World) settled(ctx context.Context, r readback, shows bool) (exchange.Exchange, int) {
	e, at := w.read(ctx, r)
	again := func() {
		w.Exchanges = w.Exchanges[:at]
		e, at = w.read(ctx, r)
	}
	holds := func(e exchange.Exchange) bool {
		done, _, reason := r.shows(e)
		return reason == "" && done == shows
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
	if holds(e) && w.Settle > 0 && e.Started.Before(w.settledBy()) && w.settle(ctx) == nil {
		again()
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

// settle waits until things have settled. The error is the context's.
func (w *World) settle(ctx context.Context) error { return w.rest(ctx, time.Until(w.settledBy())) }

// rest waits, and keeps no other scenario from running. The error is the context's.
func (w *World) rest(ctx context.Context, d time.Duration) (err error) {
	w.Aside(func() { err = transport.Wait(ctx, d) })
	return err
}

// refusedAfterWrong is why nothing is asked of what a success changes where none came.
const refusedAfterWrong = "the right OTP was refused after a wrong one"

// expectRead reads back and expects what a success makes, or that it is not so. What a success changes is not asked of one
// that did not come because a wrong OTP came before: that is a promise of its own.
func (w *World) expectRead(ctx context.Context, r readback, expected bool) error {
	if err := cmp.Or(r.readable(), skipIf(expected && w.mistyped && !w.accepted(), refusedAfterWrong)); err != nil {
		return err
	}
	e, at := w.settled(ctx, r, expected)
	done, actual, reason := r.shows(e)
	expectation, words := r.subject()+" is "+r.done, r.wanted
	if !expected {
		expectation, words = r.subject()+" is not "+r.done, r.unwanted
	}
	if reason == "" {
		// A status that is not kept and an OTP that was refused are different matters.
		if answered := w.Checks.Answered(w.Exchanges); answered != "" {
			actual += ", after the OTP was answered " + answered
		}
		if done != expected {
			w.find(at, contract.Differs(expectation, r.place, words, actual))
		}
		return nil
	}
	// It could be read before the PUT. What was there and is gone cannot be as promised; a connection that fails is broken;
	// anything else is the GET call's own matter, which is not under contract.
	failure := contract.Unanswered(e)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failure != nil:
		return failure
	case e.Answer.Status == http.StatusNotFound && (expected || r.other != ""):
		w.find(at, contract.Differs(expectation, "", words, "the "+r.record+" is gone: "+reason))
		return nil
	}
	return skipFor(r, reason)
}
