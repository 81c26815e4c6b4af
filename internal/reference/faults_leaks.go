package reference

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

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
	return []fault{
		broken(rule, "success-echoes-otp", "A success holds the OTP.", onData(func(c *call, d *object) { d.set("otp", c.validation.otp) })),
		broken(rule, "success-echoes-otp-as-text", "A success holds the OTP as a string.", onData(func(c *call, d *object) { d.set("otp", otp(c)) })),
		broken(rule, "success-echoes-request", "A success holds the whole request.", onData(func(c *call, d *object) { d.set("request", string(c.body)) })),
		broken(rule, "success-echoes-token", "A success holds the token.", onData(func(c *call, d *object) { d.set("token", c.validation.registration.token) })),
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
		broken(rule, "node-stack-trace-in-error", "Errors hold a Node.js stack trace.", withTrace(nodeTrace)),
		broken(rule, "python-traceback-in-error", "Errors hold a Python traceback.", withTrace(pythonTrace)),
		broken(rule, "go-stack-trace-in-error", "Errors hold a Go stack trace.", withTrace(goTrace)),
		broken(rule, "java-stack-trace-in-header", "A header of errors holds a Java stack trace.", onErrors(func(_ *call, a *answer) { a.addHeader("X-Error", javaTrace) })),
	}
}
