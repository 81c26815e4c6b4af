package reference

import (
	"net/http"
	"strings"
)

// tokenFaults break PV-16: the registration's own token authenticates.
func tokenFaults() []fault {
	const rule = "PV-16"
	// The calls that f picks need no token.
	anyone := func(f func(authorization string) bool) change {
		return func(b *behaviour) {
			before := b.authenticate
			b.authenticate = func(c *call) verdict {
				v := before(c)
				if v == unauthorised && f(c.r.Header.Get("Authorization")) {
					c.anyone = true
					return passed
				}
				return v
			}
		}
	}
	isBearer := func(authorization string) bool { return bearer(authorization) != "" }
	return []fault{
		broken(rule, "token-not-asked-for", "Any Authorization will do, and none.", anyone(func(string) bool { return true })),
		broken(rule, "missing-header-accepted", "Without an Authorization header nothing is checked.", anyone(func(s string) bool { return s == "" })),
		broken(rule, "scheme-ignored", "An Authorization that is not a bearer is not checked.", anyone(func(s string) bool { return s != "" && !isBearer(s) })),
		broken(rule, "unknown-token-accepted", "Any bearer will do.", anyone(isBearer)),
		broken(rule, "other-registration-token-accepted", "The token of any registration will do.", func(b *behaviour) {
			b.belongs = func(*call, *validation) bool { return true }
		}),
		broken(rule, "missing-token-answers-200", "Without a good token the answer is 200 with an error in it.", refuseWithStatus(unauthorised, http.StatusOK)),
		broken(rule, "missing-token-validates-anyway", "Without a good token the answer is 401, but the validation was made by then.", all(
			anyone(func(string) bool { return true }),
			func(b *behaviour) {
				b.conclude = func(c *call, v verdict) verdict {
					if c.anyone {
						return unauthorised
					}
					return v
				}
			})),
		broken(rule, "other-token-validates-anyway", "Another registration's token is answered 404, but the validation was made by then.", func(b *behaviour) {
			b.belongs = func(*call, *validation) bool { return true }
			b.conclude = func(c *call, v verdict) verdict {
				if c.found && c.validation.registration != c.registration {
					return otherRegistration
				}
				return v
			}
		}),
		broken(rule, "token-signature-not-checked", "Of a token only the part before its last dot is looked at.", anyone(func(s string) bool {
			return strings.HasPrefix(bearer(s), tokenHeader) || strings.Count(bearer(s), ".") == 2
		})),
	}
}
