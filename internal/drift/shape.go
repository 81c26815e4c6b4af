package drift

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"verifik-contract/internal/group"
)

// redacted stands in a result for a secret: whatever its type was, it cannot be told any more.
const redacted = "[redacted]"

// typeRedacted is the type of a secret.
const typeRedacted = "redacted"

// What decode makes of a body that is no JSON value.
type noValue string

const (
	nothing noValue = "nothing"
	notJSON noValue = "not JSON"
)

// decode reads a body of a result.
func decode(body string) any {
	var v any
	switch {
	case strings.TrimSpace(body) == "":
		return nothing
	case json.Unmarshal([]byte(body), &v) != nil:
		return notJSON
	}
	return v
}

// shape is what is found at each path of a body: "$.data.phone" for an object's member, "$.list[]" for the elements of an array,
// "$.data.*" for members whose names are ids.
type shape map[string]found

// found is the types of what is found at a path, and the path that it is below.
type found struct {
	below string
	types []string
}

func shapeOf(body string) shape {
	s := shape{}
	s.add("", "$", decode(body))
	return s
}

func (s shape) add(below, path string, v any) {
	types := append(s[path].types, typeOf(v))
	slices.Sort(types)
	s[path] = found{below, slices.Compact(types)}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			s.add(path, path+step(name), member)
		}
	case []any:
		for _, e := range v {
			s.add(path, path+elements, e)
		}
	}
}

// elements is the part of a path that stands for all elements of an array.
const elements = "[]"

// step is a member's part of a path; a name that is a value itself (an id, a time) is every name.
func step(name string) string {
	if stable(name) != name {
		return ".*"
	}
	if !plainName.MatchString(name) {
		return "[" + strconv.Quote(name) + "]"
	}
	return "." + name
}

var plainName = regexp.MustCompile(`^[\w$-]+$`)

func typeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		if v == redacted {
			return typeRedacted
		}
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case noValue:
		return string(v)
	default:
		return "null"
	}
}

// difference is one path at which two shapes differ; before or after is "" where it is not there.
type difference struct{ path, before, after string }

// differences is where two shapes differ. Below a place that is only in one, or that is of another type, nothing
// more is said; an empty array tells nothing of its elements.
func differences(before, after shape) []difference {
	var all []difference
	for path, b := range before {
		a, both := after[path]
		x, y := known(b.types), known(a.types)
		switch {
		case both && len(x) > 0 && len(y) > 0 && !slices.Equal(x, y):
			all = append(all, difference{path, strings.Join(x, " or "), strings.Join(y, " or ")})
		case !both && after.lacks(path, b):
			all = append(all, difference{path, strings.Join(b.types, " or "), ""})
		}
	}
	for path, a := range after {
		if _, both := before[path]; !both && before.lacks(path, a) {
			all = append(all, difference{path, "", strings.Join(a.types, " or ")})
		}
	}
	return all
}

// lacks reports whether a member that another shape has is missing in an object of this one.
func (s shape) lacks(path string, member found) bool {
	return slices.Contains(s[member.below].types, "object") && !strings.HasSuffix(path, elements)
}

// known is the types without the secrets, which may have been of any type.
func known(types []string) []string {
	return group.Where(types, func(t string) bool { return t != typeRedacted })
}

// volatile finds what is another in every run: ids, times, tokens, durations, long numbers.
var volatile = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)` +
		`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b` + // a UUID
		`|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?` + // a time, ISO 8601
		`|\b(mon|tue|wed|thu|fri|sat|sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d gmt` + // a time, HTTP
		`|\beyJ[\w-]+\.[\w-]+\.[\w-]*` + // a JWT
		`|\b[0-9a-f]{16,}\b` + // an id or a digest
		`|\b\d{10,}\b` + // a time in seconds, a phone, a serial number
		`|\b\d+(\.\d+)? ?(ns|us|µs|ms|s|min|h)\b`) // how long it took
})

// stable is the text with a mark for each part that is another in every run.
func stable(text string) string { return volatile().ReplaceAllString(text, "*") }
