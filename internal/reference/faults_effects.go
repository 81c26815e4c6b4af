package reference

import (
	"encoding/base64"
	"net/url"
	"strconv"
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
		broken(rule, "liveness-never-recommended", "The flag is always false.", setData(flag, false)),
		broken(rule, "liveness-always-recommended", "The flag is always true.", setData(flag, true)),
		broken(rule, "liveness-inverted", "The flag is true where it should be false.", onData(func(_ *call, d *object) { d.set(flag, d.get(flag) != true) })),
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
	return []fault{
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
	also := func(f func(*call, *validation)) change {
		return func(b *behaviour) {
			before := b.onWrong
			b.onWrong = func(c *call, v *validation) {
				before(c, v)
				f(c, v)
			}
		}
	}
	return []fault{
		broken(rule, "wrong-otp-validates", "The status is written before the OTP is compared.", also(func(_ *call, v *validation) { v.status = statusValidated })),
		broken(rule, "wrong-otp-links", "The registration is linked before the OTP is compared.", also(func(_ *call, v *validation) { v.registration.linked = v.id })),
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
