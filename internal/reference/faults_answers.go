package reference

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/group"
)

// answerFaults returns the faults of answers: to the right OTP (PV-01; spaces in the phone, PV-08; face liveness, PV-15), where
// nothing is found (PV-03), all (PV-04) or some (PV-05) parameters are missing, the country code is malformed (PV-06) or the OTP
// has expired (PV-07); and of what holds for every answer: an error is exactly code and message (PV-18), a body is one JSON value
// in UTF-8 (PV-19), only documented statuses occur (PV-20), the media type is JSON (PV-23), and no secret is echoed (PV-24).
func answerFaults() []Fault {
	const flag = "showFaceLivenessRecommendation"
	recommended := func(c *call) bool { return c.behaviour.recommendsLiveness(c.validation.flow) }
	documented := joined("\n. ")
	some := []string{"PV-05"}                                                                      // its message has the same words as PV-04's
	everyError := []string{"PV-02", "PV-03", "PV-04", "PV-05", "PV-06", "PV-07", "PV-11", "PV-21"} // each asks for a code and message
	fourthWrong := answersTo(wrongOTP).and(afterAttempts(4))
	repeating := func(c *call) { *c.answer.body = append(*c.answer.body, (*c.answer.body)[0]) } // repeats the first field
	asHTML := func(c *call) { c.answer.bytes = htmlPage(c.answer.status) }
	ownStatus := func(c *call) any { return c.answer.status }
	crashing := func(when check) change { return refusingAtOnce(crashed, when) }
	acceptsNoJSON := func(c *call) bool { return c.r.Header.Get("Accept") == "" }
	// calledHTML calls an answer HTML where the request accepts anything, as the documentation's clients say.
	calledHTML := func(v verdict) change {
		return mediaType(answersTo(v).and(func(c *call) bool { return c.r.Header.Get("Accept") == "*/*" }), "text/html")
	}
	everyErrorForm := []string{"PV-18"} // which allows no further field
	otp := func(c *call) string { return strconv.Itoa(c.validation.otp) }
	token := func(c *call) string { return c.validation.registration.token }
	link := func(c *call) string { return "</v2/app-registrations?token=" + token(c) + `>; rel="up"` }
	found := func(c *call) bool { return c.validation != nil }
	// inHeader adds a header to the answers to calls that found a validation.
	inHeader := func(name string, written func(*call) string) change { return header(found, name, written) }
	allNamedBeforeOTP := given("project").and(given("projectFlow")).and(given("phoneGateway")).and(not(bodyLike(`^\s*\{\s*"otp"`)))
	keepingSpaces := func(when check) change {
		return settingScope(check(inProjectAndFlow).and(not(sent("phone", " ").and(when))))
	}
	return slices.Concat([]Fault{
		fault("PV-01", "success-answers-201", "Success is answered 201, as if something was created.", answering(successes, 201)),
		fault("PV-01", "success-answers-202", "Success is answered 202, as if it was still to be done.", answering(successes, 202)),
		fault("PV-01", "success-answers-204", "Success is answered 204 without a body.", answering(successes, 204), editingBytes(successes, func(c *call) { c.answer.mediaType, c.answer.bytes = "", nil })),
		fault("PV-01", "right-otp-refused", "The right OTP is answered as a wrong one.", acceptingOnly(not(always))),
		fault("PV-01", "expires-at-once", "Milliseconds are taken for seconds: every OTP has expired already.", func(b *behaviour) { b.expired = always }),
		fieldFault("PV-01", "success-lacks-envelope", "The answer is the validation itself, without data around it.", editingFields(successes, func(c *call) { c.answer.body = c.answer.data })),
		fieldFault("PV-01", "success-envelope-renamed", "The envelope is called result.", editingFields(successes, func(c *call) { c.answer.body.rename("data", "result") })),
		fieldFault("PV-01", "success-data-is-array", "data is an array with the validation in it.", body(successes, "data", func(c *call) any { return []any{c.answer.data} })),
		fieldFault("PV-01", "success-data-is-string", "data is JSON within a string.", body(successes, "data", func(c *call) string { return string(encoded(c.answer.data)) })),
		fieldFault("PV-01", "success-lacks-id", "The answer has no _id.", dataWithout("_id")),
		fieldFault("PV-01", "success-id-renamed", "The id is called id.", dataRenamed("_id", "id")),
		fieldFault("PV-01", "success-id-empty", "_id is an empty text.", data("_id", "")),
		fieldFault("PV-01", "success-id-is-number", "_id is a number.", data("_id", 42)),
		fieldFault("PV-01", "success-id-cut", "_id lacks its last digit.", data("_id", func(c *call) any { return c.validation.id[:23] })),
		fieldFault("PV-01", "success-id-is-wrapped", "_id is an object, as a database driver writes it.", data("_id", func(c *call) any { return object{{"$oid", c.validation.id}} })),
		fieldFault("PV-01", "success-id-of-registration", "_id is the registration's instead of the validation's.", data("_id", func(c *call) any { return c.validation.registration.id })),
		fieldFault("PV-01", "success-id-made-up", "_id is a new one that names nothing.", data("_id", func(*call) any { return newHexID() })),
		fieldFault("PV-01", "success-lacks-status", "The answer has no status.", dataWithout("status")),
		fieldFault("PV-01", "success-status-from-before", "The record is answered as it was before it changed: status sent.", data("status", statusSent)),
		fieldFault("PV-01", "success-status-capitalised", "status is Validated.", data("status", "Validated")),
		fieldFault("PV-01", "success-status-verified", "status is verified.", data("status", "verified")),
		fieldFault("PV-01", "success-status-is-boolean", "status is true.", data("status", true)),
		fieldFault("PV-01", "success-lacks-country-code", "The answer has no countryCode.", dataWithout("countryCode")),
		fieldFault("PV-01", "success-country-code-lacks-plus", "countryCode is answered without its plus.", data("countryCode", func(c *call) any { return c.validation.number.countryCode[1:] })),
		fieldFault("PV-01", "success-country-code-as-number", "countryCode is a number.", data("countryCode", func(c *call) any { return jsontext.Value(c.validation.number.countryCode[1:]) })),
		fieldFault("PV-01", "success-country-code-fixed-where-gateway-named", "Where the delivery method is named, countryCode is always +507.", dataWhere(given("phoneGateway"), "countryCode", "+507")),
		fieldFault("PV-01", "success-in-snake-case", "countryCode is called country_code.", dataRenamed("countryCode", "country_code")),
		fieldFault("PV-01", "success-lacks-phone", "The answer has no phone.", dataWithout("phone")),
		fieldFault("PV-01", "success-phone-as-number", "phone is a number.", data("phone", func(c *call) any { return jsontext.Value(c.validation.number.phone) })),
		fieldFault("PV-01", "success-phone-with-country-code", "phone holds the country code as well.", data("phone", func(c *call) any { return c.validation.number.countryCode + c.validation.number.phone })),
		fieldFault("PV-01", "success-phone-masked", "All but the last four digits of phone are hidden.", data("phone", func(c *call) string { return strings.Repeat("*", 4) + lastOf(c.validation.number.phone, 4) })),
		fieldFault("PV-01", "success-lacks-type", "The answer has no type.", dataWithout("type")),
		fieldFault("PV-01", "success-type-validation", "type is validation, another flow's.", data("type", "validation")),
		fieldFault("PV-01", "success-type-capitalised", "type is ONBOARDING.", data("type", "ONBOARDING")),
		fieldFault("PV-01", "success-lacks-flag", "The answer has no showFaceLivenessRecommendation.", dataWithout(flag)),
		fieldFault("PV-01", "success-flag-as-string", "The flag is a string.", data(flag, func(c *call) any { return strconv.FormatBool(recommended(c)) })),
		fieldFault("PV-01", "success-flag-as-number", "The flag is 0 or 1.", data(flag, func(c *call) any { return map[bool]int{true: 1}[recommended(c)] })),
		fieldFault("PV-01", "success-flag-null", "The flag is null.", data(flag, nil)),
		fault("PV-01", "success-of-the-call-before", "A cache without a key answers with the previous success.", answersPreviousSuccess()),
		fault("PV-01", "country-code-of-1-digit-refused", "A country code of one digit is refused.", refusing(badCountryCode, withCodeOf(1))),
		fault("PV-01", "country-code-of-2-digits-refused", "A country code of two digits is refused.", refusing(badCountryCode, withCodeOf(2))),
		fault("PV-01", "country-code-of-3-digits-refused", "A country code of three digits is refused.", refusing(badCountryCode, withCodeOf(3))),
		fieldFault("PV-01", "success-id-made-up-where-project-named", "Where the project is named, _id is a new one that names nothing.", dataWhere(given("project"), "_id", func(*call) any { return newHexID() })),

		fault("PV-03", "unknown-phone-answers-200-null", "A phone without a validation is answered 200 with data null.", status(notFound, 200), editingFields(answersTo(notFound), func(c *call) { c.answer.body = &object{{"data", nil}} })),
		fault("PV-03", "unknown-phone-answers-400", "A phone without a validation is answered 400.", status(notFound, 400)),
		fault("PV-03", "unknown-phone-answers-403", "A phone without a validation is answered as a wrong OTP, so that nobody can list phones.", judgingAs(answersTo(notFound), wrongOTP)),
		fault("PV-03", "unknown-phone-answers-409", "A phone without a validation is answered 409.", status(notFound, 409)),
		fault("PV-03", "unknown-phone-answers-412", "A phone without a validation is answered as an expired one.", judgingAs(answersTo(notFound), hasExpired)),
		fieldFault("PV-03", "unknown-phone-code-renamed", "The code is phoneValidation_not_found.", code(notFound, "phoneValidation_not_found")),
		fieldFault("PV-03", "unknown-phone-message-lacks-status", "The message lacks 404: before the symbol.", message(notFound, "phone_validation_not_found")),
		fieldFault("PV-03", "unknown-phone-message-has-other-status", "The message says 403.", message(notFound, "403:phone_validation_not_found")),
		fault("PV-03", "unknown-phone-in-other-dialect", "Unknown phones are answered in the other error format.", dialect(answersTo(notFound))),
		fault("PV-03", "unknown-phone-code-renamed-for-codes-of-1-digit", "Under a country code of one digit, an unknown phone is answered not_found.", body(answersTo(notFound).and(withCodeOf(1)), "code", "not_found")),
		fault("PV-03", "unknown-phone-code-renamed-where-whatsapp-named", "Where WhatsApp is named as the delivery method, an unknown phone is answered not_found.", body(answersTo(notFound).and(sent("phoneGateway", "whatsapp")), "code", "not_found")),
		fault("PV-03", "unknown-phone-code-renamed-for-codes-of-1-digit-where-gateway-not-named", "Under a country code of one digit, where the delivery method is not named, an unknown phone is answered not_found.",
			body(answersTo(notFound).and(withCodeOf(1)).and(not(given("phoneGateway"))), "code", "not_found")),
		fault("PV-03", "unknown-phone-asked-again-answers-403", "A phone without a validation is remembered, and answered as a wrong OTP from then on.", rememberingUnknown()),
		fault("PV-03", "unknown-phone-with-spaces-in-other-dialect", "An unknown phone with spaces is answered in the other error format.", dialect(answersTo(notFound).and(sent("phone", " ")))),

		fieldFault("PV-03", "unknown-phone-translated-where-asked-for", "An unknown phone is answered in the language that the request asks for.", inLanguage(answersTo(notFound), "404:no_se_encontró_la_validación")),

		unjudgeableFault("PV-04", "missing-all-drops-connection", "The connection of a request without parameters is dropped, each time.", arriving(where(bodyLike(`^\{\}$`), closeUnanswered))),
		fault("PV-04", "missing-all-answers-400", "Three missing parameters are answered 400.", answering(missingCount(3, 3), 400)),
		fault("PV-04", "missing-all-answers-403", "Three missing parameters are answered 403.", answering(missingCount(3, 3), 403)),
		fault("PV-04", "missing-all-answers-404", "An empty object is looked up: 404.", refusingAtOnce(notFound, func(c *call) bool { return len(c.request.missing()) == 3 })),
		fieldsFault("PV-04", some, "missing-code-in-snake-case", "The code is missing_parameter.", code(missingParameter, "missing_parameter")),
		fieldFault("PV-04", "missing-code-plural", "The code is MissingParameters where there are several.", body(missingCount(3, 3), "code", "MissingParameters")),
		fieldsFault("PV-04", some, "missing-message-lacks-dots", "The parameters are separated by a line break alone.", wording(2, 3, joined("\n"))),
		fieldsFault("PV-04", some, "missing-message-in-one-line", "The line breaks are lost.", wording(2, 3, joined(". "))),
		fieldsFault("PV-04", some, "missing-message-has-escaped-breaks", "The line breaks are a backslash and an n.", wording(2, 3, joined(`\n. `))),
		fieldsFault("PV-04", some, "missing-message-with-commas", "The parameters are separated by commas.", wording(2, 3, joined(", "))),
		fieldsFault("PV-04", some, "missing-message-sorted", "The parameters are named in the order of the alphabet.",
			wording(2, 3, func(names []string) string { return documented(slices.Sorted(slices.Values(names))) })),
		fieldsFault("PV-04", some, "missing-message-names-first-only", "Only the first missing parameter is named.", wording(2, 3, func(names []string) string { return documented(names[:1]) })),
		fieldFault("PV-04", "missing-message-says-required", "The message says that they are required.", wording(3, 3, func(names []string) string { return strings.Join(names, " is required\n. ") + " is required" })),
		fieldFault("PV-04", "missing-message-ends-in-break", "The message ends in one more separator.", wording(3, 3, func(names []string) string { return documented(names) + "\n. " })),
		fieldFault("PV-04", "missing-all-translated-where-asked-for", "What is missing is named in the language that the request asks for, where all is.", inLanguage(missingCount(3, 3), "falta phone\n. falta countryCode\n. falta otp")),
		fault("PV-04", "missing-all-names-otp-only-where-one-is-pending", "Where the token has a validation, an empty request lacks the OTP alone.",
			body(missingCount(3, 3).and(func(c *call) bool { return len(ownValidations(c)) > 0 }), "message", "missing otp")),
		fault("PV-04", "missing-all-names-first-only-where-gateway-named", "All three missing parameters are named for an empty object only: beside a delivery method, only the first is.", body(missingCount(3, 3).and(given("phoneGateway")), "message", "missing phone")),

		fault("PV-05", "missing-phone-unnoticed", "A missing phone is looked up like any other.", reading(func(c *call) { c.request.phone = cmp.Or(c.request.phone, "?") })),
		fault("PV-05", "missing-country-code-unnoticed", "A missing country code is taken to be +1.", reading(func(c *call) { c.request.countryCode = cmp.Or(c.request.countryCode, "+1") })),
		fault("PV-05", "missing-country-code-answered-as-format", "A missing country code is answered as a malformed one.", reading(func(c *call) { c.request.countryCode = cmp.Or(c.request.countryCode, "?") })),
		fault("PV-05", "missing-otp-unnoticed", "A missing OTP is compared like any other.", reading(func(c *call) { c.request.otp = cmp.Or(c.request.otp, "?") })),
		fault("PV-05", "missing-otp-validates", "A missing OTP is not compared, and validates.", reading(func(c *call) { c.request.otp = cmp.Or(c.request.otp, "?") }), accepting(not(otpIsNumber))),
		fault("PV-05", "missing-otp-unnoticed-where-one-is-pending", "Where there is a validation, a missing OTP is compared and answered as a wrong one.",
			comparingNoOTP(hasValidation)),
		fault("PV-05", "missing-otp-unnoticed-before-face-liveness", "Where face liveness is recommended, a missing OTP is compared and answered as a wrong one.",
			comparingNoOTP(ownLiveness)),
		fault("PV-05", "missing-otp-unnoticed-after-a-wrong-otp", "After a wrong OTP, a missing one is compared and answered as a wrong one.",
			comparingNoOTP(func(c *call) bool {
				return slices.ContainsFunc(ownValidations(c), func(v *validation) bool { return v.attempts > 0 })
			})),
		fault("PV-05", "missing-phone-alone-taken-from-the-registration", "A missing phone is that of the token's own validation.",
			reading(where(not(given("phone")).and(given("countryCode")), fromOwn(func(c *call, of number) { c.request.phone = of.phone })))),
		fault("PV-05", "missing-country-code-alone-taken-from-the-registration", "A missing country code is that of the token's own validation.",
			reading(where(not(given("countryCode")).and(given("phone")), fromOwn(takeCode)))),
		fault("PV-05", "missing-otp-unnoticed-where-none-named", "Where none is named as the delivery method, no OTP is asked for.",
			reading(where(not(given("otp")).and(sent("phoneGateway", "none")), func(c *call) { c.request.otp = "?" }))),
		fault("PV-05", "missing-phone-taken-from-the-registration", "Where phone and country code are missing, those of the token's own validation are taken.",
			reading(where(func(c *call) bool { return c.request.phone+c.request.countryCode == "" }, fromOwn(func(c *call, of number) {
				c.request.phone, c.request.countryCode = of.phone, of.countryCode
			})))),
		fault("PV-05", "missing-some-answers-400", "One or two missing parameters are answered 400.", answering(missingCount(1, 2), 400)),
		fieldFault("PV-05", "missing-some-translated-where-asked-for", "What is missing is named in the language that the request asks for, where some of it is.", inLanguage(missingCount(1, 2), func(c *call) string {
			return "falta " + strings.Join(c.missing, "\n. falta ")
		})),
		fault("PV-05", "project-flow-called-missing-beside-a-project", "Where the project is named and something is missing, the project flow is called missing as well.",
			editingFields(missingCount(1, 2).and(given("project")).and(not(given("projectFlow"))), func(c *call) {
				c.answer.body.set("message", documented(append(slices.Clone(c.missing), "projectFlow")))
			})),
		fault("PV-05", "missing-phone-unnoticed-where-project-alone-named", "Where the project is named and the project flow is not, no phone is asked for.",
			reading(where(given("project").and(not(given("projectFlow"))), func(c *call) { c.request.phone = cmp.Or(c.request.phone, "?") }))),
		fieldFault("PV-05", "missing-some-names-all", "The message always names all three.", wording(1, 2, func([]string) string { return documented(required()) })),
		fieldFault("PV-05", "missing-pair-names-last-only", "Of two missing parameters only the last is named.", wording(2, 2, func(names []string) string { return documented(names[1:]) })),
		fieldFault("PV-05", "missing-pair-reversed", "Two missing parameters are named the wrong way round.", wording(2, 2, func(names []string) string { return documented([]string{names[1], names[0]}) })),
		fieldFault("PV-05", "missing-pair-with-and", "Two missing parameters are joined by and.", wording(2, 2, func(names []string) string { return "missing " + names[0] + " and " + names[1] })),
		fieldFault("PV-05", "missing-single-begins-with-separator", "A single missing parameter has the separator before it.", wording(1, 1, func(names []string) string { return "\n. " + documented(names) })),
		fieldFault("PV-05", "missing-single-with-full-stop", "A single missing parameter has a full stop after it.", wording(1, 1, func(names []string) string { return documented(names) + "." })),
		fieldFault("PV-05", "missing-single-in-snake-case", "countryCode is named country_code where it is alone.", wording(1, 1, func(names []string) string {
			return strings.Replace(documented(names), "countryCode", "country_code", 1)
		})),

		unjudgeableFault("PV-06", "bad-country-code-answers-503", "A malformed country code is answered 503, each time.", status(badCountryCode, 503)),
		fault("PV-06", "country-code-not-checked", "Any country code is looked up.", codesFit(`.`)),
		fault("PV-06", "country-code-of-2-digits-without-plus-accepted", "A country code of two digits may lack its plus.", codesFit(`^[0-9]{2}$`)),
		fault("PV-06", "country-code-of-1-digit-without-plus-accepted", "A country code of one digit may lack its plus.", codesFit(`^[0-9]$`)),
		fault("PV-06", "country-code-without-plus-accepted", "A country code without a plus is looked up.", codesFit(`^\d{1,3}$`)),
		fault("PV-06", "country-code-of-plus-alone-accepted", "A plus alone is looked up.", codesFit(`^\+$`)),
		fault("PV-06", "country-code-of-4-digits-accepted", "Four digits are looked up.", codesFit(`^\+\d{4}$`)),
		fault("PV-06", "country-code-of-letters-accepted", "Letters are looked up.", codesFit(`(?i)[a-z]`)),
		fault("PV-06", "country-code-with-two-pluses-accepted", "Two pluses are looked up.", codesFit(`^\+\+`)),
		fault("PV-06", "country-code-with-trailing-plus-accepted", "A plus at the end is looked up.", codesFit(`^\+\d+\+$`)),
		fault("PV-06", "country-code-start-alone-checked", "The pattern has no end: what begins with + and a digit is looked up.", codesFit(`^\+\d`)),
		fault("PV-06", "country-code-with-line-break-accepted", "The pattern's end is that of a line: a line break after the code is looked up.", codesFit(`^\+\d{1,3}\n$`)),
		fault("PV-06", "country-code-as-first-line-accepted", "The pattern's end is that of a line, whatever follows.", codesFit(`^\+\d{1,3}\n`)),
		fault("PV-06", "country-code-as-any-line-accepted", "The pattern's anchors mean lines: one good line among several is enough.", codesFit(`(?m)^\+\d{1,3}$`)),
		fault("PV-06", "country-code-read-as-number", "Anything that reads as a number of at most four characters is looked up.", codesFit(`^\+(Inf|[\d.e]{1,3})$`)),
		fault("PV-06", "country-code-with-underscore-accepted", "A number may have underscores in it.", codesFit(`^\+(_*\d){1,3}_*$`)),
		fault("PV-06", "country-code-with-area-code-accepted", "An island's code with its area code, as +1809, is looked up.", codesFit(`^\+1\d{3}$`)),
		fault("PV-06", "country-code-with-zeros-before-accepted", "Zeros before the digits do not count.", codesFit(`^\+0+[1-9]\d{0,2}$`)),
		fault("PV-06", "country-code-of-two-letters-accepted", "A country's two letters are looked up.", codesFit(`^[A-Z]{2}$`)),
		fault("PV-06", "country-code-with-punctuation-accepted", "A point or a comma after the code is ignored.", codesFit(`^\+\d{1,3}[.,]+$`)),
		fault("PV-06", "country-code-in-parentheses-accepted", "Parentheses are ignored.", codesFit(`^\(+\+\d{1,3}\)+$`)),
		fault("PV-06", "country-code-with-slash-accepted", "Several codes may be given, a slash between them.", codesFit(`^\+\d{1,3}/`)),
		fault("PV-06", "country-code-unescaped", "The country code is unescaped as in a URL.", codesFit(`^%2B\d{1,3}$`)),
		fault("PV-06", "country-code-without-plus-completed", "A country code without a plus gets one where that finds a validation.", reading(rewritingCode(func(code string) string { return "+" + code }))),
		fault("PV-06", "country-code-cut-to-its-column", "A country code is cut to four characters where that finds a validation.", reading(rewritingCode(func(code string) string { return code[:min(len(code), 4)] }))),
		fault("PV-06", "format-answers-400", "A malformed country code is answered 400.", status(badCountryCode, 400)),
		fault("PV-06", "format-answers-404", "A malformed country code is answered as an unknown phone.", judgingAs(answersTo(badCountryCode), notFound)),
		fault("PV-06", "country-code-not-checked-where-all-named-before-the-otp", "Where project, flow and delivery method are named before the OTP, any country code is looked up.",
			anyCodeFits(allNamedBeforeOTP)),
		fault("PV-06", "country-code-not-checked-before-face-liveness", "Where face liveness is recommended, any country code is looked up.", anyCodeFits(ownLiveness)),
		fieldFault("PV-06", "format-code-renamed", "The code is InvalidParameter.", code(badCountryCode, "InvalidParameter")),
		fieldFault("PV-06", "format-message-lacks-full-stop", "The message ends without its full stop.", message(badCountryCode, strings.TrimSuffix(formatMessage, "."))),
		fieldFault("PV-06", "format-message-translated-where-asked-for", "The message is in the language that the request asks for.", inLanguage(answersTo(badCountryCode), "El formato de countryCode es + y de 1 a 3 dígitos.")),
		fieldFault("PV-06", "format-message-reworded", "The message is worded differently.", message(badCountryCode, "countryCode must be + followed by 1 to 3 digits")),
		fieldFault("PV-06", "format-message-quotes-the-value", "The message quotes what was sent.", body(answersTo(badCountryCode), "message", func(c *call) string {
			return strings.Replace(formatMessage, "format.", "format: "+c.request.countryCode+".", 1)
		})),
		fieldFault("PV-06", "format-answered-as-missing", "A malformed country code is answered as a missing one.", message(badCountryCode, "missing countryCode")),
		fault("PV-06", "country-code-with-carriage-return-accepted", "A carriage return and a line break after the code are ignored.", codesFit(`^\+\d{1,3}\r\n$`)),
		fault("PV-06", "country-of-3-letters-accepted", "The three letters of a country are taken for its code.", codesFit(`^[A-Z]{3}$`)),
		fault("PV-06", "country-of-small-letters-accepted", "The two letters of a country are taken for its code, where they are small.", codesFit(`^[a-z]{2}$`)),
		fault("PV-06", "country-code-before-a-semicolon-accepted", "Whatever follows a semicolon is ignored.", codesFit(`^\+\d{1,3};`)),
		fault("PV-06", "country-code-of-4-characters-with-pluses-accepted", "Pluses are ignored, up to four characters in all.", codesFit(`^\+[+\d]{1,3}$`)),
		fault("PV-06", "country-code-of-4-characters-with-line-break-accepted", "A line break after the code is ignored, up to four characters in all.", codesFit(`^\+\d{1,2}\n$`)),
		fault("PV-06", "country-code-with-comma-accepted", "A comma between digits is ignored.", codesFit(`^\+\d,\d$`)),
		fault("PV-06", "country-code-with-tab-accepted", "A tab after the code is ignored.", codesFit(`^\+\d{1,3}\t$`)),
		fault("PV-06", "country-code-of-a-link-accepted", "The scheme tel: before the code is ignored.", codesFit(`^tel:\+\d{1,3}$`)),
		fault("PV-06", "country-code-with-area-code-behind-a-hyphen-accepted", "An island's code with its area code, as +1-809, is looked up.", codesFit(`^\+1-\d{3}$`)),
		fault("PV-06", "country-code-of-a-list-accepted", "Several codes may be given, a comma between them.", codesFit(`^\+\d{1,3},\+\d{1,3}$`)),
		fault("PV-06", "country-code-with-a-letter-for-its-plus-accepted", "A letter in place of the plus is not noticed.", codesFit(`^[a-z]\d{1,3}$`)),
		fault("PV-06", "country-code-with-line-break-trimmed", "White space around a country code is removed where that finds a validation.", reading(rewritingCode(strings.TrimSpace))),
		fault("PV-06", "country-of-letters-replaced", "Letters are replaced by the country code of the token's own validation.", reading(where(sent("countryCode", `^"[A-Z]+"$`), fromOwn(takeCode)))),
		fault("PV-06", "country-code-of-plus-and-letters-accepted", "A plus before a country's two letters is ignored.", codesFit(`^\+[A-Z]{2}$`)),

		fault("PV-07", "expiry-ignored", "An OTP never expires.", ignoringExpiry(always)),
		fault("PV-07", "expiry-an-hour-late", "Time zones are mixed up: an OTP expires an hour late.", ignoringExpiry(func(c *call) bool { return c.now.Before(c.validation.expires.Add(time.Hour)) })),
		fault("PV-07", "expired-answers-404", "Only unexpired records are looked up.", judgingAs(answersTo(hasExpired), notFound)),
		fault("PV-07", "expired-answers-403", "An expired OTP is answered as a wrong one.", judgingAs(answersTo(hasExpired), wrongOTP)),
		fault("PV-07", "expired-answers-409", "An expired OTP is answered 409.", status(hasExpired, 409)),
		fieldFault("PV-07", "expired-code-in-snake-case", "The code is phone_validation_has_expired.", code(hasExpired, "phone_validation_has_expired")),
		fieldFault("PV-07", "expired-code-renamed", "The code is otp_has_expired.", code(hasExpired, "otp_has_expired")),
		fieldFault("PV-07", "expired-translated-where-asked-for", "An expired OTP is answered in the language that the request asks for.", inLanguage(answersTo(hasExpired), "412:la_validación_ha_vencido")),
		fieldFault("PV-07", "expired-message-lacks-status", "The message lacks 412: before the symbol.", message(hasExpired, "phoneValidation_has_expired")),
		fieldFault("PV-07", "expired-message-has-other-status", "The message says 410.", message(hasExpired, "410:phoneValidation_has_expired")),
		fault("PV-07", "expired-in-other-dialect", "Expired OTPs are answered in the other error format.", dialect(answersTo(hasExpired))),
		fault("PV-07", "expired-validates-anyway", "An expired OTP is answered 412 and validates all the same.", sideEffect(hasExpired, markAndLink)),
		fault("PV-07", "expired-links-anyway", "An expired OTP is answered 412 and links all the same.", sideEffect(hasExpired, links)),
		fault("PV-07", "expired-validates-late", "An expired OTP is answered 412; a queue validates all the same.", sideEffect(hasExpired, late(validates))),
		fault("PV-07", "expired-links-late", "An expired OTP is answered 412; a queue links all the same.", sideEffect(hasExpired, late(links))),
		fault("PV-07", "expiry-put-off-by-an-attempt", "An attempt after expiry extends the life of the OTP.", sideEffect(hasExpired, countAttempt), ignoringExpiry(afterAttempts(1))),
		fault("PV-07", "expired-and-wrong-validates-anyway", "A wrong OTP, too late, is answered 412 and validates all the same.", sideEffect(hasExpired, where(not(otpIsRight), validates))),
		fault("PV-07", "expired-and-wrong-links-anyway", "A wrong OTP, too late, is answered 412 and links all the same.", sideEffect(hasExpired, where(not(otpIsRight), links))),
		fault("PV-07", "expiry-ignored-for-codes-of-2-digits-where-phone-has-spaces", "Under a country code of two digits, where the phone has spaces, the OTP never expires.",
			ignoringExpiry(withCodeOf(2).and(sent("phone", " ")))),
		fault("PV-07", "expiry-ignored-by-whatsapp-where-gateway-not-named", "Where the delivery is by WhatsApp and the request does not say so, the OTP never expires.",
			ignoringExpiry(deliveredBy("whatsapp").and(not(given("phoneGateway"))))),
		fault("PV-07", "expired-validates-where-notified", "Where a webhook is to be called, an OTP does not expire.", ignoringExpiry(hasWebhook)),
		fault("PV-07", "expired-validates-where-notified-and-project-not-named", "Where a webhook is to be called and no project is named, an OTP does not expire.", ignoringExpiry(check(hasWebhook).and(not(given("project"))))),
		fault("PV-07", "expiry-ignored-where-project-and-flow-named", "Where project and flow are named and the phone has no spaces, the OTP never expires.",
			ignoringExpiry(given("project").and(given("projectFlow")).and(not(sent("phone", " "))))),
		fault("PV-07", "expired-in-other-dialect-where-gateway-named", "Where the delivery method is named, an expired OTP is answered in the other error format.", dialect(answersTo(hasExpired).and(given("phoneGateway")))),
		fault("PV-07", "expired-answers-404-where-gateway-named", "Where the delivery method is named, only unexpired records are looked up.", judgingAs(answersTo(hasExpired).and(given("phoneGateway")), notFound)),

		fault("PV-08", "spaces-kept", "The phone is looked up with its spaces.", cleaningPhone(func(s string) string { return s })),
		fault("PV-08", "spaces-trimmed-at-ends-only", "Spaces inside the phone are kept.", cleaningPhone(func(s string) string { return strings.Trim(s, " ") })),
		fault("PV-08", "only-first-space-removed", "Only the first space is removed.", cleaningPhone(func(s string) string { return strings.Replace(s, " ", "", 1) })),
		fault("PV-08", "leading-spaces-kept", "Spaces before the phone are kept.", cleaningPhone(func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " "))] + withoutSpaces(s) })),
		fault("PV-08", "trailing-spaces-kept", "Spaces after the phone are kept.", cleaningPhone(func(s string) string { return withoutSpaces(s) + s[len(strings.TrimRight(s, " ")):] })),
		fault("PV-08", "phone-cut-at-space", "The phone ends at its first space inside.", cleaningPhone(func(s string) string { return strings.Split(strings.Trim(s, " "), " ")[0] })),
		fault("PV-08", "phone-with-spaces-refused", "A phone with spaces is answered 409.", refusing(refusedOption, sent("phone", " "))),
		fieldFault("PV-08", "success-phone-keeps-spaces", "The phone is answered as it was sent, spaces and all.", data("phone", func(c *call) any { return textOf(c.request.fields["phone"]) })),
		fault("PV-08", "spaces-kept-where-all-named-before-the-otp", "Where project, flow and delivery method are named before the OTP, spaces are kept.",
			keepingSpaces(allNamedBeforeOTP)),
		fault("PV-08", "spaces-kept-where-whatsapp-named", "Where WhatsApp is named as the delivery method, spaces are kept.", keepingSpaces(sent("phoneGateway", "whatsapp"))),
		fault("PV-08", "phone-longer-than-its-column-refused", "A phone of more than 22 characters is refused, spaces and all.", refusing(refusedOption, sent("phone", `.{23}`))),

		fieldFault("PV-15", "liveness-never-recommended", "The flag is always false.", data(flag, false)),
		fieldFault("PV-15", "liveness-always-recommended", "The flag is always true.", data(flag, true)),
		fieldFault("PV-15", "liveness-recommended-by-whatsapp", "The flag is true where WhatsApp delivered the OTP.", dataWhere(deliveredBy("whatsapp"), flag, true)),
		fieldFault("PV-15", "liveness-recommended-for-codes-of-1-digit", "The flag is true under a country code of one digit.", dataWhere(withCodeOf(1), flag, true)),
		fieldFault("PV-15", "liveness-inverted", "The flag is true where it should be false.", data(flag, func(c *call) any { return !recommended(c) })),

		fieldFault("PV-18", "errors-carry-status", "Errors hold the status as a third field, as the set-up API's do.", body(refusals, "status", ownStatus)),
		fieldFault("PV-18", "errors-carry-time", "Errors hold a timestamp.", body(refusals, "timestamp", func(c *call) any { return timestamp(c.now) })),
		fieldFault("PV-18", "errors-carry-path", "Errors hold the path of the call.", body(refusals, "path", endpointPath)),
		fieldFault("PV-18", "errors-carry-null-data", "Errors hold data null.", body(refusals, "data", nil)),
		fieldFault("PV-18", "errors-carry-success-flag", "Errors hold success false.", body(refusals, "success", false)),
		fieldsFault("PV-18", everyError, "error-code-is-number", "code is the status as a number.", body(refusals, "code", ownStatus)),
		fieldsFault("PV-18", everyError, "error-message-is-array", "message is an array.", editingFields(refusals, func(c *call) { (*c.answer.body)[1].value = []any{(*c.answer.body)[1].value} })),
		fieldsFault("PV-18", everyError, "errors-lack-message", "Errors have a code alone.", editingFields(refusals, func(c *call) { c.answer.body.drop("message") })),
		fault("PV-18", "errors-wrapped", "Errors are wrapped in error.", editingFields(refusals, func(c *call) { c.answer.body = &object{{"error", c.answer.body}} })),
		fieldFault("PV-18", "fourth-wrong-otp-has-a-third-field", "From the fourth wrong OTP on its answer holds how many there were.", body(fourthWrong, "attempts", 4)),
		exploreFault("PV-18", "escaped-phone-in-another-shape", "A phone whose digits are written as escapes is answered by a guard that writes errors in its own way.",
			refusing(refusedOption, sent("phone", `\\u003`)), editingFields(answersTo(refusedOption), func(c *call) { c.answer.body = &object{{"error", "suspicious request"}} })),

		fault("PV-19", "success-body-cut", "The JSON of a success ends in the middle, in a complete message.", rewriting(successes, func(b []byte) []byte { return b[:len(b)/2] })),
		fault("PV-19", "error-body-cut", "The JSON of an error lacks its last brace, in a complete message.", rewriting(refusals, func(b []byte) []byte { return b[:len(b)-1] })),
		fault("PV-19", "error-body-empty", "Errors have no body.", rewriting(refusals, func([]byte) []byte { return nil })),
		fault("PV-19", "trailing-bytes", "A warning of the runtime follows the body.", wrapping("", "\nWarning: header already sent")),
		fault("PV-19", "trailing-brace", "One brace too many closes the body.", wrapping("", "}")),
		fault("PV-19", "body-twice", "The body is written twice.", rewriting(always, func(b []byte) []byte { return append(b, b...) })),
		fieldFault("PV-19", "success-key-twice", "A success has the key status twice.", editingFields(successes, func(c *call) { *c.answer.data = append(*c.answer.data, field{"status", statusValidated}) })),
		fieldFault("PV-19", "error-key-twice", "Errors have the key code twice.", editingFields(refusals, repeating)),
		fieldFault("PV-19", "lock-key-twice", "After three wrong OTPs the validation is locked, and the answer has its code twice.",
			limitingAttempts(3), editingFields(answersTo(tooManyAttempts), repeating)),
		fault("PV-19", "other-otps-answer-html-called-json", "An OTP that is not a number is answered by the framework's page, which is called JSON.",
			editingBytes(answersTo(malformed), asHTML), refusingAtOnce(malformed, given("otp").and(not(otpIsNumber)))),
		fault("PV-19", "body-begins-with-bom", "The body begins with a byte order mark.", wrapping("\xef\xbb\xbf", "")),
		fault("PV-19", "body-holds-invalid-utf8", "A further field is Latin-1.", rewriting(always, func(b []byte) []byte { return append(b[:len(b)-1], ",\"note\":\"c\xf3digo\"}"...) })),
		fault("PV-19", "body-in-utf16", "The body is UTF-16.", rewriting(always, toUTF16)),
		fault("PV-19", "body-in-single-quotes", "Strings stand in single quotes.", rewriting(always, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) })),
		fault("PV-19", "body-with-trailing-comma", "A comma stands before the last brace.", rewriting(always, func(b []byte) []byte { return append(b[:len(b)-1], ",}"...) })),
		fault("PV-19", "body-with-guard", "A guard against script inclusion stands before the body.", wrapping(")]}',\n", "")),
		fault("PV-19", "line-breaks-raw-in-strings", "The message's line breaks are not escaped.", rewriting(always, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`\n`), []byte("\n")) })),
		fault("PV-19", "errors-as-html-pages", "Errors are the web server's HTML pages.", mediaType(refusals, "text/html; charset=utf-8"), editingBytes(refusals, asHTML)),
		fault("PV-19", "errors-as-html-called-json", "Errors are HTML pages that are called JSON.", editingBytes(refusals, asHTML)),
		unjudgeableFault("PV-19", "message-truncated", "Fewer bytes follow than Content-Length says.",
			editingBytes(always, func(c *call) { c.w.Header().Set("Content-Length", strconv.Itoa(len(c.answer.bytes)+10)) })),
		unjudgeableFault("PV-19", "last-chunk-missing", "A chunked answer breaks off.", sending(sendWithoutEnd)),

		fault("PV-20", "success-answers-206", "Success is answered 206.", answering(successes, 206)),
		fault("PV-20", "unknown-phone-answers-500", "Nobody thought that a phone may have no validation: 500.", judgingAs(answersTo(notFound), crashed)),
		fault("PV-20", "wrong-otp-answers-500", "The exception for a wrong OTP is not caught: 500.", judgingAs(answersTo(wrongOTP), crashed)),
		fault("PV-20", "wrong-otp-answers-302", "A wrong OTP is redirected to a page.", status(wrongOTP, 302), header(answersTo(wrongOTP), "Location", "/otp-does-not-match")),
		fault("PV-20", "fourth-wrong-otp-answers-302", "From the fourth wrong OTP on the answer is a redirect.", answering(fourthWrong, 302)),
		fault("PV-20", "missing-answers-422", "Missing parameters are answered 422.", status(missingParameter, 422)),
		fault("PV-20", "format-answers-422", "A malformed country code is answered 422.", status(badCountryCode, 422)),
		fault("PV-20", "expired-answers-410", "An expired OTP is answered 410.", status(hasExpired, 410)),
		fault("PV-20", "spaces-answer-500", "A phone with spaces is answered 500.", crashing(sent("phone", " "))),
		fault("PV-20", "seventh-answers-500", "Every seventh call is answered 500.", judgingEveryNth(7, crashed)),
		fault("PV-20", "method-put-not-allowed", "PUT is answered 405: the route was registered as PATCH.",
			refusedWith(crashed, 405, "MethodNotAllowed", "405:method_not_allowed"), func(b *behaviour) { b.authenticate = setVerdict(crashed) }),
		fault("PV-20", "project-of-other-form-answers-500", "A project that is not an id is answered 500.", crashing(func(c *call) bool { return c.request.project != "" && !idFits(c.request.project) })),
		fault("PV-20", "errors-redirected-where-json-unasked-for", "Errors are redirects to a page where the request does not say that it accepts JSON.", answering(check(refusals).and(acceptsNoJSON), 302)),
		fault("PV-20", "huge-exponent-answers-500", "An OTP beyond every float, as 1e400, is answered 500.", crashing(func(c *call) bool { return c.request.otp != "" && math.IsNaN(asFloat(c.request.otp)) })),
		fault("PV-20", "number-as-phone-answers-500", "A phone that is a number has no spaces to remove: 500.", crashing(sent("phone", `^[-\d]`))),
		fault("PV-20", "deep-nesting-answers-500", "Nesting of more than 50 levels is answered 500.", crashing(nestedDeeperThan(50))),
		fault("PV-20", "array-body-answers-500", "A body that is an array is answered 500.",
			judgingAs(answersTo(malformed).and(bodyLike(`^\s*\[`)), crashed)),
		fault("PV-20", "large-body-answers-500", "A body of more than 64 KiB is answered 500.", crashing(bodyLongerThan(64<<10))),
		fault("PV-20", "missing-token-answers-500", "No token, or an unknown one, is answered 500.", status(unauthorised, 500)),
		fault("PV-20", "text-otp-answers-500", "An OTP that is text is answered 500.", crashing(sent("otp", anyText))),
		unjudgeableFault("PV-20", "third-answers-503", "Every third call is answered 503, as if a machine of the pool was down.",
			refusedWith(crashed, 503, "ServiceUnavailable", "503:service_unavailable"), judgingEveryNth(3, crashed)),
		unjudgeableFault("PV-20", "hang", "Calls are never answered.", arriving(func(c *call) { <-c.r.Context().Done() }), arriving(closeUnanswered)),
		unjudgeableFault("PV-20", "closed-without-answer", "The connection is closed instead of an answer.", arriving(closeUnanswered)),
		exploreFault("PV-20", "emoji-in-phone-answers-500", "A character beyond the basic plane in the phone is answered 500.", crashing(sent("phone", `[\x{10000}-\x{10FFFF}]|\\u[dD][89abAB]`))),
		exploreFault("PV-20", "nul-in-country-code-answers-500", "A NUL in the country code is answered 500 by the database.", crashing(sent("countryCode", `\\u0000`))),
		exploreFault("PV-20", "object-as-project-answers-500", "An object or an array as project is answered 500.", crashing(sent("project", `^[{\[]`))),
		exploreFault("PV-20", "long-phone-answers-500", "A phone of more than 64 characters is answered 500 by the database.", crashing(func(c *call) bool { return len(c.request.phone) > 64 })),
		exploreFault("PV-20", "repeated-key-answers-500", "A key that occurs twice is answered 500.", crashing(repeatsKey)),

		fault("PV-23", "media-type-missing", "No Content-Type is sent.", mediaType(always, "")),
		fault("PV-23", "media-type-text-plain", "JSON is called text/plain.", mediaType(always, "text/plain; charset=utf-8")),
		fault("PV-23", "media-type-text-html", "JSON is called text/html, the framework's default.", mediaType(always, "text/html; charset=utf-8")),
		fault("PV-23", "media-type-text-json", "JSON is called text/json.", mediaType(always, "text/json")),
		fault("PV-23", "media-type-javascript", "JSON is called application/javascript.", mediaType(always, "application/javascript")),
		fault("PV-23", "fourth-wrong-otp-called-html", "From the fourth wrong OTP on its answer is called HTML.", mediaType(fourthWrong, "text/html")),
		fault("PV-23", "success-called-html-where-json-unasked-for", "A success is called HTML where the request does not say that it accepts JSON.", mediaType(check(successes).and(acceptsNoJSON), "text/html")),
		fault("PV-23", "wrong-otp-called-html-where-anything-is-accepted", "A wrong OTP is answered as HTML where the request accepts anything.", calledHTML(wrongOTP)),
		fault("PV-23", "unknown-phone-called-html-where-anything-is-accepted", "An unknown phone is answered as HTML where the request accepts anything.", calledHTML(notFound)),
		fault("PV-23", "missing-called-html-where-anything-is-accepted", "Missing parameters are answered as HTML where the request accepts anything.", calledHTML(missingParameter)),
		fault("PV-23", "format-called-html-where-anything-is-accepted", "A malformed country code is answered as HTML where the request accepts anything.", calledHTML(badCountryCode)),
		fault("PV-23", "expired-called-html-where-anything-is-accepted", "An expired OTP is answered as HTML where the request accepts anything.", calledHTML(hasExpired)),
		fault("PV-23", "error-media-type-text-plain", "Errors alone are called text/plain.", mediaType(refusals, "text/plain")),

		fieldFault("PV-24", "success-echoes-otp", "A success holds the OTP.", data("otp", func(c *call) any { return c.validation.otp })),
		fieldFault("PV-24", "success-echoes-otp-as-text", "A success holds the OTP as a string.", data("otp", otp)),
		fault("PV-24", "success-tells-anothers-token", "A cache hands out the token of the first person to whoever comes after.", concluding(where(answersTo(passed), func(c *call) {
			if first := c.records.inOrder[0]; first != c.registration {
				c.w.Header().Set("X-Cached", first.token)
			}
		}))),
		fieldFault("PV-24", "success-echoes-request", "A success holds the whole request.", data("request", func(c *call) string { return string(c.body) })),
		fieldFault("PV-24", "success-echoes-token", "A success holds the token.", data("token", token)),
		fieldsFault("PV-24", everyErrorForm, "wrong-otp-answer-tells-the-right-one", "The answer to a wrong OTP says which one was expected.",
			body(answersTo(wrongOTP), "expected", func(c *call) any { return c.validation.otp })),
		fieldsFault("PV-24", everyErrorForm, "expired-answer-tells-the-otp", "The answer to an expired OTP holds it.", body(answersTo(hasExpired), "otp", otp)),
		fault("PV-24", "otp-in-header", "A header for debugging holds the OTP.", inHeader("X-Debug-Otp", otp)),
		fault("PV-24", "otp-in-header-as-base64", "A header for debugging holds the OTP in base64.", inHeader("X-Debug", func(c *call) string { return base64Of(otp(c)) })),
		fault("PV-24", "otp-in-header-as-hex", "A header for debugging holds the OTP in hex.", inHeader("X-Debug", func(c *call) string { return everyByte(otp(c), "%02x", "") })),
		fault("PV-24", "otp-in-cookie", "A cookie holds the OTP.", inHeader("Set-Cookie", func(c *call) string { return "otp=" + otp(c) + "; Path=/; HttpOnly" })),
		fault("PV-24", "token-in-header", "The Authorization comes back in a header.", header(always, "X-Authorization", func(c *call) string { return c.authorization })),
		fault("PV-24", "token-in-link", "A link to the registration holds its token.", inHeader("Link", link)),
		fault("PV-24", "otp-in-a-word", "A header for debugging holds the OTP beside letters.", inHeader("X-Debug", func(c *call) string { return "otp" + otp(c) + "ok" })),
		fieldFault("PV-24", "otp-with-a-space", "A success holds the OTP with a space in the middle, as messages write it.", data("hint", func(c *call) string { return "sent: " + otp(c)[:3] + " " + otp(c)[3:] })),
		fieldFault("PV-24", "otp-with-dashes", "A success holds the OTP with dashes between its digits.", data("hint", func(c *call) string { return everyByte(otp(c), "%c", "-") })),
		fieldFault("PV-24", "otp-with-an-exponent", "A success holds the OTP as a number with an exponent.", data("otp", func(c *call) any { return jsontext.Value(otp(c) + "e0") })),
		fieldFault("PV-24", "otp-in-a-jwt", "A success holds a JSON Web Token whose payload holds the OTP.", data("session", func(c *call) string {
			encode := base64.RawURLEncoding.EncodeToString
			return tokenHeader + "." + encode([]byte(`{"sub":"`+c.validation.id+`","otp":`+otp(c)+`}`)) + "." + encode([]byte("signed by nobody"))
		})),
		fault("PV-24", "otp-as-hex-with-colons", "A header for debugging holds the OTP as hex with colons.", inHeader("X-Debug", func(c *call) string { return everyByte(otp(c), "%02X", ":") })),
		fieldFault("PV-24", "otp-as-html-entities", "A success holds the OTP as entities of HTML.", data("hint", func(c *call) string { return "<b>" + everyByte(otp(c), "&#%d;", "") + "</b>" })),
		fieldFault("PV-24", "token-in-a-word", "A success holds the token beside letters and digits.", data("key", func(c *call) string { return "s" + token(c) + "0" })),
		fieldFault("PV-24", "token-as-base64-twice", "A success holds the token as base64 of base64.", data("key", func(c *call) string { return base64Of(base64Of(token(c))) })),
		fieldFault("PV-24", "token-as-wrapped-base64", "A success holds the token as base64 in lines, as MIME has it.", data("key", func(c *call) string {
			return regexp.MustCompile(".{76}").ReplaceAllString(base64Of("Bearer "+token(c)), "$0\r\n")
		})),
		fieldFault("PV-24", "token-url-escaped-thrice", "A success holds a URL within URLs that holds the token.", data("next", func(c *call) string {
			innermost := "https://c.example.test/?token=" + everyByte(token(c), "%%%02X", "")
			return "https://a.example.test/?to=" + url.QueryEscape("https://b.example.test/?to="+url.QueryEscape(innermost))
		})),
		fault("PV-24", "token-as-hex-bytes", "A header holds the token as hex, byte by byte.", inHeader("X-Debug", func(c *call) string { return everyByte(token(c), "0x%02x", ", ") })),
		fault("PV-24", "token-in-early-hints", "An interim answer 103 links to the registration with its token.", sendingFirst(where(found, func(c *call) { sendHint(c, link(c)) }))),
		fault("PV-24", "otp-in-reason-phrase", "The status line ends with the OTP.", sending(sendRaw("HTTP/1.1", func(c *call) string {
			if !found(c) {
				return "Code "
			}
			return "Code " + otp(c)
		}))),
		fieldsFault("PV-24", everyErrorForm, "node-stack-trace-in-error", "Errors hold a Node.js stack trace.", body(refusals, "stack", "Error: otp_does_not_match\n    at PhoneValidationService.validate (/app/src/services/phone-validation.js:87:13)\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)")),
		fieldsFault("PV-24", everyErrorForm, "python-traceback-in-error", "Errors hold a Python traceback.", body(refusals, "stack", "Traceback (most recent call last):\n  File \"/app/phone_validations.py\", line 87, in validate\n    raise Forbidden(\"otp_does_not_match\")\nForbidden: otp_does_not_match")),
		fieldsFault("PV-24", everyErrorForm, "go-stack-trace-in-error", "Errors hold a Go stack trace.", body(refusals, "stack", "goroutine 41 [running]:\nmain.validate(0xc000012345)\n\t/app/phone_validations.go:87 +0x1d")),
		fault("PV-24", "java-stack-trace-in-header", "A header of errors holds a Java stack trace.", header(refusals, "X-Error", "java.lang.IllegalStateException: otp_does_not_match at co.example.PhoneValidationService.validate(PhoneValidationService.java:87) at java.base/java.lang.Thread.run(Thread.java:840)")),
		fault("PV-24", "dotnet-stack-trace-in-header", "A header of errors holds a .NET stack trace.", header(refusals, "X-Error", "System.InvalidOperationException: otp_does_not_match at Example.PhoneValidationService.Validate(String otp) in /src/PhoneValidationService.cs:line 87")),
		fault("PV-24", "php-stack-trace-in-header", "A header of errors holds a PHP stack trace.", header(refusals, "X-Error", "Uncaught Exception: otp_does_not_match in /app/validate.php:87 Stack trace: #0 /app/index.php(12): validate() #1 {main}")),
		fault("PV-24", "go-stack-trace-in-header", "A header of errors holds a Go stack trace in one line.", header(refusals, "X-Error", "main.(*service).validate(0xc000012345) /app/phone_validations.go:87 +0x1d")),
		exploreFault("PV-24", "number-as-project-echoes-token", "A project that is a number is reported in a header that quotes the token.",
			header(sent("project", `^[-\d]`), "X-Type-Error", func(c *call) string { return "project is not a string, token " + c.token })),
	},
		fault("PV-05", "missing-parameters-unnamed", "what is missing is not named.").in(func(when check) change { return body(missingCount(1, 3).and(when), "message", "missing parameters") }, "where-project-named", "where-gateway-named", "where-whatsapp-named", "where-none-named", "where-all-named", "where-phone-has-spaces"),
		fault("PV-06", "country-code-not-checked", "any country code is looked up.").in(anyCodeFits, "where-project-named", "where-gateway-named", "where-whatsapp-named", "where-none-named", "where-phone-has-spaces", "where-otp-comes-first"),
		fieldFault("PV-18", "errors-carry-status", "errors hold the status as a third field.").in(func(when check) change { return body(check(refusals).and(when), "status", ownStatus) }, "where-gateway-named", "where-phone-has-spaces", "for-codes-of-1-digit"),
		fault("PV-23", "errors-called-html", "errors are called HTML.").in(func(when check) change { return mediaType(check(refusals).and(when), "text/html") }, "where-project-named", "where-phone-has-spaces", "for-codes-of-2-digits"),
		fault("PV-07", "expired-answers-403", "an expired OTP is answered as a wrong one.").in(func(when check) change { return judgingAs(answersTo(hasExpired).and(when), wrongOTP) }, "where-all-named"),
		fault("PV-07", "expiry-ignored", "the OTP never expires.").in(ignoringExpiry, "for-codes-of-1-digit", "by-whatsapp", "where-phone-has-spaces", "where-gateway-named", "where-project-named", "where-flow-named", "where-flow-alone-named", "where-all-named", "where-otp-comes-first"),
		fault("PV-07", "expired-answers-404", "only unexpired records are looked up.").in(func(when check) change { return judgingAs(answersTo(hasExpired).and(when), notFound) }, "where-phone-has-spaces"),
		fault("PV-07", "expired-validates-anyway", "an expired OTP is answered 412 and validates all the same.").in(sideEffectWhen(hasExpired, validates), "by-whatsapp", "where-phone-has-spaces"),
		fault("PV-07", "expired-links-anyway", "an expired OTP is answered 412 and links all the same.").in(sideEffectWhen(hasExpired, links), "where-project-named", "where-notified", "where-all-named"),
		fieldFault("PV-15", "liveness-forgotten", "the flag is false.").in(func(when check) change { return dataWhere(when, flag, false) }, "after-a-wrong-otp", "where-gateway-named", "where-whatsapp-named", "where-none-named", "for-codes-of-1-digit", "for-codes-of-2-digits", "by-whatsapp", "undelivered"),
		fault("PV-08", "spaces-kept", "spaces are kept.").in(keepingSpaces, "where-otp-comes-first", "where-notified", "before-face-liveness", "for-codes-of-1-digit", "for-codes-of-2-digits", "where-project-named", "by-whatsapp", "undelivered"),
	)
}

// comparingNoOTP answers a missing OTP as a wrong one.
func comparingNoOTP(when check) change {
	return concluding(where(missingCount(1, 1).and(not(given("otp"))).and(when), setVerdict(wrongOTP)))
}

// inLanguage gives an answer another message where the request asks for Spanish before any other language.
func inLanguage(of check, message any) change {
	asked := func(c *call) bool { return strings.HasPrefix(c.r.Header.Get("Accept-Language"), "es") }
	return body(of.and(asked), "message", message)
}

// hasValidation reports whether a request names the number of a validation.
func hasValidation(c *call) bool { return len(requestedValidation(c)) > 0 }

// fromOwn lets f fill in the request from the token's own validation, if it has one.
func fromOwn(f func(c *call, of number)) hook {
	return func(c *call) {
		for _, v := range ownValidations(c) {
			f(c, v.number)
		}
	}
}

func takeCode(c *call, of number) { c.request.countryCode = of.countryCode }

// rewritingCode rewrites a country code if a validation is found by the outcome.
func rewritingCode(written func(code string) string) hook {
	return func(c *call) {
		if code := written(c.request.countryCode); c.records.ofNumber(number{code, c.request.phone}) != nil {
			c.request.countryCode = code
		}
	}
}

func lastOf(text string, n int) string { return text[max(len(text)-n, 0):] }

func answersPreviousSuccess() change {
	var previous atomic.Pointer[object]
	return editingFields(successes, func(c *call) { c.answer.body = cmp.Or(previous.Swap(c.answer.body), c.answer.body) })
}

func toUTF16(b []byte) []byte {
	encoded, _ := binary.Append(nil, binary.BigEndian, utf16.Encode([]rune(string(b)))) // never fails for numbers
	return encoded
}

// sendWithoutEnd sends the body as a chunk and closes the connection without the final chunk.
func sendWithoutEnd(c *call) {
	send(c)
	_ = http.NewResponseController(c.w).Flush()
	closeUnanswered(c)
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// everyByte formats each byte of a text and joins the results.
func everyByte(text, format, between string) string {
	parts := group.Map([]byte(text), func(b byte) string { return fmt.Sprintf(format, b) })
	return strings.Join(parts, between)
}

// sendHint sends an interim answer 103 with a link.
func sendHint(c *call, link string) {
	c.w.Header().Set("Link", link)
	c.w.WriteHeader(http.StatusEarlyHints)
	c.w.Header().Del("Link")
}
