package steps

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
)

// call returns the call that sends a body as the draft says.
func (w *World) call(body []byte) transport.Call {
	header := textproto.MIMEHeader{}
	set := func(name, usual string, drafted *string) {
		if value := *cmp.Or(drafted, &usual); value != "" {
			header.Set(name, value)
		}
	}
	set("Accept", w.layout().accept, nil)
	set("Accept-Language", w.layout().language, nil)
	set("Authorization", "Bearer "+w.values.Token, w.draft.authorization)
	set("Content-Type", "application/json", w.draft.contentType)
	endpoint := w.Checks.Endpoint()
	return transport.Call{Purpose: exchange.Judged, Label: "validate the phone", Method: endpoint.Method, URL: w.BaseURL + endpoint.Path, Header: header, Body: body, Fresh: w.Fresh}
}

// record adds an exchange, which the next expectation is about.
func (w *World) record(e exchange.Exchange) {
	e.Attempt, e.Undocumented, e.Unpromised = w.Attempt, w.undocumented(), w.Observed || w.draft.authorization != nil || w.draft.foreign
	w.Exchanges = append(w.Exchanges, e)
	w.last = len(w.Exchanges) - 1
	if w.Notified != nil {
		w.Notified.Sent = w.notifiedPut().Started
	}
	if w.Judge != nil {
		w.Judge(w.last)
	}
}

// put sends a body. The error is that of a broken scenario: no answer came that can be judged. An observed scenario records
// just that.
func (w *World) put(ctx context.Context, body []byte) error {
	e := w.Client.Do(ctx, w.call(body))
	w.record(e)
	if err := ctx.Err(); err != nil {
		return err
	}
	if failure := w.Checks.Unanswered(e); failure != nil && (failure.Stale || !w.Observed && !w.limitsAttempts(e)) {
		return failure
	}
	return nil
}

// sent returns the PUTs of this attempt.
func (w *World) sent() []exchange.Exchange {
	return group.Where(w.Exchanges, func(e exchange.Exchange) bool { return e.Purpose == exchange.Judged && e.Attempt == w.Attempt })
}

// limitsAttempts reports whether the provider limits attempts. A 429 to the first is that of a rate limiter on the way.
func (w *World) limitsAttempts(e exchange.Exchange) bool {
	return e.Answer != nil && e.Answer.Status == http.StatusTooManyRequests && len(w.sent()) > 1
}

// attempts is how many wrong OTPs every provider allows. After these it may answer as it likes.
const attempts = 3

// undocumented reports whether the documentation shows no answer to the next request.
func (w *World) undocumented() bool {
	sent := w.sent()
	return w.draft.undocumented || w.typedNonOTP || len(sent) >= attempts || slices.ContainsFunc(sent, accepts)
}

// accepted reports whether a PUT of this attempt succeeded.
func (w *World) accepted() bool { return slices.ContainsFunc(w.sent(), accepts) }

func accepts(e exchange.Exchange) bool { return e.Answer.Succeeded() }

// notifiedPut returns the PUT that a notification may tell of: the first that was accepted, or else the last.
func (w *World) notifiedPut() exchange.Exchange {
	sent := w.sent()
	if first := slices.IndexFunc(sent, accepts); first >= 0 {
		return sent[first]
	}
	return sent[len(sent)-1]
}

// typed returns what a person types as JSON, by the features' words.
func (w *World) typed(words string) (string, error) {
	w.typedNonOTP, w.typedOpenly = false, false
	w.mistyped = w.mistyped || words != "the right OTP"
	switch words {
	case "the right OTP":
		return w.values.OTP, w.requireOTP()
	case "the right OTP in quotation marks":
		return quoted(w.values.OTP), w.requireOTP()
	case "a wrong OTP":
		return w.values.WrongOTP, w.requireOTP()
	case "the OTP of the other validation":
		return w.other.OTP, cmp.Or(skipIf(w.other.OTP == "", "there is no other validation"), skipIf(w.other.OTP == w.values.OTP, "the other validation has the same OTP"), skipIf(w.other.Phone == w.values.Phone && w.other.CountryCode == w.values.CountryCode, "the other validation is of the same phone"))
	case "any OTP":
		return contract.MadeUpOTP, nil
	}
	thing := group.First(contract.NoOTPs(), func(n contract.NoOTP) bool { return n.Words == words })
	if thing.Words == "" {
		return w.wrong(words)
	}
	w.typedNonOTP, w.typedOpenly = true, !thing.Reveals()
	text := thing.JSON(w.values.OTP, w.values.Phone)
	return text, cmp.Or(w.requireOTP(), skipIf(text == "", "the right OTP is "+words))
}

// wrong returns a wrong OTP made from the right one, by the features' words.
func (w *World) wrong(words string) (string, error) {
	w.typedOpenly = false
	otp := contract.WrongOTP(w.values.OTP, words)
	return otp, cmp.Or(w.requireOTP(), skipIf(otp == "", "no such OTP of as many digits can be made from the right one"))
}

// requireOTP expects a right OTP to type.
func (w *World) requireOTP() error {
	if w.values.OTP == "" {
		return fmt.Errorf("there is no right OTP: the scenario has no phone validation")
	}
	return nil
}

// typeAtOnce types the right OTP many times at once and records how often it was accepted.
func (w *World) typeAtOnce(ctx context.Context, times int) error {
	otp, err := w.typed("the right OTP")
	if err != nil {
		return err
	}
	exchanges := make([]exchange.Exchange, times)
	body := w.body(otp)
	var calls sync.WaitGroup
	for i := range exchanges {
		calls.Go(func() {
			call := w.call(body)
			call.Fresh = true // a kept connection may be lost, and with it what the others show
			exchanges[i] = w.Client.Do(ctx, call)
		})
	}
	calls.Wait()
	for _, e := range exchanges {
		w.record(e)
	}
	success := w.Checks.Success().Status
	accepted := len(group.Where(exchanges, func(e exchange.Exchange) bool { return e.Answer != nil && e.Answer.Status == success }))
	seen := group.Map(exchanges, func(e exchange.Exchange) contract.Observation { return contract.Observe(e, "answered") })
	slices.SortFunc(seen, func(a, b contract.Observation) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Shape, b.Shape), cmp.Compare(a.Note, b.Note))
	})
	w.Observations = append(w.Observations, contract.Observation{Status: success, Note: fmt.Sprintf("%d of %d were accepted", accepted, times)})
	w.Observations = append(w.Observations, slices.Compact(seen)...)
	if accepted > 1 {
		w.Warnings = append(w.Warnings, fmt.Sprintf("the same OTP was accepted %d times when typed %d times at once", accepted, times))
	}
	return ctx.Err()
}

// typeWrongUntilChange types wrong OTPs until the answer changes and records when it did.
func (w *World) typeWrongUntilChange(ctx context.Context, most int) error {
	var first contract.Observation
	for try := 1; try <= most; try++ {
		if err := w.typeAnotherWrong(ctx, try); err != nil {
			return err
		}
		o := contract.Observe(w.Exchanges[w.last], "first wrong OTP")
		if try == 1 {
			first = o
			w.Observations = append(w.Observations, o)
		} else if o != first {
			o.Label = fmt.Sprintf("wrong OTP %d", try)
			w.Observations = append(w.Observations, o)
			return nil
		}
	}
	w.Observations = append(w.Observations, contract.Observation{Status: first.Status, Code: first.Code, Label: "limit", Note: fmt.Sprintf("none in %d tries", most)})
	return nil
}

// typeWrongUntilAccepted types wrong OTPs until one is accepted or the provider limits attempts.
func (w *World) typeWrongUntilAccepted(ctx context.Context, most int) error {
	for try := 1; try <= most; try++ {
		if err := w.typeAnotherWrong(ctx, try); err != nil {
			return err
		}
		if e := w.Exchanges[w.last]; e.Answer == nil || accepts(e) || w.limitsAttempts(e) {
			break
		}
	}
	return nil
}

// typeAnotherWrong types a wrong OTP, in another way at each try.
func (w *World) typeAnotherWrong(ctx context.Context, try int) error {
	ways := contract.Wrongs()
	otp, err := w.wrong(ways[try%len(ways)].Words)
	if state.IsSkip(err) {
		otp, err = w.wrong(contract.EveryDigit)
	}
	if err != nil {
		return err
	}
	return w.put(ctx, w.body(otp))
}

// malformed returns a body that is not a request. None holds the OTP: an answer that quotes the body would seem to echo it.
func malformed(words string) []byte {
	switch words {
	case "text that is not JSON":
		return []byte("phone=62647737&otp")
	case "a list":
		return []byte(`["62647737","+507"]`)
	case "a deeply nested object":
		const depth = 1000
		return []byte(strings.Repeat(`{"phone":`, depth) + "0" + strings.Repeat("}", depth))
	case "an object of one mebibyte":
		return mebibyte()
	}
	return nil
}

// mebibyte returns an object of that size, made once: each scenario that sends it keeps it until it ends.
var mebibyte = sync.OnceValue(func() []byte {
	object := bytes.Repeat([]byte("6"), 1<<20)
	copy(object, `{"phone":"`)
	copy(object[len(object)-2:], `"}`)
	return object
})
