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

// redacted stands in a result for a secret, whose type is not known any more.
const redacted = "[redacted]"

// typeRedacted is the type of a secret.
const typeRedacted = "redacted"

// noValue is what decode returns for a body that is not a JSON value.
type noValue string

const (
	nothing noValue = "nothing"
	notJSON noValue = "not JSON"
)

// decode returns a body as a JSON value, or as a noValue.
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

// place is a place in a body: a step below its parent, ".phone" for a member of an object, "[]" for the elements of an
// array, ".*" for members whose names are ids.
type place struct {
	parent *node
	step   string
}

// node is a place with the types of the values that were found there, in the baseline and now.
type node struct {
	place
	types [2][]string
}

// shapes holds the places of two bodies. Paths are spelled only where something differs: those of a deep body are long.
type shapes map[place]*node

func (s shapes) add(which int, at place, v any) {
	f := s[at]
	if f == nil {
		f = &node{place: at}
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

func (f *node) path() []byte {
	if f == nil {
		return nil
	}
	return append(f.parent.path(), f.step...)
}

// elements is the step to the elements of an array.
const elements = "[]"

// step returns the step to a member. A name that is itself a value (an id, a time) stands for any name.
func step(name string) string {
	if maskVolatile(name) != name {
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

// difference is a path at which two bodies differ; before or now is "" where it does not exist.
type difference struct{ path, before, now string }

// differences returns where the shapes of two bodies differ. Nothing is reported below a place that only one of them has
// or whose type differs, and an empty array says nothing about its elements.
func differences(before, now string) []difference {
	s := shapes{}
	for which, body := range []string{before, now} {
		s.add(which, place{step: "$"}, decode(body))
	}
	var all []difference
	for _, f := range s {
		b, n := f.types[0], f.types[1]
		comparable := f.isMember(0) && f.isMember(1) // if only one body has it
		if len(b) > 0 && len(n) > 0 {
			b, n = known(b), known(n)
			comparable = len(b) > 0 && len(n) > 0
		}
		if comparable && !slices.Equal(b, n) {
			all = append(all, difference{string(f.path()), strings.Join(b, " or "), strings.Join(n, " or ")})
		}
	}
	return all
}

// isMember reports whether one of the bodies has an object here that has, or could have, this member.
func (f *node) isMember(which int) bool {
	return f.parent != nil && f.step != elements && slices.Contains(f.parent.types[which], "object")
}

// known returns the types without that of secrets, which may have been of any type.
func known(types []string) []string {
	return group.Where(types, func(t string) bool { return t != typeRedacted })
}

// volatileText matches what differs in every run: ids, times, tokens, durations, long numbers.
var volatileText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)` +
		`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b` + // a UUID
		`|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?` + // a time, ISO 8601
		`|\b(mon|tue|wed|thu|fri|sat|sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d gmt` + // a time, HTTP
		`|\beyJ[\w-]+\.[\w-]+\.[\w-]*` + // a JWT
		`|\b[0-9a-f]{16,}\b` + // an id or a digest
		`|\b\d{10,}\b` + // a time in seconds, a phone, a serial number
		`|\b\d+(\.\d+)? ?(ns|us|µs|ms|s|min|h)\b`) // a duration
})

// maskVolatile returns a text in which each part that differs in every run is masked.
func maskVolatile(text string) string { return volatileText().ReplaceAllString(text, "*") }
