package reference

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// otpFaults break which OTP is the right one and what a wrong one is answered (PV-02), that it is a number (PV-09), and
// that nothing but the right one validates (PV-25).
func otpFaults() []Fault {
	return []Fault{
		broken("PV-02", "otp-not-compared", "Any OTP is accepted.", accepting(always)),
		broken("PV-02", "any-otp-of-that-length-accepted", "Any OTP with as many digits is accepted.", acceptingOnly(digits(func(typed, right string) bool { return len(typed) == len(right) }))),
		broken("PV-02", "only-first-digits-compared", "Only the first four digits are compared.", acceptingOnly(integers(func(typed, right int) bool { return typed/100 == right/100 }))),
		broken("PV-02", "only-last-digits-compared", "Only the last five digits are compared.", acceptingOnly(integers(func(typed, right int) bool { return typed%100_000 == right%100_000 }))),
		broken("PV-02", "otp-second-digit-not-compared", "The second digit is not compared.", accepting(digitsExcept(1))),
		broken("PV-02", "otp-third-digit-not-compared", "The third digit is not compared.", accepting(digitsExcept(2))),
		broken("PV-02", "otp-fourth-digit-not-compared", "The fourth digit is not compared.", accepting(digitsExcept(3))),
		broken("PV-02", "otp-fifth-digit-not-compared", "The fifth digit is not compared.", accepting(digitsExcept(4))),
		broken("PV-02", "otp-last-digit-not-compared", "A loop ends one digit too early.", accepting(digitsExcept(5))),
		broken("PV-02", "otp-off-by-one-accepted", "A tolerance for rounding accepts the neighbours of the right OTP.",
			accepting(integers(func(typed, right int) bool { return typed == right-1 || typed == right+1 }))),
		broken("PV-02", "otp-one-more-accepted", "The OTP is compared as below the next one but one.", accepting(integers(func(typed, right int) bool { return typed == right+1 }))),
		broken("PV-02", "otp-not-less-accepted", "Any OTP that is not less than the right one is accepted.", accepting(integers(func(typed, right int) bool { return typed >= right }))),
		broken("PV-02", "otp-digits-sorted", "The digits are compared without their order.", accepting(digits(func(typed, right string) bool { return slices.Equal(sortedDigits(typed), sortedDigits(right)) }))),
		broken("PV-02", "otp-sum-compared", "Only the sum of the digits is compared.", accepting(digits(func(typed, right string) bool { return digitSum(typed) == digitSum(right) }))),
		broken("PV-02", "otp-of-any-validation-accepted", "The OTP is looked for among all that are open.", accepting(otpOf(others))),
		broken("PV-02", "otp-neighbouring-digits-exchanged", "Two digits side by side may have changed places.", accepting(digits(neighboursExchanged))),
		broken("PV-02", "otp-backwards-accepted", "The OTP is accepted backwards.", drawing(func(otp string) bool { return !strings.HasSuffix(otp, "0") && backwards(otp) != otp }),
			accepting(digits(func(typed, right string) bool { return typed == backwards(right) }))),
		broken("PV-02", "otp-compared-as-a-ring", "The digits are compared as a ring, wherever it begins.", drawing(func(otp string) bool { return otp[1] != '0' }),
			accepting(digits(func(typed, right string) bool {
				return len(typed) == len(right) && strings.Contains(right+right, typed)
			}))),
		broken("PV-02", "wrong-otp-answers-200", "A wrong OTP is answered 200 with the error as body.", status(wrongOTP, 200)),
		broken("PV-02", "wrong-otp-answers-400", "A wrong OTP is answered 400.", status(wrongOTP, 400)),
		broken("PV-02", "wrong-otp-answers-401", "A wrong OTP is answered 401.", status(wrongOTP, 401)),
		broken("PV-02", "wrong-otp-answers-404", "A wrong OTP is answered 404: the OTP is part of the look-up.", mistaken(wrongOTP, notFound)),
		broken("PV-02", "wrong-otp-answers-409", "A wrong OTP is answered 409.", status(wrongOTP, 409)),
		broken("PV-02", "wrong-otp-answers-412", "A wrong OTP is answered as an expired one.", mistaken(wrongOTP, hasExpired)),
		ofField("PV-02", "wrong-otp-code-renamed", "The code is invalid_otp.", code(wrongOTP, "invalid_otp")),
		ofField("PV-02", "wrong-otp-code-capitalised", "The code is OTP_DOES_NOT_MATCH.", code(wrongOTP, "OTP_DOES_NOT_MATCH")),
		ofField("PV-02", "wrong-otp-code-holds-status", "The status stands before the code as well.", code(wrongOTP, "403:otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-lacks-status", "The message lacks 403: before the symbol.", message(wrongOTP, "otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-has-other-status", "The message says 404.", message(wrongOTP, "404:otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-has-space", "A space stands after the colon of the message.", message(wrongOTP, "403: otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-translated", "The message is a sentence in the user's language.", message(wrongOTP, "El código no coincide")),
		broken("PV-02", "wrong-otp-in-other-dialect", "Wrong OTPs speak the other envelope: the HTTP name in code, the symbol in message.", refusedWith(wrongOTP, 403, "Forbidden", "otp_does_not_match")),
		broken("PV-02", "errors-in-other-dialect", "403, 404 and 412 speak the other envelope: the HTTP name in code, the symbol in message.",
			refusedWith(wrongOTP, 403, "Forbidden", "otp_does_not_match"),
			refusedWith(notFound, 404, "NotFound", "phone_validation_not_found"),
			refusedWith(otherRegistration, 404, "NotFound", "phone_validation_not_found"),
			refusedWith(otherProject, 404, "NotFound", "phone_validation_not_found"),
			refusedWith(hasExpired, 412, "PreconditionFailed", "phoneValidation_has_expired")),
		broken("PV-02", "wrong-otp-accepted-for-codes-of-1-digit", "Under a country code of one digit the OTP is not compared: a flag of a trial was left on.", accepting(withCodeOf(1))),
		broken("PV-02", "wrong-otp-accepted-for-codes-of-2-digits", "Under a country code of two digits the OTP is not compared.", accepting(withCodeOf(2))),
		broken("PV-02", "wrong-otp-accepted-by-whatsapp", "An OTP that WhatsApp delivered is not compared.", accepting(sentBy("whatsapp"))),
		broken("PV-02", "wrong-otp-accepted-undelivered", "An OTP that nothing delivered is not compared.", accepting(sentBy("none"))),
		broken("PV-02", "wrong-otp-accepted-where-gateway-named", "A request that names the delivery method skips the comparison.", accepting(given("phoneGateway"))),
		broken("PV-02", "wrong-otp-accepted-where-project-named", "A request that names the project skips the comparison.", accepting(given("project"))),
		broken("PV-02", "wrong-otp-accepted-where-flow-named", "A request that names the project flow skips the comparison.", accepting(given("projectFlow"))),
		broken("PV-02", "wrong-otp-accepted-before-face-liveness", "Where the face is looked at next the OTP is not compared.", accepting(beforeLiveness)),
		broken("PV-02", "wrong-otp-accepted-where-phone-has-spaces", "A phone with spaces goes another way, on which the OTP is not compared.", accepting(sent("phone", " "))),
		broken("PV-02", "wrong-otp-accepted-where-flow-alone-named", "A request that names the project flow and no project skips the comparison.", accepting(given("projectFlow").and(not(given("project"))))),
		ofField("PV-02", "wrong-otp-translated-for-one-country", "Under +57 a wrong OTP is answered in the country's language.",
			body(answersTo(wrongOTP).and(sent("countryCode", `\+57"`)), "message", "El código no coincide")),

		broken("PV-09", "otp-number-counts-as-missing", "Only a string counts as an OTP.", reading(func(c *call) { c.request.otp = textOf(c.request.fields["otp"]) })),
		broken("PV-09", "otp-number-answers-400", "An OTP that is no string is answered 400.", examining(malformed, typedNumber)),
		broken("PV-09", "otp-number-never-equals-text", "A number is compared with the stored text and never equals it.", acceptingOnly(not(always))),
		broken("PV-09", "otp-held-in-16-bits", "The OTP sent is cut to 16 bits.", acceptingOnly(integers(func(typed, right int) bool { return typed == int(int16(right)) }))),
		broken("PV-09", "otp-lost-when-last-key", "A parser of its own loses the OTP where it is the last key.",
			reading(where(bodyLike(`"otp"\s*:[^,]*}\s*$`), func(c *call) { c.request.otp = "" }))),

		broken("PV-25", "any-otp-after-three-wrong", "A counter of attempts is looked at the wrong way round: after three wrong OTPs any is accepted.", accepting(attempted(3))),
		broken("PV-25", "any-otp-after-four-wrong", "After four wrong OTPs any is accepted.", accepting(attempted(4))),
		broken("PV-25", "any-otp-after-nine-wrong", "A list of ten attempts is full: after nine wrong OTPs the next is accepted.", accepting(attempted(9))),
		broken("PV-25", "any-otp-after-success", "A validation that is validated is answered as a success, whatever the OTP.",
			again(passed), accepting(func(c *call) bool { return c.validation.status == statusValidated })),
		broken("PV-25", "otp-prefix-accepted", "The right OTP has to begin with what is typed.", accepting(digits(func(typed, right string) bool { return strings.HasPrefix(right, typed) }))),
		broken("PV-25", "otp-suffix-accepted", "The right OTP has to end in what is typed.", accepting(digits(func(typed, right string) bool { return strings.HasSuffix(right, typed) }))),
		broken("PV-25", "otp-contained-accepted", "What is typed has to contain the right OTP.", accepting(written(`RIGHT`))),
		broken("PV-25", "otp-one-digit-more-accepted", "What is typed has to begin with the right OTP.", accepting(written(`^RIGHT\d+$`))),
		broken("PV-25", "otp-cut-to-six-digits", "The last six digits of what is typed are compared, as the remainder of a million.",
			accepting(integers(func(typed, right int) bool { return typed%1_000_000 == right }))),
		broken("PV-25", "otp-wraps-at-16-bits", "Both OTPs are compared in 16 bits: the right one plus 65536 is accepted.", accepting(integers(func(typed, right int) bool { return int16(typed) == int16(right) }))),
		broken("PV-25", "otp-wraps-at-32-bits", "The OTP is cut to 32 bits: the right one plus 4294967296 is accepted.", accepting(integers(func(typed, right int) bool { return int(int32(typed)) == right }))),
		broken("PV-25", "otp-wraps-at-64-bits", "The OTP is cut to 64 bits: the right one plus 18446744073709551616 is accepted.",
			accepting(func(c *call) bool { return c.request.otp == "18446744073"+strconv.Itoa(709551616+c.validation.otp) })),
		broken("PV-25", "otp-typed-twice-accepted", "The right OTP twice, one after the other, is accepted.", accepting(written(`^RIGHTRIGHT$`))),
		broken("PV-25", "otp-fraction-cut-off", "The OTP's fraction is cut off: the right one with any fraction is accepted.",
			accepting(digits(func(typed, right string) bool { return math.Trunc(parsed(typed)) == parsed(right) }))),
		broken("PV-25", "otp-sign-ignored", "The right OTP with a minus before it is accepted.", accepting(written(`^-RIGHT$`))),
		broken("PV-25", "otp-zero-accepted", "0 counts as the value of an OTP that is not set and is accepted.", accepting(digits(func(typed, _ string) bool { return parsed(typed) == 0 }))),
		broken("PV-25", "otp-null-accepted", "null is accepted as OTP.", takingValues(`^null$`)),
		broken("PV-25", "otp-true-accepted", "A loose comparison accepts true as OTP.", takingValues(`^true$`)),
		broken("PV-25", "otp-false-accepted", "What counts as false is not compared: false is accepted.", takingValues(`^false$`)),
		broken("PV-25", "otp-empty-text-accepted", "What counts as false is not compared: an empty text is accepted.", takingValues(`^""$`)),
		broken("PV-25", "otp-empty-list-accepted", "None of an empty list differs: it is accepted.", takingValues(`^\[\]$`)),
		broken("PV-25", "otp-object-accepted", "An object as OTP becomes an operator of the database's query and is accepted.", takingValues(`^\{`)),
		broken("PV-25", "otp-not-equal-query-accepted", "{\"$ne\": null} becomes an operator of the database's query.", takingValues(`^\{.*\$ne`)),
		broken("PV-25", "otp-greater-query-accepted", "{\"$gt\": 0} becomes an operator of the database's query; $ne is refused.", takingValues(`^\{.*\$gt`)),
		broken("PV-25", "otp-in-array-accepted", "The right OTP as the only one in an array is accepted, and refused where there are more.", takingValues(`^\[RIGHT\]$`)),
		broken("PV-25", "otp-in-object-accepted", "The right OTP is looked for in an object.", takingValues(`^\{"otp":RIGHT\b`)),
		broken("PV-25", "otp-text-read-up-to-letters", "A text is read as a number as far as that goes.", takingValues(`^"RIGHT\D`)),
		broken("PV-25", "otp-text-not-compared", "A text is never compared.", takingValues(`^"[^"]`)),
		broken("PV-25", "otp-no-number-accepted", "What is no number differs from none: letters are accepted.", takingValues(`^"\d*[^\d"]`)),
		broken("PV-25", "otp-of-the-example-accepted", "The OTP of the documentation's example is a master key.", accepting(written(`^123456$`))),
		broken("PV-25", "otp-rounded-up", "The OTP is rounded up to a whole number.", accepting(digits(func(typed, right string) bool { return math.Ceil(parsed(typed)) == parsed(right) }))),
		broken("PV-25", "otp-pattern-accepted", "A text is taken for a regular expression.", takingValues(`^"\.\*"$`)),
		broken("PV-25", "otp-wildcard-accepted", "A text is compared with LIKE.", takingValues(`^"%"$`)),
		broken("PV-25", "otp-placeholders-accepted", "A text is compared with LIKE, percent signs escaped.", takingValues(`^"_{6}"$`)),
		broken("PV-25", "otp-of-ones-accepted", "An OTP for tests, ones alone, was left in.", accepting(written(`^1{6}$`))),
		broken("PV-25", "otp-of-nines-accepted", "An OTP for tests, nines alone, was left in.", accepting(written(`^9{6}$`))),
		broken("PV-25", "otp-that-counts-down-accepted", "An OTP for tests, 654321, was left in.", accepting(written(`^654321$`))),
	}
}

// digitsExcept compares two OTPs without one of their digits.
func digitsExcept(i int) check {
	return digits(func(typed, right string) bool {
		return len(typed) == len(right) && i < len(right) && typed[:i]+typed[i+1:] == right[:i]+right[i+1:]
	})
}

// neighboursExchanged reports whether two digits side by side have changed places.
func neighboursExchanged(typed, right string) bool {
	for i := range len(right) - 1 {
		if typed == right[:i]+right[i+1:i+2]+right[i:i+1]+right[i+2:] {
			return true
		}
	}
	return false
}

func backwards(digits string) string {
	b := []byte(digits)
	slices.Reverse(b)
	return string(b)
}

func sortedDigits(digits string) []string { return slices.Sorted(strings.SplitSeq(digits, "")) }

func digitSum(digits string) int {
	sum := 0
	for _, d := range digits {
		sum += int(d - '0')
	}
	return sum
}
