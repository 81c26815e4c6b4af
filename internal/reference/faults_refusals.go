package reference

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// wrongOTPFaults break PV-02: what a wrong OTP is answered.
func wrongOTPFaults() []fault {
	const rule = "PV-02"
	return []fault{
		broken(rule, "otp-not-compared", "Any OTP is accepted.", matching(func(string, int) bool { return true })),
		broken(rule, "any-otp-of-that-length-accepted", "Any OTP with as many digits is accepted.", matching(func(literal string, otp int) bool {
			return len(literal) == len(strconv.Itoa(otp))
		})),
		broken(rule, "only-first-digits-compared", "Only the first four digits are compared.", matching(func(literal string, otp int) bool {
			n, err := strconv.Atoi(literal)
			return err == nil && n/100 == otp/100
		})),
		broken(rule, "only-last-digits-compared", "Only the last five digits are compared.", matching(func(literal string, otp int) bool {
			n, err := strconv.Atoi(literal)
			return err == nil && n%100_000 == otp%100_000
		})),
		broken(rule, "otp-second-digit-not-compared", "The second digit is not compared.", alsoMatching(exceptAt(1))),
		broken(rule, "otp-third-digit-not-compared", "The third digit is not compared.", alsoMatching(exceptAt(2))),
		broken(rule, "otp-fourth-digit-not-compared", "The fourth digit is not compared.", alsoMatching(exceptAt(3))),
		broken(rule, "otp-fifth-digit-not-compared", "The fifth digit is not compared.", alsoMatching(exceptAt(4))),
		broken(rule, "otp-last-digit-not-compared", "A loop ends one digit too early.", alsoMatching(exceptAt(5))),
		broken(rule, "otp-off-by-one-accepted", "A tolerance for rounding accepts the neighbours of the right OTP.", alsoMatching(func(literal string, otp int) bool {
			n, err := strconv.Atoi(literal)
			return err == nil && max(n-otp, otp-n) <= 1
		})),
		broken(rule, "otp-one-more-accepted", "The OTP is compared as below the next one but one.", alsoMatching(func(literal string, otp int) bool { return literal == strconv.Itoa(otp+1) })),
		broken(rule, "otp-not-less-accepted", "Any OTP that is not less than the right one is accepted.", alsoMatching(func(literal string, otp int) bool {
			n, err := strconv.Atoi(literal)
			return err == nil && n >= otp
		})),
		broken(rule, "otp-digits-sorted", "The digits are compared without their order.", alsoMatching(func(literal string, otp int) bool {
			return slices.Equal(slices.Sorted(strings.SplitSeq(literal, "")), slices.Sorted(strings.SplitSeq(strconv.Itoa(otp), "")))
		})),
		broken(rule, "otp-sum-compared", "Only the sum of the digits is compared.", alsoMatching(func(literal string, otp int) bool { return digitSum(literal) == digitSum(strconv.Itoa(otp)) })),
		broken(rule, "otp-of-any-validation-accepted", "The OTP is looked for among all that are open.", alsoPassing(func(c *call, _ *validation) bool {
			for _, other := range c.records.validations {
				if other.status == statusSent && sameNumber(c.request.otp, other.otp) {
					return true
				}
			}
			return false
		})),
		broken(rule, "wrong-otp-answers-200", "A wrong OTP is answered 200 with the error as body.", refuseWithStatus(wrongOTP, http.StatusOK)),
		broken(rule, "wrong-otp-answers-400", "A wrong OTP is answered 400.", refuseWithStatus(wrongOTP, http.StatusBadRequest)),
		broken(rule, "wrong-otp-answers-401", "A wrong OTP is answered 401.", refuseWithStatus(wrongOTP, http.StatusUnauthorized)),
		broken(rule, "wrong-otp-answers-404", "A wrong OTP is answered 404: the OTP is part of the look-up.", mistake(wrongOTP, notFound)),
		broken(rule, "wrong-otp-answers-409", "A wrong OTP is answered 409.", refuseWithStatus(wrongOTP, http.StatusConflict)),
		broken(rule, "wrong-otp-answers-412", "A wrong OTP is answered as an expired one.", mistake(wrongOTP, hasExpired)),
		ofField(rule, "wrong-otp-code-renamed", "The code is invalid_otp.", refuseWithCode(wrongOTP, "invalid_otp")),
		ofField(rule, "wrong-otp-code-capitalised", "The code is OTP_DOES_NOT_MATCH.", refuseWithCode(wrongOTP, "OTP_DOES_NOT_MATCH")),
		ofField(rule, "wrong-otp-code-holds-status", "The status stands before the code as well.", refuseWithCode(wrongOTP, "403:otp_does_not_match")),
		ofField(rule, "wrong-otp-message-lacks-status", "The message lacks 403: before the symbol.", refuseWithMessage(wrongOTP, "otp_does_not_match")),
		ofField(rule, "wrong-otp-message-has-other-status", "The message says 404.", refuseWithMessage(wrongOTP, "404:otp_does_not_match")),
		ofField(rule, "wrong-otp-message-has-space", "A space stands after the colon of the message.", refuseWithMessage(wrongOTP, "403: otp_does_not_match")),
		ofField(rule, "wrong-otp-message-translated", "The message is a sentence in the user's language.", refuseWithMessage(wrongOTP, "El código no coincide")),
		broken(rule, "wrong-otp-in-other-dialect", "Wrong OTPs speak the other envelope: the HTTP name in code, the symbol in message.", refuseAs(wrongOTP, http.StatusForbidden, "Forbidden", "otp_does_not_match")),
		broken(rule, "errors-in-other-dialect", "403, 404 and 412 speak the other envelope: the HTTP name in code, the symbol in message.", all(
			refuseAs(wrongOTP, http.StatusForbidden, "Forbidden", "otp_does_not_match"),
			refuseAs(notFound, http.StatusNotFound, "NotFound", "phone_validation_not_found"),
			refuseAs(otherRegistration, http.StatusNotFound, "NotFound", "phone_validation_not_found"),
			refuseAs(otherProject, http.StatusNotFound, "NotFound", "phone_validation_not_found"),
			refuseAs(hasExpired, http.StatusPreconditionFailed, "PreconditionFailed", "phoneValidation_has_expired"),
		)),
	}
}

// exceptAt compares two OTPs without one of their digits.
func exceptAt(i int) func(string, int) bool {
	return func(literal string, otp int) bool {
		want := strconv.Itoa(otp)
		return len(literal) == len(want) && i < len(want) && literal[:i]+literal[i+1:] == want[:i]+want[i+1:]
	}
}

func digitSum(digits string) int {
	sum := 0
	for _, d := range digits {
		sum += int(d - '0')
	}
	return sum
}

// noOTPFaults break PV-25: nothing but the right OTP validates.
func noOTPFaults() []fault {
	const rule = "PV-25"
	literal := func(otp int) string { return strconv.Itoa(otp) }
	// asText takes a text for the number that f reads in it; "": none.
	asText := func(f func(string) string) change {
		return lenientOTP(func(v json.RawMessage) string { return f(text(v)) })
	}
	isJSON := func(values ...string) change {
		return acceptAnyOTP(func(v json.RawMessage) bool { return slices.Contains(values, string(v)) })
	}
	object := func(holds string) change {
		return acceptAnyOTP(func(v json.RawMessage) bool { return len(v) > 0 && v[0] == '{' && strings.Contains(string(v), holds) })
	}
	afterWrong := func(n int) change {
		return alsoPassing(func(_ *call, v *validation) bool { return v.attempts >= n })
	}
	return []fault{
		broken(rule, "any-otp-after-three-wrong", "A counter of attempts is looked at the wrong way round: after three wrong OTPs any is accepted.", afterWrong(3)),
		broken(rule, "any-otp-after-four-wrong", "After four wrong OTPs any is accepted.", afterWrong(4)),
		broken(rule, "any-otp-after-nine-wrong", "A list of ten attempts is full: after nine wrong OTPs the next is accepted.", afterWrong(9)),
		broken(rule, "any-otp-after-success", "A validation that is validated is answered as a success, whatever the OTP.", all(
			func(b *behaviour) { b.again = passed },
			alsoPassing(func(_ *call, v *validation) bool { return v.status == statusValidated }))),
		broken(rule, "otp-prefix-accepted", "The right OTP has to begin with what is typed.", alsoMatching(func(s string, otp int) bool { return strings.HasPrefix(literal(otp), s) })),
		broken(rule, "otp-suffix-accepted", "The right OTP has to end in what is typed.", alsoMatching(func(s string, otp int) bool { return strings.HasSuffix(literal(otp), s) })),
		broken(rule, "otp-contained-accepted", "What is typed has to contain the right OTP.", alsoMatching(func(s string, otp int) bool { return strings.Contains(s, literal(otp)) })),
		broken(rule, "otp-one-digit-more-accepted", "What is typed has to begin with the right OTP.", alsoMatching(func(s string, otp int) bool {
			return strings.HasPrefix(s, literal(otp)) && strings.Trim(s, "0123456789") == ""
		})),
		broken(rule, "otp-cut-to-six-digits", "The last six digits of what is typed are compared, as the remainder of a million.", alsoMatching(func(s string, otp int) bool {
			n, err := strconv.Atoi(s)
			return err == nil && n%1_000_000 == otp
		})),
		broken(rule, "otp-wraps-at-16-bits", "Both OTPs are compared in 16 bits: the right one plus 65536 is accepted.", alsoMatching(func(s string, otp int) bool {
			n, err := strconv.Atoi(s)
			return err == nil && int16(n) == int16(otp)
		})),
		broken(rule, "otp-wraps-at-32-bits", "The OTP is cut to 32 bits: the right one plus 4294967296 is accepted.", alsoMatching(func(s string, otp int) bool {
			n, err := strconv.ParseInt(s, 10, 64)
			return err == nil && int(int32(n)) == otp
		})),
		broken(rule, "otp-fraction-cut-off", "The OTP's fraction is cut off: the right one with any fraction is accepted.", alsoMatching(func(s string, otp int) bool {
			f, err := strconv.ParseFloat(s, 64)
			return err == nil && math.Trunc(f) == float64(otp)
		})),
		broken(rule, "otp-sign-ignored", "The right OTP with a minus before it is accepted.", alsoMatching(func(s string, otp int) bool { return sameNumber(strings.TrimPrefix(s, "-"), otp) })),
		broken(rule, "otp-zero-accepted", "0 counts as the value of an OTP that is not set and is accepted.", alsoMatching(func(s string, _ int) bool { return sameNumber(s, 0) })),
		broken(rule, "otp-null-accepted", "null is accepted as OTP.", isJSON("null")),
		broken(rule, "otp-true-accepted", "A loose comparison accepts true as OTP.", isJSON("true")),
		broken(rule, "otp-false-accepted", "What counts as false is not compared: false is accepted.", isJSON("false")),
		broken(rule, "otp-empty-text-accepted", "What counts as false is not compared: an empty text is accepted.", isJSON(`""`)),
		broken(rule, "otp-empty-list-accepted", "None of an empty list differs: it is accepted.", isJSON("[]")),
		broken(rule, "otp-object-accepted", "An object as OTP becomes an operator of the database's query and is accepted.", object("")),
		broken(rule, "otp-not-equal-query-accepted", "{\"$ne\": null} becomes an operator of the database's query.", object("$ne")),
		broken(rule, "otp-greater-query-accepted", "{\"$gt\": 0} becomes an operator of the database's query; $ne is refused.", object("$gt")),
		broken(rule, "otp-in-array-accepted", "The right OTP as the only one in an array is accepted, and refused where there are more.", lenientOTP(func(v json.RawMessage) string {
			var items []json.RawMessage
			if json.Unmarshal(v, &items) != nil || len(items) != 1 {
				return ""
			}
			return numberLiteral(items[0])
		})),
		broken(rule, "otp-text-read-up-to-letters", "A text is read as a number as far as that goes.", asText(func(s string) string {
			return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
		})),
		broken(rule, "otp-text-not-compared", "A text is never compared.", acceptAnyOTP(func(v json.RawMessage) bool { return text(v) != "" })),
		broken(rule, "otp-no-number-accepted", "What is no number differs from none: letters are accepted.", acceptAnyOTP(func(v json.RawMessage) bool {
			return text(v) != "" && strings.Trim(text(v), "0123456789") != ""
		})),
		broken(rule, "otp-of-the-example-accepted", "The OTP of the documentation's example is a master key.", alsoMatching(func(s string, _ int) bool { return s == "123456" })),
	}
}

// unknownPhoneFaults break PV-03: what a phone without a validation is answered.
func unknownPhoneFaults() []fault {
	const rule = "PV-03"
	return []fault{
		broken(rule, "unknown-phone-answers-200-null", "A phone without a validation is answered 200 with data null.", onVerdict(notFound, func(_ *call, a *answer) {
			a.status, a.body = http.StatusOK, object{{"data", nil}}
		})),
		broken(rule, "unknown-phone-answers-400", "A phone without a validation is answered 400.", refuseWithStatus(notFound, http.StatusBadRequest)),
		broken(rule, "unknown-phone-answers-403", "A phone without a validation is answered as a wrong OTP, so that nobody can list phones.", mistake(notFound, wrongOTP)),
		broken(rule, "unknown-phone-answers-409", "A phone without a validation is answered 409.", refuseWithStatus(notFound, http.StatusConflict)),
		broken(rule, "unknown-phone-answers-412", "A phone without a validation is answered as an expired one.", mistake(notFound, hasExpired)),
		ofField(rule, "unknown-phone-code-renamed", "The code is phoneValidation_not_found.", refuseWithCode(notFound, "phoneValidation_not_found")),
		ofField(rule, "unknown-phone-message-lacks-status", "The message lacks 404: before the symbol.", refuseWithMessage(notFound, "phone_validation_not_found")),
		ofField(rule, "unknown-phone-message-has-other-status", "The message says 403.", refuseWithMessage(notFound, "403:phone_validation_not_found")),
		broken(rule, "unknown-phone-in-other-dialect", "Unknown phones speak the other envelope.", refuseAs(notFound, http.StatusNotFound, "NotFound", "phone_validation_not_found")),
	}
}

// expiryFaults break PV-07: what an expired OTP is answered, and that it validates nothing.
func expiryFaults() []fault {
	const rule = "PV-07"
	return []fault{
		broken(rule, "expiry-ignored", "An OTP never expires.", func(b *behaviour) {
			b.expired = func(*validation, time.Time) bool { return false }
		}),
		broken(rule, "expiry-an-hour-late", "Time zones are mixed up: an OTP expires an hour late.", func(b *behaviour) {
			b.expired = func(v *validation, now time.Time) bool { return now.After(v.expires.Add(time.Hour)) }
		}),
		broken(rule, "expired-answers-404", "Only unexpired records are looked up.", mistake(hasExpired, notFound)),
		broken(rule, "expired-answers-403", "An expired OTP is answered as a wrong one.", mistake(hasExpired, wrongOTP)),
		broken(rule, "expired-answers-409", "An expired OTP is answered 409.", refuseWithStatus(hasExpired, http.StatusConflict)),
		ofField(rule, "expired-code-in-snake-case", "The code is phone_validation_has_expired.", refuseWithCode(hasExpired, "phone_validation_has_expired")),
		ofField(rule, "expired-code-renamed", "The code is otp_has_expired.", refuseWithCode(hasExpired, "otp_has_expired")),
		ofField(rule, "expired-message-lacks-status", "The message lacks 412: before the symbol.", refuseWithMessage(hasExpired, "phoneValidation_has_expired")),
		ofField(rule, "expired-message-has-other-status", "The message says 410.", refuseWithMessage(hasExpired, "410:phoneValidation_has_expired")),
		broken(rule, "expired-in-other-dialect", "Expired OTPs speak the other envelope.", refuseAs(hasExpired, http.StatusPreconditionFailed, "PreconditionFailed", "phoneValidation_has_expired")),
		broken(rule, "expired-validates-anyway", "An expired OTP is answered 412 and validates all the same.", func(b *behaviour) { b.onExpired = markAndLink }),
		broken(rule, "expired-links-anyway", "An expired OTP is answered 412 and links all the same.", onTop(ofExpired, links)),
		broken(rule, "expired-validates-late", "An expired OTP is answered 412; a queue validates all the same.", onTop(ofExpired, late(validates))),
		broken(rule, "expired-links-late", "An expired OTP is answered 412; a queue links all the same.", onTop(ofExpired, late(links))),
	}
}

// formatFaults break PV-06: what a country code of another form is answered.
func formatFaults() []fault {
	const rule = "PV-06"
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return []fault{
		unjudgeable(rule, "bad-country-code-answers-503", "A badly written country code is answered 503, each time.", refuseWithStatus(badCountryCode, http.StatusServiceUnavailable)),
		broken(rule, "country-code-not-checked", "Any country code is looked up.", alsoFits(func(string) bool { return true })),
		broken(rule, "country-code-without-plus-accepted", "A country code without a plus is looked up.", alsoFits(func(s string) bool { return len(s) <= 3 && digits(s) })),
		broken(rule, "country-code-of-plus-alone-accepted", "A plus alone is looked up.", alsoFits(func(s string) bool { return s == "+" })),
		broken(rule, "country-code-of-4-digits-accepted", "Four digits are looked up.", alsoFits(func(s string) bool { return len(s) == 5 && s[0] == '+' && digits(s[1:]) })),
		broken(rule, "country-code-of-letters-accepted", "Letters are looked up.", alsoFits(func(s string) bool {
			return strings.ContainsAny(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz")
		})),
		broken(rule, "country-code-with-two-pluses-accepted", "Two pluses are looked up.", alsoFits(func(s string) bool { return strings.HasPrefix(s, "++") })),
		broken(rule, "country-code-with-trailing-plus-accepted", "A plus at the end is looked up.", alsoFits(func(s string) bool {
			return len(s) > 2 && s[0] == '+' && strings.HasSuffix(s, "+") && digits(s[1:len(s)-1])
		})),
		broken(rule, "country-code-start-alone-checked", "The pattern has no end: what begins with + and a digit is looked up.", alsoFits(func(s string) bool {
			return len(s) > 1 && s[0] == '+' && digits(s[1:2])
		})),
		broken(rule, "country-code-with-line-break-accepted", "The pattern's end is that of a line: a line break behind is looked up.", alsoFits(func(s string) bool { return codeFits(strings.TrimSuffix(s, "\n")) })),
		broken(rule, "country-code-as-first-line-accepted", "The pattern's end is that of a line, whatever follows.", alsoFits(func(s string) bool {
			first, _, _ := strings.Cut(s, "\n")
			return codeFits(first)
		})),
		broken(rule, "country-code-as-any-line-accepted", "The pattern's anchors mean lines: one good line among several is enough.", alsoFits(func(s string) bool {
			return slices.ContainsFunc(strings.Split(s, "\n"), codeFits)
		})),
		broken(rule, "country-code-read-as-number", "What reads as a number of at most four characters is looked up.", alsoFits(func(s string) bool {
			_, err := strconv.ParseFloat(s, 64)
			return err == nil && len(s) <= 4 && s[0] == '+'
		})),
		broken(rule, "country-code-with-underscore-accepted", "A number may have underscores in it.", alsoFits(func(s string) bool { return codeFits(strings.ReplaceAll(s, "_", "")) })),
		broken(rule, "country-code-unescaped", "The country code is unescaped as in a URL.", alsoFits(func(s string) bool { return codeFits(strings.ReplaceAll(s, "%2B", "+")) })),
		broken(rule, "format-answers-400", "A country code of another form is answered 400.", refuseWithStatus(badCountryCode, http.StatusBadRequest)),
		broken(rule, "format-answers-404", "A country code of another form is answered as an unknown phone.", mistake(badCountryCode, notFound)),
		ofField(rule, "format-code-renamed", "The code is InvalidParameter.", refuseWithCode(badCountryCode, "InvalidParameter")),
		ofField(rule, "format-message-lacks-full-stop", "The message ends without its full stop.", refuseWithMessage(badCountryCode, strings.TrimSuffix(formatMessage, "."))),
		ofField(rule, "format-message-reworded", "The message says it in other words.", refuseWithMessage(badCountryCode, "countryCode must be + followed by 1 to 3 digits")),
		ofField(rule, "format-message-quotes-the-value", "The message quotes what was sent.", onVerdict(badCountryCode, func(c *call, a *answer) {
			a.body.set("message", strings.Replace(formatMessage, "format.", "format: "+c.request.countryCode+".", 1))
		})),
		broken(rule, "format-answered-as-missing", "A country code of another form is answered as a missing one.", refuseWithMessage(badCountryCode, "missing countryCode")),
	}
}
