package export

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	jsonschema "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"verifik-contract/schemas"
)

func TestWhatOpenAPISaysIsWhatTheSchemasDeclare(t *testing.T) {
	set, declared := load(t, "")
	document := plain(t, OpenAPI(set, declared))
	require.Equal(t, "3.1.0", document["openapi"])
	put := in(t, document, "paths", "/v2/phone-validations", "put")
	require.Equal(t, "#/components/schemas/request", in(t, put, "requestBody", "content", "application/json", "schema", "$ref"))
	require.Equal(t, map[string]any{"phone": "62647737", "countryCode": "+507", "otp": 123456.0},
		in(t, put, "requestBody", "content", "application/json", "examples", "request", "value"))
	require.Len(t, in(t, put, "responses"), 5)
	require.Equal(t, []any{
		map[string]any{"$ref": "#/components/schemas/answer-409-country-code"},
		map[string]any{"$ref": "#/components/schemas/answer-409-missing-parameter"},
	}, in(t, put, "responses", "409", "content", "application/json", "schema", "anyOf"))
	require.Equal(t, "missing phone\n. missing countryCode\n. missing otp",
		in(t, put, "responses", "409", "content", "application/json", "examples", "answer-409-missing-parameter", "value", "message"))
	require.Equal(t, "otp_does_not_match", in(t, put, "responses", "403", "content", "application/json", "examples", "answer-403", "value", "code"))
	require.Contains(t, in(t, put, "responses", "200", "description"), "What was sent is repeated in: countryCode, phone.")
	require.Contains(t, in(t, put, "responses", "412", "description"), "PV-07 must: An expired OTP is refused, even if it is right (the OTP has expired).")
	require.Equal(t, []any{map[string]any{"appRegistration": []any{}}}, document["security"])
	require.Equal(t, "bearer", in(t, document, "components", "securitySchemes", "appRegistration", "scheme"))
	require.NotContains(t, in(t, document, "components", "schemas"), "answer-error", "nothing refers to it")
	for name, schema := range in(t, document, "components", "schemas").(map[string]any) {
		for key := range schema.(map[string]any) {
			require.False(t, strings.HasPrefix(key, "x-") || key == "$schema", "%s has %s", name, key)
		}
	}
	description := in(t, document, "info", "description").(string)
	for _, rule := range set.Rules {
		answer := strings.Contains("PV-01 PV-02 PV-03 PV-04 PV-06 PV-07", rule.ID)
		require.Equal(t, rule.Level != "observe" && !answer, strings.Contains(description, "\n- "+rule.ID+" "+rule.Level+": "+rule.Title), rule.ID)
	}
}

func TestAnAnswerOfAnotherContractIsInTheDocument(t *testing.T) {
	set, declared := load(t, "../../examples/lock")
	document := plain(t, OpenAPI(set, declared))
	answer := in(t, document, "paths", "/v2/phone-validations", "put", "responses", "423")
	require.Equal(t, "LOCK-01 must: A locked validation is refused (the phone is locked). The answer to any OTP for a validation that is locked.", in(t, answer, "description"))
	require.Equal(t, "phone_locked", in(t, answer, "content", "application/json", "examples", "answer-423", "value", "code"))
	require.Equal(t, "423:phone_locked", in(t, document, "components", "schemas", "answer-423", "properties", "message", "const"))
}

// Each schema means the same in the document as it does by itself, judged by another validator.
func TestASchemaMeansTheSameInTheDocument(t *testing.T) {
	fit, other := func(text string) string { return "+" + text }, func(text string) string { return "-" + text }
	for name, test := range map[string]struct {
		schema string
		values []string
	}{
		"definitions":                   {`{"properties":{"a":{"$ref":"#/definitions/b"}},"definitions":{"b":{"type":"string"}}}`, []string{fit(`{"a":"x"}`), other(`{"a":1}`)}},
		"a definition of another file":  {`{"$ref":"more.json#/definitions/code"}`, []string{fit(`"yes"`), other(`"no"`)}},
		"another file":                  {`{"items":{"$ref":"more.json"}}`, []string{fit(`[1]`), other(`[true]`)}},
		"itself":                        {`{"properties":{"a":{"$ref":"#"}},"required":["b"]}`, []string{fit(`{"b":1,"a":{"b":1}}`), other(`{"b":1,"a":{}}`)}},
		"what stands beside a $ref":     {`{"properties":{"a":{"$ref":"#/definitions/b","minLength":9}},"definitions":{"b":{"type":"string"}}}`, []string{fit(`{"a":"x"}`)}},
		"definitions beside a $ref":     {`{"$ref":"#/definitions/b","definitions":{"b":{"type":"string"}}}`, []string{fit(`"x"`), other(`1`)}},
		"a place by its name":           {`{"properties":{"a":{"$ref":"#there"},"x/y":{"$id":"#there","type":"string"}}}`, []string{fit(`{"a":"x"}`), other(`{"a":1}`), other(`{"x/y":1}`)}},
		"a list of items":               {`{"items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}`, []string{fit(`["a",1]`), fit(`["a"]`), other(`[1]`), other(`["a",1,2]`)}},
		"more items of a kind":          {`{"items":[{"type":"string"}],"additionalItems":{"type":"integer"}}`, []string{fit(`["a",1,2]`), other(`["a","b"]`)}},
		"more items that mean nothing":  {`{"items":{"type":"string"},"additionalItems":false}`, []string{fit(`["a","b"]`), other(`[1]`)}},
		"a pointer into a list":         {`{"properties":{"a":{"items":[{"type":"string"}]},"b":{"$ref":"#/properties/a/items/0"}}}`, []string{fit(`{"b":"x"}`), other(`{"b":1}`)}},
		"a pointer into items":          {`{"properties":{"items":{"items":{"type":"string"}},"b":{"$ref":"#/properties/items/items"}}}`, []string{fit(`{"b":"x"}`), other(`{"b":1}`)}},
		"dependencies":                  {`{"dependencies":{"a":["b"],"c":{"required":["d"]}}}`, []string{fit(`{"a":1,"b":1}`), other(`{"a":1}`), fit(`{"c":1,"d":1}`), other(`{"c":1}`)}},
		"a pointer into dependencies":   {`{"dependencies":{"c":{"required":["d"]}},"properties":{"e":{"$ref":"#/dependencies/c"}}}`, []string{fit(`{"e":{"d":1}}`), other(`{"e":{}}`)}},
		"properties named as keywords":  {`{"properties":{"definitions":{"type":"string"},"$ref":{"type":"string"},"items":{"type":"string"}}}`, []string{fit(`{"definitions":"x","$ref":"y"}`), other(`{"definitions":1}`), other(`{"$ref":1}`), other(`{"items":[]}`)}},
		"data that looks like a schema": {`{"const":{"definitions":{"$ref":"#x"},"items":[1]}}`, []string{fit(`{"definitions":{"$ref":"#x"},"items":[1]}`), other(`{}`)}},
		"combinations":                  {`{"allOf":[{"anyOf":[{"$ref":"#/definitions/b"},{"not":{"type":"string"}}]}],"definitions":{"b":{"enum":["x"]}}}`, []string{fit(`"x"`), fit(`1`), other(`"y"`)}},
		"conditions":                    {`{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, []string{fit(`{"a":1,"b":1}`), other(`{"a":1}`), fit(`{"c":1}`), other(`{}`)}},
		"a plain no":                    {`{"properties":{"a":false},"additionalProperties":true}`, []string{fit(`{"b":1}`), other(`{"a":1}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			declared, err := schemas.Load(schemas.Files(), fstest.MapFS{
				"a schema.json": &fstest.MapFile{Data: []byte(test.schema)},
				"more.json":     &fstest.MapFile{Data: []byte(`{"type":"number","definitions":{"code":{"enum":["yes"]}}}`)},
			})
			require.NoError(t, err)
			c := newConverter(declared)
			root := c.ref("a schema.json", "")
			require.Equal(t, "#/components/schemas/a_20schema", root)
			document := plain(t, object{"$ref": root, "components": object{"schemas": c.components()}})
			compiler := jsonschema.NewCompiler()
			compiler.DefaultDraft(jsonschema.Draft7) // as jsonSchemaDialect says
			require.NoError(t, compiler.AddResource("mem:///document.json", document))
			converted, err := compiler.Compile("mem:///document.json")
			require.NoError(t, err, "%s", encoded(t, document))
			for _, value := range test.values {
				parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(value[1:]))
				require.NoError(t, err)
				mismatches, err := declared.Apply("a schema.json", parsed)
				require.NoError(t, err)
				require.Equal(t, value[0] == '+', len(mismatches) == 0, "by itself: %s: %v", value[1:], mismatches)
				require.Equal(t, value[0] == '+', converted.Validate(parsed) == nil, "in the document: %s by %s", value[1:], encoded(t, document))
			}
		})
	}
}

// The carried schemas too, held to the values that they show.
func TestTheExamplesFitTheConvertedSchemas(t *testing.T) {
	set, declared := load(t, "../../examples/lock")
	document := plain(t, OpenAPI(set, declared))
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	require.NoError(t, compiler.AddResource("mem:///document.json", document))
	compile := func(name string) *jsonschema.Schema {
		schema, err := compiler.Compile("mem:///document.json#/components/schemas/" + name)
		require.NoError(t, err, name)
		return schema
	}
	names := map[string]any{}
	for _, answer := range declared.Answers() {
		names[component(answer.Schema)] = in(t, document, "paths", "/v2/phone-validations", "put", "responses", fmt.Sprint(answer.Status), "content", "application/json", "examples", component(answer.Schema), "value")
	}
	for of, value := range names {
		for name := range names {
			require.Equal(t, of == name, compile(name).Validate(value) == nil, "the example of %s by %s", of, name)
		}
	}
}

func TestAnExampleIsMadeWhereASchemaShowsNone(t *testing.T) {
	for schema, expected := range map[string]any{
		`{"type":"object","required":["a","b","c","d","e"],"properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"},"d":{"type":"array"},"e":{"enum":["x","y"]},"f":{"type":"string"}}}`: map[string]any{"a": "text", "b": 1.0, "c": false, "d": []any{}, "e": "x"},
		`{"type":"string","pattern":"^[0-9]+$"}`:                    nil,
		`{"type":"string","pattern":"^[0-9]+$","examples":["007"]}`: "007",
		`{"examples":["x"],"type":"integer"}`:                       nil,
	} {
		declared, err := schemas.Load(schemas.Files(), fstest.MapFS{"one.json": &fstest.MapFile{Data: []byte(schema)}})
		require.NoError(t, err)
		value, ok := newConverter(declared).example("one.json")
		require.Equal(t, expected != nil, ok, schema)
		if ok {
			require.Equal(t, expected, plain(t, object{"v": value})["v"])
		}
	}
}
