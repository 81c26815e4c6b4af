package state

import (
	"regexp"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
)

// Where an answer cannot be read, its secrets are still looked for before it is recorded. A token is long and has
// no white space, so that {"token": "is missing"} teaches nothing.
var (
	spottedProse = regexp.MustCompile("(?i)(?:token|bearer)\\W{1,6}([^\\s\"'`<>&]{16,})")
	spottedJWT   = regexp.MustCompile(`(eyJ[\w-]+\.[\w-]+\.[\w-]*)`)
	spottedOTP   = regexp.MustCompile(`(?i)otp\W{1,6}([0-9]{4,15})`)
	digitRun     = regexp.MustCompile(`[0-9]{4,}`)
	spacedDigits = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){3,}`)
)

// maxSpotted bounds how many secrets of one kind an answer teaches: each one costs memory for the whole run.
const maxSpotted = 100

// scan finds what is most likely a token or an OTP in a text of any form, and in all of it: a record keeps more than
// a reason quotes. The end of a sentence is no part of a token.
func scan(text []byte) []string {
	var found []string
	for _, pattern := range []*regexp.Regexp{spottedProse, spottedJWT, spottedOTP} {
		for _, match := range pattern.FindAllSubmatch(text, maxSpotted) {
			found = append(found, strings.TrimRight(string(match[1]), ".,;:!?)]}"))
		}
	}
	return found
}

var unspaced = strings.NewReplacer(" ", "", ".", "", "-", "")

// runsOfDigits returns what may be the OTP in a text that is none: each number, also without what stands between its digits.
func runsOfDigits(text string) []string {
	all := digitRun.FindAllString(text, 16)
	for _, spaced := range spacedDigits.FindAllString(text, 16) {
		all = append(all, unspaced.Replace(spaced))
	}
	return all
}

// maxQuote is how much of an answer a reason quotes, in characters.
const maxQuote = 200

// quoted returns a short piece of what was said, where anything was, to stand at the end of a reason: one line, no control
// characters, and no number that may be an OTP but the phone that the scenario holds. Its secrets are learnt.
func (t task) quoted(words []byte) string {
	if len(words) == 0 {
		return ""
	}
	t.secrets.Add(scan(words)...)
	return `: "` + short(t.secrets.RedactFrom(string(words), t.phone.Number, t.phone.CountryCode+t.phone.Number)) + `"`
}

// short makes one line of a text whose secrets are taken out, and then cuts it: half a token would not be found
// afterwards.
func short(words string) string {
	return text.Cut(strings.Join(strings.Fields(words), " "), maxQuote)
}

// failure returns why no answer came. What came instead of one may be quoted in it.
func (t task) failure(e exchange.Exchange) string {
	redact := t.secrets.Redact
	if e.Failure.Cause == exchange.CauseProtocol {
		redact = t.secrets.RedactFrom
	}
	return short(redact(e.Failure.Message))
}
