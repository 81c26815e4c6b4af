package explore

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/state"
)

// trials makes cases. What is drawn as 0 is the simplest, since rapid shrinks towards it: no validation, a parameter
// left out, no change. Generators prefer small indices too, so the changes that find most come first.
func trials() *rapid.Generator[trial] {
	otp, phone, code, option := otpChanges(), phoneChanges(), codeChanges(), optionChanges()
	nested, repeated, large, many, raw := nestedChanges(), repeatedChanges(), largeChanges(), manyChanges(), rawChanges()
	changes := rapid.SliceOfN(rapid.OneOf(evened([]*rapid.Generator[change]{
		rapid.Just(change{}), otp, phone, code, otp, option, otp, option,
		code, nested, otp, large, repeated, otp, raw, otp,
		many, phone, code, otp, option, nested, otp, code,
		tokenChanges(), headerChanges(), contentTypeChanges(), extraChanges(), otp, raw, phone, many,
	})...), 1, 2)
	return rapid.Custom(func(t *rapid.T) trial {
		made := trial{ground: state.None}
		if sixteenth.Draw(t, "validation") > 0 {
			made.ground = state.Pending
		}
		for _, name := range contract.Required() {
			// Two draws, because a parameter should be missing seldom: most of what follows needs all of them.
			first, second := sixteenth.Draw(t, name), sixteenth.Draw(t, name)
			if first == 0 && second == 0 {
				made.without = append(made.without, name)
			}
		}
		made.changes = changes.Draw(t, "changes")
		return made
	})
}

var sixteenth = rapid.IntRange(0, 15)

// evened repeats the first of a list until their number is a power of two. Of other numbers rapid cannot shrink the
// last one: the bits of its index stand for no other.
func evened[T any](list []T) []T {
	all := slices.Clone(list)
	for i := 0; len(all)&(len(all)-1) != 0; i++ {
		all = append(all, list[i%len(list)])
	}
	return all
}

// among draws one of a list, the first ones more often.
func among[T any](list ...T) *rapid.Generator[T] { return rapid.SampledFrom(evened(list)) }

// pick draws one of a list of changes.
func pick(changes ...change) *rapid.Generator[change] { return among(changes...) }

// setting is a change of one member to a JSON text.
func setting(name, words string, value func(*draft) string) change {
	return change{name + " is " + words, func(d *draft) { d.set(name, value(d)) }}
}

// constant is a change of one member to a JSON text that is always the same.
func constant(name, value string) change {
	return setting(name, value, func(*draft) string { return value })
}

// constants is a change for each of some JSON texts.
func constants(name string, values ...string) []change {
	changes := make([]change, len(values))
	for i, value := range values {
		changes[i] = constant(name, value)
	}
	return changes
}

// otherTypes is JSON texts of every type but a meaningful string, with what a query language or a loose comparison
// may take for something else.
func otherTypes() []string {
	return []string{
		"null", "{}", "[]", "0", "true", "false", "1", `{"$ne":null}`, `""`, "[null]", `{"$gt":""}`, `" "`, "-1", "1.5",
		`{"a":{}}`, "[[]]", "1e400", "9007199254740993", `"null"`, `"undefined"`, `{"length":1}`,
	}
}

// fragments is pieces of a JSON string that are more than letters: what other character sets, databases, shells,
// templates and terminals give a meaning to.
func fragments() []string {
	return []string{
		"a", "😀", `\u0000`, `\u0000`, "😀", `\u0000`, "é", `\ud800`, "-", `\t`, "\u00a0", `\n`, "'", `\"`, "٣", "\xff", "𝟞", `\\`, "%00", "$", "<b>", "\u202e", "\ufeff",
		"{{7*7}}", "../", ";--", "\u200b", "6", " ", "ﬀ", `\ud83d\ude00`, `\u001b[2J`, "+",
	}
}

// oddText is a JSON string's inside.
func oddText() *rapid.Generator[string] {
	pieces := rapid.SliceOfN(among(fragments()...), 1, 4)
	return rapid.Custom(func(t *rapid.T) string {
		text := ""
		for _, piece := range pieces.Draw(t, "pieces") {
			text += piece
		}
		return text
	})
}

// placed puts odd text in place of a text, or into it.
func placed(name string, own func(*draft) string) *rapid.Generator[change] {
	odd := oddText()
	return rapid.Custom(func(t *rapid.T) change {
		text, place := odd.Draw(t, "odd text"), rapid.IntRange(0, 3).Draw(t, "place")
		return setting(name, [...]string{"odd text", "right with odd text behind it", "right with odd text before it", "right with odd text inside"}[place], func(d *draft) string {
			right := strings.Trim(quoted(own(d)), `"`)
			half := len(right) / 2
			switch place {
			case 0:
				return `"` + text + `"`
			case 1:
				return `"` + right + text + `"`
			case 2:
				return `"` + text + right + `"`
			default:
				return `"` + right[:half] + text + right[half:] + `"`
			}
		})
	})
}

// lengthy is a text of a drawn length.
func lengthy(name string, most int, units ...string) *rapid.Generator[change] {
	return rapid.Custom(func(t *rapid.T) change {
		unit := among(units...).Draw(t, "unit")
		n := rapid.IntRange(1, most).Draw(t, "length")
		return setting(name, "a long text", func(*draft) string { return `"` + times(unit, n) + `"` })
	})
}
