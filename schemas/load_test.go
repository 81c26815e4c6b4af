package schemas

import (
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// folder returns the shipped schemas with some replaced or, if the content is "", removed.
func folder(t testing.TB, changed map[string]string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	names, err := fs.Glob(Files(), "*.json")
	require.NoError(t, err)
	for _, name := range names {
		data, err := fs.ReadFile(Files(), name)
		require.NoError(t, err)
		all[name] = &fstest.MapFile{Data: data}
	}
	for name, content := range changed {
		if content == "" {
			delete(all, name)
			continue
		}
		all[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return all
}

func TestTheShippedSchemasLoad(t *testing.T) {
	set, err := Load(Files())
	require.NoError(t, err)
	names, err := fs.Glob(Files(), "*.json")
	require.NoError(t, err)
	require.Len(t, names, len(Names()), "a schema that nobody names")
	for _, name := range Names() {
		_, err := set.Apply(name, map[string]any{})
		require.NoError(t, err)
	}
	_, err = set.Apply("other.json", nil)
	require.ErrorContains(t, err, `no schema "other.json"`)
}

func TestEachShippedSchemaSaysItsDraftAndWhatItIs(t *testing.T) {
	for _, name := range Names() {
		data, err := fs.ReadFile(Files(), string(name))
		require.NoError(t, err)
		object, err := decode(data)
		require.NoError(t, err)
		require.Equal(t, Draft, object["$schema"])
		require.NotEmpty(t, object["title"])
		require.NotEmpty(t, object["description"])
		require.NotContains(t, string(data), "additionalProperties", "they are open: what more an answer holds is PV-18's matter")
	}
}

func TestASchemaThatCannotBeTrustedIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ content, problem string }{
		"not JSON":                        {"type: object", "not JSON"},
		"empty":                           {" ", "not JSON"},
		"cut off":                         {`{"type":`, "not JSON"},
		"two values":                      {`{} {}`, "more than one JSON value"},
		"a brace too many":                {`{}}`, "more than one JSON value"},
		"a bracket after it":              {`{}]`, "more than one JSON value"},
		"a word after it":                 {`{} x`, "more than one JSON value"},
		"a list":                          {`[]`, "a schema is a JSON object"},
		"true":                            {`true`, "a schema is a JSON object"},
		"null":                            {`null`, "a schema is a JSON object"},
		"another draft":                   {`{"$schema":"https://json-schema.org/draft/2020-12/schema"}`, "write http://json-schema.org/draft-07/schema#"},
		"draft 4":                         {`{"$schema":"http://json-schema.org/draft-04/schema#"}`, "write http://json-schema.org/draft-07/schema#"},
		"another draft, inside":           {`{"properties":{"a":{"$schema":"http://json-schema.org/draft-04/schema#"}}}`, "write http://json-schema.org/draft-07/schema#"},
		"a draft that is no text":         {`{"$schema":7}`, "write http://json-schema.org/draft-07/schema#"},
		"no valid schema":                 {`{"type":"objekt"}`, "type"},
		"no valid schema, inside":         {`{"properties":{"a":{"pattern":7}}}`, "pattern"},
		"an expression that is none":      {`{"properties":{"a":{"pattern":"("}}}`, "pattern"},
		"required that is no list":        {`{"required":"code"}`, "required"},
		"a remote $ref":                   {`{"$ref":"http://127.0.0.1:1/x.json"}`, "leads outside the schemas"},
		"a remote $ref over TLS":          {`{"items":[{"$ref":"https://example.test/x.json#/a"}]}`, "leads outside the schemas"},
		"a $ref of no scheme":             {`{"$ref":"//example.test/x.json"}`, "leads outside the schemas"},
		"a file's $ref":                   {`{"properties":{"a":{"$ref":"file:///etc/passwd"}}}`, "leads outside the schemas"},
		"an absolute $ref":                {`{"$ref":"/etc/passwd"}`, "leads outside the schemas"},
		"a $ref to the folder above":      {`{"$ref":"../answer-404.json"}`, "leads outside the schemas"},
		"a $ref to a folder below":        {`{"$ref":"x/answer-404.json"}`, "leads outside the schemas"},
		"a $ref to a file that is absent": {`{"$ref":"answer-418.json"}`, "leads outside the schemas"},
		"a $ref with a query":             {`{"$ref":"answer-404.json?x"}`, "leads outside the schemas"},
		"a $ref with an escaped slash":    {`{"$ref":"..%2fanswer-404.json"}`, "leads outside the schemas"},
		"a $ref to a name in the air":     {`{"$ref":"#/definitions/nothing"}`, "answer-403.json"},
		"a $ref deep in a list":           {`{"allOf":[{"anyOf":[{"not":{"$ref":"http://x.test/"}}]}]}`, "leads outside the schemas"},
		"a $ref of a property const":      {`{"properties":{"const":{"$ref":"http://x.test/"}}}`, "leads outside the schemas"},
		"a $ref of a property enum":       {`{"properties":{"enum":{"$ref":"file:///etc/passwd"}}}`, "leads outside the schemas"},
		"a $ref of a definition enum":     {`{"definitions":{"enum":{"$ref":"file:///etc/passwd"}}}`, "leads outside the schemas"},
		"a $ref of a pattern const":       {`{"patternProperties":{"const":{"$ref":"file:///etc/passwd"}}}`, "leads outside the schemas"},
		"a $ref that is a number":         {`{"$ref":7}`, "$ref 7 leads outside the schemas"},
		"an $id":                          {`{"$id":"http://example.test/x.json"}`, "only #name is allowed"},
		"an $id that moves a $ref":        {`{"properties":{"a":{"$id":"http://example.test/","$ref":"#x"}}}`, "only #name is allowed"},
		"an $id that is a number":         {`{"$id":7}`, "only #name is allowed"},
		"a $ref to itself":                {`{"$ref":"#"}`, "leads back"},
		"a $ref to itself in a list":      {`{"allOf":[{"$ref":"#"}]}`, "leads back"},
		"a $ref to itself in a condition": {`{"if":{"type":"object"},"then":{"not":{"$ref":"answer-403.json"}}}`, "leads back"},
		"a $ref to itself by a name":      {`{"properties":{"a":{"$ref":"#there"}},"definitions":{"b":{"$id":"#there","dependencies":{"a":{"$ref":"#there"}}}}}`, "leads back"},
		"two $refs to each other":         {`{"definitions":{"a/b":{"anyOf":[{"$ref":"#/definitions/c"}]},"c":{"oneOf":[{"type":"object"},{"$ref":"#/definitions/a~1b"}]}}}`, "leads back"},
		"a $ref to its own list":          {`{"anyOf":[{"type":"object"},{"$ref":"#/anyOf/1"}]}`, "leads back"},
		"a $ref to the first of its list": {`{"anyOf":[{"$ref":"#/anyOf/0"}]}`, "leads back"},
		"a $ref to none of its list":      {`{"anyOf":[{"$ref":"#/anyOf/1"}]}`, "answer-403.json"},
		"a $ref to a name that none has":  {`{"allOf":[{"$ref":"#nobody"}]}`, "$ref answer-403.json#nobody leads nowhere"},
		"a $ref to a name of another":     {`{"properties":{"a":{"$ref":"answer-200.json#nobody"}}}`, "$ref answer-200.json#nobody leads nowhere"},
		"an id of draft 4":                {`{"properties":{"a":{"id":"http://example.test/","$ref":"#x"}}}`, "only $id #name is allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := Load(folder(t, map[string]string{"answer-403.json": test.content}))
			require.Nil(t, set)
			require.ErrorContains(t, err, test.problem)
			require.ErrorContains(t, err, "schema answer-403.json", "the error names the file")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestWhatOnlyLooksLikeAReferenceIsAllowed(t *testing.T) {
	for name, content := range map[string]string{
		"a property named $ref":    `{"properties":{"$ref":{"type":"string"}}}`,
		"a property named $id":     `{"properties":{"$id":{"type":"string"}}}`,
		"a property named $schema": `{"properties":{"$schema":{"type":"string"}}}`,
		"a property named id":      `{"properties":{"id":{"type":"string"}}}`,
		"a property named const":   `{"properties":{"const":{"type":"string"}}}`,
		"a place of its own":       `{"properties":{"a":{"$ref":"#there"}},"definitions":{"b":{"$id":"#there","type":"string"}}}`,
		"itself a step deeper":     `{"properties":{"a":{"$ref":"#"},"b":{"items":{"anyOf":[{"$ref":"#"},{"type":"string"}]}}}}`,
		"one schema twice":         `{"allOf":[{"$ref":"#/definitions/a"},{"not":{"$ref":"#/definitions/a"}}],"definitions":{"a":{"type":"string"}}}`,
		"data named $ref":          `{"const":{"$ref":"http://x.test/"}}`,
		"a list of data":           `{"enum":[{"$ref":"http://x.test/"},{"$id":"http://x.test/"}]}`,
		"no draft named":           `{"type":"object"}`,
		"an empty schema":          `{}`,
		"white space after it":     "{}\r\n\t ",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(folder(t, map[string]string{"answer-403.json": content}))
			require.NoError(t, err)
		})
	}
}

func TestAReferenceToANeighbourIsFollowed(t *testing.T) {
	set, err := Load(folder(t, map[string]string{
		"answer-403.json": `{"allOf":[{"$ref":"answer-error.json"},{"$ref":"more.json#/definitions/code"},{"$ref":"#/definitions/own"}],"definitions":{"own":{"required":["own"]}}}`,
		"more.json":       `{"definitions":{"code":{"properties":{"code":{"const":"otp_does_not_match"}}}}}`,
	}))
	require.NoError(t, err)
	mismatches, err := set.Apply(DoesNotMatch, map[string]any{"code": "otp_does_not_match", "message": "m", "own": true})
	require.NoError(t, err)
	require.Empty(t, mismatches)
	mismatches, err = set.Apply(DoesNotMatch, map[string]any{"code": "x", "message": true})
	require.NoError(t, err)
	var paths []string
	for _, m := range mismatches {
		paths = append(paths, m.Path)
	}
	require.Subset(t, paths, []string{"$.code", "$.message", "$.own"})
}

func TestTheFolderMustBeReadable(t *testing.T) {
	_, err := Load(fstest.MapFS{})
	require.ErrorContains(t, err, "schema request.json is missing")
	all := folder(t, map[string]string{"answer-404.json": ""})
	all["answer-404.json/x"] = &fstest.MapFile{Data: []byte("{}")}
	_, err = Load(all)
	require.ErrorContains(t, err, "answer-404.json", "a folder is no schema")
}

func TestTheDigestFollowsTheContents(t *testing.T) {
	first, err := Load(Files())
	require.NoError(t, err)
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, first.Digest())
	again, err := Load(folder(t, nil))
	require.NoError(t, err)
	require.Equal(t, first.Digest(), again.Digest())
	require.Equal(t, first.Digest(), Digest())
	for name, changed := range map[string]map[string]string{
		"a space":     {"answer-403.json": string(must(fs.ReadFile(Files(), "answer-403.json"))) + " "},
		"one more":    {"more.json": "{}"},
		"two swapped": {"answer-403.json": string(must(fs.ReadFile(Files(), "answer-404.json"))), "answer-404.json": string(must(fs.ReadFile(Files(), "answer-403.json")))},
	} {
		other, err := Load(folder(t, changed))
		require.NoError(t, err)
		require.NotEqual(t, first.Digest(), other.Digest(), name)
	}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func TestASchemaNestedDeeplyTakesNoMoreThanItsDepth(t *testing.T) {
	const depth = 2000
	var nested any = map[string]any{}
	for range depth {
		nested = map[string]any{"allOf": []any{nested}}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	all := Within(nested)
	runtime.ReadMemStats(&after)
	require.Len(t, all, depth+1)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(depth*500), "what lies below a schema is not copied at each level")
}

func TestTheErrorIsTheSameEachTime(t *testing.T) {
	broken := map[string]string{"answer-403.json": `{"type":"objekt","title":7,"enum":7,"properties":7}`, "request.json": `{"type":"objekt"}`}
	_, first := Load(folder(t, broken))
	require.Error(t, first)
	for range 10 {
		_, err := Load(folder(t, broken))
		require.Equal(t, strings.TrimSpace(first.Error()), err.Error())
	}
}
