package explore

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"verifik-contract/internal/contract"
)

func times(unit string, n int) string { return strings.Repeat(unit, n) }

// nestedChanges puts lists or objects deep in each other.
func nestedChanges() *rapid.Generator[change] {
	names := among("x", "phone", "otp", "project", "countryCode")
	frames := among([2]string{"[", "]"}, [2]string{`{"a":`, "}"}, [2]string{`{"$not":`, "}"})
	return rapid.Custom(func(t *rapid.T) change {
		name, frame, depth := names.Draw(t, "name"), frames.Draw(t, "frame"), rapid.IntRange(1, 4096).Draw(t, "depth")
		return setting(name, fmt.Sprintf("nested %d levels deep", depth), func(*draft) string {
			return times(frame[0], depth) + "0" + times(frame[1], depth)
		})
	})
}

// repeatedChanges has a key twice.
func repeatedChanges() *rapid.Generator[change] {
	names, values := among(contract.Required()...), among("null", "0", `""`, "right", "[]", `"x"`)
	return rapid.Custom(func(t *rapid.T) change {
		name, value, first := names.Draw(t, "name"), values.Draw(t, "value"), rapid.Bool().Draw(t, "first")
		return change{fmt.Sprintf("%s is there twice, once as %s", name, value), func(d *draft) {
			m := member{quoted(name), value}
			if value == "right" {
				m.value = plainValue(d, name)
			}
			if !d.has(name) {
				d.members = append(d.members, m)
			}
			if first {
				d.members = append([]member{m}, d.members...)
				return
			}
			d.members = append(d.members, m)
		}}
	})
}

// plainValue is a required parameter as the documented request has it.
func plainValue(d *draft, name string) string {
	for _, m := range plain(d.fill).members {
		if m.key == quoted(name) {
			return m.value
		}
	}
	return "null"
}

func (d *draft) has(name string) bool {
	for _, m := range d.members {
		if m.key == quoted(name) {
			return true
		}
	}
	return false
}

var kibibytes, fewBytes, scales = rapid.IntRange(0, 255), rapid.IntRange(0, 1023), among(1, 1, 1, 4)

// largeChanges makes the body up to one MiB large.
func largeChanges() *rapid.Generator[change] {
	return rapid.Custom(func(t *rapid.T) change {
		how := rapid.IntRange(0, 3).Draw(t, "how")
		// In more than one draw, so that every order of magnitude comes up, the largest seldom, and the smallest size is
		// found to the byte.
		kib, rest := kibibytes.Draw(t, "KiB"), fewBytes.Draw(t, "bytes")
		size := (kib<<10 + rest) * scales.Draw(t, "scale")
		words := fmt.Sprintf("%d bytes of ", size)
		switch how {
		case 0:
			return change{words + "white space follow the body", func(d *draft) { d.after += times(" ", size) }}
		case 1:
			return change{words + "text are in a further parameter", func(d *draft) { d.set("x", `"`+times("x", size)+`"`) }}
		case 2:
			return change{words + "text are the phone", func(d *draft) { d.set("phone", `"`+times("6", size)+`"`) }}
		default:
			return change{words + "texts are in a further parameter", func(d *draft) { d.set("x", "["+times(`"`+times("x", 1021)+`",`, size>>10)+"0]") }}
		}
	})
}

// rawChanges sends something else than one JSON object. None holds the OTP: an answer that quotes what it could not
// read would seem to echo it.
func rawChanges() *rapid.Generator[change] {
	bodies := []string{
		"[]", "", "null", "{", `[1]`, "true", `"text"`, "0", " ", `[{"phone":"1","countryCode":"+507","otp":1}]`, "[[", `{"phone":`, "phone=62647737&otp=246813",
		"<phone>1</phone>", "{'phone':'1'}", `{"phone":"1",}`, "NaN", `{"otp":01}`, `{"otp":+1}`, `{"otp":.5}`, `{"otp":NaN}`, `{"phone":"1"`,
		`{"phone":"` + "\xff\xfe" + `"}`, "\xff\xfe{\x01}", `{"phone":"` + "\t" + `"}`, "// c\n{}", "{}{}", "{}x", "[1,2,3]", "\x1f\x8b\x08\x01", "--x\r\n\r\n",
	}
	var changes []change
	for _, body := range bodies {
		changes = append(changes, change{"the body is " + named(body), func(d *draft) { d.raw = &body }})
	}
	changes = append(changes,
		change{"a byte order mark stands before the body", func(d *draft) { d.before = "\ufeff" + d.before }},
		change{"a further value follows the body", func(d *draft) { d.after += " {}" }},
		change{"text follows the body", func(d *draft) { d.after += "x" }},
		change{"white space stands around the body", func(d *draft) { d.before, d.after = "\r\n\t "+d.before, d.after+" \t\r\n" }},
	)
	return pick(changes...)
}

func named(body string) string {
	switch body {
	case "":
		return "empty"
	case " ":
		return "a space"
	}
	return fmt.Sprintf("%+q", body)
}
