package state

import "regexp"

// Where an answer cannot be read, its secrets are still looked for before it is recorded. A token is long and has
// no white space, so that {"token": "is missing"} teaches nothing.
var (
	spottedToken = regexp.MustCompile(`(?i)"[a-z_-]*token"\s*:\s*"([^"\s]{16,})"`)
	spottedOTP   = regexp.MustCompile(`(?i)otp\W{1,6}([0-9]{4,15})`)
	digitRun     = regexp.MustCompile(`[0-9]{4,}`)
)

// spot finds what is most likely a token or an OTP in a text of any form.
func spot(text []byte) []string {
	var found []string
	for _, pattern := range []*regexp.Regexp{spottedToken, spottedOTP} {
		for _, match := range pattern.FindAllSubmatch(text[:min(len(text), maxQuoted)], 16) {
			found = append(found, string(match[1]))
		}
	}
	return found
}

func runsOfDigits(text string) []string { return digitRun.FindAllString(text, 16) }
