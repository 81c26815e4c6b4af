package explore

import (
	"strings"

	"pgregory.net/rapid"
)

func ownPhone(d *draft) string { return d.values.Phone }

// phoneChanges spells the right phone otherwise, or puts something near it in its place.
func phoneChanges() *rapid.Generator[change] {
	types := pick(append([]change{phoneNumber()}, constants("phone", otherTypes()...)...)...)
	odd, long := placed("phone", ownPhone), lengthy("phone", 2048, "6", "a", " ", "é", "😀")
	return rapid.OneOf(types, odd, long, pick(escapedPhone()), spacedPhones(), writtenPhones(), odd, pick(otherPhone()))
}

// phoneNumber is the phone as a JSON number, which no leading zero may have.
func phoneNumber() change {
	return setting("phone", "a number", func(d *draft) string {
		digits := strings.TrimLeft(d.values.Phone, "0")
		if digits == "" {
			return "0"
		}
		return digits
	})
}

// escapedPhone is the right phone as JSON may spell any text.
func escapedPhone() change {
	return setting("phone", "the right phone in escapes", func(d *draft) string {
		text := ""
		for _, digit := range d.values.Phone {
			text += `\u003` + string(digit)
		}
		return `"` + text + `"`
	})
}

// otherPhone is a phone that is nobody's, as far as is known.
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

// spacedPhones has spaces at drawn places: it is right.
func spacedPhones() *rapid.Generator[change] {
	places := rapid.SliceOfN(rapid.IntRange(0, 15), 1, 6)
	return rapid.Custom(func(t *rapid.T) change {
		at := places.Draw(t, "places")
		return setting("phone", "the right phone with spaces", func(d *draft) string {
			text := d.values.Phone
			for _, place := range at {
				place = min(place, len(text))
				text = text[:place] + " " + text[place:]
			}
			return quoted(text)
		})
	})
}

// writtenPhones are ways in which people and programs write phones.
func writtenPhones() *rapid.Generator[change] {
	around := func(words, before, behind string) change {
		return setting("phone", words, func(d *draft) string { return `"` + before + d.values.Phone + behind + `"` })
	}
	return pick(
		setting("phone", "the right phone without its last digit", func(d *draft) string { return quoted(d.values.Phone[:max(1, len(d.values.Phone)-1)]) }),
		around("the right phone with a further digit", "", "7"),
		around("the right phone with a leading zero", "0", ""),
		setting("phone", "the country code and the right phone", func(d *draft) string { return quoted(d.values.CountryCode + d.values.Phone) }),
		around("the right phone with a dash", "", "-"),
		around("the right phone in parentheses", "(", ")"),
		around("the right phone with a NUL and a digit", "", `\u00001`),
		around("a pattern that the right phone matches", "^", "$"),
		constant("phone", `".*"`), constant("phone", `"%"`), constant("phone", `"' OR '1'='1"`),
		setting("phone", "the right phone in a list", func(d *draft) string { return "[" + quoted(d.values.Phone) + "]" }),
	)
}
