package state

import (
	"strings"
	"unicode"

	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
)

// maxQuote is how much of an answer a reason quotes, in characters.
const maxQuote = 200

// quote is a short piece of what a source says that is safe to show: one line, no control characters, and no number
// that may be an OTP but those that are kept.
func quote(said []byte, secrets *secret.Set, keep ...string) string {
	return `"` + short(secrets.RedactFrom(string(said), keep...)) + `"`
}

// short makes one line of a text whose secrets are taken out, and then cuts it: half a token would not be found
// afterwards.
func short(said string) string {
	return text.Cut(strings.Join(strings.Fields(said), " "), maxQuote)
}

// failure says why no answer came. What came instead of one may be quoted in it.
func failure(exchange transport.Exchange, secrets *secret.Set) string {
	redact := secrets.Redact
	if exchange.Failure.Cause == "protocol" {
		redact = secrets.RedactFrom
	}
	return short(redact(exchange.Failure.Message))
}

func hasControl(value string) bool {
	return strings.ContainsFunc(value, unicode.IsControl)
}
