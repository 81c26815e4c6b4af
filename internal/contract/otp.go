package contract

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/providerstate"
)

// Wrong is a way in which an OTP of digits differs from the right one.
type Wrong struct {
	Words string                    // as the features word it
	made  func(right string) string // of a right OTP that is not empty; "" if it has no such other
}

// The words of the ways that code names.
const (
	FirstDigit  = "an OTP of which only the first digit is wrong"
	MiddleDigit = "an OTP of which only a middle digit is wrong"
	LastDigit   = "an OTP of which only the last digit is wrong"
	EveryDigit  = "an OTP of which every digit is wrong"
)

// Wrongs returns every way. Middle digits are changed by five: other ways already change digits by one, as a comparison with a
// tolerance would accept.
func Wrongs() []Wrong {
	return []Wrong{
		{FirstDigit, func(right string) string { return changed(right, 0, 1) }},
		{"an OTP of which only the second digit is wrong", func(right string) string { return changed(right, min(1, len(right)-1), 1) }},
		{"an OTP of which only the third digit is wrong", func(right string) string { return changed(right, min(2, len(right)-1), 1) }},
		{MiddleDigit, func(right string) string { return changed(right, len(right)/2, 5) }},
		{"an OTP of which only the other middle digit is wrong", func(right string) string { return changed(right, (len(right)-1)/2, 5) }},
		{"an OTP of which only the last digit but two is wrong", func(right string) string { return changed(right, max(len(right)-3, 0), 1) }},
		{"an OTP of which only the last digit but one is wrong", func(right string) string { return changed(right, max(len(right)-2, 0), 1) }},
		{LastDigit, func(right string) string { return changed(right, len(right)-1, 1) }},
		{EveryDigit, providerstate.WrongFor},
		{"an OTP that is one more than the right one", func(right string) string { return neighbourOf(right, 1) }},
		{"an OTP that is one less than the right one", func(right string) string { return neighbourOf(right, -1) }},
		{"an OTP of the right one's digits in another order", reordered},
		{"an OTP of the right one's digits backwards", func(right string) string {
			digits := []byte(right)
			slices.Reverse(digits)
			return otherThan(right, digits)
		}},
		{"an OTP of the right one's digits with the first at the end", func(right string) string { return otherThan(right, []byte(right[1:]+right[:1])) }},
	}
}

// WrongOTP returns an OTP that differs from the right one in one way and has no leading zero, which a JSON number cannot have.
// It returns "" if there is no right one, or no such other.
func WrongOTP(right, words string) string {
	for _, wrong := range Wrongs() {
		if wrong.Words == words && right != "" {
			return wrong.made(right)
		}
	}
	return ""
}

func changed(otp string, i int, by byte) string {
	digits := []byte(otp)
	digits[i] = '0' + (digits[i]-'0'+by)%10
	if i == 0 && digits[i] == '0' {
		digits[i] = '1'
	}
	return string(digits)
}

// neighbourOf returns the right OTP plus by; "" if that has another number of digits, and so may not be an OTP at all.
func neighbourOf(right string, by int64) string {
	if other := plus(right, by, 0); len(other) == len(right) {
		return other
	}
	return ""
}

// plus returns an OTP plus n times a power of two.
func plus(otp string, n int64, power uint) string {
	number, _ := new(big.Int).SetString(otp, 10)
	added := new(big.Int).Lsh(big.NewInt(n), power)
	return number.Add(number, added).String()
}

// reordered swaps two different digits, as close together as it can and then as near to the end; "" if it cannot.
func reordered(otp string) string {
	for apart := 1; apart < len(otp); apart++ {
		for i := len(otp) - 1; i >= apart; i-- {
			if j := i - apart; otp[i] != otp[j] && (j > 0 || otp[i] != '0') {
				digits := []byte(otp)
				digits[i], digits[j] = digits[j], digits[i]
				return string(digits)
			}
		}
	}
	return ""
}

// otherThan returns the digits without a leading zero, which it moves inwards. If that is the right OTP it returns that
// reordered.
func otherThan(right string, digits []byte) string {
	if first := bytes.IndexFunc(digits, func(r rune) bool { return r != '0' }); first > 0 {
		digits[0], digits[first] = digits[first], digits[0]
	}
	if string(digits) == right {
		return reordered(right)
	}
	return string(digits)
}

// MadeUpOTP is typed if there is no validation.
const MadeUpOTP = "246813"

// example is the OTP of the documentation's own example.
const example = "123456"

// NoOTP is something other than an OTP that a careless comparison might accept.
type NoOTP struct {
	Words string // as the features word it
	Form  string // its JSON, with placeholders for values of the state: see Filler
}

// NoOTPs returns every such thing.
func NoOTPs() []NoOTP {
	return []NoOTP{
		{"the right OTP without its last digit", `{otp without its last digit}`},
		{"the right OTP without its first digit", `{otp without its first digit}`},
		{"the right OTP and one digit more", `{otp}7`},
		{"the right OTP with a one before it", `1{zeros}{otp}`}, // of six digits: a million more
		{"the right OTP with a minus before it", `-{otp}`},
		{"the right OTP and a fraction", `{otp}.4`},
		{"a fraction less than the right OTP", `{otp - 1}.6`},
		{"the right OTP plus 2 to the 16th", `{otp + 2^16}`},
		{"the right OTP plus 2 to the 32nd", `{otp + 2^32}`},
		{"the right OTP plus 2 to the 64th", `{otp + 2^64}`},
		{"the right OTP within an object", `{"otp":{otp}}`},
		{"the right OTP twice", `{otp}{otp}`},
		{"the right OTP within a list", `[{otp}]`},
		{"the right OTP with letters behind it", `"{otp}abc"`},
		{"a wrong OTP as text", `"{otp, every digit wrong}"`},
		{"letters", `"abcdef"`},
		{"an empty text", `""`},
		{"zero", `0`},
		{"true", `true`},
		{"false", `false`},
		{"null", `null`},
		{"the word null as text", `"null"`},
		{"an empty list", `[]`},
		{"a query for any other value", `{"$ne":null}`},
		{"a query for any greater value", `{"$gt":0}`},
		{"a query for any smaller value", `{"$lt":1e15}`},
		{"a query for any value but some", `{"$nin":[]}`},
		{"a query for what another is not", `{"$not":{"$eq":0}}`},
		{"a pattern that fits any text", `".*"`},
		{"a wildcard that fits any text", `"%"`},
		{"a placeholder for each digit", `"{otp, each digit _}"`},
		{"a query whether there is a value", `{"$exists":true}`},
		{"a query by a pattern", `{"$regex":".*"}`},
		{"a text that ends a query", `"' OR '1'='1"`},
		{"an empty object", `{}`},
		{"one", `1`},
		{"minus one", `-1`},
		{"a blank text", `" "`},
		{"the digits from one to four", `1234`},
		{"a number beyond all", `1e400`},
		{"the right OTP and a thousandth", `{otp}.001`},
		{"the right OTP among others in a list", `[{otp, every digit wrong},{otp}]`},
		{"the right OTP as text in a list", `["{otp}"]`},
		{"the right OTP in a list within a list", `[[{otp}]]`},
		{"the right OTP as one of several lines", `"1\n{otp}\n1"`},
		{"zeros alone, as text", `"{otp, each digit 0}"`},
		{"ones alone", `{otp, each digit 1}`},
		{"nines alone", `{otp, each digit 9}`},
		{"digits that count down to one", `{otp, counting down}`},
		{"the first digits of the phone", `{first digits of the phone}`},
		{"the last digits of the phone", `{last digits of the phone}`},
		{"the whole phone", `{phone as a number}`},
		{"the OTP of the documentation's example", example},
	}
}

// Reveals reports whether it tells more of a right OTP than how many digits that has.
func (n NoOTP) Reveals() bool {
	made := func(right string) string { return Filler(providerstate.Values{OTP: right}).Replace(n.Form) }
	return made("444444") != made("777777")
}

// JSON returns it for a right OTP and its phone; "" if that would be the right OTP itself.
func (n NoOTP) JSON(right, phone string) string {
	text := Filler(providerstate.Values{OTP: right, Phone: phone}).Replace(n.Form)
	if text == right {
		return ""
	}
	return text
}

// Filler returns a replacer of the placeholders in a JSON text by a state's values and what is made of them. Without an OTP it
// uses 0.
func Filler(v providerstate.Values) *strings.Replacer {
	otp, phone, code := cmp.Or(v.OTP, "0"), digits(v.Phone), strings.TrimPrefix(v.CountryCode, "+")
	size := len(otp)
	part := min(size, len(phone))
	exact, _ := new(big.Float).SetString(otp)
	scientific := fmt.Sprintf("%.*e", size-1, exact)
	return strings.NewReplacer(
		"{phone}", jsonEscaped(v.Phone), "{phone in escapes}", character.ReplaceAllString(v.Phone, `\u003$0`), "{phone as a number}", number(phone),
		"{phone without its last digit}", jsonEscaped(v.Phone[:max(len(v.Phone)-1, 0)]),
		"{first digits of the phone}", number(phone[:part]), "{last digits of the phone}", number(phone[len(phone)-part:]),
		"{countryCode}", jsonEscaped(v.CountryCode), "{countryCode without its plus}", jsonEscaped(code), "{countryCode as a number}", number(code),
		"{project}", jsonEscaped(v.Project), "{projectFlow}", jsonEscaped(v.ProjectFlow), "{phoneGateway}", jsonEscaped(v.PhoneGateway),
		"{otp}", otp, "{otp without its last digit}", number(otp[:size-1]), "{otp without its first digit}", number(otp[1:]),
		"{zeros}", strings.Repeat("0", max(6-size, 0)),
		"{otp - 1}", plus(otp, -1, 0), "{otp + 2^16}", plus(otp, 1, 16), "{otp + 2^31}", plus(otp, 1, 31),
		"{otp + 2^32}", plus(otp, 1, 32), "{otp + 2^53}", plus(otp, 1, 53), "{otp + 2^64}", plus(otp, 1, 64),
		"{otp as 1.2e+05}", scientific, "{otp as 1.2E+05}", strings.ToUpper(scientific), "{otp, counting down}", countdown(size),
		"{otp, each digit _}", strings.Repeat("_", size), "{otp, each digit 0}", strings.Repeat("0", size),
		"{otp, each digit 1}", strings.Repeat("1", size), "{otp, each digit 9}", strings.Repeat("9", size),
		"{otp, first digit wrong}", WrongOTP(otp, FirstDigit), "{otp, middle digit wrong}", WrongOTP(otp, MiddleDigit),
		"{otp, last digit wrong}", WrongOTP(otp, LastDigit), "{otp, every digit wrong}", WrongOTP(otp, EveryDigit),
	)
}

// character is any character. Behind \u003 a digit is its own escape.
var character = regexp.MustCompile(`.`)

// jsonEscaped returns a text as it stands between the quotation marks of a JSON string.
func jsonEscaped(text string) string {
	text = quote(text)
	return text[1 : len(text)-1]
}

// countdown returns n digits that count down to one: 654321.
func countdown(n int) string {
	digits := strings.Repeat("987654321", 1+n/9)
	return digits[len(digits)-n:]
}

// number writes digits as a JSON number.
func number(digits string) string { return cmp.Or(strings.TrimLeft(digits, "0"), "0") }
