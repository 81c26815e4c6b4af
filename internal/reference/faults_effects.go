package reference

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
)

// effectFaults returns the faults of what a call changes: the status for good (PV-12), the link (PV-13), that a wrong OTP does not
// use up the validation (PV-17) and neither validates nor links (PV-22), that a success changes nothing else (PV-26), that an event
// triggers a webhook (PV-14), and that no webhook reports a success that did not happen (PV-27).
func effectFaults() []Fault {
	linksNewest := func(c *call) { c.records.newest().linked = c.validation.id }
	showingAnyLink := showingLink(linkAsKept) // even if the validation is not the registration's own
	otp := func(v validation) any { return v.otp }
	token := func(v validation) any { return v.registration.token }
	validated := func(validation) any { return statusValidated }
	claims := func(c *call) { c.announce(eventValidated, c.validation) }
	alsoNotified := func(when check) change { return changingEvent(eventValidated, answersTo(wrongOTP).and(when)) }
	return slices.Concat([]Fault{
		broken("PV-12", "status-not-kept", "The answer says validated, the record stays as it was.", unkept(always)),
		broken("PV-12", "status-kept-as-verified", "The record's status becomes verified.", data("status", statusValidated), onTop(passed, setStatus("verified"))),
		broken("PV-12", "status-kept-as-new", "The record's status is reset to new.", data("status", statusValidated), onTop(passed, setStatus("new"))),
		broken("PV-12", "status-undone-late", "A job that tidies up takes the status back a moment later.", onTop(passed, late(setStatus(statusSent)))),
		broken("PV-12", "status-lost-after-first-read", "The status is kept in a cache alone, which the first read empties.", showingStatus(statusValidated, func(v *validation) bool {
			read := v.status
			if read == statusValidated {
				v.status = statusSent
			}
			return read == statusValidated
		})),
		broken("PV-12", "status-undone-by-a-wrong-otp", "A wrong OTP marks the validation as failed, also one that is validated.", afterSuccess(not(typedRight), setStatus(statusFailed))),
		broken("PV-12", "status-undone-by-the-right-otp", "The right OTP toggles the status, each time.", afterSuccess(typedRight, setStatus(statusSent))),
		broken("PV-12", "status-undone-by-a-refused-token", "A request without a valid token starts the validation anew.", despite(unauthorised, setStatus(statusSent))),
		broken("PV-12", "status-undone-by-a-missing-parameter", "A request that lacks a parameter starts the validation anew.", despite(missingParameter, setStatus(statusSent))),

		broken("PV-13", "not-linked", "The registration is not linked to the validation.", onTop(passed, unlinks)),
		broken("PV-13", "link-undone-late", "A job that tidies up takes the link back a moment later.", onTop(passed, late(unlinks))),
		broken("PV-13", "newest-registration-linked", "The newest registration is linked, whether the validation is its own or not.", onTop(passed, unlinks), onTop(passed, linksNewest)),
		broken("PV-13", "linked-to-itself", "The registration is linked to its own id.", onTop(passed, func(c *call) { c.validation.registration.linked = c.validation.registration.id })),
		broken("PV-13", "linked-to-nothing", "The registration is linked to an id that names nothing.", showingAnyLink, onTop(passed, func(c *call) { c.validation.registration.linked = newHexID() })),
		broken("PV-13", "link-undone-by-a-wrong-otp", "A wrong OTP takes the link away, also of a validation that is validated.", afterSuccess(not(typedRight), unlinks)),
		broken("PV-13", "link-undone-by-the-right-otp", "The right OTP, typed again, takes the link away.", afterSuccess(typedRight, unlinks)),
		broken("PV-13", "link-undone-by-a-refused-token", "A request without a valid token takes the link away.", despite(unauthorised, unlinks)),

		broken("PV-14", "webhook-never", "No webhook follows.", notifying(func(event) []event { return nil })),
		broken("PV-14", "webhook-on-failure-only", "Only what goes wrong is notified.", withoutWebhook(always)),
		broken("PV-14", "webhook-as-created", "The webhook of a success says created.", notifying(func(e event) []event { return []event{e.as(eventCreated)} })),
		broken("PV-14", "webhook-on-wrong-url", "The webhook goes to the root of the receiver.",
			delivering(func(d *delivery) { d.url = regexp.MustCompile(`(//[^/]*).*`).ReplaceAllString(d.url, "$1/") })),
		broken("PV-14", "webhook-names-nothing", "The webhook has a type and nothing that names the validation.", delivering(func(d *delivery) { *d.object = object{{"status", d.validation.status}} })),
		broken("PV-14", "webhook-names-another", "The webhook names a validation that does not exist.",
			delivering(func(d *delivery) { *d.object = object{{"_id", newHexID()}, {"phone", "00000000"}} })),
		broken("PV-14", "webhook-holds-otp", "The webhook holds the OTP.", webhookField("", "otp", otp)),
		broken("PV-14", "webhook-of-a-wrong-otp-holds-otp", "The webhook of a wrong OTP, and no other, holds the right one.", webhookField(eventOTPIncorrect, "otp", otp)),
		broken("PV-14", "webhook-of-an-expired-otp-holds-token", "The webhook of an expired OTP, and no other, holds the registration's token.", webhookField(eventExpired, "token", token)),
		broken("PV-14", "webhook-holds-otp-as-base64", "The webhook holds the OTP in base64.", webhookField("", "otp", func(v validation) any { return base64Of(strconv.Itoa(v.otp)) })),
		broken("PV-14", "webhook-holds-token", "The webhook holds the registration's token.", webhookField("", "token", token)),
		broken("PV-14", "webhook-is-empty", "The webhook has no body.", delivering(func(d *delivery) { d.body = []byte{} })),
		broken("PV-14", "webhook-is-a-form", "The webhook is posted as a form.", delivering(func(d *delivery) {
			d.mediaType = "application/x-www-form-urlencoded"
			d.body = []byte(url.Values{"type": {typeOf(d.event)}, "_id": {d.validation.id}}.Encode())
		})),
		broken("PV-14", "webhook-is-cut", "The webhook's JSON ends in the middle.", delivering(func(d *delivery) { d.body = appendJSON(nil, d.note)[:100] })),
		broken("PV-14", "webhook-url-holds-otp", "The OTP is added to the webhook's address.", delivering(func(d *delivery) { d.url += "?otp=" + strconv.Itoa(d.validation.otp) })),
		broken("PV-14", "webhook-url-holds-token", "The token is added to the webhook's address.", delivering(func(d *delivery) { d.url += "?token=" + url.QueryEscape(d.validation.registration.token) })),

		broken("PV-17", "wrong-otp-deletes-the-validation", "A wrong OTP deletes the validation.", onTop(wrongOTP, deletes)),
		broken("PV-17", "wrong-otp-fails-the-validation", "After a wrong OTP, the validation has failed and is no longer found.",
			onTop(wrongOTP, setStatus(statusFailed)), narrowing(func(c *call) bool { return c.validation.status != statusFailed && narrows(c) })),
		broken("PV-17", "wrong-otp-expires-the-validation", "A wrong OTP makes the validation expire.", onTop(wrongOTP, expires)),
		broken("PV-17", "wrong-otp-changes-the-otp", "A wrong OTP makes a new one.", onTop(wrongOTP, changesOTP)),
		broken("PV-17", "wrong-otp-deletes-where-project-named", "A wrong OTP deletes the validation where the project is named.", onTop(wrongOTP, where(given("project"), deletes))),
		broken("PV-17", "one-attempt-allowed", "After one wrong OTP, no other is checked.", attemptsLimit(1)),
		broken("PV-17", "refused-token-expires", "A request without a valid token makes the validation expire.", despite(unauthorised, expires)),
		broken("PV-17", "unknown-token-expires", "An unknown token makes the validation expire.", onTop(unauthorised, forEach(named, where(func(c *call) bool { return c.token != "" }, expires)))),
		broken("PV-17", "other-project-expires", "A request for another project makes the validation expire.", despite(otherProject, expires)),
		broken("PV-17", "other-phone-expires", "A request for another phone makes the validation of the token expire.", onTop(notFound, forEach(own, expires))),
		broken("PV-17", "near-otp-expires", "An OTP that is one more than the right one makes the validation expire.", onTopOf(wrongOTP, expires)(integers(func(typed, right int) bool { return typed == right+1 }))),
		broken("PV-17", "shorter-otp-expires", "An OTP of fewer digits makes the validation expire.", onTopOf(wrongOTP, expires)(digits(func(typed, right string) bool { return len(typed) < len(right) }))),
		broken("PV-17", "otp-as-text-expires", "An OTP that is text makes the validation expire.", takingValues("never"), onTopOf(wrongOTP, expires)(not(typedNumber))),
		broken("PV-17", "missing-parameter-expires", "A request that lacks a parameter makes the validation expire.", despite(missingParameter, expires)),
		broken("PV-17", "badly-written-country-code-expires", "A malformed country code makes the validation of the token expire.", onTop(badCountryCode, forEach(own, expires))),

		broken("PV-22", "wrong-otp-validates", "The status is written before the OTP is compared.", onTop(wrongOTP, validates)),
		broken("PV-22", "wrong-otp-links", "The registration is linked before the OTP is compared.", onTop(wrongOTP, links)),
		broken("PV-22", "wrong-otp-validates-late", "A wrong OTP is answered 403; a queue validates all the same.", onTop(wrongOTP, late(validates))),
		broken("PV-22", "wrong-otp-links-late", "A wrong OTP is answered 403; a queue links all the same.", onTop(wrongOTP, late(links))),
		broken("PV-22", "third-wrong-otp-links", "The third wrong OTP links.", onTop(wrongOTP, where(attempted(3), links))),
		broken("PV-22", "second-wrong-otp-validates", "The second wrong OTP validates.", onTop(wrongOTP, where(attempted(2), validates))),
		broken("PV-22", "wrong-otp-reads-as-validated", "The status is worked out from whether there was an attempt.", showingStatus(statusValidated, func(v *validation) bool { return v.attempts > 0 })),

		broken("PV-26", "success-validates-all", "The update has no where: every validation is validated.", onTop(passed, forEach(pendingOthers, validates))),
		broken("PV-26", "success-validates-all-late", "A job validates every validation a moment later.", onTop(passed, late(forEach(pendingOthers, validates)))),
		broken("PV-26", "success-validates-newest", "The newest validation is validated as well.", onTop(passed, forEach(newest, validates))),
		broken("PV-26", "success-links-all", "The update has no where: every registration is linked to the validation.", showingAnyLink, onTop(passed, func(c *call) {
			for _, r := range c.records.registrations {
				r.linked = c.validation.id
			}
		})),
		broken("PV-26", "success-links-newest", "The newest registration is linked as well.", showingAnyLink, onTop(passed, linksNewest)),
		broken("PV-26", "success-links-of-the-country", "Every registration of the country code is linked to its own validation.",
			onTop(passed, forEach(pendingOthers, where(func(c *call) bool { return c.request.countryCode == c.validation.number.countryCode }, links)))),
		broken("PV-26", "success-deletes-others", "A success deletes every pending validation.", onTop(passed, forEach(pendingOthers, deletes))),
		broken("PV-26", "success-expires-others", "A success makes every other validation expire.", onTop(passed, forEach(pendingOthers, expires))),
		broken("PV-26", "success-changes-the-otps-of-others", "A success makes new OTPs for all others.", onTop(passed, forEach(pendingOthers, changesOTP))),

		broken("PV-27", "wrong-otp-notified-as-validated", "The webhook of a wrong OTP says validated.", changingEvent(eventValidated, answersTo(wrongOTP))),
		broken("PV-27", "wrong-otp-notified-with-that-status", "The webhook of a wrong OTP holds the status validated.", webhookField(eventOTPIncorrect, "status", validated)),
		broken("PV-27", "wrong-otp-notified-before-compared", "A webhook that says validated is sent before the OTP is compared.",
			notifying(func(e event) []event { return []event{e.as(eventValidated), e} })),
		broken("PV-27", "wrong-otp-notified-late", "A webhook that says validated comes a moment after that of the wrong OTP.", notifying(func(e event) []event {
			late := e.as(eventValidated)
			late.after = lateAfter
			return []event{e, late}
		})),
		broken("PV-27", "wrong-otp-event-in-camel-case", "The webhook of a wrong OTP has the event phoneValidated.",
			delivering(func(d *delivery) { d.note = object{{"event", "phoneValidated"}, {"id", d.validation.id}} })),
		broken("PV-27", "no-token-notified-as-validated", "A webhook says validated though no token was sent.",
			onTop(unauthorised, forEach(named, where(func(c *call) bool { return c.token == "" }, claims)))),
		broken("PV-27", "unknown-token-notified-as-validated", "A webhook says validated though the token was refused.",
			despite(unauthorised, claims)),
		broken("PV-27", "expired-notified-as-validated", "The webhook of an expired OTP says validated.", changingEvent(eventValidated, answersTo(hasExpired))),
		broken("PV-27", "expired-notified-with-that-status", "The webhook of an expired OTP holds the status validated.", webhookField(eventExpired, "status", validated)),
		broken("PV-27", "other-project-is-notified-as-validated", "A request for another project is notified as a success.", changingEvent(eventValidated, answersTo(otherProject))),
		broken("PV-27", "other-token-notified-as-validated", "A request with another registration's token is notified as a success.", changingEvent(eventValidated, answersTo(otherRegistration))),
		broken("PV-27", "other-phone-notified-as-validated", "A request for another phone is notified as a success of the token's own.", onTop(notFound, forEach(own, claims))),
		broken("PV-27", "badly-written-country-code-notified-as-validated", "A malformed country code is notified as a success of the token's own validation.",
			onTop(badCountryCode, forEach(own, claims))),
		broken("PV-27", "second-wrong-otp-notified-as-validated", "The second wrong OTP is notified as a success.", alsoNotified(attempted(2))),
		broken("PV-27", "otp-of-no-number-notified-as-validated", "An OTP that is not a number is notified as a success.", takingValues("never"), alsoNotified(not(typedNumber))),
	},
		broken("PV-12", "status-not-kept", "the record stays as it was.").in(unkept, "for-codes-of-1-digit", "by-whatsapp", "undelivered", "before-face-liveness",
			"where-project-named", "where-phone-has-spaces", "where-notified", "after-a-wrong-otp", "where-all-named"),
		broken("PV-13", "not-linked", "no link is made.").in(onTopOf(passed, unlinks), "for-codes-of-2-digits", "by-sms", "before-face-liveness", "where-gateway-named", "where-notified", "after-a-wrong-otp", "where-all-named"),
		broken("PV-14", "webhook-not", "no webhook follows.").in(withoutWebhook, "by-whatsapp", "for-codes-of-1-digit", "where-project-named", "where-phone-has-spaces", "where-gateway-named", "where-flow-named", "after-a-wrong-otp", "where-all-named"),
		broken("PV-17", "wrong-otp-expires", "a wrong OTP makes the validation expire.").in(onTopOf(wrongOTP, expires), "for-codes-of-1-digit", "by-whatsapp", "undelivered", "before-face-liveness", "where-notified"),
		broken("PV-22", "wrong-otp-validates", "a wrong OTP validates the phone.").in(onTopOf(wrongOTP, validates), "for-codes-of-1-digit", "undelivered", "where-gateway-named"),
		broken("PV-22", "wrong-otp-links", "a wrong OTP links the app registration.").in(onTopOf(wrongOTP, links), "by-whatsapp", "before-face-liveness", "where-notified", "where-project-named", "where-all-named"),
		broken("PV-27", "wrong-otp-notified-as-validated", "a wrong OTP is notified as a success.").in(alsoNotified, "by-whatsapp", "undelivered", "for-codes-of-1-digit", "where-flow-named"),
	)
}
