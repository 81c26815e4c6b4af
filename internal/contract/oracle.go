package contract

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

// wrongParts returns which of token, phone, countryCode and otp are not right. Where the documentation is silent about a
// spelling, the request has the benefit of the doubt: a provider may clean a phone more thoroughly than of spaces, may
// take a phone or a country code out of a list, may take an OTP in quotation marks, and may read either of two members
// with the same key.
func wrongParts(r exchange.Request, body parsedBody, v providerstate.Values) []string {
	var wrong []string
	check := func(part string, right bool) {
		if !right {
			wrong = append(wrong, part)
		}
	}
	any := func(part string, right func(jsontext.Value) bool) {
		check(part, slices.ContainsFunc(body.called(part), right))
	}
	check("token", carries(r, v.Token))
	any("phone", func(value jsontext.Value) bool { return rightPhone(element(value), v) })
	any("countryCode", func(value jsontext.Value) bool { return rightCode(element(value), v.CountryCode) })
	any("otp", func(value jsontext.Value) bool { return v.OTP != "" && rightOTP(value, v.OTP) })
	return wrong
}

// carries reports whether the token is in the request, whatever the scheme before it is.
func carries(r exchange.Request, token string) bool {
	return slices.ContainsFunc(r.Header["Authorization"], func(value string) bool {
		return slices.Contains(strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t\",", c) }), token)
	})
}

// rightPhone compares digits alone, with or without the country code and leading zeros.
func rightPhone(value jsontext.Value, v providerstate.Values) bool {
	phone, ok := scalar(value)
	if !ok {
		return false
	}
	if value.Kind() == '0' {
		if n, err := strconv.ParseFloat(phone, 64); err == nil {
			phone = strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	if strings.ReplaceAll(phone, " ", "") == v.Phone {
		return true
	}
	significant := func(phone string) string { return strings.TrimLeft(digits(phone), "0") }
	own, code := significant(v.Phone), strings.TrimLeft(digits(v.CountryCode), "0")
	for _, typed := range []string{significant(phone), significant(ascii(phone))} {
		if own != "" && (typed == own || typed == code+digits(v.Phone) || typed == code+own) {
			return true
		}
	}
	return false
}

// ascii returns the text's characters of one byte: some take what else looks like a digit for punctuation.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, text)
}

// digits returns the digits of a text, those of other scripts as ours.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r = digit(r); r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// digit returns what a decimal digit of any script stands for, another character as it is. Unicode has digits in runs of
// ten that begin with zero.
func digit(r rune) rune {
	if r <= unicode.MaxASCII || !unicode.Is(unicode.Nd, r) {
		return r
	}
	n := rune(0)
	for unicode.Is(unicode.Nd, r-1-n) {
		n++
	}
	return '0' + n%10
}

// rightCode compares without white space, and digits of any script. A line break is another matter: what has one is not
// of the documented form, whatever stands on its lines.
func rightCode(value jsontext.Value, code string) bool {
	typed, ok := scalar(value)
	if value.Kind() == '0' {
		return typed == digits(code)
	}
	return ok && code == strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) && !strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) {
			return -1
		}
		return digit(r)
	}, typed)
}

// rightOTP compares as most JSON decoders can: in double precision. A text is what a loose conversion makes of it:
// whether a string is taken at all is not documented.
func rightOTP(value jsontext.Value, otp string) bool {
	typed, ok := scalar(value)
	if !ok {
		return false
	}
	if value.Kind() == '"' {
		typed = strings.Map(digit, strings.TrimSpace(typed))
	}
	if typed == otp {
		return true
	}
	a, err := strconv.ParseFloat(typed, 64)
	b, _ := strconv.ParseFloat(otp, 64)
	return err == nil && a == b
}
