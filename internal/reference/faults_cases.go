package reference

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// caseFaults break promises that the others break too, in some cases only: for some phones, in some circumstances, or after
// something else.
func caseFaults() []Fault {
	after := func(_ *call, v *validation) bool { return v.attempts > 0 } // a wrong OTP
	flag := "showFaceLivenessRecommendation"
	told := func(f check) change {
		return dataFrom(flag, func(c *call) any { return c.behaviour.recommends(c.validation.flow) && !f(c, &c.validation) })
	}
	expires := func(c *call, v *validation) { v.expires = c.now }
	unkept := func(f check) change {
		return all(data("status", statusValidated), onTop(passed, where(f, setStatus(statusSent))))
	}
	spentBy := func(f check) change { return onTop(wrongOTP, where(f, expires)) }
	validatedBy := func(f check) change { return onTop(wrongOTP, where(f, validates)) }
	linkedBy := func(f check) change { return onTop(wrongOTP, where(f, links)) }
	others := func(f func(c *call, other *validation)) change {
		return onTop(passed, func(c *call, v *validation) {
			for _, other := range c.records.validations {
				if other != v && other.status == statusSent {
					f(c, other)
				}
			}
		})
	}
	bodyHas := func(text string) func(*call) bool {
		return func(c *call) bool { return bytes.Contains(c.body, []byte(text)) }
	}
	together := func(one, other string) change {
		return refusing(refusedOption, func(c *call) bool {
			return c.given(one) && c.given(other) && !(c.given("project") && c.given("projectFlow"))
		})
	}
	list := func(f func(items []json.RawMessage, right string) bool) change { return typedAs(f) }
	return []Fault{
		broken("PV-02", "otp-of-newest-validation-accepted", "The OTP that was sent last is kept in one place for all, and accepted too.", accepting(func(c *call, _ *validation) bool {
			newest := c.records.oldest.Back().Value.(*registration).validations
			return len(newest) > 0 && sameNumber(c.request.otp, newest[0].otp)
		})),
		broken("PV-03", "unknown-phone-asked-again-answers-403", "A phone without a validation is remembered, and answered as a wrong OTP from then on.", rememberingUnknown()),
		broken("PV-06", "country-code-of-4-characters-with-pluses-accepted", "Pluses do not count, where there are no more than four characters.",
			codesFit(func(s string) bool { return len(s) <= 4 && codeFits("+"+strings.ReplaceAll(s, "+", "")) && s[0] == '+' })),
		broken("PV-06", "country-code-of-4-characters-with-line-break-accepted", "A line break behind a number does not count, where there are no more than four characters.",
			codesFit(func(s string) bool { return len(s) <= 4 && codeFits(strings.TrimRight(s, "\n")) })),
		broken("PV-08", "spaces-kept-for-codes-of-1-digit", "Under a country code of one digit spaces are kept.", notFoundWhere(func(c *call, v *validation) bool { return spacedPhone(c, v) && withCodeOf(1)(c, v) })),
		broken("PV-08", "spaces-kept-for-codes-of-2-digits", "Under a country code of two digits spaces are kept.", notFoundWhere(func(c *call, v *validation) bool { return spacedPhone(c, v) && withCodeOf(2)(c, v) })),
		broken("PV-09", "request-over-several-lines-refused", "A request of more than one line is no JSON.", examining(malformed, func(c *call) bool { return bytes.Contains(bytes.TrimSpace(c.body), []byte("\n")) })),
		broken("PV-09", "otp-lost-behind-a-space", "A parser of its own loses an OTP that has a space before it.", examining(missingParameter, func(c *call) bool { return bodyHas(`"otp": `)(c) && !bodyHas("\n")(c) })),
		broken("PV-09", "escaped-plus-refused", "A parser of its own does not know escapes.", examining(badCountryCode, bodyHas(`\u002b`))),
		broken("PV-10", "project-and-gateway-refused", "A project and a delivery method are refused together.", together("project", "phoneGateway")),
		broken("PV-10", "flow-and-gateway-refused", "A project flow and a delivery method are refused together.", together("projectFlow", "phoneGateway")),
		broken("PV-10", "options-before-the-rest-refused", "The required parameters have to come first.", examining(malformed, func(c *call) bool {
			return bytes.HasPrefix(c.body, []byte(`{"project`)) || bytes.HasPrefix(c.body, []byte(`{"phoneGateway`))
		})),
		broken("PV-11", "other-project-validates-anyway", "Another project is answered 404, but the validation was made by then.", despite(otherProject, validates)),
		broken("PV-12", "status-not-kept-after-a-wrong-otp", "Where a wrong OTP came before the record stays as it was.", unkept(after)),
		broken("PV-12", "status-undone-by-a-refused-token", "A request without a good token starts the validation afresh.", despite(unauthorised, setStatus(statusSent))),
		broken("PV-12", "status-undone-by-a-missing-parameter", "A request that lacks a parameter starts the validation afresh.", despite(missingParameter, setStatus(statusSent))),
		broken("PV-13", "not-linked-after-a-wrong-otp", "Where a wrong OTP came before no link is made.", onTop(passed, where(after, unlinks))),
		broken("PV-13", "link-undone-by-a-refused-token", "A request without a good token takes the link away.", despite(unauthorised, unlinks)),
		broken("PV-14", "webhook-not-where-phone-has-spaces", "Where the phone has spaces no webhook follows.", withoutWebhook(spacedPhone)),
		ofField("PV-15", "liveness-forgotten-after-a-wrong-otp", "Where a wrong OTP came before the flag is false.", told(after)),
		ofField("PV-15", "liveness-forgotten-where-gateway-named", "Where the delivery method is named the flag is false.", told(naming("phoneGateway"))),
		broken("PV-16", "no-token-asked-for-under-codes-of-1-digit", "Under a country code of one digit no token is asked for.", unaskedOf(withCodeOf(1))),
		broken("PV-16", "no-token-asked-for-by-whatsapp", "Where WhatsApp delivered the OTP no token is asked for.", unaskedOf(sentBy("whatsapp"))),
		broken("PV-16", "no-token-asked-for-undelivered", "Where nothing delivered the OTP no token is asked for.", unaskedOf(sentBy("none"))),
		broken("PV-16", "no-token-asked-for-before-face-liveness", "Where the face is looked at next no token is asked for.", unaskedOf(beforeLiveness)),
		broken("PV-16", "token-asked-for-once", "Who has shown the token for a phone needs none for it from then on.", unaskedOf(after)),
		broken("PV-16", "token-last-character-not-compared", "A column cuts the last character of a token off.", comparingTokens(func(sent, own string) bool { return len(sent) == len(own) && sent[:len(sent)-1] == own[:len(own)-1] })),
		broken("PV-16", "token-first-character-not-compared", "The first character of a token is not compared.", comparingTokens(func(sent, own string) bool { return len(sent) == len(own) && sent[1:] == own[1:] })),
		broken("PV-17", "wrong-otp-expires-for-codes-of-1-digit", "Under a country code of one digit a wrong OTP makes the validation expire.", spentBy(withCodeOf(1))),
		broken("PV-17", "wrong-otp-expires-by-whatsapp", "Where WhatsApp delivered the OTP a wrong one makes the validation expire.", spentBy(sentBy("whatsapp"))),
		broken("PV-17", "wrong-otp-expires-undelivered", "Where nothing delivered the OTP a wrong one makes the validation expire.", spentBy(sentBy("none"))),
		broken("PV-17", "wrong-otp-expires-before-face-liveness", "Where the face is looked at next a wrong OTP makes the validation expire.", spentBy(beforeLiveness)),
		broken("PV-17", "refused-token-expires", "A request without a good token makes the validation expire.", despite(unauthorised, expires)),
		broken("PV-17", "missing-parameter-expires", "A request that lacks a parameter makes the validation expire.", despite(missingParameter, expires)),
		broken("PV-21", "another-phone-after-the-right-one-found", "The validation that was found last answers for the next phone as well.", rememberingFound()),
		broken("PV-21", "phone-but-for-its-last-digit", "Of a phone the last digit is not compared.", alsoFinding(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && len(typed.phone) == len(own.phone) && onlyDigits(typed.phone) && typed.phone[:len(typed.phone)-1] == own.phone[:len(own.phone)-1]
		})),
		broken("PV-21", "country-code-ignored-for-codes-of-2-digits", "A phone of a country code of two digits is found under any such code.", alsoFinding(func(typed, own number) bool {
			return len(own.countryCode) == 3 && len(typed.countryCode) == 3 && typed.phone == own.phone
		})),
		broken("PV-21", "other-phone-validates-anyway", "Another phone is answered 404, but the token's own validation is validated.", concluding(func(c *call, v verdict) verdict {
			if v == notFound && c.registration != nil {
				c.records.mu.Lock()
				defer c.records.mu.Unlock()
				for _, own := range c.registration.validations {
					own.status = statusValidated
				}
			}
			return v
		})),
		broken("PV-22", "wrong-otp-validates-for-codes-of-1-digit", "Under a country code of one digit a wrong OTP validates.", validatedBy(withCodeOf(1))),
		broken("PV-22", "wrong-otp-links-by-whatsapp", "Where WhatsApp delivered the OTP a wrong one links.", linkedBy(sentBy("whatsapp"))),
		broken("PV-22", "wrong-otp-validates-undelivered", "Where nothing delivered the OTP a wrong one validates.", validatedBy(sentBy("none"))),
		broken("PV-22", "wrong-otp-links-before-face-liveness", "Where the face is looked at next a wrong OTP links.", linkedBy(beforeLiveness)),
		broken("PV-22", "wrong-otp-links-where-project-named", "Where the project is named a wrong OTP links.", linkedBy(naming("project"))),
		broken("PV-22", "wrong-otp-validates-where-gateway-named", "Where the delivery method is named a wrong OTP validates.", validatedBy(naming("phoneGateway"))),
		broken("PV-25", "any-otp-where-notified", "Where a webhook is to be called the OTP is not compared.", accepting(func(_ *call, v *validation) bool { return v.webhookURL != "" })),
		broken("PV-25", "otp-of-no-number-validates-anyway", "What is no number is answered 403, but the validation was made by then.", takingNothing(), onTop(wrongOTP, where(func(c *call, _ *validation) bool { return c.request.otp == noNumber }, validates))),
		broken("PV-25", "otp-among-others-in-a-list-accepted", "The right OTP is looked for in a list of several.", list(func(items []json.RawMessage, right string) bool {
			return len(items) > 1 && slices.ContainsFunc(items, func(item json.RawMessage) bool { return string(item) == right })
		})),
		broken("PV-25", "otp-as-text-in-a-list-accepted", "The right OTP is looked for in a list of texts.", list(func(items []json.RawMessage, right string) bool {
			return slices.ContainsFunc(items, func(item json.RawMessage) bool { return textOf(item) == right })
		})),
		broken("PV-25", "otp-in-lists-accepted", "Lists are made flat before the right OTP is looked for.", list(func(items []json.RawMessage, right string) bool {
			return slices.ContainsFunc(items, func(item json.RawMessage) bool { return string(item) == "["+right+"]" })
		})),
		broken("PV-25", "otp-empty-object-accepted", "None of an empty object differs: it is accepted.", takingOTP(func(v json.RawMessage) bool { return string(v) == "{}" })),
		broken("PV-25", "otp-exists-query-accepted", "{\"$exists\": true} becomes an operator of the database's query; $ne and $gt are refused.", takingOTP(func(v json.RawMessage) bool { return bytes.Contains(v, []byte("$exists")) })),
		broken("PV-25", "otp-regex-query-accepted", "{\"$regex\": \".*\"} becomes an operator of the database's query; the others are refused.", takingOTP(func(v json.RawMessage) bool { return bytes.Contains(v, []byte("$regex")) })),
		broken("PV-25", "otp-put-into-a-query", "A text becomes a part of a query as it stands.", takingOTP(func(v json.RawMessage) bool { return strings.Contains(textOf(v), "'") })),
		broken("PV-25", "otp-one-accepted", "1 counts as true and is accepted.", accepting(digits(func(typed, _ string) bool { return typed == "1" }))),
		broken("PV-25", "otp-beyond-all-accepted", "A number beyond all is no number that differs.", accepting(digits(func(typed, _ string) bool {
			return len(typed) > 1 && (parsed(typed) > math.MaxInt64 || typed == "1e400")
		}))),
		broken("PV-25", "otp-held-in-single-precision", "OTPs are compared in single precision.", accepting(digits(func(typed, right string) bool { return float32(parsed(typed)) == float32(parsed(right)) }))),
		broken("PV-25", "otp-as-a-line-accepted", "The pattern's anchors mean lines: the right OTP as one of several is accepted.", takingOTPOf(func(v json.RawMessage, right string) bool {
			return slices.Contains(strings.Split(textOf(v), "\n"), right) && textOf(v) != right
		})),
		broken("PV-25", "otp-of-zeros-as-text-accepted", "A text of zeros counts as one that is not set.", takingOTP(func(v json.RawMessage) bool { return textOf(v) == "000000" })),
		broken("PV-26", "success-deletes-others", "A success deletes every pending validation.", others(func(c *call, other *validation) { c.records.removeValidation(other) })),
		broken("PV-26", "success-expires-others", "A success makes every other validation expire.", others(expires)),
		broken("PV-26", "success-changes-the-otps-of-others", "A success makes new OTPs for all others.", others(func(c *call, other *validation) { other.otp = c.behaviour.wrongFor(other.otp) })),
		broken("PV-27", "other-project-is-notified-as-validated", "A request for another project is notified as a success.", notifiedAs(otherProject, eventValidated)),
	}
}

// notFoundWhere finds nothing in some cases.
func notFoundWhere(f check) change {
	return func(b *behaviour) {
		before := b.narrows
		b.narrows = func(c *call, v *validation) bool { return before(c, v) && !f(c, v) }
	}
}

// unaskedOf asks for no token where the validation that is named is of a kind.
func unaskedOf(f check) change {
	return authenticating(func(c *call, _ string) (*registration, bool) {
		fields, _ := parse(c.body)
		v := c.records.numbers[number{textOf(fields["countryCode"]), withoutSpaces(textOf(fields["phone"]))}]
		return nil, v != nil && f(c, v)
	})
}

// rememberingUnknown takes a phone that nothing was found for before for one with another OTP.
func rememberingUnknown() change {
	var mu sync.Mutex
	asked := map[number]bool{}
	return concluding(func(c *call, v verdict) verdict {
		mu.Lock()
		defer mu.Unlock()
		sought := number{c.request.countryCode, c.request.phone}
		if v == notFound && asked[sought] {
			return wrongOTP
		}
		asked[sought] = asked[sought] || v == notFound
		return v
	})
}

// rememberingFound finds what the same token found before, where nothing else is.
func rememberingFound() change {
	found := map[*registration]*validation{}
	return func(b *behaviour) {
		before := b.find
		b.find = func(c *call) *validation {
			v := before(c)
			if v == nil {
				return found[c.registration]
			}
			if c.registration == v.registration {
				found[c.registration] = v
			}
			return v
		}
	}
}

// takingOTPOf takes a value of another type for the right OTP where f says so of the two.
func takingOTPOf(f func(typed json.RawMessage, right string) bool) change {
	return all(takingNothing(), accepting(func(c *call, v *validation) bool { return f(c.request.fields["otp"], strconv.Itoa(v.otp)) }))
}

const noNumber = "no number"

// takingNothing lets what is no number through to where OTPs are compared.
func takingNothing() change {
	return readingOTP(func(value json.RawMessage) string {
		if len(value) == 0 || string(value) == "null" || string(value) == `""` {
			return ""
		}
		return noNumber
	})
}

// typedAs takes a list for the right OTP where f says so.
func typedAs(f func(items []json.RawMessage, right string) bool) change {
	return takingOTPOf(func(typed json.RawMessage, right string) bool {
		var items []json.RawMessage
		return json.Unmarshal(typed, &items) == nil && f(items, right)
	})
}

// notifiedAs lets a webhook follow a refusal.
func notifiedAs(of verdict, event string) change {
	return concluding(func(c *call, v verdict) verdict {
		if v == of {
			c.event = event
		}
		return v
	})
}
