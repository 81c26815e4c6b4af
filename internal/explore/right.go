package explore

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

// wrongParts is which of token, phone, countryCode and otp are not right. Where the documentation is silent about a
// spelling, the request has the benefit of the doubt: a provider may clean a phone more thoroughly than of spaces, may
// take a phone or a country code out of a list, may take an OTP in quotation marks, and may read either of two members
// with the same key.
func wrongParts(r exchange.Request, u understood, v providerstate.Values) []string {
	var wrong []string
	check := func(part string, right bool) {
		if !right {
			wrong = append(wrong, part)
		}
	}
	check("token", carries(r, v.Token))
	check("phone", slices.ContainsFunc(u.called("phone"), func(value jsontext.Value) bool { return rightPhoneValue(value, v) }))
	check("countryCode", slices.ContainsFunc(u.called("countryCode"), func(value jsontext.Value) bool { return rightCode(value, v.CountryCode) }))
	check("otp", v.OTP != "" && slices.ContainsFunc(u.called("otp"), func(value jsontext.Value) bool { return rightNumber(value, v.OTP) }))
	return wrong
}

// carries tells whether the token is in the request, whatever the scheme before it is.
func carries(r exchange.Request, token string) bool {
	for _, value := range r.Header["Authorization"] {
		words := strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == '\t' || c == '"' || c == ',' })
		if slices.Contains(words, token) {
			return true
		}
	}
	return false
}

// scalar is a text's or a number's characters: which of the two it must be is not documented for those who take both.
func scalar(value jsontext.Value) (string, bool) {
	if value.Kind() == '0' {
		return string(value), true
	}
	return said(value)
}

func rightPhoneValue(value jsontext.Value, v providerstate.Values) bool {
	value = element(value)
	phone, ok := scalar(value)
	if n, err := strconv.ParseFloat(phone, 64); ok && err == nil && value.Kind() == '0' {
		phone = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return ok && rightPhone(phone, v)
}

// rightPhone compares digits alone, with or without the country code and leading zeros.
func rightPhone(phone string, v providerstate.Values) bool {
	if strings.ReplaceAll(phone, " ", "") == v.Phone {
		return true
	}
	own, code := significant(v.Phone), strings.TrimLeft(digits(v.CountryCode), "0")
	for _, typed := range []string{significant(phone), significant(ascii(phone))} {
		if own != "" && (typed == own || typed == code+digits(v.Phone) || typed == code+own) {
			return true
		}
	}
	return false
}

// ascii is the text's characters of one byte: some take what else looks like a digit for punctuation.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, text)
}

func significant(phone string) string { return strings.TrimLeft(digits(phone), "0") }

// digits is the digits of a text, those of other scripts as ours.
func digits(text string) string {
	var b strings.Builder
	for _, r := range text {
		if d, ok := digit(r); ok {
			b.WriteByte(d)
		}
	}
	return b.String()
}

// digit is what a decimal digit of any script stands for. Unicode has them in runs of ten that begin with zero.
func digit(r rune) (byte, bool) {
	if r <= unicode.MaxASCII {
		return byte(r), r >= '0' && r <= '9'
	}
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	n := 0
	for unicode.Is(unicode.Nd, r-1) {
		r--
		n++
	}
	return '0' + byte(n%10), true
}

// rightCode compares without white space, and digits of any script. A line break is another matter: what has one is not
// of the documented form, whatever stands on its lines.
func rightCode(value jsontext.Value, code string) bool {
	value = element(value)
	typed, ok := scalar(value)
	if !ok {
		return false
	}
	if value.Kind() == '0' {
		return typed == digits(code)
	}
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) && !strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) {
			return -1
		}
		if d, ok := digit(r); ok {
			return rune(d)
		}
		return r
	}, typed)
	return plain == code
}

// rightNumber compares as most JSON decoders can: in double precision. A text is what a loose conversion makes of
// it: whether a string is taken at all is not documented.
func rightNumber(value jsontext.Value, otp string) bool {
	typed, ok := scalar(value)
	if !ok {
		return false
	}
	if value.Kind() == '"' {
		typed = strings.Map(func(r rune) rune {
			if d, ok := digit(r); ok {
				return rune(d)
			}
			return r
		}, strings.TrimSpace(typed))
	}
	if typed == otp {
		return true
	}
	a, err := strconv.ParseFloat(typed, 64)
	b, _ := strconv.ParseFloat(otp, 64)
	return err == nil && a == b
}
