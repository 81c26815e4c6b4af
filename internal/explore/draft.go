package explore

import (
	"net/textproto"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/providerstate"
)

// mode is what a draft is made for.
type mode int

const (
	sent  mode = iota // as it goes to the target
	shown             // as a report shows it: nothing that is made from the OTP or the token
	shell             // as a curl command: these are shell expressions
)

// fill is what a draft is filled with.
type fill struct {
	values providerstate.Values
	taken  func(countryCode, phone string) bool // belongs to somebody else; nil: nothing does
	mode   mode
}

// otp spells the OTP. A made-up one is no secret.
func (f fill) otp(s spelling) string {
	if f.values.OTP == "" {
		return s.real(contract.MadeUpOTP)
	}
	return f.spell(s, f.values.OTP)
}

// token spells the registration's token.
func (f fill) token(s spelling) string { return f.spell(s, f.values.Token) }

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

// member is a member of the body, in JSON texts.
type member struct{ key, value string }

// draft is a request as it takes shape. All texts may hold marks.
type draft struct {
	fill
	header        textproto.MIMEHeader
	members       []member
	before, after string  // stand around the object
	raw           *string // the whole body in place of the members
}

// plain returns the documentation's example with the state's values.
func plain(f fill) *draft {
	return &draft{
		fill:    f,
		header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + f.token(rightToken)}, "Content-Type": {"application/json"}},
		members: []member{{`"phone"`, quoted(f.values.Phone)}, {`"countryCode"`, quoted(f.values.CountryCode)}, {`"otp"`, f.otp(rightOTP)}},
	}
}

// index returns where a member stands first, -1 where it does not.
func (d *draft) index(name string) int {
	key := quoted(name)
	return slices.IndexFunc(d.members, func(m member) bool { return m.key == key })
}

// set changes a member where it stands, or adds it.
func (d *draft) set(name, value string) {
	if i := d.index(name); i >= 0 {
		d.members[i].value = value
		return
	}
	d.members = append(d.members, member{quoted(name), value})
}

// body returns the request's body.
func (d *draft) body() string {
	if d.raw != nil {
		return *d.raw
	}
	var pairs []string
	for _, m := range d.members {
		pairs = append(pairs, m.key+":"+m.value)
	}
	return d.before + "{" + strings.Join(pairs, ",") + "}" + d.after
}
