package reference

import (
	"encoding/json"
	"strings"
)

// behaviour is every decision of the endpoint under contract, each under a name of its own. faithful keeps the
// documentation; a fault or a variant is a change to one of them.
type behaviour struct {
	// Of the call.
	arrive       func(*call) bool    // false: close the connection without an answer
	authenticate func(*call) verdict // sets call.registration or call.anyone
	lateToken    bool                // the token is looked at after the parameters

	// Of the request.
	readText    func(*call, string) string // phone or countryCode
	readOTP     func(*call, json.RawMessage) string
	examine     func(*call) verdict // of the parameters as they came
	missing     func(*request) []string
	codeFits    func(string) bool
	checkOption func(*call) verdict // of those that are optional
	cleanPhone  func(string) string

	// Of the validation. These run while the records are locked.
	find       func(*call) *validation
	belongs    check
	narrows    check
	again      verdict // for one that was validated before; passed goes on as for any other
	attempts   int     // wrong OTPs before no more is looked at; 0: no limit
	otpFirst   bool    // the OTP is looked at before expiry
	expired    check
	matches    check
	effects    [verdicts]effect
	recommends func(flow string) bool

	conclude func(*call, verdict) verdict // the last word

	// Of the answer.
	refusals  [verdicts]refusal
	mediaType string
	edit      func(*call, *answer) // before it is written as JSON
	finish    func(*call, *answer) // after
	send      func(*call, *answer)

	// Of what follows.
	deliveries func(event) []delivery

	// Of the rest.
	newID      func() string
	newOTP     func() int
	otpDigits  int
	readStatus func(*validation) string // as the read-back shows it
	showLink   func(*registration, bool) any
	http2      bool
	limitsRest bool // calls that are not the endpoint's are answered 429 at first
}

// check is a decision about the validation that a call has found.
type check = func(*call, *validation) bool

// effect is what a call does to a validation.
type effect = func(*call, *validation)

// faithful is the plain provider.
func faithful() behaviour {
	nothing := func(*call) verdict { return passed }
	unchanged := func(*call, *answer) {}
	return behaviour{
		arrive:       func(*call) bool { return true },
		authenticate: ownToken,
		readText:     func(c *call, key string) string { return textOf(c.request.fields[key]) },
		readOTP:      func(_ *call, value json.RawMessage) string { return numberLiteral(value) },
		examine:      nothing,
		missing:      missingOf,
		codeFits:     codeFits,
		checkOption:  nothing,
		cleanPhone:   withoutSpaces,

		find:       func(c *call) *validation { return c.records.numbers[number{c.request.countryCode, c.request.phone}] },
		belongs:    func(c *call, v *validation) bool { return c.anyone || v.registration == c.registration },
		narrows:    narrows,
		again:      notFound,
		expired:    func(c *call, v *validation) bool { return !c.now.Before(v.expires) },
		matches:    func(c *call, v *validation) bool { return sameNumber(c.request.otp, v.otp) },
		effects:    [verdicts]effect{passed: markAndLink, wrongOTP: countAttempt},
		recommends: func(flow string) bool { return flow == LivenessFlow },
		conclude:   func(_ *call, v verdict) verdict { return v },

		refusals:  documentedRefusals(),
		mediaType: "application/json",
		edit:      unchanged,
		finish:    unchanged,
		send:      send,

		deliveries: oneDelivery,

		newID:      newHexID,
		newOTP:     newOTP,
		otpDigits:  6,
		readStatus: func(v *validation) string { return v.status },
		showLink:   linkAsAsked,
	}
}

func ownToken(c *call) verdict {
	token := bearer(c.r.Header.Get("Authorization"))
	if c.registration = c.ofToken(token); c.demo != nil && token == DemoToken {
		c.registration = c.demo
	}
	if c.registration == nil {
		return unauthorised
	}
	return passed
}

// ofToken returns the registration whose token it is, nil for none.
func (p *Provider) ofToken(token string) *registration {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	return p.records.tokens[token]
}

// required returns the parameters that a call has to have, in the order in which the documentation names them.
func required() []string { return []string{"phone", "countryCode", "otp"} }

func missingOf(r *request) []string {
	var names []string
	for i, value := range []string{strings.Trim(r.phone, " "), r.countryCode, r.otp} {
		if value == "" {
			names = append(names, required()[i])
		}
	}
	return names
}

// codeFits: + and 1 to 3 digits. Without a pattern, because its \d and $ are where others slip.
func codeFits(code string) bool {
	return len(code) >= 2 && len(code) <= 4 && code[0] == '+' && onlyDigits(code[1:])
}

func narrows(c *call, v *validation) bool { return ofProject(c, v) && ofFlow(c, v) }

func ofProject(c *call, v *validation) bool {
	return c.request.project == "" || c.request.project == v.project
}

func ofFlow(c *call, v *validation) bool { return c.request.flow == "" || c.request.flow == v.flow }

func markAndLink(c *call, v *validation) {
	v.status, v.updated = statusValidated, c.now
	v.registration.linked = v.id
	v.registration.status, v.registration.updated = "ONGOING", c.now
}

func countAttempt(_ *call, v *validation) { v.attempts++ }
