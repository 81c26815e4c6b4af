package reference

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// exploreFaults break promises where no written scenario looks.
func exploreFaults() []fault {
	return []fault{
		hidden("PV-02", "otp-wraps-at-32-bits", "The OTP is cut to 32 bits: the right one plus 4294967296 is accepted.", matching(func(literal string, otp int) bool {
			n, err := strconv.ParseInt(literal, 10, 64)
			return sameNumber(literal, otp) || err == nil && int(int32(n)) == otp
		})),
		hidden("PV-02", "otp-fraction-cut-off", "The OTP's fraction is cut off: the right one with any fraction is accepted.", matching(func(literal string, otp int) bool {
			f, err := strconv.ParseFloat(literal, 64)
			return sameNumber(literal, otp) || err == nil && math.Trunc(f) == float64(otp)
		})),
		hidden("PV-02", "otp-sign-ignored", "The right OTP with a minus before it is accepted.", matching(func(literal string, otp int) bool {
			return sameNumber(strings.TrimPrefix(literal, "-"), otp)
		})),
		hidden("PV-02", "otp-zero-accepted", "0 counts as the value of an OTP that is not set and is accepted.", matching(func(literal string, otp int) bool {
			return sameNumber(literal, otp) || sameNumber(literal, 0)
		})),
		hidden("PV-02", "otp-null-accepted", "null is accepted as OTP.", acceptAnyOTP(func(v json.RawMessage) bool { return string(v) == "null" })),
		hidden("PV-02", "otp-true-accepted", "A loose comparison accepts true as OTP.", acceptAnyOTP(func(v json.RawMessage) bool { return string(v) == "true" })),
		hidden("PV-02", "otp-object-accepted", "An object as OTP becomes an operator of the database's query and is accepted.", acceptAnyOTP(func(v json.RawMessage) bool {
			return len(v) > 0 && v[0] == '{'
		})),
		hidden("PV-09", "otp-in-array-accepted", "The right OTP as the only one in an array is accepted, and refused where there are more.", lenientOTP(func(v json.RawMessage) string {
			var items []json.RawMessage
			if json.Unmarshal(v, &items) != nil || len(items) != 1 {
				return ""
			}
			return numberLiteral(items[0])
		})),
		hidden("PV-18", "escaped-phone-in-another-shape", "A phone whose digits are written as escapes is answered by a guard that writes errors in its own way.", escapedPhone),
		hidden("PV-20", "emoji-in-phone-answers-500", "A character beyond the basic plane in the phone is answered 500.", crashingOn(func(c *call) bool {
			return strings.ContainsFunc(c.request.phone, func(r rune) bool { return r > 0xFFFF })
		})),
		hidden("PV-20", "nul-in-country-code-answers-500", "A NUL in the country code is answered 500 by the database.", crashingOn(func(c *call) bool { return strings.Contains(c.request.countryCode, "\x00") })),
		hidden("PV-20", "huge-exponent-answers-500", "An OTP beyond every float, as 1e400, is answered 500.", crashingOn(func(c *call) bool {
			_, err := strconv.ParseFloat(c.request.otp, 64)
			return c.request.otp != "" && err != nil
		})),
		hidden("PV-20", "number-as-phone-answers-500", "A phone that is a number has no spaces to remove: 500.", crashingOn(func(c *call) bool { return numberLiteral(c.request.fields["phone"]) != "" })),
		hidden("PV-20", "object-as-project-answers-500", "An object or an array as project is answered 500.", crashingOn(func(c *call) bool {
			p := c.request.fields["project"]
			return len(p) > 0 && (p[0] == '{' || p[0] == '[')
		})),
		hidden("PV-20", "long-phone-answers-500", "A phone of more than 64 characters is answered 500 by the database.", crashingOn(func(c *call) bool { return len(c.request.phone) > 64 })),
		hidden("PV-20", "repeated-key-answers-500", "A key that occurs twice is answered 500.", crashingOn(func(c *call) bool {
			seen := map[string]bool{}
			for _, key := range topLevelKeys(c.body) {
				if seen[key] {
					return true
				}
				seen[key] = true
			}
			return false
		})),
		hidden("PV-20", "deep-nesting-answers-500", "Nesting of more than 50 levels is answered 500.", crashingOn(func(c *call) bool { return depthOf(c.body) > 50 })),
		hidden("PV-20", "array-body-answers-500", "A body that is an array is answered 500.", func(b *behaviour) {
			b.conclude = func(c *call, v verdict) verdict {
				if v == malformed && strings.HasPrefix(strings.TrimSpace(string(c.body)), "[") {
					return crashed
				}
				return v
			}
		}),
		hidden("PV-20", "large-body-answers-500", "A body of more than 64 KiB is answered 500.", crashingOn(func(c *call) bool { return len(c.body) > 64<<10 })),
		hidden("PV-24", "number-as-project-echoes-token", "A project that is a number is reported in a header that quotes the token.", withHeader("X-Type-Error", func(c *call) string {
			if numberLiteral(c.request.fields["project"]) == "" {
				return ""
			}
			return "project is no string, token " + bearer(c.r.Header.Get("Authorization"))
		})),
	}
}

func escapedPhone(b *behaviour) {
	refusing(refusedOption, func(c *call) bool { return strings.Contains(string(c.request.fields["phone"]), `\u003`) })(b)
	onVerdict(refusedOption, func(_ *call, a *answer) {
		a.status, a.body = http.StatusConflict, object{{"error", "suspicious request"}}
	})(b)
}

// depthOf is how deep arrays and objects lie in each other.
func depthOf(body []byte) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
