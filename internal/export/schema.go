package export

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/schemas"
)

// converter makes of the declared schemas components of an OpenAPI document, whose dialect is theirs.
type converter struct {
	declared  *schemas.Set
	documents map[schemas.Name]map[string]any
	wanted    []schemas.Name // that something refers to, in the order of the first time
}

func newConverter(declared *schemas.Set) *converter {
	return &converter{declared: declared, documents: declared.Documents()}
}

// component is the name of a schema in an OpenAPI document, which allows few characters.
func component(name schemas.Name) string {
	odd := regexp.MustCompile(`[^A-Za-z0-9.-]`) // not the underscore, so that no two names become one
	return odd.ReplaceAllStringFunc(strings.TrimSuffix(string(name), ".json"), func(s string) string { return fmt.Sprintf("_%x", s) })
}

// text returns a schema's own words.
func (c *converter) text(name schemas.Name, key string) string {
	text, _ := c.documents[name][key].(string)
	return text
}

// components returns the schemas that were referred to, and those that they refer to.
func (c *converter) components() object {
	all := object{}
	for i := 0; i < len(c.wanted); i++ { // it grows
		name := c.wanted[i]
		document := c.documents[name]
		for _, key := range []string{"$schema", "x-endpoint", "x-answer"} {
			delete(document, key)
		}
		_ = schemas.Walk(document, func(schema object) error {
			if ref, ok := schema["$ref"].(string); ok {
				schema["$ref"] = c.ref(name, ref)
			}
			return nil
		})
		all[component(name)] = document
	}
	return all
}

// ref returns where the document has what a reference in a file leads to, and remembers the file.
func (c *converter) ref(home schemas.Name, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	if file != "" {
		home = schemas.Name(file)
	}
	if !slices.Contains(c.wanted, home) {
		c.wanted = append(c.wanted, home)
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		return "#" + fragment // a $id, which has to be the only one of its name
	}
	return "#/components/schemas/" + component(home) + fragment
}

// example returns a value that fits a schema: the one that it shows, or one that follows from its constants.
func (c *converter) example(name schemas.Name) (any, bool) {
	value := made(c.documents[name])
	mismatches, err := c.declared.Apply(name, value)
	return value, err == nil && len(mismatches) == 0
}

// made makes a value that a schema asks for, as far as its constants and types say.
func made(node any) any {
	schema, _ := node.(object)
	for _, key := range []string{"examples", "enum"} {
		if list, _ := schema[key].([]any); len(list) > 0 {
			return list[0]
		}
	}
	if constant, ok := schema["const"]; ok {
		return constant
	}
	switch schema["type"] {
	case "string":
		return "text"
	case "integer", "number":
		return json.Number("1")
	case "boolean":
		return false
	case "array":
		return []any{}
	case "object":
		value := object{}
		required, _ := schema["required"].([]any)
		properties, _ := schema["properties"].(object)
		for _, name := range required {
			if name, ok := name.(string); ok {
				value[name] = made(properties[name])
			}
		}
		return value
	}
	return nil
}
