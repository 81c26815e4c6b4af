package reference

// effectFaults break what a call changes: the status for good (PV-12), the link (PV-13), that a wrong OTP does not spend the
// validation (PV-17), validates nothing and links nothing (PV-22), and that a success touches nothing else (PV-26).
func effectFaults() []Fault {
	linked := func(id func(*call) string) change {
		return onTop(passed, func(c *call) { c.validation.registration.linked = id(c) })
	}
	unlinked := func(when check) change { return onTop(passed, where(when, unlinks)) }
	linksNewest := func(c *call) { c.records.newest().linked = c.validation.id }
	openly := showingLink(linkAsKept) // whosever the validation is
	return []Fault{
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
		broken("PV-12", "status-not-kept-for-codes-of-1-digit", "Under a country code of one digit the record stays as it was.", unkept(withCodeOf(1))),
		broken("PV-12", "status-not-kept-by-whatsapp", "Where WhatsApp delivered the OTP the record stays as it was.", unkept(sentBy("whatsapp"))),
		broken("PV-12", "status-not-kept-undelivered", "Where nothing delivered the OTP the record stays as it was.", unkept(sentBy("none"))),
		broken("PV-12", "status-not-kept-before-face-liveness", "Where the face is looked at next the record waits for that.", unkept(beforeLiveness)),
		broken("PV-12", "status-not-kept-where-project-named", "Where the project is named the record stays as it was.", unkept(given("project"))),
		broken("PV-12", "status-not-kept-where-phone-has-spaces", "The record is looked up again by the phone as it was sent, spaces and all.", unkept(sent("phone", " "))),
		broken("PV-12", "status-undone-by-a-wrong-otp", "A wrong OTP marks the validation as failed, also one that is validated.", afterSuccess(not(typedRight), setStatus(statusFailed))),
		broken("PV-12", "status-undone-by-the-right-otp", "The right OTP turns the status over, each time.", afterSuccess(typedRight, setStatus(statusSent))),

		broken("PV-13", "not-linked", "The registration is not linked to the validation.", onTop(passed, unlinks)),
		broken("PV-13", "link-undone-late", "A job that tidies up takes the link back a moment later.", onTop(passed, late(unlinks))),
		broken("PV-13", "newest-registration-linked", "The newest registration is linked, whosever the validation is.", onTop(passed, unlinks), onTop(passed, linksNewest)),
		broken("PV-13", "linked-to-itself", "The registration is linked to its own id.", linked(func(c *call) string { return c.validation.registration.id })),
		broken("PV-13", "linked-to-nothing", "The registration is linked to an id that names nothing.", openly, linked(func(*call) string { return newHexID() })),
		broken("PV-13", "not-linked-for-codes-of-2-digits", "Under a country code of two digits no link is made.", unlinked(withCodeOf(2))),
		broken("PV-13", "not-linked-by-sms", "Where a text message delivered the OTP no link is made.", unlinked(sentBy("sms"))),
		broken("PV-13", "not-linked-before-face-liveness", "Where the face is looked at next the link waits for that.", unlinked(beforeLiveness)),
		broken("PV-13", "not-linked-where-gateway-named", "Where the delivery method is named no link is made.", unlinked(given("phoneGateway"))),
		broken("PV-13", "link-undone-by-a-wrong-otp", "A wrong OTP takes the link away, also of a validation that is validated.", afterSuccess(not(typedRight), unlinks)),
		broken("PV-13", "link-undone-by-the-right-otp", "The right OTP, typed again, takes the link away.", afterSuccess(typedRight, unlinks)),

		broken("PV-17", "wrong-otp-deletes-the-validation", "A wrong OTP deletes the validation.", instead(wrongOTP, deletes)),
		broken("PV-17", "wrong-otp-fails-the-validation", "After a wrong OTP the validation has failed and is found no more.",
			instead(wrongOTP, setStatus(statusFailed)), narrowing(func(c *call) bool { return c.validation.status != statusFailed && narrows(c) })),
		broken("PV-17", "wrong-otp-expires-the-validation", "A wrong OTP makes the validation expire.", instead(wrongOTP, expires)),
		broken("PV-17", "wrong-otp-changes-the-otp", "A wrong OTP makes a new one.", instead(wrongOTP, changesOTP)),
		broken("PV-17", "wrong-otp-deletes-where-project-named", "A wrong OTP deletes the validation where the project is named.", instead(wrongOTP, where(given("project"), deletes))),
		broken("PV-17", "one-attempt-allowed", "After one wrong OTP none is looked at.", attemptsLimit(1)),

		broken("PV-22", "wrong-otp-validates", "The status is written before the OTP is compared.", onTop(wrongOTP, validates)),
		broken("PV-22", "wrong-otp-links", "The registration is linked before the OTP is compared.", onTop(wrongOTP, links)),
		broken("PV-22", "wrong-otp-validates-late", "A wrong OTP is answered 403; a queue validates all the same.", onTop(wrongOTP, late(validates))),
		broken("PV-22", "wrong-otp-links-late", "A wrong OTP is answered 403; a queue links all the same.", onTop(wrongOTP, late(links))),
		broken("PV-22", "third-wrong-otp-links", "The third wrong OTP links.", onTop(wrongOTP, where(attempted(3), links))),
		broken("PV-22", "second-wrong-otp-validates", "The second wrong OTP validates.", onTop(wrongOTP, where(attempted(2), validates))),
		broken("PV-22", "wrong-otp-reads-as-validated", "The status is worked out from whether there was an attempt.", showingStatus(statusValidated, func(v *validation) bool { return v.attempts > 0 })),

		broken("PV-26", "success-validates-all", "The update has no where: every validation is validated.", onTop(passed, toEach(others, validates))),
		broken("PV-26", "success-validates-all-late", "A job validates every validation a moment later.", onTop(passed, late(toEach(others, validates)))),
		broken("PV-26", "success-validates-newest", "The newest validation is validated as well.", onTop(passed, toEach(newest, validates))),
		broken("PV-26", "success-links-all", "The update has no where: every registration is linked to the validation.", openly, onTop(passed, func(c *call) {
			for _, r := range c.records.registrations {
				r.linked = c.validation.id
			}
		})),
		broken("PV-26", "success-links-newest", "The newest registration is linked as well.", openly, onTop(passed, linksNewest)),
		broken("PV-26", "success-links-of-the-country", "Every registration of the country code is linked to its own validation.",
			onTop(passed, toEach(others, where(func(c *call) bool { return c.request.countryCode == c.validation.number.countryCode }, links)))),
	}
}
