package state

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"verifik-contract/internal/secret"
)

// maxQuote is how much of an answer a reason quotes, in characters.
const maxQuote = 200

// maxQuoted bounds what is searched for secrets before it is cut, in bytes.
const maxQuoted = 64 << 10

// quote is a short piece of an answer that is safe to show: one line, no control characters. Secrets go before
// the cut: half a token would not be found afterwards.
func quote(body []byte, secrets *secret.Set) string {
	text := string(body[:min(len(body), maxQuoted)])
	text = secrets.Redact(strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(strings.Map(printable, text)), " ")
	if utf8.RuneCountInString(text) > maxQuote {
		text = string([]rune(text)[:maxQuote]) + "..."
	}
	return `"` + text + `"`
}

func printable(r rune) rune {
	if unicode.IsSpace(r) || !unicode.IsPrint(r) {
		return ' '
	}
	return r
}

func hasControl(text string) bool {
	return strings.ContainsFunc(text, unicode.IsControl)
}
