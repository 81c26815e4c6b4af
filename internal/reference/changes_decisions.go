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

// Of the request.

// arriving lets something happen before a request is looked at.
func arriving(f hook) change { return func(b *behaviour) { b.arrive.then(f) } }

// reading changes what the parameters are read as; "" is one that is missing.
func reading(f hook) change { return func(b *behaviour) { b.read.then(f) } }

// codesFit takes further country codes: those that a pattern matches.
func codesFit(pattern string) change {
	return anyCodeFits(func(c *call) bool { return regexp.MustCompile(pattern).MatchString(c.request.countryCode) })
}

// anyCodeFits takes any country code in some cases.
func anyCodeFits(when check) change { return completing(answersTo(badCountryCode).and(when), passed) }

func cleaning(f func(phone string) string) change { return func(b *behaviour) { b.cleanPhone = f } }

// examining gives calls a verdict of their own, whatever else is wrong with them.
func examining(v verdict, when check) change {
	return reading(where(check(successes).and(when), deciding(v)))
}

// refusing gives calls a verdict of their own once their parameters are complete.
func refusing(v verdict, when check) change { return completing(check(successes).and(when), v) }

// completing changes what is decided about the parameters.
func completing(when check, v verdict) change {
	return func(b *behaviour) { b.complete.then(where(when, deciding(v))) }
}

func deciding(v verdict) hook { return func(c *call) { c.verdict = v } }

// lacking says that a parameter is missing, once those that have to be there are complete.
func lacking(name string, when check) change {
	return refusing(missingParameter, func(c *call) bool {
		c.missing = []string{name}
		return when(c)
	})
}

// What a request is like.

// given is a parameter that a request has, sent one that it has as JSON that a pattern matches.
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

func nestedDeeperThan(n int) check { return func(c *call) bool { return depthOf(c.body) > n } }

// anyText is JSON of a text that is not empty.
const anyText = `^"[^"]`

func repeatsKey(c *call) bool {
	_, err := jsontext.NewDecoder(bytes.NewReader(c.body)).ReadValue()
	return errors.Is(err, jsontext.ErrDuplicateName)
}

func hasUnknownParameter(c *call) bool {
	known := append(required(), "project", "projectFlow", "phoneGateway")
	return len(group.Where(known, func(name string) bool { return given(name)(c) })) < len(c.request.fields)
}

// depthOf returns how deep arrays and objects lie in each other.
func depthOf(body []byte) int {
	deepest := 0
	for d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true)); ; {
		if _, err := d.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, d.StackDepth())
	}
}

// Of the validation: whether it is found, whether the OTP is the right one, and whether it is in time.

func finding(f hook) change { return func(b *behaviour) { b.find.then(f) } }

// alsoFinding takes one of the token's own validations for the one that is sought, in some cases, where none of its own has that
// number: whether somebody else's has it is chance, where phones are given out one after the other.
func alsoFinding(when check, f func(typed, own number) bool) change {
	return finding(func(c *call) {
		if c.validation != nil && c.validation.registration == c.registration {
			return
		}
		toEach(own, func(of *call) {
			if when(of) && f(number{of.request.countryCode, of.request.phone}, of.validation.number) {
				c.validation = of.validation
			}
		})(c)
	})
}

// findingPhone also finds those whose phone is like the one that is typed.
func findingPhone(same func(typed, own string) bool) change {
	return alsoFinding(always, func(typed, own number) bool {
		return typed.countryCode == own.countryCode && same(typed.phone, own.phone)
	})
}

// findingCode also finds those whose country code is like the one that is typed.
func findingCode(same func(typed, own string) bool) change {
	return alsoFinding(always, func(typed, own number) bool {
		return typed.phone == own.phone && same(typed.countryCode, own.countryCode)
	})
}

func narrowing(f check) change { return func(b *behaviour) { b.narrows = f } }

// accepting takes what is typed for the right OTP in further cases, acceptingOnly in no others.
func accepting(f check) change { return func(b *behaviour) { b.matches = b.matches.or(f) } }

func acceptingOnly(f check) change { return func(b *behaviour) { b.matches = f } }

// digits compares what is typed with the right OTP as texts.
func digits(f func(typed, right string) bool) check {
	return func(c *call) bool { return f(c.request.otp, strconv.Itoa(c.validation.otp)) }
}

// ofPhone compares what is typed with digits of the phone, as many as an OTP has at most.
func ofPhone(f func(phone string, n int) string) check {
	return func(c *call) bool {
		phone := c.validation.number.phone
		return c.request.otp == strings.TrimLeft(f(phone, min(len(strconv.Itoa(c.validation.otp)), len(phone))), "0")
	}
}

// integers compares what is typed with the right OTP where it is a whole number.
func integers(f func(typed, right int) bool) check {
	return func(c *call) bool {
		n, err := strconv.Atoi(c.request.otp)
		return err == nil && f(n, c.validation.otp)
	}
}

// otpOf takes the right OTPs of other validations for this one's.
func otpOf(which func(*call) []*validation) check {
	return func(c *call) bool {
		return slices.ContainsFunc(which(c), func(v *validation) bool { return sameNumber(c.request.otp, v.otp) })
	}
}

// written matches the JSON of an OTP with a pattern in which RIGHT is the right one.
func written(pattern string) check {
	return func(c *call) bool {
		return sent("otp", strings.ReplaceAll(pattern, "RIGHT", strconv.Itoa(c.validation.otp)))(c)
	}
}

// noNumber is what takingValues reads for an OTP that is no number.
const noNumber = "no number"

// takingValues lets an OTP that is no number through to where OTPs are compared, and takes it for the right one where it is
// so written.
func takingValues(pattern string) change {
	value := sent("otp", `^([tf[{]|"[^"])`).or(sent("otp", pattern)) // null and "" are missing for whoever does not take them
	return all(reading(where(value, func(c *call) { c.request.otp = noNumber })), accepting(written(pattern)))
}

func typedNumber(c *call) bool { return numberLiteral(c.request.fields["otp"]) != "" }

// drawing makes no OTPs but those that f takes.
func drawing(f func(otp string) bool) change {
	return func(b *behaviour) { b.newOTP = until(b.newOTP, f) }
}

// parsed is what is typed as a number with a fraction; NaN equals nothing.
func parsed(typed string) float64 {
	f, err := strconv.ParseFloat(typed, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// unexpiring lets validations live on in some cases.
func unexpiring(when check) change {
	return func(b *behaviour) { b.expired = b.expired.and(not(when)) }
}

// circumstance is a case in which a provider may decide otherwise than in all others: a flag of a trial was left on, or the call
// goes another way through its code.
type circumstance struct {
	words string // begin the sentence about a fault
	when  check
}

// circumstances returns them by what the names of their faults end in.
func circumstances() map[string]circumstance {
	return map[string]circumstance{
		"for-codes-of-1-digit":   {"Under a country code of one digit", withCodeOf(1)},
		"for-codes-of-2-digits":  {"Under a country code of two digits", withCodeOf(2)},
		"by-sms":                 {"Where the delivery is by text message", sentBy("sms")},
		"by-whatsapp":            {"Where the delivery is by WhatsApp", sentBy("whatsapp")},
		"undelivered":            {"Where there is no delivery", sentBy("none")},
		"before-face-liveness":   {"Where face liveness is recommended", beforeLiveness},
		"where-notified":         {"Where a webhook is to be called", notified},
		"where-project-named":    {"Where the project is named", given("project")},
		"where-flow-named":       {"Where the project flow is named", given("projectFlow")},
		"where-gateway-named":    {"Where the delivery method is named", given("phoneGateway")},
		"where-phone-has-spaces": {"Where the phone has spaces", sent("phone", " ")},
		"after-a-wrong-otp":      {"After a wrong OTP", attempted(1)},
	}
}

func withCodeOf(digits int) check {
	return func(c *call) bool { return len(textOf(c.request.fields["countryCode"])) == digits+1 }
}

func sentBy(gateway string) check {
	return func(c *call) bool { return c.validation.gateway == gateway }
}

func beforeLiveness(c *call) bool { return c.validation.flow == LivenessFlow }

func notified(c *call) bool { return c.validation.webhookURL != "" }

func validatedBefore(c *call) bool { return c.validation.status == statusValidated }

// attempted is a validation for which so many wrong OTPs were typed, or more.
func attempted(n int) check { return func(c *call) bool { return c.validation.attempts >= n } }

// Of the end.

// concluding lets f have the last word.
func concluding(f hook) change { return func(b *behaviour) { b.conclude.then(f) } }

// everyNth gives every nth call a verdict, whatever it deserves.
func everyNth(n int64, instead verdict) change {
	var calls int64
	return mistaken(func(*call) bool { calls++; return calls%n == 0 }, instead)
}

func attemptsLimit(n int) change { return func(b *behaviour) { b.attempts = n } }

// again is the verdict about a validation that was validated before.
func again(v verdict) change { return func(b *behaviour) { b.again = v } }
