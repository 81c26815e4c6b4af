package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// symbol returns the status that a code has, where it is that of one answer whose message is the status and the code; 0: it
// is none.
func (c Checks) symbol(code string) int {
	a, _ := c.Schemas.First(func(a schemas.Answer) bool {
		return code != "" && a.Code == code && slices.Equal(a.Messages, []string{fmt.Sprintf("%d:%s", a.Status, code)})
	})
	return a.Status
}

// inDialect recognises the error envelope that the provider's own client code has been seen handling: the name that HTTP has
// for a status, and the symbol in the place of the message.
func (c Checks) inDialect(a *exchange.Answer) bool {
	v, _ := value(a)
	code, _ := member(v, "code").(string)
	message, _ := member(v, "message").(string)
	return a.Status >= 400 && isStatusName(code) && c.symbol(message) != 0
}

// isStatusName reports whether a word is what HTTP calls a refusal, in one word: "NotFound".
func isStatusName(word string) bool {
	for status := http.StatusBadRequest; status < http.StatusInternalServerError; status++ {
		if word != "" && word == strings.ReplaceAll(http.StatusText(status), " ", "") {
			return true
		}
	}
	return false
}

// dialect counts the error answers in that envelope.
func (c Checks) dialect(exchanges []exchange.Exchange) Diagnosis {
	d := Diagnosis{Key: "dialect", Text: "this is the envelope with the HTTP name in `code` and the symbol in `message`: the provider speaks another dialect than its documentation"}
	for _, e := range exchanges {
		if e.Answer.Status < 400 {
			continue
		}
		d.Of++
		if c.inDialect(e.Answer) {
			d.Seen++
		}
	}
	return d
}

// guess explains a failure by its rule and by how it was answered.
func (c Checks) guess(rule string, a *exchange.Answer, findings []Finding) Diagnosis {
	found, expired, wrong, conflict := c.of(RuleNotFound).Status, c.of(RuleExpired).Status, c.of(RuleWrongOTP).Status, c.of(RuleAllMissing).Status
	success, refused := succeeded(a), a.Status/100 == 4
	v, _ := value(a)
	bare := a.Status == c.of(RuleSuccess).Status && member(v, "data") == nil && member(v, "status") != nil
	unprefixed := slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Path == "$.message" && strings.HasSuffix(f.Expected, ":"+strings.TrimPrefix(f.Actual, `"`))
	})
	text := fmt.Sprintf
	for _, guess := range []struct {
		key, text string
		rules     []string
		holds     bool
	}{
		{"otp-not-compared", "answered as a success: is the OTP compared, all of it?", []string{RuleWrongOTP}, success},
		{"expiry-not-looked-at", "answered as a success: is the expiry looked at?", []string{RuleExpired}, success && findings[0].Path == ""},
		{"only-unexpired-found", text("answered %d where expiry promises %d: looks up only unexpired records?", found, expired), []string{RuleExpired}, a.Status == found},
		{"wrong-before-expired", text("answered %d where expiry promises %d: is the OTP thrown away when it expires?", wrong, expired), []string{RuleExpired}, a.Status == wrong},
		{"token-not-looked-at", "answered as a success: is the token looked at, and whose it is?", []string{RuleToken}, success},
		{"format-not-checked", "answered as a success: is the country code's format checked?", []string{RuleFormat}, success},
		{"looked-up-first", text("answered %d: is the validation looked up before the request is checked?", found), []string{RuleAllMissing, RuleMissing, RuleFormat}, a.Status == found},
		{"spaces-kept", text("answered %d for a phone with spaces: is it looked up with them?", found), []string{RuleSpaces}, a.Status == found},
		{"narrowing-ignored", "answered as a success: are project and projectFlow part of the search?", []string{RuleNarrowing}, success},
		{"country-code-ignored", "answered as a success: is the country code part of the search?", []string{RuleTogether}, success},
		{"spent", spentByWrong, []string{RuleUnspent}, refused},
		{otpNotANumber, text("answered %d: is the OTP taken as text only?", conflict), []string{RuleNumber}, a.Status == conflict},
		{"token-refused", text("answered %d: is the token that the state yields the app registration's own?", http.StatusUnauthorized), answering(), a.Status == http.StatusUnauthorized},
		{"no-envelope", "the success is not wrapped in `data`", []string{RuleSuccess}, bare},
		{"no-prefix", "the message lacks the status in front of its symbol", []string{RuleWrongOTP, RuleNotFound, RuleExpired}, unprefixed},
		{"failed-inside", "the provider failed: its own log will say why", answering(), a.Status >= http.StatusInternalServerError},
	} {
		if guess.holds && slices.Contains(guess.rules, rule) {
			return Diagnosis{Key: guess.key, Text: guess.text}
		}
	}
	return Diagnosis{}
}
