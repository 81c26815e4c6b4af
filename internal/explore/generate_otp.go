package explore

import (
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
		spelt("otp", "a list of the right OTP", "[{otp}]"),
		spelt("otp", "the right OTP with a minus", "-{otp}"),
		spelt("otp", "the right OTP and a half", "{otp}.5"),
		constant("otp", "0"),
		constant("otp", `{"$ne":null}`),
	}
}

// rightNumbers returns other spellings of the same number.
func rightNumbers() []change {
	return []change{
		spelt("otp", "the right OTP with .0", "{otp}.0"),
		secretly("the right OTP with an exponent", scientific("e")),
		spelt("otp", "the right OTP with e0", "{otp}e0"),
		spelt("otp", "the right OTP times ten with e-1", "{otp}0e-1"),
		secretly("the right OTP with an exponent", scientific("E+")),
		spelt("otp", "the right OTP with many zeros behind the point", "{otp}."+strings.Repeat("0", 40)),
		spelt("otp", "the right OTP with 00e-2", "{otp}00e-2"),
		spelt("otp", "the right OTP with E-0", "{otp}.000E-0"),
	}
}

// wrongNumbers returns other numbers, such as a cut, a wrap or a sign that is lost would make right.
func wrongNumbers() []change {
	return append([]change{
		constant("otp", "1e400"),
		spelt("otp", "the right OTP with a fraction of nines", "{otp}.999"),
		constant("otp", "-0"),
		secretly("the right OTP plus 2^16", plus("65536")),
		secretly("the right OTP plus 2^31", plus("2147483648")),
		secretly("the right OTP plus 2^32", plus("4294967296")),
		secretly("the right OTP plus 2^53", plus("9007199254740992")),
		secretly("the right OTP plus 2^64", plus("18446744073709551616")),
		spelt("otp", "the right OTP with a small fraction", "{otp}.001"),
		spelt("otp", "the right OTP with a further digit", "{otp}0"),
		spelt("otp", "the right OTP with a digit before it", "1{otp}"),
		secretly("the right OTP without its last digit", cutOff),
		spelt("otp", "the right OTP times ten with an exponent", "{otp}e1"),
		spelt("otp", "a tenth of the right OTP", "{otp}e-1"),
		secretly("a number of which only the last digit is wrong", wrongDigit(contract.LastDigit)),
		secretly("a number of which only the first digit is wrong", wrongDigit(contract.FirstDigit)),
		secretly("a number of which only a middle digit is wrong", wrongDigit(contract.MiddleDigit)),
		secretly("a number of which every digit is wrong", wrongDigit(contract.EveryDigit)),
		spelt("otp", "the right OTP with a huge exponent", "{otp}e999999999"),
		spelt("otp", "the right OTP with a tiny exponent", "{otp}e-999999999"),
	}, constants("otp", strings.Repeat("9", 300), "-1", "0.0", "1e-400", "0e5", "2147483648", "9223372036854775808", "1", "-1e400")...)
}

func secretly(words string, s spelling) change {
	return setting("otp", words, func(d *draft) string { return d.otp(s) })
}

// otpTexts returns strings that a loose conversion takes for the right OTP, or for anything.
func otpTexts() []change {
	return append([]change{
		spelt("otp", "the right OTP in quotation marks", `"{otp}"`),
		spelt("otp", "a text that begins with the right OTP", `"{otp}abc"`),
		spelt("otp", "the right OTP and spaces as a text", `" {otp} "`),
		spelt("otp", "the right OTP and a half as a text", `"{otp}.5"`),
		spelt("otp", "the right OTP with a minus as a text", `"-{otp}"`),
		spelt("otp", "a text of two right OTPs", `"{otp} 1"`),
	}, constants("otp", `""`, `"0"`, `"' OR '1'='1"`, `"NaN"`, `"*"`, `".*"`)...)
}

// otpLists returns lists and objects that hold the right OTP.
func otpLists() []change {
	return []change{
		constant("otp", `{"$ne":0}`),
		spelt("otp", "a list of the right OTP and another", "[{otp},1]"),
		spelt("otp", "a list of another OTP and the right one", "[1,{otp}]"),
		spelt("otp", "an object that holds the right OTP", `{"$eq":{otp}}`),
		constant("otp", `{"$gt":0}`),
		spelt("otp", "a list of the right OTP in a list", "[[{otp}]]"),
		spelt("otp", "an object that holds the right OTP", `{"otp":{otp}}`),
		constant("otp", `{"$exists":true}`),
	}
}

func oddOTP(c *choices) change {
	text := oddText(c)
	return setting("otp", "odd text", func(*draft) string { return `"` + text + `"` })
}
