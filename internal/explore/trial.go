package explore

import (
	"fmt"
	"slices"

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
	words string // "" is no change
	apply func(*draft)
}

// draft makes the request of a trial.
func (t trial) draft(f fill) *draft {
	d := plain(f)
	d.members = slices.DeleteFunc(d.members, func(m member) bool {
		return slices.ContainsFunc(t.without, func(name string) bool { return m.key == quoted(name) })
	})
	for _, c := range t.changes {
		if c.apply != nil {
			c.apply(d)
		}
	}
	return d
}

// words says how the trial differs from the documented request.
func (t trial) words() []string {
	words := []string{}
	d := t.draft(fill{values: sample(t.state)})
	for _, name := range t.without {
		if d.raw == nil && d.index(name) < 0 {
			words = append(words, name+" is left out")
		}
	}
	for _, c := range t.changes {
		if c.words != "" {
			words = append(words, c.words)
		}
	}
	return words
}

// sample returns values of a state that stand for any others, so that trials can be compared.
func sample(name providerstate.Name) providerstate.Values {
	v := providerstate.Values{
		Phone: "62647737", CountryCode: "+507", Token: "header.payload.signature-of-the-sample",
		Project: "000000000000000000000001", ProjectFlow: "000000000000000000000002", PhoneGateway: "sms",
	}
	if name != providerstate.None {
		v.OTP, v.WrongOTP = "135791", "135792"
	}
	return v
}

// identity returns a text that is the same for trials that make the same request of the same state.
func (t trial) identity() string {
	d := t.draft(fill{values: sample(t.state)})
	return fmt.Sprintf("%s\n%q\n%s", t.state, d.header, d.body())
}

// quoted spells a text as JSON, as it is sent.
func quoted(s string) string { return text.Value(s) }
