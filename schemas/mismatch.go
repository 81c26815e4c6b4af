package schemas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Mismatch is one place in which a value is not as its schema says.
type Mismatch struct {
	Path     string // JSON path, "$.data.status"
	Expected string // "\"validated\"", "a string", "present"
	Actual   string // the value there as JSON, or "absent"
}

// Apply tells where a value, decoded with json.Number for numbers, differs from a schema, in the order of the
// paths. No mismatch: it fits. An error means that the value could not be judged at all.
func (s *Set) Apply(name Name, value any) ([]Mismatch, error) {
	schema := s.compiled[name]
	if schema == nil {
		return nil, fmt.Errorf("no schema %q", name)
	}
	outcome, err := schema.Validate(gojsonschema.NewRawLoader(tame(value)))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	var mismatches []Mismatch
	for _, e := range outcome.Errors() {
		mismatches = append(mismatches, mismatch(e))
	}
	// gojsonschema's order changes from run to run.
	slices.SortFunc(mismatches, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Expected, b.Expected))
	})
	return slices.Compact(mismatches), nil
}

func mismatch(e gojsonschema.ResultError) Mismatch {
	m := Mismatch{Path: "$" + strings.TrimPrefix(e.Context().String(), "(root)"), Actual: text(e.Value())}
	details := e.Details()
	switch e.Type() {
	case "required":
		m.Path += fmt.Sprintf(".%v", details["property"])
		m.Expected, m.Actual = "present", "absent"
	case "const":
		m.Expected = fmt.Sprint(details["allowed"])
	case "enum":
		m.Expected = "one of " + fmt.Sprint(details["allowed"])
	case "invalid_type":
		m.Expected = "of type " + fmt.Sprint(details["expected"])
	case "pattern":
		m.Expected = fmt.Sprintf("matching %v", details["pattern"])
	default:
		m.Expected = e.Description()
	}
	return m
}

// outOfRange stands for a number that gojsonschema cannot take: beyond float64 its const panics, and its big.Rat
// of a huge exponent would not end. No documented answer holds a number, so any number is as wrong as this one.
const outOfRange = json.Number("1e300")

// tame copies a value with such numbers replaced.
func tame(value any) any {
	switch value := value.(type) {
	case json.Number:
		if f, err := value.Float64(); err != nil || len(value) > 64 || (f == 0 && strings.ContainsAny(string(value), "123456789")) {
			return outOfRange
		}
	case map[string]any:
		tamed := make(map[string]any, len(value))
		for key, member := range value {
			tamed[key] = tame(member)
		}
		return tamed
	case []any:
		tamed := make([]any, len(value))
		for i, element := range value {
			tamed[i] = tame(element)
		}
		return tamed
	}
	return value
}

func text(value any) string {
	if value == outOfRange {
		return "a number out of range"
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}
