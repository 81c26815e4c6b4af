package explore

import (
	"pgregory.net/rapid"
	"strings"

	"verifik-contract/internal/contract"
)

// otpChanges spells the right OTP otherwise, or puts something near it in its place.
func otpChanges() *rapid.Generator[change] {
	classic := classicChanges()
	return rapid.OneOf(classic, pick(constants("otp", otherTypes()...)...), classic, rightNumbers(), classic, wrongNumbers(), otpTexts(), classic,
		otpLists(), classic, otpOddText(), wrongNumbers(), classic, wrongNumbers(), wrongNumbers(), classic)
}

// classicChanges are what loose comparisons, decoders and queries are known to take for the right OTP.
func classicChanges() *rapid.Generator[change] {
	return pick(
		constant("otp", "null"),
		spelt("the right OTP plus 2^32", plus("4294967296")),
		constant("otp", "true"),
		aroundOTP("a list of the right OTP", "[", "]"),
		aroundOTP("the right OTP with a minus", "-", ""),
		aroundOTP("the right OTP and a half", "", ".5"),
		constant("otp", "0"),
		constant("otp", `{"$ne":null}`),
	)
}

// aroundOTP is the right OTP with something before and behind it.
func aroundOTP(words, before, behind string) change {
	return setting("otp", words, func(d *draft) string { return before + d.otp(rightOTP) + behind })
}

func spelt(words string, s spelling) change {
	return setting("otp", words, func(d *draft) string { return d.otp(s) })
}

// rightNumbers are other spellings of the same number.
func rightNumbers() *rapid.Generator[change] {
	return pick(
		aroundOTP("the right OTP with .0", "", ".0"),
		spelt("the right OTP with an exponent", scientific("e")),
		aroundOTP("the right OTP with e0", "", "e0"),
		aroundOTP("the right OTP times ten with e-1", "", "0e-1"),
		spelt("the right OTP with an exponent", scientific("E+")),
		aroundOTP("the right OTP with many zeros behind the point", "", "."+times("0", 40)),
		aroundOTP("the right OTP with 00e-2", "", "00e-2"),
		aroundOTP("the right OTP with E-0", "", ".000E-0"),
	)
}

// wrongNumbers are other numbers, such as a cut, a wrap or a sign that is lost would make right.
func wrongNumbers() *rapid.Generator[change] {
	return pick(
		constant("otp", "1e400"),
		aroundOTP("the right OTP with a fraction of nines", "", ".999"),
		constant("otp", "-0"),
		spelt("the right OTP plus 2^64", plus("18446744073709551616")),
		aroundOTP("the right OTP with a small fraction", "", ".001"),
		aroundOTP("the right OTP with a further digit", "", "0"),
		aroundOTP("the right OTP with a digit before it", "1", ""),
		spelt("the right OTP without its last digit", cutOff),
		spelt("the right OTP plus 2^16", plus("65536")),
		aroundOTP("the right OTP times ten with an exponent", "", "e1"),
		aroundOTP("a tenth of the right OTP", "", "e-1"),
		wrong(contract.LastDigit), wrong(contract.FirstDigit), wrong(contract.MiddleDigit), wrong(contract.EveryDigit),
		aroundOTP("the right OTP with a huge exponent", "", "e999999999"),
		aroundOTP("the right OTP with a tiny exponent", "", "e-999999999"),
		spelt("the right OTP plus 2^31", plus("2147483648")),
		spelt("the right OTP plus 2^53", plus("9007199254740992")),
		constant("otp", times("9", 300)), constant("otp", "-1"), constant("otp", "0.0"), constant("otp", "1e-400"), constant("otp", "0e5"),
		constant("otp", "2147483648"), constant("otp", "9223372036854775808"), constant("otp", "1"), constant("otp", "-1e400"),
	)
}

// wrong is an OTP that differs from the right one in some digits. It is a secret too: the right one can be worked out from it.
func wrong(way contract.Wrong) change {
	return setting("otp", "a number"+strings.TrimPrefix(string(way), "an OTP"), func(d *draft) string {
		otp, err := contract.WrongOTP(d.digits(), way)
		if err != nil {
			return "1"
		}
		return otp
	})
}

// otpTexts are strings.
func otpTexts() *rapid.Generator[change] {
	return pick(
		aroundOTP("the right OTP in quotation marks", `"`, `"`),
		aroundOTP("a text that begins with the right OTP", `"`, `abc"`),
		aroundOTP("the right OTP and spaces as a text", `" `, ` "`),
		aroundOTP("the right OTP and a half as a text", `"`, `.5"`),
		aroundOTP("the right OTP with a minus as a text", `"-`, `"`),
		aroundOTP("a text of two right OTPs", `"`, ` 1"`),
		constant("otp", `""`), constant("otp", `"0"`), constant("otp", `"' OR '1'='1"`), constant("otp", `"NaN"`), constant("otp", `"*"`), constant("otp", `".*"`),
	)
}

// otpLists are lists and objects that hold the right OTP.
func otpLists() *rapid.Generator[change] {
	return pick(
		constant("otp", `{"$ne":0}`),
		aroundOTP("a list of the right OTP and another", "[", ",1]"),
		aroundOTP("a list of another OTP and the right one", "[1,", "]"),
		aroundOTP("an object that holds the right OTP", `{"$eq":`, "}"),
		constant("otp", `{"$gt":0}`),
		aroundOTP("a list of the right OTP in a list", "[[", "]]"),
		aroundOTP("an object that holds the right OTP", `{"otp":`, "}"),
		constant("otp", `{"$exists":true}`),
	)
}

func otpOddText() *rapid.Generator[change] {
	return rapid.Map(oddText(), func(text string) change {
		return setting("otp", "odd text", func(*draft) string { return `"` + text + `"` })
	})
}
