package explore

import (
	"strings"

	"pgregory.net/rapid"
)

func ownCode(d *draft) string { return d.values.CountryCode }

// codeChanges spells the right country code otherwise, or puts something near it in its place.
func codeChanges() *rapid.Generator[change] {
	types := pick(constants("countryCode", otherTypes()...)...)
	odd := placed("countryCode", ownCode)
	return rapid.OneOf(odd, types, writtenCodes(), lengthy("countryCode", 2048, "5", "+", "a"))
}

func writtenCodes() *rapid.Generator[change] {
	around := func(words, before, behind string) change {
		return setting("countryCode", words, func(d *draft) string { return `"` + before + d.values.CountryCode + behind + `"` })
	}
	digits := func(d *draft) string { return strings.TrimPrefix(d.values.CountryCode, "+") }
	return pick(
		setting("countryCode", "without its plus", func(d *draft) string { return quoted(digits(d)) }),
		setting("countryCode", "a number", func(d *draft) string {
			if n := strings.TrimLeft(digits(d), "0"); n != "" {
				return n
			}
			return "0"
		}),
		around("the right country code with a line break behind it", "", `\n`),
		otherCode(),
		around("the right country code with a space behind it", "", " "),
		around("the right country code with a further plus", "+", ""),
		setting("countryCode", "the right country code with zeros", func(d *draft) string { return quoted("+00" + digits(d)) }),
		setting("countryCode", "the right country code with 00 for the plus", func(d *draft) string { return quoted("00" + digits(d)) }),
		setting("countryCode", "negative", func(d *draft) string { return quoted("-" + digits(d)) }),
		constant("countryCode", `"+"`), constant("countryCode", `"+0"`), constant("countryCode", `"+5072"`), constant("countryCode", `"+٥٠٧"`),
		constant("countryCode", `"+.*"`), constant("countryCode", `"PA"`), constant("countryCode", `"+5.7"`), constant("countryCode", `"+1e2"`),
	)
}

// otherCode is a country code under which the phone is nobody's, as far as is known.
func otherCode() change {
	return setting("countryCode", "another country code", func(d *draft) string {
		for _, code := range []string{"+506", "+593", "+1", "+34", "+57"} {
			if code != d.values.CountryCode && (d.taken == nil || !d.taken(code, d.values.Phone)) {
				return quoted(code)
			}
		}
		return `"+999"`
	})
}
