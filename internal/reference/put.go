package reference

import (
	"net/http"
	"time"
)

// call is one PUT on its way through the provider.
type call struct {
	*Provider
	w             http.ResponseWriter
	r             *http.Request
	now           time.Time
	authorization string
	token         string // the bearer in it
	body          []byte
	malformed     bool // the body is not a JSON object
	request       request
	missing       []string      // names of parameters
	registration  *registration // of the token
	validation    *validation   // the one found: the record itself within decideAndUpdate, a copy afterwards
	verdict       verdict
	answer        answer
	event         string // suffix of the webhook that follows; "" for none
	send          hook   // the behaviour's, or that of a fixed phone
}

func (p *Provider) putValidation(w http.ResponseWriter, r *http.Request) {
	b := &p.behaviour
	c := &call{Provider: p, w: w, r: r, now: p.now(), authorization: r.Header.Get("Authorization"), send: b.send}
	c.token = bearer(c.authorization)
	if c.body, c.verdict = readBody(r, maxBody); c.verdict == passed {
		b.arrive(c)
		c.request.fields, c.malformed = parse(c.body)
	}
	c.decideAndUpdate()
	c.compose()
	b.editFields(c)
	c.answer.bytes = encoded(c.answer.body)
	b.editBytes(c)
	if c.event != "" {
		p.postWebhooks(c.event, c.validation)
	}
	c.send(c)
}

// closeUnanswered closes the connection without an answer, by the panic that net/http has for it.
func closeUnanswered(*call) { panic(http.ErrAbortHandler) }

// decideAndUpdate reaches a verdict and updates the records under one lock, so that of twenty right OTPs at once one is the first.
func (c *call) decideAndUpdate() {
	c.records.mu.Lock()
	defer c.records.mu.Unlock()
	if c.verdict == passed {
		c.decide()
	}
	c.behaviour.conclude(c)
	if c.validation != nil {
		found := *c.validation
		c.validation = &found
	}
}

// decide checks the documented conditions in order, until one of them refuses the call.
func (c *call) decide() {
	b := &c.behaviour
	steps := []hook{b.authenticate, b.read, b.complete}
	if b.tokenLast {
		steps = append(steps[1:], b.authenticate)
	}
	for _, step := range append(steps, (*call).judge) {
		if step(c); c.verdict != passed {
			return
		}
	}
}

func (c *call) read() {
	if c.malformed {
		c.verdict = malformed
	}
	q := &c.request
	q.phone, q.countryCode, q.otp = textOf(q.fields["phone"]), textOf(q.fields["countryCode"]), numberLiteral(q.fields["otp"])
	q.project, q.flow, q.gateway = optional(q.fields["project"]), optional(q.fields["projectFlow"]), optional(q.fields["phoneGateway"])
}

func (c *call) complete() {
	if c.missing = c.request.missing(); len(c.missing) > 0 {
		c.verdict = missingParameter
	} else if !codeFits(c.request.countryCode) {
		c.verdict = badCountryCode
	}
}

// judge finds the validation and reaches the verdict about it.
func (c *call) judge() {
	b := &c.behaviour
	c.request.phone = b.cleanPhone(c.request.phone)
	if c.demo != nil && c.registration == c.demo {
		c.verdict = c.fixedVerdict()
		return
	}
	if b.find(c); c.validation == nil {
		c.verdict = notFound
		return
	}
	c.verdict = b.judgeFound(c)
	events := [verdicts]string{passed: eventValidated, wrongOTP: eventOTPIncorrect, hasExpired: eventExpired, tooManyAttempts: eventFailed}
	if c.verdict != passed || c.validation.status != statusValidated {
		c.event = events[c.verdict]
	}
}

func (b *behaviour) judgeFound(c *call) verdict {
	v := c.validation
	switch {
	case !b.isOwn(c):
		return otherRegistration
	case !b.inScope(c):
		return otherProject
	case v.status == statusValidated && b.ifValidated != passed:
		return b.ifValidated
	case b.maxAttempts > 0 && v.attempts >= b.maxAttempts:
		return tooManyAttempts
	case b.expired(c):
		return hasExpired
	case !b.otpMatches(c):
		return wrongOTP
	}
	return passed
}

// compose makes the documented answer to the verdict.
func (c *call) compose() {
	b, v := &c.behaviour, c.validation
	c.answer = answer{status: http.StatusOK, mediaType: "application/json"}
	if c.verdict != passed {
		r := documentedRefusals()[c.verdict]
		if c.verdict == missingParameter {
			r.message = joined("\n. ")(c.missing)
		}
		body := r.body()
		c.answer.status, c.answer.body = r.status, &body
		return
	}
	data := append(v.named(v.status), field{"showFaceLivenessRecommendation", b.recommendsLiveness(v.flow)})
	c.answer.data = &data
	c.answer.body = &object{{"data", c.answer.data}}
}
