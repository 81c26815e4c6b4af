package explore

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"verifik-contract/internal/contract"
)

// otpChanges spells the right OTP otherwise, or puts something near it in its place.
func otpChanges() maker {
	classic, numbers := pick(classicOTPs()...), pick(wrongNumbers()...)
	return oneOf(classic, pick(constants("otp", otherTypes()...)...), classic, pick(rightNumbers()...), classic, numbers, pick(otpTexts()...), classic,
		pick(otpLists()...), classic, oddOTP, numbers, classic, numbers, numbers, classic)
}

// classicOTPs returns what loose comparisons, decoders and queries are known to take for the right OTP.
func classicOTPs() []change {
	return []change{
		constant("otp", "null"),
		secretly("the right OTP plus 2^32", plus("4294967296")),
		constant("otp", "true"),
		templated("a list of the right OTP", "[{otp}]"),
		templated("the right OTP with a minus", "-{otp}"),
		templated("the right OTP and a half", "{otp}.5"),
		constant("otp", "0"),
		constant("otp", `{"$ne":null}`),
	}
}

// rightNumbers returns other spellings of the same number.
func rightNumbers() []change {
	return []change{
		templated("the right OTP with .0", "{otp}.0"),
		secretly("the right OTP with an exponent", scientific),
		templated("the right OTP with e0", "{otp}e0"),
		templated("the right OTP times ten with e-1", "{otp}0e-1"),
		secretly("the right OTP with an exponent", func(otp string) string { return strings.ToUpper(scientific(otp)) }),
		templated("the right OTP with many zeros behind the point", "{otp}."+strings.Repeat("0", 40)),
		templated("the right OTP with 00e-2", "{otp}00e-2"),
		templated("the right OTP with E-0", "{otp}.000E-0"),
	}
}

// wrongNumbers returns other numbers, such as a cut, a wrap or a sign that is lost would make right.
func wrongNumbers() []change {
	return append([]change{
		constant("otp", "1e400"),
		templated("the right OTP with a fraction of nines", "{otp}.999"),
		constant("otp", "-0"),
		secretly("the right OTP plus 2^16", plus("65536")),
		secretly("the right OTP plus 2^31", plus("2147483648")),
		secretly("the right OTP plus 2^32", plus("4294967296")),
		secretly("the right OTP plus 2^53", plus("9007199254740992")),
		secretly("the right OTP plus 2^64", plus("18446744073709551616")),
		templated("the right OTP with a small fraction", "{otp}.001"),
		templated("the right OTP with a further digit", "{otp}0"),
		templated("the right OTP with a digit before it", "1{otp}"),
		secretly("the right OTP without its last digit", cutOff),
		templated("the right OTP times ten with an exponent", "{otp}e1"),
		templated("a tenth of the right OTP", "{otp}e-1"),
		secretly("a number of which only the last digit is wrong", wrongDigit(contract.LastDigit)),
		secretly("a number of which only the first digit is wrong", wrongDigit(contract.FirstDigit)),
		secretly("a number of which only a middle digit is wrong", wrongDigit(contract.MiddleDigit)),
		secretly("a number of which every digit is wrong", wrongDigit(contract.EveryDigit)),
		templated("the right OTP with a huge exponent", "{otp}e999999999"),
		templated("the right OTP with a tiny exponent", "{otp}e-999999999"),
	}, constants("otp", strings.Repeat("9", 300), "-1", "0.0", "1e-400", "0e5", "2147483648", "9223372036854775808", "1", "-1e400")...)
}

// typedNumber is what may be an OTP in what is typed.
var typedNumber = regexp.MustCompile(`[0-9]{4,}`)

// secretly returns a change of the OTP to a JSON text that is made of the right one.
func secretly(words string, spell func(otp string) string) change {
	return setting("otp", words, func(d *draft) string {
		text, other := spell(d.values.OTP), spell(wrongDigit(contract.EveryDigit)(d.values.OTP))
		for _, made := range append(typedNumber.FindAllString(text, -1), text) {
			if !strings.Contains(other, made) { // else it is the same of every OTP
				d.derived = append(d.derived, made)
			}
		}
		return text
	})
}

// templated returns a change of the OTP to a JSON text in which {otp} stands for the right one.
func templated(words, template string) change {
	return secretly(words, func(otp string) string { return strings.ReplaceAll(template, "{otp}", otp) })
}

// plus adds a whole number to an OTP; the sum need not fit into 64 bits.
func plus(n string) func(otp string) string {
	return func(otp string) string {
		a, _ := new(big.Int).SetString(otp, 10)
		b, _ := new(big.Int).SetString(n, 10)
		return a.Add(a, b).String()
	}
}

// scientific spells an OTP as the formatters of numbers do: 1.35791e+05.
func scientific(otp string) string {
	number, _ := new(big.Float).SetString(otp)
	return fmt.Sprintf("%.*e", len(otp)-1, number)
}

func cutOff(otp string) string { return otp[:max(1, len(otp)-1)] }

func wrongDigit(way contract.Wrong) func(otp string) string {
	return func(otp string) string {
		wrong, _ := contract.WrongOTP(otp, way) // an OTP that is empty, or a way that nobody knows, is none of ours
		return wrong
	}
}

// otpTexts returns strings that a loose conversion takes for the right OTP, or for anything.
func otpTexts() []change {
	return append([]change{
		templated("the right OTP in quotation marks", `"{otp}"`),
		templated("a text that begins with the right OTP", `"{otp}abc"`),
		templated("the right OTP and spaces as a text", `" {otp} "`),
		templated("the right OTP and a half as a text", `"{otp}.5"`),
		templated("the right OTP with a minus as a text", `"-{otp}"`),
		templated("a text of two right OTPs", `"{otp} 1"`),
	}, constants("otp", `""`, `"0"`, `"' OR '1'='1"`, `"NaN"`, `"*"`, `".*"`)...)
}

// otpLists returns lists and objects that hold the right OTP.
func otpLists() []change {
	return []change{
		constant("otp", `{"$ne":0}`),
		templated("a list of the right OTP and another", "[{otp},1]"),
		templated("a list of another OTP and the right one", "[1,{otp}]"),
		templated("an object that holds the right OTP", `{"$eq":{otp}}`),
		constant("otp", `{"$gt":0}`),
		templated("a list of the right OTP in a list", "[[{otp}]]"),
		templated("an object that holds the right OTP", `{"otp":{otp}}`),
		constant("otp", `{"$exists":true}`),
	}
}

func oddOTP(c *choices) change {
	text := oddText(c)
	return setting("otp", "odd text", func(*draft) string { return `"` + text + `"` })
}
