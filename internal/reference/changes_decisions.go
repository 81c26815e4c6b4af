package reference

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/group"
)

// Changes of how a request is read.

// arriving does something before the request is read.
func arriving(f hook) change { return func(b *behaviour) { b.arrive.then(f) } }

// reading changes the parameters that were read; "" is a missing one.
func reading(f hook) change { return func(b *behaviour) { b.read.then(f) } }

// codesFit also accepts the country codes that a pattern matches.
func codesFit(pattern string) change {
	return anyCodeFits(func(c *call) bool { return regexp.MustCompile(pattern).MatchString(c.request.countryCode) })
}

// anyCodeFits accepts every country code of some calls.
func anyCodeFits(when check) change {
	return decidingParameters(answersTo(badCountryCode).and(when), passed)
}

func cleaningPhone(f func(phone string) string) change {
	return func(b *behaviour) { b.cleanPhone = f }
}

// refusingAtOnce gives some calls a verdict as soon as they are read, whatever else is wrong with them.
func refusingAtOnce(v verdict, when check) change {
	return reading(where(check(successes).and(when), setVerdict(v)))
}

// refusing gives some calls a verdict once their parameters are found complete.
func refusing(v verdict, when check) change { return decidingParameters(check(successes).and(when), v) }

// decidingParameters gives some calls another verdict about their parameters.
func decidingParameters(when check, v verdict) change {
	return func(b *behaviour) { b.complete.then(where(when, setVerdict(v))) }
}

func setVerdict(v verdict) hook { return func(c *call) { c.verdict = v } }

// reportingMissing calls a parameter missing once the required ones are found complete.
func reportingMissing(name string, when check) change {
	return refusing(missingParameter, func(c *call) bool {
		c.missing = []string{name}
		return when(c)
	})
}

// Checks of the request.

// given checks that a request has a parameter, sent that the JSON of its value matches a pattern.
func given(parameter string) check {
	return func(c *call) bool { return len(c.request.fields[parameter]) > 0 }
}

func sent(parameter, pattern string) check {
	return func(c *call) bool { return regexp.MustCompile(pattern).Match(c.request.fields[parameter]) }
}

func bodyLike(pattern string) check {
	return func(c *call) bool { return regexp.MustCompile(pattern).Match(c.body) }
}

func bodyLongerThan(n int) check { return func(c *call) bool { return len(c.body) > n } }

// nestedDeeperThan checks how deeply arrays and objects are nested.
func nestedDeeperThan(n int) check {
	return func(c *call) bool {
		for d := jsontext.NewDecoder(bytes.NewReader(c.body), jsontext.AllowDuplicateNames(true)); d.StackDepth() <= n; {
			if _, err := d.ReadToken(); err != nil {
				return false
			}
		}
		return true
	}
}

// anyText matches a JSON string that is not empty.
const anyText = `^"[^"]`

func repeatsKey(c *call) bool {
	_, err := jsontext.NewDecoder(bytes.NewReader(c.body)).ReadValue()
	return errors.Is(err, jsontext.ErrDuplicateName)
}

func hasUnknownParameter(c *call) bool {
	known := append(required(), "project", "projectFlow", "phoneGateway")
	return len(group.Where(known, func(name string) bool { return given(name)(c) })) < len(c.request.fields)
}

// Changes of how a validation is found and of which OTPs are right and in time.

func finding(f hook) change { return func(b *behaviour) { b.find.then(f) } }

// alsoFinding lets some calls find one of the token's own validations by another number, unless one of them has the number that
// was typed. Whether another registration's has it makes no difference: that is chance, as phones are handed out in sequence.
func alsoFinding(when check, f func(typed, own number) bool) change {
	return finding(func(c *call) {
		if c.validation != nil && c.validation.registration == c.registration {
			return
		}
		forEach(ownValidations, func(of *call) {
			if when(of) && f(number{of.request.countryCode, of.request.phone}, of.validation.number) {
				c.validation = of.validation
			}
		})(c)
	})
}

// findingPhone also finds validations whose phone is taken to be the same as the typed one.
func findingPhone(same func(typed, own string) bool) change {
	return alsoFinding(always, func(typed, own number) bool {
		return typed.countryCode == own.countryCode && same(typed.phone, own.phone)
	})
}

// findingCode does the same for the country code.
func findingCode(same func(typed, own string) bool) change {
	return alsoFinding(always, func(typed, own number) bool {
		return typed.phone == own.phone && same(typed.countryCode, own.countryCode)
	})
}

func settingScope(f check) change { return func(b *behaviour) { b.inScope = f } }

// accepting accepts further OTPs as right, acceptingOnly no others.
func accepting(f check) change { return func(b *behaviour) { b.otpMatches = b.otpMatches.or(f) } }

func acceptingOnly(f check) change { return func(b *behaviour) { b.otpMatches = f } }

// otpAsText compares the typed and the right OTP as texts.
func otpAsText(f func(typed, right string) bool) check {
	return func(c *call) bool { return f(c.request.otp, strconv.Itoa(c.validation.otp)) }
}

// otpFromPhone compares the typed OTP with digits of the phone; n is the length of an OTP or of the phone, whichever is less.
func otpFromPhone(f func(phone string, n int) string) check {
	return func(c *call) bool {
		phone := c.validation.number.phone
		return c.request.otp == strings.TrimLeft(f(phone, min(len(strconv.Itoa(c.validation.otp)), len(phone))), "0")
	}
}

// otpAsInteger compares the typed and the right OTP as integers; an OTP that is not an integer does not match.
func otpAsInteger(f func(typed, right int) bool) check {
	return func(c *call) bool {
		n, err := strconv.Atoi(c.request.otp)
		return err == nil && f(n, c.validation.otp)
	}
}

// otpOf accepts the right OTP of any of the given validations.
func otpOf(which func(*call) []*validation) check {
	return func(c *call) bool {
		return slices.ContainsFunc(which(c), func(v *validation) bool { return sameNumber(c.request.otp, v.otp) })
	}
}

// otpJSON matches the JSON of the typed OTP with a pattern, in which RIGHT stands for the right one.
func otpJSON(pattern string) check {
	return func(c *call) bool {
		return sent("otp", strings.ReplaceAll(pattern, "RIGHT", strconv.Itoa(c.validation.otp)))(c)
	}
}

// noNumber is the parameter that readingNonNumbers reads for an OTP that is not a number.
const noNumber = "no number"

// readingNonNumbers compares also OTPs that are not numbers, and accepts those whose JSON matches the pattern, as in otpJSON.
func readingNonNumbers(pattern string) change {
	value := sent("otp", `^([tf[{]|"[^"])`).or(sent("otp", pattern)) // null and "" count as missing unless the pattern is for them
	return all(reading(where(value, func(c *call) { c.request.otp = noNumber })), accepting(otpJSON(pattern)))
}

func otpIsNumber(c *call) bool { return numberLiteral(c.request.fields["otp"]) != "" }

// restrictingOTPs hands out only OTPs that f accepts.
func restrictingOTPs(f func(otp string) bool) change {
	return func(b *behaviour) { b.newOTP = until(b.newOTP, f) }
}

// asFloat returns the typed OTP as a float; NaN, which equals nothing, where it is not a number.
func asFloat(typed string) float64 {
	f, err := strconv.ParseFloat(typed, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// ignoringExpiry keeps some validations from expiring.
func ignoringExpiry(when check) change {
	return func(b *behaviour) { b.expired = b.expired.and(not(when)) }
}

// circumstance is a case in which a provider may behave differently: a flag was left on after a trial, or the call takes another
// path through the code.
type circumstance struct {
	words string // the beginning of a fault's Doc
	when  check
}

// circumstances returns all circumstances by the suffix of their faults' names.
func circumstances() map[string]circumstance {
	return map[string]circumstance{
		"for-codes-of-1-digit":   {"Under a country code of one digit", withCodeOf(1)},
		"for-codes-of-2-digits":  {"Under a country code of two digits", withCodeOf(2)},
		"by-sms":                 {"Where the delivery is by text message", deliveredBy("sms")},
		"by-whatsapp":            {"Where the delivery is by WhatsApp", deliveredBy("whatsapp")},
		"undelivered":            {"Where there is no delivery", deliveredBy("none")},
		"before-face-liveness":   {"Where face liveness is recommended", livenessRecommended},
		"where-notified":         {"Where a webhook is to be called", hasWebhook},
		"where-project-named":    {"Where the project is named", given("project")},
		"where-flow-named":       {"Where the project flow is named", given("projectFlow")},
		"where-flow-alone-named": {"Where the project flow is named and the project is not", given("projectFlow").and(not(given("project")))},
		"where-gateway-named":    {"Where the delivery method is named", given("phoneGateway")},
		"where-whatsapp-named":   {"Where WhatsApp is named as the delivery method", sent("phoneGateway", "whatsapp")},
		"where-none-named":       {"Where none is named as the delivery method", sent("phoneGateway", "none")},
		"where-all-named":        {"Where project, flow and delivery method are named", given("project").and(given("projectFlow")).and(given("phoneGateway"))},
		"where-phone-has-spaces": {"Where the phone has spaces", sent("phone", " ")},
		"after-a-wrong-otp":      {"After a wrong OTP", afterAttempts(1)},
		"after-two-wrong-otps":   {"After two wrong OTPs", afterAttempts(2)},

		"where-project-alone-named": {"Where the project is named and the project flow is not", given("project").and(not(given("projectFlow")))},
		"where-otp-comes-first":     {"Where the OTP is the first of the parameters", bodyLike(`^\s*\{\s*"otp"`)},
	}
}

func withCodeOf(digits int) check {
	return func(c *call) bool { return len(textOf(c.request.fields["countryCode"])) == digits+1 }
}

func deliveredBy(gateway string) check {
	return func(c *call) bool { return c.validation.gateway == gateway }
}

func livenessRecommended(c *call) bool { return c.validation.flow == LivenessFlow }

func hasWebhook(c *call) bool { return c.validation.webhookURL != "" }

func isExpired(c *call) bool { return !c.now.Before(c.validation.expires) }

func isValidated(c *call) bool { return c.validation.status == statusValidated }

// afterAttempts checks that at least n wrong OTPs have been typed for the validation.
func afterAttempts(n int) check { return func(c *call) bool { return c.validation.attempts >= n } }

// Changes of the verdict at the end.

// concluding does something after the records are updated, when the verdict can still be changed.
func concluding(f hook) change { return func(b *behaviour) { b.conclude.then(f) } }

// judgingEveryNth gives every nth call a verdict instead of its own.
func judgingEveryNth(n int64, instead verdict) change {
	var calls int64
	return judgingAs(func(*call) bool { calls++; return calls%n == 0 }, instead)
}

// refusingAnotherSpelling finds nothing if the phone is written otherwise than with the wrong OTP before.
func refusingAnotherSpelling() change {
	before := map[string]string{} // by validation
	return concluding(func(c *call) {
		typed := string(c.request.fields["phone"])
		switch c.verdict {
		case wrongOTP:
			before[c.validation.id] = typed
		case passed:
			if spelt, ok := before[c.validation.id]; ok && spelt != typed {
				c.verdict = notFound
			}
		}
	})
}

func limitingAttempts(n int) change { return func(b *behaviour) { b.maxAttempts = n } }

// limitingAttemptsOfAnyone checks nothing more of what is typed for a phone once n wrong OTPs were typed for it, with whatever token
// and under whatever country code. What is typed as text or names another project counts as well.
func limitingAttemptsOfAnyone(n int) change {
	typedFor := func(c *call) *validation {
		ofPhone := c.records.phones[c.behaviour.cleanPhone(textOf(c.request.fields["phone"]))]
		if len(ofPhone) == 0 {
			return nil
		}
		return ofPhone[len(ofPhone)-1]
	}
	return func(b *behaviour) {
		b.authenticate.then(func(c *call) {
			if v := typedFor(c); v != nil && v.attempts >= n {
				c.verdict = tooManyAttempts
			}
		})
		b.conclude.then(where(given("otp").and(not(answersTo(wrongOTP))), func(c *call) { // a wrongOTP is counted already
			typed := strings.Trim(string(c.request.fields["otp"]), `"`)
			if v := typedFor(c); v != nil && !sameNumber(typed, v.otp) {
				v.attempts++
			}
		}))
	}
}

// ifValidated sets the verdict about a validation that is validated already.
func ifValidated(v verdict) change { return func(b *behaviour) { b.ifValidated = v } }
