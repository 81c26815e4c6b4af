package explore

import (
	"cmp"
	"slices"
	"strings"
)

// phoneChanges spells the right phone otherwise, or puts something near it in its place.
func phoneChanges() maker {
	odd, long := placed("phone", func(d *draft) string { return d.values.Phone }), lengthy("phone", "6", "a", " ", "é", "😀")
	number := setting("phone", "a number", func(d *draft) string { return number(d.values.Phone) })
	return oneOf(
		pick(append([]change{number}, constants("phone", otherTypes()...)...)...), odd, pick(escapedPhone()), long, spacedPhone,
		pick(writtenPhones()...), odd, pick(otherPhone()), long, pick(escapedPhone()),
	)
}

// number returns digits as a JSON number, which may not begin with a zero.
func number(digits string) string { return cmp.Or(strings.TrimLeft(digits, "0"), "0") }

// escapedPhone spells the right phone as JSON may spell any text.
func escapedPhone() change {
	return setting("phone", "the right phone in escapes", func(d *draft) string {
		text := ""
		for _, digit := range d.values.Phone {
			text += `\u003` + string(digit)
		}
		return `"` + text + `"`
	})
}

// otherPhone puts a phone in its place that is nobody's, as far as is known.
func otherPhone() change {
	return setting("phone", "another phone", func(d *draft) string {
		digits := []byte(d.values.Phone)
		for i := len(digits) - 1; i >= 0; i-- {
			if digits[i] < '0' || digits[i] > '9' {
				continue
			}
			digits[i] = '0' + (digits[i]-'0'+1)%10
			if d.taken == nil || !d.taken(d.values.CountryCode, string(digits)) {
				break
			}
		}
		return quoted(string(digits))
	})
}

// spacedPhone has spaces at chosen places: it is right.
func spacedPhone(c *choices) change {
	places := several(c, 6, 4, func(c *choices) int { return c.below(16) })
	return setting("phone", "the right phone with spaces", func(d *draft) string {
		text := d.values.Phone
		for _, place := range places {
			text = string(slices.Insert([]byte(text), min(place, len(text)), ' '))
		}
		return quoted(text)
	})
}

// writtenPhones returns ways in which people and programs write phones.
func writtenPhones() []change {
	return append([]change{
		setting("phone", "the right phone without its last digit", func(d *draft) string { return quoted(d.values.Phone[:max(1, len(d.values.Phone)-1)]) }),
		spelt("phone", "the right phone with a further digit", `"{phone}7"`),
		spelt("phone", "the right phone with a leading zero", `"0{phone}"`),
		spelt("phone", "the country code and the right phone", `"{code}{phone}"`),
		spelt("phone", "the right phone with a dash", `"{phone}-"`),
		spelt("phone", "the right phone in parentheses", `"({phone})"`),
		spelt("phone", "the right phone with a NUL and a digit", `"{phone}\u00001"`),
		spelt("phone", "a pattern that the right phone matches", `"^{phone}$"`),
		spelt("phone", "the right phone in a list", `["{phone}"]`),
	}, constants("phone", `".*"`, `"%"`, `"' OR '1'='1"`)...)
}

// codeChanges spells the right country code otherwise, or puts something near it in its place.
func codeChanges() maker {
	return oneOf(
		placed("countryCode", func(d *draft) string { return d.values.CountryCode }),
		pick(constants("countryCode", otherTypes()...)...), pick(writtenCodes()...), lengthy("countryCode", "5", "+", "a"),
	)
}

func writtenCodes() []change {
	digits := func(words string, spell func(digits string) string) change {
		return setting("countryCode", words, func(d *draft) string { return spell(strings.TrimPrefix(d.values.CountryCode, "+")) })
	}
	return append([]change{
		digits("without its plus", quoted),
		digits("a number", number),
		spelt("countryCode", "the right country code with a line break behind it", `"{code}\n"`),
		otherCode(),
		spelt("countryCode", "the right country code with a space behind it", `"{code} "`),
		spelt("countryCode", "the right country code with a further plus", `"+{code}"`),
		digits("the right country code with zeros", func(digits string) string { return quoted("+00" + digits) }),
		digits("the right country code with 00 for the plus", func(digits string) string { return quoted("00" + digits) }),
		digits("negative", func(digits string) string { return quoted("-" + digits) }),
	}, constants("countryCode", `"+"`, `"+0"`, `"+5072"`, `"+٥٠٧"`, `"+.*"`, `"PA"`, `"+5.7"`, `"+1e2"`)...)
}

// otherCode puts a country code in its place under which the phone is nobody's, as far as is known.
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
