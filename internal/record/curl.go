package record

import (
	"bytes"
	"fmt"
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

// Repeater spells commands that make a call again. The state that the call was made with is spent: what is of it is
// one of the variables that `verifik-contract state` prints for a fresh one, and so is what must not be shown.
type Repeater struct {
	Secrets    *secret.Set
	Way        curl.Way
	Own, Other providerstate.Values // Other: of another app registration, in variables that begin with OTHER_
}

// command spells a call. keep is what redaction leaves: what the request itself sent openly.
func (r Repeater) command(e exchange.Exchange, keep []string) string {
	call := curl.Call{
		Method: e.Request.Method, URL: r.url(e.Request.URL, keep), Header: map[string][]string{},
		Body: r.body(e.Request.Body), Compressed: e.Answer != nil && e.Answer.Header.Get("Content-Encoding") != "", Way: r.Way,
	}
	for name, values := range e.Request.Header {
		for _, v := range values {
			call.Header[r.hide(name, keep)] = append(call.Header[r.hide(name, keep)], r.header(name, v, keep))
		}
	}
	call.Way.Proxy = r.whole("PROXY", call.Way.Proxy)
	return call.Command()
}

// url spells the address; that of a read-back names records of the state.
func (r Repeater) url(text string, keep []string) string {
	text = r.hide(text, keep)
	for _, id := range []named{
		{r.Own.ValidationID, "VALIDATION_ID"}, {r.Own.AppRegistrationID, "APP_REGISTRATION_ID"},
		{r.Other.ValidationID, "OTHER_VALIDATION_ID"}, {r.Other.AppRegistrationID, "OTHER_APP_REGISTRATION_ID"},
	} {
		if id.value != "" {
			text = strings.ReplaceAll(text, "/"+id.value, "/"+curl.Expression("$"+id.variable))
		}
	}
	return text
}

// hide puts a variable in the place of a secret that nothing else has a name for.
func (r Repeater) hide(text string, keep []string) string {
	return strings.ReplaceAll(r.Secrets.Redact(text, keep...), secret.Redacted, curl.Expression("$SECRET"))
}

// whole returns a text, or the variable that stands for all of it because there is a secret in it.
func (r Repeater) whole(variable, text string) string {
	if r.Secrets.Redact(text) != text {
		return curl.Expression("$" + variable)
	}
	return text
}

func (r Repeater) header(name, value string, keep []string) string {
	if !secretHeader(name) {
		if r.Secrets.Redact(value, keep...) != value {
			return curl.Expression("$" + curl.Variable(name))
		}
		return value
	}
	scheme, credential, found := strings.Cut(value, " ")
	switch {
	case found && scheme == "Bearer":
		return "Bearer " + curl.Expression(r.token(credential))
	case found && scheme == "Basic":
		return "Basic " + curl.Expression("$CREDENTIALS")
	}
	return curl.Expression("$" + curl.Variable(name))
}

// token spells a token by how it was made of one of a state.
func (r Repeater) token(text string) string {
	for _, known := range []named{{r.Own.Token, "TOKEN"}, {r.Other.Token, "OTHER_TOKEN"}} {
		switch at := oneChanged(text, known.value); {
		case known.value == "":
		case text == known.value:
			return "$" + known.variable
		case strings.HasPrefix(known.value, text):
			return fmt.Sprintf("${%s:0:%d}", known.variable, len(text))
		case at >= 0:
			return fmt.Sprintf("${%[1]s:0:%[2]d}%[3]c${%[1]s:%[4]d}", known.variable, at, text[at], at+1)
		}
	}
	return r.parts(text)
}

// parts spells a JWT of which a part is that of the state's own token.
func (r Repeater) parts(text string) string {
	parts, own := strings.Split(text, "."), strings.Split(r.Own.Token, ".")
	same := false
	for i, part := range parts {
		switch {
		case len(parts) != len(own) || strings.Trim(part, base64URL) != "":
			return "$UNKNOWN_TOKEN"
		case part == own[i] && part != "" && i == 1: // what a token says; many begin alike
			same, parts[i] = true, `$(cut -d. -f2 <<<"$TOKEN")`
		case i == 2 && part != "": // a signature of whatever key tells who signed what
			return "$UNKNOWN_TOKEN"
		}
	}
	if !same {
		return "$UNKNOWN_TOKEN"
	}
	return strings.Join(parts, ".")
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// oneChanged returns the place of the one byte in which two texts of the same length differ; -1: they do not differ so.
func oneChanged(a, b string) int {
	if len(a) != len(b) {
		return -1
	}
	at := -1
	for i := range len(a) {
		if a[i] == b[i] {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// body spells a body: its members by what of the state they are, anything else with variables for what is secret.
func (r Repeater) body(body []byte) string {
	var b strings.Builder
	done := 0
	decoder := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if decoder.PeekKind() == '{' {
		if _, err := decoder.ReadToken(); err != nil {
			return r.odd(string(body))
		}
		for decoder.PeekKind() == '"' {
			key, err := decoder.ReadToken()
			if err != nil {
				break
			}
			name := key.String()
			value, err := decoder.ReadValue()
			if err != nil {
				break
			}
			end := int(decoder.InputOffset())
			b.WriteString(r.odd(string(body[done : end-len(value)])))
			b.WriteString(r.member(name, string(value)))
			done = end
		}
	}
	b.WriteString(r.odd(string(body[done:])))
	return b.String()
}

// odd spells what is no member of a request.
func (r Repeater) odd(text string) string {
	for _, known := range r.otps() {
		text = strings.ReplaceAll(text, known.value, curl.Expression("$"+known.variable))
	}
	return r.hide(text, nil)
}

type named struct{ value, variable string }

// otps returns the OTPs that the states yield.
func (r Repeater) otps() []named {
	var all []named
	for _, k := range []named{{r.Own.OTP, "OTP"}, {r.Own.WrongOTP, "WRONG_OTP"}, {r.Other.OTP, "OTHER_OTP"}} {
		if k.value != "" {
			all = append(all, k)
		}
	}
	return all
}

// member spells the value of one of the request's members, a JSON text.
func (r Repeater) member(name, raw string) string {
	switch name {
	case "phone":
		for _, k := range []named{{r.Own.Phone, "PHONE"}, {r.Other.Phone, "OTHER_PHONE"}} {
			if spelt, ok := within(raw, k); ok {
				return spelt
			}
		}
	case "countryCode":
		for _, k := range []named{{r.Own.CountryCode, "COUNTRY_CODE"}, {r.Other.CountryCode, "OTHER_COUNTRY_CODE"}} {
			if k.value != "" && raw == strconv.Quote(k.value) {
				return `"` + curl.Expression("$"+k.variable) + `"`
			}
		}
	case "otp":
		return r.otp(raw)
	}
	return r.odd(raw)
}

// within spells a text in which all of a value stands in order, whatever stands between.
func within(text string, k named) (string, bool) {
	if k.value == "" {
		return "", false
	}
	if strings.Contains(text, k.value) {
		return strings.Replace(text, k.value, curl.Expression("$"+k.variable), 1), true
	}
	var b strings.Builder
	used := 0
	for i := 0; i < len(text); {
		run := 0
		for i+run < len(text) && used+run < len(k.value) && text[i+run] == k.value[used+run] {
			run++
		}
		if run > 0 {
			b.WriteString(curl.Expression(fmt.Sprintf("${%s:%d:%d}", k.variable, used, run)))
			used, i = used+run, i+run
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String(), used == len(k.value)
}

// otp spells what stands in the place of the OTP. What was made of the right one is made of the next state's in the
// same way, and is as secret.
func (r Repeater) otp(raw string) string {
	for _, k := range r.otps() {
		if raw == k.value {
			return curl.Expression("$" + k.variable)
		}
	}
	right := r.Own.OTP
	typed, wrong := strconv.ParseInt(raw, 10, 64)
	own, none := strconv.ParseInt(right, 10, 64)
	switch {
	case right == "" || strings.Contains(raw, right):
		return r.odd(raw)
	case len(raw) > 2 && strings.HasPrefix(right, raw):
		return curl.Expression(fmt.Sprintf("${OTP:0:%d}", len(raw)))
	case len(raw) > 2 && strings.HasSuffix(right, raw):
		return curl.Expression(fmt.Sprintf("${OTP:%d}", len(right)-len(raw)))
	case wrong != nil || none != nil || !r.derived(raw):
		return r.odd(raw)
	case len(raw) == len(right):
		return curl.Expression(digits(raw, right))
	}
	return curl.Expression(fmt.Sprintf("$((10#$OTP%+d))", typed-own))
}

// derived reports whether a JSON text was made of the right OTP.
func (r Repeater) derived(raw string) bool {
	if r.Secrets.Redact(raw) != raw || slices.Contains(contract.WrongOTPs(r.Own.OTP), raw) {
		return true
	}
	for _, thing := range contract.NoOTPs() {
		made, err := thing.JSON(r.Own.OTP, r.Own.WrongOTP)
		if other, _ := thing.JSON("86420975", "97531086"); err == nil && made == raw && other != raw {
			return true
		}
	}
	return false
}

// digits spells an OTP by what was done to the digits of another one: two changed places, or each was moved on.
func digits(typed, right string) string {
	var at []int
	for i := range len(typed) {
		if typed[i] != right[i] {
			at = append(at, i)
		}
	}
	swapped := len(at) == 2 && typed[at[0]] == right[at[1]] && typed[at[1]] == right[at[0]]
	var b strings.Builder
	done := 0
	for n, i := range at {
		if i > done {
			fmt.Fprintf(&b, "${OTP:%d:%d}", done, i-done)
		}
		if swapped {
			fmt.Fprintf(&b, "${OTP:%d:1}", at[1-n])
		} else {
			fmt.Fprintf(&b, "$(((${OTP:%d:1}+%d)%%10))", i, (int(typed[i])-int(right[i])+10)%10)
		}
		done = i + 1
	}
	if done < len(right) {
		fmt.Fprintf(&b, "${OTP:%d}", done)
	}
	return b.String()
}
