// The tests hold the examples of this folder to the published schemas of what reads them, and to what they have to say.
package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// object is a YAML mapping.
type object = map[string]any

// documents reads every document of a YAML file.
func documents(t *testing.T, name string) []object {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	decoder := yaml.NewDecoder(file)
	var all []object
	for {
		var doc object
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err, "a key that occurs twice is an error of the parser")
		all = append(all, doc)
	}
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", document))
	compiled, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	return compiled
}

// check validates a YAML document as the JSON value that it stands for.
func check(t *testing.T, s *jsonschema.Schema, doc any) error {
	t.Helper()
	data, err := json.Marshal(doc)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return s.Validate(value)
}

// at follows a path of keys and indices into a document.
func at(t *testing.T, doc any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			in, ok := doc.(object)
			require.True(t, ok, "%v is no mapping", path[:i])
			require.Contains(t, in, step, "%v", path[:i])
			doc = in[step]
		case int:
			in, ok := doc.([]any)
			require.True(t, ok && step < len(in), "%v has no element %d", path[:i], step)
			doc = in[step]
		}
	}
	return doc
}

// text is a document as JSON, to search in.
func text(t *testing.T, doc any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(doc))
	return b.String()
}

func TestEveryExampleFitsThePublishedSchema(t *testing.T) {
	for _, c := range []struct{ file, schema string }{
		{"github-actions/contract.yml", "testdata/github-workflow.schema.json"},
		{"gitlab/.gitlab-ci.yml", "testdata/gitlab-ci.schema.json"},
		{"kubernetes/cronjob.yaml", "testdata/kubernetes.schema.json"},
	} {
		t.Run(c.file, func(t *testing.T) {
			s := schema(t, c.schema)
			docs := documents(t, c.file)
			require.NotEmpty(t, docs)
			for _, doc := range docs {
				require.NoError(t, check(t, s, doc))
			}
		})
	}
}

func TestTheSchemasFindMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		file, schema string
		document     int
		spoil        func(t *testing.T, doc object)
	}{
		"workflow: a key that does not exist": {"github-actions/contract.yml", "testdata/github-workflow.schema.json", 0,
			func(t *testing.T, d object) { at(t, d, "jobs", "shard").(object)["step"] = "x" }},
		"workflow: a permission that does not exist": {"github-actions/contract.yml", "testdata/github-workflow.schema.json", 0,
			func(t *testing.T, d object) { d["permissions"] = object{"contents": "all"} }},
		"workflow: a job without a runner": {"github-actions/contract.yml", "testdata/github-workflow.schema.json", 0,
			func(t *testing.T, d object) { delete(at(t, d, "jobs", "verdict").(object), "runs-on") }},
		"pipeline: a retry that does not exist": {"gitlab/.gitlab-ci.yml", "testdata/gitlab-ci.schema.json", 0,
			func(t *testing.T, d object) { at(t, d, "contract", "retry").(object)["codes"] = []any{3} }},
		"pipeline: artifacts kept at a time that does not exist": {"gitlab/.gitlab-ci.yml", "testdata/gitlab-ci.schema.json", 0,
			func(t *testing.T, d object) { at(t, d, "contract", "artifacts").(object)["when"] = "sometimes" }},
		"cron job: a field in the wrong place": {"kubernetes/cronjob.yaml", "testdata/kubernetes.schema.json", 1,
			func(t *testing.T, d object) { at(t, d, "spec").(object)["completions"] = 2 }},
		"cron job: a policy without an action": {"kubernetes/cronjob.yaml", "testdata/kubernetes.schema.json", 1,
			func(t *testing.T, d object) {
				delete(at(t, d, "spec", "jobTemplate", "spec", "podFailurePolicy", "rules", 0).(object), "action")
			}},
		"cron job: a number in quotes": {"kubernetes/cronjob.yaml", "testdata/kubernetes.schema.json", 1,
			func(t *testing.T, d object) { at(t, d, "spec", "jobTemplate", "spec").(object)["parallelism"] = "2" }},
	} {
		t.Run(name, func(t *testing.T) {
			doc := documents(t, c.file)[c.document]
			c.spoil(t, doc)
			require.Error(t, check(t, schema(t, c.schema), doc))
		})
	}
}

// A secret of the environment reaches the tool by a variable, which no process list shows, and never by an argument.
func TestNoExampleGivesASecretAsAnArgument(t *testing.T) {
	for _, file := range []string{"github-actions/contract.yml", "gitlab/.gitlab-ci.yml", "kubernetes/cronjob.yaml", "container/Containerfile"} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NotRegexp(t, `--var[ =]`, string(data))
			for line := range strings.SplitSeq(string(data), "\n") {
				if strings.Contains(line, "secrets.") {
					require.Regexp(t, `^\s*[A-Za-z_]+: \$\{\{ secrets\.[A-Z_]+ \}\}$`, line, "a secret is the value of a variable and nothing else")
				}
			}
		})
	}
}

// What ${{ }} puts into a shell script is run as a part of it.
func TestNoScriptOfTheWorkflowIsMadeFromExpressions(t *testing.T) {
	for _, job := range at(t, documents(t, "github-actions/contract.yml")[0], "jobs").(object) {
		for _, step := range at(t, job, "steps").([]any) {
			if script, ok := step.(object)["run"].(string); ok {
				require.NotContains(t, script, "${{")
			}
		}
	}
}
