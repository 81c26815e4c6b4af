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
	showingStoredLink := showingLink(storedLink) // even if the validation is not the registration's own
	otp := func(v validation) any { return v.otp }
	token := func(v validation) any { return v.registration.token }
	validated := func(validation) any { return statusValidated }
	notifiesSuccess := func(c *call) { c.postWebhooks(eventValidated, c.validation) }
	notifyingSuccess := func(when check) change { return changingEvent(eventValidated, answersTo(wrongOTP).and(when)) }
	return slices.Concat([]Fault{
		fault("PV-12", "status-not-kept", "The answer says validated, the record stays as it was.", notKeepingStatus(always)),
		fault("PV-12", "status-not-kept-for-codes-of-1-digit-where-phone-has-spaces", "Under a country code of one digit, where the phone has spaces, the record stays as it was.",
			notKeepingStatus(withCodeOf(1).and(sent("phone", " ")))),
		fault("PV-12", "status-kept-as-verified", "The record's status becomes verified.", data("status", statusValidated), sideEffect(passed, setStatus("verified"))),
		fault("PV-12", "status-kept-as-new", "The record's status is reset to new.", data("status", statusValidated), sideEffect(passed, setStatus("new"))),
		fault("PV-12", "status-undone-late", "A job that tidies up takes the status back a moment later.", sideEffect(passed, late(setStatus(statusSent)))),
		fault("PV-12", "status-lost-after-first-read", "The status is kept in a cache alone, which the first read empties.", showingStatus(statusValidated, func(v *validation) bool {
			read := v.status
			if read == statusValidated {
				v.status = statusSent
			}
			return read == statusValidated
		})),
		fault("PV-12", "status-undone-by-a-wrong-otp", "A wrong OTP marks the validation as failed, also one that is validated.", afterSuccess(not(otpIsRight), setStatus(statusFailed))),
		fault("PV-12", "status-undone-by-the-right-otp", "The right OTP toggles the status, each time.", afterSuccess(otpIsRight, setStatus(statusSent))),
		fault("PV-12", "status-undone-by-a-refused-token", "A request without a valid token starts the validation anew.", sideEffectOnRequested(unauthorised, setStatus(statusSent))),
		fault("PV-12", "status-undone-by-a-missing-parameter", "A request that lacks a parameter starts the validation anew.", sideEffectOnRequested(missingParameter, setStatus(statusSent))),

		fault("PV-13", "not-linked", "The registration is not linked to the validation.", sideEffect(passed, unlinks)),
		fault("PV-13", "not-linked-where-notified-and-project-named", "Where a webhook is to be called and the project is named, no link is made.", sideEffect(passed, where(check(hasWebhook).and(given("project")), unlinks))),
		fault("PV-13", "link-undone-late", "A job that tidies up takes the link back a moment later.", sideEffect(passed, late(unlinks))),
		fault("PV-13", "newest-registration-linked", "The newest registration is linked, whether the validation is its own or not.", sideEffect(passed, unlinks), sideEffect(passed, linksNewest)),
		fault("PV-13", "linked-to-itself", "The registration is linked to its own id.", sideEffect(passed, func(c *call) { c.validation.registration.linked = c.validation.registration.id })),
		fault("PV-13", "linked-to-nothing", "The registration is linked to an id that names nothing.", showingStoredLink, sideEffect(passed, func(c *call) { c.validation.registration.linked = newHexID() })),
		fault("PV-13", "link-undone-by-a-wrong-otp", "A wrong OTP takes the link away, also of a validation that is validated.", afterSuccess(not(otpIsRight), unlinks)),
		fault("PV-13", "link-undone-by-the-right-otp", "The right OTP, typed again, takes the link away.", afterSuccess(otpIsRight, unlinks)),
		fault("PV-13", "link-undone-by-a-refused-token", "A request without a valid token takes the link away.", sideEffectOnRequested(unauthorised, unlinks)),

		fault("PV-14", "webhook-never", "No webhook follows.", notifying(func(event) []event { return nil })),
		fault("PV-14", "no-webhook-for-codes-of-2-digits-where-phone-has-spaces", "Under a country code of two digits, where the phone has spaces, no webhook follows.",
			withoutWebhook(withCodeOf(2).and(sent("phone", " ")))),
		fault("PV-14", "webhook-on-failure-only", "Only what goes wrong is notified.", withoutWebhook(always)),
		fault("PV-14", "webhook-as-created", "The webhook of a success says created.", notifying(func(e event) []event { return []event{e.as(eventCreated)} })),
		fault("PV-14", "webhook-on-wrong-url", "The webhook goes to the root of the receiver.",
			delivering(func(d *delivery) { d.url = regexp.MustCompile(`(//[^/]*).*`).ReplaceAllString(d.url, "$1/") })),
		fault("PV-14", "webhook-names-nothing", "The webhook has a type and nothing that names the validation.", delivering(func(d *delivery) { *d.object = object{{"status", d.validation.status}} })),
		fault("PV-14", "webhook-names-another", "The webhook names a validation that does not exist.",
			delivering(func(d *delivery) { *d.object = object{{"_id", newHexID()}, {"phone", "00000000"}} })),
		fault("PV-14", "webhook-holds-otp", "The webhook holds the OTP.", webhookField("", "otp", otp)),
		fault("PV-14", "webhook-of-a-wrong-otp-holds-otp", "The webhook of a wrong OTP, and no other, holds the right one.", webhookField(eventOTPIncorrect, "otp", otp)),
		fault("PV-14", "webhook-of-an-expired-otp-holds-token", "The webhook of an expired OTP, and no other, holds the registration's token.", webhookField(eventExpired, "token", token)),
		fault("PV-14", "webhook-holds-otp-as-base64", "The webhook holds the OTP in base64.", webhookField("", "otp", func(v validation) any { return base64Of(strconv.Itoa(v.otp)) })),
		fault("PV-14", "webhook-holds-token", "The webhook holds the registration's token.", webhookField("", "token", token)),
		fault("PV-14", "webhook-is-empty", "The webhook has no body.", delivering(func(d *delivery) { d.body = []byte{} })),
		fault("PV-14", "webhook-is-a-form", "The webhook is posted as a form.", delivering(func(d *delivery) {
			d.mediaType = "application/x-www-form-urlencoded"
			d.body = []byte(url.Values{"type": {typeOf(d.event)}, "_id": {d.validation.id}}.Encode())
		})),
		fault("PV-14", "webhook-is-cut", "The webhook's JSON ends in the middle.", delivering(func(d *delivery) { d.body = encoded(d.note)[:100] })),
		fault("PV-14", "webhook-url-holds-otp", "The OTP is added to the webhook's address.", delivering(func(d *delivery) { d.url += "?otp=" + strconv.Itoa(d.validation.otp) })),
		fault("PV-14", "webhook-url-holds-token", "The token is added to the webhook's address.", delivering(func(d *delivery) { d.url += "?token=" + url.QueryEscape(d.validation.registration.token) })),

		fault("PV-17", "wrong-otp-deletes-the-validation", "A wrong OTP deletes the validation.", sideEffect(wrongOTP, deletes)),
		fault("PV-17", "wrong-otp-fails-the-validation", "After a wrong OTP, the validation has failed and is no longer found.",
			sideEffect(wrongOTP, setStatus(statusFailed)), settingScope(func(c *call) bool { return c.validation.status != statusFailed && inProjectAndFlow(c) })),
		fault("PV-17", "wrong-otp-expires-the-validation", "A wrong OTP makes the validation expire.", sideEffect(wrongOTP, expires)),
		fault("PV-17", "wrong-otp-changes-the-otp", "A wrong OTP makes a new one.", sideEffect(wrongOTP, changesOTP)),
		fault("PV-17", "wrong-otp-deletes-where-project-named", "A wrong OTP deletes the validation where the project is named.", sideEffect(wrongOTP, where(given("project"), deletes))),
		fault("PV-17", "wrong-otp-deletes-where-all-named", "A wrong OTP deletes the validation where project, flow and delivery method are named and no face liveness is recommended.",
			sideEffectWhen(wrongOTP, deletes)(given("project").and(given("projectFlow")).and(given("phoneGateway")).and(not(livenessRecommended)))),
		fault("PV-17", "wrong-otp-deletes-where-phone-has-spaces", "A wrong OTP deletes the validation where the phone has spaces and no face liveness is recommended.",
			sideEffectWhen(wrongOTP, deletes)(sent("phone", " ").and(not(livenessRecommended)))),
		fault("PV-17", "phone-spelt-otherwise-after-a-wrong-otp", "After a wrong OTP, the phone is known only as it was written with that.", refusingAnotherSpelling()),
		fault("PV-17", "wrong-otp-expires-late", "A queue makes the validation expire a moment after a wrong OTP.", sideEffect(wrongOTP, late(expires))),
		fault("PV-17", "wrong-otp-expires-by-whatsapp-where-gateway-not-named", "Where the delivery is by WhatsApp and the request does not say so, a wrong OTP makes the validation expire.",
			sideEffectWhen(wrongOTP, expires)(deliveredBy("whatsapp").and(not(given("phoneGateway"))))),
		fault("PV-17", "one-attempt-allowed", "After one wrong OTP, no other is checked.", limitingAttempts(1)),
		fault("PV-17", "limited-to-two-attempts", "After two wrong OTPs, no other is checked.", limitingAttempts(2)),
		fault("PV-17", "refused-token-expires", "A request without a valid token makes the validation expire.", sideEffectOnRequested(unauthorised, expires)),
		fault("PV-17", "unknown-token-expires", "An unknown token makes the validation expire.", sideEffect(unauthorised, forEach(requestedValidation, where(func(c *call) bool { return c.token != "" }, expires)))),
		fault("PV-17", "other-project-expires", "A request for another project makes the validation expire.", sideEffectOnRequested(otherProject, expires)),
		fault("PV-17", "other-project-expires-where-flow-not-named", "A request for another project makes the validation expire where it names no flow.", sideEffectOnRequested(otherProject, where(not(given("projectFlow")), expires))),
		fault("PV-17", "other-flow-expires", "A request for another flow makes the validation expire.", sideEffectOnRequested(otherProject, where(given("projectFlow"), expires))),
		fault("PV-17", "wrong-otp-for-another-flow-expires", "A wrong OTP for another flow makes the validation expire.",
			sideEffectOnRequested(otherProject, where(given("projectFlow").and(not(otpJSON(`^RIGHT$`))), expires))),
		fault("PV-17", "other-phone-expires", "A request for another phone makes the validation of the token expire.", sideEffect(notFound, forEach(ownValidations, expires))),
		fault("PV-17", "near-otp-expires", "An OTP that is one more than the right one makes the validation expire.", sideEffectWhen(wrongOTP, expires)(otpAsInteger(func(typed, right int) bool { return typed == right+1 }))),
		fault("PV-17", "shorter-otp-expires", "An OTP of fewer digits makes the validation expire.", sideEffectWhen(wrongOTP, expires)(otpAsText(func(typed, right string) bool { return len(typed) < len(right) }))),
		fault("PV-17", "otp-as-text-expires", "An OTP that is text makes the validation expire.", readingNonNumbers("never"), sideEffectWhen(wrongOTP, expires)(not(otpIsNumber))),
		fault("PV-17", "longer-otp-expires", "An OTP of more digits makes the validation expire.", sideEffectWhen(wrongOTP, expires)(otpAsText(func(typed, right string) bool { return len(typed) > len(right) }))),
		fault("PV-17", "otp-query-expires", "An OTP that is an object makes the validation expire.", readingNonNumbers("never"), sideEffectWhen(wrongOTP, expires)(otpJSON(`^\{`))),
		fault("PV-17", "right-otp-without-its-token-expires", "The right OTP without a valid token is refused, and used up.", sideEffectOnRequested(unauthorised, where(otpJSON(`^RIGHT$`), expires))),
		fault("PV-17", "missing-parameter-expires", "A request that lacks a parameter makes the validation expire.", sideEffectOnRequested(missingParameter, expires)),
		fault("PV-17", "badly-written-country-code-expires", "A malformed country code makes the validation of the token expire.", sideEffect(badCountryCode, forEach(ownValidations, expires))),

		fault("PV-22", "wrong-otp-validates", "The status is written before the OTP is compared.", sideEffect(wrongOTP, validates)),
		fault("PV-22", "wrong-otp-links", "The registration is linked before the OTP is compared.", sideEffect(wrongOTP, links)),
		fault("PV-22", "wrong-otp-validates-late", "A wrong OTP is answered 403; a queue validates all the same.", sideEffect(wrongOTP, late(validates))),
		fault("PV-22", "wrong-otp-links-late", "A wrong OTP is answered 403; a queue links all the same.", sideEffect(wrongOTP, late(links))),
		fault("PV-22", "third-wrong-otp-links", "The third wrong OTP links.", sideEffect(wrongOTP, where(afterAttempts(3), links))),
		fault("PV-22", "second-wrong-otp-validates", "The second wrong OTP validates.", sideEffect(wrongOTP, where(afterAttempts(2), validates))),
		fault("PV-22", "missing-phone-validates", "Without a phone the token's own validation is validated, though the answer is 409.", sideEffect(missingParameter, forEach(ownValidations, where(not(given("phone")).and(given("countryCode")), validates)))),
		fault("PV-22", "missing-country-code-links", "Without a country code the registration is linked, though the answer is 409.", sideEffect(missingParameter, forEach(ownValidations, where(given("phone").and(not(given("countryCode"))), links)))),
		fault("PV-22", "wrong-otp-reads-as-validated", "The status is worked out from whether there was an attempt.", showingStatus(statusValidated, func(v *validation) bool { return v.attempts > 0 })),

		fault("PV-26", "success-validates-all", "The update has no where: every validation is validated.", sideEffect(passed, forEach(pendingOthers, validates))),
		fault("PV-26", "success-validates-all-late", "A job validates every validation a moment later.", sideEffect(passed, late(forEach(pendingOthers, validates)))),
		fault("PV-26", "success-validates-newest", "The newest validation is validated as well.", sideEffect(passed, forEach(newestValidations, validates))),
		fault("PV-26", "success-links-all", "The update has no where: every registration is linked to the validation.", showingStoredLink, sideEffect(passed, func(c *call) {
			for _, r := range c.records.registrations {
				r.linked = c.validation.id
			}
		})),
		fault("PV-26", "success-links-newest", "The newest registration is linked as well.", showingStoredLink, sideEffect(passed, linksNewest)),
		fault("PV-26", "success-links-of-the-country", "Every registration of the country code is linked to its own validation.",
			sideEffect(passed, forEach(pendingOthers, where(func(c *call) bool { return c.request.countryCode == c.validation.number.countryCode }, links)))),
		fault("PV-26", "success-deletes-others", "A success deletes every pending validation.", sideEffect(passed, forEach(pendingOthers, deletes))),
		fault("PV-26", "success-expires-others", "A success makes every other validation expire.", sideEffect(passed, forEach(pendingOthers, expires))),
		fault("PV-26", "success-changes-the-otps-of-others", "A success makes new OTPs for all others.", sideEffect(passed, forEach(pendingOthers, changesOTP))),

		fault("PV-27", "wrong-otp-notified-as-validated", "The webhook of a wrong OTP says validated.", changingEvent(eventValidated, answersTo(wrongOTP))),
		fault("PV-27", "wrong-otp-notified-with-that-status", "The webhook of a wrong OTP holds the status validated.", webhookField(eventOTPIncorrect, "status", validated)),
		fault("PV-27", "wrong-otp-notified-before-compared", "A webhook that says validated is sent before the OTP is compared.",
			notifying(func(e event) []event { return []event{e.as(eventValidated), e} })),
		fault("PV-27", "wrong-otp-notified-late", "A webhook that says validated comes a moment after that of the wrong OTP.", notifying(func(e event) []event {
			late := e.as(eventValidated)
			late.after = lateAfter
			return []event{e, late}
		})),
		fault("PV-27", "wrong-otp-event-in-camel-case", "The webhook of a wrong OTP has the event phoneValidated.",
			delivering(func(d *delivery) { d.note = object{{"event", "phoneValidated"}, {"id", d.validation.id}} })),
		fault("PV-27", "no-token-notified-as-validated", "A webhook says validated though no token was sent.",
			sideEffect(unauthorised, forEach(requestedValidation, where(func(c *call) bool { return c.token == "" }, notifiesSuccess)))),
		fault("PV-27", "unknown-token-notified-as-validated", "A webhook says validated though the token was refused.",
			sideEffectOnRequested(unauthorised, notifiesSuccess)),
		fault("PV-27", "expired-notified-as-validated", "The webhook of an expired OTP says validated.", changingEvent(eventValidated, answersTo(hasExpired))),
		fault("PV-27", "expired-and-wrong-notified-as-validated", "The webhook of a wrong OTP, too late, says validated.", changingEvent(eventValidated, answersTo(hasExpired).and(not(otpIsRight)))),
		fault("PV-27", "expired-notified-with-that-status", "The webhook of an expired OTP holds the status validated.", webhookField(eventExpired, "status", validated)),
		fault("PV-27", "other-project-is-notified-as-validated", "A request for another project is notified as a success.", changingEvent(eventValidated, answersTo(otherProject))),
		fault("PV-27", "other-project-notified-where-flow-not-named", "A request for another project is notified as a success where it names no flow.", changingEvent(eventValidated, answersTo(otherProject).and(not(given("projectFlow"))))),
		fault("PV-27", "other-flow-notified-as-validated", "A request for another flow is notified as a success.", changingEvent(eventValidated, answersTo(otherProject).and(given("projectFlow")))),
		fault("PV-27", "other-token-notified-as-validated", "A request with another registration's token is notified as a success.", changingEvent(eventValidated, answersTo(otherRegistration))),
		fault("PV-27", "other-phone-notified-as-validated", "A request for another phone is notified as a success of the token's own.", sideEffect(notFound, forEach(ownValidations, notifiesSuccess))),
		fault("PV-27", "badly-written-country-code-notified-as-validated", "A malformed country code is notified as a success of the token's own validation.",
			sideEffect(badCountryCode, forEach(ownValidations, notifiesSuccess))),
		fault("PV-27", "second-wrong-otp-notified-as-validated", "The second wrong OTP is notified as a success.", notifyingSuccess(afterAttempts(2))),
		fault("PV-27", "wrong-otp-notified-where-gateway-not-named", "A wrong OTP is notified as a success where it came by WhatsApp and the delivery method is not named.",
			notifyingSuccess(deliveredBy("whatsapp").and(not(given("phoneGateway"))))),
		fault("PV-27", "wrong-otp-notified-where-project-not-named", "A wrong OTP is notified as a success under a country code of two digits where the project is not named.",
			notifyingSuccess(withCodeOf(2).and(not(given("project"))))),
		fault("PV-27", "otp-with-fraction-notified-as-validated", "The OTP and a fraction is refused, and notified as a success.", notifyingSuccess(otpJSON(`^RIGHT\.`))),
		fault("PV-27", "otp-with-minus-notified-as-validated", "The OTP's negative is refused, and notified as a success.", notifyingSuccess(otpJSON(`^-RIGHT$`))),
		fault("PV-27", "otp-query-notified-as-validated", "An OTP that is an object is refused, and notified as a success.", readingNonNumbers("never"), notifyingSuccess(otpJSON(`^\{`))),
		fault("PV-27", "missing-phone-notified-as-validated", "A request without a phone is notified as a success of the token's own validation.",
			sideEffect(missingParameter, forEach(ownValidations, where(not(given("phone")).and(given("otp")), notifiesSuccess)))),
		fault("PV-27", "otp-of-no-number-notified-as-validated", "An OTP that is not a number is notified as a success.", readingNonNumbers("never"), notifyingSuccess(not(otpIsNumber))),
	},
		fault("PV-12", "status-not-kept", "the record stays as it was.").in(notKeepingStatus, "for-codes-of-1-digit", "by-whatsapp", "undelivered", "before-face-liveness",
			"where-project-named", "where-flow-alone-named", "where-phone-has-spaces", "where-notified", "after-a-wrong-otp", "where-all-named", "where-project-alone-named", "after-two-wrong-otps", "where-otp-comes-first"),
		fault("PV-13", "not-linked", "no link is made.").in(sideEffectWhen(passed, unlinks), "for-codes-of-2-digits", "by-sms", "before-face-liveness", "where-gateway-named", "where-flow-alone-named", "where-notified", "after-a-wrong-otp", "where-all-named",
			"where-project-alone-named", "after-two-wrong-otps", "where-otp-comes-first"),
		fault("PV-14", "webhook-not", "no webhook follows.").in(withoutWebhook, "by-whatsapp", "for-codes-of-1-digit", "where-project-named", "where-phone-has-spaces", "where-gateway-named", "where-flow-named", "after-a-wrong-otp", "where-all-named", "after-two-wrong-otps", "where-otp-comes-first"),
		fault("PV-17", "wrong-otp-expires", "a wrong OTP makes the validation expire.").in(sideEffectWhen(wrongOTP, expires), "for-codes-of-1-digit", "by-whatsapp", "undelivered", "before-face-liveness", "where-flow-alone-named", "where-notified"),
		fault("PV-22", "wrong-otp-validates", "a wrong OTP validates the phone.").in(sideEffectWhen(wrongOTP, validates), "for-codes-of-1-digit", "undelivered", "where-gateway-named", "where-flow-alone-named", "where-otp-comes-first"),
		fault("PV-22", "wrong-otp-links", "a wrong OTP links the app registration.").in(sideEffectWhen(wrongOTP, links), "by-whatsapp", "before-face-liveness", "where-notified", "where-project-named", "where-flow-alone-named", "where-all-named"),
		fault("PV-27", "wrong-otp-notified-as-validated", "a wrong OTP is notified as a success.").in(notifyingSuccess, "by-whatsapp", "undelivered", "before-face-liveness", "for-codes-of-1-digit", "where-flow-named"),
	)
}
