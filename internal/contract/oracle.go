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

// wrongParts returns which of token, phone, countryCode and otp are not right, or, where the state is not known, could not be
// right of any. Where the documentation is silent about a spelling, the request has the benefit of the doubt: a provider may
// clean a phone more thoroughly than of spaces, may take a phone or a country code out of a list, may take an OTP in
// quotation marks, and may read either of two members with the same key.
func wrongParts(r exchange.Request, body *reading, k Known) []string {
	var wrong []string
	if token := k.Token == "" && !k.stateKnown() || carries(r, k.Token); !token {
		wrong = append(wrong, "token")
	}
	if empty := slices.Contains([]string{"", "{}"}, string(bytes.TrimSpace(r.Body))); !k.stateKnown() && len(body.members) == 0 && !empty {
		return wrong // in whatever form it is, it may hold what is right
	}
	return append(wrong, group.Where([]string{"phone", "countryCode", "otp"}, func(part string) bool {
		return !slices.ContainsFunc(body.called(part), func(p parameter) bool { return k.right(part, p.value) })
	})...)
}

// right reports whether a value is the right one of a part or, where the state is not known, could be that of some state.
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
		return wellWritten.MatchString(loose(text)) || isNumber(one)
	case known:
		return k.OTP != "" && rightOTP(value, k.OTP)
	}
	return possibleOTP(value)
}

// carries reports whether the token is in the request, whatever the scheme before it is.
func carries(r exchange.Request, token string) bool {
	return slices.ContainsFunc(r.Header["Authorization"], func(value string) bool {
		return slices.Contains(strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t\",", c) }), token)
	})
}

// rightPhone compares digits alone, with or without the country code and leading zeros.
func rightPhone(value any, v providerstate.Values) bool {
	phone, _ := scalar(value)
	if n, err := strconv.ParseFloat(phone, 64); err == nil && isNumber(value) {
		phone = strconv.FormatFloat(n, 'f', -1, 64)
	}
	significant := func(phone string) string { return strings.TrimLeft(digits(phone), "0") }
	own, code := significant(v.Phone), strings.TrimLeft(digits(v.CountryCode), "0")
	spelt := []string{own, code + digits(v.Phone), code + own}
	ours := ourDigits(phone) // some take the digits of other scripts for punctuation
	return unspaced(phone) == v.Phone || own != "" && (slices.Contains(spelt, significant(phone)) || slices.Contains(spelt, significant(ours)))
}

// digits returns the digits of a text, those of other scripts as ours.
func digits(text string) string { return ourDigits(strings.Map(digit, text)) }

// ourDigits returns the digits of a text without those of other scripts.
func ourDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// digit returns what a decimal digit of any script stands for, another character as it is. Unicode has digits in runs of
// ten that begin with zero.
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

// rightCode compares without white space, and digits of any script. A line break is another matter: what has one is not
// of the documented form, whatever stands on its lines.
func rightCode(value any, code string) bool {
	typed, ok := scalar(value)
	if isNumber(value) {
		return typed == digits(code)
	}
	return ok && code == loose(typed)
}

// loose spells a country code as whoever reads it most loosely: without white space, its digits of any script as ours.
func loose(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) && !strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) {
			return -1
		}
		return digit(r)
	}, code)
}

// possibleOTP reports whether a value may be the right OTP of some state, however loosely it is read.
func possibleOTP(value any) bool {
	typed, ok := scalar(value)
	if typed == secret.Redacted {
		return true
	}
	typed = strings.Map(digit, strings.TrimSpace(typed))
	n, err := strconv.ParseFloat(typed, 64)
	return ok && err == nil && n >= 0 && n == math.Trunc(n) && !math.IsInf(n, 0) && strings.Trim(typed, "0123456789.eE+-") == ""
}

// bearers returns the tokens that a request carries.
func bearers(r exchange.Request) []string {
	var all []string
	for _, value := range r.Header["Authorization"] {
		scheme, token, _ := strings.Cut(strings.TrimSpace(value), " ")
		if token = strings.TrimSpace(token); strings.EqualFold(scheme, "Bearer") && token != "" {
			all = append(all, token)
		}
	}
	return all
}

// credentials reports whether a request carries some Authorization, whatever it is.
func credentials(r exchange.Request) bool {
	return slices.ContainsFunc(r.Header["Authorization"], func(value string) bool {
		value = strings.TrimSpace(value)
		return value != "" && !strings.EqualFold(value, "Bearer")
	})
}

// digitRuns is what may be an OTP in whatever stands in its place, as people group it too.
var digitRuns = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){3,}`)

// words is what may be a token in a text of which nothing is known.
var words = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9._~+/-]{16,}=*`) })

// numbers returns what may be an OTP in a text.
func numbers(text string) []string {
	return group.Map(digitRuns.FindAllString(text, -1), separators.Replace)
}

// SecretsOf returns what a request itself holds that nobody must see: its tokens and other credentials, and what is typed as
// its OTP, right or wrong. token and otp are those that it is made with, "" where there is none.
func SecretsOf(r exchange.Request) (all []string, token, otp string) {
	for _, value := range r.Header["Authorization"] {
		value = strings.TrimSpace(value)
		scheme, credential, _ := strings.Cut(value, " ")
		if credential = strings.TrimSpace(credential); credential == "" && !strings.EqualFold(scheme, "Bearer") {
			credential = value
		}
		all = append(all, credential)
	}
	if tokens := bearers(r); len(tokens) > 0 {
		token = tokens[0]
	}
	body := decodeSent(r.Body)
	for _, p := range body.called("otp") {
		all = append(all, numbers(string(p.raw))...)
		if spelt, err := strconv.ParseFloat(string(p.raw), 64); err == nil && spelt >= 1000 && spelt < 1e15 { // such as 4.8392e5
			all = append(all, string(p.raw), strconv.FormatFloat(spelt, 'f', -1, 64))
		}
		if typed, isText := p.value.(string); isText {
			all = append(all, typed)
		}
	}
	all = append(all, strays(r, body)...)
	return slices.DeleteFunc(all, func(text string) bool { return text == secret.Redacted || isNothing(text) }), token, body.otp()
}

// nothing is what programs write where a value is not there.
var nothing = regexp.MustCompile(`(?i)^(?:undefined|null|none|nil|nan|true|false|\[object \w+\])$`)

func isNothing(text string) bool { return nothing.MatchString(text) }

// credentialHeader is how headers are called that hold one.
var credentialHeader = regexp.MustCompile(`(?i)token|auth|key|secret|session|password|otp`)

// strays returns what may be secret where the documentation has no place for it: a client that somebody is writing sends an
// OTP, or a token, anywhere.
func strays(r exchange.Request, body *reading) (all []string) {
	open := []string{providerstate.Phone, providerstate.CountryCode, providerstate.Project, providerstate.ProjectFlow, providerstate.PhoneGateway}
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
	wild := func(text string) { all = append(append(all, numbers(text)...), words().FindAllString(text, -1)...) }
	for name, values := range r.Header {
		for _, value := range values {
			scheme, credential, _ := strings.Cut(value, " ")
			switch {
			case name == "Authorization":
			case slices.ContainsFunc([]string{"Bearer", "Basic", "Token", "JWT"}, func(known string) bool { return strings.EqualFold(scheme, known) }):
				all = append(all, credential)
			case name == "Cookie":
				wild(value)
			case credentialHeader.MatchString(name), strings.HasPrefix(value, "eyJ"): // as every JWT begins
				all = append(all, value)
			case strings.Contains(value, "://"): // where it comes from, with a query perhaps
				_, query := split(value)
				fields(query)
			}
		}
	}
	path, query := split(r.URL)
	all = append(all, numbers(path)...)
	fields(query)
	switch {
	case len(body.members) > 0:
	case isForm(r.Body):
		fields(string(r.Body))
	case bytes.IndexByte(r.Body, 0) >= 0: // as in UTF-16, in which no digit stands beside the next
		all = append(all, string(r.Body))
	default:
		wild(string(r.Body))
		bare := strings.TrimRight(strings.TrimSpace(string(r.Body)), "=")
		for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if plain, err := coding.DecodeString(bare); err == nil {
				wild(string(plain))
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
		if slices.Contains(open, p.name) {
			continue
		}
		if all = append(all, numbers(p.text)...); len(p.text) >= leastToken {
			all = append(all, p.text)
		}
	}
	return all
}

// leastToken is how many bytes a token has at least that is looked for where nothing is known.
const leastToken = 16

// leastFound is how many digits an OTP has at least that is looked for where nothing is known: a shorter number may be
// anything, a year too.
const leastFound = 6

// otp returns the digits that are typed as the OTP; "": they are none.
func (r *reading) otp() string {
	for _, p := range r.called("otp") {
		if typed, ok := scalar(p.value); ok && strings.Trim(typed, "0123456789") == "" {
			return typed
		}
	}
	return ""
}

// idLike is what ids and times look like: the digits of an OTP in one of them are there by chance. The hexadecimal digits of an
// OTP are fewer.
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

// rightOTP compares as most JSON decoders can: in double precision. A text is what a loose conversion makes of it:
// whether a string is taken at all is not documented.
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
