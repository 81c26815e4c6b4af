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

// await notes what the notification has to be about, so that deliveries after the scenario's end can be judged too.
func (w *World) await(values providerstate.Values) {
	w.Notified = &Notified{Known: contract.Hidden(w.secrets, values, w.values, w.other)}
	notified := w.Notified
	w.address.Read(func(d webhook.Delivery) any { return judgeDelivery(d, notified) })
}

// tooLong is why a delivery could not be judged.
const tooLong = "it is longer than 1 MiB, and was not read whole"

// judgeDelivery judges a delivery while its body is in memory. Of one that was too long to be read whole, the beginning can only
// show that it is accepted, leaks or is about another event.
func judgeDelivery(d webhook.Delivery, notified *Notified) Judged {
	judged := Judged{contract.JudgeNotification(d.Body, notified.Known, Extras(d)...), notified}
	if d.TooLong && !judged.Accepted && !judged.Leaks && !judged.Ignored {
		judged.Ignored, judged.Reason = true, tooLong
	}
	return judged
}

// JudgedOf returns the judgement of a delivery. One that came before its scenario's state was made is ignored.
func JudgedOf(d webhook.Delivery) Judged {
	if judged, ok := d.Read.(Judged); ok {
		return judged
	}
	judged := Judged{Notification: contract.JudgeNotification(d.Body, contract.Known{})}
	judged.Accepted, judged.Leaks, judged.Ignored = false, false, true
	return judged
}

// notified waits for a delivery as promised. One that leaks a secret ends the wait; the faults of others are reported after it.
func (w *World) notified(ctx context.Context) error {
	if w.address == nil || w.last < 0 {
		return fmt.Errorf("a notification can be expected only with a state that has a webhook, and after the OTP is typed")
	}
	const expectation = "a notification tells of the validation"
	if answer := w.Exchanges[w.last].Answer; answer != nil && !answer.Succeeded() {
		if w.mistyped { // another rule promises that a wrong OTP does not spend the validation
			return &state.Skip{Reason: refusedAfterWrong}
		}
		// Nothing was validated, so no notification will come.
		w.find(w.last, contract.Differs(expectation, "", "the OTP accepted, and then a notification", w.Checks.Answered(w.Exchanges)+": nothing was validated"))
		return nil
	}
	w.Notified.Awaited = true
	deadline, cancel := context.WithTimeout(ctx, w.Wait)
	defer cancel()
	decided := func(deliveries []webhook.Delivery) bool {
		accepted, leaks, _ := w.judgeDeliveries(deliveries)
		return len(accepted) > 0 || leaks
	}
	var deliveries []webhook.Delivery
	w.Aside(func() { deliveries = w.address.Wait(deadline, decided) })
	accepted, leaks, reasons := w.judgeDeliveries(deliveries)
	if err := ctx.Err(); err != nil {
		return err
	}
	unreached := "" // if nothing came at all, the provider may not reach the address
	if len(deliveries) == 0 {
		unreached = ", and nothing else came to the address either: can the provider reach it (webhook, public_url)?"
	}
	switch {
	case leaks:
		leak := contract.Differs(expectation, "", "neither the OTP nor a token in it", reasons)
		leak.Leak = true
		w.find(w.last, leak)
	case len(accepted) == 0 && slices.ContainsFunc(deliveries, func(d webhook.Delivery) bool { return JudgedOf(d).Reason == tooLong }):
		return &state.Skip{Reason: "a notification came that could not be judged: " + tooLong}
	case len(accepted) == 0 && reasons == "":
		w.find(w.last, contract.Differs(expectation, "", "a notification within "+text.Duration(w.Wait), "none"+unreached))
	case len(accepted) == 0:
		w.find(w.last, contract.Differs(expectation, "", "a notification that is JSON and names the validation", reasons))
	default: // recorded, so that drift shows when it changes
		w.Observations = append(w.Observations, JudgedOf(accepted[0]).Observed)
	}
	return nil
}

// notNotified expects that no notification tells of a success before things have settled. The end of the run looks again.
func (w *World) notNotified(ctx context.Context) error {
	if w.address == nil || w.last < 0 {
		return fmt.Errorf("that no notification comes can be expected only with a state that has a webhook, and after the OTP is typed")
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

// judgeDeliveries judges the deliveries since the PUT. The reasons say what is wrong with those that are neither accepted nor
// ignored, each once and sorted: in whatever number and order they came, it is one cause.
func (w *World) judgeDeliveries(deliveries []webhook.Delivery) (accepted []webhook.Delivery, leaks bool, reasons string) {
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

// Extras returns what a delivery holds beside its body: its query, and its headers but those that every request has.
func Extras(d webhook.Delivery) []string {
	all := []string{d.Query}
	for name, values := range d.Header {
		if name != "Content-Length" && name != "Date" {
			all = append(all, values...)
		}
	}
	return all
}
