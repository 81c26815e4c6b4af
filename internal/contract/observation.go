package contract

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
)

// Observation is what a provider answered where the documentation is silent.
type Observation struct {
	Label  string // which of the scenario's calls; "" if there is one
	Status int    // 0: no answer came, and Note says why
	Code   string // the body's code, if it is a string
	Shape  string // the body's shape: "{code: string, message: string}"
	Note   string // "connection-lost", "3 of 20 were answered 200"
}

// Shown returns the observation redacted and then cut.
func (o Observation) Shown(redact func(string) string) Observation {
	o.Code, o.Shape, o.Note = reveal(o.Code, shown, redact), reveal(o.Shape, shown, redact), reveal(o.Note, shown, redact)
	return o
}

// Shape describes the shape of an answer's body: "{code: string, message: string}".
func Shape(a *exchange.Answer) string {
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return "empty"
	}
	r := parse(a)
	if r.err != nil {
		return "not JSON"
	}
	return shape(r.value, 0)
}

// shapeDepth bounds the depth of a shape: a hostile answer may nest a hundred thousand arrays.
const shapeDepth = 6

func shape(v any, depth int) string {
	if depth > shapeDepth {
		return "..."
	}
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case map[string]any:
		members := group.Map(slices.Sorted(maps.Keys(v)), func(key string) string { return key + ": " + shape(v[key], depth+1) })
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shape(v[0], depth+1) + "]"
	default:
		return "number"
	}
}

// Observe returns what was answered where the documentation is silent.
func Observe(e exchange.Exchange, label string) Observation {
	o := Observation{Label: label}
	if e.Answer == nil {
		o.Note = "no answer"
		if e.Failure != nil {
			o.Note = string(e.Failure.Cause)
		}
		return o
	}
	o.Status, o.Shape, o.Code = e.Answer.Status, Shape(e.Answer), parse(e.Answer).text("code")
	return o
}
