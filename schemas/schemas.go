// Package schemas holds the declared contract: one JSON schema (draft-07) for each documented answer and one for the
// request, each annotated with what it is of. It reads these declarations and applies the schemas. No other package uses
// gojsonschema, which is unmaintained: what it would do wrong (fetch a remote $ref, accept another draft) is refused
// before it sees a schema.
package schemas

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Name is a schema's file name.
type Name string

// The schemas that declare no answer.
const (
	Request Name = "request.json"
	Error   Name = "answer-error.json" // what all error answers have in common
)

//go:embed *.json
var files embed.FS

// Files returns the embedded schemas.
func Files() fs.FS { return files }

// Draft is the draft that the schemas are written in.
const Draft = "http://json-schema.org/draft-07/schema#"

// Set holds compiled schemas. It is safe for concurrent use.
type Set struct {
	compiled map[Name]*gojsonschema.Schema
	endpoint Endpoint
	answers  []Answer
	texts    map[Name][]byte
}

// Load compiles the schemas of all folders; one of a later folder replaces one of the same name. It fails if a schema is not
// JSON, is not a valid draft-07 schema, refers to itself without end or to anything outside the folders, or has a wrong annotation.
func Load(folders ...fs.FS) (*Set, error) {
	texts, err := read(folders)
	if err != nil {
		return nil, err
	}
	for _, name := range []Name{Request, Error} {
		if _, held := texts[name]; !held {
			return nil, fmt.Errorf("schema %s is missing", name)
		}
	}
	set := &Set{compiled: map[Name]*gojsonschema.Schema{}, texts: texts}
	// One loader has all schemas, each under a URL of its own: gojsonschema makes references absolute in the schemas that it is
	// given.
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft = gojsonschema.Draft7
	loader.AutoDetect = false
	// A test validates the embedded schemas, so that no command has to.
	loader.Validate = slices.ContainsFunc(folders, func(folder fs.FS) bool { return folder != Files() })
	names := slices.Sorted(maps.Keys(texts))
	refs := references{map[Name]map[string]any{}, map[uintptr]bool{}}
	for _, name := range names {
		content, err := decodeSchema(texts[name], names)
		refs.files[name] = content
		if err == nil {
			err = set.declare(name, content)
		}
		if err == nil {
			err = loader.AddSchema(base+string(name), gojsonschema.NewRawLoader(content))
		}
		if err != nil {
			return nil, fmt.Errorf("schema %s: %s", name, oneLine(err))
		}
	}
	if err := set.checkAgreement(); err != nil {
		return nil, err
	}
	for _, name := range names {
		var err error
		if loader.Validate {
			err = refs.check(name)
		}
		if err == nil {
			set.compiled[name], err = loader.Compile(gojsonschema.NewReferenceLoader(base + string(name)))
		}
		if err != nil {
			return nil, fmt.Errorf("schema %s: %s", name, oneLine(err))
		}
	}
	return set, nil
}

// read reads the schemas of all folders.
func read(folders []fs.FS) (map[Name][]byte, error) {
	texts := map[Name][]byte{}
	for _, folder := range folders {
		names, _ := fs.Glob(folder, "*.json") // fails only for a malformed pattern
		for _, name := range names {
			var err error
			if texts[Name(name)], err = fs.ReadFile(folder, name); err != nil {
				return nil, fmt.Errorf("schema %s: %w", name, err)
			}
		}
	}
	return texts, nil
}

// Digest returns "sha256:<64 hex digits>" over the names and contents of the schemas.
func (s *Set) Digest() string { return digest(s.texts) }

// Digest returns the digest of the embedded schemas, without compiling them.
func Digest() string {
	texts, _ := read([]fs.FS{files}) // never fails for embedded files
	return digest(texts)
}

func digest(texts map[Name][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(texts[name]))
		sum.Write(texts[name])
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil))
}

// Documents returns every schema as decoded JSON, with numbers as json.Number. The caller may change them.
func (s *Set) Documents() map[Name]map[string]any {
	all := map[Name]map[string]any{}
	for name, text := range s.texts {
		all[name], _ = decode(text) // Load has decoded it already
	}
	return all
}

// base is the schemas' base URL for gojsonschema, by which a $ref to another schema resolves without being fetched.
const base = "schema:///"

// oneLine puts gojsonschema's errors, which have a line each, in one line. Their order differs each time.
func oneLine(err error) string {
	lines := slices.Sorted(strings.SplitSeq(strings.TrimSpace(err.Error()), "\n"))
	return strings.Join(lines, "; ")
}

// Decode decodes one JSON value, with numbers as json.Number.
func Decode(data []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

func decode(data []byte) (map[string]any, error) {
	content, err := Decode(data)
	schema, ok := content.(map[string]any)
	if err == nil && !ok {
		err = errors.New("a schema is a JSON object")
	}
	return schema, err
}

// schemaMaps lists the keywords whose members are schemas by name: a property may be named const or $ref.
var schemaMaps = []string{"properties", "patternProperties", "definitions", "dependencies"}

// Within returns a schema and all schemas within it.
func Within(node any) []map[string]any { return appendWithin(nil, node) }

func appendWithin(all []map[string]any, node any) []map[string]any {
	switch node := node.(type) {
	case map[string]any:
		all = append(all, node)
		for _, key := range slices.Sorted(maps.Keys(node)) {
			named, isObject := node[key].(map[string]any)
			switch {
			case key == "const", key == "enum", key == "examples", key == "default": // data, not schema
			case isObject && slices.Contains(schemaMaps, key):
				for _, name := range slices.Sorted(maps.Keys(named)) {
					all = appendWithin(all, named[name])
				}
			default:
				all = appendWithin(all, node[key])
			}
		}
	case []any:
		for _, child := range node {
			all = appendWithin(all, child)
		}
	}
	return all
}

// decodeSchema decodes a schema and refuses what gojsonschema would silently misread or fetch: another draft, and a $ref or $id
// that leaves the folder. It makes a $ref to another schema absolute.
func decodeSchema(data []byte, names []Name) (map[string]any, error) {
	content, err := decode(data)
	if err != nil {
		return nil, err
	}
	for _, schema := range Within(content) {
		if draft, ok := schema["$schema"]; ok && draft != Draft {
			return nil, fmt.Errorf("$schema is %v: write %s", draft, Draft)
		}
		if id, ok := schema["id"]; ok { // draft-04's, which gojsonschema heeds in every draft
			return nil, fmt.Errorf("id %v: only $id #name is allowed", id)
		}
		if id, ok := schema["$id"]; ok {
			if text, isText := id.(string); !isText || !strings.HasPrefix(text, "#") {
				return nil, fmt.Errorf("$id %v: only #name is allowed", id)
			}
		}
		ref, ok := schema["$ref"]
		text, _ := ref.(string)
		file, fragment, _ := strings.Cut(text, "#")
		switch {
		case !ok, text != "" && file == "":
		case slices.Contains(names, Name(file)):
			schema["$ref"] = base + file + "#" + fragment
		default:
			return nil, fmt.Errorf("$ref %v leads outside the schemas: only #... and a file beside this one are allowed", ref)
		}
	}
	return content, nil
}
