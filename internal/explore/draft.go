package explore

import (
	"net/textproto"
	"strings"

	"verifik-contract/internal/curl"
	"verifik-contract/internal/state"
)

// mode is what a draft is made for.
type mode int

const (
	sent  mode = iota // as it goes to the target
	shown             // as a report shows it: nothing that is made from the OTP or the token
	shell             // as a curl command: these are shell expressions
)

// madeUpOTP stands for the OTP where there is no validation that one could be right for.
const madeUpOTP = "246813"

// fill is what a draft's symbols stand for.
type fill struct {
	values state.Values
	taken  func(countryCode, phone string) bool // belongs to somebody else; nil: nothing does
	mode   mode
}

// digits is the OTP that the draft is about.
func (f fill) digits() string {
	if f.values.OTP == "" {
		return madeUpOTP
	}
	return f.values.OTP
}

// spelling is a way to write something secret.
type spelling struct {
	real  func(string) string
	shown string                  // where it is redacted
	shell func(length int) string // the same of $OTP or $TOKEN, for inside double quotes
}

// otp spells the OTP. A made-up one is no secret.
func (f fill) otp(s spelling) string {
	if f.values.OTP == "" {
		return s.real(madeUpOTP)
	}
	return f.spell(s, f.values.OTP)
}

func (f fill) spell(s spelling, secret string) string {
	switch f.mode {
	case shown:
		return s.shown
	case shell:
		return curl.Expression(s.shell(len(secret)))
	default:
		return s.real(secret)
	}
}

// member is one member of the body: JSON texts.
type member struct{ key, value string }

// draft is a request as it takes shape. All texts may hold marks.
type draft struct {
	fill
	members       []member
	before, after string  // stand around the object
	raw           *string // the whole body in place of the members
	authorization []string
	contentType   []string
	headers       []member // further ones
}

// token spells the registration's token.
func (d *draft) token(s spelling) string { return d.spell(s, d.values.Token) }

// plain is the documentation's example with the state's values.
func plain(f fill) *draft {
	d := &draft{fill: f, contentType: []string{"application/json"}}
	d.members = []member{
		{`"phone"`, quoted(f.values.Phone)},
		{`"countryCode"`, quoted(f.values.CountryCode)},
		{`"otp"`, f.otp(rightOTP)},
	}
	d.authorization = []string{"Bearer " + d.token(rightToken)}
	return d
}

// set changes a member where it stands, or adds it.
func (d *draft) set(name, value string) {
	key := quoted(name)
	for i := range d.members {
		if d.members[i].key == key {
			d.members[i].value = value
			return
		}
	}
	d.members = append(d.members, member{key, value})
}

func (d *draft) drop(name string) {
	key := quoted(name)
	rest := d.members[:0]
	for _, m := range d.members {
		if m.key != key {
			rest = append(rest, m)
		}
	}
	d.members = rest
}

// body is the request's body.
func (d *draft) body() string {
	if d.raw != nil {
		return *d.raw
	}
	var b strings.Builder
	b.WriteString(d.before)
	b.WriteByte('{')
	for i, m := range d.members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(m.key)
		b.WriteByte(':')
		b.WriteString(m.value)
	}
	b.WriteByte('}')
	b.WriteString(d.after)
	return b.String()
}

// header is the request's headers.
func (d *draft) header() textproto.MIMEHeader {
	h := textproto.MIMEHeader{"Accept": {"application/json"}}
	if len(d.authorization) > 0 {
		h["Authorization"] = d.authorization
	}
	if len(d.contentType) > 0 {
		h["Content-Type"] = d.contentType
	}
	for _, m := range d.headers {
		h[m.key] = []string{m.value}
	}
	return h
}
