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

// trial is one case: a provider state, and the documented request with changes. The state's values are filled in when it is
// sent.
type trial struct {
	state   providerstate.Name
	without []string // required parameters that are left out before the changes
	changes []change
	choices []int // from which it was made
}

// change breaks a request, or writes it in another way.
type change struct {
	words string
	apply func(*draft)
}

// draft is a request before it is sent.
type draft struct {
	values        providerstate.Values                 // with a made-up OTP if the state has none
	taken         func(countryCode, phone string) bool // whether a phone belongs to the environment; nil: none does
	header        textproto.MIMEHeader
	members       []member
	before, after string   // text around the object
	raw           *string  // the whole body, in place of the members
	derived       []string // made from the OTP or the token, and revealing it
	madeUp        []string // values of headers that are not secret
}

// member is a member of the body, with its value as JSON.
type member struct{ name, value string }

// plain returns the documented request with a state's values.
func plain(values providerstate.Values, taken func(countryCode, phone string) bool) *draft {
	values.OTP = cmp.Or(values.OTP, contract.MadeUpOTP)
	return &draft{
		values: values, taken: taken,
		header:  textproto.MIMEHeader{"Accept": {"application/json"}, "Authorization": {"Bearer " + values.Token}, "Content-Type": {"application/json"}},
		members: []member{{"phone", quoted(values.Phone)}, {"countryCode", quoted(values.CountryCode)}, {"otp", values.OTP}},
	}
}

// draft returns the request of a trial.
func (t trial) draft(values providerstate.Values, taken func(countryCode, phone string) bool) *draft {
	d := plain(values, taken)
	d.members = slices.DeleteFunc(d.members, func(m member) bool { return slices.Contains(t.without, m.name) })
	for _, c := range t.changes {
		c.apply(d)
	}
	return d
}

// words returns how the trial differs from the documented request.
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

// sample returns the request with fixed values, so that trials can be compared.
func (t trial) sample() *draft {
	return t.draft(providerstate.Values{
		Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "135792", Token: "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJlLW9mLXRoZS1zYW1wbGU",
		Project: "000000000000000000000001", ProjectFlow: "000000000000000000000002", PhoneGateway: "sms",
	}, nil)
}

// identity returns a text that is equal for trials with the same state and request.
func (t trial) identity() string {
	d := t.sample()
	return fmt.Sprintf("%s\n%q\n%s", t.state, d.header, d.body())
}

// index returns the index of the first member with a name; -1 if there is none.
func (d *draft) index(name string) int {
	return slices.IndexFunc(d.members, func(m member) bool { return m.name == name })
}

// set sets the value of a member, or adds it.
func (d *draft) set(name, value string) {
	if i := d.index(name); i >= 0 {
		d.members[i].value = value
		return
	}
	d.members = append(d.members, member{name, value})
}

// madeUpHeader sets a header to a value that is not secret.
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

// quoted returns a text as JSON.
func quoted(s string) string { return text.Value(s) }
