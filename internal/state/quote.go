package state

import (
	"strings"
	"unicode"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// maxQuote is how much of an answer a reason quotes, in characters.
const maxQuote = 200

// quote returns a short piece of what a source says that is safe to show: one line, no control characters, and no number
// that may be an OTP but those that are kept.
func quote(said []byte, secrets *secret.Set, keep ...string) string {
	return `"` + short(secrets.RedactFrom(string(said), keep...)) + `"`
}

// short makes one line of a text whose secrets are taken out, and then cuts it: half a token would not be found
// afterwards.
func short(said string) string {
	return text.Cut(strings.Join(strings.Fields(said), " "), maxQuote)
}

// failure returns why no answer came. What came instead of one may be quoted in it.
func failure(e exchange.Exchange, secrets *secret.Set) string {
	redact := secrets.Redact
	if e.Failure.Cause == exchange.CauseProtocol {
		redact = secrets.RedactFrom
	}
	return short(redact(e.Failure.Message))
}

func hasControl(value string) bool {
	return strings.ContainsFunc(value, unicode.IsControl)
}
