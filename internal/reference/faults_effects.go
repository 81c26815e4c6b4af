package reference

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

// statusFaults break PV-12: the status becomes validated for good.
func statusFaults() []fault {
	const rule = "PV-12"
	keep := func(status string) change {
		return all(setData("status", statusValidated), func(b *behaviour) {
			b.onPassed = func(c *call, v *validation) {
				markAndLink(c, v)
				v.status = status
			}
		})
	}
	return []fault{
		broken(rule, "status-not-kept", "The answer says validated, the record stays as it was.", keep(statusSent)),
		broken(rule, "status-kept-as-verified", "The record's status becomes verified.", keep("verified")),
		broken(rule, "status-kept-as-new", "The record's status is reset to new.", keep("new")),
		broken(rule, "status-undone-late", "A job that tidies up takes the status back a moment later.", onTop(ofPassed, late(func(_ *call, v *validation) { v.status = statusSent }))),
		broken(rule, "status-lost-after-first-read", "The status is kept in a cache alone, which the first read empties.", func(b *behaviour) {
			b.readStatus = func(v *validation) string {
				status := v.status
				if status == statusValidated {
					v.status = statusSent
				}
				return status
			}
		}),
	}
}

// linkFaults break PV-13: the validation is linked to the registration.
func linkFaults() []fault {
	const rule = "PV-13"
	link := func(id func(*validation) string) change {
		return func(b *behaviour) {
			b.onPassed = func(c *call, v *validation) {
				markAndLink(c, v)
				v.registration.linked = id(v)
			}
		}
	}
	return []fault{
		broken(rule, "not-linked", "The registration is not linked to the validation.", link(func(*validation) string { return "" })),
		broken(rule, "link-undone-late", "A job that tidies up takes the link back a moment later.", onTop(ofPassed, late(func(_ *call, v *validation) { v.registration.linked = "" }))),
		broken(rule, "newest-registration-linked", "The newest registration is linked, whosever the validation is.", func(b *behaviour) {
			b.onPassed = func(c *call, v *validation) {
				v.status, v.updated = statusValidated, c.now
				c.records.oldest.Back().Value.(*registration).linked = v.id
			}
		}),
		broken(rule, "linked-to-itself", "The registration is linked to its own id.", link(func(v *validation) string { return v.registration.id })),
		broken(rule, "linked-to-nothing", "The registration is linked to an id that names nothing.", all(link(func(*validation) string { return newHexID() }), func(b *behaviour) {
			b.showLink = func(r *registration, _ bool) any {
				if r.linked == "" {
					return nil
				}
				return r.linked
			}
		})),
	}
}

// webhookFaults break PV-14: a validation event triggers a webhook.
func webhookFaults() []fault {
	const rule = "PV-14"
	return []fault{
		broken(rule, "webhook-never", "No webhook follows.", delivering(func(event) []delivery { return nil })),
		broken(rule, "webhook-on-failure-only", "Only what goes wrong is notified.", delivering(func(e event) []delivery {
			if e.suffix == eventValidated {
				return nil
			}
			return oneDelivery(e)
		})),
		broken(rule, "webhook-as-created", "The webhook of a success says created.", delivering(func(e event) []delivery {
			e.suffix = eventCreated
			return oneDelivery(e)
		})),
		broken(rule, "webhook-on-wrong-url", "The webhook goes to the root of the receiver.", delivered(func(e event, d *delivery) {
			if u, err := url.Parse(d.url); err == nil {
				u.Path, u.RawPath, u.RawQuery = "/", "", ""
				d.url = u.String()
			}
		})),
		broken(rule, "webhook-names-nothing", "The webhook has a type and nothing that names the validation.", delivering(func(e event) []delivery {
			return []delivery{deliver(e, object{{"type", "onboarding_phone_validation_" + e.suffix}, {"object", object{{"status", e.validation.status}}}})}
		})),
		broken(rule, "webhook-names-another", "The webhook names a validation that does not exist.", notified(func(_ event, o *object) {
			o.set("_id", newHexID())
			o.set("phone", "00000000")
		})),
		broken(rule, "webhook-holds-otp", "The webhook holds the OTP.", notified(func(e event, o *object) { o.set("otp", e.validation.otp) })),
		broken(rule, "webhook-holds-otp-as-base64", "The webhook holds the OTP in base64.", notified(func(e event, o *object) {
			o.set("otp", base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(e.validation.otp))))
		})),
		broken(rule, "webhook-holds-token", "The webhook holds the registration's token.", notified(func(e event, o *object) { o.set("token", e.token) })),
		broken(rule, "webhook-is-empty", "The webhook has no body.", delivered(func(_ event, d *delivery) { d.body = nil })),
		broken(rule, "webhook-is-a-form", "The webhook is posted as a form.", delivered(func(e event, d *delivery) {
			d.mediaType = "application/x-www-form-urlencoded"
			d.body = []byte(url.Values{"type": {"onboarding_phone_validation_" + e.suffix}, "_id": {e.validation.id}}.Encode())
		})),
		broken(rule, "webhook-is-cut", "The webhook's JSON ends in the middle.", delivered(func(_ event, d *delivery) { d.body = d.body[:len(d.body)-10] })),
	}
}

// livenessFaults break PV-15: some flows recommend face liveness.
func livenessFaults() []fault {
	const rule, flag = "PV-15", "showFaceLivenessRecommendation"
	return []fault{
		ofField(rule, "liveness-never-recommended", "The flag is always false.", setData(flag, false)),
		ofField(rule, "liveness-always-recommended", "The flag is always true.", setData(flag, true)),
		ofField(rule, "liveness-inverted", "The flag is true where it should be false.", onData(func(_ *call, d *object) { d.set(flag, d.get(flag) != true) })),
	}
}

// spentFaults break PV-17: a wrong OTP does not spend the validation.
func spentFaults() []fault {
	const rule = "PV-17"
	onWrong := func(f func(*call, *validation)) change {
		return func(b *behaviour) { b.onWrong = f }
	}
	return []fault{
		broken(rule, "wrong-otp-deletes-the-validation", "A wrong OTP deletes the validation.", onWrong(func(c *call, v *validation) { c.records.removeValidation(v) })),
		broken(rule, "wrong-otp-fails-the-validation", "After a wrong OTP the validation has failed and is found no more.", all(
			onWrong(func(_ *call, v *validation) { v.status = statusFailed }),
			func(b *behaviour) {
				find := b.find
				b.find = func(c *call) *validation {
					if v := find(c); v != nil && v.status != statusFailed {
						return v
					}
					return nil
				}
			})),
		broken(rule, "wrong-otp-expires-the-validation", "A wrong OTP makes the validation expire.", onWrong(func(c *call, v *validation) { v.expires = c.now })),
		broken(rule, "wrong-otp-changes-the-otp", "A wrong OTP makes a new one.", onWrong(func(_ *call, v *validation) { v.otp = otherOTP(v.otp) })),
		broken(rule, "one-attempt-allowed", "After one wrong OTP none is looked at.", func(b *behaviour) { b.attempts = 1 }),
	}
}

// otherCodeFaults break PV-21: the country code belongs to the number.
func otherCodeFaults() []fault {
	const rule = "PV-21"
	// The validation is found by its phone; under another code asOtherCode is the verdict.
	byPhone := func(asOtherCode verdict) change {
		return func(b *behaviour) {
			b.find = func(c *call) *validation {
				if v := c.records.numbers[number{c.request.countryCode, c.request.phone}]; v != nil {
					return v
				}
				return c.records.byPhone(c.request.phone)
			}
			if asOtherCode == passed {
				return
			}
			belongs := b.belongs
			b.belongs = func(c *call, v *validation) bool {
				return v.number.countryCode == c.request.countryCode && belongs(c, v)
			}
			b.conclude = func(c *call, v verdict) verdict {
				if v == otherRegistration && c.validation.number.countryCode != c.request.countryCode {
					return asOtherCode
				}
				return v
			}
		}
	}
	// The validation is also found where f takes what is typed for its number.
	alike := func(f func(typed, own number) bool) change {
		return func(b *behaviour) {
			find := b.find
			b.find = func(c *call) *validation {
				if v := find(c); v != nil || c.registration == nil {
					return v
				}
				for _, v := range c.registration.validations {
					if f(number{c.request.countryCode, c.request.phone}, v.number) {
						return v
					}
				}
				return nil
			}
		}
	}
	return []fault{
		broken(rule, "own-validation-for-any-phone", "The token's own validation answers for any phone.", alike(func(number, number) bool { return true })),
		broken(rule, "own-validation-for-any-phone-of-the-country", "The token's own validation answers for any phone of its country code.", alike(func(typed, own number) bool { return typed.countryCode == own.countryCode })),
		broken(rule, "phone-by-last-digits", "Of a phone the last seven digits are compared.", alike(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && lastOf(typed.phone, 7) == lastOf(own.phone, 7)
		})),
		broken(rule, "phone-by-first-digits", "Of a phone the first digits are compared.", alike(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && (strings.HasPrefix(typed.phone, own.phone) || strings.HasPrefix(own.phone, typed.phone))
		})),
		broken(rule, "phone-by-a-part", "A part of the phone is enough.", alike(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && strings.Contains(own.phone, typed.phone)
		})),
		broken(rule, "phone-within-what-is-typed", "What is typed has to contain the phone.", alike(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && strings.Contains(typed.phone, own.phone)
		})),
		broken(rule, "number-as-one-text", "Country code and phone are looked up as one text.", alike(func(typed, own number) bool {
			return typed.countryCode+typed.phone == own.countryCode+own.phone
		})),
		broken(rule, "country-code-ignored", "The validation is found by its phone under any country code.", byPhone(passed)),
		broken(rule, "other-country-code-answers-403", "Another country code is answered as a wrong OTP.", byPhone(wrongOTP)),
		broken(rule, "other-country-code-answers-409", "Another country code is answered as one of another form.", byPhone(badCountryCode)),
		broken(rule, "other-country-code-answers-412", "Another country code is answered as an expired OTP.", byPhone(hasExpired)),
	}
}

// byPhone finds a validation by its phone under whatever country code.
func (s *records) byPhone(phone string) *validation {
	for n, v := range s.numbers {
		if n.phone == phone {
			return v
		}
	}
	return nil
}

// failedAttemptFaults break PV-22: a wrong OTP neither validates nor links.
func failedAttemptFaults() []fault {
	const rule = "PV-22"
	return []fault{
		broken(rule, "wrong-otp-validates", "The status is written before the OTP is compared.", onTop(ofWrong, validates)),
		broken(rule, "wrong-otp-links", "The registration is linked before the OTP is compared.", onTop(ofWrong, links)),
		broken(rule, "wrong-otp-validates-late", "A wrong OTP is answered 403; a queue validates all the same.", onTop(ofWrong, late(validates))),
		broken(rule, "wrong-otp-links-late", "A wrong OTP is answered 403; a queue links all the same.", onTop(ofWrong, late(links))),
		broken(rule, "wrong-otp-reads-as-validated", "The status is worked out from whether there was an attempt.", func(b *behaviour) {
			b.readStatus = func(v *validation) string {
				if v.attempts > 0 {
					return statusValidated
				}
				return v.status
			}
		}),
	}
}

// othersFaults break PV-26: a success touches nothing else.
func othersFaults() []fault {
	const rule = "PV-26"
	everyPending := func(c *call, _ *validation) {
		for _, v := range c.records.validations {
			if v.status == statusSent {
				v.status = statusValidated
			}
		}
	}
	// Links are shown as they are kept, whosever the validation is.
	openly := showing(func(r *registration, _ bool) any {
		if r.linked == "" {
			return nil
		}
		return r.linked
	})
	newest := func(s *records) *registration { return s.oldest.Back().Value.(*registration) }
	newestPending := func(c *call, _ *validation) {
		for _, v := range newest(c.records).validations {
			v.status = statusValidated
		}
	}
	return []fault{
		broken(rule, "success-validates-all", "The update has no where: every validation is validated.", onTop(ofPassed, everyPending)),
		broken(rule, "success-validates-all-late", "A job validates every validation a moment later.", onTop(ofPassed, late(everyPending))),
		broken(rule, "success-validates-newest", "The newest validation is validated as well.", onTop(ofPassed, newestPending)),
		broken(rule, "success-links-all", "The update has no where: every registration is linked to the validation.", all(openly, onTop(ofPassed, func(c *call, v *validation) {
			for _, r := range c.records.registrations {
				r.linked = v.id
			}
		}))),
		broken(rule, "success-links-newest", "The newest registration is linked as well.", all(openly, onTop(ofPassed, func(c *call, v *validation) { newest(c.records).linked = v.id }))),
		broken(rule, "success-links-of-the-country", "Every registration of the country code is linked to its own validation.", onTop(ofPassed, func(c *call, v *validation) {
			for _, other := range c.records.validations {
				if other.number.countryCode == v.number.countryCode {
					other.registration.linked = other.id
				}
			}
		})),
	}
}

// tooEarlyFaults break PV-27: no notification tells of a success that was none.
func tooEarlyFaults() []fault {
	const rule = "PV-27"
	as := func(suffix string, f func(*event)) change {
		return delivering(func(e event) []delivery {
			if e.suffix == suffix {
				f(&e)
			}
			return oneDelivery(e)
		})
	}
	claim := func(e *event) { e.suffix = eventValidated }
	said := func(e *event) { e.validation.status = statusValidated }
	tell := func(c *call, v *validation) {
		copied := *v
		c.announce(eventValidated, &copied)
	}
	return []fault{
		broken(rule, "wrong-otp-notified-as-validated", "The webhook of a wrong OTP says validated.", as(eventOTPIncorrect, claim)),
		broken(rule, "wrong-otp-notified-with-that-status", "The webhook of a wrong OTP holds the status validated.", as(eventOTPIncorrect, said)),
		broken(rule, "wrong-otp-notified-before-compared", "A webhook that says validated is sent before the OTP is compared.", delivering(func(e event) []delivery {
			first := e
			first.suffix = eventValidated
			return append(oneDelivery(first), oneDelivery(e)...)
		})),
		broken(rule, "wrong-otp-notified-late", "A webhook that says validated comes a moment after that of the wrong OTP.", delivering(func(e event) []delivery {
			second := e
			second.suffix = eventValidated
			d := deliver(second, notification(second))
			d.after = lateAfter
			return append(oneDelivery(e), d)
		})),
		broken(rule, "wrong-otp-event-in-camel-case", "The webhook of a wrong OTP has the event phoneValidated.", delivering(func(e event) []delivery {
			return []delivery{deliver(e, object{{"event", "phoneValidated"}, {"data", object{{"id", e.validation.id}}}})}
		})),
		broken(rule, "unknown-token-notified-as-validated", "A webhook says validated though the token was refused.", despite(unauthorised, tell)),
		broken(rule, "expired-notified-as-validated", "The webhook of an expired OTP says validated.", as(eventExpired, claim)),
		broken(rule, "expired-notified-with-that-status", "The webhook of an expired OTP holds the status validated.", as(eventExpired, said)),
	}
}

func lastOf(text string, n int) string { return text[max(len(text)-n, 0):] }
