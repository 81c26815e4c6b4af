package record

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// OtherPrefix begins the names of the variables that stand for the values of another app registration.
const OtherPrefix = "OTHER_"

// named is a value of a state, and the shell variable for it.
type named struct{ value, variable string }

// known returns the known values of the states that have one of the names.
func (r Recorder) known(names ...string) []named {
	var all []named
	for _, state := range []struct {
		prefix string
		values providerstate.Values
	}{{"", r.Own}, {OtherPrefix, r.Other}} {
		for _, v := range state.values.All() {
			if v.Text != "" && slices.Contains(names, v.Name) {
				all = append(all, named{v.Text, state.prefix + v.Variable()})
			}
		}
	}
	return all
}

// command returns the command that repeats a call. In its texts, which are called shell texts here, secrets and values of the
// used-up state are expressions.
func (r Recorder) command(e exchange.Exchange) string {
	call := curl.Call{
		Method: e.Request.Method, URL: r.url(e.Request.URL), Header: map[string][]string{},
		Body: r.body(e.Request.Body), Compressed: e.Answer != nil && e.Answer.Header.Get("Content-Encoding") != "", Way: r.Way,
	}
	for name, values := range e.Request.Header {
		shown := r.hide(name)
		for _, v := range values {
			call.Header[shown] = append(call.Header[shown], r.header(name, v))
		}
	}
	if r.Hides(call.Way.Proxy) {
		call.Way.Proxy = curl.Expression("$" + Proxy)
	}
	return call.Command()
}

// url returns the shell text of a URL: that of a read-back contains IDs of the state.
func (r Recorder) url(text string) string {
	base, path := "", BasePath(r.BaseURL)
	if rest, ours := strings.CutPrefix(text, r.BaseURL); ours && r.Hides(path) {
		base, text = r.hide(strings.TrimSuffix(r.BaseURL, path))+curl.Expression("$"+TargetPath), rest
	}
	text = r.hide(text)
	for _, id := range r.known(providerstate.ValidationID, providerstate.AppRegistrationID) {
		text = strings.ReplaceAll(text, "/"+id.value, "/"+curl.Expression("$"+id.variable))
	}
	return base + text
}

// The variables for secrets of the environment that are not in headers.
const (
	TargetPath = "TARGET_PATH"
	Proxy      = "PROXY"
)

// BasePath returns the path of a target's base URL without its first slash.
func BasePath(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.EscapedPath(), "/")
}

// Hides reports whether a text of the environment contains a secret, so that a variable replaces all of it.
func (r Recorder) Hides(text string) bool { return r.Secrets.Find(text) }

// HeaderVariable returns the variable that replaces the value of a header; "": the value is shown.
func (r Recorder) HeaderVariable(name, value string) string {
	if secret.Header(name) || r.redact(value) != value {
		return curl.Variable(name)
	}
	return ""
}

// hide replaces each secret that has no variable of its own by $SECRET.
func (r Recorder) hide(text string) string {
	return strings.ReplaceAll(r.redact(text), secret.Redacted, curl.Expression("$SECRET"))
}

func (r Recorder) header(name, value string) string {
	if secret.Header(name) {
		scheme, credential, found := strings.Cut(value, " ")
		switch {
		case strings.EqualFold(value, "Bearer"), slices.Contains(r.Keep, value):
			return value
		case found && strings.EqualFold(scheme, "Bearer"):
			return scheme + " " + r.token(credential)
		case found && strings.EqualFold(scheme, "Basic"):
			return scheme + " " + curl.Expression("$CREDENTIALS")
		case value != "" && value == r.Own.Token:
			return curl.Expression("$TOKEN")
		}
	}
	if variable := r.HeaderVariable(name, value); variable != "" {
		return curl.Expression("$" + variable)
	}
	return value
}

// token returns the shell text of a token, by how it was made from one of the states' tokens.
func (r Recorder) token(text string) string {
	if text == "null" || text == "undefined" {
		return text // sent by a client whose variable was never set
	}
	for _, known := range r.known(providerstate.Token) {
		switch at := changed(text, known.value); {
		case strings.Contains(text, known.value) && len(text) <= len(known.value)+2: // a longer rest may be another credential
			return strings.ReplaceAll(text, known.value, curl.Expression("$"+known.variable))
		case text != "" && strings.HasPrefix(known.value, text):
			return curl.Expression(curl.Slice(known.variable, 0, len(text)))
		case len(text) == len(known.value) && len(at) == 1:
			before := ""
			if at[0] > 0 { // a slice to 0 would be the whole token
				before = curl.Expression(curl.Slice(known.variable, 0, at[0]))
			}
			other := text[at[0] : at[0]+1]
			if contract.OtherCharacter(known.value[at[0]]) == other[0] { // of a fresh token, this one may be its own
				other = curl.Expression(fmt.Sprintf(`$(printf %%s "$%s" | cut -c%d | tr %s)`, known.variable, at[0]+1, contract.OtherCharacters))
			}
			return before + other + curl.Expression(curl.Slice(known.variable, at[0]+1, 0))
		}
	}
	for _, id := range r.known(providerstate.ValidationID, providerstate.AppRegistrationID) {
		if text == id.value {
			return curl.Expression("$" + id.variable)
		}
	}
	for variable, token := range contract.MadeUp(r.Own.Token) {
		if text == token {
			return curl.Expression("$" + variable)
		}
	}
	return curl.Expression("$" + contract.UnknownToken)
}

// body returns the shell text of a body: of its members by how they were made from the state, of anything else with variables for
// its secrets.
func (r Recorder) body(body []byte) string {
	var b strings.Builder
	done := 0
	decoder := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if decoder.PeekKind() == '{' {
		_, _ = decoder.ReadToken() // an error is met again by the next read
		for decoder.PeekKind() == '"' {
			key, _ := decoder.ReadToken()
			name := key.String()
			value, err := decoder.ReadValue()
			if err != nil {
				break
			}
			end := int(decoder.InputOffset())
			b.WriteString(r.otherText(string(body[done : end-len(value)])))
			b.WriteString(r.member(name, string(value)))
			done = end
		}
	}
	b.WriteString(r.otherText(string(body[done:])))
	return b.String()
}

// otherText returns the shell text of anything but a documented member of a request.
func (r Recorder) otherText(text string) string {
	for _, known := range r.known(providerstate.OTP, providerstate.WrongOTP) {
		text = strings.ReplaceAll(text, known.value, curl.Expression("$"+known.variable))
	}
	return Recorder{Secrets: r.Secrets}.hide(text) // without Keep: values of the state are expressions already
}

// member returns the shell text of the JSON value of a member of the request.
func (r Recorder) member(name, raw string) string {
	switch name {
	case providerstate.Phone:
		for _, k := range r.known(name) {
			if spelt, ok := within(raw, k); ok {
				return spelt
			}
			bare := strings.Trim(raw, `"`) // a number is not in quotation marks
			if spelt := near(bare, k); spelt != "" {
				return strings.Replace(raw, bare, spelt, 1)
			}
		}
	case providerstate.CountryCode, providerstate.Project, providerstate.ProjectFlow:
		for _, k := range r.known(name) {
			if raw == strconv.Quote(k.value) {
				return `"` + curl.Expression("$"+k.variable) + `"`
			}
		}
		if code := r.Own.CountryCode; name == providerstate.CountryCode && r.Own.Phone != "" && raw == strconv.Quote(code+r.Own.Phone[:1]) {
			return `"` + curl.Expression("$COUNTRY_CODE"+curl.Slice("PHONE", 0, 1)) + `"`
		}
	case providerstate.OTP:
		return r.otp(raw)
	}
	return r.otherText(raw)
}

// escapedDigit begins the escape of a digit in JSON: in \u0033 only the last character is the digit.
const escapedDigit = `\u003`

// within returns the shell text of one that contains all characters of a value in order, maybe with others between them.
func within(text string, k named) (string, bool) {
	if strings.Contains(text, k.value) {
		return strings.Replace(text, k.value, curl.Expression("$"+k.variable), 1), true
	}
	var b strings.Builder
	used := 0
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], escapedDigit) {
			b.WriteString(escapedDigit)
			i += len(escapedDigit)
			continue
		}
		run := 0
		for i+run < len(text) && used+run < len(k.value) && text[i+run] == k.value[used+run] {
			run++
		}
		if run > 0 {
			b.WriteString(curl.Expression(curl.Slice(k.variable, used, used+run)))
			used, i = used+run, i+run
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String(), used == len(k.value)
}

// near returns the shell text of one that differs from a value only at its beginning or end, or in a digit or two; "": it differs
// more.
func near(text string, k named) string {
	const most, least = 2, 4 // digits that may differ, and characters in a row that must not
	if differ := changed(text, k.value); len(text) == len(k.value) && len(differ) <= most && strings.Trim(text, "0123456789") == "" {
		return curl.Expression(digits(text, k))
	}
	same := 0
	for same < min(len(text), len(k.value)) && text[same] == k.value[same] {
		same++
	}
	if same >= least {
		return curl.Expression(curl.Slice(k.variable, 0, same)) + text[same:]
	}
	if at := len(k.value) - len(text); at > 0 && len(text) >= least && k.value[at:] == text {
		return curl.Expression(curl.Slice(k.variable, at, 0))
	}
	return ""
}

// changed returns the indexes at which a text differs from another, up to the end of the shorter one.
func changed(text, from string) (at []int) {
	for i := range min(len(text), len(from)) {
		if text[i] != from[i] {
			at = append(at, i)
		}
	}
	return at
}

// otp returns the shell text of what was sent as OTP. What was made from the right OTP is as secret, and is made from the next
// state's OTP in the same way.
func (r Recorder) otp(raw string) string {
	for _, k := range r.known(providerstate.OTP, providerstate.WrongOTP) {
		if raw == k.value {
			return curl.Expression("$" + k.variable)
		}
	}
	if raw == strconv.Quote(secret.Redacted) { // in a recording
		return curl.Expression("$OTP")
	}
	right := r.Own.OTP
	if len(raw) > maxNumber {
		return r.otherText(raw)
	}
	typed, isNumber := new(big.Int).SetString(raw, 10)
	own, known := new(big.Int).SetString(right, 10)
	backwards, turned := "", ""
	for i := range right {
		backwards, turned = right[i:i+1]+backwards, curl.Slice("OTP", i, i+1)+turned
	}
	switch {
	case right == "" || strings.Contains(raw, right):
		return r.aroundOTPs(raw)
	case raw == right[1:]+right[:1]:
		return number(curl.Slice("OTP", 1, 0) + curl.Slice("OTP", 0, 1))
	case raw == backwards:
		return number(turned)
	case raw == withoutFirstDigit(right):
		return number(curl.Slice("OTP", 1, 0))
	case len(raw) > 2 && strings.Contains(right, raw):
		from := strings.Index(right, raw)
		return curl.Expression(curl.Slice("OTP", from, from+len(raw)))
	case known && strings.EqualFold(raw, fmt.Sprintf("%.*e", len(right)-1, new(big.Float).SetInt(own))): // as most languages write it: 1.23456e+05
		return curl.Expression(fmt.Sprintf(`$(printf %%.%d%c "$OTP")`, len(right)-1, raw[len(raw)-len("e+05")]))
	case !isNumber || !known || !r.Secrets.Find(raw): // not made from the right one, or it would be a secret too
		return cmp.Or(r.ofPhone(raw), r.aroundOTPs(raw))
	}
	switch more := new(big.Int).Sub(typed, own); {
	case !more.IsInt64(): // too much for the shell's arithmetic
		return curl.Expression(fmt.Sprintf(`$(echo "$OTP + %d" | bc)`, more))
	case len(raw) == len(right) && more.Int64() != -1 && more.Int64() != 1<<16 && (more.Int64() != 1 || len(changed(raw, right)) == 1): // more, or one less, may carry over
		return curl.Expression(digits(raw, named{right, "OTP"}))
	default:
		return curl.Expression(fmt.Sprintf("$(($OTP%+d))", more))
	}
}

// aroundOTPs returns the shell text of a value that may hold numbers made from the right OTP: in quotation marks, in a list or
// before a fraction.
func (r Recorder) aroundOTPs(raw string) string {
	if strings.ContainsAny(raw, "eE") { // an exponent splits a number
		return r.otherText(raw)
	}
	return r.otherText(digitsInRow.ReplaceAllStringFunc(raw, func(run string) string {
		if run == raw || !r.Secrets.Find(run) {
			return run
		}
		return r.otp(run)
	}))
}

var digitsInRow = regexp.MustCompile(`[0-9]+`)

// ofPhone returns the shell text of a number that is the phone, or as many of its first or last digits as the OTP has, without
// leading zeros; "": it is another number.
func (r Recorder) ofPhone(raw string) string {
	phone := r.Own.Phone
	n := min(len(r.Own.OTP), len(phone))
	for _, part := range [][2]int{{0, n}, {len(phone) - n, len(phone)}, {0, len(phone)}} {
		if digits := phone[part[0]:part[1]]; digits != "" && strings.TrimLeft(digits, "0") == raw {
			if part[1] == len(phone) {
				part[1] = 0 // to its end
			}
			return number(curl.Slice("PHONE", part[0], part[1]))
		}
	}
	return ""
}

// number returns the shell text of digits as a number, which has no leading zeros.
func number(digits string) string {
	return curl.Expression("$(echo " + digits + ` | sed 's/^0*\(.\)/\1/')`)
}

// maxNumber is how many characters a number made from an OTP may have: a longer one takes long to parse.
const maxNumber = 64

// digits returns the expression of a number by how its digits differ from those of a value: two were swapped, or some were
// raised.
func digits(typed string, k named) string {
	at := changed(typed, k.value)
	swapped := len(at) == 2 && typed[at[0]] == k.value[at[1]] && typed[at[1]] == k.value[at[0]]
	var b strings.Builder
	done := 0
	for n, i := range at {
		if i > done {
			b.WriteString(curl.Slice(k.variable, done, i))
		}
		digit := curl.Slice(k.variable, i, i+1)
		switch by := int(typed[i]) - int(k.value[i]); {
		case swapped:
			b.WriteString(curl.Slice(k.variable, at[1-n], at[1-n]+1))
		case i == 0 && typed[i] != '0' && k.value[i] != '0': // no number begins with a zero
			fmt.Fprintf(&b, "$(( (%s + %d) %% 9 + 1 ))", digit, (by+17)%9)
		default:
			fmt.Fprintf(&b, "$(( (%s + %d) %% 10 ))", digit, (by+10)%10)
		}
		done = i + 1
	}
	if done < len(typed) {
		b.WriteString(curl.Slice(k.variable, done, 0))
	}
	return b.String()
}
