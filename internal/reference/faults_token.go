package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
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

		broken(rule, "refused-token-links", "Without a good token the answer is 401, but the registration was linked by then.", despite(unauthorised, links)),
		broken(rule, "refused-token-validates-late", "Without a good token the answer is 401; a queue validates all the same.", despite(unauthorised, late(validates))),
		broken(rule, "refused-token-links-late", "Without a good token the answer is 401; a queue links all the same.", despite(unauthorised, late(links))),
		broken(rule, "other-token-links", "Another registration's token is answered 404, but the registration was linked by then.", despite(otherRegistration, links)),
		broken(rule, "other-token-validates-late", "Another registration's token is answered 404; a queue validates all the same.", despite(otherRegistration, late(validates))),
		broken(rule, "token-unsigned-accepted", "A token whose header says alg none is believed.", knowing(func(c *call, token string) *registration {
			header, registration, _ := c.readToken(token)
			if strings.Contains(strings.ToLower(header), `"none"`) {
				return registration
			}
			return nil
		})),
		broken(rule, "token-with-empty-key-accepted", "The key was not set: a token that is signed with none is believed.", knowing(func(c *call, token string) *registration {
			_, registration, signature := c.readToken(token)
			seal := hmac.New(sha256.New, nil)
			_, _ = seal.Write([]byte(token[:max(strings.LastIndexByte(token, '.'), 0)]))
			if signature != base64.RawURLEncoding.EncodeToString(seal.Sum(nil)) {
				return nil
			}
			return registration
		})),
		broken(rule, "token-without-signature-accepted", "A token without a signature is believed.", knowing(func(c *call, token string) *registration {
			_, registration, signature := c.readToken(token)
			if signature != "" {
				return nil
			}
			return registration
		})),
		broken(rule, "token-decoded-without-verifying", "A token is decoded, and its signature never looked at.", knowing(func(c *call, token string) *registration {
			_, registration, _ := c.readToken(token)
			return registration
		})),
		broken(rule, "token-beginning-accepted", "A token is looked up by its beginning.", knowing(func(c *call, token string) *registration { return c.tokenThat(token, strings.HasPrefix) })),
		broken(rule, "token-case-ignored", "The database compares tokens without regard to case.", knowing(func(c *call, token string) *registration { return c.tokenThat(token, strings.EqualFold) })),
		broken(rule, "empty-token-accepted", "A bearer without a token is looked up as none at all.", anyone(func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "Bearer") })),
		broken(rule, "success-repeated-without-token", "A cache forgets Authorization: the same body without a token is answered as before.", repeatingSuccess(func(c *call, _ verdict) bool { return c.r.Header.Get("Authorization") == "" })),
		broken(rule, "success-repeated-for-any-token", "A cache forgets Authorization: the same body with an unknown token is answered as before.", repeatingSuccess(func(c *call, v verdict) bool {
			return v == unauthorised && isBearer(c.r.Header.Get("Authorization"))
		})),
		broken(rule, "success-repeated-for-other-token", "A cache forgets whose token it was: the same body with another registration's token is answered as before.", repeatingSuccess(func(_ *call, v verdict) bool { return v == otherRegistration })),
	}
}

// knowing also takes a token for the registration that f finds.
func knowing(f func(*call, string) *registration) change {
	return func(b *behaviour) {
		before := b.authenticate
		b.authenticate = func(c *call) verdict {
			v := before(c)
			if token := bearer(c.r.Header.Get("Authorization")); v == unauthorised && token != "" {
				c.records.mu.Lock()
				c.registration = f(c, token)
				c.records.mu.Unlock()
				if c.registration != nil {
					return passed
				}
			}
			return v
		}
	}
}

// readToken reads a token as a library does that verifies nothing.
func (c *call) readToken(token string) (header string, of *registration, signature string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", nil, "-"
	}
	head, _ := base64.RawURLEncoding.DecodeString(parts[0])
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ AppRegistration string }
	if json.Unmarshal(payload, &claims) != nil {
		return "", nil, "-"
	}
	return string(head), c.records.registrations[claims.AppRegistration], parts[2]
}

// tokenThat is the registration of a token that is like the one given.
func (c *call) tokenThat(given string, like func(token, given string) bool) *registration {
	for token, r := range c.records.tokens {
		if like(token, given) {
			return r
		}
	}
	return nil
}

// repeatingSuccess answers a refused call like the success of the same body before, where f says so.
func repeatingSuccess(f func(*call, verdict) bool) change {
	return func(b *behaviour) {
		var mu sync.Mutex
		successes := map[string]validation{}
		b.conclude = func(c *call, v verdict) verdict {
			mu.Lock()
			defer mu.Unlock()
			if v == passed {
				successes[string(c.body)] = c.validation
			} else if kept, ok := successes[string(c.body)]; ok && f(c, v) {
				c.found, c.validation = true, kept
				return passed
			}
			return v
		}
	}
}
