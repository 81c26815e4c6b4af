package reference

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// decisionVariants returns the variants that decide differently where the documentation is silent: about tokens, attempts,
// second successes, and how a request is read.
func decisionVariants() []Variant {
	invalid := func(status int) change {
		return refusedWith(malformed, status, "ValidationError", "the request is not as documented")
	}
	wrongType := given("otp").and(not(otpIsNumber))
	for _, name := range []string{"phone", "countryCode", "project", "projectFlow", "phoneGateway"} {
		wrongType = wrongType.or(sent(name, `^[^"]`))
	}
	return []Variant{
		variantAbout("second success", "second-success-200", "The right OTP a second time is 200 again.", ifValidated(passed)),
		variantAbout("second success", "second-success-409", "The right OTP a second time is 409 phone_validation_already_validated.", ifValidated(alreadyValidated)),
		variantAbout("second success", "second-success-403", "The right OTP a second time is 403: it was used up.", ifValidated(wrongOTP)),
		variantAbout("second success", "second-success-412", "The right OTP a second time is 412: it has had its time.", ifValidated(hasExpired)),
		variant("otp-first", "The OTP is checked before expiry: wrong and expired is 403.", ignoringExpiry(not(func(c *call) bool { return c.behaviour.otpMatches(c) }))),
		variant("otp-before-project", "The OTP is checked before project and flow: wrong, and for another of these, is 403.", judgingAs(answersTo(otherProject).and(ownOTPWrong), wrongOTP)),
		variantAbout("types", "otp-as-string-accepted", "An OTP of digits in a string is taken as well.", readingNonNumbers(`^"0*RIGHT"$`)),
		variantAbout("malformed, types", "otp-as-string-400", "An OTP in a string is 400.", refusingAtOnce(malformed, sent("otp", anyText))),
		variantAbout("types", "otp-as-text-with-spaces", "An OTP of digits in a string is taken, with spaces around it too.", readingNonNumbers(`^"\s*RIGHT\s*"$`)),
		variantAbout("phones", "white-space-removed", "All white space is removed from the phone, tabs and no-break spaces too.", cleaningPhone(func(phone string) string { return strings.Join(strings.Fields(phone), "") })),
		variantAbout("phones", "punctuation-removed", "Everything but digits is removed from the phone.",
			cleaningPhone(func(phone string) string { return regexp.MustCompile(`\D`).ReplaceAllString(phone, "") })),
		variantAbout("gateway", "gateway-compared", "A phoneGateway other than the delivery's finds nothing.",
			settingScope(check(inProjectAndFlow).and(func(c *call) bool { return c.request.gateway == "" || c.request.gateway == c.validation.gateway }))),
		variantAbout("gateway", "gateway-checked", "A phoneGateway that is none of the three is 409.", refusing(refusedOption, func(c *call) bool { return c.request.gateway != "" && !gatewayFits(c.request.gateway) })),
		variantAbout("malformed, gateway", "gateway-unknown-400", "A phoneGateway that is none of the three is 400.", invalid(400), refusing(malformed, given("phoneGateway").and(not(sent("phoneGateway", `^"(sms|whatsapp|none)"$`))))),
		variantAbout("unknown parameters", "unknown-parameters-refused", "A parameter that is not documented is 409.", refusing(refusedOption, hasUnknownParameter)),
		variantAbout("malformed, unknown parameters", "unknown-parameters-400", "A parameter that is not documented is 400.", invalid(400), refusing(malformed, hasUnknownParameter)),
		variantAbout("malformed", "malformed-body-409", "A body that is not a JSON object is 409 as if everything was missing.", refusedWith(malformed, 409, missingCode, joined("\n. ")(required()))),
		variantAbout("content type", "other-content-type-409", "A body that is not labelled JSON is not read: everything is missing.",
			reading(where(not(labelledJSON), func(c *call) { c.request, c.verdict = request{}, passed }))),
		variantAbout("malformed, content type", "other-content-type-415", "A body that is not labelled JSON is 415.",
			refusedWith(malformed, 415, "UnsupportedMediaType", "415:not_json"), refusingAtOnce(malformed, not(labelledJSON))),
		variant("other-project-code", "Another project or flow is 404 with a code of its own.", refusedWith(otherProject, 404, "project_not_found", "404:project_not_found")),
		variant("country-code-before-the-rest", "The form of the country code is checked before what is missing.",
			refusingAtOnce(badCountryCode, given("countryCode").and(func(c *call) bool { return !codeFits(c.request.countryCode) }))),
		variantAbout("unknown token", "parameters-before-token", "The parameters are checked before the token.", func(b *behaviour) { b.tokenLast = true }),

		variantAbout("unknown token", "missing-token-403", "No token, or an unknown one, is 403 Forbidden expired_token.", refusedWith(unauthorised, 403, "Forbidden", "expired_token")),
		variantAbout("unknown token", "missing-token-409", "No token, or an unknown one, is 409 missing Authorization header.", refusedWith(unauthorised, 409, missingCode, "missing Authorization header")),
		variantAbout("unknown token", "missing-token-in-text", "No token, or an unknown one, is 401 in plain text.",
			answeringText(unauthorised, 401, "text/plain; charset=utf-8", "Unauthorized"), header(answersTo(unauthorised), "WWW-Authenticate", "Bearer")),
		variantAbout("unknown token", "missing-token-in-html", "No token, or an unknown one, is 403 and a page of a gateway.",
			answeringText(unauthorised, 403, "text/html", "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>")),
		variantAbout("unknown token", "missing-token-redirected", "No token, or an unknown one, is sent to a login page.",
			answeringText(unauthorised, 302, "text/html", `<a href="/login">Found</a>.`), header(answersTo(unauthorised), "Location", "/login")),
		variantAbout("unknown token", "missing-token-without-body", "No token, or an unknown one, is 401 without a body.",
			answeringText(unauthorised, 401, "", ""), header(answersTo(unauthorised), "WWW-Authenticate", `Bearer realm="onboarding", error="invalid_token"`)),
		variantAbout("unknown token", "missing-token-400", "No token, or an unknown one, is 400.", refusedWith(unauthorised, 400, "BadRequest", "no token")),
		variantAbout("unknown token", "missing-token-404", "No token, or an unknown one, is 404, as if there was nothing.", refusedWith(unauthorised, 404, "NotFound", "Not found")),
		variantAbout("other token", "other-token-403", "Another registration's token is 403 Forbidden instead of 404.", refusedWith(otherRegistration, 403, "Forbidden", "Access forbidden")),
		variantAbout("other token", "other-token-401", "Another registration's token is 401 instead of 404.", refusedWith(otherRegistration, 401, "Unauthorized", "401:invalid_token")),
		variantAbout("other token", "other-token-409", "Another registration's token is 409 instead of 404.", refusedWith(otherRegistration, 409, "Conflict", "409:not_yours")),
		variantAbout("other token", "other-token-redirected", "Another registration's token is sent to a login page.",
			answeringText(otherRegistration, 303, "text/html", ""), header(answersTo(otherRegistration), "Location", "https://login.example.test/")),

		variantAbout("attempts", "attempts-limited-to-10", "After ten wrong OTPs no other is checked: 403 too_many_attempts.", limitingAttempts(10), refusedWith(tooManyAttempts, 403, "too_many_attempts", "403:too_many_attempts")),
		variantAbout("attempts", "attempts-limited-to-3", "After three wrong OTPs no other is checked: 409 too_many_attempts.", limitingAttempts(3)),
		variantAbout("attempts", "many-wrong-otps-429", "After five wrong OTPs the answer is 429 with Retry-After.", limitingAttempts(5),
			refusedWith(tooManyAttempts, 429, "TooManyRequests", "429:too_many_requests"), header(answersTo(tooManyAttempts), "Retry-After", "60")),
		variantAbout("attempts", "locked-after-3-429", "After three wrong OTPs the answer is 429.", limitingAttempts(3), refusedWith(tooManyAttempts, 429, "TooManyRequests", "429:too_many_requests")),
		variantAbout("attempts", "locked-after-3-423", "After three wrong OTPs the validation is locked: 423.", limitingAttempts(3), refusedWith(tooManyAttempts, 423, "Locked", "423:phone_validation_locked")),
		variantAbout("attempts", "locked-after-3-403", "After three wrong OTPs the validation is locked: 403.", limitingAttempts(3), refusedWith(tooManyAttempts, 403, "Forbidden", "403:locked")),
		variantAbout("attempts", "locked-after-3-404", "After three wrong OTPs the validation is gone: 404.", limitingAttempts(3), refusedWith(tooManyAttempts, 404, "phone_validation_not_found", "404:phone_validation_not_found")),
		variantAbout("attempts", "locked-after-3-412", "After three wrong OTPs the OTP has expired: 412.", limitingAttempts(3), refusedWith(tooManyAttempts, 412, "phoneValidation_has_expired", "412:phoneValidation_has_expired")),
		variantAbout("attempts", "locked-after-3-in-html", "After three wrong OTPs a gateway answers 403, with a page.",
			limitingAttempts(3), answeringText(tooManyAttempts, 403, "text/html", "<html><body>Too many attempts.</body></html>")),
		variantAbout("attempts", "locked-after-3-in-another-form", "After three wrong OTPs a limiter answers 403, in a form of its own.",
			limitingAttempts(3), answeringText(tooManyAttempts, 403, "application/problem+json", `{"title":"Too many attempts","status":403,"retryAfter":60}`)),
		variantAbout("attempts", "locked-after-3-of-anyone", "After three wrong OTPs for a phone, whoever sent them and under whatever country code, all is 429 with Retry-After.", limitingAttemptsOfAnyone(3),
			refusedWith(tooManyAttempts, 429, "TooManyRequests", "429:too_many_requests"), header(answersTo(tooManyAttempts), "Retry-After", "60")),
		variant("other-calls-429-at-first", "The first call to every address but the endpoint's is 429, and may be repeated at once.", func(b *behaviour) { b.limitsOtherPaths = true }),

		// The next ones are stricter than the documentation about requests; the last five are laxer.
		variantAbout("malformed, types", "other-types-400", "A parameter of another type, null too, is 400.", invalid(400), refusingAtOnce(malformed, wrongType)),
		variantAbout("malformed, types", "other-types-422", "A parameter of another type, null too, is 422.", invalid(422), refusingAtOnce(malformed, wrongType)),
		variantAbout("malformed, types", "other-types-in-html", "A parameter of another type, null too, is the framework's page, 400.",
			answeringText(malformed, 400, "text/html; charset=utf-8", "<!DOCTYPE html><pre>Bad Request</pre>"), refusingAtOnce(malformed, wrongType)),
		variantAbout("malformed, OTPs", "otp-no-integer-400", "An OTP with a fraction, an exponent or a sign, or one that no 64 bits hold, is 400.", invalid(400), refusing(malformed, not(sent("otp", `^\d{1,18}$`)))),
		variantAbout("malformed, OTPs", "otp-of-other-length-400", "An OTP that does not have six digits is 400.", invalid(400), refusing(malformed, not(sent("otp", `^.{6}$`)))),
		variantAbout("malformed, phones", "phone-of-other-length-400", "A phone that does not have eight digits, spaces aside, is 400.", invalid(400), refusing(malformed, not(sent("phone", `^"( *\d){8} *"$`)))),
		variantAbout("malformed, ids", "project-of-other-form-400", "A project or flow that is not an id is 400.", invalid(400), refusing(malformed, func(c *call) bool {
			return c.request.project != "" && !idFits(c.request.project) || c.request.flow != "" && !idFits(c.request.flow)
		})),
		variantAbout("malformed", "doubled-keys-400", "A key that occurs twice is 400.", invalid(400), refusingAtOnce(malformed, repeatsKey)),
		variantAbout("malformed", "large-body-413", "A body of more than 16 KiB is 413.", invalid(413), refusingAtOnce(malformed, bodyLongerThan(16<<10))),
		variantAbout("malformed", "deep-nesting-400", "Nesting of more than 32 levels is 400.", invalid(400), refusingAtOnce(malformed, nestedDeeperThan(32))),
		variantAbout("OTPs", "zero-counts-as-missing", "An OTP of 0 counts as missing.", reportingMissing("otp", func(c *call) bool { return asFloat(c.request.otp) == 0 })),
		variantAbout("malformed", "firewall", "What looks like an attack is answered 403 by a firewall, in HTML.",
			answeringText(malformed, 403, "text/html", "<html><body>Request blocked.</body></html>"), refusingAtOnce(malformed, looksLikeAnAttack)),

		variant("country-code-spaces-removed", "Spaces in the country code are removed, around it and inside.",
			reading(func(c *call) { c.request.countryCode = withoutSpaces(c.request.countryCode) })),
		variantAbout("types", "numbers-as-text", "A phone that is a number counts as its digits, and so does a country code, with a plus before it.",
			reading(where(sent("phone", `^\d`), func(c *call) { c.request.phone = numberLiteral(c.request.fields["phone"]) })),
			reading(where(sent("countryCode", `^\d`), func(c *call) { c.request.countryCode = "+" + numberLiteral(c.request.fields["countryCode"]) }))),
		variantAbout("types", "lists-as-text", "A list of one text counts as that text.",
			reading(where(sent("phone", oneText), func(c *call) { c.request.phone = textInList(c.request.fields["phone"]) })),
			reading(where(sent("countryCode", oneText), func(c *call) { c.request.countryCode = textInList(c.request.fields["countryCode"]) }))),
		variantAbout("phones", "phone-with-country-code-accepted", "A phone may begin with its country code.",
			alsoFinding(always, func(typed, own number) bool {
				return typed.countryCode == own.countryCode && typed.phone == own.countryCode+own.phone
			})),
	}
}

// answeringText answers a verdict with a body of its own, which need not be JSON.
func answeringText(v verdict, status int, mediaType, text string) change {
	return editingBytes(answersTo(v), func(c *call) {
		c.answer.status, c.answer.mediaType, c.answer.bytes = status, mediaType, []byte(text)
	})
}

func labelledJSON(c *call) bool {
	return strings.Contains(strings.ToLower(c.r.Header.Get("Content-Type")), "json")
}

// limitOtherPaths answers the first call to each address but the endpoint's with 429. It remembers hashes of the addresses, in
// bounded memory.
func limitOtherPaths(next http.Handler) http.Handler {
	seed := maphash.MakeSeed()
	var seen [1 << 16]atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := maphash.String(seed, r.Method+" "+r.URL.RequestURI())
		if r.URL.Path != endpointPath && !seen[address%uint64(len(seen))].Swap(true) {
			w.Header().Set("Retry-After", "0")
			refusal{http.StatusTooManyRequests, "TooManyRequests", "Too many requests"}.answer().send(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func looksLikeAnAttack(c *call) bool {
	signs := regexp.MustCompile(`\.\./|\$\{|' OR|<b>|\$(ne|gt|where)|\\u0000|%00|\{\{`)
	return signs.Match(c.body) || signs.MatchString(fmt.Sprint(c.r.Header))
}

// oneText matches a JSON list of one string.
const oneText = `^\[\s*"[^"]*"\s*\]$`

// textInList returns the string in such a list.
func textInList(list jsontext.Value) string { return textOf(bytes.Trim(list, "[ \t\r\n]")) }
