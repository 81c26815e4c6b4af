package explore

import (
	"slices"

	"verifik-contract/internal/providerstate"
)

// maker makes a change by choices. What is chosen by 0 is the simplest, since reducing goes towards it: no change, a
// parameter left out, the first of a list.
type maker func(*choices) change

// trials returns what makes a trial by choices.
func trials(required []string) func(*choices) trial {
	otp, phone, code, option, raw := otpChanges(), phoneChanges(), codeChanges(), optionChanges(), rawChanges()
	kinds := oneOf(
		otp, phone, code, otp, option, otp, option,
		code, nestedChange, otp, largeChange, repeatedChange(required), otp, raw, otp,
		manyChange, phone, code, otp, option, nestedChange, otp, code,
		tokenChanges(), headerChange, contentTypeChanges(), extraChange, otp, raw, phone, manyChange,
	)
	return func(c *choices) trial {
		made := trial{state: providerstate.Pending}
		if c.seldom(16) {
			made.state = providerstate.None
		}
		for _, name := range required {
			if c.seldom(256) { // most of what follows needs all of them
				made.without = append(made.without, name)
			}
		}
		made.changes = several(c, 2, 2, func(c *choices) change {
			if c.seldom(16) {
				return change{} // none
			}
			return kinds(c)
		})
		made.changes = slices.DeleteFunc(made.changes, func(c change) bool { return c.apply == nil })
		made.choices = c.made
		return made
	}
}

// oneOf makes a change by one of some makers.
func oneOf(makers ...maker) maker {
	return func(c *choices) change { return among(c, makers)(c) }
}

// pick makes one of some changes.
func pick(changes ...change) maker {
	return func(c *choices) change { return among(c, changes) }
}
