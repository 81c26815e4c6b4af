package reference

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// everyByte writes each byte of a text in a format.
func everyByte(text, format, between string) string {
	parts := make([]string, len(text))
	for i := range len(text) {
		parts[i] = fmt.Sprintf(format, text[i])
	}
	return strings.Join(parts, between)
}

// leakFaults break PV-24: no answer echoes the OTP, a token or a stack trace.
func leakFaults() []fault {
	const rule = "PV-24"
	const nodeTrace = "Error: otp_does_not_match\n    at PhoneValidationService.validate (/app/src/services/phone-validation.js:87:13)\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)"
	const javaTrace = "java.lang.IllegalStateException: otp_does_not_match at co.example.PhoneValidationService.validate(PhoneValidationService.java:87) at java.base/java.lang.Thread.run(Thread.java:840)"
	const pythonTrace = "Traceback (most recent call last):\n  File \"/app/phone_validations.py\", line 87, in validate\n    raise Forbidden(\"otp_does_not_match\")\nForbidden: otp_does_not_match"
	const goTrace = "goroutine 41 [running]:\nmain.validate(0xc000012345)\n\t/app/phone_validations.go:87 +0x1d"
	otp := func(c *call) string {
		if !c.found {
			return ""
		}
		return itoa(c.validation.otp)
	}
	withTrace := func(trace string) change {
		return onErrors(func(_ *call, a *answer) { a.body.set("stack", trace) })
	}
	token := func(c *call) string { return c.validation.registration.token }
	onceMore := base64.StdEncoding.EncodeToString
	return []fault{
		ofField(rule, "success-echoes-otp", "A success holds the OTP.", onData(func(c *call, d *object) { d.set("otp", c.validation.otp) })),
		ofField(rule, "success-echoes-otp-as-text", "A success holds the OTP as a string.", onData(func(c *call, d *object) { d.set("otp", otp(c)) })),
		ofField(rule, "success-echoes-request", "A success holds the whole request.", onData(func(c *call, d *object) { d.set("request", string(c.body)) })),
		ofField(rule, "success-echoes-token", "A success holds the token.", onData(func(c *call, d *object) { d.set("token", c.validation.registration.token) })),
		broken(rule, "wrong-otp-answer-tells-the-right-one", "The answer to a wrong OTP says which one was expected.", onVerdict(wrongOTP, func(c *call, a *answer) { a.body.set("expected", c.validation.otp) })),
		broken(rule, "expired-answer-tells-the-otp", "The answer to an expired OTP holds it.", onVerdict(hasExpired, func(c *call, a *answer) { a.body.set("otp", otp(c)) })),
		broken(rule, "otp-in-header", "A header for debugging holds the OTP.", withHeader("X-Debug-Otp", otp)),
		broken(rule, "otp-in-header-as-base64", "A header for debugging holds the OTP in base64.", withHeader("X-Debug", func(c *call) string {
			return base64.StdEncoding.EncodeToString([]byte(otp(c)))
		})),
		broken(rule, "otp-in-header-as-hex", "A header for debugging holds the OTP in hex.", withHeader("X-Debug", func(c *call) string { return hex.EncodeToString([]byte(otp(c))) })),
		broken(rule, "otp-in-cookie", "A cookie holds the OTP.", withHeader("Set-Cookie", func(c *call) string {
			if s := otp(c); s != "" {
				return "otp=" + s + "; Path=/; HttpOnly"
			}
			return ""
		})),
		broken(rule, "token-in-header", "The Authorization comes back in a header.", withHeader("X-Authorization", func(c *call) string { return c.r.Header.Get("Authorization") })),
		broken(rule, "token-in-link", "A link to the registration holds its token.", withHeader("Link", func(c *call) string {
			if c.registration == nil {
				return ""
			}
			return "</v2/app-registrations/" + c.registration.id + "?token=" + c.registration.token + `>; rel="up"`
		})),
		broken(rule, "otp-in-a-word", "A header for debugging holds the OTP beside letters.", withHeader("X-Debug", func(c *call) string {
			if s := otp(c); s != "" {
				return "otp" + s + "ok"
			}
			return ""
		})),
		broken(rule, "otp-with-a-space", "A success holds the OTP with a space in the middle, as messages write it.", onData(func(c *call, d *object) {
			d.set("hint", "sent: "+otp(c)[:3]+" "+otp(c)[3:])
		})),
		broken(rule, "otp-with-dashes", "A success holds the OTP with dashes between its digits.", onData(func(c *call, d *object) { d.set("hint", everyByte(otp(c), "%c", "-")) })),
		broken(rule, "otp-with-an-exponent", "A success holds the OTP as a number with an exponent.", onData(func(c *call, d *object) { d.set("otp", raw(otp(c)+"e0")) })),
		broken(rule, "otp-in-a-jwt", "A success holds a JSON Web Token whose payload holds the OTP.", onData(func(c *call, d *object) {
			encode := base64.RawURLEncoding.EncodeToString
			d.set("session", encode([]byte(`{"alg":"HS256","typ":"JWT"}`))+"."+encode([]byte(`{"sub":"`+c.validation.id+`","otp":`+otp(c)+`}`))+"."+encode([]byte("signed by nobody")))
		})),
		broken(rule, "otp-as-hex-with-colons", "A header for debugging holds the OTP as hex with colons.", withHeader("X-Debug", func(c *call) string { return everyByte(otp(c), "%02X", ":") })),
		broken(rule, "otp-as-html-entities", "A success holds the OTP as entities of HTML.", onData(func(c *call, d *object) { d.set("hint", "<b>"+everyByte(otp(c), "&#%d;", "")+"</b>") })),
		broken(rule, "token-in-a-word", "A success holds the token beside letters and digits.", onData(func(c *call, d *object) { d.set("key", "s"+token(c)+"0") })),
		broken(rule, "token-as-base64-twice", "A success holds the token as base64 of base64.", onData(func(c *call, d *object) { d.set("key", onceMore([]byte(onceMore([]byte(token(c)))))) })),
		broken(rule, "token-as-wrapped-base64", "A success holds the token as base64 in lines, as MIME has it.", onData(func(c *call, d *object) {
			var lines []string
			text := onceMore([]byte("Bearer " + token(c)))
			for ; len(text) > 76; text = text[76:] {
				lines = append(lines, text[:76])
			}
			d.set("key", strings.Join(append(lines, text), "\r\n"))
		})),
		broken(rule, "token-url-escaped-thrice", "A success holds a URL within URLs that holds the token.", onData(func(c *call, d *object) {
			d.set("next", "https://a.example.test/?to="+url.QueryEscape("https://b.example.test/?to="+url.QueryEscape("https://c.example.test/?token="+everyByte(token(c), "%%%02X", ""))))
		})),
		broken(rule, "token-as-hex-bytes", "A header holds the token as hex, byte by byte.", withHeader("X-Debug", func(c *call) string {
			if !c.found {
				return ""
			}
			return "0x" + everyByte(token(c), "%02x", ", 0x")
		})),
		broken(rule, "token-in-early-hints", "An interim answer 103 links to the registration with its token.", func(b *behaviour) {
			b.send = func(c *call, a *answer) {
				if c.found {
					c.w.Header().Set("Link", "</v2/app-registrations?token="+token(c)+">; rel=preload")
					c.w.WriteHeader(http.StatusEarlyHints)
					c.w.Header().Del("Link")
				}
				send(c, a)
			}
		}),
		broken(rule, "otp-in-reason-phrase", "The status line ends with the OTP.", func(b *behaviour) {
			b.send = sendRaw("HTTP/1.1", func(c *call, _ int) string { return "Code " + otp(c) }, true)
		}),
		broken(rule, "node-stack-trace-in-error", "Errors hold a Node.js stack trace.", withTrace(nodeTrace)),
		broken(rule, "python-traceback-in-error", "Errors hold a Python traceback.", withTrace(pythonTrace)),
		broken(rule, "go-stack-trace-in-error", "Errors hold a Go stack trace.", withTrace(goTrace)),
		broken(rule, "java-stack-trace-in-header", "A header of errors holds a Java stack trace.", onErrors(func(_ *call, a *answer) { a.addHeader("X-Error", javaTrace) })),
	}
}
