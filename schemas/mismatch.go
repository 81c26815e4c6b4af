package schemas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// Mismatch is one place where a value differs from its schema.
type Mismatch struct {
	Path     string // JSON path, "$.data.status"
	Expected string // "\"validated\"", "of type string"; "" if any value would do
	Actual   string // the value there as JSON, or Missing
}

// Missing stands for a value that is not there. (A text that is there is quoted.)
const Missing = "missing"

// Apply returns where a value, whose numbers are json.Number, differs from a schema, sorted by path; none if it fits. An
// error means that the value could not be checked.
func (s *Set) Apply(name Name, value any) ([]Mismatch, error) {
	schema := s.compiled[name]
	if schema == nil {
		return nil, fmt.Errorf("no schema %q", name)
	}
	outcome, err := schema.Validate(gojsonschema.NewRawLoader(withTameNumbers(value)))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	mismatches := group.Map(outcome.Errors(), mismatch)
	// gojsonschema's order changes from run to run.
	slices.SortFunc(mismatches, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Expected, b.Expected))
	})
	return slices.Compact(mismatches), nil
}

func mismatch(e gojsonschema.ResultError) Mismatch {
	m := Mismatch{Path: "$" + strings.TrimPrefix(e.Context().String(), "(root)"), Actual: asJSON(e.Value())}
	expected, worded := map[string]struct{ format, detail string }{
		"const": {"%v", "allowed"}, "enum": {"one of %v", "allowed"}, "invalid_type": {"of type %v", "expected"},
		"pattern": {"matching %v", "pattern"}, "string_gte": {"of length %v or more", "min"},
	}[e.Type()]
	switch details := e.Details(); {
	case e.Type() == "required":
		m.Path, m.Actual = fmt.Sprintf("%s.%v", m.Path, details["property"]), Missing
	case worded:
		m.Expected = fmt.Sprintf(expected.format, details[expected.detail])
	default:
		m.Expected = e.Description()
	}
	return m
}

// The substitutes for numbers that gojsonschema cannot handle: its const panics beyond float64, and its big.Rat takes
// forever for a huge exponent or a million digits. They keep the sign and whether the number is an integer, which the
// request's schema asks for.
const (
	hugeNumber   = "1e300"
	tinyFraction = "5e-300"
)

// tameNumber replaces such a number. Whether one of more than 64 characters is an integer is decided with the precision of a
// float64.
func tameNumber(n json.Number) json.Number {
	const long = 64
	if len(n) < 16 && !strings.ContainsAny(string(n), ".eE") {
		return n // the fast path, for nearly all numbers
	}
	f, err := n.Float64()
	digits, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	zero := !strings.ContainsAny(digits, "123456789")
	switch {
	case zero && (len(n) > long || len(exponent) > 3):
		return "0"
	case zero, err == nil && f != 0 && len(n) <= long:
		return n
	}
	tamed := json.Number(hugeNumber)
	if f == 0 || f != math.Trunc(f) {
		tamed = tinyFraction
	}
	if f < 0 || f == 0 && n[0] == '-' {
		tamed = "-" + tamed
	}
	return tamed
}

// withTameNumbers returns a value with all such numbers replaced.
func withTameNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if tamed := tameNumber(v); tamed != v {
			return tamed
		}
	case map[string]any:
		tamed := make(map[string]any, len(v))
		for name, member := range v {
			tamed[name] = withTameNumbers(member)
		}
		return tamed
	case []any:
		tamed := make([]any, len(v))
		for i, element := range v {
			tamed[i] = withTameNumbers(element)
		}
		return tamed
	}
	return value
}

// asJSON spells a value as JSON.
func asJSON(value any) string {
	if n, ok := value.(json.Number); ok {
		if size := strings.TrimPrefix(string(n), "-"); size == hugeNumber || size == tinyFraction {
			return "a number out of range"
		}
	}
	return text.Value(value)
}
