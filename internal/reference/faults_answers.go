package reference

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf16"
)

// errorShapeFaults break PV-18: an error answer is exactly code and message, both strings.
func errorShapeFaults() []fault {
	const rule = "PV-18"
	add := func(key string, value any) change {
		return onErrors(func(_ *call, a *answer) { a.body.set(key, value) })
	}
	return []fault{
		broken(rule, "errors-carry-status", "Errors hold the status as a third field, as the set-up API's do.", onErrors(func(_ *call, a *answer) { a.body.set("status", a.status) })),
		broken(rule, "errors-carry-time", "Errors hold a timestamp.", onErrors(func(c *call, a *answer) { a.body.set("timestamp", stamp(c.now)) })),
		broken(rule, "errors-carry-path", "Errors hold the path of the call.", add("path", endpointPath)),
		broken(rule, "errors-carry-null-data", "Errors hold data null.", add("data", nil)),
		broken(rule, "errors-carry-success-flag", "Errors hold success false.", add("success", false)),
		broken(rule, "error-code-is-number", "code is the status as a number.", onErrors(func(_ *call, a *answer) { a.body.set("code", a.status) })),
		broken(rule, "error-message-is-array", "message is an array.", onErrors(func(_ *call, a *answer) { a.body.set("message", array{a.body.get("message")}) })),
		broken(rule, "errors-lack-message", "Errors have a code alone.", onErrors(func(_ *call, a *answer) { a.body.drop("message") })),
		broken(rule, "errors-wrapped", "Errors lie within error.", onErrors(func(_ *call, a *answer) { a.body = object{{"error", a.body}} })),
	}
}

// jsonFaults break PV-19: the body is one JSON value in UTF-8.
func jsonFaults() []fault {
	const rule = "PV-19"
	rewrite := func(f func([]byte) []byte) change {
		return finishing(func(_ *call, a *answer) { a.bytes = f(a.bytes) })
	}
	rewriteErrors := func(f func(*answer)) change {
		return finishing(func(_ *call, a *answer) {
			if a.verdict != passed {
				f(a)
			}
		})
	}
	return []fault{
		broken(rule, "success-body-cut", "The JSON of a success ends in the middle, in a complete message.", finishing(func(_ *call, a *answer) {
			if a.verdict == passed {
				a.bytes = a.bytes[:len(a.bytes)/2]
			}
		})),
		broken(rule, "error-body-cut", "The JSON of an error lacks its last brace, in a complete message.", rewriteErrors(func(a *answer) { a.bytes = a.bytes[:len(a.bytes)-1] })),
		broken(rule, "error-body-empty", "Errors have no body.", rewriteErrors(func(a *answer) { a.bytes = nil })),
		broken(rule, "trailing-bytes", "A warning of the runtime follows the body.", rewrite(func(b []byte) []byte { return append(b, "\nWarning: header already sent"...) })),
		broken(rule, "trailing-brace", "One brace too many closes the body.", rewrite(func(b []byte) []byte { return append(b, '}') })),
		broken(rule, "body-twice", "The body is written twice.", rewrite(func(b []byte) []byte { return append(b, b...) })),
		ofField(rule, "success-key-twice", "status stands twice in a success.", onData(func(_ *call, d *object) { *d = append(*d, field{"status", d.get("status")}) })),
		broken(rule, "error-key-twice", "code stands twice in an error.", onErrors(func(_ *call, a *answer) { a.body = append(a.body, a.body[0]) })),
		broken(rule, "body-begins-with-bom", "The body begins with a byte order mark.", rewrite(func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) })),
		broken(rule, "body-holds-invalid-utf8", "A further field is Latin-1.", rewrite(func(b []byte) []byte { return append(b[:len(b)-1], ",\"note\":\"c\xf3digo\"}"...) })),
		broken(rule, "body-in-utf16", "The body is UTF-16.", rewrite(toUTF16)),
		broken(rule, "body-in-single-quotes", "Strings stand in single quotes.", rewrite(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{'"'}, []byte{'\''}) })),
		broken(rule, "body-with-trailing-comma", "A comma stands before the last brace.", rewrite(func(b []byte) []byte { return append(b[:len(b)-1], ",}"...) })),
		broken(rule, "body-with-guard", "A guard against script inclusion stands before the body.", rewrite(func(b []byte) []byte { return append([]byte(")]}',\n"), b...) })),
		broken(rule, "line-breaks-raw-in-strings", "The message's line breaks are not escaped.", rewrite(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`\n`), []byte{'\n'}) })),
		broken(rule, "errors-as-html-pages", "Errors are the web server's HTML pages.", rewriteErrors(func(a *answer) {
			a.mediaType, a.bytes = "text/html; charset=utf-8", htmlPage(a.status)
		})),
		broken(rule, "errors-as-html-called-json", "Errors are HTML pages that are called JSON.", rewriteErrors(func(a *answer) { a.bytes = htmlPage(a.status) })),
		unjudgeable(rule, "message-truncated", "Fewer bytes follow than Content-Length says.", func(b *behaviour) { b.send = sendTooLittle }),
		unjudgeable(rule, "last-chunk-missing", "A chunked answer breaks off.", func(b *behaviour) { b.send = sendWithoutEnd }),
	}
}

func htmlPage(status int) []byte {
	title := http.StatusText(status)
	return []byte("<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n")
}

func toUTF16(b []byte) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(string(b))) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return out
}

// sendTooLittle declares ten bytes more than it writes; the server closes the connection after that.
func sendTooLittle(c *call, a *answer) {
	a.setHeaders(c.w.Header())
	c.w.Header().Set("Content-Length", itoa(len(a.bytes)+10))
	c.w.WriteHeader(a.status)
	_, _ = c.w.Write(a.bytes)
}

// sendWithoutEnd writes one chunk and closes the connection before the one that says it was the last.
func sendWithoutEnd(c *call, a *answer) {
	a.setHeaders(c.w.Header())
	c.w.WriteHeader(a.status)
	_, _ = c.w.Write(a.bytes)
	_ = http.NewResponseController(c.w).Flush()
	panic(http.ErrAbortHandler) // how net/http closes a connection on purpose
}

// statusCodeFaults break PV-20: only the documented statuses occur.
func statusCodeFaults() []fault {
	const rule = "PV-20"
	return []fault{
		broken(rule, "success-answers-206", "Success is answered 206.", onSuccess(func(_ *call, a *answer) { a.status = http.StatusPartialContent })),
		broken(rule, "unknown-phone-answers-500", "Nobody thought that a phone may have no validation: 500.", mistake(notFound, crashed)),
		broken(rule, "wrong-otp-answers-500", "The exception for a wrong OTP is not caught: 500.", mistake(wrongOTP, crashed)),
		broken(rule, "wrong-otp-answers-302", "A wrong OTP is redirected to a page.", onVerdict(wrongOTP, func(_ *call, a *answer) {
			a.status = http.StatusFound
			a.addHeader("Location", "/otp-does-not-match")
		})),
		broken(rule, "missing-answers-422", "Missing parameters are answered 422.", refuseWithStatus(missingParameter, http.StatusUnprocessableEntity)),
		broken(rule, "format-answers-422", "A country code of another form is answered 422.", refuseWithStatus(badCountryCode, http.StatusUnprocessableEntity)),
		broken(rule, "expired-answers-410", "An expired OTP is answered 410.", refuseWithStatus(hasExpired, http.StatusGone)),
		broken(rule, "spaces-answer-500", "A phone with spaces is answered 500.", examining(crashed, func(c *call) bool { return strings.Contains(c.request.phone, " ") })),
		broken(rule, "seventh-answers-500", "Every seventh call is answered 500.", func(b *behaviour) {
			var calls atomic.Int64
			b.conclude = func(_ *call, v verdict) verdict {
				if calls.Add(1)%7 == 0 {
					return crashed
				}
				return v
			}
		}),
		broken(rule, "method-put-not-allowed", "PUT is answered 405: the route was registered as PATCH.", func(b *behaviour) {
			b.refusals[crashed] = refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "405:method_not_allowed"}
			b.authenticate = func(*call) verdict { return crashed }
		}),
		broken(rule, "huge-exponent-answers-500", "An OTP beyond every float, as 1e400, is answered 500.", examining(crashed, func(c *call) bool {
			_, err := strconv.ParseFloat(c.request.otp, 64)
			return c.request.otp != "" && err != nil
		})),
		broken(rule, "number-as-phone-answers-500", "A phone that is a number has no spaces to remove: 500.", examining(crashed, func(c *call) bool { return numberLiteral(c.request.fields["phone"]) != "" })),
		broken(rule, "deep-nesting-answers-500", "Nesting of more than 50 levels is answered 500.", examining(crashed, func(c *call) bool { return depthOf(c.body) > 50 })),
		broken(rule, "array-body-answers-500", "A body that is an array is answered 500.", func(b *behaviour) {
			b.conclude = func(c *call, v verdict) verdict {
				if v == malformed && strings.HasPrefix(strings.TrimSpace(string(c.body)), "[") {
					return crashed
				}
				return v
			}
		}),
		broken(rule, "large-body-answers-500", "A body of more than 64 KiB is answered 500.", examining(crashed, func(c *call) bool { return len(c.body) > 64<<10 })),
		broken(rule, "missing-token-answers-500", "No token, or an unknown one, is answered 500.", refuseWithStatus(unauthorised, http.StatusInternalServerError)),
		broken(rule, "text-otp-answers-500", "An OTP that is text is answered 500.", examining(crashed, func(c *call) bool { return text(c.request.fields["otp"]) != "" })),
		unjudgeable(rule, "third-answers-503", "Every third call is answered 503, as if a machine of the pool was down.", func(b *behaviour) {
			var calls atomic.Int64
			b.refusals[crashed] = refusal{http.StatusServiceUnavailable, "ServiceUnavailable", "503:service_unavailable"}
			b.conclude = func(_ *call, v verdict) verdict {
				if calls.Add(1)%3 == 0 {
					return crashed
				}
				return v
			}
		}),
		unjudgeable(rule, "hang", "Calls are never answered.", func(b *behaviour) {
			b.arrive = func(c *call) bool {
				<-c.r.Context().Done()
				return false
			}
		}),
		unjudgeable(rule, "closed-without-answer", "The connection is closed instead of an answer.", func(b *behaviour) {
			b.arrive = func(*call) bool { return false }
		}),
	}
}

// mediaTypeFaults break PV-23: the media type is JSON.
func mediaTypeFaults() []fault {
	const rule = "PV-23"
	return []fault{
		broken(rule, "media-type-missing", "No Content-Type is sent.", withMediaType("")),
		broken(rule, "media-type-text-plain", "JSON is called text/plain.", withMediaType("text/plain; charset=utf-8")),
		broken(rule, "media-type-text-html", "JSON is called text/html, the framework's default.", withMediaType("text/html; charset=utf-8")),
		broken(rule, "media-type-text-json", "JSON is called text/json.", withMediaType("text/json")),
		broken(rule, "media-type-javascript", "JSON is called application/javascript.", withMediaType("application/javascript")),
		broken(rule, "error-media-type-text-plain", "Errors alone are called text/plain.", onErrors(func(_ *call, a *answer) { a.mediaType = "text/plain" })),
	}
}
