package state

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// httpInbox is a URL that answers with the OTP.
type httpInbox struct {
	declared env.OTP
	client   *transport.Client
}

func (h *httpInbox) before(ctx context.Context, t task) (string, bool) {
	found := h.call(ctx, t, "look for an OTP from before", false)
	t.record(*found.exchange)
	answer := found.exchange.Answer
	return found.otp, answer != nil && answer.Status < 500 && answer.Status != http.StatusTooManyRequests
}

func (h *httpInbox) poll(ctx context.Context, t task, _ time.Duration) pollResult {
	return h.call(ctx, t, readOTP, true)
}

func (h *httpInbox) call(ctx context.Context, t task, label string, once bool) pollResult {
	e := h.client.Do(ctx, transport.Call{
		Purpose: exchange.SetUp, Label: label, NoRetry: once, Method: http.MethodGet,
		URL:    fillTemplate(h.declared.URL, t.phone, url.QueryEscape),
		Header: textproto.MIMEHeader{"Accept": {"application/json"}},
	})
	e.Unread = true // any number in an inbox's answer may be an OTP
	found := h.find(t, e)
	found.exchange = &e
	return found
}

// find reads the OTP from an inbox's answer.
func (h *httpInbox) find(t task, e exchange.Exchange) pollResult {
	answer := e.Answer
	if answer == nil {
		return pollResult{why: "no answer: " + t.failure(e), again: transient(e)}
	}
	switch status := answer.Status; {
	case status == http.StatusNotFound, status == http.StatusNoContent, status/100 == 2 && len(bytes.TrimSpace(answer.Body)) == 0:
		return pollResult{why: "there is none yet", again: true}
	case status < 200 || status > 299:
		return pollResult{
			why:   fmt.Sprintf("the inbox answered %d%s", status, t.quoted(answer.Body)),
			again: status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500,
		}
	}
	var members map[string]jsontext.Value
	err := json.Unmarshal(answer.Body, &members, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil || members == nil {
		return pollResult{why: "the inbox answers no JSON object" + t.quoted(answer.Body)}
	}
	field := fmt.Sprintf("the field %q", h.declared.Field)
	text, ok := digitsOf(members[h.declared.Field])
	switch text = strings.TrimSpace(text); {
	case !ok:
		return pollResult{why: field + " of the inbox is neither a number nor a string" + t.quoted(answer.Body)}
	case text == "":
		return pollResult{why: "there is none yet: " + field + " has no value", again: true}
	}
	t.secrets.Add(text)
	one := t.otp(text, field)
	one.isNumber = members[h.declared.Field].Kind() == '0'
	return one
}

// transient reports whether a call that got no answer may get one a second later. A name that does not resolve, an
// untrusted certificate and a proxy that refuses are permanent: every scenario would wait in vain.
func transient(e exchange.Exchange) bool {
	return !slices.Contains([]exchange.Cause{exchange.CauseDNS, exchange.CauseTLS, exchange.CauseProxy}, e.Failure.Cause)
}
