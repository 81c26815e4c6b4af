package reference

import (
	"net/http"
	"strings"
)

// exploreFaults break promises where no written scenario looks.
func exploreFaults() []fault {
	return []fault{
		hidden("PV-18", "escaped-phone-in-another-shape", "A phone whose digits are written as escapes is answered by a guard that writes errors in its own way.", escapedPhone),
		hidden("PV-20", "emoji-in-phone-answers-500", "A character beyond the basic plane in the phone is answered 500.", examining(crashed, func(c *call) bool {
			return strings.ContainsFunc(c.request.phone, func(r rune) bool { return r > 0xFFFF })
		})),
		hidden("PV-20", "nul-in-country-code-answers-500", "A NUL in the country code is answered 500 by the database.", examining(crashed, func(c *call) bool { return strings.Contains(c.request.countryCode, "\x00") })),
		hidden("PV-20", "object-as-project-answers-500", "An object or an array as project is answered 500.", examining(crashed, func(c *call) bool {
			p := c.request.fields["project"]
			return len(p) > 0 && (p[0] == '{' || p[0] == '[')
		})),
		hidden("PV-20", "long-phone-answers-500", "A phone of more than 64 characters is answered 500 by the database.", examining(crashed, func(c *call) bool { return len(c.request.phone) > 64 })),
		hidden("PV-20", "repeated-key-answers-500", "A key that occurs twice is answered 500.", examining(crashed, func(c *call) bool {
			seen := map[string]bool{}
			for _, key := range topLevelKeys(c.body) {
				if seen[key] {
					return true
				}
				seen[key] = true
			}
			return false
		})),
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
