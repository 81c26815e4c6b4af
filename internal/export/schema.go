package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/schemas"
)

// converter turns schemas of draft-07, which the contract is declared in, into those of 2020-12, which OpenAPI 3.1 has.
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
		all[component(c.wanted[i])] = c.schema(c.wanted[i], c.documents[c.wanted[i]])
	}
	return all
}

// schema converts a schema that stands in a file.
func (c *converter) schema(home schemas.Name, node any) any {
	from, ok := node.(object)
	if !ok {
		return node // true or false
	}
	to := object{}
	ref, refers := from["$ref"].(string)
	if refers {
		to["$ref"] = c.ref(home, ref)
	}
	for key, value := range from {
		switch key {
		case "definitions":
			to["$defs"] = c.each(home, value)
			continue
		}
		if refers { // what stands beside a $ref means nothing in draft-07, and something in 2020-12
			continue
		}
		switch key {
		case "$schema", "$id", "x-endpoint", "x-answer": // a $id is a place's name, which ref resolves
		case "properties", "patternProperties":
			to[key] = c.each(home, value)
		case "dependencies":
			c.dependencies(home, value, to)
		case "items":
			if list, several := value.([]any); several {
				to["prefixItems"] = c.list(home, list)
			} else {
				to["items"] = c.schema(home, value)
			}
		case "additionalItems":
			if _, several := from["items"].([]any); several {
				to["items"] = c.schema(home, value)
			}
		case "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else":
			to[key] = c.schema(home, value)
		case "allOf", "anyOf", "oneOf":
			list, _ := value.([]any)
			to[key] = c.list(home, list)
		default:
			to[key] = value
		}
	}
	return to
}

func (c *converter) each(home schemas.Name, named any) object {
	to := object{}
	all, _ := named.(object)
	for name, schema := range all {
		to[name] = c.schema(home, schema)
	}
	return to
}

func (c *converter) list(home schemas.Name, all []any) []any {
	to := make([]any, len(all))
	for i, schema := range all {
		to[i] = c.schema(home, schema)
	}
	return to
}

// dependencies splits what draft-07 has one keyword for.
func (c *converter) dependencies(home schemas.Name, value any, to object) {
	required, shapes := object{}, object{}
	all, _ := value.(object)
	for name, one := range all {
		if _, names := one.([]any); names {
			required[name] = one
		} else {
			shapes[name] = c.schema(home, one)
		}
	}
	if len(required) > 0 {
		to["dependentRequired"] = required
	}
	if len(shapes) > 0 {
		to["dependentSchemas"] = shapes
	}
}

// ref converts a reference that stands in a file, and remembers what it is to.
func (c *converter) ref(home schemas.Name, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	if file != "" {
		home = schemas.Name(file)
	}
	if !slices.Contains(c.wanted, home) {
		c.wanted = append(c.wanted, home)
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		fragment, _ = placeOf(c.documents[home], "#"+fragment)
	}
	return "#/components/schemas/" + component(home) + moved(fragment)
}

// placeOf finds the schema of a $id and returns its JSON pointer.
func placeOf(node any, id string) (pointer string, found bool) {
	var members []string
	at := func(string) any { return nil }
	switch node := node.(type) {
	case object:
		if node["$id"] == id {
			return "", true
		}
		members, at = slices.Sorted(maps.Keys(node)), func(key string) any { return node[key] }
	case []any:
		for i := range node {
			members = append(members, fmt.Sprint(i))
		}
		at = func(key string) any { return node[slices.Index(members, key)] }
	}
	for _, key := range members {
		if rest, found := placeOf(at(key), id); found && key != "const" && key != "enum" {
			return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key) + rest, true
		}
	}
	return "", false
}

// moved is a JSON pointer into a schema of draft-07 as it is in the converted one.
func moved(pointer string) string {
	steps := strings.Split(pointer, "/")
	for i := 1; i < len(steps); i++ {
		next := ""
		if i+1 < len(steps) {
			next = steps[i+1]
		}
		switch steps[i] {
		case "definitions":
			steps[i] = "$defs"
			i++ // what follows is a name
		case "dependencies":
			steps[i] = "dependentSchemas"
			i++
		case "properties", "patternProperties":
			i++
		case "additionalItems":
			steps[i] = "items"
		case "items":
			if next != "" && strings.Trim(next, "0123456789") == "" {
				steps[i] = "prefixItems"
			}
		}
	}
	return strings.Join(steps, "/")
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
