package state

import (
	"regexp"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// Even if an answer cannot be read, its secrets are looked for before it is recorded. A token is long and has no white
// space, so that {"token": "is missing"} yields none.
var (
	namedToken   = regexp.MustCompile("(?i)(?:token|bearer)\\W{1,6}([^\\s\"'`<>&]{16,})")
	bareJWT      = regexp.MustCompile(`(eyJ[\w-]+\.[\w-]+\.[\w-]*)`)
	namedOTP     = regexp.MustCompile(`(?i)otp\W{1,6}([0-9]{4,15})`)
	digitRun     = regexp.MustCompile(`[0-9]{4,}`)
	spacedDigits = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){3,}`)
)

// maxFound is how many secrets of one kind are taken from an answer: each costs memory for the whole run.
const maxFound = 100

// scan returns what is most likely a token or an OTP in a text of any form. It looks at the whole text, because a record
// keeps more of it than a reason quotes. Punctuation at the end belongs to the sentence, not to the token.
func scan(text []byte) []string {
	var found []string
	for _, pattern := range []*regexp.Regexp{namedToken, bareJWT, namedOTP} {
		for _, match := range pattern.FindAllSubmatch(text, maxFound) {
			found = append(found, strings.TrimRight(string(match[1]), ".,;:!?)]}"))
		}
	}
	return found
}

var unspaced = strings.NewReplacer(" ", "", ".", "", "-", "")

// runsOfDigits returns what may be an OTP in a text: each run of digits, also without the separators between them.
func runsOfDigits(text string) []string {
	spaced := group.Map(spacedDigits.FindAllString(text, 16), unspaced.Replace)
	return append(digitRun.FindAllString(text, 16), spaced...)
}

// maxQuote is how many characters of an answer a reason quotes.
const maxQuote = 200

// quoted quotes the beginning of an answer for the end of a reason, "" if there is none: in one line, without control
// characters and without any number that may be an OTP, except the scenario's phone. It adds secrets that it finds to the set.
func (t task) quoted(words []byte) string {
	if len(words) == 0 {
		return ""
	}
	t.secrets.Add(scan(words)...)
	return `: "` + oneLine(t.secrets.RedactFrom(string(words), t.phone.Number, t.phone.CountryCode+t.phone.Number)) + `"`
}

// oneLine makes one line of a redacted text and cuts it. It must be redacted first, because half a token would not be
// found.
func oneLine(words string) string {
	return text.Cut(strings.Join(strings.Fields(words), " "), maxQuote)
}

// failure returns why no answer came. It may quote what came instead.
func (t task) failure(e exchange.Exchange) string {
	redact := t.secrets.Redact
	if e.Failure.Cause == exchange.CauseProtocol {
		redact = t.secrets.RedactFrom
	}
	return oneLine(redact(e.Failure.Message))
}
