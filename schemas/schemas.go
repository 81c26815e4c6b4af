// Package schemas holds the declared contract: one JSON schema (draft-07) a documented answer and one for the request,
// each annotated with what it is of. It reads what they declare, and applies them. gojsonschema is kept behind it: it is unmaintained, so what it would do wrong (fetch a
// remote $ref, accept another draft) is refused before it sees a schema.
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
	"path"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Name is a schema's file name.
type Name string

// The schemas that no answer declares.
const (
	Request Name = "request.json"
	Error   Name = "answer-error.json" // what every error answer has
)

//go:embed *.json
var files embed.FS

// Files returns the schemas as they are embedded.
func Files() fs.FS { return files }

// Draft is the one that the schemas are written in.
const Draft = "http://json-schema.org/draft-07/schema#"

// Set is the schemas, compiled. It is safe for concurrent use.
type Set struct {
	compiled map[Name]*gojsonschema.Schema
	endpoint Endpoint
	answers  []Answer
	digest   string
	texts    map[string][]byte // by the file's name
}

// Load compiles the schemas of folders, a later one's in place of an earlier one's of the same name. It fails where one is
// not JSON, is not a valid draft-07 schema, refers to anything outside the folders, or declares what it may not.
func Load(folders ...fs.FS) (*Set, error) {
	texts, err := read(folders)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(texts))
	contents := map[Name]map[string]any{}
	for _, name := range names {
		content, err := decode(texts[name])
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		if err := Walk(content, func(schema map[string]any) error { return admit(schema, names) }); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		contents[Name(name)] = content
	}
	set := &Set{compiled: map[Name]*gojsonschema.Schema{}, digest: digest(texts), texts: texts}
	for _, name := range []Name{Request, Error} {
		if contents[name] == nil {
			return nil, fmt.Errorf("schema %s is missing", name)
		}
	}
	if err := set.declare(contents); err != nil {
		return nil, err
	}
	// One loader for all, each schema under an address of its own: gojsonschema makes the references of what it is
	// given absolute in place.
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft = gojsonschema.Draft7
	loader.AutoDetect = false
	// What is carried is held to the draft by a test, so that no command has to.
	loader.Validate = slices.ContainsFunc(folders, func(folder fs.FS) bool { return folder != Files() })
	for _, name := range names {
		if err := loader.AddSchema(base+name, gojsonschema.NewRawLoader(contents[Name(name)])); err != nil {
			return nil, fmt.Errorf("schema %s: %s", name, oneLine(err))
		}
	}
	for _, name := range names {
		var err error
		if set.compiled[Name(name)], err = loader.Compile(gojsonschema.NewReferenceLoader(base + name)); err != nil {
			return nil, fmt.Errorf("schema %s: %s", name, oneLine(err))
		}
	}
	return set, nil
}

// read reads the schemas of folders, by their names.
func read(folders []fs.FS) (map[string][]byte, error) {
	texts := map[string][]byte{}
	for _, folder := range folders {
		names, err := fs.Glob(folder, "*.json")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if texts[name], err = fs.ReadFile(folder, name); err != nil {
				return nil, fmt.Errorf("schema %s: %w", name, err)
			}
		}
	}
	return texts, nil
}

// Digest identifies the schemas: "sha256:<64 hex digits>" over their names and contents.
func (s *Set) Digest() string { return s.digest }

// Digest identifies the embedded schemas, without compiling them.
func Digest() string {
	texts, err := read([]fs.FS{files})
	if err != nil {
		panic(err) // they are in the binary
	}
	return digest(texts)
}

func digest(texts map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(texts[name]))
		sum.Write(texts[name])
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil))
}

// Documents returns every schema as its file has it, numbers as json.Number. They are the caller's own.
func (s *Set) Documents() map[Name]map[string]any {
	all := map[Name]map[string]any{}
	for name, text := range s.texts {
		all[Name(name)], _ = decode(text) // Load has read it
	}
	return all
}

// base is where the schemas lie for gojsonschema, so that a $ref to a neighbour resolves without being fetched.
const base = "schema:///"

// oneLine spells gojsonschema's list of errors, a line each, in one.
func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
}

func decode(data []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var content any
	if err := decoder.Decode(&content); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	schema, ok := content.(map[string]any)
	if !ok {
		return nil, errors.New("a schema is a JSON object")
	}
	return schema, nil
}

// naming is the keywords whose members are schemas under names of their own: a property may be named const, or
// $ref.
var naming = []string{"properties", "patternProperties", "definitions", "dependencies"}

// Walk visits a schema and those within it, until one is refused.
func Walk(node any, visit func(schema map[string]any) error) error {
	switch node := node.(type) {
	case map[string]any:
		if err := visit(node); err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if key == "const" || key == "enum" || key == "examples" || key == "default" {
				continue // data, not schema
			}
			within := []any{node[key]}
			if named, ok := node[key].(map[string]any); ok && slices.Contains(naming, key) {
				within = slices.Collect(maps.Values(named))
			}
			if err := Walk(within, visit); err != nil {
				return err
			}
		}
	case []any:
		for _, child := range node {
			if err := Walk(child, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// admit refuses what gojsonschema would misread in silence, or fetch: another draft, and a $ref or $id that
// leaves the folder. A $ref to a neighbour is made absolute, in place.
func admit(node map[string]any, names []string) error {
	if draft, ok := node["$schema"]; ok && draft != Draft {
		return fmt.Errorf("$schema is %v: write %s", draft, Draft)
	}
	if id, ok := node["id"]; ok { // draft-04's, which gojsonschema heeds in every draft
		return fmt.Errorf("id %v: only $id #name is allowed", id)
	}
	if id, ok := node["$id"]; ok {
		if text, isText := id.(string); !isText || !strings.HasPrefix(text, "#") {
			return fmt.Errorf("$id %v: only #name is allowed", id)
		}
	}
	ref, ok := node["$ref"]
	if !ok {
		return nil
	}
	text, _ := ref.(string)
	file, fragment, _ := strings.Cut(text, "#")
	switch {
	case text != "" && file == "":
	case file != "" && path.Base(file) == file && slices.Contains(names, file):
		node["$ref"] = base + file + "#" + fragment
	default:
		return fmt.Errorf("$ref %v leads outside the schemas: only #... and a file beside this one are allowed", ref)
	}
	return nil
}
