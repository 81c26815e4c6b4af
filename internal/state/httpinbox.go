package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/transport"
)

// httpInbox polls an address until the OTP is there.
type httpInbox struct {
	poller
	client *transport.Client
}

// before looks once. Where the inbox cannot be read just now, what came to the phone last stands for it.
func (h *httpInbox) before(ctx context.Context, t task) (string, error) {
	exchange, found := h.look(ctx, t, "look for an OTP from before", false)
	t.tell(exchange)
	if exchange.Answer == nil || exchange.Answer.Status >= 500 || exchange.Answer.Status == http.StatusTooManyRequests {
		return h.lastOTP(t.phone), ctx.Err()
	}
	return found.otp, ctx.Err()
}

func (h *httpInbox) read(ctx context.Context, t task, before string) (string, bool, error) {
	return h.poll(ctx, t, before, func(time.Duration) found {
		exchange, found := h.look(ctx, t, readOTP, true)
		found.exchange = &exchange
		return found
	})
}

func (h *httpInbox) look(ctx context.Context, t task, label string, once bool) (exchange.Exchange, found) {
	exchange := h.client.Do(ctx, transport.Call{
		Purpose: exchange.SetUp, Label: label, Once: once, Method: "GET",
		URL:    filled(h.declared.URL, t.phone, url.QueryEscape),
		Header: textproto.MIMEHeader{"Accept": {"application/json"}},
	})
	exchange.Unread = true // whatever an inbox answers, the numbers in it are OTPs
	if exchange.Answer == nil {
		return exchange, found{why: "no answer: " + failure(exchange, h.secrets), again: mayPass(exchange)}
	}
	answer := exchange.Answer
	switch status := answer.Status; {
	case status == http.StatusNotFound || status == http.StatusNoContent:
		return exchange, found{why: "there is none yet", again: true}
	case status < 200 || status > 299:
		h.secrets.Add(scan(answer.Body)...)
		return exchange, found{
			why:   fmt.Sprintf("the inbox answered %d%s", status, said(answer.Body, h.secrets, t.phone.Number, t.phone.CountryCode+t.phone.Number)),
			again: status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500,
		}
	case len(bytes.TrimSpace(answer.Body)) == 0:
		return exchange, found{why: "there is none yet", again: true}
	}
	text, isNumber, err := fieldOf(answer.Body, h.declared.Field)
	if err != nil {
		h.secrets.Add(scan(answer.Body)...)
		return exchange, found{why: err.Error() + said(answer.Body, h.secrets, t.phone.Number, t.phone.CountryCode+t.phone.Number)}
	}
	if text = strings.TrimSpace(text); text == "" {
		return exchange, found{why: fmt.Sprintf("there is none yet: the field %q has no value", h.declared.Field), again: true}
	}
	h.secrets.Add(text)
	if fault := providerstate.OTPFault(text); fault != "" {
		h.secrets.Add(runsOfDigits(text)...)
		one := found{why: fmt.Sprintf("the field %q %s", h.declared.Field, fault)}
		if beginsWithZero(text) {
			one.otp = text
		}
		return exchange, one
	}
	return exchange, found{otp: text, isNumber: isNumber}
}

// fieldOf reads a member of a JSON object. "" is one that is absent, null or empty.
func fieldOf(body []byte, field string) (text string, isNumber bool, err error) {
	var members map[string]jsontext.Value
	err = json.Unmarshal(body, &members, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil || members == nil {
		return "", false, errors.New("the inbox answers no JSON object")
	}
	text, ok := digitsOf(members[field])
	if !ok {
		return "", false, fmt.Errorf("the field %q of the inbox is neither a number nor a string", field)
	}
	return text, members[field].Kind() == '0', nil
}

// mayPass reports whether a call that got no answer may get one a second later. A name that does not resolve, a
// certificate that is not trusted and a proxy that refuses stay so, and each scenario would wait for nothing.
func mayPass(e exchange.Exchange) bool {
	switch e.Failure.Cause {
	case exchange.CauseDNS, exchange.CauseTLS, exchange.CauseProxy:
		return false
	default:
		return true
	}
}
