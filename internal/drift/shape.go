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

// place is where something is found in a body: a step below another place, ".phone" to an object's member, "[]" to the
// elements of an array, ".*" to members whose names are ids.
type place struct {
	below *found
	step  string
}

// found is the types of what is found at a place, before and now.
type found struct {
	place
	types [2][]string
}

// shapes is what is found at each place of two bodies. Paths are made only of what differs: a deep body has many long ones.
type shapes map[place]*found

func (s shapes) add(which int, at place, v any) {
	f := s[at]
	if f == nil {
		f = &found{place: at}
		s[at] = f
	}
	types := append(f.types[which], typeOf(v))
	slices.Sort(types)
	f.types[which] = slices.Compact(types)
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			s.add(which, place{f, step(name)}, member)
		}
	case []any:
		for _, e := range v {
			s.add(which, place{f, elements}, e)
		}
	}
}

func (f *found) path() []byte {
	if f == nil {
		return nil
	}
	return append(f.below.path(), f.step...)
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

// difference is one path at which two bodies differ; before or now is "" where it is not there.
type difference struct{ path, before, now string }

// differences is where the shapes of two bodies differ. Below a place that is only in one, or that is of another type,
// nothing more is said; an empty array tells nothing of its elements.
func differences(before, now string) []difference {
	s := shapes{}
	for which, body := range []string{before, now} {
		s.add(which, place{step: "$"}, decode(body))
	}
	var all []difference
	for _, f := range s {
		b, n := f.types[0], f.types[1]
		told := f.isMember(0) && f.isMember(1) // where it is in one alone
		if len(b) > 0 && len(n) > 0 {
			b, n = known(b), known(n)
			told = len(b) > 0 && len(n) > 0
		}
		if told && !slices.Equal(b, n) {
			all = append(all, difference{string(f.path()), strings.Join(b, " or "), strings.Join(n, " or ")})
		}
	}
	return all
}

// isMember reports whether this is, or could be, a member of an object of one of the bodies.
func (f *found) isMember(which int) bool {
	return f.below != nil && f.step != elements && slices.Contains(f.below.types[which], "object")
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
