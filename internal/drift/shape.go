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

// node is a place in two bodies, that of the baseline and the current one: the types of the values that were found there, and
// the places below it by the step to them: ".phone" for a member of an object, "[]" for the elements of an array, ".*" for
// members whose names are ids.
type node struct {
	types [2][]string
	below map[string]*node
}

// add adds a value of one of the bodies, and what is within it.
func (n *node) add(which int, v any) {
	n.types[which] = group.With(n.types[which], typeOf(v))
	slices.Sort(n.types[which])
	enter := func(step string, v any) {
		if n.below[step] == nil {
			n.below[step] = &node{below: map[string]*node{}}
		}
		n.below[step].add(which, v)
	}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			enter(step(name), member)
		}
	case []any:
		for _, e := range v {
			enter(elements, e)
		}
	}
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
	root := &node{below: map[string]*node{}}
	root.add(0, decode(before))
	root.add(1, decode(now))
	return root.differences([]byte("$"), false)
}

// differences returns the differences at a place and below it. member is whether both bodies have an object there that has, or
// could have, it as a member. The path is spelled only where something differs: those of a deep body are long.
func (n *node) differences(path []byte, member bool) (all []difference) {
	b, now := n.types[0], n.types[1]
	if len(b) > 0 && len(now) > 0 {
		b, now = known(b), known(now)
		member = len(b) > 0 && len(now) > 0
	}
	if member && !slices.Equal(b, now) {
		all = append(all, difference{string(path), strings.Join(b, " or "), strings.Join(now, " or ")})
	}
	objects := slices.Contains(n.types[0], "object") && slices.Contains(n.types[1], "object")
	for step, below := range n.below {
		all = append(all, below.differences(append(path, step...), objects && step != elements)...)
	}
	return all
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
