package drift

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// shape is the types that are found at one place of a body, and what is below it by the next step of its path: ".phone" of an
// object's member, "[]" of the elements of an array, ".*" of members whose names are ids.
type shape struct {
	types []string
	below map[string]*shape
}

func newShape() *shape { return &shape{below: map[string]*shape{}} }

func shapeOf(body string) *shape {
	s := newShape()
	s.add(decode(body))
	return s
}

func (s *shape) add(v any) {
	if t := typeOf(v); !slices.Contains(s.types, t) {
		s.types = append(s.types, t)
		slices.Sort(s.types)
	}
	at := func(step string) *shape {
		s.below[step] = cmp.Or(s.below[step], newShape())
		return s.below[step]
	}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			at(step(name)).add(member)
		}
	case []any:
		for _, e := range v {
			at("[]").add(e)
		}
	}
}

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

// differences is where two shapes at a path differ. Below a place that is only in one, or that is of another type, nothing
// more is said; an empty array tells nothing of its elements.
func differences(path string, before, after *shape) []difference {
	var found []difference
	if x, y := known(before.types), known(after.types); len(x) > 0 && len(y) > 0 && !slices.Equal(x, y) {
		found = append(found, difference{path, strings.Join(x, " or "), strings.Join(y, " or ")})
	}
	steps := slices.AppendSeq(slices.Collect(maps.Keys(before.below)), maps.Keys(after.below))
	slices.Sort(steps)
	for _, step := range slices.Compact(steps) {
		switch b, a := before.below[step], after.below[step]; {
		case b != nil && a != nil:
			found = append(found, differences(path+step, b, a)...)
		case step == "[]":
		case b == nil && slices.Contains(before.types, "object"):
			found = append(found, difference{path + step, "", strings.Join(a.types, " or ")})
		case a == nil && slices.Contains(after.types, "object"):
			found = append(found, difference{path + step, strings.Join(b.types, " or "), ""})
		}
	}
	return found
}

// known is the types without the secrets, which may have been of any type.
func known(types []string) []string {
	return slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == typeRedacted })
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
