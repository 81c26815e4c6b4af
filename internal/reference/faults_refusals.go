package reference

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// refusalFaults break what is answered where nothing is found (PV-03), parameters are missing (PV-04, all; PV-05, some),
// the country code is of another form (PV-06) and the OTP has expired (PV-07).
func refusalFaults() []Fault {
	documented := joined("\n. ")
	some := []string{"PV-05"} // missing parameters have the same words as all of them
	return []Fault{
		broken("PV-03", "unknown-phone-answers-200-null", "A phone without a validation is answered 200 with data null.", status(notFound, 200), editing(answersTo(notFound), func(c *call) { c.answer.body = &object{{"data", nil}} })),
		broken("PV-03", "unknown-phone-answers-400", "A phone without a validation is answered 400.", status(notFound, 400)),
		broken("PV-03", "unknown-phone-answers-403", "A phone without a validation is answered as a wrong OTP, so that nobody can list phones.", mistaken(notFound, wrongOTP)),
		broken("PV-03", "unknown-phone-answers-409", "A phone without a validation is answered 409.", status(notFound, 409)),
		broken("PV-03", "unknown-phone-answers-412", "A phone without a validation is answered as an expired one.", mistaken(notFound, hasExpired)),
		ofField("PV-03", "unknown-phone-code-renamed", "The code is phoneValidation_not_found.", code(notFound, "phoneValidation_not_found")),
		ofField("PV-03", "unknown-phone-message-lacks-status", "The message lacks 404: before the symbol.", message(notFound, "phone_validation_not_found")),
		ofField("PV-03", "unknown-phone-message-has-other-status", "The message says 403.", message(notFound, "403:phone_validation_not_found")),
		broken("PV-03", "unknown-phone-in-other-dialect", "Unknown phones speak the other envelope.", refusedWith(notFound, 404, "NotFound", "phone_validation_not_found")),

		unjudgeable("PV-04", "missing-all-drops-connection", "A request without any parameter is dropped, each time.", arriving(where(bodyLike(`^\{\}$`), closeUnanswered))),
		broken("PV-03", "unknown-phone-code-renamed-for-codes-of-1-digit", "Under a country code of one digit an unknown phone is answered not_found.", body(answersTo(notFound).and(withCodeOf(1)), "code", "not_found")),
		broken("PV-04", "missing-all-answers-400", "Three missing parameters are answered 400.", answering(missing(3, 3), 400)),
		broken("PV-04", "missing-all-answers-403", "Three missing parameters are answered 403.", answering(missing(3, 3), 403)),
		broken("PV-04", "missing-all-answers-404", "An empty object is looked up.", examining(notFound, func(c *call) bool { return len(c.request.missing()) == 3 })),
		ofFields("PV-04", some, "missing-code-in-snake-case", "The code is missing_parameter.", code(missingParameter, "missing_parameter")),
		ofField("PV-04", "missing-code-plural", "The code is MissingParameters where there are several.", body(missing(3, 3), "code", "MissingParameters")),
		ofFields("PV-04", some, "missing-message-lacks-dots", "The parameters are separated by a line break alone.", words(2, 3, joined("\n"))),
		ofFields("PV-04", some, "missing-message-in-one-line", "The line breaks are lost.", words(2, 3, joined(". "))),
		ofFields("PV-04", some, "missing-message-has-escaped-breaks", "The line breaks are a backslash and an n.", words(2, 3, joined(`\n. `))),
		ofFields("PV-04", some, "missing-message-with-commas", "The parameters are separated by commas.", words(2, 3, joined(", "))),
		ofFields("PV-04", some, "missing-message-sorted", "The parameters are named in the order of the alphabet.",
			words(2, 3, func(names []string) string { return documented(slices.Sorted(slices.Values(names))) })),
		ofFields("PV-04", some, "missing-message-names-first-only", "Only the first missing parameter is named.", words(2, 3, func(names []string) string { return documented(names[:1]) })),
		ofField("PV-04", "missing-message-says-required", "The message says that they are required.", words(3, 3, func(names []string) string { return strings.Join(names, " is required\n. ") + " is required" })),
		ofField("PV-04", "missing-message-ends-in-break", "The message ends in one more separator.", words(3, 3, func(names []string) string { return documented(names) + "\n. " })),

		broken("PV-05", "missing-phone-unnoticed", "A missing phone is looked up.", reading(func(c *call) { c.request.phone = cmp.Or(c.request.phone, "?") })),
		broken("PV-05", "missing-country-code-unnoticed", "A missing country code is taken to be +1.", reading(func(c *call) { c.request.countryCode = cmp.Or(c.request.countryCode, "+1") })),
		broken("PV-05", "missing-country-code-answered-as-format", "A missing country code is answered as one of another form.", reading(func(c *call) { c.request.countryCode = cmp.Or(c.request.countryCode, "?") })),
		broken("PV-05", "missing-otp-unnoticed", "A missing OTP is compared.", reading(func(c *call) { c.request.otp = cmp.Or(c.request.otp, "?") })),
		broken("PV-05", "missing-otp-validates", "Without an OTP nothing is compared.", reading(func(c *call) { c.request.otp = cmp.Or(c.request.otp, "?") }), accepting(not(typedNumber))),
		broken("PV-05", "missing-some-answers-400", "One or two missing parameters are answered 400.", answering(missing(1, 2), 400)),
		ofField("PV-05", "missing-some-names-all", "The message always names all three.", words(1, 2, func([]string) string { return documented(required()) })),
		ofField("PV-05", "missing-pair-names-last-only", "Of two missing parameters only the last is named.", words(2, 2, func(names []string) string { return documented(names[1:]) })),
		ofField("PV-05", "missing-pair-reversed", "Two missing parameters are named the wrong way round.", words(2, 2, func(names []string) string { return documented([]string{names[1], names[0]}) })),
		ofField("PV-05", "missing-pair-with-and", "Two missing parameters are joined by and.", words(2, 2, func(names []string) string { return "missing " + names[0] + " and " + names[1] })),
		ofField("PV-05", "missing-single-begins-with-separator", "A single missing parameter has the separator before it.", words(1, 1, func(names []string) string { return "\n. " + documented(names) })),
		ofField("PV-05", "missing-single-with-full-stop", "A single missing parameter has a full stop after it.", words(1, 1, func(names []string) string { return documented(names) + "." })),
		ofField("PV-05", "missing-single-in-snake-case", "countryCode is named country_code where it is alone.", words(1, 1, func(names []string) string {
			return strings.Replace(documented(names), "countryCode", "country_code", 1)
		})),

		unjudgeable("PV-06", "bad-country-code-answers-503", "A badly written country code is answered 503, each time.", status(badCountryCode, 503)),
		broken("PV-06", "country-code-not-checked", "Any country code is looked up.", codesFit(`.`)),
		broken("PV-06", "country-code-without-plus-accepted", "A country code without a plus is looked up.", codesFit(`^\d{1,3}$`)),
		broken("PV-06", "country-code-of-plus-alone-accepted", "A plus alone is looked up.", codesFit(`^\+$`)),
		broken("PV-06", "country-code-of-4-digits-accepted", "Four digits are looked up.", codesFit(`^\+\d{4}$`)),
		broken("PV-06", "country-code-of-letters-accepted", "Letters are looked up.", codesFit(`(?i)[a-z]`)),
		broken("PV-06", "country-code-with-two-pluses-accepted", "Two pluses are looked up.", codesFit(`^\+\+`)),
		broken("PV-06", "country-code-with-trailing-plus-accepted", "A plus at the end is looked up.", codesFit(`^\+\d+\+$`)),
		broken("PV-06", "country-code-start-alone-checked", "The pattern has no end: what begins with + and a digit is looked up.", codesFit(`^\+\d`)),
		broken("PV-06", "country-code-with-line-break-accepted", "The pattern's end is that of a line: a line break behind is looked up.", codesFit(`^\+\d{1,3}\n$`)),
		broken("PV-06", "country-code-as-first-line-accepted", "The pattern's end is that of a line, whatever follows.", codesFit(`^\+\d{1,3}\n`)),
		broken("PV-06", "country-code-as-any-line-accepted", "The pattern's anchors mean lines: one good line among several is enough.", codesFit(`(?m)^\+\d{1,3}$`)),
		broken("PV-06", "country-code-read-as-number", "What reads as a number of at most four characters is looked up.", codesFit(`^\+(Inf|[\d.e]{1,3})$`)),
		broken("PV-06", "country-code-with-underscore-accepted", "A number may have underscores in it.", codesFit(`^\+(_*\d){1,3}_*$`)),
		broken("PV-06", "country-code-with-area-code-accepted", "An island's code with its area code, as +1809, is looked up.", codesFit(`^\+1\d{3}$`)),
		broken("PV-06", "country-code-with-zeros-before-accepted", "Zeros before the digits do not count.", codesFit(`^\+0+[1-9]\d{0,2}$`)),
		broken("PV-06", "country-code-of-two-letters-accepted", "A country's two letters are looked up.", codesFit(`^[A-Z]{2}$`)),
		broken("PV-06", "country-code-with-punctuation-accepted", "A point or a comma behind is overlooked.", codesFit(`^\+\d{1,3}[.,]+$`)),
		broken("PV-06", "country-code-in-parentheses-accepted", "Parentheses are overlooked.", codesFit(`^\(+\+\d{1,3}\)+$`)),
		broken("PV-06", "country-code-with-slash-accepted", "Several codes may be given, a slash between them.", codesFit(`^\+\d{1,3}/`)),
		broken("PV-06", "country-code-unescaped", "The country code is unescaped as in a URL.", codesFit(`^%2B\d{1,3}$`)),
		broken("PV-06", "format-answers-400", "A country code of another form is answered 400.", status(badCountryCode, 400)),
		broken("PV-06", "format-answers-404", "A country code of another form is answered as an unknown phone.", mistaken(badCountryCode, notFound)),
		ofField("PV-06", "format-code-renamed", "The code is InvalidParameter.", code(badCountryCode, "InvalidParameter")),
		ofField("PV-06", "format-message-lacks-full-stop", "The message ends without its full stop.", message(badCountryCode, strings.TrimSuffix(formatMessage, "."))),
		ofField("PV-06", "format-message-reworded", "The message says it in other words.", message(badCountryCode, "countryCode must be + followed by 1 to 3 digits")),
		ofField("PV-06", "format-message-quotes-the-value", "The message quotes what was sent.", body(answersTo(badCountryCode), "message", func(c *call) string {
			return strings.Replace(formatMessage, "format.", "format: "+c.request.countryCode+".", 1)
		})),
		ofField("PV-06", "format-answered-as-missing", "A country code of another form is answered as a missing one.", message(badCountryCode, "missing countryCode")),

		broken("PV-07", "expiry-ignored", "An OTP never expires.", unexpiring(always)),
		broken("PV-07", "expiry-an-hour-late", "Time zones are mixed up: an OTP expires an hour late.", unexpiring(func(c *call) bool { return c.now.Before(c.validation.expires.Add(time.Hour)) })),
		broken("PV-07", "expired-answers-404", "Only unexpired records are looked up.", mistaken(hasExpired, notFound)),
		broken("PV-07", "expired-answers-403", "An expired OTP is answered as a wrong one.", mistaken(hasExpired, wrongOTP)),
		broken("PV-07", "expired-answers-409", "An expired OTP is answered 409.", status(hasExpired, 409)),
		ofField("PV-07", "expired-code-in-snake-case", "The code is phone_validation_has_expired.", code(hasExpired, "phone_validation_has_expired")),
		ofField("PV-07", "expired-code-renamed", "The code is otp_has_expired.", code(hasExpired, "otp_has_expired")),
		ofField("PV-07", "expired-message-lacks-status", "The message lacks 412: before the symbol.", message(hasExpired, "phoneValidation_has_expired")),
		ofField("PV-07", "expired-message-has-other-status", "The message says 410.", message(hasExpired, "410:phoneValidation_has_expired")),
		broken("PV-07", "expired-in-other-dialect", "Expired OTPs speak the other envelope.", refusedWith(hasExpired, 412, "PreconditionFailed", "phoneValidation_has_expired")),
		broken("PV-07", "expired-validates-anyway", "An expired OTP is answered 412 and validates all the same.", onTop(hasExpired, markAndLink)),
		broken("PV-07", "expired-links-anyway", "An expired OTP is answered 412 and links all the same.", onTop(hasExpired, links)),
		broken("PV-07", "expired-validates-late", "An expired OTP is answered 412; a queue validates all the same.", onTop(hasExpired, late(validates))),
		broken("PV-07", "expired-links-late", "An expired OTP is answered 412; a queue links all the same.", onTop(hasExpired, late(links))),
		broken("PV-07", "expiry-ignored-for-codes-of-1-digit", "Under a country code of one digit an OTP never expires.", unexpiring(withCodeOf(1))),
		broken("PV-07", "expiry-ignored-by-whatsapp", "An OTP that WhatsApp delivered never expires.", unexpiring(sentBy("whatsapp"))),
		broken("PV-07", "expiry-ignored-where-phone-has-spaces", "A phone with spaces goes another way, which is not asked for its time.", unexpiring(sent("phone", " "))),
		broken("PV-07", "expiry-put-off-by-an-attempt", "An attempt that comes too late makes the OTP live on.", onTop(hasExpired, countAttempt), unexpiring(attempted(1))),
		broken("PV-07", "expiry-ignored-where-gateway-named", "A request that names the delivery method is not asked for its time.", unexpiring(given("phoneGateway"))),
		broken("PV-07", "expiry-ignored-where-project-named", "A request that names the project is not asked for its time.", unexpiring(given("project"))),
		broken("PV-07", "expiry-ignored-where-flow-named", "A request that names the project flow is not asked for its time.", unexpiring(given("projectFlow"))),
	}
}
