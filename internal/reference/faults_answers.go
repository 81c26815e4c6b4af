package reference

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/http"
	"strconv"
	"unicode/utf16"
)

// answerFaults break what holds of every answer: an error is exactly code and message (PV-18), a body is one JSON value in
// UTF-8 (PV-19), only documented statuses occur (PV-20), and the media type is JSON (PV-23).
func answerFaults() []Fault {
	replacing := func(old, with string) change {
		return rewriting(always, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) })
	}
	beforeLastBrace := func(text string) change {
		return rewriting(always, func(b []byte) []byte { return append(b[:len(b)-1], text+"}"...) })
	}
	everyError := []string{"PV-02", "PV-03", "PV-04", "PV-05", "PV-06", "PV-07", "PV-11", "PV-21"} // each has its own code and message
	fourthWrong := answersTo(wrongOTP).and(attempted(4))
	repeating := func(c *call) { *c.answer.body = append(*c.answer.body, (*c.answer.body)[0]) } // the first field once more
	asHTML := func(c *call) { c.answer.bytes = htmlPage(c.answer.status) }
	ownStatus := func(c *call) any { return c.answer.status }
	crashing := func(when check) change { return examining(crashed, when) }
	return []Fault{
		ofField("PV-18", "errors-carry-status", "Errors hold the status as a third field, as the set-up API's do.", body(refusals, "status", ownStatus)),
		ofField("PV-18", "errors-carry-time", "Errors hold a timestamp.", body(refusals, "timestamp", func(c *call) any { return stamp(c.now) })),
		ofField("PV-18", "errors-carry-path", "Errors hold the path of the call.", body(refusals, "path", endpointPath)),
		ofField("PV-18", "errors-carry-null-data", "Errors hold data null.", body(refusals, "data", nil)),
		ofField("PV-18", "errors-carry-success-flag", "Errors hold success false.", body(refusals, "success", false)),
		ofFields("PV-18", everyError, "error-code-is-number", "code is the status as a number.", body(refusals, "code", ownStatus)),
		ofFields("PV-18", everyError, "error-message-is-array", "message is an array.", editing(refusals, func(c *call) { (*c.answer.body)[1].value = []any{(*c.answer.body)[1].value} })),
		ofFields("PV-18", everyError, "errors-lack-message", "Errors have a code alone.", editing(refusals, func(c *call) { c.answer.body.drop("message") })),
		broken("PV-18", "errors-wrapped", "Errors lie within error.", editing(refusals, func(c *call) { c.answer.body = &object{{"error", c.answer.body}} })),
		ofField("PV-18", "fourth-wrong-otp-has-a-third-field", "From the fourth wrong OTP on its answer holds how many there were.", body(fourthWrong, "attempts", 4)),
		hidden("PV-18", "escaped-phone-in-another-shape", "A phone whose digits are written as escapes is answered by a guard that writes errors in its own way.",
			refusing(refusedOption, sent("phone", `\\u003`)), editing(answersTo(refusedOption), func(c *call) { c.answer.body = &object{{"error", "suspicious request"}} })),

		broken("PV-19", "success-body-cut", "The JSON of a success ends in the middle, in a complete message.", rewriting(successes, func(b []byte) []byte { return b[:len(b)/2] })),
		broken("PV-19", "error-body-cut", "The JSON of an error lacks its last brace, in a complete message.", rewriting(refusals, func(b []byte) []byte { return b[:len(b)-1] })),
		broken("PV-19", "error-body-empty", "Errors have no body.", rewriting(refusals, func([]byte) []byte { return nil })),
		broken("PV-19", "trailing-bytes", "A warning of the runtime follows the body.", wrapping("", "\nWarning: header already sent")),
		broken("PV-19", "trailing-brace", "One brace too many closes the body.", wrapping("", "}")),
		broken("PV-19", "body-twice", "The body is written twice.", rewriting(always, func(b []byte) []byte { return append(b, b...) })),
		ofField("PV-19", "success-key-twice", "status stands twice in a success.", editing(successes, func(c *call) { *c.answer.data = append(*c.answer.data, field{"status", statusValidated}) })),
		ofField("PV-19", "error-key-twice", "code stands twice in an error.", editing(refusals, repeating)),
		ofField("PV-19", "lock-key-twice", "After three wrong OTPs the validation is locked, and the answer has its code twice.",
			attemptsLimit(3), editing(answersTo(tooManyAttempts), repeating)),
		broken("PV-19", "other-otps-answer-html-called-json", "An OTP that is no number is answered by the framework's page, which is called JSON.",
			writing(answersTo(malformed), asHTML), examining(malformed, given("otp").and(not(typedNumber)))),
		broken("PV-19", "body-begins-with-bom", "The body begins with a byte order mark.", wrapping("\xef\xbb\xbf", "")),
		broken("PV-19", "body-holds-invalid-utf8", "A further field is Latin-1.", beforeLastBrace(",\"note\":\"c\xf3digo\"")),
		broken("PV-19", "body-in-utf16", "The body is UTF-16.", rewriting(always, toUTF16)),
		broken("PV-19", "body-in-single-quotes", "Strings stand in single quotes.", replacing(`"`, `'`)),
		broken("PV-19", "body-with-trailing-comma", "A comma stands before the last brace.", beforeLastBrace(",")),
		broken("PV-19", "body-with-guard", "A guard against script inclusion stands before the body.", wrapping(")]}',\n", "")),
		broken("PV-19", "line-breaks-raw-in-strings", "The message's line breaks are not escaped.", replacing(`\n`, "\n")),
		broken("PV-19", "errors-as-html-pages", "Errors are the web server's HTML pages.", mediaType(refusals, "text/html; charset=utf-8"), writing(refusals, asHTML)),
		broken("PV-19", "errors-as-html-called-json", "Errors are HTML pages that are called JSON.", writing(refusals, asHTML)),
		unjudgeable("PV-19", "message-truncated", "Fewer bytes follow than Content-Length says.",
			writing(always, func(c *call) { c.w.Header().Set("Content-Length", strconv.Itoa(len(c.answer.bytes)+10)) })),
		unjudgeable("PV-19", "last-chunk-missing", "A chunked answer breaks off.", sending(sendWithoutEnd)),

		broken("PV-20", "success-answers-206", "Success is answered 206.", answering(successes, 206)),
		broken("PV-20", "unknown-phone-answers-500", "Nobody thought that a phone may have no validation: 500.", mistaken(notFound, crashed)),
		broken("PV-20", "wrong-otp-answers-500", "The exception for a wrong OTP is not caught: 500.", mistaken(wrongOTP, crashed)),
		broken("PV-20", "wrong-otp-answers-302", "A wrong OTP is redirected to a page.", status(wrongOTP, 302), header(answersTo(wrongOTP), "Location", "/otp-does-not-match")),
		broken("PV-20", "fourth-wrong-otp-answers-302", "From the fourth wrong OTP on the answer is a redirect.", answering(fourthWrong, 302)),
		broken("PV-20", "missing-answers-422", "Missing parameters are answered 422.", status(missingParameter, 422)),
		broken("PV-20", "format-answers-422", "A country code of another form is answered 422.", status(badCountryCode, 422)),
		broken("PV-20", "expired-answers-410", "An expired OTP is answered 410.", status(hasExpired, 410)),
		broken("PV-20", "spaces-answer-500", "A phone with spaces is answered 500.", crashing(sent("phone", " "))),
		broken("PV-20", "seventh-answers-500", "Every seventh call is answered 500.", everyNth(7, crashed)),
		broken("PV-20", "method-put-not-allowed", "PUT is answered 405: the route was registered as PATCH.",
			refusedWith(crashed, 405, "MethodNotAllowed", "405:method_not_allowed"), func(b *behaviour) { b.authenticate = deciding(crashed) }),
		broken("PV-20", "huge-exponent-answers-500", "An OTP beyond every float, as 1e400, is answered 500.", crashing(func(c *call) bool { return c.request.otp != "" && math.IsNaN(parsed(c.request.otp)) })),
		broken("PV-20", "number-as-phone-answers-500", "A phone that is a number has no spaces to remove: 500.", crashing(sent("phone", `^[-\d]`))),
		broken("PV-20", "deep-nesting-answers-500", "Nesting of more than 50 levels is answered 500.", crashing(nestedDeeperThan(50))),
		broken("PV-20", "array-body-answers-500", "A body that is an array is answered 500.",
			concluding(where(answersTo(malformed).and(bodyLike(`^\s*\[`)), deciding(crashed)))),
		broken("PV-20", "large-body-answers-500", "A body of more than 64 KiB is answered 500.", crashing(bodyLongerThan(64<<10))),
		broken("PV-20", "missing-token-answers-500", "No token, or an unknown one, is answered 500.", status(unauthorised, 500)),
		broken("PV-20", "text-otp-answers-500", "An OTP that is text is answered 500.", crashing(sent("otp", anyText))),
		unjudgeable("PV-20", "third-answers-503", "Every third call is answered 503, as if a machine of the pool was down.",
			refusedWith(crashed, 503, "ServiceUnavailable", "503:service_unavailable"), everyNth(3, crashed)),
		unjudgeable("PV-20", "hang", "Calls are never answered.", arriving(func(c *call) { <-c.r.Context().Done() }), arriving(closeUnanswered)),
		unjudgeable("PV-20", "closed-without-answer", "The connection is closed instead of an answer.", arriving(closeUnanswered)),
		hidden("PV-20", "emoji-in-phone-answers-500", "A character beyond the basic plane in the phone is answered 500.", crashing(sent("phone", `[\x{10000}-\x{10FFFF}]|\\u[dD][89abAB]`))),
		hidden("PV-20", "nul-in-country-code-answers-500", "A NUL in the country code is answered 500 by the database.", crashing(sent("countryCode", `\\u0000`))),
		hidden("PV-20", "object-as-project-answers-500", "An object or an array as project is answered 500.", crashing(sent("project", `^[{\[]`))),
		hidden("PV-20", "long-phone-answers-500", "A phone of more than 64 characters is answered 500 by the database.", crashing(func(c *call) bool { return len(c.request.phone) > 64 })),
		hidden("PV-20", "repeated-key-answers-500", "A key that occurs twice is answered 500.", crashing(repeatsKey)),

		broken("PV-23", "media-type-missing", "No Content-Type is sent.", mediaType(always, "")),
		broken("PV-23", "media-type-text-plain", "JSON is called text/plain.", mediaType(always, "text/plain; charset=utf-8")),
		broken("PV-23", "media-type-text-html", "JSON is called text/html, the framework's default.", mediaType(always, "text/html; charset=utf-8")),
		broken("PV-23", "media-type-text-json", "JSON is called text/json.", mediaType(always, "text/json")),
		broken("PV-23", "media-type-javascript", "JSON is called application/javascript.", mediaType(always, "application/javascript")),
		broken("PV-23", "fourth-wrong-otp-called-html", "From the fourth wrong OTP on its answer is called HTML.", mediaType(fourthWrong, "text/html")),
		broken("PV-23", "error-media-type-text-plain", "Errors alone are called text/plain.", mediaType(refusals, "text/plain")),
	}
}

func toUTF16(b []byte) []byte {
	encoded, _ := binary.Append(nil, binary.BigEndian, utf16.Encode([]rune(string(b)))) // numbers never fail
	return encoded
}

// sendWithoutEnd writes one chunk and closes the connection before the one that says it was the last.
func sendWithoutEnd(c *call) {
	send(c)
	_ = http.NewResponseController(c.w).Flush()
	closeUnanswered(c)
}
