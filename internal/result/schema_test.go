package result

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("result.schema.json")
	require.NoError(t, err)
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, run *Run) error {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, run))
	document, err := jsonschema.UnmarshalJSON(&out)
	require.NoError(t, err)
	return schema.Validate(document)
}

// complete returns a run in which every field of every type is set.
func complete() *Run {
	run := &Run{}
	fill(reflect.ValueOf(run).Elem())
	run.Version = Version
	run.Exit = 130
	return run
}

func fill(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC)
		return
	case *Verdict:
		*x = Waived
		return
	case *Level:
		*x = Should
		return
	case *Digests:
		*x = Digests{Features: "sha256:" + strings.Repeat("0a", 32), Schemas: "sha256:" + strings.Repeat("1b", 32)}
		return
	case *DriftKind:
		*x = NewHeader
		return
	case *TrafficKind:
		*x = Recorded
		return
	case *DeliveryKind:
		*x = Duplicate
		return
	case *Target:
		*x = Target{Kind: "http", BaseURL: "https://api.example.test"}
		return
	case *Waiver:
		*x = Waiver{Rule: "PV-02", Reason: "ticket", Until: "2027-01-31", State: "stale"}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
			switch field := v.Type().Field(i); field.Name {
			case "Exit":
				v.Field(i).SetInt(130)
			case "FailOn", "Require":
				v.Field(i).SetString("must")
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string][]string{"Accept": {"*/*"}}))
	case reflect.String:
		v.SetString("text")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(12.5)
	case reflect.Bool:
		v.SetBool(true)
	}
}

func TestCompleteResultFitsItsSchema(t *testing.T) {
	require.NoError(t, validate(t, compiled(t), complete()))
}

func TestEmptyResultFitsItsSchema(t *testing.T) {
	run := &Run{Version: Version, Target: Target{Kind: "embedded"}, Started: time.Unix(0, 0).UTC()}
	require.NoError(t, validate(t, compiled(t), run))
}

func TestSchemaRefusesInvalidResults(t *testing.T) {
	schema := compiled(t)
	cases := map[string]func(*Run){
		"another version":         func(r *Run) { r.Version = 2 },
		"an unknown verdict":      func(r *Run) { r.Scenarios[0].Verdict = "green" },
		"an unknown level":        func(r *Run) { r.Rules[0].Level = "may" },
		"an unknown exit code":    func(r *Run) { r.Exit = 4 },
		"a digest without a name": func(r *Run) { r.Digests.Features = strings.Repeat("0a", 32) },
		"a day that is none":      func(r *Run) { r.Waivers[0].Until = "tomorrow" },
		"a scenario without id":   func(r *Run) { r.Scenarios[0].ID = "" },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			run := complete()
			spoil(run)
			require.Error(t, validate(t, schema, run))
		})
	}
}

// The schema names exactly the members that are written, so that neither changes without the other.
func TestSchemaNamesEveryMember(t *testing.T) {
	type node struct {
		Ref         string           `json:"$ref"`
		Properties  map[string]*node `json:"properties"`
		Items       *node            `json:"items"`
		Definitions map[string]*node `json:"definitions"`
	}
	text, err := os.ReadFile("result.schema.json")
	require.NoError(t, err)
	var root node
	require.NoError(t, json.Unmarshal(text, &root))

	var walk func(at string, kind reflect.Type, schema *node)
	walk = func(at string, kind reflect.Type, schema *node) {
		require.NotNil(t, schema, at)
		if name, ok := strings.CutPrefix(schema.Ref, "#/definitions/"); ok {
			schema = root.Definitions[name]
			require.NotNil(t, schema, "%s: %s is not defined", at, name)
		}
		switch {
		case kind.Kind() == reflect.Pointer:
			walk(at, kind.Elem(), schema)
		case kind.Kind() == reflect.Slice:
			walk(at+"[]", kind.Elem(), schema.Items)
		case kind.Kind() == reflect.Struct && kind != reflect.TypeFor[time.Time]():
			var written, described []string
			for _, field := range reflect.VisibleFields(kind) {
				if field.Anonymous {
					continue // its own fields are visible
				}
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				written = append(written, name)
				walk(at+"."+name, field.Type, schema.Properties[name])
			}
			for name := range schema.Properties {
				described = append(described, name)
			}
			sort.Strings(written)
			sort.Strings(described)
			require.Equal(t, written, described, at)
		}
	}
	walk("$", reflect.TypeFor[Run](), &root)
}
