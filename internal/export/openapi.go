// Package export writes the contract in the form of other tools: as OpenAPI, what the endpoint takes and answers, and as a
// pact, what is answered when. Both are derived from the schemas and the features, and say what they cannot express.
package export

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/schemas"
)

const mediaType = "application/json"

// object is a JSON object. Its members are written in the order of their names, so that an export is the same each time.
type object = map[string]any

// OpenAPI returns the contract as a document of OpenAPI 3.1, for an encoder of JSON.
func OpenAPI(set *features.Set, declared *schemas.Set) any {
	c := newConverter(declared)
	endpoint := declared.Endpoint()
	responses := object{}
	answers := declared.Answers() // by their status
	for len(answers) > 0 {
		same := slices.IndexFunc(answers, func(a schemas.Answer) bool { return a.Status != answers[0].Status })
		if same < 0 {
			same = len(answers)
		}
		responses[strconv.Itoa(answers[0].Status)] = response(set, c, answers[:same])
		answers = answers[same:]
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
			"description": unsaid(set, declared),
		},
		"servers":    []any{object{"url": "/", "description": "The provider."}},
		"security":   []any{object{"appRegistration": []any{}}},
		"paths":      object{endpoint.Path: object{strings.ToLower(endpoint.Method): operation}},
		"components": object{"schemas": c.components(), "securitySchemes": object{"appRegistration": bearer}},
	}
}

// response is the answers of one status.
func response(set *features.Set, c *converter, answers []schemas.Answer) object {
	var shapes []any
	var descriptions []string
	examples := object{}
	for _, a := range answers {
		shapes = append(shapes, object{"$ref": c.ref(a.Schema, "")})
		descriptions = append(descriptions, described(set, c, a))
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

// described says what an answer is, and what of it no schema can say.
func described(set *features.Set, c *converter, a schemas.Answer) string {
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

// unsaid is the document's description: what of the contract OpenAPI cannot express.
func unsaid(set *features.Set, declared *schemas.Set) string {
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
