package reference

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// unevenFaults keep a promise in most calls and break it in some: for one country, one way of delivery, a request that
// says more than it has to, or what is typed once all is over. Others compare as a query or a pattern would.
func unevenFaults() []fault {
	byCode := func(digits int) func(*call, *validation) bool {
		return func(_ *call, v *validation) bool { return len(v.number.countryCode) == digits+1 }
	}
	by := func(gateway string) func(*call, *validation) bool {
		return func(_ *call, v *validation) bool { return v.gateway == gateway }
	}
	names := func(parameter string) func(*call, *validation) bool {
		return func(c *call, _ *validation) bool { return c.given(parameter) }
	}
	typed := func(f func(literal, right string) bool) change {
		return alsoMatching(func(literal string, otp int) bool { return f(literal, strconv.Itoa(otp)) })
	}
	texts := func(values ...string) change {
		return acceptAnyOTP(func(v json.RawMessage) bool {
			for _, value := range values {
				if text(v) == value {
					return true
				}
			}
			return false
		})
	}
	return []fault{
		broken("PV-02", "wrong-otp-accepted-for-codes-of-1-digit", "Under a country code of one digit the OTP is not compared: a flag of a trial was left on.", alsoPassing(byCode(1))),
		broken("PV-02", "wrong-otp-accepted-for-codes-of-2-digits", "Under a country code of two digits the OTP is not compared.", alsoPassing(byCode(2))),
		broken("PV-02", "wrong-otp-accepted-by-whatsapp", "An OTP that WhatsApp delivered is not compared.", alsoPassing(by("whatsapp"))),
		broken("PV-02", "wrong-otp-accepted-undelivered", "An OTP that nothing delivered is not compared.", alsoPassing(by("none"))),
		broken("PV-02", "wrong-otp-accepted-where-gateway-named", "A request that names the delivery method skips the comparison.", alsoPassing(names("phoneGateway"))),
		broken("PV-02", "wrong-otp-accepted-where-project-named", "A request that names the project skips the comparison.", alsoPassing(names("project"))),
		broken("PV-02", "wrong-otp-accepted-where-flow-named", "A request that names the project flow skips the comparison.", alsoPassing(names("projectFlow"))),
		broken("PV-02", "wrong-otp-accepted-before-face-liveness", "Where the face is looked at next the OTP is not compared.", alsoPassing(func(_ *call, v *validation) bool { return v.flow == LivenessFlow })),
		broken("PV-02", "wrong-otp-translated-for-one-country", "Under +57 a wrong OTP is answered in the country's language.", onVerdict(wrongOTP, func(c *call, a *answer) {
			if c.request.countryCode == "+57" {
				a.body.set("message", "El código no coincide")
			}
		})),

		broken("PV-07", "expiry-ignored-for-codes-of-1-digit", "Under a country code of one digit an OTP never expires.", unexpiring(func(_ *call, v *validation) bool { return len(v.number.countryCode) == 2 })),
		broken("PV-07", "expiry-ignored-by-whatsapp", "An OTP that WhatsApp delivered never expires.", unexpiring(by("whatsapp"))),
		broken("PV-07", "expiry-ignored-where-gateway-named", "A request that names the delivery method is not asked for its time.", unexpiring(names("phoneGateway"))),
		broken("PV-07", "expiry-ignored-where-project-named", "A request that names the project is not asked for its time.", unexpiring(names("project"))),
		broken("PV-07", "expiry-ignored-where-flow-named", "A request that names the project flow is not asked for its time.", unexpiring(names("projectFlow"))),

		broken("PV-11", "project-compared-by-its-beginning", "A column is too short: of the project all but the last characters are compared.", narrowingBy(func(sent, own string) bool {
			return len(sent) == len(own) && strings.HasPrefix(sent, own[:len(own)*3/4])
		}, nil)),
		broken("PV-11", "project-compared-by-its-end", "Of the project only the last characters are compared.", narrowingBy(func(sent, own string) bool { return strings.HasSuffix(sent, own[len(own)/4:]) }, nil)),
		broken("PV-11", "flow-compared-by-its-beginning", "Of the project flow all but the last characters are compared.", narrowingBy(nil, func(sent, own string) bool {
			return len(sent) == len(own) && strings.HasPrefix(sent, own[:len(own)*3/4])
		})),

		broken("PV-12", "status-undone-by-a-wrong-otp", "A wrong OTP marks the validation as failed, also one that is validated.", afterSuccess(func(c *call, v *validation) {
			if !sameNumber(c.request.otp, v.otp) {
				v.status = statusFailed
			}
		})),
		broken("PV-12", "status-undone-by-the-right-otp", "The right OTP turns the status over, each time.", afterSuccess(func(c *call, v *validation) {
			if sameNumber(c.request.otp, v.otp) {
				v.status = statusSent
			}
		})),

		broken("PV-13", "link-undone-by-a-wrong-otp", "A wrong OTP takes the link away, also of a validation that is validated.", afterSuccess(func(c *call, v *validation) {
			if !sameNumber(c.request.otp, v.otp) {
				v.registration.linked = ""
			}
		})),
		broken("PV-13", "link-undone-by-the-right-otp", "The right OTP, typed again, takes the link away.", afterSuccess(func(c *call, v *validation) {
			if sameNumber(c.request.otp, v.otp) {
				v.registration.linked = ""
			}
		})),

		broken("PV-14", "webhook-url-holds-otp", "The OTP is added to the webhook's address.", delivered(func(e event, d *delivery) { d.url += "?otp=" + strconv.Itoa(e.validation.otp) })),
		broken("PV-14", "webhook-url-holds-token", "The token is added to the webhook's address.", delivered(func(e event, d *delivery) { d.url += "?token=" + url.QueryEscape(e.token) })),

		broken("PV-16", "token-known-by-its-signature", "Tokens are kept by their signature: whatever else stands in one is believed.", knowing(func(c *call, token string) *registration {
			return c.tokenThat(token, func(sent, own string) bool { return signatureOf(sent) == signatureOf(own) })
		})),
		broken("PV-16", "token-signature-in-any-case", "Signatures are compared without regard to case.", knowing(func(c *call, token string) *registration {
			return c.tokenThat(token, func(sent, own string) bool {
				return strings.TrimSuffix(sent, signatureOf(sent)) == strings.TrimSuffix(own, signatureOf(own)) && strings.EqualFold(sent, own)
			})
		})),

		broken("PV-21", "phone-with-percent-sign-found", "The phone is looked up with LIKE: a percent sign is a wildcard.", findingLike(func(sent, own string) bool {
			before, after, found := strings.Cut(sent, "%")
			return found && strings.HasPrefix(own, before) && strings.HasSuffix(own, after)
		}, nil)),
		broken("PV-21", "phone-with-underscore-found", "The phone is looked up with LIKE, percent signs escaped: an underscore is any digit.", findingLike(placeholder('_'), nil)),
		broken("PV-21", "phone-with-point-found", "The phone is looked up as a regular expression: a point is any digit.", findingLike(placeholder('.'), nil)),
		broken("PV-21", "country-code-compared-by-its-beginning", "The validation's country code has to begin with what is sent.", findingLike(nil, func(sent, own string) bool { return strings.HasPrefix(own, sent) })),
		broken("PV-21", "country-code-compared-by-its-end", "The validation's country code has to end in the digits that are sent.", findingLike(nil, func(sent, own string) bool { return strings.HasSuffix(own, sent[1:]) })),
		broken("PV-21", "country-code-with-a-digit-more-found", "What is sent has to begin with the validation's country code.", findingLike(nil, strings.HasPrefix)),

		broken("PV-25", "otp-rounded-up", "The OTP is rounded up to a whole number.", alsoMatching(func(s string, otp int) bool {
			f, err := strconv.ParseFloat(s, 64)
			return err == nil && math.Ceil(f) == float64(otp)
		})),
		broken("PV-25", "otp-pattern-accepted", "A text is taken for a regular expression.", texts(".*")),
		broken("PV-25", "otp-wildcard-accepted", "A text is compared with LIKE.", texts("%")),
		broken("PV-25", "otp-placeholders-accepted", "A text is compared with LIKE, percent signs escaped.", texts("______")),
		broken("PV-25", "otp-of-ones-accepted", "An OTP for tests, ones alone, was left in.", typed(func(s, _ string) bool { return s == "111111" })),
		broken("PV-25", "otp-of-nines-accepted", "An OTP for tests, nines alone, was left in.", typed(func(s, _ string) bool { return s == "999999" })),
		broken("PV-25", "otp-that-counts-down-accepted", "An OTP for tests, 654321, was left in.", typed(func(s, _ string) bool { return s == "654321" })),
	}
}

// unexpiring never lets a validation expire where f says so.
func unexpiring(f func(*call, *validation) bool) change {
	return func(b *behaviour) {
		before := b.find
		b.find = func(c *call) *validation {
			v := before(c)
			if v != nil && f(c, v) {
				v.expires = c.now.Add(time.Minute)
			}
			return v
		}
	}
}

// narrowingBy compares a project or a flow in another way; nil: as it should be.
func narrowingBy(project, flow func(sent, own string) bool) change {
	same := func(f func(sent, own string) bool, sent, own string) bool {
		return sent == "" || sent == own || f != nil && f(sent, own)
	}
	return func(b *behaviour) {
		b.narrows = func(q *request, v *validation) bool {
			return same(project, q.project, v.project) && same(flow, q.flow, v.flow)
		}
	}
}

// afterSuccess does something to a validation that is validated when another OTP is typed for it, however that is
// answered.
func afterSuccess(f effect) change {
	return despite(notFound, func(c *call, v *validation) {
		if v.status == statusValidated && v.registration == c.registration {
			f(c, v)
		}
	})
}

// findingLike also finds validations whose phone, or country code, is like the one that is sent; nil: is the same.
func findingLike(phone, code func(sent, own string) bool) change {
	like := func(f func(sent, own string) bool, sent, own string) bool {
		return sent == own || f != nil && f(sent, own)
	}
	return func(b *behaviour) {
		before := b.find
		b.find = func(c *call) *validation {
			if v := before(c); v != nil {
				return v
			}
			for _, v := range c.records.numbers {
				if b.belongs(c, v) && like(phone, c.request.phone, v.number.phone) && like(code, c.request.countryCode, v.number.countryCode) {
					return v
				}
			}
			return nil
		}
	}
}

// placeholder compares texts of which one has a sign that stands for any character.
func placeholder(sign byte) func(sent, own string) bool {
	return func(sent, own string) bool {
		if len(sent) != len(own) {
			return false
		}
		for i := range len(sent) {
			if sent[i] != own[i] && sent[i] != sign {
				return false
			}
		}
		return true
	}
}

// signatureOf is the last part of a token.
func signatureOf(token string) string { return token[strings.LastIndexByte(token, '.')+1:] }
