package explore

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
)

// setting returns a change that sets a member to a JSON text.
func setting(name, words string, value func(*draft) string) change {
	return change{name + " is " + words, func(d *draft) { d.set(name, value(d)) }}
}

// setTo returns, for each JSON text, a change that sets a member to it. The texts may hold placeholders: see contract.Filler.
func setTo(name string, texts ...string) []change {
	return group.Map(texts, func(text string) change {
		return setting(name, text, func(d *draft) string { return d.fill(text) })
	})
}

// typedNumber is the form of what may be an OTP in what is typed.
var typedNumber = regexp.MustCompile(`[0-9]{4,}`)

// fill replaces the placeholders of a JSON text by the state's values.
func (d *draft) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	filled := contract.Filler(d.values).Replace(text)
	for _, made := range append(typedNumber.FindAllString(filled, -1), filled) {
		if strings.Contains(text, "{otp") && !strings.Contains(text, made) { // else it would be the same for any OTP
			d.derived = append(d.derived, made)
		}
	}
	return filled
}

// otpChanges writes the right OTP in another way, or replaces it by something similar.
func otpChanges() changeMaker {
	// What loose comparisons, decoders and queries often accept.
	classic := pick(setTo("otp", "null", "{otp + 2^32}", "true", "[{otp}]", "-{otp}", "{otp}.5", "0", `{"$ne":null}`)...)
	// The same number written in other ways.
	rewritten := pick(setTo("otp", "{otp}.0", "{otp as 1.2e+05}", "{otp}e0", "{otp}0e-1", "{otp as 1.2E+05}", "{otp}."+strings.Repeat("0", 40), "{otp}00e-2", "{otp}.000E-0")...)
	// Other numbers, which truncation, an overflow or a lost sign would make right.
	numbers := pick(setTo("otp",
		"1e400", "{otp}.999", "-0", "{otp + 2^16}", "{otp + 2^31}", "{otp + 2^32}", "{otp + 2^53}", "{otp + 2^64}", "{otp}.001", "{otp}0", "1{otp}",
		"{otp without its last digit}", "{otp}e1", "{otp}e-1", "{otp, last digit wrong}", "{otp, first digit wrong}", "{otp, middle digit wrong}",
		"{otp, every digit wrong}", "{otp}e999999999", "{otp}e-999999999",
		strings.Repeat("9", 300), "-1", "0.0", "1e-400", "0e5", "2147483648", "9223372036854775808", "1", "-1e400")...)
	// Strings that a loose conversion takes for the right OTP, or for anything.
	texts := pick(setTo("otp", `"{otp}"`, `"{otp}abc"`, `" {otp} "`, `"{otp}.5"`, `"-{otp}"`, `"{otp} 1"`,
		`""`, `"0"`, `"' OR '1'='1"`, `"NaN"`, `"*"`, `".*"`)...)
	// Lists and objects that hold the right OTP.
	lists := pick(setTo("otp", `{"$ne":0}`, "[{otp},1]", "[1,{otp}]", `{"$eq":{otp}}`, `{"$gt":0}`, "[[{otp}]]", `{"otp":{otp}}`, `{"$exists":true}`)...)
	unusual := func(c *choices) change {
		text := unusualText(c)
		return setting("otp", "odd text", func(*draft) string { return `"` + text + `"` })
	}
	return oneOf(classic, pick(setTo("otp", otherTypes()...)...), classic, rewritten, classic, numbers, texts, classic,
		lists, classic, unusual, numbers, classic, numbers, numbers, classic)
}

// phoneChanges writes the right phone in another way, or replaces it by something similar.
func phoneChanges() changeMaker {
	unusual, long := unusualChange("phone"), longTextChange("phone", "6", "a", " ", "é", "😀")
	escaped := pick(setTo("phone", `"{phone in escapes}"`)...)
	// Ways in which people and programs write phones.
	written := pick(setTo("phone", `"{phone without its last digit}"`, `"{phone}7"`, `"0{phone}"`, `"{countryCode}{phone}"`, `"{phone}-"`, `"({phone})"`,
		`"{phone}\u00001"`, `"^{phone}$"`, `["{phone}"]`, `".*"`, `"%"`, `"' OR '1'='1"`)...)
	types := pick(setTo("phone", append([]string{"{phone as a number}"}, otherTypes()...)...)...)
	return oneOf(types, unusual, escaped, long, spacedPhone, written, unusual, pick(otherPhone()), long, escaped)
}

// otherPhone replaces the phone by one that does not belong to the environment.
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

// spacedPhone adds spaces to the phone at chosen places, which leaves it right.
func spacedPhone(c *choices) change {
	places := listOf(c, 6, 4, func(c *choices) int { return c.smallBelow(16) })
	return setting("phone", "the right phone with spaces", func(d *draft) string {
		text := d.values.Phone
		for _, place := range places {
			text = string(slices.Insert([]byte(text), min(place, len(text)), ' '))
		}
		return quoted(text)
	})
}

// codeChanges writes the right country code in another way, or replaces it by something similar.
func codeChanges() changeMaker {
	written := slices.Concat(
		setTo("countryCode", `"{countryCode without its plus}"`, "{countryCode as a number}", `"{countryCode}\n"`), []change{otherCode()},
		setTo("countryCode", `"{countryCode} "`, `"+{countryCode}"`, `"+00{countryCode without its plus}"`, `"00{countryCode without its plus}"`, `"-{countryCode without its plus}"`,
			`"+"`, `"+0"`, `"+5072"`, `"+٥٠٧"`, `"+.*"`, `"PA"`, `"+5.7"`, `"+1e2"`))
	return oneOf(unusualChange("countryCode"), pick(setTo("countryCode", otherTypes()...)...), pick(written...), longTextChange("countryCode", "5", "+", "a"))
}

// otherCode replaces the country code by one under which the phone does not belong to the environment.
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

// optionChanges adds an optional parameter: right, wrong or of another type.
func optionChanges() changeMaker {
	option := func(name string) changeMaker {
		// Types come first and twice: code trips over an id that is not a string.
		types := pick(setTo(name, "0", "{}", "[]", `{"$ne":null}`, "null", "1", "true", `""`, "[1]", "-1.5", `" "`)...)
		texts := pick(setTo(name, `"{`+name+`}"`, `"ffffffffffffffffffffffff"`, `"sms"`, `"none"`, `"whatsapp"`, `"SMS"`, `"x"`)...)
		return oneOf(types, texts, types, unusualChange(name), longTextChange(name, "f", "é"))
	}
	project := option("project")
	return oneOf(project, option("projectFlow"), project, option("phoneGateway"), project, project)
}

// extraChange adds an undocumented parameter.
func extraChange(c *choices) change {
	name := pickFrom(c, []string{
		"x", "__proto__", "constructor", "$where", "", "Phone", "OTP", "otp[]", "phone.number", "countrycode", "token", "id", "_id", "status", "toString", "é", "\U0001F600",
	})
	value := pickFrom(c, append(otherTypes(), `"text"`, `{"isAdmin":true}`, `"validated"`))
	return change{fmt.Sprintf("there is a further parameter %q: %s", name, value), func(d *draft) { d.set(name, value) }}
}

// manyChange adds many undocumented parameters.
func manyChange(c *choices) change {
	n := 1 + c.size(64)
	return change{fmt.Sprintf("there are %d further parameters", n), func(d *draft) {
		for i := range n {
			d.set(fmt.Sprintf("p%d", i+1), "0")
		}
	}}
}

// repeatedChange sends a key twice.
func repeatedChange(required []string) changeMaker {
	return func(c *choices) change {
		name, value, first := pickFrom(c, required), pickFrom(c, []string{"null", "0", `""`, "right", "[]", `"x"`}), c.smallBelow(2) == 1
		return change{fmt.Sprintf("%s is there twice, once as %s", name, value), func(d *draft) {
			m := member{name, value}
			if value == "right" {
				right := plain(d.values, nil)
				m = right.members[right.index(name)]
			}
			if d.index(name) < 0 {
				d.members = append(d.members, m)
			}
			at := len(d.members)
			if first {
				at = 0
			}
			d.members = slices.Insert(d.members, at, m)
		}}
	}
}

// nestedChange nests lists or objects deeply.
func nestedChange(c *choices) change {
	name := pickFrom(c, []string{"x", "phone", "otp", "project", "countryCode"})
	frame := pickFrom(c, [][2]string{{"[", "]"}, {`{"a":`, "}"}, {`{"$not":`, "}"}})
	depth := 1 + c.size(4096)
	return setting(name, fmt.Sprintf("nested %d levels deep", depth), func(*draft) string {
		return strings.Repeat(frame[0], depth) + "0" + strings.Repeat(frame[1], depth)
	})
}

// unusualChange replaces a member by unusual text, or adds that to the state's value.
func unusualChange(name string) changeMaker {
	return func(c *choices) change {
		text, place := unusualText(c), c.smallBelow(4)
		return setting(name, [...]string{"odd text", "right with odd text behind it", "right with odd text before it", "right with odd text inside"}[place], func(d *draft) string {
			right := contract.Filler(d.values).Replace("{" + name + "}")
			at := [...]int{0, len(right), 0, len(right) / 2}[place]
			if place == 0 {
				right = ""
			}
			return `"` + right[:at] + text + right[at:] + `"`
		})
	}
}

// longTextChange replaces a member by a long text that repeats one of the units.
func longTextChange(name string, units ...string) changeMaker {
	return func(c *choices) change {
		unit, n := pickFrom(c, units), 1+c.size(2048)
		return setting(name, "a long text", func(*draft) string { return `"` + strings.Repeat(unit, n) + `"` })
	}
}

// otherTypes returns JSON values of every type but a meaningful string, some of which query languages and loose comparisons
// misunderstand.
func otherTypes() []string {
	return []string{
		"null", "{}", "[]", "0", "true", "false", "1", `{"$ne":null}`, `""`, "[null]", `{"$gt":""}`, `" "`, "-1", "1.5",
		`{"a":{}}`, "[[]]", "1e400", "9007199254740993", `"null"`, `"undefined"`, `{"length":1}`,
	}
}

// unusualText returns the inside of a JSON string, of pieces with a meaning in some character set, database, shell, template or
// terminal.
func unusualText(c *choices) string {
	fragments := []string{
		"a", "😀", `\u0000`, `\u0000`, "😀", `\u0000`, "é", `\ud800`, "-", `\t`, "\u00a0", `\n`, "'", `\"`, "٣", "\xff", "𝟞", `\\`, "%00", "$", "<b>", "\u202e", "\ufeff",
		"{{7*7}}", "../", ";--", "\u200b", "6", " ", "ﬀ", `\ud83d\ude00`, `\u001b[2J`, "+",
	}
	return strings.Join(listOf(c, 4, 4, func(c *choices) string { return pickFrom(c, fragments) }), "")
}
