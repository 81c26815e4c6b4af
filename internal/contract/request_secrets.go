package contract

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// digitRuns is the form of what may be an OTP, as people group its digits too.
var digitRuns = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){3,}`)

// tokenLike is the form of what may be a token.
var tokenLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9._~+/-]{16,}=*`) })

// otpCandidates returns the digits of what may be OTPs in a text.
func otpCandidates(text string) []string {
	return group.Map(digitRuns.FindAllString(text, -1), separators.Replace)
}

// SecretsOf returns what nobody may see of a request: its tokens and other credentials, and what was typed as the OTP, right
// or wrong. token and otp are the request's own; "" if it has none.
func SecretsOf(r exchange.Request) (all []string, token, otp string) {
	all = group.Map(authorizations(r), func(a authorization) string { return a.credential })
	if tokens := bearers(r); len(tokens) > 0 {
		token = tokens[0]
	}
	body := decodeSent(r.Body)
	for _, p := range body.membersNamed("otp") {
		if spelt, _ := strconv.ParseFloat(string(p.raw), 64); spelt >= 1000 && spelt < 1e15 { // as in 4.8392e5
			all = append(all, string(p.raw), strconv.FormatFloat(spelt, 'f', -1, 64))
		}
		if typed, isText := p.value.(string); isText {
			all = append(all, typed)
		}
	}
	all = append(all, misplacedSecrets(r, body)...)
	return slices.DeleteFunc(all, func(text string) bool { return text == secret.Redacted || isUnset(text) }), token, body.otp()
}

// unsetWord is what programs write for a value that is not set.
var unsetWord = regexp.MustCompile(`(?i)^(?:undefined|null|none|nil|nan|true|false|\[object \w+\])$`)

func isUnset(text string) bool { return unsetWord.MatchString(text) }

// credentialHeader is the form of the names of headers that hold a credential.
var credentialHeader = regexp.MustCompile(`(?i)token|auth|key|secret|session|password|otp`)

// misplacedSecrets returns what may be secret in places where the documentation has none: a client in development sends an OTP
// or a token anywhere.
func misplacedSecrets(r exchange.Request, body *reading) (all []string) {
	public := []string{providerstate.Phone, providerstate.CountryCode, providerstate.Project, providerstate.ProjectFlow, providerstate.PhoneGateway}
	type pair struct{ name, text string }
	var pairs []pair
	fields := func(text string) {
		values, _ := url.ParseQuery(text)
		for name, texts := range values {
			pairs = append(pairs, group.Map(texts, func(text string) pair { return pair{name, text} })...)
		}
	}
	search := func(text string) {
		all = append(append(all, otpCandidates(text)...), tokenLike().FindAllString(text, -1)...)
	}
	for name, values := range r.Header {
		for _, value := range values {
			scheme, credential, _ := strings.Cut(value, " ")
			switch {
			case name == "Authorization":
			case slices.ContainsFunc([]string{"Bearer", "Basic", "Token", "JWT"}, func(known string) bool { return strings.EqualFold(scheme, known) }):
				all = append(all, credential)
			case name == "Cookie":
				search(value)
			case credentialHeader.MatchString(name), strings.HasPrefix(value, "eyJ"): // a JWT
				all = append(all, value)
			case strings.Contains(value, "://"): // a Referer, say, which may have a query
				_, query := split(value)
				fields(query)
			}
		}
	}
	path, query := split(r.URL)
	all = append(all, otpCandidates(path)...)
	fields(query)
	switch {
	case len(body.members) > 0:
	case isForm(r.Body):
		fields(string(r.Body))
	case bytes.IndexByte(r.Body, 0) >= 0: // as in UTF-16, where no two digits are adjacent
		all = append(all, string(r.Body))
	default:
		search(string(r.Body))
		bare := strings.TrimRight(strings.TrimSpace(string(r.Body)), "=")
		for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if plain, err := coding.DecodeString(bare); err == nil {
				search(string(plain))
			}
		}
	}
	for _, p := range body.members {
		text, isText := p.value.(string)
		if !isText {
			text = string(p.raw)
		}
		pairs = append(pairs, pair{p.key, text})
	}
	for _, p := range pairs {
		if slices.Contains(public, p.name) {
			continue
		}
		if all = append(all, otpCandidates(p.text)...); len(p.text) >= MinTokenLength {
			all = append(all, p.text)
		}
	}
	return all
}
