package reference

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// tokenVariants refuse whoever has no right token in another way: the documentation shows none.
func tokenVariants() []variant {
	noToken := func(name, doc string, status int, mediaType, body string, headers ...[2]string) variant {
		return differing(name, doc, all(refuseWithStatus(unauthorised, status), inOtherWords(unauthorised, mediaType, body, headers...)))
	}
	return []variant{
		noToken("missing-token-in-text", "No token, or an unknown one, is 401 in plain text.", http.StatusUnauthorized, "text/plain; charset=utf-8", "Unauthorized", [2]string{"WWW-Authenticate", "Bearer"}),
		noToken("missing-token-in-html", "No token, or an unknown one, is 403 and a page of a gateway.", http.StatusForbidden, "text/html", "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>"),
		noToken("missing-token-redirected", "No token, or an unknown one, is sent to a login page.", http.StatusFound, "text/html", `<a href="/login">Found</a>.`, [2]string{"Location", "/login"}),
		noToken("missing-token-without-body", "No token, or an unknown one, is 401 without a body.", http.StatusUnauthorized, "", "", [2]string{"WWW-Authenticate", `Bearer realm="onboarding", error="invalid_token"`}),
		differing("missing-token-400", "No token, or an unknown one, is 400.", refuseAs(unauthorised, http.StatusBadRequest, "BadRequest", "no token")),
		differing("missing-token-404", "No token, or an unknown one, is 404, as if there was nothing.", refuseAs(unauthorised, http.StatusNotFound, "NotFound", "Not found")),
		differing("other-token-401", "Another registration's token is 401 instead of 404.", refuseAs(otherRegistration, http.StatusUnauthorized, "Unauthorized", "401:invalid_token")),
		differing("other-token-409", "Another registration's token is 409 instead of 404.", refuseAs(otherRegistration, http.StatusConflict, "Conflict", "409:not_yours")),
		differing("other-token-redirected", "Another registration's token is sent to a login page.", all(
			refuseWithStatus(otherRegistration, http.StatusSeeOther), inOtherWords(otherRegistration, "text/html", "", [2]string{"Location", "https://login.example.test/"}))),
	}
}

// inOtherWords answers a verdict with a body that is no JSON.
func inOtherWords(v verdict, mediaType, body string, headers ...[2]string) change {
	return finishing(func(_ *call, a *answer) {
		if a.verdict == v {
			a.mediaType, a.bytes, a.header = mediaType, []byte(body), append(a.header, headers...)
		}
	})
}

// attemptVariants limit wrong OTPs, and what may follow a success.
func attemptVariants() []variant {
	limited := func(name, doc string, status int, code, message string) variant {
		return differing(name, doc, all(attemptsLimit(3), refuseAs(tooManyAttempts, status, code, message)))
	}
	return []variant{
		limited("locked-after-3-429", "After three wrong OTPs the answer is 429.", http.StatusTooManyRequests, "TooManyRequests", "429:too_many_requests"),
		limited("locked-after-3-423", "After three wrong OTPs the validation is locked: 423.", http.StatusLocked, "Locked", "423:phone_validation_locked"),
		limited("locked-after-3-403", "After three wrong OTPs the validation is locked: 403.", http.StatusForbidden, "Forbidden", "403:locked"),
		limited("locked-after-3-404", "After three wrong OTPs the validation is gone: 404.", http.StatusNotFound, "phone_validation_not_found", "404:phone_validation_not_found"),
		limited("locked-after-3-412", "After three wrong OTPs the OTP has expired: 412.", http.StatusPreconditionFailed, "phoneValidation_has_expired", "412:phoneValidation_has_expired"),
		differing("other-calls-429-at-first", "Of each call but the endpoint's the first is 429, and may come again at once.", func(b *behaviour) { b.limitsRest = true }),
		differing("second-success-403", "The right OTP a second time is 403: it was used up.", func(b *behaviour) { b.again = wrongOTP }),
		differing("second-success-412", "The right OTP a second time is 412: it has had its time.", func(b *behaviour) { b.again = hasExpired }),
	}
}

// limitingRest answers the first call to each address but the endpoint's 429.
func limitingRest(next http.Handler) http.Handler {
	const most = 10_000 // addresses that are remembered
	var mutex sync.Mutex
	seen := map[string]bool{}
	first := func(address string) bool {
		mutex.Lock()
		defer mutex.Unlock()
		if seen[address] {
			return false
		}
		if len(seen) == most {
			clear(seen)
		}
		seen[address] = true
		return true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != endpointPath && first(r.Method+" "+r.URL.RequestURI()) {
			w.Header().Set("Retry-After", "0")
			writeJSON(w, http.StatusTooManyRequests, object{{"message", "Too many requests"}, {"code", "TooManyRequests"}})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// strictVariants refuse what the documentation does not describe, and lenientVariants take it.
func strictVariants() []variant {
	wrongType := func(c *call) bool {
		for name, value := range c.request.fields {
			switch name {
			case "phone", "countryCode", "project", "projectFlow", "phoneGateway":
				if value[0] != '"' {
					return true
				}
			case "otp":
				if numberLiteral(value) == "" {
					return true
				}
			}
		}
		return false
	}
	refused := func(name, doc string, status int, f func(*call) bool) variant {
		return differing(name, doc, all(refuseAs(malformed, status, "ValidationError", "the request is not as documented"), examining(malformed, f)))
	}
	refusedLater := func(name, doc string, f func(*call) bool) variant { // what is missing and the country code come first
		return differing(name, doc, all(refuseAs(malformed, http.StatusBadRequest, "ValidationError", "the request is not as documented"), refusing(malformed, f)))
	}
	otp := func(c *call) string { return c.request.otp }
	return []variant{
		refused("other-types-400", "A parameter of another type, null too, is 400.", http.StatusBadRequest, wrongType),
		refused("other-types-422", "A parameter of another type, null too, is 422.", http.StatusUnprocessableEntity, wrongType),
		refusedLater("otp-no-integer-400", "An OTP with a fraction, an exponent or a sign, or one that no 64 bits hold, is 400.", func(c *call) bool {
			return len(otp(c)) > 18 || strings.Trim(otp(c), "0123456789") != ""
		}),
		refusedLater("otp-of-other-length-400", "An OTP that has not six digits is 400.", func(c *call) bool { return len(otp(c)) != 6 }),
		refusedLater("unknown-parameters-400", "A parameter that is not documented is 400.", hasUnknownParameter),
		refusedLater("phone-of-other-length-400", "A phone that has not eight digits, spaces aside, is 400.", func(c *call) bool {
			phone := strings.ReplaceAll(c.request.phone, " ", "")
			return len(phone) != 8 || strings.Trim(phone, "0123456789") != ""
		}),
		refusedLater("project-of-other-form-400", "A project or flow that is no id is 400.", func(c *call) bool {
			return c.request.project != "" && !idFits(c.request.project) || c.request.flow != "" && !idFits(c.request.flow)
		}),
		refusedLater("gateway-unknown-400", "A phoneGateway that is none of the three is 400.", func(c *call) bool {
			return c.given("phoneGateway") && !gatewayFits(c.request.gateway)
		}),
		refused("doubled-keys-400", "A key that occurs twice is 400.", http.StatusBadRequest, func(c *call) bool {
			keys := topLevelKeys(c.body)
			slices.Sort(keys)
			return len(slices.Compact(slices.Clone(keys))) != len(keys)
		}),
		refused("large-body-413", "A body of more than 16 KiB is 413.", http.StatusRequestEntityTooLarge, func(c *call) bool { return len(c.body) > 16<<10 }),
		refused("deep-nesting-400", "Nesting of more than 32 levels is 400.", http.StatusBadRequest, func(c *call) bool { return depthOf(c.body) > 32 }),
		differing("other-content-type-415", "A body that is not called JSON is 415.", func(b *behaviour) {
			refuseAs(malformed, http.StatusUnsupportedMediaType, "UnsupportedMediaType", "415:not_json")(b)
			examining(malformed, func(c *call) bool { return !strings.Contains(strings.ToLower(c.r.Header.Get("Content-Type")), "json") })(b)
		}),
		differing("zero-counts-as-missing", "An OTP of 0 counts as missing.", func(b *behaviour) {
			before := b.readOTP
			b.readOTP = func(c *call, value json.RawMessage) string {
				if literal := before(c, value); !sameNumber(literal, 0) {
					return literal
				}
				return ""
			}
		}),
		differing("firewall", "What looks like an attack is answered 403 by a firewall, in HTML.", func(b *behaviour) {
			refuseWithStatus(malformed, http.StatusForbidden)(b)
			inOtherWords(malformed, "text/html", "<html><body>Request blocked.</body></html>")(b)
			examining(malformed, func(c *call) bool {
				text := string(c.body)
				for _, values := range c.r.Header {
					text += strings.Join(values, "\n")
				}
				return slices.ContainsFunc([]string{"../", "${", "' OR", "<b>", "$ne", "$gt", "$where", "\\u0000", "%00", "{{"}, func(sign string) bool { return strings.Contains(text, sign) })
			})(b)
		}),
	}
}

func lenientVariants() []variant {
	return []variant{
		differing("country-code-spaces-removed", "Spaces in the country code are removed, around it and inside.", readingText(func(key, text string, _ json.RawMessage) string {
			if key == "countryCode" {
				return strings.ReplaceAll(text, " ", "")
			}
			return text
		})),
		differing("numbers-as-text", "A phone that is a number counts as its digits, and so does a country code, with a plus before it.", readingText(func(key, text string, value json.RawMessage) string {
			switch number := numberLiteral(value); {
			case number == "":
				return text
			case key == "countryCode":
				return "+" + number
			default:
				return number
			}
		})),
		differing("lists-as-text", "A list of one text counts as that text.", readingText(func(_, text string, value json.RawMessage) string {
			var one []string
			if json.Unmarshal(value, &one) == nil && len(one) == 1 {
				return one[0]
			}
			return text
		})),
		differing("phone-with-country-code-accepted", "A phone may begin with its country code.", func(b *behaviour) {
			before := b.find
			b.find = func(c *call) *validation {
				c.request.phone = strings.TrimPrefix(c.request.phone, c.request.countryCode)
				return before(c)
			}
		}),
		differing("otp-as-text-with-spaces", "An OTP of digits in a string is taken, with spaces around it too.", lenientOTP(func(value json.RawMessage) string {
			if s := strings.TrimSpace(text(value)); s != "" && strings.Trim(s, "0123456789") == "" {
				return s
			}
			return ""
		})),
	}
}

// readingText changes what a text parameter is read as.
func readingText(f func(key, text string, value json.RawMessage) string) change {
	return func(b *behaviour) {
		before := b.readText
		b.readText = func(c *call, key string) string { return f(key, before(c, key), c.request.fields[key]) }
	}
}
