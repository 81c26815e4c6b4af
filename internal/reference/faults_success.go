package reference

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
)

// successFaults break what the right OTP is answered: PV-01, PV-08 (spaces in the phone) and PV-15 (face liveness).
func successFaults() []Fault {
	const flag = "showFaceLivenessRecommendation"
	recommended := func(c *call) bool { return c.behaviour.recommends(c.validation.flow) }
	codeOfLength := func(digits int) change {
		return func(b *behaviour) { b.codeFits = b.codeFits.and(not(withCodeOf(digits))) }
	}
	return []Fault{
		broken("PV-01", "success-answers-201", "Success is answered 201, as if something was created.", answering(successes, 201)),
		broken("PV-01", "success-answers-202", "Success is answered 202, as if it was still to be done.", answering(successes, 202)),
		broken("PV-01", "success-answers-204", "Success is answered 204 without a body.", answering(successes, 204), writing(successes, func(c *call) { c.answer.mediaType, c.answer.bytes = "", nil })),
		broken("PV-01", "right-otp-refused", "The right OTP is answered as a wrong one.", acceptingOnly(not(always))),
		broken("PV-01", "expires-at-once", "Milliseconds are taken for seconds: every OTP has expired already.", func(b *behaviour) { b.expired = always }),
		ofField("PV-01", "success-lacks-envelope", "The validation is answered without data around it.", editing(successes, func(c *call) { c.answer.body = c.answer.data })),
		ofField("PV-01", "success-envelope-renamed", "The envelope is called result.", editing(successes, func(c *call) { c.answer.body.rename("data", "result") })),
		ofField("PV-01", "success-data-is-array", "data is an array with the validation in it.", body(successes, "data", func(c *call) any { return []any{c.answer.data} })),
		ofField("PV-01", "success-data-is-string", "data is JSON within a string.", body(successes, "data", func(c *call) string { return string(appendJSON(nil, c.answer.data)) })),

		ofField("PV-01", "success-lacks-id", "The answer has no _id.", dataWithout("_id")),
		ofField("PV-01", "success-id-renamed", "The id is called id.", dataRenamed("_id", "id")),
		ofField("PV-01", "success-id-empty", "_id is an empty text.", data("_id", "")),
		ofField("PV-01", "success-id-is-number", "_id is a number.", data("_id", 42)),
		ofField("PV-01", "success-id-cut", "_id lacks its last digit.", data("_id", func(c *call) any { return c.validation.id[:23] })),
		ofField("PV-01", "success-id-is-wrapped", "_id is an object, as a database driver writes it.", data("_id", func(c *call) any { return object{{"$oid", c.validation.id}} })),
		ofField("PV-01", "success-id-of-registration", "_id is the registration's instead of the validation's.", data("_id", func(c *call) any { return c.validation.registration.id })),
		ofField("PV-01", "success-id-made-up", "_id is a new one that names nothing.", data("_id", func(*call) any { return newHexID() })),

		ofField("PV-01", "success-lacks-status", "The answer has no status.", dataWithout("status")),
		ofField("PV-01", "success-status-from-before", "The record is answered as it was read, before it changed: status sent.", data("status", statusSent)),
		ofField("PV-01", "success-status-capitalised", "status is Validated.", data("status", "Validated")),
		ofField("PV-01", "success-status-verified", "status is verified.", data("status", "verified")),
		ofField("PV-01", "success-status-is-boolean", "status is true.", data("status", true)),

		ofField("PV-01", "success-lacks-country-code", "The answer has no countryCode.", dataWithout("countryCode")),
		ofField("PV-01", "success-country-code-lacks-plus", "countryCode is answered without its plus.", data("countryCode", func(c *call) any { return c.validation.number.countryCode[1:] })),
		ofField("PV-01", "success-country-code-as-number", "countryCode is a number.", data("countryCode", func(c *call) any { return json.RawMessage(c.validation.number.countryCode[1:]) })),
		ofField("PV-01", "success-country-code-fixed-where-gateway-named", "Where the delivery method is named, countryCode is always +507.", dataWhere(given("phoneGateway"), "countryCode", "+507")),
		ofField("PV-01", "success-in-snake-case", "countryCode is called country_code.", dataRenamed("countryCode", "country_code")),

		ofField("PV-01", "success-lacks-phone", "The answer has no phone.", dataWithout("phone")),
		ofField("PV-01", "success-phone-as-number", "phone is a number.", data("phone", func(c *call) any { return json.RawMessage(c.validation.number.phone) })),
		ofField("PV-01", "success-phone-with-country-code", "phone holds the country code as well.", data("phone", func(c *call) any { return c.validation.number.countryCode + c.validation.number.phone })),
		ofField("PV-01", "success-phone-masked", "All but the last four digits of phone are hidden.", data("phone", func(c *call) string { return strings.Repeat("*", 4) + lastOf(c.validation.number.phone, 4) })),

		ofField("PV-01", "success-lacks-type", "The answer has no type.", dataWithout("type")),
		ofField("PV-01", "success-type-validation", "type is validation, another flow's.", data("type", "validation")),
		ofField("PV-01", "success-type-capitalised", "type is ONBOARDING.", data("type", "ONBOARDING")),
		ofField("PV-01", "success-lacks-flag", "The answer has no showFaceLivenessRecommendation.", dataWithout(flag)),
		ofField("PV-01", "success-flag-as-string", "The flag is a string.", data(flag, func(c *call) any { return strconv.FormatBool(recommended(c)) })),
		ofField("PV-01", "success-flag-as-number", "The flag is 0 or 1.", data(flag, func(c *call) any { return map[bool]int{true: 1}[recommended(c)] })),
		ofField("PV-01", "success-flag-null", "The flag is null.", data(flag, nil)),

		broken("PV-01", "success-of-the-call-before", "A cache without a key answers the success before.", answersPreviousSuccess()),
		broken("PV-01", "country-code-of-1-digit-refused", "A country code of one digit is refused.", codeOfLength(1)),
		broken("PV-01", "country-code-of-2-digits-refused", "A country code of two digits is refused.", codeOfLength(2)),
		broken("PV-01", "country-code-of-3-digits-refused", "A country code of three digits is refused.", codeOfLength(3)),

		broken("PV-08", "spaces-kept", "The phone is looked up with its spaces.", cleaning(func(s string) string { return s })),
		broken("PV-08", "spaces-trimmed-at-ends-only", "Spaces inside the phone are kept.", cleaning(func(s string) string { return strings.Trim(s, " ") })),
		broken("PV-08", "only-first-space-removed", "Only the first space is removed.", cleaning(func(s string) string { return strings.Replace(s, " ", "", 1) })),
		broken("PV-08", "leading-spaces-kept", "Spaces before the phone are kept.", cleaning(func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " "))] + withoutSpaces(s) })),
		broken("PV-08", "trailing-spaces-kept", "Spaces after the phone are kept.", cleaning(func(s string) string { return withoutSpaces(s) + s[len(strings.TrimRight(s, " ")):] })),
		broken("PV-08", "phone-cut-at-space", "The phone ends at its first space inside.", cleaning(func(s string) string { return strings.Split(strings.Trim(s, " "), " ")[0] })),
		broken("PV-08", "phone-with-spaces-refused", "A phone with spaces is answered 409.", refusing(refusedOption, sent("phone", " "))),
		ofField("PV-08", "success-phone-keeps-spaces", "The phone is answered as it was sent, spaces and all.", data("phone", func(c *call) any { return textOf(c.request.fields["phone"]) })),

		ofField("PV-15", "liveness-never-recommended", "The flag is always false.", data(flag, false)),
		ofField("PV-15", "liveness-always-recommended", "The flag is always true.", data(flag, true)),
		ofField("PV-15", "liveness-recommended-by-whatsapp", "The flag is true where WhatsApp delivered the OTP.", dataWhere(sentBy("whatsapp"), flag, true)),
		ofField("PV-15", "liveness-recommended-for-codes-of-1-digit", "The flag is true under a country code of one digit.", dataWhere(withCodeOf(1), flag, true)),
		ofField("PV-15", "liveness-inverted", "The flag is true where it should be false.", data(flag, func(c *call) any { return !recommended(c) })),
	}
}

func lastOf(text string, n int) string { return text[max(len(text)-n, 0):] }

func answersPreviousSuccess() change {
	var previous atomic.Pointer[object]
	return editing(successes, func(c *call) { c.answer.body = cmp.Or(previous.Swap(c.answer.body), c.answer.body) })
}
