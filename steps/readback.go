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

// What can be read back, as the features word it.
const (
	theStatus = "the status of the"
	theLink   = "the link of the"
)

// readback is a documented GET call that shows whether a success changed a validation, or its app registration.
type readback struct {
	of               providerstate.Values // the state that is read
	other            string               // "other ": of the scenario's other state
	record           string               // what is read: "validation"
	what             string               // what is looked at: theStatus or theLink
	id               string               // the name of the value in the path
	path             string
	place            string // JSON path in the answer
	done             string // what a success makes of it: "validated"
	wanted, unwanted string // what a finding expects after a success, and otherwise

	shows func(exchange.Exchange) (done bool, actual, reason string) // the reason is why it cannot be told
}

// readback returns a read-back by the features' words.
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
	linked := "" // any validation
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

// requireID skips the scenario if the state does not yield the id to read by.
func (r readback) requireID() error {
	return skipIf(!slices.Contains(r.of.Optional(), r.id), "the state yields no "+r.id)
}

// read makes the call with the state's own token, at the address of the set-up calls, and returns the exchange and its index.
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

// readBefore reads once before the PUT. It skips the scenario if the call does not work, or shows already what a success would
// change: then it proves nothing afterwards.
func (w *World) readBefore(ctx context.Context, r readback) error {
	if err := r.requireID(); err != nil {
		return err
	}
	e, _ := w.read(ctx, r)
	done, _, reason := r.shows(e)
	return cmp.Or(ctx.Err(), skipUnread(r, reason), skipIf(done, r.subject()+" is "+r.done+" already before the OTP is typed"))
}

// readAllBefore reads everything once before the PUT, as readBefore does, and notes what can be read again afterwards.
func (w *World) readAllBefore(ctx context.Context) error {
	for _, what := range []string{theStatus, theLink} {
		if r := w.readback(what, ""); w.readBefore(ctx, r) == nil {
			w.readable = append(w.readable, r)
		}
	}
	return ctx.Err()
}

// expectUnchanged reads again what could be read before, and expects no effect of a success. After an answer that is a
// success it expects nothing: that is a finding already.
func (w *World) expectUnchanged(ctx context.Context) error {
	for _, r := range w.readable {
		if !w.accepted() {
			_ = w.expectRead(ctx, r, false) // an error would be the GET call's, which is not under contract
		}
	}
	return ctx.Err()
}

// skipUnread skips the scenario if there is a reason why the read-back shows nothing.
func skipUnread(r readback, reason string) error {
	return skipIf(reason != "", r.what+" "+r.other+r.record+" cannot be read back: "+reason)
}

func skipIf(condition bool, reason string) error {
	if condition {
		return &state.Skip{Reason: reason}
	}
	return nil
}

// poll is the first pause between read-backs that wait for the effect of a success.
const poll = 20 * time.Millisecond

// readUntilSettled reads until the answer is as expected or patience ends: a provider that writes through a queue keeps its
// promise a moment later. After a refused OTP it waits no longer than things take to settle. If the answer is as expected it
// reads once more when things have settled: what must not happen may happen late, and what happened may be undone. Only the last
// read is kept.
func (w *World) readUntilSettled(ctx context.Context, r readback, expected bool) (exchange.Exchange, int) {
	e, at := w.read(ctx, r)
	again := func() {
		w.Exchanges = w.Exchanges[:at]
		e, at = w.read(ctx, r)
	}
	holds := func(e exchange.Exchange) bool {
		done, _, reason := r.shows(e)
		return reason == "" && done == expected
	}
	deadline := time.Now().Add(w.Patience)
	if settled := w.settleTime(); !w.accepted() && settled.Before(deadline) {
		deadline = settled
	}
	for wait := poll; expected && !holds(e); wait *= 2 {
		left := time.Until(deadline)
		if left <= 0 || w.pause(ctx, min(wait, left)) != nil {
			break
		}
		again()
	}
	if holds(e) && w.Settle > 0 && e.Started.Before(w.settleTime()) && w.settle(ctx) == nil {
		again()
	}
	return e, at
}

// settleTime returns when the effects of the last answer should have shown: after the environment's settle and a margin of
// half of it.
func (w *World) settleTime() time.Time {
	for _, e := range slices.Backward(w.Exchanges) {
		if e.Purpose == exchange.Judged {
			return e.Started.Add(e.Duration + w.Settle*3/2)
		}
	}
	return time.Time{}
}

// settle waits until things have settled. The error is the context's.
func (w *World) settle(ctx context.Context) error { return w.pause(ctx, time.Until(w.settleTime())) }

// pause waits while other scenarios run. The error is the context's.
func (w *World) pause(ctx context.Context, d time.Duration) (err error) {
	w.Aside(func() { err = transport.Wait(ctx, d) })
	return err
}

// refusedAfterWrong is why the effects of a success are not judged.
const refusedAfterWrong = "the right OTP was refused after a wrong one"

// expectRead reads back and expects the effect of a success, or none. It skips the scenario if the right OTP was refused after
// a wrong one, which breaks another promise.
func (w *World) expectRead(ctx context.Context, r readback, expected bool) error {
	if err := cmp.Or(r.requireID(), skipIf(expected && w.mistyped && !w.accepted(), refusedAfterWrong)); err != nil {
		return err
	}
	e, at := w.readUntilSettled(ctx, r, expected)
	done, actual, reason := r.shows(e)
	expectation, words := r.subject()+" is "+r.done, r.wanted
	if !expected {
		expectation, words = r.subject()+" is not "+r.done, r.unwanted
	}
	if reason == "" {
		// A status that was not kept and an OTP that was refused are different causes.
		if answered := w.Checks.Answered(w.Exchanges); answered != "" {
			actual += " (the OTP was answered " + answered + ")"
		}
		if done != expected {
			w.find(at, contract.Differs(expectation, r.place, words, actual))
		}
		return nil
	}
	// It could be read before the PUT. If it is gone now, it is not as promised. If no answer came, nothing can be judged.
	// Anything else is a fault of the GET call, which is not under contract.
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
	return skipUnread(r, reason)
}
