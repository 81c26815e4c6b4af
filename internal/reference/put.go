package reference

import (
	"errors"
	"net/http"
	"time"
)

// call is one PUT on its way through the provider.
type call struct {
	*Provider
	w            http.ResponseWriter
	r            *http.Request
	now          time.Time
	body         []byte
	request      request
	missing      []string
	registration *registration // the token's
	anyone       bool          // no token was asked for: never with a faithful provider
	found        bool
	validation   validation  // the one that was found, as it is after the verdict
	event        string      // suffix of the webhook that follows, "" for none
	network      func(*call) // answers in the provider's place: of phones with a fixed behaviour only
}

func (p *Provider) putValidation(w http.ResponseWriter, r *http.Request) {
	c := &call{Provider: p, w: w, r: r, now: p.now()}
	b := &p.behaviour
	body, release, err := p.readBody(r, maxBody)
	defer release()
	c.body = body
	brokenOff := err != nil && !errors.Is(err, errTooLarge) && !errors.Is(err, errBusy)
	if brokenOff || !b.arrive(c) {
		panic(http.ErrAbortHandler) // how net/http is told to close the connection without an answer
	}
	v := tooLarge
	switch {
	case errors.Is(err, errBusy):
		v = busy
	case err == nil:
		v = c.decide()
	}
	v = b.conclude(c, v)
	if c.network != nil {
		c.network(c)
		return
	}
	a := c.answer(v)
	b.edit(c, &a)
	a.bytes = appendJSON(make([]byte, 0, 256), a.body)
	b.finish(c, &a)
	b.send(c, &a)
	if c.event != "" {
		p.announce(c.event, &c.validation)
	}
}

// decide goes through the documented conditions in order and leaves what it learnt in the call.
func (c *call) decide() verdict {
	b := &c.behaviour
	if !b.lateToken {
		if v := b.authenticate(c); v != passed {
			return v
		}
	}
	fields, ok := parse(c.body)
	if !ok {
		return malformed
	}
	q := &c.request
	q.fields = fields
	q.phone = b.readText(c, "phone")
	q.countryCode = b.readText(c, "countryCode")
	q.otp = b.readOTP(c, fields["otp"])
	q.project = optional(fields["project"])
	q.flow = optional(fields["projectFlow"])
	q.gateway = optional(fields["phoneGateway"])
	if v := b.examine(c); v != passed {
		return v
	}
	if c.missing = b.missing(q); len(c.missing) > 0 {
		return missingParameter
	}
	if !b.codeFits(q.countryCode) {
		return badCountryCode
	}
	if v := b.checkOption(c); v != passed {
		return v
	}
	if b.lateToken {
		if v := b.authenticate(c); v != passed {
			return v
		}
	}
	q.phone = b.cleanPhone(q.phone)
	if c.demo != nil && c.registration == c.demo {
		return c.fixed()
	}
	return c.judge()
}

// judge finds the validation, decides and keeps what follows from it, all under one lock: of twenty right OTPs at
// once one is the first.
func (c *call) judge() verdict {
	b := &c.behaviour
	c.records.mu.Lock()
	defer c.records.mu.Unlock()
	v := b.find(c)
	if v == nil {
		return notFound
	}
	outcome := b.weigh(c, v)
	events := [verdicts]string{passed: eventValidated, wrongOTP: eventOTPIncorrect, hasExpired: eventExpired, tooManyAttempts: eventFailed}
	if outcome != passed || v.status != statusValidated {
		c.event = events[outcome]
	}
	if effect := b.effects[outcome]; effect != nil {
		effect(c, v)
	}
	c.found, c.validation = true, *v
	return outcome
}

func (b *behaviour) weigh(c *call, v *validation) verdict {
	switch {
	case !b.belongs(c, v):
		return otherRegistration
	case !b.narrows(c, v):
		return otherProject
	case v.status == statusValidated && b.again != passed:
		return b.again
	case b.attempts > 0 && v.attempts >= b.attempts:
		return tooManyAttempts
	}
	expired := b.expired(c, v)
	switch {
	case expired && !b.otpFirst:
		return hasExpired
	case !b.matches(c, v):
		return wrongOTP
	case expired:
		return hasExpired
	}
	return passed
}

// answer puts a verdict into the documented words.
func (c *call) answer(v verdict) answer {
	b := &c.behaviour
	a := answer{verdict: v, mediaType: b.mediaType}
	if v == passed {
		a.status = http.StatusOK
		a.body = object{{"data", object{
			{"_id", c.validation.id},
			{"status", c.validation.status},
			{"countryCode", c.validation.number.countryCode},
			{"phone", c.validation.number.phone},
			{"type", c.validation.kind},
			{"showFaceLivenessRecommendation", b.recommends(c.validation.flow)},
		}}}
		return a
	}
	r := b.refusals[v]
	if v == missingParameter {
		r.message = joined("\n. ")(c.missing)
	}
	a.status = r.status
	a.body = object{{"code", r.code}, {"message", r.message}}
	return a
}
