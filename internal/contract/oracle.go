package contract

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
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
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }), "")
}

// digit converts a decimal digit of any script to ASCII and returns another character as it is. Unicode has digits in runs
// of ten that begin with zero.
func digit(r rune) rune {
	if !unicode.IsDigit(r) {
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

// otp returns the digits that were typed as the OTP; "" if there are none.
func (r *reading) otp() string {
	for _, p := range r.membersNamed("otp") {
		if typed, ok := scalar(p.value); ok && strings.Trim(typed, "0123456789") == "" {
			return typed
		}
	}
	return ""
}

// rightOTP compares in double precision, as most JSON decoders do. A string is converted leniently: whether a provider accepts
// one is not documented.
func rightOTP(value any, otp string) bool {
	typed, ok := scalar(value)
	if !ok {
		return false
	}
	typed = strings.Map(digit, strings.TrimSpace(typed))
	if typed == otp {
		return true
	}
	a, err := strconv.ParseFloat(typed, 64)
	b, _ := strconv.ParseFloat(otp, 64)
	return err == nil && a == b
}
