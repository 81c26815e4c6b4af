package reference

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// leakFaults break that no answer echoes the OTP, a token or a stack trace (PV-24).
func leakFaults() []Fault {
	const nodeTrace = "Error: otp_does_not_match\n    at PhoneValidationService.validate (/app/src/services/phone-validation.js:87:13)\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)"
	const javaTrace = "java.lang.IllegalStateException: otp_does_not_match at co.example.PhoneValidationService.validate(PhoneValidationService.java:87) at java.base/java.lang.Thread.run(Thread.java:840)"
	const pythonTrace = "Traceback (most recent call last):\n  File \"/app/phone_validations.py\", line 87, in validate\n    raise Forbidden(\"otp_does_not_match\")\nForbidden: otp_does_not_match"
	const goTrace = "goroutine 41 [running]:\nmain.validate(0xc000012345)\n\t/app/phone_validations.go:87 +0x1d"
	form := []string{"PV-18"} // an error has no further field, whatever it holds
	otp := func(c *call) string { return strconv.Itoa(c.validation.otp) }
	token := func(c *call) string { return c.validation.registration.token }
	link := func(c *call) string { return "</v2/app-registrations?token=" + token(c) + `>; rel="up"` }
	found := func(c *call) bool { return c.validation != nil }
	// inHeader writes something of the validation that was found.
	inHeader := func(name string, written func(*call) string) change { return header(found, name, written) }
	return []Fault{
		ofField("PV-24", "success-echoes-otp", "A success holds the OTP.", data("otp", func(c *call) any { return c.validation.otp })),
		ofField("PV-24", "success-echoes-otp-as-text", "A success holds the OTP as a string.", data("otp", otp)),
		ofField("PV-24", "success-echoes-request", "A success holds the whole request.", data("request", func(c *call) string { return string(c.body) })),
		ofField("PV-24", "success-echoes-token", "A success holds the token.", data("token", token)),
		ofFields("PV-24", form, "wrong-otp-answer-tells-the-right-one", "The answer to a wrong OTP says which one was expected.",
			body(answersTo(wrongOTP), "expected", func(c *call) any { return c.validation.otp })),
		ofFields("PV-24", form, "expired-answer-tells-the-otp", "The answer to an expired OTP holds it.", body(answersTo(hasExpired), "otp", otp)),
		broken("PV-24", "otp-in-header", "A header for debugging holds the OTP.", inHeader("X-Debug-Otp", otp)),
		broken("PV-24", "otp-in-header-as-base64", "A header for debugging holds the OTP in base64.", inHeader("X-Debug", func(c *call) string { return base64Of(otp(c)) })),
		broken("PV-24", "otp-in-header-as-hex", "A header for debugging holds the OTP in hex.", inHeader("X-Debug", func(c *call) string { return everyByte(otp(c), "%02x", "") })),
		broken("PV-24", "otp-in-cookie", "A cookie holds the OTP.", inHeader("Set-Cookie", func(c *call) string { return "otp=" + otp(c) + "; Path=/; HttpOnly" })),
		broken("PV-24", "token-in-header", "The Authorization comes back in a header.", header(always, "X-Authorization", func(c *call) string { return c.authorization })),
		broken("PV-24", "token-in-link", "A link to the registration holds its token.", inHeader("Link", link)),
		broken("PV-24", "otp-in-a-word", "A header for debugging holds the OTP beside letters.", inHeader("X-Debug", func(c *call) string { return "otp" + otp(c) + "ok" })),
		ofField("PV-24", "otp-with-a-space", "A success holds the OTP with a space in the middle, as messages write it.", data("hint", func(c *call) string { return "sent: " + otp(c)[:3] + " " + otp(c)[3:] })),
		ofField("PV-24", "otp-with-dashes", "A success holds the OTP with dashes between its digits.", data("hint", func(c *call) string { return everyByte(otp(c), "%c", "-") })),
		ofField("PV-24", "otp-with-an-exponent", "A success holds the OTP as a number with an exponent.", data("otp", func(c *call) any { return json.RawMessage(otp(c) + "e0") })),
		ofField("PV-24", "otp-in-a-jwt", "A success holds a JSON Web Token whose payload holds the OTP.", data("session", func(c *call) string {
			encode := base64.RawURLEncoding.EncodeToString
			return tokenHeader + "." + encode([]byte(`{"sub":"`+c.validation.id+`","otp":`+otp(c)+`}`)) + "." + encode([]byte("signed by nobody"))
		})),
		broken("PV-24", "otp-as-hex-with-colons", "A header for debugging holds the OTP as hex with colons.", inHeader("X-Debug", func(c *call) string { return everyByte(otp(c), "%02X", ":") })),
		ofField("PV-24", "otp-as-html-entities", "A success holds the OTP as entities of HTML.", data("hint", func(c *call) string { return "<b>" + everyByte(otp(c), "&#%d;", "") + "</b>" })),
		ofField("PV-24", "token-in-a-word", "A success holds the token beside letters and digits.", data("key", func(c *call) string { return "s" + token(c) + "0" })),
		ofField("PV-24", "token-as-base64-twice", "A success holds the token as base64 of base64.", data("key", func(c *call) string { return base64Of(base64Of(token(c))) })),
		ofField("PV-24", "token-as-wrapped-base64", "A success holds the token as base64 in lines, as MIME has it.", data("key", func(c *call) string {
			return regexp.MustCompile(".{76}").ReplaceAllString(base64Of("Bearer "+token(c)), "$0\r\n")
		})),
		ofField("PV-24", "token-url-escaped-thrice", "A success holds a URL within URLs that holds the token.", data("next", func(c *call) string {
			innermost := "https://c.example.test/?token=" + everyByte(token(c), "%%%02X", "")
			return "https://a.example.test/?to=" + url.QueryEscape("https://b.example.test/?to="+url.QueryEscape(innermost))
		})),
		broken("PV-24", "token-as-hex-bytes", "A header holds the token as hex, byte by byte.", inHeader("X-Debug", func(c *call) string { return everyByte(token(c), "0x%02x", ", ") })),
		broken("PV-24", "token-in-early-hints", "An interim answer 103 links to the registration with its token.", sendingFirst(where(found, func(c *call) { sendHint(c, link(c)) }))),
		broken("PV-24", "otp-in-reason-phrase", "The status line ends with the OTP.", sending(sendRaw("HTTP/1.1", func(c *call) string {
			if !found(c) {
				return "Code "
			}
			return "Code " + otp(c)
		}))),
		ofFields("PV-24", form, "node-stack-trace-in-error", "Errors hold a Node.js stack trace.", body(refusals, "stack", nodeTrace)),
		ofFields("PV-24", form, "python-traceback-in-error", "Errors hold a Python traceback.", body(refusals, "stack", pythonTrace)),
		ofFields("PV-24", form, "go-stack-trace-in-error", "Errors hold a Go stack trace.", body(refusals, "stack", goTrace)),
		broken("PV-24", "java-stack-trace-in-header", "A header of errors holds a Java stack trace.", header(refusals, "X-Error", javaTrace)),
		hidden("PV-24", "number-as-project-echoes-token", "A project that is a number is reported in a header that quotes the token.",
			header(sent("project", `^[-\d]`), "X-Type-Error", func(c *call) string { return "project is no string, token " + c.token })),
	}
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// everyByte writes each byte of a text in a format.
func everyByte(text, format, between string) string {
	parts := make([]string, len(text))
	for i := range len(text) {
		parts[i] = fmt.Sprintf(format, text[i])
	}
	return strings.Join(parts, between)
}

// sendHint sends an interim answer 103 with a link.
func sendHint(c *call, link string) {
	c.w.Header().Set("Link", link)
	c.w.WriteHeader(http.StatusEarlyHints)
	c.w.Header().Del("Link")
}
