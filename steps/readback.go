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
	theStatus = "the status of the validation"
	theLink   = "the link of the app registration"
)

// read makes one documented GET call with the state's own token, at the address of the set-up calls.
func (w *World) read(ctx context.Context, label, path string) (contract.Exchange, int) {
	base := w.BaseURL
	if w.values.ReadBackURL != "" {
		base = w.values.ReadBackURL
	}
	e := w.Client.Do(ctx, transport.Call{
		Purpose: contract.ReadBack,
		Label:   label,
		Method:  http.MethodGet,
		URL:     base + path,
		Header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + w.values.Token}},
	})
	e.Attempt = w.Attempt
	w.Exchanges = append(w.Exchanges, e)
	return e, len(w.Exchanges) - 1
}

func (w *World) readStatus(ctx context.Context) (contract.Exchange, int) {
	return w.read(ctx, "read the validation back", Path+"/"+url.PathEscape(w.values.ValidationID))
}

func (w *World) readLink(ctx context.Context) (contract.Exchange, int) {
	return w.read(ctx, "read the app registration back", "/v2/app-registrations/"+url.PathEscape(w.values.AppRegistrationID)+"?populates[]=phoneValidation")
}

// canRead reads once before the PUT: what cannot be read, or is already as the PUT would make it, proves nothing
// afterwards, and the scenario is skipped.
func (w *World) canRead(ctx context.Context, what string) error {
	if what == theStatus {
		if w.values.ValidationID == "" {
			return unknown("id")
		}
		e, _ := w.readStatus(ctx)
		status, reason := contract.ReadStatus(e)
		return cmp.Or(ctx.Err(), skipFor(what, reason), skipIf(status == "validated", "the validation is validated already before the OTP is typed"))
	}
	if w.values.AppRegistrationID == "" {
		return &state.Skip{Reason: "the state does not tell the app registration's id"}
	}
	e, _ := w.readLink(ctx)
	linked, reason := contract.ReadLink(e, w.values.ValidationID)
	return cmp.Or(ctx.Err(), skipFor(what, reason), skipIf(linked, "the app registration is linked to the validation already before the OTP is typed"))
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

// settled reads until what is read is as it should be, or patience ends: a provider that writes through a queue keeps
// its promise a moment later. What should not show is read once more after a moment, since it would be written the
// same way. Only the last read is kept.
func (w *World) settled(ctx context.Context, read func(context.Context) (contract.Exchange, int), shows bool, holds func(contract.Exchange) bool) (contract.Exchange, int) {
	e, at := read(ctx)
	again := func() {
		w.Exchanges = w.Exchanges[:at]
		e, at = read(ctx)
	}
	if !shows {
		if holds(e) && w.Moment > 0 && w.pause(ctx, w.Moment) {
			again()
			holds(e)
		}
		return e, at
	}
	deadline := time.Now().Add(w.Patience)
	for pause := w.Moment; !holds(e); pause *= 2 {
		left := time.Until(deadline)
		if left <= 0 || pause == 0 || !w.pause(ctx, min(pause, left)) {
			break
		}
		again()
	}
	return e, at
}

// pause waits, and tells whether it was not interrupted.
func (w *World) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// statusIs reads the validation back and expects it to be validated, or not to be.
func (w *World) statusIs(ctx context.Context, validated bool) error {
	var status, reason string
	e, at := w.settled(ctx, w.readStatus, validated, func(e contract.Exchange) bool {
		status, reason = contract.ReadStatus(e)
		return reason == "" && (status == "validated") == validated
	})
	expectation, expected := "the validation is not validated", "any status but \"validated\""
	if validated {
		expectation, expected = "the validation is validated", "\"validated\""
	}
	if reason != "" {
		return w.unread(ctx, e, at, theStatus, reason, validated, contract.Differs(expectation, "", expected, "the validation is gone: "+reason))
	}
	if (status == "validated") != validated {
		w.find(at, contract.Differs(expectation, "$.data.status", expected, quoted(status)+w.after()))
	}
	return nil
}

// linkIs reads the registration back and expects it to be linked to the validation, or not to be.
func (w *World) linkIs(ctx context.Context, expected bool) error {
	var linked bool
	var reason string
	e, at := w.settled(ctx, w.readLink, expected, func(e contract.Exchange) bool {
		linked, reason = contract.ReadLink(e, w.values.ValidationID)
		return reason == "" && linked == expected
	})
	expectation, words, actual := "the app registration is not linked to the validation", "no link", "linked"
	if expected {
		expectation, words, actual = "the app registration is linked to the validation", "the validation", "no link to it"
		if w.values.ValidationID != "" {
			words += " " + w.values.ValidationID
		}
	}
	if reason != "" {
		return w.unread(ctx, e, at, theLink, reason, expected, contract.Differs(expectation, "", words, "the app registration is gone: "+reason))
	}
	if linked != expected {
		w.find(at, contract.Differs(expectation, "$.data.phoneValidation", words, actual+w.after()))
	}
	return nil
}

// after says what was answered to the OTP before the read-back: a status that is not kept and an OTP that was refused
// are different matters.
func (w *World) after() string {
	if answered := contract.Answered(w.Exchanges); answered != "" {
		return ", after the OTP was answered " + answered
	}
	return ""
}

// unread judges a read-back that worked before the PUT and does not any more. What was there and is gone cannot
// be as promised; a connection that fails is broken; anything else is the GET call's own matter, which is not
// under contract.
func (w *World) unread(ctx context.Context, e contract.Exchange, at int, what, reason string, expected bool, gone contract.Finding) error {
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
