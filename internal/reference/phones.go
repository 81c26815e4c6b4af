package reference

import (
	"net"
	"net/http"
	"slices"
	"time"

	"verifik-contract/internal/group"
)

// DemoToken is the bearer token of the fixed phones; DemoOTP is their right OTP.
const DemoToken = "demo"

// FixedCountryCode is the country code of the fixed phones.
const FixedCountryCode = "+507"

// FixedPhone is a phone whose PUT always gets the same answer, so that an app can be tried without any set-up.
type FixedPhone struct {
	Phone string
	// Doc says what is answered.
	Doc string

	verdict verdict
	network hook // answers in place of the provider, as something in between would; nil: the verdict is answered
}

// FixedPhones returns the phones that a provider with Options.FixedPhones has.
func FixedPhones() []FixedPhone {
	return []FixedPhone{
		{Phone: "60000200", Doc: "200; to any other OTP 403", verdict: passed},
		{Phone: "60000403", Doc: "403 otp_does_not_match", verdict: wrongOTP},
		{Phone: "60000404", Doc: "404 phone_validation_not_found", verdict: notFound},
		{Phone: "60000409", Doc: "409 MissingParameter", verdict: missingParameter},
		{Phone: "60000412", Doc: "412 phoneValidation_has_expired", verdict: hasExpired},
		{Phone: "60000429", Doc: "429 with Retry-After", network: func(c *call) {
			c.w.Header().Set("Retry-After", "5")
			refusal{http.StatusTooManyRequests, "TooManyRequests", "429:too_many_requests"}.answer().send(c.w)
		}},
		{Phone: "60000500", Doc: "500", verdict: crashed},
		{Phone: "60000503", Doc: "503, an HTML page", network: func(c *call) { writePage(c, http.StatusServiceUnavailable) }},
		{Phone: "60000504", Doc: "no answer for 60 s, then 504", network: func(c *call) {
			if !pause(c.r.Context(), time.Minute) {
				closeUnanswered(c)
			}
			writePage(c, http.StatusGatewayTimeout)
		}},
		{Phone: "60000000", Doc: "the connection is reset", network: resetConnection},
	}
}

// fixedVerdict returns the verdict about a call with DemoToken. It does not depend on the optional parameters, and only for the
// phone that can be validated does it depend on the OTP.
func (c *call) fixedVerdict() verdict {
	own := *c.demo // so that calls do not affect each other
	c.validation = &validation{
		id: "674de8df21c72be3cc42b8a7", registration: &own, project: Project, flow: Flow, // the id is the documentation's
		number: number{c.request.countryCode, c.request.phone}, gateway: "sms", kind: typeOnboarding, status: statusSent,
		otp: DemoOTP, created: c.now, updated: c.now, expires: c.now.Add(lifetime),
	}
	for _, f := range FixedPhones() {
		switch {
		case f.Phone != c.request.phone || c.request.countryCode != FixedCountryCode:
			continue
		case f.network != nil:
			c.send = f.network
		case f.verdict == passed && !c.behaviour.otpMatches(c):
			return wrongOTP
		case f.verdict == missingParameter:
			c.missing = required()
		}
		return f.verdict
	}
	c.validation = nil
	return notFound
}

// Tokens returns the right tokens for a phone under any country code: those of the app registrations that have a
// validation of it, and DemoToken for a fixed phone. It returns none for an unknown phone.
func (p *Provider) Tokens(phone string) []string {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	tokens := group.Map(p.records.phones[phone], func(v *validation) string { return v.registration.token })
	if slices.Contains(p.records.reserved, phone) {
		tokens = append(tokens, DemoToken)
	}
	return tokens
}

// resetConnection resets the connection, as a firewall does, instead of closing it.
func resetConnection(c *call) {
	connection, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil { // HTTP/2 resets the stream
		closeUnanswered(c)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// writePage answers with an error page of a gateway.
func writePage(c *call, status int) {
	page := answer{status: status, mediaType: "text/html; charset=utf-8", bytes: htmlPage(status)}
	page.send(c.w)
}
