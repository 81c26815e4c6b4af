package reference

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// successFaults break PV-01: what the right OTP is answered.
func successFaults() []fault {
	const rule = "PV-01"
	return []fault{
		broken(rule, "success-answers-201", "Success is answered 201, as if something was created.", onSuccess(func(_ *call, a *answer) { a.status = http.StatusCreated })),
		broken(rule, "success-answers-202", "Success is answered 202, as if it was still to be done.", onSuccess(func(_ *call, a *answer) { a.status = http.StatusAccepted })),
		broken(rule, "success-answers-204", "Success is answered 204 without a body.", answersNoContent),
		broken(rule, "right-otp-refused", "The right OTP is answered as a wrong one.", matching(func(string, int) bool { return false })),
		broken(rule, "expires-at-once", "Milliseconds are taken for seconds: every OTP has expired already.", func(b *behaviour) {
			b.expired = func(*validation, time.Time) bool { return true }
		}),
		ofField(rule, "success-lacks-envelope", "The validation is answered without data around it.", onSuccess(func(_ *call, a *answer) { a.body = a.body.get("data").(object) })),
		ofField(rule, "success-envelope-renamed", "The envelope is called result.", onSuccess(func(_ *call, a *answer) { a.body.rename("data", "result") })),
		ofField(rule, "success-data-is-array", "data is an array with the validation in it.", onSuccess(func(_ *call, a *answer) { a.body.set("data", array{a.body.get("data")}) })),
		ofField(rule, "success-data-is-string", "data is JSON within a string.", onSuccess(func(_ *call, a *answer) {
			a.body.set("data", string(encoder{}.append(nil, a.body.get("data"), 0)))
		})),

		ofField(rule, "success-lacks-id", "The answer has no _id.", dropData("_id")),
		ofField(rule, "success-id-renamed", "The id is called id.", renameData("_id", "id")),
		ofField(rule, "success-id-empty", "_id is an empty text.", setData("_id", "")),
		ofField(rule, "success-id-is-number", "_id is a number.", setData("_id", 42)),
		ofField(rule, "success-id-cut", "_id lacks its last digit.", onData(func(c *call, d *object) { d.set("_id", c.validation.id[:23]) })),
		ofField(rule, "success-id-is-wrapped", "_id is an object, as a database driver writes it.", onData(func(c *call, d *object) { d.set("_id", object{{"$oid", c.validation.id}}) })),
		ofField(rule, "success-id-of-registration", "_id is the registration's instead of the validation's.", onData(func(c *call, d *object) { d.set("_id", c.validation.registration.id) })),
		ofField(rule, "success-id-made-up", "_id is a new one that names nothing.", onData(func(c *call, d *object) { d.set("_id", newHexID()) })),

		ofField(rule, "success-lacks-status", "The answer has no status.", dropData("status")),
		ofField(rule, "success-status-from-before", "The record is answered as it was read, before it changed: status sent.", setData("status", statusSent)),
		ofField(rule, "success-status-capitalised", "status is Validated.", setData("status", "Validated")),
		ofField(rule, "success-status-verified", "status is verified.", setData("status", "verified")),
		ofField(rule, "success-status-is-boolean", "status is true.", setData("status", true)),

		ofField(rule, "success-lacks-country-code", "The answer has no countryCode.", dropData("countryCode")),
		ofField(rule, "success-country-code-lacks-plus", "countryCode is answered without its plus.", onData(func(c *call, d *object) {
			d.set("countryCode", c.validation.number.countryCode[1:])
		})),
		ofField(rule, "success-country-code-as-number", "countryCode is a number.", onData(func(c *call, d *object) {
			d.set("countryCode", raw(c.validation.number.countryCode[1:]))
		})),
		ofField(rule, "success-in-snake-case", "countryCode is called country_code.", renameData("countryCode", "country_code")),

		ofField(rule, "success-lacks-phone", "The answer has no phone.", dropData("phone")),
		ofField(rule, "success-phone-as-number", "phone is a number.", onData(func(c *call, d *object) { d.set("phone", raw(c.validation.number.phone)) })),
		ofField(rule, "success-phone-with-country-code", "phone holds the country code as well.", onData(func(c *call, d *object) {
			d.set("phone", c.validation.number.countryCode+c.validation.number.phone)
		})),
		ofField(rule, "success-phone-masked", "All but the last four digits of phone are hidden.", onData(func(c *call, d *object) {
			p := c.validation.number.phone
			d.set("phone", strings.Repeat("*", max(len(p)-4, 1))+p[max(len(p)-4, 0):])
		})),

		ofField(rule, "success-lacks-type", "The answer has no type.", dropData("type")),
		ofField(rule, "success-type-validation", "type is validation, another flow's.", setData("type", "validation")),
		ofField(rule, "success-type-capitalised", "type is ONBOARDING.", setData("type", "ONBOARDING")),
		ofField(rule, "success-lacks-flag", "The answer has no showFaceLivenessRecommendation.", dropData("showFaceLivenessRecommendation")),
		ofField(rule, "success-flag-as-string", "The flag is a string.", onData(func(c *call, d *object) {
			flag := "false"
			if d.get("showFaceLivenessRecommendation") == true {
				flag = "true"
			}
			d.set("showFaceLivenessRecommendation", flag)
		})),
		ofField(rule, "success-flag-as-number", "The flag is 0 or 1.", onData(func(c *call, d *object) {
			flag := 0
			if d.get("showFaceLivenessRecommendation") == true {
				flag = 1
			}
			d.set("showFaceLivenessRecommendation", flag)
		})),
		ofField(rule, "success-flag-null", "The flag is null.", setData("showFaceLivenessRecommendation", nil)),

		broken(rule, "success-of-the-call-before", "A cache without a key answers the success before.", answersPreviousSuccess()),
	}
}

// countryCodeOfNumberFaults break PV-01 for one length of country code.
func countryCodeOfNumberFaults() []fault {
	const rule = "PV-01"
	ofLength := func(digits int) change {
		return neverFits(func(code string) bool { return len(code) == digits+1 })
	}
	return []fault{
		broken(rule, "country-code-of-1-digit-refused", "A country code of one digit is refused.", ofLength(1)),
		broken(rule, "country-code-of-2-digits-refused", "A country code of two digits is refused.", ofLength(2)),
		broken(rule, "country-code-of-3-digits-refused", "A country code of three digits is refused.", ofLength(3)),
	}
}

func answersNoContent(b *behaviour) {
	onSuccess(func(_ *call, a *answer) { a.status, a.mediaType = http.StatusNoContent, "" })(b)
	finishing(func(_ *call, a *answer) {
		if a.verdict == passed {
			a.bytes = nil
		}
	})(b)
}

func answersPreviousSuccess() change {
	var mu sync.Mutex
	var previous object
	return onSuccess(func(_ *call, a *answer) {
		mu.Lock()
		defer mu.Unlock()
		current := a.body
		if previous != nil {
			a.body = previous
		}
		previous = current
	})
}
