package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
	"verifik-contract/internal/webhook"
)

// await remembers what the notification must tell of, so that the run's end can tell deliveries apart that
// come after the scenario.
func (w *World) await(values providerstate.Values) {
	w.Notified = &Notified{Known: contract.Hidden(w.secrets, values, w.values, w.other)}
	of := w.Notified
	w.address.Read(func(d webhook.Delivery) any { return read(d, of) })
}

// tooLong is why nobody knows what a delivery says.
const tooLong = "it is longer than 1 MiB, and was not read whole"

// read reads a delivery while all of it is there. Of one that is longer than is taken nobody knows whether it is as promised;
// what its beginning gives away it gives away.
func read(d webhook.Delivery, of *Notified) Judged {
	judged := Judged{contract.JudgeNotification(d.Body, of.Known, Beside(d)...), of}
	if d.TooLong && !judged.Accepted && !judged.Leaks && !judged.Ignored {
		judged.Ignored, judged.Reason = true, tooLong
	}
	return judged
}

// JudgedOf returns how a delivery is judged.
func JudgedOf(d webhook.Delivery) Judged {
	if judged, ok := d.Read.(Judged); ok {
		return judged
	}
	judged := Judged{Notification: contract.JudgeNotification(d.Body, contract.Known{})}
	judged.Accepted, judged.Leaks, judged.Ignored = false, false, true
	return judged
}

// notified waits for a delivery that is as promised. One that leaks fails at once; of the others the reasons
// are told when the wait is over.
func (w *World) notified(ctx context.Context) error {
	if w.address == nil || w.last < 0 {
		return fmt.Errorf("the scenario awaits a notification without a state that has a webhook, or before the OTP is typed")
	}
	const expectation = "a notification tells of the validation"
	if answer := w.Exchanges[w.last].Answer; answer != nil && !answer.Succeeded() {
		if w.mistyped { // that it does not spend the validation is another rule's matter
			return &state.Skip{Reason: refusedAfterWrong}
		}
		// Nothing was validated, so that nothing will come.
		w.find(w.last, contract.Differs(expectation, "", "the OTP accepted, and then a notification", w.Checks.Answered(w.Exchanges)+": nothing was validated"))
		return nil
	}
	w.Notified.Awaited = true
	deadline, cancel := context.WithTimeout(ctx, w.Wait)
	defer cancel()
	settled := func(deliveries []webhook.Delivery) bool {
		accepted, leaks, _ := w.weigh(deliveries)
		return len(accepted) > 0 || leaks
	}
	var deliveries []webhook.Delivery
	w.Aside(func() { deliveries = w.address.Wait(deadline, settled) })
	accepted, leaks, reasons := w.weigh(deliveries)
	if err := ctx.Err(); err != nil {
		return err
	}
	unreached := "" // where nothing came at all, the address itself may be out of the provider's reach
	if len(deliveries) == 0 {
		unreached = ", and nothing else came to the address either: can the provider reach it (webhook, public_url)?"
	}
	switch {
	case leaks:
		leak := contract.Differs(expectation, "", "neither the OTP nor a token in it", reasons)
		leak.Leak = true
		w.find(w.last, leak)
	case len(accepted) == 0 && slices.ContainsFunc(deliveries, func(d webhook.Delivery) bool { return JudgedOf(d).Reason == tooLong }):
		return &state.Skip{Reason: "a notification came of which nobody knows what it says: " + tooLong}
	case len(accepted) == 0 && reasons == "":
		w.find(w.last, contract.Differs(expectation, "", "a notification within "+text.Duration(w.Wait), "none"+unreached))
	case len(accepted) == 0:
		w.find(w.last, contract.Differs(expectation, "", "a notification that is JSON and names the validation", reasons))
	default: // so that the next run can show that what it says changed
		w.Observations = append(w.Observations, JudgedOf(accepted[0]).Observed)
	}
	if len(accepted) > 1 {
		w.Warnings = append(w.Warnings, "more than one notification told of the same validation")
	}
	return nil
}

// notNotified expects that no notification tells of a success, until things have settled; the run's end looks again.
func (w *World) notNotified(ctx context.Context) error {
	if w.address == nil || w.last < 0 {
		return fmt.Errorf("the scenario awaits no notification without a state that has a webhook, or before the OTP is typed")
	}
	if w.accepted() {
		return &state.Skip{Reason: "the OTP was accepted: a notification may say so"}
	}
	w.Notified.Refused = true
	if err := w.settle(ctx); err != nil {
		return err
	}
	for _, d := range w.address.Wait(ctx, func([]webhook.Delivery) bool { return true }) {
		if claim := JudgedOf(d).Claim; claim != "" {
			w.find(w.last, contract.TooEarly(claim))
			break
		}
	}
	return ctx.Err()
}

// weigh judges deliveries. The reasons are of those that are neither accepted nor of an earlier event, each once and in
// an order of their own: however often and in whatever order they came, it is one cause.
func (w *World) weigh(deliveries []webhook.Delivery) (accepted []webhook.Delivery, leaks bool, reasons string) {
	var all []string
	for _, d := range deliveries {
		if d.Received.Before(w.Notified.Sent) {
			continue
		}
		judged := JudgedOf(d)
		switch {
		case d.Foreign:
			leaks = leaks || judged.Leaks
			all = append(all, "one came by "+d.Method+", and a notification is a POST")
		case judged.Accepted:
			accepted = append(accepted, d)
		case !judged.Ignored:
			leaks = leaks || judged.Leaks
			all = append(all, "one came, but "+judged.Reason)
		}
	}
	slices.Sort(all)
	return accepted, leaks, strings.Join(slices.Compact(all), "; ")
}

// Beside returns what a delivery says beside its body: in its URL, and in its headers without those that every request has.
func Beside(d webhook.Delivery) []string {
	var all []string
	if d.Query != "" {
		all = append(all, d.Query)
	}
	for name, values := range d.Header {
		if name != "Content-Length" && name != "Date" {
			all = append(all, values...)
		}
	}
	return all
}
