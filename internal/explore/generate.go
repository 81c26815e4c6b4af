package explore

import (
	"strings"

	"verifik-contract/internal/providerstate"
)

// maker makes a change by choices. What is chosen by 0 is the simplest, since reducing goes towards it: no change, a
// parameter left out, the first of a list.
type maker func(*choices) change

// trials returns what makes a trial by choices.
func trials(required []string) func(*choices) trial {
	otp, phone, code, option := otpChanges(), phoneChanges(), codeChanges(), optionChanges()
	nested, repeated, large, raw := nestedChange, repeatedChange(required), largeChange, rawChanges()
	kinds := oneOf(
		otp, phone, code, otp, option, otp, option,
		code, nested, otp, large, repeated, otp, raw, otp,
		manyChange, phone, code, otp, option, nested, otp, code,
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
				return change{}
			}
			return kinds(c)
		})
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

// setting returns a change of one member to a JSON text.
func setting(name, words string, value func(*draft) string) change {
	return change{name + " is " + words, func(d *draft) { d.set(name, value(d)) }}
}

// constant returns a change of one member to a JSON text that is always the same.
func constant(name, text string) change {
	return setting(name, text, func(*draft) string { return text })
}

// constants returns a change of one member to each of some JSON texts.
func constants(name string, texts ...string) []change {
	var changes []change
	for _, text := range texts {
		changes = append(changes, constant(name, text))
	}
	return changes
}

// spelt returns a change of one member to a JSON text in which {phone} and {code} stand for the state's own.
func spelt(name, words, template string) change {
	return setting(name, words, func(d *draft) string {
		return strings.NewReplacer("{phone}", inside(d.values.Phone), "{code}", inside(d.values.CountryCode)).Replace(template)
	})
}

// inside spells a text as it stands between the quotation marks of a JSON string.
func inside(text string) string {
	text = quoted(text)
	return text[1 : len(text)-1]
}

// otherTypes returns JSON texts of every type but a meaningful string, with what a query language or a loose comparison
// may take for something else.
func otherTypes() []string {
	return []string{
		"null", "{}", "[]", "0", "true", "false", "1", `{"$ne":null}`, `""`, "[null]", `{"$gt":""}`, `" "`, "-1", "1.5",
		`{"a":{}}`, "[[]]", "1e400", "9007199254740993", `"null"`, `"undefined"`, `{"length":1}`,
	}
}

// fragments returns pieces of a JSON string that are more than letters: what other character sets, databases, shells,
// templates and terminals give a meaning to.
func fragments() []string {
	return []string{
		"a", "😀", `\u0000`, `\u0000`, "😀", `\u0000`, "é", `\ud800`, "-", `\t`, "\u00a0", `\n`, "'", `\"`, "٣", "\xff", "𝟞", `\\`, "%00", "$", "<b>", "\u202e", "\ufeff",
		"{{7*7}}", "../", ";--", "\u200b", "6", " ", "ﬀ", `\ud83d\ude00`, `\u001b[2J`, "+",
	}
}

// oddText chooses the inside of a JSON string.
func oddText(c *choices) string {
	return strings.Join(several(c, 4, 4, func(c *choices) string { return among(c, fragments()) }), "")
}

// placed puts odd text in place of a text, or into it.
func placed(name string, own func(*draft) string) maker {
	return func(c *choices) change {
		text, place := oddText(c), c.below(4)
		return setting(name, [...]string{"odd text", "right with odd text behind it", "right with odd text before it", "right with odd text inside"}[place], func(d *draft) string {
			right := inside(own(d))
			at := [...]int{0, len(right), 0, len(right) / 2}[place]
			if place == 0 {
				right = ""
			}
			return `"` + right[:at] + text + right[at:] + `"`
		})
	}
}

// lengthy puts a long text of one unit in place of a member.
func lengthy(name string, units ...string) maker {
	return func(c *choices) change {
		unit, n := among(c, units), 1+c.size(2048)
		return setting(name, "a long text", func(*draft) string { return `"` + strings.Repeat(unit, n) + `"` })
	}
}
