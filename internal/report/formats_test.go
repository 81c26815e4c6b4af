package report

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

// fits validates a form of several runs against a schema of its format.
func fits(t *testing.T, name, schemaFile string) {
	t.Helper()
	schema := schemaOf(t, schemaFile)
	for run, r := range map[string]*result.Run{"sample": sample(), "hostile": hostile(), "down": down(), "kept": kept(), "empty": {}} {
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
				document, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, c.form, sample())))
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

func decoded[T any](t *testing.T, name string, run *result.Run) T {
	t.Helper()
	var document T
	require.NoError(t, json.Unmarshal(render(t, name, run), &document))
	return document
}

func TestCTRFCountsWhatItHolds(t *testing.T) {
	report := decoded[ctrfReport](t, "ctrf", sample())
	sum := report.Results.Summary
	require.Equal(t, ctrfSummary{Tests: 11, Passed: 4, Failed: 4, Skipped: 3, Flaky: 1, Start: 1772600767089, Stop: 1772600768623, Duration: 1534}, sum)
	require.Len(t, report.Results.Tests, sum.Tests)
	raw := map[string]string{}
	for _, test := range report.Results.Tests {
		raw[test.RawStatus] = test.Status
	}
	require.Equal(t, map[string]string{"passed": "passed", "failed": "failed", "broken": "failed", "skipped": "skipped", "waived": "skipped", "observed": "passed"}, raw)
}

// cucumberVerdict is what Cucumber's report tools make of an element: the worst status of its steps, and passed
// where it has none.
func cucumberVerdict(e cucumberElement) string {
	worst := "passed"
	for _, s := range e.Steps {
		switch {
		case s.Result.Status == "failed":
			return "failed"
		case s.Result.Status == "skipped" && worst == "passed":
			worst = "skipped"
		}
	}
	return worst
}

func TestCucumberToolsSeeTheVerdicts(t *testing.T) {
	features := decoded[[]cucumberFeature](t, "cucumber", sample())
	seen, ids := map[string]string{}, map[string]bool{}
	for _, f := range features {
		for _, e := range f.Elements {
			require.False(t, ids[e.ID], e.ID)
			ids[e.ID] = true
			seen[e.Name] = cucumberVerdict(e)
		}
	}
	require.Equal(t, map[string]string{
		"With a country code of 1 digit": "passed", "With a country code of 2 digits": "passed", "With a country code of 3 digits": "skipped",
		"Only the first digit differs": "failed", "All digits differ": "failed", "The right OTP after expiry": "failed",
		"One notification": "skipped", "Another project": "skipped", "The same OTP twice": "passed",
		"PV-19 The body is one JSON value in UTF-8": "failed", "PV-20 Only the documented statuses occur": "passed",
	}, seen)
}

func TestCucumberSaysWhichStepDecided(t *testing.T) {
	cases := map[string]struct {
		scenario result.Scenario
		statuses []string
	}{
		"the step of the finding": {result.Scenario{Verdict: result.Failed, Findings: []result.Finding{{Step: 7}},
			Steps: []result.Step{{Line: 6, Verdict: result.Passed}, {Line: 7, Verdict: result.Passed}, {Line: 8, Verdict: result.Skipped}}}, []string{"passed", "failed", "skipped"}},
		"no step is known": {result.Scenario{Verdict: result.Failed,
			Steps: []result.Step{{Line: 6, Verdict: result.Passed}}}, []string{"passed", "failed"}},
		"no step at all": {result.Scenario{Verdict: result.Passed}, []string{"passed"}},
		"it never began": {result.Scenario{Verdict: result.Skipped, Steps: []result.Step{{Line: 6}}}, []string{"skipped", "skipped"}},
		"a waived failure": {result.Scenario{Verdict: result.Waived,
			Steps: []result.Step{{Line: 6, Verdict: result.Failed}}}, []string{"skipped", "skipped"}},
		"what could not be judged": {result.Scenario{Verdict: result.Broken,
			Steps: []result.Step{{Line: 6, Verdict: result.Broken}}}, []string{"failed"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var statuses []string
			for _, step := range newCucumberElement(&explainer{}, &result.Run{}, &c.scenario, nil).Steps {
				statuses = append(statuses, step.Result.Status)
			}
			require.Equal(t, c.statuses, statuses)
		})
	}
}

func TestHARKeepsTheExchanges(t *testing.T) {
	run := hostile()
	run.Scenarios[3].Exchanges[0].Request.URL = "https://api.example.test/a?x=1&y=a%20b&z&=%zz"
	run.Scenarios[3].Exchanges[0].Request.Size = 3 << 20
	file := decoded[harFile](t, "har", run)
	require.Len(t, file.Log.Entries, 4)

	entry := file.Log.Entries[1]
	require.Equal(t, "features/wrong_otp.feature:8", entry.Scenario)
	require.Equal(t, []harPair{{"x", "1"}, {"y", "a b"}, {"z", ""}, {"", "%zz"}}, entry.Request.QueryString)
	require.Equal(t, 3<<20, entry.Request.BodySize)
	require.NotEmpty(t, entry.Request.PostData.Comment)
	require.Equal(t, bytes.ToValidUTF8([]byte(run.Scenarios[3].Exchanges[0].Answer.Body), []byte("\ufffd\ufffd")), []byte(entry.Response.Content.Text), "a body is kept as it came")
	require.Greater(t, entry.Response.BodySize, 1<<20)

	broken := file.Log.Entries[3]
	require.Equal(t, 0, broken.Response.Status)
	require.Contains(t, broken.Response.Error, "timeout: ")
}

func TestHARURLIsOneThatParsersTake(t *testing.T) {
	require.Equal(t, "https://a.test/x?y=%20", harURL("https://a.test/x?y=%20"))
	require.Equal(t, "https://a.test/%1B%FF%25zz%20%22", harURL("https://a.test/\x1b\xff%zz \""))
}

func TestNamesOfTestsAreUniqueAndShowTheRepetition(t *testing.T) {
	run := kept()
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
	for _, test := range decoded[ctrfReport](t, "ctrf", run).Results.Tests {
		ctrf = append(ctrf, test.Name)
	}
	for _, f := range decoded[[]cucumberFeature](t, "cucumber", run) {
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
	results := decoded[ctrfReport](t, "ctrf", run).Results
	require.Equal(t, map[string]int{"repetition": 2}, results.Tests[1].Values)
	require.Nil(t, results.Tests[2].Values)
}

func TestCTRFTellsWhyAnAttemptWasRepeated(t *testing.T) {
	tests := decoded[ctrfReport](t, "ctrf", sample()).Results.Tests
	require.Equal(t, []ctrfAttempt{{1, "failed", "unavailable: the answer is 503"}}, tests[1].Attempts)
	require.Equal(t, 1, tests[1].Retries)
	require.True(t, tests[1].Flaky)
	require.Len(t, tests[5].Attempts, 2)
	require.Empty(t, tests[0].Attempts)
}

func TestHARHasAPageForEachScenario(t *testing.T) {
	run := sample()
	again := run.Scenarios[3]
	again.Repeat, again.Exchanges = 2, append(again.Exchanges, again.Exchanges[0])
	run.Scenarios = append(run.Scenarios, again) // with the same ID, as no run makes it
	log := decoded[harFile](t, "har", run).Log
	pages, entries := map[string]string{}, map[string]int{}
	for _, p := range log.Pages {
		require.NotContains(t, pages, p.ID)
		pages[p.ID] = p.Title
		require.Equal(t, "2026-03-04T05:06:07", p.Started[:19])
	}
	for _, e := range log.Entries {
		require.Contains(t, pages, e.Page)
		entries[pages[e.Page]]++
	}
	require.Equal(t, map[string]int{
		"PV-01 With a country code of 1 digit": 1, "PV-02 Only the first digit differs": 1, "PV-02 All digits differ": 1, "PV-07 The right OTP after expiry": 1,
		"PV-02 Only the first digit differs #2": 2,
	}, entries)
}
