package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/drift"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// fits validates a form of several runs against a schema of its format.
func fits(t *testing.T, name, schemaFile string) {
	t.Helper()
	schema := schemaOf(t, schemaFile)
	for run, r := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down(), "kept": examples.Kept(), "empty": {}} {
		t.Run(run, func(t *testing.T) {
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, name, r)))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(document))
		})
	}
}

func schemaOf(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("testdata", file))
	require.NoError(t, err)
	return schema
}

// testdata/README.md says which schemas are the publishers' own and which are this project's reading.
const (
	publishedCTRF = "published/ctrf/ctrf-schema-0.0.json"
	publishedHAR  = "published/har/har.json"
)

func TestCTRFFitsItsPublishedSchema(t *testing.T) { fits(t, "ctrf", publishedCTRF) }
func TestCucumberFitsItsSchema(t *testing.T)      { fits(t, "cucumber", "cucumber.schema.json") }
func TestHARFitsItsPublishedSchema(t *testing.T)  { fits(t, "har", publishedHAR) }
func TestHARFitsItsSchema(t *testing.T)           { fits(t, "har", "har.schema.json") }

func TestTheSchemasOfTheFormatsFindMistakes(t *testing.T) {
	cases := map[string]struct {
		form  string
		files []string
		path  []any // to the member
		value any   // nil: the member is taken out
	}{
		"CTRF: a status that does not exist": {"ctrf", []string{publishedCTRF}, []any{"results", "tests", 0, "status"}, "green"},
		"CTRF: no name of the tool":          {"ctrf", []string{publishedCTRF}, []any{"results", "tool", "name"}, nil},
		"CTRF: a count in quotes":            {"ctrf", []string{publishedCTRF}, []any{"results", "summary", "passed"}, "4"},
		"HAR: a time without a zone":         {"har", []string{publishedHAR, "har.schema.json"}, []any{"log", "entries", 0, "startedDateTime"}, "2026-03-04T05:06:07"},
		"HAR: a status in quotes":            {"har", []string{publishedHAR, "har.schema.json"}, []any{"log", "entries", 0, "response", "status"}, "200"},
		"HAR: a header without a value":      {"har", []string{publishedHAR, "har.schema.json"}, []any{"log", "entries", 0, "request", "headers", 0, "value"}, nil},
		"HAR: no time spent waiting":         {"har", []string{publishedHAR, "har.schema.json"}, []any{"log", "entries", 0, "timings", "wait"}, nil},
		"Cucumber: a status of a step that does not exist": {"cucumber", []string{"cucumber.schema.json"},
			[]any{0, "elements", 0, "steps", 0, "result", "status"}, "green"},
	}
	for name, c := range cases {
		for _, file := range c.files {
			t.Run(name+"/"+file, func(t *testing.T) {
				document, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, c.form, examples.Sample())))
				require.NoError(t, err)
				schema := schemaOf(t, file)
				require.NoError(t, schema.Validate(document))
				spoil(t, document, c.path, c.value)
				require.Error(t, schema.Validate(document))
			})
		}
	}
}

// spoil replaces a member of a document that is there, or takes it out.
func spoil(t *testing.T, document any, path []any, value any) {
	t.Helper()
	for _, step := range path[:len(path)-1] {
		switch step := step.(type) {
		case string:
			document = document.(map[string]any)[step]
		case int:
			document = document.([]any)[step]
		}
	}
	object, name := document.(map[string]any), path[len(path)-1].(string)
	require.Contains(t, object, name)
	if value == nil {
		delete(object, name)
		return
	}
	object[name] = value
}

// ctrfFile and cucumberFeatures are what a reader of these forms looks at.
type (
	ctrfFile struct {
		Results struct {
			Summary map[string]int64
			Tests   []struct {
				Name, Status, Message, Trace string
				Flaky                        bool
				Parameters                   map[string]int
			}
		}
	}
	cucumberFeatures []struct {
		ID       string
		Elements []struct {
			ID, Name string
			Tags     []struct{ Name string }
			Steps    []struct {
				Result struct {
					Status  string
					Message string `json:"error_message"`
				}
			}
		}
	}
)

func decoded[T any](t *testing.T, name string, run *result.Run) T {
	t.Helper()
	return examples.Decode[T](t, render(t, name, run))
}

func TestNamesOfTestsAreUniqueAndShowTheRepetition(t *testing.T) {
	run := examples.Kept()
	again := run.Scenarios[0]
	again.ID, again.Repeat = "features/right_otp.feature:10#2", 2
	run.Scenarios[0].Repeat = 1
	same := result.Scenario{ID: "features/tokens.feature:9", Rule: "PV-16", Name: again.Name, File: "features/tokens.feature", Line: 9, Feature: again.Feature, Verdict: result.Passed}
	twin := same
	twin.ID, twin.Line = "features/tokens.feature:12", 12
	nameless := result.Scenario{ID: "features/tokens.feature:20", Rule: "PV-16", File: "features/tokens.feature", Line: 20, Verdict: result.Passed}
	run.Scenarios = append(run.Scenarios, again, same, twin, nameless)
	want := []string{
		"PV-01 With a country code of 1 digit", "PV-01 With a country code of 1 digit #2", "PV-16 With a country code of 1 digit",
		"PV-16 With a country code of 1 digit (features/tokens.feature:12)", "features/tokens.feature:20",
	}
	var ctrf, cucumber, ids []string
	for _, test := range decoded[ctrfFile](t, "ctrf", run).Results.Tests {
		ctrf = append(ctrf, test.Name)
	}
	for _, f := range decoded[cucumberFeatures](t, "cucumber", run) {
		ids = append(ids, f.ID)
		for _, e := range f.Elements {
			cucumber, ids = append(cucumber, e.Name), append(ids, e.ID)
		}
	}
	require.Equal(t, want, ctrf)
	require.ElementsMatch(t, want, cucumber)
	require.Len(t, ids, 3+5, "two features have the same name")
	seen := map[string]bool{}
	for _, id := range ids {
		require.False(t, seen[id], id)
		seen[id] = true
	}
	results := decoded[ctrfFile](t, "ctrf", run).Results
	require.Equal(t, map[string]int{"repetition": 2}, results.Tests[1].Parameters)
	require.Nil(t, results.Tests[2].Parameters)
}

// A run records no exchanges of what is kept where no form asks for them.
func TestOnlySomeFormsShowTheExchangesOfPassedScenarios(t *testing.T) {
	for _, f := range Forms() {
		run := examples.Sample()
		with := string(render(t, f.Name, run))
		left := 0
		for i := range run.Scenarios {
			s := &run.Scenarios[i]
			if v := s.Verdict; len(s.Exchanges) > 0 && (v == result.Passed || v == result.Observed || v == result.Skipped) {
				s.Exchanges = nil
				left++
			}
		}
		require.Positive(t, left)
		require.Equal(t, !ShowsPassed(f.Name), with == string(render(t, f.Name, run)), f.Name)
	}
}

func TestEveryFormShowsWhatEarlierVersionsWrote(t *testing.T) {
	files, err := filepath.Glob("../result/testdata/earlier/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var before *result.Run
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		run, err := result.Read(bytes.NewReader(text))
		require.NoError(t, err)
		for _, f := range Forms() {
			require.NotEmpty(t, render(t, f.Name, run), f.Name)
		}
		shown := string(render(t, "text", run))
		require.Contains(t, shown, "The contract is not kept, PV-03 failed", file)
		require.ElementsMatch(t, []result.DeliveryKind{result.Accepted, result.Ignored, result.Duplicate}, []result.DeliveryKind{run.Webhooks[0].Kind, run.Webhooks[1].Kind, run.Webhooks[2].Kind}, file)
		if before != nil {
			require.Equal(t, 3, drift.Compare(before, run).Compared, "a baseline of an earlier version serves")
		}
		before = run
	}
}
