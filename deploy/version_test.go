package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A result names the version that made it, so every way to build has to say which one it is.
func TestTheContainerSetsTheVersionThatTheMakefileSets(t *testing.T) {
	variable := regexp.MustCompile(`-X (\S+)=\$\(?VERSION\b`)
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	container, err := os.ReadFile("container/Containerfile")
	require.NoError(t, err)
	want, got := variable.FindSubmatch(makefile), variable.FindSubmatch(container)
	require.NotNil(t, want)
	require.NotNil(t, got)
	require.Equal(t, string(want[1]), string(got[1]))
	require.Regexp(t, `(?s)COPY \. \.\nARG VERSION=devel\nRUN .*go build`, string(container), "an argument holds for what stands after it")

	source, err := os.ReadFile("../internal/cli/version.go")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^var version string$`, string(source), "the linker passes over a variable that is not there")
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

// sent says whether the ignore file lets a path of the repository into the build. The last line that matches decides.
func sent(t *testing.T, path string) bool {
	t.Helper()
	data, err := os.ReadFile("container/Containerfile.dockerignore")
	require.NoError(t, err)
	in := true
	for line := range strings.SplitSeq(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, again := strings.CutPrefix(line, "!")
		anywhere := strings.HasPrefix(pattern, "**/")
		parts := strings.Split(path, "/")
		if !anywhere {
			parts = parts[:1] // the others name what lies in the root
			require.NotContains(t, pattern, "/")
		}
		for _, part := range parts {
			matches, err := filepath.Match(strings.TrimPrefix(pattern, "**/"), part)
			require.NoError(t, err)
			if matches {
				in = again
			}
		}
	}
	return in
}

func TestTheContainerIsBuiltFromWhatTheBinaryNeedsAndNoMore(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Module,GoFiles,EmbedFiles", ".")
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	require.NoError(t, err)
	root, err := filepath.Abs("..")
	require.NoError(t, err)

	needed := []string{"go.mod", "go.sum"}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			Dir    string
			Module *struct {
				Main    bool
				Replace *struct{}
			}
			GoFiles, EmbedFiles []string
		}
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if p.Module == nil || !p.Module.Main && p.Module.Replace == nil {
			continue
		}
		if !p.Module.Main {
			folder, err := filepath.Rel(root, p.Dir)
			require.NoError(t, err)
			needed = append(needed, filepath.ToSlash(filepath.Join(folder, "go.mod")))
			container, err := os.ReadFile("container/Containerfile")
			require.NoError(t, err)
			require.Regexp(t, `(?s)COPY `+folder+` .*RUN go mod download`, string(container), "go.mod names it")
		}
		for _, file := range append(p.GoFiles, p.EmbedFiles...) {
			path, err := filepath.Rel(root, filepath.Join(p.Dir, file))
			require.NoError(t, err)
			needed = append(needed, filepath.ToSlash(path))
		}
	}
	require.Contains(t, needed, "main.go")
	for _, path := range needed {
		require.True(t, sent(t, path), path)
	}
	for _, path := range []string{".git/HEAD", "verifik-contract", "signing.pem", "results/shard-1.json", ".env", "docs/CI.md", "internal/cli/cli_test.go", "internal/report/testdata/junit.xsd"} {
		require.False(t, sent(t, path), path)
	}
}
