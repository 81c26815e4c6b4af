package reference

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"sync/atomic"
)

// tokenFaults break that the registration's own token authenticates (PV-16).
func tokenFaults() []Fault {
	noHeader := func(c *call) bool { return c.authorization == "" }
	isBearer := func(c *call) bool { return c.token != "" }
	everyonesValidation := func(b *behaviour) { b.belongs = always }
	return []Fault{
		broken("PV-16", "token-not-asked-for", "Any Authorization will do, and none.", unasked(always)),
		broken("PV-16", "missing-header-accepted", "Without an Authorization header nothing is checked.", unasked(noHeader)),
		broken("PV-16", "scheme-ignored", "An Authorization that is not a bearer is not checked.", unasked(not(noHeader).and(not(isBearer)))),
		broken("PV-16", "unknown-token-accepted", "Any bearer will do.", unasked(isBearer)),
		broken("PV-16", "other-registration-token-accepted", "The token of any registration will do.", everyonesValidation),
		broken("PV-16", "missing-token-answers-200", "Without a good token the answer is 200 with an error in it.", status(unauthorised, 200)),
		broken("PV-16", "missing-token-validates-anyway", "Without a good token the answer is 401, but the validation was made by then.",
			unasked(always), concluding(where(func(c *call) bool { return c.anyone }, deciding(unauthorised)))),
		broken("PV-16", "other-token-validates-anyway", "Another registration's token is answered 404, but the validation was made by then.",
			everyonesValidation, concluding(where(func(c *call) bool { return c.validation != nil && c.validation.registration != c.registration }, deciding(otherRegistration)))),
		broken("PV-16", "token-signature-not-checked", "Of a token only the part before its last dot is looked at.",
			unasked(func(c *call) bool { return strings.HasPrefix(c.token, tokenHeader) || strings.Count(c.token, ".") == 2 })),

		broken("PV-16", "refused-token-links", "Without a good token the answer is 401, but the registration was linked by then.", despite(unauthorised, links)),
		broken("PV-16", "refused-token-validates-late", "Without a good token the answer is 401; a queue validates all the same.", despite(unauthorised, late(validates))),
		broken("PV-16", "refused-token-links-late", "Without a good token the answer is 401; a queue links all the same.", despite(unauthorised, late(links))),
		broken("PV-16", "other-token-links", "Another registration's token is answered 404, but the registration was linked by then.", despite(otherRegistration, links)),
		broken("PV-16", "other-token-validates-late", "Another registration's token is answered 404; a queue validates all the same.", despite(otherRegistration, late(validates))),
		broken("PV-16", "token-unsigned-accepted", "A token whose header says alg none is believed.",
			decoding(func(c *call) bool { return bytes.Contains(bytes.ToLower(decodedPart(c.token, 0)), []byte(`"none"`)) })),
		broken("PV-16", "token-unsigned-with-capital-accepted", "A token whose header says alg None is believed; none is refused.",
			decoding(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte(`"None"`)) })),
		broken("PV-16", "token-of-two-parts-accepted", "A token that ends before its signature is believed.",
			comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent+".") && strings.Contains(sent, ".") })),
		broken("PV-16", "token-with-more-behind-accepted", "A column cuts tokens to their length: whatever stands behind one is not looked at.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(sent, own) })),
		broken("PV-16", "no-token-asked-for-where-project-named", "A request that names the project needs no token.", unasked(given("project"))),
		broken("PV-16", "no-token-asked-for-where-phone-has-spaces", "A phone with spaces goes another way, on which no token is asked for.", unasked(sent("phone", " "))),
		broken("PV-16", "caller-remembered", "Who calls is kept in one place for all: without a token it is the caller before.", rememberingCaller()),
		broken("PV-16", "token-with-empty-key-accepted", "The key was not set: a token that is signed with none is believed.", decoding(signedWith(""))),
		broken("PV-16", "token-without-signature-accepted", "A token without a signature is believed.",
			decoding(func(c *call) bool { return strings.HasSuffix(c.token, ".") })),
		broken("PV-16", "token-decoded-without-verifying", "A token is decoded, and its signature never looked at.", decoding(always)),
		broken("PV-16", "token-beginning-accepted", "A token is looked up by its beginning.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent) })),
		broken("PV-16", "token-case-ignored", "The database compares tokens without regard to case.", comparingTokens(strings.EqualFold)),
		broken("PV-16", "empty-token-accepted", "A bearer without a token is looked up as none at all.",
			unasked(func(c *call) bool { return strings.EqualFold(strings.TrimSpace(c.authorization), "Bearer") })),
		broken("PV-16", "success-repeated-without-token", "A cache forgets Authorization: the same body without a token is answered as before.",
			repeatingSuccess(noHeader)),
		broken("PV-16", "success-repeated-for-any-token", "A cache forgets Authorization: the same body with an unknown token is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(isBearer))),
		broken("PV-16", "success-repeated-for-altered-token", "A cache knows tokens by what is in them: the same body with an altered one is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(func(c *call) bool { return registrationIn(c.token) != "" }))),
		broken("PV-16", "success-repeated-for-other-token", "A cache forgets whose token it was: the same body with another registration's token is answered as before.",
			repeatingSuccess(answersTo(otherRegistration))),
		broken("PV-16", "token-known-by-its-signature", "Tokens are kept by their signature: whatever else stands in one is believed.",
			comparingTokens(func(sent, own string) bool { return strings.HasSuffix(own, sent[strings.LastIndex(sent, ".")+1:]) })),
		broken("PV-16", "token-signature-in-any-case", "Signatures are compared without regard to case.",
			comparingTokens(func(sent, own string) bool {
				return strings.EqualFold(sent, own) && strings.HasPrefix(own, sent[:strings.LastIndex(sent, ".")])
			})),
	}
}

// authenticating lets f take calls that have no good token: it names their registration, or says that anyone will do.
func authenticating(f hook) change {
	return func(b *behaviour) {
		b.authenticate.then(where(answersTo(unauthorised), func(c *call) {
			c.records.mu.Lock()
			defer c.records.mu.Unlock()
			if f(c); c.registration != nil || c.anyone {
				c.verdict = passed
			}
		}))
	}
}

// unasked asks for no token in some cases of a call for a validation.
func unasked(when check) change {
	return authenticating(func(c *call) {
		toEach(named, func(of *call) { c.anyone = when(of) })(c)
	})
}

// comparingTokens looks a token up by what f takes for the same.
func comparingTokens(f func(sent, own string) bool) change {
	return authenticating(func(c *call) {
		for own, r := range c.records.tokens {
			if c.token != "" && f(c.token, own) {
				c.registration = r
			}
		}
	})
}

// rememberingCaller takes a call without a token for one of the caller before.
func rememberingCaller() change {
	var before atomic.Pointer[registration]
	return all(
		authenticating(func(c *call) {
			if c.authorization == "" {
				c.registration = before.Load()
			}
		}),
		concluding(func(c *call) { before.Store(c.registration) }))
}

// decoding believes what is in a token, in some cases; nothing verifies it.
func decoding(when check) change {
	return authenticating(func(c *call) {
		if strings.Contains(c.token, ".") && when(c) {
			c.registration = c.records.registrations[registrationIn(c.token)]
		}
	})
}

// signedWith is a token that is signed with a key.
func signedWith(key string) check {
	return func(c *call) bool {
		seal := hmac.New(sha256.New, []byte(key))
		_, _ = io.WriteString(seal, c.token[:strings.LastIndex(c.token, ".")])
		return strings.HasSuffix(c.token, "."+base64.RawURLEncoding.EncodeToString(seal.Sum(nil)))
	}
}

// registrationIn returns the id that a token holds, "" for none.
func registrationIn(token string) string {
	var claims struct{ AppRegistration string }
	_ = json.Unmarshal(decodedPart(token, 1), &claims) // what is no JSON holds none
	return claims.AppRegistration
}

// decodedPart returns what the nth part of a token holds.
func decodedPart(token string, n int) []byte {
	parts := append(strings.Split(token, "."), "")
	decoded, _ := base64.RawURLEncoding.DecodeString(parts[n])
	return decoded
}

// repeatingSuccess answers a refused call like the success of the same body before, in some cases.
func repeatingSuccess(when check) change {
	var successful sync.Map
	return concluding(func(c *call) {
		if c.verdict == passed {
			successful.Store(string(c.body), c.validation)
		} else if kept, ok := successful.Load(string(c.body)); ok && when(c) {
			c.verdict, c.validation = passed, kept.(*validation)
		}
	})
}
