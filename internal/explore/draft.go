package explore

import (
	"cmp"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// trial is one case: a provider state, and the documented request with changes. It is symbolic: what it says of
// the state's values is filled in when it is sent.
type trial struct {
	state   providerstate.Name
	without []string // required parameters that are left out before the changes
	changes []change
	choices []int // that made it
}

// change breaks a request, or spells it otherwise.
type change struct {
	words string
	apply func(*draft)
}

// draft is a request as it takes shape.
type draft struct {
	values        providerstate.Values                 // where the state has no OTP, a made-up one is here
	taken         func(countryCode, phone string) bool // belongs to somebody else; nil: nothing does
	header        textproto.MIMEHeader
	members       []member
	before, after string   // stand around the object
	raw           *string  // the whole body in place of the members
	derived       []string // what was made of the OTP or the token: either can be worked out from it
	madeUp        []string // values of headers that are no secret
}

// member is a member of the body: its name, and its value as JSON.
type member struct{ name, value string }

// plain returns the documentation's example with a state's values.
func plain(values providerstate.Values, taken func(countryCode, phone string) bool) *draft {
	values.OTP = cmp.Or(values.OTP, contract.MadeUpOTP)
	return &draft{
		values: values, taken: taken,
		header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + values.Token}, "Content-Type": {"application/json"}},
		members: []member{{"phone", quoted(values.Phone)}, {"countryCode", quoted(values.CountryCode)}, {"otp", values.OTP}},
	}
}

// draft makes the request of a trial.
func (t trial) draft(values providerstate.Values, taken func(countryCode, phone string) bool) *draft {
	d := plain(values, taken)
	d.members = slices.DeleteFunc(d.members, func(m member) bool { return slices.Contains(t.without, m.name) })
	for _, c := range t.changes {
		c.apply(d)
	}
	return d
}

// words says how the trial differs from the documented request.
func (t trial) words() []string {
	words := []string{}
	d := t.sample()
	for _, name := range t.without {
		if d.raw == nil && d.index(name) < 0 {
			words = append(words, name+" is left out")
		}
	}
	return append(words, group.Map(t.changes, func(c change) string { return c.words })...)
}

// sample makes the request with values that stand for any others, so that trials can be compared.
func (t trial) sample() *draft {
	return t.draft(providerstate.Values{
		Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "135792", Token: "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJlLW9mLXRoZS1zYW1wbGU",
		Project: "000000000000000000000001", ProjectFlow: "000000000000000000000002", PhoneGateway: "sms",
	}, nil)
}

// identity returns a text that is the same for trials that make the same request of the same state.
func (t trial) identity() string {
	d := t.sample()
	return fmt.Sprintf("%s\n%q\n%s", t.state, d.header, d.body())
}

// index returns where a member stands first, -1 where it does not.
func (d *draft) index(name string) int {
	return slices.IndexFunc(d.members, func(m member) bool { return m.name == name })
}

// set changes a member where it stands, or adds it.
func (d *draft) set(name, value string) {
	if i := d.index(name); i >= 0 {
		d.members[i].value = value
		return
	}
	d.members = append(d.members, member{name, value})
}

// madeUpHeader sends a header whose value is no secret.
func (d *draft) madeUpHeader(name, value string) {
	d.header[name], d.madeUp = []string{value}, append(d.madeUp, value)
}

// body returns the request's body.
func (d *draft) body() string {
	if d.raw != nil {
		return *d.raw
	}
	pairs := group.Map(d.members, func(m member) string { return quoted(m.name) + ":" + m.value })
	return d.before + "{" + strings.Join(pairs, ",") + "}" + d.after
}

// quoted spells a text as JSON, as it is sent.
func quoted(s string) string { return text.Value(s) }
