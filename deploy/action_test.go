package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is what an action or a component runs where the tool was built, its source being a folder that holds the tool.
type script struct {
	text    string
	env     map[string]string
	outputs string // of the last run
}

var interpolation = regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}|\$\[\[ inputs\.([a-z-]+) \]\]`)

// given fills in the inputs, those that are not given by their defaults.
func given(t *testing.T, declared any, inputs map[string]string, values any) map[string]string {
	t.Helper()
	filled := map[string]string{}
	for name, value := range values.(object) {
		filled[name] = interpolation.ReplaceAllStringFunc(value.(string), func(found string) string {
			name := strings.Trim(found, "${[ ]}")[len("inputs."):]
			input := at(t, declared, name).(object)
			if value, set := inputs[name]; set {
				return value
			}
			if value, ok := input["default"].(string); ok {
				return value
			}
			if value, ok := input["default"].(bool); ok {
				return map[bool]string{true: "true", false: "false"}[value]
			}
			return ""
		})
	}
	return filled
}

func action(t *testing.T, inputs map[string]string, folder string) script {
	t.Helper()
	doc := documents(t, "../action.yml")[0]
	for _, one := range at(t, doc, "runs", "steps").([]any) {
		if step := one.(object); step["id"] == "run" {
			env := given(t, doc["inputs"], inputs, step["env"])
			env["SOURCE"], env["GITHUB_OUTPUT"] = folder, filepath.Join(t.TempDir(), "output")
			return script{text: step["run"].(string), env: env, outputs: env["GITHUB_OUTPUT"]}
		}
	}
	require.Fail(t, "no step runs the tool")
	return script{}
}

func component(t *testing.T, inputs map[string]string, folder string) script {
	t.Helper()
	docs := documents(t, "../templates/contract.yml")
	job := at(t, docs[1], "$[[ inputs.job ]]").(object)
	env := given(t, at(t, docs[0], "spec", "inputs"), inputs, job["variables"])
	lines := []string{"PATH=" + standIns(t, folder) + ":$PATH"}
	for _, line := range job["script"].([]any) {
		lines = append(lines, line.(string))
	}
	return script{text: strings.Join(lines, "\n"), env: env}
}

// standIns is a folder with a git that clones what is asked for and a make that builds it: both only look at how.
func standIns(t *testing.T, source string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"git":  `[ "$1 $5 $6 $7 $8" = "clone --branch v0.1.0 -- https://git.example.test/contract.git" ] && touch "$9/cloned"`,
		"make": `[ "$VERSION $*" = "v0.1.0 -s -C $3 build" ] && [ -f "$3/cloned" ] && ln -s ` + source + `/verifik-contract "$3/verifik-contract"`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	return folder
}

func (s script) run(t *testing.T, folder string, more map[string]string) (int, string) {
	t.Helper()
	for name, value := range more {
		s.env[name] = value
	}
	file := filepath.Join(t.TempDir(), "script.sh")
	require.NoError(t, os.WriteFile(file, []byte(s.text), 0o600))
	return sh(t, folder, s.env, "bash", "--noprofile", "--norc", "-eo", "pipefail", file)
}

// both runs a test with the action and with the component: they take the same inputs.
func both(t *testing.T, test func(t *testing.T, make func(t *testing.T, inputs map[string]string, folder string) script)) {
	t.Helper()
	t.Run("action", func(t *testing.T) { test(t, action) })
	t.Run("component", func(t *testing.T) {
		test(t, func(t *testing.T, inputs map[string]string, folder string) script {
			inputs["source"], inputs["version"] = "https://git.example.test/contract.git", "v0.1.0"
			return component(t, inputs, folder)
		})
	})
}

func TestActionAndComponentFitThePublishedSchemas(t *testing.T) {
	require.NoError(t, check(t, schema(t, "testdata/github-action.schema.json"), documents(t, "../action.yml")[0]))
	docs := documents(t, "../templates/contract.yml")
	require.Len(t, docs, 2)
	for _, doc := range docs {
		require.NoError(t, check(t, schema(t, "testdata/gitlab-ci.schema.json"), doc))
	}
	spoilt := documents(t, "../action.yml")[0]
	delete(at(t, spoilt, "runs", "steps", 1).(object), "shell")
	require.Error(t, check(t, schema(t, "testdata/github-action.schema.json"), spoilt), "a script without a shell")
	spoilt = documents(t, "../templates/contract.yml")[0]
	at(t, spoilt, "spec", "inputs", "auto-approve").(object)["type"] = "flag"
	require.Error(t, check(t, schema(t, "testdata/gitlab-ci.schema.json"), spoilt), "a type that does not exist")
}

// What an input holds is a value, and never a part of a script: `"; rm -rf ~ #` is a name that does not exist.
func TestNoInputIsAPartOfAScript(t *testing.T) {
	for _, one := range at(t, documents(t, "../action.yml")[0], "runs", "steps").([]any) {
		script, _ := one.(object)["run"].(string)
		require.NotContains(t, script, "${{")
	}
	require.NotContains(t, text(t, at(t, documents(t, "../templates/contract.yml")[1], "$[[ inputs.job ]]", "script")), "$[[")

	both(t, func(t *testing.T, make func(*testing.T, map[string]string, string) script) {
		folder := checkout(t, false, "")
		for _, evil := range []string{"\"; touch broken-out #", "$(touch broken-out)", "`touch broken-out`", "*"} {
			code, said := make(t, map[string]string{"env": evil, "level": evil, "shard": evil, "reports": evil, "arguments": evil}, folder).run(t, folder, nil)
			require.Equal(t, 2, code, said)
		}
		require.NoFileExists(t, filepath.Join(folder, "broken-out"))
	})
}

func TestActionAndComponentTakeTheSameInputs(t *testing.T) {
	inputs := at(t, documents(t, "../action.yml")[0], "inputs").(object)
	others := at(t, documents(t, "../templates/contract.yml")[0], "spec", "inputs").(object)
	for name := range inputs {
		require.Contains(t, others, name)
	}
	for name := range others {
		if name != "job" && name != "stage" && name != "source" && name != "version" {
			require.Contains(t, inputs, name)
		}
	}
}

func TestActionAndComponentRunWhatTheirInputsSay(t *testing.T) {
	t.Parallel()
	secrets, variables := staging(t, "")
	env := map[string]string{}
	for _, given := range []map[string]string{secrets, variables} {
		for name, value := range given {
			env["CONTRACT_VAR_"+name] = value
		}
	}
	both(t, func(t *testing.T, make func(*testing.T, map[string]string, string) script) {
		folder := checkout(t, false, "")
		inputs := map[string]string{
			"env": "staging", "auto-approve": "true", "level": "must", "shard": "1/2", "max-messages": "500",
			"reports": "junit=a b.xml\nhtml=report.html\n", "baseline": "baseline.json", "result": "out.json",
			"arguments": "--rule=PV-03\n--tags=@must and not @slow\n",
		}
		for _, first := range []bool{true, false} {
			run := make(t, inputs, folder)
			code, said := run.run(t, folder, env)
			require.Zero(t, code, said)
			require.Equal(t, first, strings.Contains(said, "There is no baseline"), said)
			for _, file := range []string{"out.json", "baseline.json", "a b.xml", "report.html"} {
				require.FileExists(t, filepath.Join(folder, file))
			}
			if run.outputs != "" {
				output, err := os.ReadFile(run.outputs)
				require.NoError(t, err)
				require.Equal(t, "code=0\n", string(output))
			}
			nothingLeft(t, said, []string{clientToken}, folder)
		}
		result, err := os.ReadFile(filepath.Join(folder, "out.json"))
		require.NoError(t, err)
		for _, selected := range []string{`"level": "must"`, `"shard": "1/2"`, `"PV-03"`, `@must and not @slow`} {
			require.Contains(t, string(result), selected)
		}
		t.Run("a protected target is not called unasked", func(t *testing.T) {
			run := make(t, map[string]string{"env": "staging"}, folder)
			code, said := run.run(t, folder, env)
			require.Equal(t, 2, code, said)
			require.Contains(t, said, "--auto-approve")
			if run.outputs != "" {
				output, err := os.ReadFile(run.outputs)
				require.NoError(t, err)
				require.Equal(t, "code=2\n", string(output))
			}
		})
	})
}
