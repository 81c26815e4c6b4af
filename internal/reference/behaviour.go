package reference

import (
	"math/rand/v2"
	"time"
)

// behaviour is every decision of the endpoint under contract, each under a name of its own. faithful keeps the
// documentation; a fault or a variant is a change to one of them.
type behaviour struct {
	// Of the call. All that is decided from authenticate to conclude is while the records are locked.
	arrive       hook
	authenticate hook // sets call.registration
	lateToken    bool // the token is looked at after the parameters

	// Of the request.
	read       hook
	complete   hook // decides whether the parameters are complete and of the documented form
	cleanPhone func(string) string

	// Of the validation.
	find       hook // sets call.validation
	belongs    check
	narrows    check
	again      verdict // for one that was validated before; passed goes on as for any other
	attempts   int     // wrong OTPs before no more is looked at; 0: no limit
	expired    check
	matches    check
	recommends func(flow string) bool

	conclude hook // keeps what follows, and has the last word

	// Of the answer.
	edit   hook // before it is written as JSON
	finish hook // after
	send   hook

	// Of what follows.
	events      func(event) []event // that are notified of what a call did
	deliver     func(*delivery)     // before one of them is posted
	createdLate time.Duration       // how much later a creation is notified

	// Of the rest.
	newID      func() string
	draw       func(n int) int // a number below n
	newOTP     func() int
	otpDigits  int
	readStatus func(*validation) string // as the read-back shows it
	showLink   func(*registration, bool) any
	http2      bool
	limitsRest bool // calls that are not the endpoint's are answered 429 at first
}

// faithful is the plain provider.
func faithful() behaviour {
	return behaviour{
		arrive:       nothing,
		authenticate: ownToken,
		read:         (*call).read,
		complete:     (*call).complete,
		cleanPhone:   withoutSpaces,

		find:       func(c *call) { c.validation = c.records.ofNumber(number{c.request.countryCode, c.request.phone}) },
		belongs:    func(c *call) bool { return c.validation.registration == c.registration },
		narrows:    narrows,
		again:      notFound,
		expired:    func(c *call) bool { return !c.now.Before(c.validation.expires) },
		matches:    typedRight,
		recommends: func(flow string) bool { return flow == LivenessFlow },

		conclude: keep,

		edit:   nothing,
		finish: nothing,
		send:   send,

		events:  func(e event) []event { return []event{e} },
		deliver: func(*delivery) {},

		newID:      newHexID,
		draw:       rand.IntN,
		readStatus: func(v *validation) string { return v.status },
		showLink:   linkAsAsked,
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

// check is a decision about a call, and a case in which it may differ from others.
type check func(*call) bool

func (f check) and(g check) check { return func(c *call) bool { return f(c) && g(c) } }

func (f check) or(g check) check { return func(c *call) bool { return f(c) || g(c) } }

func always(*call) bool { return true }

func not(f check) check { return func(c *call) bool { return !f(c) } }

// where lets something happen in some cases.
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

// codeFits: + and 1 to 3 digits. Without a pattern, because its \d and $ are where others slip.
func codeFits(code string) bool {
	return len(code) >= 2 && len(code) <= 4 && code[0] == '+' && onlyDigits(code[1:])
}

func narrows(c *call) bool { return ofProject(c) && ofFlow(c) }

func ofProject(c *call) bool {
	return c.request.project == "" || c.request.project == c.validation.project
}

func ofFlow(c *call) bool { return c.request.flow == "" || c.request.flow == c.validation.flow }

func typedRight(c *call) bool { return sameNumber(c.request.otp, c.validation.otp) }

// keep changes the records as a verdict says.
func keep(c *call) {
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
