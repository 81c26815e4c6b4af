package explore

import (
	"slices"

	"verifik-contract/internal/providerstate"
)

// changeMaker makes a change by choices. The choice 0 makes the simplest, towards which reduce goes: no change, a parameter left
// out, the first of a list.
type changeMaker func(*choices) change

// trials returns a function that makes a trial by choices.
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
		if c.oneIn(16) {
			made.state = providerstate.None
		}
		for _, name := range required {
			if c.oneIn(256) { // most changes need all of them
				made.without = append(made.without, name)
			}
		}
		made.changes = listOf(c, 2, 2, func(c *choices) change {
			if c.oneIn(16) {
				return change{} // none
			}
			return kinds(c)
		})
		made.changes = slices.DeleteFunc(made.changes, func(c change) bool { return c.apply == nil })
		made.choices = c.made
		return made
	}
}

// oneOf returns a maker that uses one of several.
func oneOf(makers ...changeMaker) changeMaker {
	return func(c *choices) change { return pickFrom(c, makers)(c) }
}

// pick returns a maker of one of several changes.
func pick(changes ...change) changeMaker {
	return func(c *choices) change { return pickFrom(c, changes) }
}
