package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// nestedChange puts lists or objects deep in each other.
func nestedChange(c *choices) change {
	name := among(c, []string{"x", "phone", "otp", "project", "countryCode"})
	frame := among(c, [][2]string{{"[", "]"}, {`{"a":`, "}"}, {`{"$not":`, "}"}})
	depth := 1 + c.size(4096)
	return setting(name, fmt.Sprintf("nested %d levels deep", depth), func(*draft) string {
		return strings.Repeat(frame[0], depth) + "0" + strings.Repeat(frame[1], depth)
	})
}

// repeatedChange has a key twice.
func repeatedChange(required []string) maker {
	return func(c *choices) change {
		name, value, first := among(c, required), among(c, []string{"null", "0", `""`, "right", "[]", `"x"`}), c.below(2) == 1
		return change{fmt.Sprintf("%s is there twice, once as %s", name, value), func(d *draft) {
			m := member{quoted(name), value}
			if value == "right" {
				right := plain(d.values, nil)
				m.value = right.members[right.index(name)].value
			}
			if d.index(name) < 0 {
				d.members = append(d.members, m)
			}
			if first {
				d.members = slices.Insert(d.members, 0, m)
			} else {
				d.members = append(d.members, m)
			}
		}}
	}
}

// largeChange makes the body up to one MiB large.
func largeChange(c *choices) change {
	how, size := c.below(4), c.size(1<<20)
	words := fmt.Sprintf("%d bytes of ", size)
	switch how {
	case 0:
		return change{words + "white space follow the body", func(d *draft) { d.after += strings.Repeat(" ", size) }}
	case 1:
		return change{words + "text are in a further parameter", func(d *draft) { d.set("x", `"`+strings.Repeat("x", size)+`"`) }}
	case 2:
		return change{words + "text are the phone", func(d *draft) { d.set("phone", `"`+strings.Repeat("6", size)+`"`) }}
	}
	return change{words + "texts are in a further parameter", func(d *draft) {
		d.set("x", "["+strings.Repeat(`"`+strings.Repeat("x", 1021)+`",`, size>>10)+"0]")
	}}
}

// rawChanges sends something else than one JSON object. None holds the OTP: an answer that quotes what it could not
// read would seem to echo it.
func rawChanges() maker {
	bodies := []string{
		"[]", "", "null", "{", `[1]`, "true", `"text"`, "0", " ", `[{"phone":"1","countryCode":"+507","otp":1}]`, "[[", `{"phone":`, "phone=62647737&otp=246813",
		"<phone>1</phone>", "{'phone':'1'}", `{"phone":"1",}`, "NaN", `{"otp":01}`, `{"otp":+1}`, `{"otp":.5}`, `{"otp":NaN}`, `{"phone":"1"`,
		`{"phone":"` + "\xff\xfe" + `"}`, "\xff\xfe{\x01}", `{"phone":"` + "\t" + `"}`, "// c\n{}", "{}{}", "{}x", "[1,2,3]", "\x1f\x8b\x08\x01", "--x\r\n\r\n",
	}
	named := map[string]string{"": "empty", " ": "a space"}
	var changes []change
	for _, body := range bodies {
		words := cmp.Or(named[body], fmt.Sprintf("%+q", body))
		changes = append(changes, change{"the body is " + words, func(d *draft) { d.raw = &body }})
	}
	return pick(append(changes,
		change{"a byte order mark stands before the body", func(d *draft) { d.before = "\ufeff" + d.before }},
		change{"a further value follows the body", func(d *draft) { d.after += " {}" }},
		change{"text follows the body", func(d *draft) { d.after += "x" }},
		change{"white space stands around the body", func(d *draft) { d.before, d.after = "\r\n\t "+d.before, d.after+" \t\r\n" }},
	)...)
}
