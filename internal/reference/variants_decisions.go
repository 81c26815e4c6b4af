package reference

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// decisionVariants decide otherwise where the documentation is silent.
func decisionVariants() []variant {
	return []variant{
		differing("missing-token-403", "No token, or an unknown one, is 403 Forbidden expired_token.", refuseAs(unauthorised, http.StatusForbidden, "Forbidden", "expired_token")),
		differing("missing-token-409", "No token, or an unknown one, is 409 missing Authorization header.", refuseAs(unauthorised, http.StatusConflict, missingCode, "missing Authorization header")),
		differing("other-token-403", "Another registration's token is 403 Forbidden instead of 404.", refuseAs(otherRegistration, http.StatusForbidden, "Forbidden", "Access forbidden")),
		differing("attempts-limited-to-10", "After ten wrong OTPs none is looked at: 403 too_many_attempts.", all(attemptsLimit(10), refuseAs(tooManyAttempts, http.StatusForbidden, "too_many_attempts", "403:too_many_attempts"))),
		differing("attempts-limited-to-3", "After three wrong OTPs none is looked at: 409 too_many_attempts.", attemptsLimit(3)),
		differing("many-wrong-otps-429", "After five wrong OTPs the answer is 429 with Retry-After.", all(
			attemptsLimit(5),
			refuseAs(tooManyAttempts, http.StatusTooManyRequests, "TooManyRequests", "429:too_many_requests"),
			onVerdict(tooManyAttempts, func(_ *call, a *answer) { a.addHeader("Retry-After", "60") }))),
		differing("second-success-200", "The right OTP a second time is 200 again.", func(b *behaviour) { b.again = passed }),
		differing("second-success-409", "The right OTP a second time is 409 phone_validation_already_validated.", func(b *behaviour) { b.again = alreadyValidated }),
		differing("otp-first", "The OTP is looked at before expiry: wrong and expired is 403.", func(b *behaviour) { b.otpFirst = true }),
		differing("otp-as-string-accepted", "An OTP of digits in a string is taken as well.", lenientOTP(func(value json.RawMessage) string {
			if s := text(value); s != "" && strings.Trim(s, "0123456789") == "" {
				return s
			}
			return ""
		})),
		differing("otp-as-string-400", "An OTP in a string is 400.", func(b *behaviour) {
			b.examine = func(c *call) verdict {
				if text(c.request.fields["otp"]) != "" {
					return malformed
				}
				return passed
			}
		}),
		differing("white-space-removed", "All white space is removed from the phone, tabs and no-break spaces too.", cleaning(func(phone string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, phone)
		})),
		differing("punctuation-removed", "Everything but digits is removed from the phone.", cleaning(func(phone string) string {
			return strings.Map(func(r rune) rune {
				if r < '0' || r > '9' {
					return -1
				}
				return r
			}, phone)
		})),
		differing("gateway-compared", "A phoneGateway other than the delivery's finds nothing.", func(b *behaviour) {
			before := b.narrows
			b.narrows = func(q *request, v *validation) bool {
				return before(q, v) && (q.gateway == "" || q.gateway == v.gateway)
			}
		}),
		differing("gateway-checked", "A phoneGateway that is none of the three is 409.", refusing(refusedOption, func(c *call) bool {
			return c.request.gateway != "" && !gatewayFits(c.request.gateway)
		})),
		differing("unknown-parameters-refused", "A parameter that is not documented is 409.", refusing(refusedOption, hasUnknownParameter)),
		differing("malformed-body-409", "A body that is no JSON object is 409 as if everything was missing.", refuseAs(malformed, http.StatusConflict, missingCode, joined("\n. ")([]string{"phone", "countryCode", "otp"}))),
		differing("other-content-type-409", "A body that is not called JSON is not read: everything is missing.", func(b *behaviour) {
			before := b.authenticate
			b.authenticate = func(c *call) verdict {
				if !strings.Contains(strings.ToLower(c.r.Header.Get("Content-Type")), "json") {
					c.body = nil
				}
				return before(c)
			}
		}),
		differing("other-project-code", "Another project or flow is 404 with a code of its own.", refuseAs(otherProject, http.StatusNotFound, "project_not_found", "404:project_not_found")),
		differing("parameters-before-token", "The parameters are looked at before the token.", func(b *behaviour) { b.lateToken = true }),
	}
}

func attemptsLimit(n int) change { return func(b *behaviour) { b.attempts = n } }

func hasUnknownParameter(c *call) bool {
	for name := range c.request.fields {
		switch name {
		case "phone", "countryCode", "otp", "project", "projectFlow", "phoneGateway":
		default:
			return true
		}
	}
	return false
}

// recordVariants keep or show the records in another way.
func recordVariants() []variant {
	return []variant{
		differing("ids-in-capitals", "Ids are written with capital hex digits.", func(b *behaviour) {
			b.newID = func() string { return strings.ToUpper(newHexID()) }
		}),
		differing("liveness-everywhere", "Every flow recommends face liveness.", func(b *behaviour) { b.recommends = func(string) bool { return true } }),
		differing("link-as-object", "A registration shows its validation as an object even where only the id is asked for.", showing(func(r *registration, _ bool) any { return linkAsAsked(r, true) })),
		differing("link-as-id", "A registration shows its validation's id even where the object is asked for.", showing(func(r *registration, _ bool) any { return linkAsAsked(r, false) })),
		differing("linked-from-the-start", "A registration is linked to its validation when that is made.", showing(func(r *registration, populate bool) any {
			if r.linked == "" && len(r.validations) > 0 {
				return r.validations[len(r.validations)-1].id
			}
			return linkAsAsked(r, populate)
		})),
		differing("expired-shows-failed", "The status of a validation that was used too late is failed.", func(b *behaviour) {
			b.onExpired = func(_ *call, v *validation) { v.status = statusFailed }
		}),
		differing("wrong-otp-shows-failed", "The status of a validation is failed after a wrong OTP, until the right one comes.", func(b *behaviour) {
			before := b.onWrong
			b.onWrong = func(c *call, v *validation) {
				before(c, v)
				v.status = statusFailed
			}
		}),
	}
}

func showing(f func(*registration, bool) any) change {
	return func(b *behaviour) { b.showLink = f }
}

// webhookVariants notify in another way.
func webhookVariants() []variant {
	return []variant{
		differing("webhook-late", "Webhooks come 250 ms late.", delivered(func(_ event, d *delivery) { d.after = 250 * time.Millisecond })),
		differing("webhook-twice", "Webhooks are delivered twice.", delivering(func(e event) []delivery {
			return append(oneDelivery(e), oneDelivery(e)...)
		})),
		differing("webhook-names-phone-only", "Webhooks name the validation by its phone alone.", notified(func(_ event, o *object) {
			o.drop("_id")
			o.drop("countryCode")
		})),
		differing("webhook-names-whole-number", "Webhooks name the validation by country code and phone in one.", notified(func(e event, o *object) {
			o.drop("_id")
			o.drop("countryCode")
			o.set("phone", e.validation.number.countryCode+e.validation.number.phone)
		})),
		differing("webhook-names-id-only", "Webhooks name the validation by its id alone.", notified(func(e event, o *object) {
			*o = object{{"_id", e.validation.id}}
		})),
		differing("webhook-in-another-form", "Webhooks are flat, indented and carry a signature.", delivering(func(e event) []delivery {
			d := deliver(e, object{})
			d.mediaType = "application/json; charset=utf-8"
			d.body = encoder{indent: "\t"}.append(nil, object{
				{"event", "onboarding_phone_validation_" + e.suffix},
				{"signature", "sha256=" + newHexID() + newHexID()},
				{"validation", e.validation.id},
			}, 0)
			return []delivery{d}
		})),
		differing("webhook-with-resend", "A webhook that says resend comes before each.", delivering(func(e event) []delivery {
			resend := e
			resend.suffix = "resend"
			return append(oneDelivery(resend), oneDelivery(e)...)
		})),
	}
}
