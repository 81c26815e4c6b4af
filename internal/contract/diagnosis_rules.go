package contract

import (
	"net/http"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
)

// symbols is the documented codes that have a status of their own, and httpNames what the other envelope puts in their place.
var (
	symbols   = map[string]int{"otp_does_not_match": http.StatusForbidden, "phone_validation_not_found": http.StatusNotFound, "phoneValidation_has_expired": http.StatusPreconditionFailed}
	httpNames = []string{"Forbidden", "NotFound", "Conflict", "PreconditionFailed", "Unauthorized", "BadRequest"}
)

// inDialect recognises the error envelope that the provider's own client code has been seen handling.
func inDialect(a *exchange.Answer) bool {
	v, err := value(a)
	code, _ := member(v, "code").(string)
	message, _ := member(v, "message").(string)
	return err == nil && a.Status >= 400 && slices.Contains(httpNames, code) && symbols[message] != 0
}

// dialect counts the error answers in that envelope.
func dialect(exchanges []exchange.Exchange) Diagnosis {
	d := Diagnosis{Key: "dialect", Text: "this is the envelope with the HTTP name in `code` and the symbol in `message`: the provider speaks another dialect than its documentation"}
	for _, e := range exchanges {
		if e.Answer.Status < 400 {
			continue
		}
		d.Of++
		if inDialect(e.Answer) {
			d.Seen++
		}
	}
	return d
}

// guess is one explanation of a failure.
type guess struct {
	key, text string
	rules     []string
	holds     func(a *exchange.Answer, findings []Finding) bool
}

func answered(status int) func(*exchange.Answer, []Finding) bool {
	return func(a *exchange.Answer, _ []Finding) bool { return a.Status == status }
}

func success(a *exchange.Answer, _ []Finding) bool { return a.Status >= 200 && a.Status < 300 }

var guesses = []guess{
	{"otp-not-compared", "answered as a success: is the OTP compared, all of it?", []string{"PV-02"}, success},
	{"expiry-not-looked-at", "answered as a success: is the expiry looked at?", []string{"PV-07"}, func(a *exchange.Answer, f []Finding) bool { return success(a, f) && f[0].Path == "" }},
	{"only-unexpired-found", "answered 404 where expiry promises 412: looks up only unexpired records?", []string{"PV-07"}, answered(http.StatusNotFound)},
	{"wrong-before-expired", "answered 403 where expiry promises 412: is the OTP thrown away when it expires?", []string{"PV-07"}, answered(http.StatusForbidden)},
	{"token-not-looked-at", "answered as a success: is the token looked at, and whose it is?", []string{"PV-16"}, success},
	{"format-not-checked", "answered as a success: is the country code's format checked?", []string{"PV-06"}, success},
	{"looked-up-first", "answered 404: is the validation looked up before the request is checked?", []string{"PV-04", "PV-05", "PV-06"}, answered(http.StatusNotFound)},
	{"spaces-kept", "answered 404 for a phone with spaces: is it looked up with them?", []string{"PV-08"}, answered(http.StatusNotFound)},
	{"narrowing-ignored", "answered as a success: are project and projectFlow part of the search?", []string{"PV-11"}, success},
	{"country-code-ignored", "answered as a success: is the country code part of the search?", []string{"PV-21"}, success},
	{"spent", "refused after a wrong OTP: does one spend the validation?", []string{"PV-17"}, func(a *exchange.Answer, _ []Finding) bool { return a.Status >= 400 && a.Status < 500 }},
	{"otp-not-a-number", "answered 409: is the OTP taken as text only?", []string{"PV-09"}, answered(http.StatusConflict)},
	{"token-refused", "answered 401: is the token that the state yields the app registration's own?", []string{"PV-01", "PV-02", "PV-03", "PV-04", "PV-05", "PV-06", "PV-07", "PV-08", "PV-09", "PV-10", "PV-11", "PV-15", "PV-17", "PV-21"}, answered(http.StatusUnauthorized)},
	{"no-envelope", "the success is not wrapped in `data`", []string{"PV-01", "PV-08", "PV-09", "PV-10", "PV-17"}, func(a *exchange.Answer, _ []Finding) bool {
		v, err := value(a)
		return err == nil && a.Status == http.StatusOK && member(v, "data") == nil && member(v, "status") != nil
	}},
	{"no-prefix", "the message lacks the status in front of its symbol", []string{"PV-02", "PV-03", "PV-07"}, func(_ *exchange.Answer, findings []Finding) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool {
			return f.Path == "$.message" && strings.HasSuffix(f.Expected, ":"+strings.TrimPrefix(f.Actual, `"`))
		})
	}},
	{"failed-inside", "the provider failed: its own log will say why", []string{"PV-01", "PV-02", "PV-03", "PV-04", "PV-05", "PV-06", "PV-07", "PV-08", "PV-09", "PV-10", "PV-11", "PV-15", "PV-17", "PV-21"}, func(a *exchange.Answer, _ []Finding) bool { return a.Status >= 500 }},
}
