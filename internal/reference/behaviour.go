package reference

import (
	"math/rand/v2"
	"time"
)

// behaviour holds every decision that the endpoint makes. Those of faithful are the documented ones; a fault or a
// variant changes some of them.
type behaviour struct {
	// The call. The records are locked from authenticate to conclude.
	arrive       hook
	authenticate hook // sets call.registration
	tokenLast    bool // check the token after the parameters

	// The request.
	read       hook
	complete   hook // decides whether the parameters are complete and of the documented form
	cleanPhone func(string) string

	// The validation.
	find               hook // sets call.validation
	isOwn              check
	inScope            check
	ifValidated        verdict // of a validation that is validated already; passed: it is treated like any other
	maxAttempts        int     // how many wrong OTPs are allowed; 0: no limit
	expired            check
	otpMatches         check
	recommendsLiveness func(flow string) bool

	conclude hook // updates the records; may still change the verdict

	// The answer.
	editFields hook // changes it before it is encoded
	editBytes  hook // changes the encoded bytes
	send       hook

	// The webhooks.
	events      func(event) []event // which webhooks a call's event causes
	deliver     func(*delivery)     // changes a webhook before it is posted
	createdLate time.Duration       // the delay of the webhook of a creation

	// Everything else.
	newID            func() string
	randomBelow      func(n int) int // a number below n
	newOTP           func() int
	otpDigits        int
	readStatus       func(*validation) string // as the read-back shows it
	showLink         func(*registration, bool) any
	http2            bool
	limitsOtherPaths bool // the first call to each other address is answered 429
}

// faithful returns the behaviour of the plain provider.
func faithful() behaviour {
	return behaviour{
		arrive:       nothing,
		authenticate: ownToken,
		read:         (*call).read,
		complete:     (*call).complete,
		cleanPhone:   withoutSpaces,

		find:               func(c *call) { c.validation = c.records.ofNumber(number{c.request.countryCode, c.request.phone}) },
		isOwn:              func(c *call) bool { return c.validation.registration == c.registration },
		inScope:            inProjectAndFlow,
		ifValidated:        notFound,
		expired:            isExpired,
		otpMatches:         otpIsRight,
		recommendsLiveness: func(flow string) bool { return flow == LivenessFlow },

		conclude: updateRecords,

		editFields: nothing,
		editBytes:  nothing,
		send:       send,

		events:  func(e event) []event { return []event{e} },
		deliver: func(*delivery) {},

		newID:       newHexID,
		randomBelow: rand.IntN,
		readStatus:  func(v *validation) string { return v.status },
		showLink:    linkOf,
	}
}

// hook does something at one point of a call's way through the provider.
type hook func(*call)

func nothing(*call) {}

// then makes a hook do something more, afterwards.
func (f *hook) then(next hook) {
	first := *f
	*f = func(c *call) {
		first(c)
		next(c)
	}
}

// check reports whether something is true of a call.
type check func(*call) bool

func (f check) and(g check) check { return func(c *call) bool { return f(c) && g(c) } }

func (f check) or(g check) check { return func(c *call) bool { return f(c) || g(c) } }

func always(*call) bool { return true }

func not(f check) check { return func(c *call) bool { return !f(c) } }

// where returns f for the calls that a check holds for.
func where(when check, f hook) hook {
	return func(c *call) {
		if when(c) {
			f(c)
		}
	}
}

func ownToken(c *call) {
	if c.registration = c.records.tokens[c.token]; c.demo != nil && c.token == DemoToken {
		c.registration = c.demo
	}
	if c.registration == nil {
		c.verdict = unauthorised
	}
}

func inProjectAndFlow(c *call) bool { return ofProject(c) && ofFlow(c) }

func ofProject(c *call) bool {
	return c.request.project == "" || c.request.project == c.validation.project
}

func ofFlow(c *call) bool { return c.request.flow == "" || c.request.flow == c.validation.flow }

func otpIsRight(c *call) bool { return sameNumber(c.request.otp, c.validation.otp) }

// updateRecords updates the records after a verdict.
func updateRecords(c *call) {
	switch {
	case c.validation == nil: // nothing was found
	case c.verdict == passed:
		markAndLink(c)
	case c.verdict == wrongOTP:
		countAttempt(c)
	}
}

func markAndLink(c *call) {
	v := c.validation
	v.status, v.updated = statusValidated, c.now
	v.registration.linked = v.id
	v.registration.status, v.registration.updated = "ONGOING", c.now
}

func countAttempt(c *call) { c.validation.attempts++ }
