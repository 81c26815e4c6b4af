package main_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A result names the version that made it, so every way to build has to say which one it is.
func TestEveryBuildSetsWhatTheToolSaysOfItself(t *testing.T) {
	source, err := os.ReadFile("../internal/cli/version.go")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^var version, commit, date string$`, string(source), "the linker passes over a variable that is not there")
	for _, file := range []string{"../Makefile", "../.goreleaser.yaml"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text := strings.ReplaceAll(string(data), "$(CLI)", "verifik-contract/internal/cli")
		for _, name := range []string{"version", "commit", "date"} {
			require.Regexp(t, `-X verifik-contract/internal/cli\.`+name+`=\S`, text, file)
		}
	}
}

func TestThePipelinesBuildWithTheVersionOfTheTags(t *testing.T) {
	workflow := documents(t, "github-actions/contract.yml")[0]
	for name, job := range at(t, workflow, "jobs").(object) {
		built, history := false, false
		for _, step := range at(t, job, "steps").([]any) {
			s := step.(object)
			built = built || s["run"] == "make build"
			if uses, _ := s["uses"].(string); strings.HasPrefix(uses, "actions/checkout@") {
				history = at(t, s, "with", "fetch-depth") == 0
			}
		}
		require.True(t, built && history, name)
	}
	pipeline := documents(t, "gitlab/.gitlab-ci.yml")[0]
	require.Equal(t, []any{"make build"}, at(t, pipeline, "build", "script"))
	require.Equal(t, "0", at(t, pipeline, "build", "variables", "GIT_DEPTH"))
}
