// Package export writes the contract for other tools: as OpenAPI, which requests and answers there are, and as a pact, which
// answer is due when. Both follow from the schemas and the features, and say what they cannot express.
package export

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/schemas"
)

const mediaType = "application/json"

// object is a JSON object. Its members are written in the order of their names, so that exports are reproducible.
type object = map[string]any

// OpenAPI returns the contract as an OpenAPI 3.1 document, to be encoded as JSON.
func OpenAPI(set *features.Set, declared *schemas.Set) any {
	c := newConverter(declared)
	endpoint := declared.Endpoint()
	responses := object{}
	for _, same := range group.By(declared.Answers(), func(a schemas.Answer) int { return a.Status }) {
		responses[strconv.Itoa(same[0].Status)] = response(set, c, same)
	}
	request := object{"schema": object{"$ref": c.ref(schemas.Request, "")}}
	if example, ok := c.example(schemas.Request); ok {
		request["examples"] = object{component(schemas.Request): object{"value": example}}
	}
	operation := object{
		"operationId": strings.ToLower(endpoint.Method) + regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(endpoint.Path, "_"),
		"summary":     c.text(schemas.Request, "title"),
		"description": c.text(schemas.Request, "description"),
		"requestBody": object{"required": true, "content": object{mediaType: request}},
		"responses":   responses,
	}
	bearer := object{"type": "http", "scheme": "bearer"}
	if rule, ok := set.Rule(contract.RuleToken); ok {
		bearer["description"] = promise(rule)
	}
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": schemas.Draft,
		"info": object{
			"title":       endpoint.Method + " " + endpoint.Path,
			"version":     declared.Digest(),
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": limits(set, declared),
		},
		"servers":    []any{object{"url": "/", "description": "The provider."}},
		"security":   []any{object{"appRegistration": []any{}}},
		"paths":      object{endpoint.Path: object{strings.ToLower(endpoint.Method): operation}},
		"components": object{"schemas": c.components(), "securitySchemes": object{"appRegistration": bearer}},
	}
}

// response returns the answers of one status.
func response(set *features.Set, c *converter, answers []schemas.Answer) object {
	var shapes []any
	var descriptions []string
	examples := object{}
	for _, a := range answers {
		shapes = append(shapes, object{"$ref": c.ref(a.Schema, "")})
		descriptions = append(descriptions, describe(set, c, a))
		if example, ok := c.example(a.Schema); ok {
			examples[component(a.Schema)] = object{"summary": a.Words, "value": example}
		}
	}
	content := object{"schema": shapes[0], "examples": examples}
	if len(shapes) > 1 {
		content["schema"] = object{"anyOf": shapes}
	}
	return object{"description": strings.Join(descriptions, "\n\n"), "content": object{mediaType: content}}
}

// describe returns the description of an answer, with what no schema can express.
func describe(set *features.Set, c *converter, a schemas.Answer) string {
	text := fmt.Sprintf("%s: %s", a.Rule, a.Words)
	if rule, ok := set.Rule(a.Rule); ok {
		text = fmt.Sprintf("%s (%s)", promise(rule), a.Words)
	}
	text += ". " + c.text(a.Schema, "description")
	if len(a.Repeats) > 0 {
		text += " What was sent is repeated in: " + strings.Join(a.Repeats, ", ") + "."
	}
	return strings.TrimSpace(text)
}

func promise(r features.Rule) string { return fmt.Sprintf("%s %s: %s", r.ID, r.Level, r.Title) }

// limits returns the description of the document: what of the contract OpenAPI cannot express.
func limits(set *features.Set, declared *schemas.Set) string {
	var b strings.Builder
	b.WriteString("The shapes of the request and of each documented answer, and that no other status occurs. " +
		"OpenAPI cannot express when each of them is due, nor these promises; `verifik-contract run` judges them:\n")
	for _, rule := range set.Rules {
		shape := slices.ContainsFunc(declared.Answers(), func(a schemas.Answer) bool { return a.Rule == rule.ID })
		if rule.Level != "observe" && !shape {
			b.WriteString("\n- " + promise(rule))
		}
	}
	return b.String() + "\n"
}

// converter turns the declared schemas into components of an OpenAPI document.
type converter struct {
	declared  *schemas.Set
	documents map[schemas.Name]map[string]any
	wanted    []schemas.Name // referred to so far
}

func newConverter(declared *schemas.Set) *converter {
	return &converter{declared: declared, documents: declared.Documents()}
}

// component returns the name of a schema in an OpenAPI document, which allows few characters.
func component(name schemas.Name) string {
	forbidden := regexp.MustCompile(`[^A-Za-z0-9.-]`) // the underscore too, so that no two names become one
	return forbidden.ReplaceAllStringFunc(strings.TrimSuffix(string(name), ".json"), func(s string) string { return fmt.Sprintf("_%x", s) })
}

// text returns a text member of a schema; "" if it has none.
func (c *converter) text(name schemas.Name, key string) string {
	text, _ := c.documents[name][key].(string)
	return text
}

// components returns the schemas that were referred to, and those that they refer to in turn.
func (c *converter) components() object {
	all := object{}
	for i := 0; i < len(c.wanted); i++ { // ref appends to it
		name := c.wanted[i]
		document := c.documents[name]
		for _, key := range []string{"$schema", "x-endpoint", "x-answer"} {
			delete(document, key)
		}
		for _, schema := range schemas.Within(document) {
			if ref, ok := schema["$ref"].(string); ok {
				schema["$ref"] = c.ref(name, ref)
			}
		}
		all[component(name)] = document
	}
	return all
}

// ref returns a reference of a schema file as one within the document, and records the file that it leads to.
func (c *converter) ref(home schemas.Name, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	if file != "" {
		home = schemas.Name(file)
	}
	c.wanted = group.With(c.wanted, home)
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		return "#" + fragment // a $id, unique in the document
	}
	return "#/components/schemas/" + component(home) + fragment
}

// example returns a value that fits a schema: its own example, or one made from its constants and types.
func (c *converter) example(name schemas.Name) (any, bool) {
	value := exampleOf(c.documents[name])
	mismatches, err := c.declared.Apply(name, value)
	return value, err == nil && len(mismatches) == 0
}

// exampleOf returns a value for a schema, as far as its examples, constants and types determine one.
func exampleOf(node any) any {
	schema, _ := node.(object)
	for _, key := range []string{"examples", "enum"} {
		if list, _ := schema[key].([]any); len(list) > 0 {
			return list[0]
		}
	}
	if constant, ok := schema["const"]; ok {
		return constant
	}
	kind, _ := schema["type"].(string)
	if kind != "object" {
		return map[string]any{"string": "text", "integer": json.Number("1"), "number": json.Number("1"), "boolean": false, "array": []any{}}[kind]
	}
	value := object{}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(object)
	for _, name := range required {
		value[name.(string)] = exampleOf(properties[name.(string)]) // a schema is valid
	}
	return value
}
