package reference

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
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
		differing("ids-are-uuids", "Ids are UUIDs.", func(b *behaviour) { b.newID = newUUID }),
		differing("ids-are-digits", "Ids are texts of digits.", func(b *behaviour) {
			b.newID = func() string { return strconv.FormatInt(1e17+rand.Int64N(9e17), 10) }
		}),
		differing("ids-have-a-prefix", "Ids are letters and digits behind a prefix.", func(b *behaviour) {
			b.newID = func() string { return "pv_" + strings.ToUpper(newHexID()[:9]) + newHexID()[:9] }
		}),
		differing("otps-of-4-digits", "OTPs have four digits.", otpLength(4)),
		differing("otps-of-8-digits", "OTPs have eight digits.", otpLength(8)),
		differing("otps-begin-with-zero", "Every third OTP begins with a zero.", func(b *behaviour) {
			var made atomic.Int32
			b.newOTP = func() int {
				if made.Add(1)%3 == 0 {
					return 10_000 + rand.IntN(90_000)
				}
				return newOTP()
			}
		}),
		differing("written-a-moment-later", "What a success changes shows 120 ms later.", func(b *behaviour) {
			const later = 120 * time.Millisecond
			b.readStatus = func(v *validation) string {
				if v.status == statusValidated && time.Since(v.updated) < later {
					return statusSent
				}
				return v.status
			}
			b.showLink = func(r *registration, populate bool) any {
				if time.Since(r.updated) < later {
					return nil
				}
				return linkAsAsked(r, populate)
			}
		}),
		differing("pending-shows-new", "The status of a validation is new until it is validated.", func(b *behaviour) {
			b.readStatus = func(v *validation) string {
				if v.status == statusSent {
					return "new"
				}
				return v.status
			}
		}),
		differing("unlinked-as-empty-object", "A registration without a validation shows an empty object.", showing(func(r *registration, populate bool) any {
			if r.linked == "" {
				return object{}
			}
			return linkAsAsked(r, populate)
		})),
		differing("link-as-list", "A registration shows its validations as a list.", showing(func(r *registration, populate bool) any {
			if r.linked == "" {
				return array{}
			}
			return array{linkAsAsked(r, populate)}
		})),
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

func otpLength(digits int) change {
	return func(b *behaviour) {
		least := int(math.Pow10(digits - 1))
		b.otpDigits, b.newOTP = digits, func() int { return least + rand.IntN(9*least) }
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
		differing("webhook-phone-as-number", "Webhooks name the validation by its phone alone, as a number.", notified(func(e event, o *object) {
			*o = object{{"phone", raw(e.validation.number.phone)}}
		})),
		differing("webhook-in-a-list", "Webhooks come as a list of one.", delivering(func(e event) []delivery {
			d := oneDelivery(e)[0]
			d.body = []byte("[" + string(d.body) + "]")
			return []delivery{d}
		})),
		differing("webhook-of-creation-late", "The webhook of a creation comes after 60 ms.", func(b *behaviour) {
			before := b.deliveries
			b.deliveries = func(e event) []delivery {
				all := before(e)
				if e.suffix == eventCreated {
					all[0].after = 60 * time.Millisecond
				}
				return all
			}
		}),
		differing("webhook-with-resend", "A webhook that says resend comes before each.", delivering(func(e event) []delivery {
			resend := e
			resend.suffix = "resend"
			return append(oneDelivery(resend), oneDelivery(e)...)
		})),
	}
}
