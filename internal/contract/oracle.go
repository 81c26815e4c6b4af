package contract

import (
	"bytes"
	"encoding/base64"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// wrongParts returns which of token, phone, countryCode and otp are wrong or, if the state is not known, could not be right for
// any. The request gets the benefit of the doubt where the documentation is silent: a provider may remove more from a phone
// than spaces, take a phone or a country code out of a list, accept an OTP in quotation marks, and read either of two members
// with the same key.
func wrongParts(r exchange.Request, body *reading, k Known) []string {
	var wrong []string
	if unknown := k.Token == "" && !k.stateKnown(); !unknown && !carriesToken(r, k.Token) {
		wrong = append(wrong, "token")
	}
	if empty := slices.Contains([]string{"", "{}"}, string(bytes.TrimSpace(r.Body))); !k.stateKnown() && len(body.members) == 0 && !empty {
		return wrong // it may hold the right parts in another form
	}
	return append(wrong, group.Where([]string{"phone", "countryCode", "otp"}, func(part string) bool {
		return !slices.ContainsFunc(body.membersNamed(part), func(p parameter) bool { return k.right(part, p.value) })
	})...)
}

// right reports whether a part has the right value or, if the state is not known, one that could be right for some state.
func (k Known) right(part string, value any) bool {
	one := element(value)
	text, _ := scalar(one)
	switch known := k.stateKnown(); {
	case part == "phone" && known:
		return rightPhone(one, k.Values)
	case part == "phone":
		return strings.ContainsFunc(text, unicode.IsDigit)
	case part == "countryCode" && known:
		return rightCode(one, k.CountryCode)
	case part == "countryCode":
		return countryCodeForm.MatchString(lenientCode(text)) || isNumber(one)
	case known:
		return k.OTP != "" && rightOTP(value, k.OTP)
	}
	return possibleOTP(value)
}

// carriesToken reports whether a request carries the token, under any scheme.
func carriesToken(r exchange.Request, token string) bool {
	return slices.ContainsFunc(r.Header["Authorization"], func(value string) bool {
		return slices.Contains(strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t\",", c) }), token)
	})
}

// rightPhone compares only digits, with or without the country code and leading zeros.
func rightPhone(value any, v providerstate.Values) bool {
	phone, _ := scalar(value)
	if n, err := strconv.ParseFloat(phone, 64); err == nil && isNumber(value) {
		phone = strconv.FormatFloat(n, 'f', -1, 64)
	}
	significant := func(phone string) string { return strings.TrimLeft(digits(phone), "0") }
	own, code := significant(v.Phone), strings.TrimLeft(digits(v.CountryCode), "0")
	spelt := []string{own, code + digits(v.Phone), code + own}
	ours := asciiDigits(phone) // a provider may drop the digits of other scripts like punctuation
	return unspaced(phone) == v.Phone || own != "" && (slices.Contains(spelt, significant(phone)) || slices.Contains(spelt, significant(ours)))
}

// digits returns the digits of a text, those of other scripts converted to ASCII.
func digits(text string) string { return asciiDigits(strings.Map(digit, text)) }

// asciiDigits returns the ASCII digits of a text.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// digit converts a decimal digit of any script to ASCII and returns another character as it is. Unicode has digits in runs
// of ten that begin with zero.
func digit(r rune) rune {
	if r <= unicode.MaxASCII || !unicode.IsDigit(r) {
		return r
	}
	n := rune(0)
	for unicode.IsDigit(r - 1 - n) {
		n++
	}
	return '0' + n%10
}

// rightCode compares country codes without white space, and digits of any script. A code with a line break is never right,
// whatever its lines are.
func rightCode(value any, code string) bool {
	typed, ok := scalar(value)
	if isNumber(value) {
		return typed == digits(code)
	}
	return ok && code == lenientCode(typed)
}

// lenientCode returns a country code as the most lenient reader might take it: without white space but line breaks, its digits
// converted to ASCII.
func lenientCode(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) && !strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) {
			return -1
		}
		return digit(r)
	}, code)
}

// possibleOTP reports whether a value, read leniently, may be the right OTP of some state.
func possibleOTP(value any) bool {
	typed, ok := scalar(value)
	if typed == secret.Redacted {
		return true
	}
	typed = strings.Map(digit, strings.TrimSpace(typed))
	n, err := strconv.ParseFloat(typed, 64)
	return ok && err == nil && n >= 0 && n == math.Trunc(n) && !math.IsInf(n, 0) && strings.Trim(typed, "0123456789.eE+-") == ""
}

// authorization is what a header Authorization says: "Bearer" and a token, or a credential without a scheme.
type authorization struct{ scheme, credential string }

func (a authorization) bearer() bool { return strings.EqualFold(a.scheme, "Bearer") }

// authorizations returns those of a request; one that is empty has no credential.
func authorizations(r exchange.Request) []authorization {
	return group.Map(r.Header["Authorization"], func(value string) authorization {
		scheme, credential, _ := strings.Cut(strings.TrimSpace(value), " ")
		a := authorization{scheme, strings.TrimSpace(credential)}
		if a.credential == "" && !a.bearer() {
			a = authorization{"", scheme}
		}
		return a
	})
}

// bearers returns the bearer tokens of a request.
func bearers(r exchange.Request) []string {
	tokens := group.Where(authorizations(r), func(a authorization) bool { return a.bearer() && a.credential != "" })
	return group.Map(tokens, func(a authorization) string { return a.credential })
}

// credentials reports whether a request has an Authorization of any kind.
func credentials(r exchange.Request) bool {
	return slices.ContainsFunc(authorizations(r), func(a authorization) bool { return a.credential != "" })
}

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
		all = append(all, otpCandidates(string(p.raw))...)
		if spelt, err := strconv.ParseFloat(string(p.raw), 64); err == nil && spelt >= 1000 && spelt < 1e15 { // as in 4.8392e5
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
			for _, text := range texts {
				pairs = append(pairs, pair{name, text})
			}
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
		if all = append(all, otpCandidates(p.text)...); len(p.text) >= minTokenLength {
			all = append(all, p.text)
		}
	}
	return all
}

// minTokenLength is the length in bytes from which a text is looked for as a token if nothing is known.
const minTokenLength = 16

// minOTPDigits is the number of digits from which an OTP is looked for if nothing is known: a shorter number may be a year.
const minOTPDigits = 6

// otp returns the digits that were typed as the OTP; "" if there are none.
func (r *reading) otp() string {
	for _, p := range r.membersNamed("otp") {
		if typed, ok := scalar(p.value); ok && strings.Trim(typed, "0123456789") == "" {
			return typed
		}
	}
	return ""
}

// idLike is the form of ids and times. Inside one of these the digits of an OTP are a coincidence; an OTP in hexadecimal is
// shorter.
var idLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-fA-F]{20,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?`)
})

// ids returns the ids and times that an answer holds.
func ids(a *exchange.Answer) []string {
	found := idLike().FindAllString(string(a.Body), -1)
	for _, value := range slices.Concat(slices.Collect(maps.Values(a.Header))...) {
		found = append(found, idLike().FindAllString(value, -1)...)
	}
	return append(found, parse(a).text("data", "_id"))
}

// rightOTP compares in double precision, as most JSON decoders do. A string is converted leniently: whether a provider accepts
// one is not documented.
func rightOTP(value any, otp string) bool {
	typed, ok := scalar(value)
	if !ok {
		return false
	}
	if !isNumber(value) {
		typed = strings.Map(digit, strings.TrimSpace(typed))
	}
	if typed == otp {
		return true
	}
	a, err := strconv.ParseFloat(typed, 64)
	b, _ := strconv.ParseFloat(otp, 64)
	return err == nil && a == b
}
