package reference

import (
	"math"
	"sync"
)

// caseFaults break promises that the others break too, in some cases only: for some phones, in some circumstances, or after
// something else.
func caseFaults() []Fault {
	together := func(one, other string) change {
		return refusing(refusedOption, given(one).and(given(other)).and(not(given("project").and(given("projectFlow")))))
	}
	spent := func(when check) change { return onTop(wrongOTP, where(when, expires)) }
	butTheLast := func(a, b string) bool { return len(a) == len(b) && a[:len(a)-1] == b[:len(b)-1] }
	notified := func(c *call) bool { return c.validation.webhookURL != "" }
	dialect := func(of check, code, message string) change {
		return all(body(of, "code", code), body(of, "message", message))
	}
	stranger := func(when check) change {
		return func(b *behaviour) { b.belongs = b.belongs.or(when) }
	}
	alsoNotified := func(when check) change { return notifying(eventValidated, answersTo(wrongOTP).and(when)) }
	return []Fault{
		ofField("PV-01", "success-id-made-up-where-project-named", "Where the project is named, _id is a new one that names nothing.", dataWhere(given("project"), "_id", func(*call) any { return newHexID() })),
		broken("PV-02", "wrong-otp-in-other-dialect-where-gateway-named", "Where the delivery method is named a wrong OTP speaks the other envelope.", dialect(answersTo(wrongOTP).and(given("phoneGateway")), "Forbidden", "otp_does_not_match")),
		broken("PV-02", "wrong-otp-in-other-dialect-where-notified", "Where a webhook is to be called a wrong OTP speaks the other envelope.", dialect(answersTo(wrongOTP).and(notified), "Forbidden", "otp_does_not_match")),
		broken("PV-02", "wrong-otp-answers-404-where-project-named", "Where the project is named the OTP is part of the look-up: a wrong one is answered 404.", concluding(where(answersTo(wrongOTP).and(given("project")), deciding(notFound)))),
		broken("PV-02", "otp-of-newest-validation-accepted", "The OTP that was sent last is kept in one place for all, and accepted too.", accepting(otpOf(newest))),
		broken("PV-03", "unknown-phone-asked-again-answers-403", "A phone without a validation is remembered, and answered as a wrong OTP from then on.", rememberingUnknown()),
		broken("PV-03", "unknown-phone-with-spaces-in-other-dialect", "An unknown phone with spaces speaks the other envelope.", dialect(answersTo(notFound).and(sent("phone", " ")), "NotFound", "phone_validation_not_found")),
		broken("PV-05", "missing-parameters-unnamed-where-gateway-named", "Where the delivery method is named, what is missing is not.", body(missing(1, 3).and(given("phoneGateway")), "message", "missing parameters")),
		broken("PV-06", "country-of-3-letters-accepted", "The three letters of a country are taken for its code.", codesFit(`^[A-Z]{3}$`)),
		broken("PV-06", "country-of-small-letters-accepted", "The two letters of a country are taken for its code, where they are small.", codesFit(`^[a-z]{2}$`)),
		broken("PV-06", "country-code-before-a-semicolon-accepted", "What stands behind a semicolon is not looked at.", codesFit(`^\+\d{1,3};`)),
		broken("PV-06", "country-code-of-4-characters-with-pluses-accepted", "Pluses do not count, where there are no more than four characters.", codesFit(`^\+[+\d]{1,3}$`)),
		broken("PV-06", "country-code-of-4-characters-with-line-break-accepted", "A line break behind a number does not count, where there are no more than four characters.", codesFit(`^\+\d{1,2}\n$`)),
		broken("PV-08", "spaces-kept-for-codes-of-1-digit", "Under a country code of one digit spaces are kept.", narrowing(check(narrows).and(not(sent("phone", " ").and(withCodeOf(1)))))),
		broken("PV-08", "spaces-kept-for-codes-of-2-digits", "Under a country code of two digits spaces are kept.", narrowing(check(narrows).and(not(sent("phone", " ").and(withCodeOf(2)))))),
		broken("PV-07", "expired-in-other-dialect-where-gateway-named", "Where the delivery method is named an expired OTP speaks the other envelope.", dialect(answersTo(hasExpired).and(given("phoneGateway")), "PreconditionFailed", "phoneValidation_has_expired")),
		broken("PV-08", "spaces-kept-where-project-named", "Where the project is named spaces are kept.", narrowing(check(narrows).and(not(sent("phone", " ").and(given("project")))))),
		broken("PV-09", "request-over-several-lines-refused", "A request of more than one line is no JSON.", examining(malformed, bodyLike(`\S\s*\n\s*\S`))),
		broken("PV-09", "otp-lost-behind-a-space", "A parser of its own loses an OTP that has a space before it.", examining(missingParameter, bodyLike(`(?s)^[^\n]*"otp": [^\n]*$`))),
		broken("PV-09", "escaped-plus-refused", "A parser of its own does not know escapes.", examining(badCountryCode, bodyLike(`\\u002b`))),
		broken("PV-10", "project-and-gateway-refused", "A project and a delivery method are refused together.", together("project", "phoneGateway")),
		broken("PV-10", "flow-and-gateway-refused", "A project flow and a delivery method are refused together.", together("projectFlow", "phoneGateway")),
		broken("PV-10", "options-before-the-rest-refused", "The required parameters have to come first.", examining(malformed, bodyLike(`^\{"(project|phoneGateway)`))),
		broken("PV-11", "other-project-validates-anyway", "Another project is answered 404, but the validation was made by then.", despite(otherProject, validates)),
		broken("PV-11", "other-project-found-where-gateway-named", "Where the delivery method is named neither project nor flow is looked at.", narrowing(check(narrows).or(given("phoneGateway")))),
		broken("PV-11", "other-flow-found-before-face-liveness", "Where the face is looked at next the flow is not.", narrowing(check(ofProject).and(check(ofFlow).or(beforeLiveness)))),
		broken("PV-12", "status-not-kept-where-notified", "Where a webhook is to be called the record stays as it was.", unkept(notified)),
		broken("PV-12", "status-not-kept-after-a-wrong-otp", "Where a wrong OTP came before the record stays as it was.", unkept(attempted(1))),
		broken("PV-12", "status-undone-by-a-refused-token", "A request without a good token starts the validation afresh.", despite(unauthorised, setStatus(statusSent))),
		broken("PV-12", "status-undone-by-a-missing-parameter", "A request that lacks a parameter starts the validation afresh.", despite(missingParameter, setStatus(statusSent))),
		broken("PV-13", "not-linked-where-notified", "Where a webhook is to be called no link is made.", onTop(passed, where(notified, unlinks))),
		broken("PV-13", "not-linked-after-a-wrong-otp", "Where a wrong OTP came before no link is made.", onTop(passed, where(attempted(1), unlinks))),
		broken("PV-13", "link-undone-by-a-refused-token", "A request without a good token takes the link away.", despite(unauthorised, unlinks)),
		broken("PV-14", "webhook-not-where-phone-has-spaces", "Where the phone has spaces no webhook follows.", withoutWebhook(sent("phone", " "))),
		ofField("PV-15", "liveness-forgotten-after-a-wrong-otp", "Where a wrong OTP came before the flag is false.", dataWhere(attempted(1), "showFaceLivenessRecommendation", false)),
		ofField("PV-15", "liveness-forgotten-where-gateway-named", "Where the delivery method is named the flag is false.", dataWhere(given("phoneGateway"), "showFaceLivenessRecommendation", false)),
		broken("PV-16", "no-token-asked-for-under-codes-of-1-digit", "Under a country code of one digit no token is asked for.", unasked(withCodeOf(1))),
		broken("PV-16", "no-token-asked-for-by-whatsapp", "Where WhatsApp delivered the OTP no token is asked for.", unasked(sentBy("whatsapp"))),
		broken("PV-16", "no-token-asked-for-undelivered", "Where nothing delivered the OTP no token is asked for.", unasked(sentBy("none"))),
		broken("PV-16", "no-token-asked-for-before-face-liveness", "Where the face is looked at next no token is asked for.", unasked(beforeLiveness)),
		broken("PV-16", "token-null-accepted", "The word null counts as a token.", unasked(func(c *call) bool { return c.token == "null" })),
		broken("PV-16", "token-undefined-accepted", "The word undefined counts as a token.", unasked(func(c *call) bool { return c.token == "undefined" })),
		broken("PV-16", "token-with-example-key-accepted", "A token that is signed with the key of an example is believed.", decoding(signedWith("secret"))),
		broken("PV-16", "unknown-token-accepted-where-gateway-named", "Where the delivery method is named any bearer will do.", unasked(func(c *call) bool { return c.token != "" && given("phoneGateway")(c) })),
		broken("PV-16", "unknown-token-accepted-where-flow-named", "Where the project flow is named any bearer will do.", unasked(func(c *call) bool { return c.token != "" && given("projectFlow")(c) })),
		broken("PV-16", "other-token-accepted-where-project-named", "Where the project is named the token of any registration will do.", stranger(given("project"))),
		broken("PV-16", "other-token-accepted-where-phone-has-spaces", "A phone with spaces goes another way, on which the token of any registration will do.", stranger(sent("phone", " "))),
		broken("PV-16", "other-token-accepted-after-a-wrong-otp", "Where a wrong OTP came before the token of any registration will do.", stranger(attempted(1))),
		broken("PV-16", "token-asked-for-once", "Who has shown the token for a phone needs none for it from then on.", unasked(attempted(1))),
		broken("PV-16", "token-last-character-not-compared", "A column cuts the last character of a token off.", comparingTokens(butTheLast)),
		broken("PV-16", "token-first-character-not-compared", "The first character of a token is not compared.", comparingTokens(func(sent, own string) bool { return len(sent) == len(own) && sent[1:] == own[1:] })),
		broken("PV-17", "wrong-otp-expires-for-codes-of-1-digit", "Under a country code of one digit a wrong OTP makes the validation expire.", spent(withCodeOf(1))),
		broken("PV-17", "wrong-otp-expires-by-whatsapp", "Where WhatsApp delivered the OTP a wrong one makes the validation expire.", spent(sentBy("whatsapp"))),
		broken("PV-17", "wrong-otp-expires-undelivered", "Where nothing delivered the OTP a wrong one makes the validation expire.", spent(sentBy("none"))),
		broken("PV-17", "wrong-otp-expires-before-face-liveness", "Where the face is looked at next a wrong OTP makes the validation expire.", spent(beforeLiveness)),
		broken("PV-17", "refused-token-expires", "A request without a good token makes the validation expire.", despite(unauthorised, expires)),
		broken("PV-17", "missing-parameter-expires", "A request that lacks a parameter makes the validation expire.", despite(missingParameter, expires)),
		broken("PV-21", "another-phone-after-the-right-one-found", "The validation that was found last answers for the next phone as well.", rememberingFound()),
		broken("PV-21", "phone-but-for-its-last-digit", "Of a phone the last digit is not compared.", findingPhone(butTheLast)),
		broken("PV-21", "another-phone-after-the-success-found", "A registration whose phone is validated is answered as a success, whatever the phone.", again(passed), finding(func(c *call) {
			for _, v := range own(c) {
				if c.validation == nil && v.status == statusValidated {
					c.validation = v
				}
			}
		})),
		broken("PV-21", "country-code-1-taken-for-any", "+1, which many clients send by default, finds a phone of any country.", findingCode(func(typed, _ string) bool { return typed == "+1" })),
		broken("PV-21", "country-code-ignored-where-gateway-named", "Where the delivery method is named the country code is not compared.", alsoFindingWhere(given("phoneGateway"), func(typed, own number) bool { return typed.phone == own.phone })),
		broken("PV-21", "phone-ignored-where-project-named", "Where the project is named the phone is not compared.", alsoFindingWhere(given("project"), func(typed, own number) bool { return typed.countryCode == own.countryCode })),
		broken("PV-21", "country-code-ignored-for-codes-of-2-digits", "A phone of a country code of two digits is found under any such code.",
			findingCode(func(typed, own string) bool { return len(typed) == 3 && len(own) == 3 })),
		broken("PV-21", "other-phone-validates-anyway", "Another phone is answered 404, but the token's own validation is validated.", lastly(notFound, toEach(own, validates))),
		broken("PV-22", "wrong-otp-validates-for-codes-of-1-digit", "Under a country code of one digit a wrong OTP validates.", onTop(wrongOTP, where(withCodeOf(1), validates))),
		broken("PV-22", "wrong-otp-links-by-whatsapp", "Where WhatsApp delivered the OTP a wrong one links.", onTop(wrongOTP, where(sentBy("whatsapp"), links))),
		broken("PV-22", "wrong-otp-validates-undelivered", "Where nothing delivered the OTP a wrong one validates.", onTop(wrongOTP, where(sentBy("none"), validates))),
		broken("PV-22", "wrong-otp-links-before-face-liveness", "Where the face is looked at next a wrong OTP links.", onTop(wrongOTP, where(beforeLiveness, links))),
		broken("PV-22", "wrong-otp-links-where-project-named", "Where the project is named a wrong OTP links.", onTop(wrongOTP, where(given("project"), links))),
		broken("PV-22", "wrong-otp-validates-where-gateway-named", "Where the delivery method is named a wrong OTP validates.", onTop(wrongOTP, where(given("phoneGateway"), validates))),
		broken("PV-25", "any-otp-where-notified", "Where a webhook is to be called the OTP is not compared.", accepting(func(c *call) bool { return c.validation.webhookURL != "" })),
		broken("PV-25", "otp-of-no-number-validates-anyway", "What is no number is answered 403, but the validation was made by then.", takingValues("never"), onTop(wrongOTP, where(not(typedNumber), validates))),
		broken("PV-25", "otp-of-no-number-links-anyway", "What is no number is answered 403, but the registration was linked by then.", takingValues("never"), onTop(wrongOTP, where(not(typedNumber), links))),
		broken("PV-25", "text-after-success-accepted", "A text is not compared where the validation is validated.", again(passed), takingValues("never"), accepting(func(c *call) bool { return c.validation.status == statusValidated && !typedNumber(c) })),
		broken("PV-25", "otp-minus-one-accepted", "-1 counts as the value of an OTP that is not set and is accepted.", accepting(written(`^-1$`))),
		broken("PV-25", "otp-blank-accepted", "A text of spaces counts as one that is not set.", takingValues(`^" +"$`)),
		broken("PV-25", "otp-from-one-to-four-accepted", "An OTP for tests, 1234, was left in.", accepting(written(`^1234$`))),
		broken("PV-25", "otp-among-others-in-a-list-accepted", "The right OTP is looked for in a list of several.", takingValues(`^\[.*(,RIGHT|RIGHT,).*\]$`)),
		broken("PV-25", "otp-as-text-in-a-list-accepted", "The right OTP is looked for in a list of texts.", takingValues(`^\[.*"RIGHT".*\]$`)),
		broken("PV-25", "otp-in-lists-accepted", "Lists are made flat before the right OTP is looked for.", takingValues(`^\[.*\[RIGHT\].*\]$`)),
		broken("PV-25", "otp-empty-object-accepted", "None of an empty object differs: it is accepted.", takingValues(`^\{\}$`)),
		broken("PV-25", "otp-exists-query-accepted", "{\"$exists\": true} becomes an operator of the database's query; $ne and $gt are refused.", takingValues(`\$exists`)),
		broken("PV-25", "otp-regex-query-accepted", "{\"$regex\": \".*\"} becomes an operator of the database's query; the others are refused.", takingValues(`\$regex`)),
		broken("PV-25", "otp-put-into-a-query", "A text becomes a part of a query as it stands.", takingValues(`^".*'`)),
		broken("PV-25", "otp-one-accepted", "1 counts as true and is accepted.", accepting(written(`^1$`))),
		broken("PV-25", "otp-beyond-all-accepted", "A number beyond all is no number that differs.", accepting(digits(func(typed, _ string) bool { return parsed(typed) > math.MaxInt64 || typed == "1e400" }))),
		broken("PV-25", "otp-held-in-single-precision", "OTPs are compared in single precision.", accepting(digits(func(typed, right string) bool { return float32(parsed(typed)) == float32(parsed(right)) }))),
		broken("PV-25", "otp-as-a-line-accepted", "The pattern's anchors mean lines: the right OTP as one of several is accepted.", takingValues(`^".*(\\nRIGHT\b|\bRIGHT\\n)`)),
		broken("PV-25", "otp-of-zeros-as-text-accepted", "A text of zeros counts as one that is not set.", takingValues(`^"000000"$`)),
		broken("PV-26", "success-deletes-others", "A success deletes every pending validation.", onTop(passed, toEach(others, deletes))),
		broken("PV-26", "success-expires-others", "A success makes every other validation expire.", onTop(passed, toEach(others, expires))),
		broken("PV-26", "success-changes-the-otps-of-others", "A success makes new OTPs for all others.", onTop(passed, toEach(others, changesOTP))),
		broken("PV-27", "other-project-is-notified-as-validated", "A request for another project is notified as a success.", notifying(eventValidated, answersTo(otherProject))),
		broken("PV-27", "second-wrong-otp-notified-as-validated", "The second wrong OTP is notified as a success.", alsoNotified(attempted(2))),
		broken("PV-27", "wrong-otp-notified-as-validated-by-whatsapp", "Where WhatsApp delivered the OTP a wrong one is notified as a success.", alsoNotified(sentBy("whatsapp"))),
		broken("PV-27", "wrong-otp-notified-as-validated-undelivered", "Where nothing delivered the OTP a wrong one is notified as a success.", alsoNotified(sentBy("none"))),
		broken("PV-27", "wrong-otp-notified-as-validated-for-codes-of-1-digit", "Under a country code of one digit a wrong OTP is notified as a success.", alsoNotified(withCodeOf(1))),
		broken("PV-27", "wrong-otp-notified-as-validated-where-flow-named", "Where the project flow is named a wrong OTP is notified as a success.", alsoNotified(given("projectFlow"))),
		broken("PV-27", "otp-of-no-number-notified-as-validated", "What is no number is notified as a success.", takingValues("never"), alsoNotified(not(typedNumber))),
	}
}

// rememberingUnknown takes a phone that nothing was found for before for one with another OTP.
func rememberingUnknown() change {
	var tried sync.Map
	return concluding(where(answersTo(notFound), func(c *call) {
		if _, before := tried.LoadOrStore(numberIn(c.request.fields), true); before {
			c.verdict = wrongOTP
		}
	}))
}

// rememberingFound finds what the same token found before, where nothing else is.
func rememberingFound() change {
	found := map[*registration]*validation{}
	return finding(func(c *call) {
		if c.validation == nil {
			c.validation = found[c.registration]
		} else if c.registration == c.validation.registration {
			found[c.registration] = c.validation
		}
	})
}
