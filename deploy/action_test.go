package main_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// once is one run of the action, or of the component, in a folder as a job finds it. What the jobs of a project cache lies in
// a folder of its own.
type once struct {
	inputs, env   map[string]string
	folder, cache string
	output        string // of the action
}

var interpolation = regexp.MustCompile(`\$\{\{ ([a-z_.-]+) \}\}|\$\[\[ ([a-z_.-]+) \]\]`)

// fill puts in the inputs, those that are not given by their defaults, and what else GitHub fills in.
func (o once) fill(t *testing.T, declared any, text string) string {
	t.Helper()
	return interpolation.ReplaceAllStringFunc(text, func(found string) string {
		path := strings.Trim(found, "${[ ]}")
		name, isInput := strings.CutPrefix(path, "inputs.")
		if !isInput {
			value, known := map[string]string{"github.action_path": o.folder, "github.action_ref": "v0.1.0", "github.run_id": "1", "github.run_attempt": "1"}[path]
			require.True(t, known, "%s is filled in by nobody", found)
			return value
		}
		if value, given := o.inputs[name]; given {
			return value
		}
		if value, ok := at(t, declared, name).(object)["default"]; ok {
			return fmt.Sprint(value)
		}
		return ""
	})
}

func (o once) variables(t *testing.T, declared, values any) map[string]string {
	t.Helper()
	filled := map[string]string{}
	maps.Copy(filled, o.env)
	if values, ok := values.(object); ok {
		for name, value := range values {
			filled[name] = o.fill(t, declared, value.(string))
		}
	}
	return filled
}

// keep copies the baseline between the folder and the cache, where it is.
func (o once) keep(t *testing.T, from, to, name string) {
	t.Helper()
	if data, err := os.ReadFile(filepath.Join(from, name)); err == nil {
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o600))
	}
}

// standIns is a folder with a git that clones what is asked for and a make that builds it: both only look at how.
func (o once) standIns(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"git": `[ "$1 $5 $6 $7 $8" = "clone --branch v0.1.0 -- https://git.example.test/contract.git" ]`,
		"make": `[ "$VERSION $*" = "v0.1.0 -s -C $3 build" ] || exit 1
[ -e "$3/verifik-contract" ] || ln -s ` + o.folder + `/verifik-contract "$3/verifik-contract"`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	return folder + ":" + os.Getenv("PATH")
}

// bash runs a script as a runner does.
func (o once) bash(t *testing.T, script string, env map[string]string) (int, string) {
	t.Helper()
	env["PATH"] = o.standIns(t)
	file := filepath.Join(t.TempDir(), "script.sh")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
	return sh(t, o.folder, env, "bash", "--noprofile", "--norc", "-eo", "pipefail", file)
}

// action does the steps of the action, one after the other.
func action(t *testing.T, o once) (int, string) {
	t.Helper()
	doc := documents(t, "../action.yml")[0]
	code, all := 0, ""
	for _, one := range at(t, doc, "runs", "steps").([]any) {
		step := one.(object)
		baseline := o.inputs["baseline"]
		switch step["if"] {
		case nil:
			if code != 0 {
				continue
			}
		case "${{ inputs.baseline != '' }}":
			if code != 0 || baseline == "" {
				continue
			}
		case "${{ always() && inputs.baseline != '' && hashFiles(inputs.baseline) != '' }}":
			if baseline == "" || !exists(t, filepath.Join(o.folder, baseline)) {
				continue
			}
		default:
			require.Failf(t, "a condition that nobody decides", "%v", step["if"])
		}
		with := func(key string) string { return o.fill(t, doc["inputs"], at(t, step, "with", key).(string)) }
		uses, _ := step["uses"].(string)
		name, _, _ := strings.Cut(uses, "@")
		switch name {
		case "actions/setup-go":
			require.Equal(t, o.folder+"/go.mod", with("go-version-file"))
		case "actions/cache/restore":
			require.True(t, strings.HasPrefix(with("key"), with("restore-keys")))
			o.keep(t, o.cache, o.folder, with("path"))
		case "actions/cache/save":
			o.keep(t, o.folder, o.cache, with("path"))
		case "":
			env := o.variables(t, doc["inputs"], step["env"])
			env["GITHUB_OUTPUT"] = o.output
			said := ""
			code, said = o.bash(t, step["run"].(string), env)
			all += said
		default:
			require.Failf(t, "an action that nobody does", uses)
		}
	}
	require.FileExists(t, o.output, "the exit code is an output, whatever it is")
	return code, all
}

// component runs the job of the component, in one shell.
func component(t *testing.T, o once) (int, string) {
	t.Helper()
	docs := documents(t, "../templates/contract.yml")
	declared, job := at(t, docs[0], "spec", "inputs"), at(t, docs[1], "$[[ inputs.job ]]").(object)
	o.inputs = maps.Clone(o.inputs)
	o.inputs["source"], o.inputs["version"] = "https://git.example.test/contract.git", "v0.1.0"
	baseline := o.fill(t, declared, at(t, job, "cache", "paths", 0).(string))
	o.keep(t, o.cache, o.folder, baseline)
	var lines []string
	for _, line := range job["script"].([]any) {
		lines = append(lines, line.(string))
	}
	code, said := o.bash(t, strings.Join(lines, "\n"), o.variables(t, declared, job["variables"]))
	o.keep(t, o.folder, o.cache, baseline)
	return code, said
}

// both runs a test with the action and with the component: they take the same inputs.
func both(t *testing.T, test func(t *testing.T, run func(t *testing.T, o once) (int, string))) {
	t.Helper()
	t.Run("action", func(t *testing.T) { test(t, action) })
	t.Run("component", func(t *testing.T) { test(t, component) })
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

	if testing.Short() {
		t.Skip("whole processes")
	}
	both(t, func(t *testing.T, run func(*testing.T, once) (int, string)) {
		folder := checkout(t, false, "")
		for _, evil := range []string{"\"; touch broken-out #", "$(touch broken-out)", "`touch broken-out`", "*"} {
			inputs := map[string]string{"env": evil, "level": evil, "shard": evil, "reports": evil, "arguments": evil}
			code, said := run(t, once{inputs: inputs, folder: folder, cache: t.TempDir(), output: filepath.Join(t.TempDir(), "output")})
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
	both(t, func(t *testing.T, run func(*testing.T, once) (int, string)) {
		inputs := map[string]string{
			"env": "local", "auto-approve": "true", "level": "must", "shard": "1/2", "max-messages": "500",
			"reports": "junit=a b.xml\nhtml=report.html\n", "baseline": "baseline.json", "result": "out.json",
			"arguments": "--rule=PV-03\n--tags=@must and not @slow\n--env=staging\n--result=also.json\n",
		}
		cache := t.TempDir()
		for _, first := range []bool{true, false} {
			o := once{inputs: inputs, env: env, folder: checkout(t, false, ""), cache: cache, output: filepath.Join(t.TempDir(), "output")}
			code, said := run(t, o)
			require.Zero(t, code, said)
			require.Equal(t, first, strings.Contains(said, "There is no baseline"), said)
			for _, file := range []string{"a b.xml", "report.html", "also.json"} {
				require.FileExists(t, filepath.Join(o.folder, file))
			}
			if output, err := os.ReadFile(o.output); err == nil {
				require.Equal(t, "code=0\n", string(output))
			}
			nothingLeft(t, said, []string{clientToken}, o.folder, cache)
			result, err := os.ReadFile(filepath.Join(o.folder, "out.json"))
			require.NoError(t, err)
			for _, selected := range []string{`"environment": "staging"`, `"level": "must"`, `"shard": "1/2"`, `"PV-03"`, `@must and not @slow`} {
				require.Contains(t, string(result), selected)
			}
		}
		t.Run("a protected target is not called unasked", func(t *testing.T) {
			o := once{inputs: map[string]string{"env": "staging"}, env: env, folder: checkout(t, false, ""), cache: t.TempDir(), output: filepath.Join(t.TempDir(), "output")}
			code, said := run(t, o)
			require.Equal(t, 2, code, said)
			require.Contains(t, said, "--auto-approve")
			if output, err := os.ReadFile(o.output); err == nil {
				require.Equal(t, "code=2\n", string(output))
			}
		})
	})
}
