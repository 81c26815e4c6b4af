package schemas

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonpointer"

	"verifik-contract/internal/group"
)

// references follows the $refs of schemas.
type references struct {
	files    map[Name]map[string]any
	followed map[uintptr]bool // by the schema's map; false: it is being followed
}

// check returns what is wrong with the $refs of a file, where gojsonschema would not say so: by a name that none has it means the
// whole file.
func (r references) check(file Name) error {
	for _, schema := range Within(r.files[file]) {
		ref, _ := schema["$ref"].(string)
		_, name, _ := strings.Cut(ref, "#")
		if _, target := r.resolve(file, ref); target == nil && name != "" && name[0] != '/' {
			return fmt.Errorf("$ref %s leads nowhere: no schema has that $id", strings.TrimPrefix(ref, base))
		}
		if r.endless(file, schema) {
			return errors.New("a $ref leads back to its own schema, so that no value could be held against it")
		}
	}
	return nil
}

// endless reports whether a $ref leads from a schema back to it without a step into the value. gojsonschema would follow it until
// the stack overflows, which no program survives.
func (r references) endless(file Name, schema map[string]any) bool {
	at := reflect.ValueOf(schema).Pointer()
	if followed, seen := r.followed[at]; seen {
		return !followed
	}
	r.followed[at] = false
	if ref, ok := schema["$ref"].(string); ok {
		if other, target := r.resolve(file, ref); target != nil && r.endless(other, target) {
			return true
		}
	}
	for _, applied := range inPlace(schema) {
		if r.endless(file, applied) {
			return true
		}
	}
	r.followed[at] = true
	return false
}

// resolve returns the schema that a $ref within a file leads to, and its file; nil if there is none.
func (r references) resolve(file Name, ref string) (Name, map[string]any) {
	other, fragment, _ := strings.Cut(strings.TrimPrefix(ref, base), "#")
	if other, _ = url.PathUnescape(other); other != "" { // gojsonschema has escaped it
		file = Name(other)
	}
	fragment, _ = url.PathUnescape(fragment)
	pointer, err := gojsonpointer.NewJsonPointer(fragment)
	if err != nil { // it is a name
		return file, group.First(Within(r.files[file]), func(schema map[string]any) bool { return schema["$id"] == "#"+fragment })
	}
	node, _, _ := pointer.Get(r.files[file]) // nil with an error
	schema, _ := node.(map[string]any)
	return file, schema
}

// inPlace returns the schemas within one that are held against the same value as it.
func inPlace(schema map[string]any) (all []map[string]any) {
	var nodes []any
	for _, key := range []string{"not", "if", "then", "else"} {
		nodes = append(nodes, schema[key])
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := schema[key].([]any)
		nodes = append(nodes, list...)
	}
	dependencies, _ := schema["dependencies"].(map[string]any)
	for _, node := range slices.AppendSeq(nodes, maps.Values(dependencies)) {
		if one, ok := node.(map[string]any); ok {
			all = append(all, one)
		}
	}
	return all
}
