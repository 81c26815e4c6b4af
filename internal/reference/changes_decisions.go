package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// Of the request.

// unnoticed overlooks that a parameter is missing.
func unnoticed(name string) change {
	return func(b *behaviour) {
		before := b.missing
		b.missing = func(q *request) []string {
			return slices.DeleteFunc(before(q), func(n string) bool { return n == name })
		}
	}
}

// codesFit takes further country codes.
func codesFit(f func(string) bool) change {
	return func(b *behaviour) {
		before := b.codeFits
		b.codeFits = func(code string) bool { return before(code) || f(code) }
	}
}

func cleaning(f func(phone string) string) change { return func(b *behaviour) { b.cleanPhone = f } }

// reading changes what phone or country code is read as: text is what it is read as else, "" where it is missing.
func reading(name string, f func(text string, value json.RawMessage) string) change {
	return func(b *behaviour) {
		before := b.readText
		b.readText = func(c *call, key string) string {
			if key == name {
				return f(before(c, key), c.request.fields[key])
			}
			return before(c, key)
		}
	}
}

// readingOTP also takes an OTP of another type: f returns the number that it stands for, "" for none.
func readingOTP(f func(json.RawMessage) string) change {
	return func(b *behaviour) {
		before := b.readOTP
		b.readOTP = func(c *call, value json.RawMessage) string { return cmp.Or(before(c, value), f(value)) }
	}
}

// readingOTPText also takes a text, as what f makes of it, where that is digits.
func readingOTPText(f func(string) string) change {
	return readingOTP(func(value json.RawMessage) string {
		if s := f(textOf(value)); onlyDigits(s) {
			return s
		}
		return ""
	})
}

// takingOTP takes a value of another type for the right OTP where f says so.
func takingOTP(f func(json.RawMessage) bool) change {
	const right = "right"
	return all(
		readingOTP(func(value json.RawMessage) string {
			if f(value) {
				return right
			}
			return ""
		}),
		accepting(func(c *call, _ *validation) bool { return c.request.otp == right }))
}

// examining gives calls a verdict of their own, whatever else is wrong with them.
func examining(v verdict, f func(*call) bool) change {
	return func(b *behaviour) { b.examine = verdictWhere(v, f) }
}

// refusing gives calls a verdict of their own, once their parameters are complete.
func refusing(v verdict, f func(*call) bool) change {
	return func(b *behaviour) { b.checkOption = verdictWhere(v, f) }
}

// lacking says that a parameter is missing, once those that have to be there are complete.
func lacking(name string, f func(*call) bool) change {
	return refusing(missingParameter, func(c *call) bool {
		c.missing = []string{name}
		return f(c)
	})
}

func verdictWhere(v verdict, f func(*call) bool) func(*call) verdict {
	return func(c *call) verdict {
		if f(c) {
			return v
		}
		return passed
	}
}

// What a request is like.

func phoneHas(part string) func(*call) bool {
	return func(c *call) bool { return strings.Contains(c.request.phone, part) }
}

func otpIsText(c *call) bool { return textOf(c.request.fields["otp"]) != "" }

func repeatsKey(c *call) bool {
	_, err := jsontext.NewDecoder(bytes.NewReader(c.body)).ReadValue()
	return errors.Is(err, jsontext.ErrDuplicateName)
}

func hasUnknownParameter(c *call) bool {
	for name := range c.request.fields {
		if !slices.Contains(parameters(), name) {
			return true
		}
	}
	return false
}

// parameters returns the documented ones.
func parameters() []string { return append(required(), "project", "projectFlow", "phoneGateway") }

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

func (c *call) given(name string) bool { return len(c.request.fields[name]) > 0 }

// Of the validation: whether it is found, whether the OTP is the right one, and whether it is in time.

// alsoFinding takes one of the token's own validations for the one that is sought, where none of its own has that number: whether
// somebody else's has it is chance, where phones are given out one after the other.
func alsoFinding(f func(typed, own number) bool) change {
	return func(b *behaviour) {
		before := b.find
		b.find = func(c *call) *validation {
			sought := before(c)
			if c.registration == nil || sought != nil && sought.registration == c.registration {
				return sought
			}
			for _, v := range c.registration.validations {
				if f(number{c.request.countryCode, c.request.phone}, v.number) {
					return v
				}
			}
			return sought
		}
	}
}

func narrowing(f check) change { return func(b *behaviour) { b.narrows = f } }

// accepting takes what is typed for the right OTP in further cases, acceptingOnly in no others.
func accepting(f check) change { return func(b *behaviour) { b.matches = either(b.matches, f) } }

func acceptingOnly(f check) change { return func(b *behaviour) { b.matches = f } }

func either(f, g check) check {
	return func(c *call, v *validation) bool { return f(c, v) || g(c, v) }
}

// digits compares what is typed with the right OTP as texts.
func digits(f func(typed, right string) bool) check {
	return func(c *call, v *validation) bool { return f(c.request.otp, strconv.Itoa(v.otp)) }
}

// whole compares what is typed with the right OTP where it is a whole number.
func whole(f func(typed, right int) bool) check {
	return func(c *call, v *validation) bool {
		n, err := strconv.Atoi(c.request.otp)
		return err == nil && f(n, v.otp)
	}
}

// drawing makes no OTPs but those that f takes.
func drawing(f func(otp string) bool) change {
	return func(b *behaviour) {
		draw := b.newOTP
		b.newOTP = func() int {
			for {
				if otp := draw(); f(strconv.Itoa(otp)) {
					return otp
				}
			}
		}
	}
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
func unexpiring(f check) change {
	return func(b *behaviour) {
		before := b.expired
		b.expired = func(c *call, v *validation) bool { return before(c, v) && !f(c, v) }
	}
}

// Cases in which a decision may differ from the others.

func always(*call, *validation) bool { return true }

func never(*call, *validation) bool { return false }

func withCodeOf(digits int) check {
	return func(_ *call, v *validation) bool { return len(v.number.countryCode) == digits+1 }
}

func sentBy(gateway string) check {
	return func(_ *call, v *validation) bool { return v.gateway == gateway }
}

func spacedPhone(c *call, _ *validation) bool {
	return strings.Contains(textOf(c.request.fields["phone"]), " ")
}

func beforeLiveness(_ *call, v *validation) bool { return v.flow == LivenessFlow }

func naming(parameter string) check {
	return func(c *call, _ *validation) bool { return c.given(parameter) }
}

// Of the end.

// concluding lets f have the last word.
func concluding(f func(*call, verdict) verdict) change {
	return func(b *behaviour) {
		before := b.conclude
		b.conclude = func(c *call, v verdict) verdict { return f(c, before(c, v)) }
	}
}

// everyNth gives every nth call a verdict, whatever it deserves.
func everyNth(n int64, instead verdict) change {
	var calls atomic.Int64
	return concluding(func(_ *call, v verdict) verdict {
		if calls.Add(1)%n == 0 {
			return instead
		}
		return v
	})
}

func attemptsLimit(n int) change { return func(b *behaviour) { b.attempts = n } }

// again is the verdict about a validation that was validated before.
func again(v verdict) change { return func(b *behaviour) { b.again = v } }
