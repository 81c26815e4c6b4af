package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheEditorsFileIsThatOfTheVocabulary(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../features/steps_test.go")
	require.NoError(t, err)
	require.Equal(t, call(t, nil, "steps", "--glue").stdout, string(file), "make build && ./verifik-contract steps --glue > features/steps_test.go")
}

// An editor's language service, which others wrote, finds every step of the features by that file, and one that is misspelt by none.
func TestAnEditorKnowsTheSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	t.Parallel()
	node := needs(t, "node")
	_, err := os.Stat(filepath.Join(os.Getenv("NODE_PATH"), "@cucumber/language-service"))
	missing(t, err)
	features, err := filepath.Glob("../../features/*.feature")
	require.NoError(t, err)
	more, err := filepath.Glob("../../examples/lock/features/*.feature")
	require.NoError(t, err)
	wrong := filepath.Join(t.TempDir(), "wrong.feature")
	require.NoError(t, os.WriteFile(wrong, []byte("Feature: f\n  Scenario: s\n    Given there is a pending phone validatoin\n"), 0o600))
	glue := filepath.Join(t.TempDir(), "steps_test.go")
	text := call(t, nil, "steps", "--glue", "--contract", "../../examples/lock").stdout
	require.NoError(t, os.WriteFile(glue, []byte(text), 0o600))
	out, err := exec.CommandContext(t.Context(), node, append([]string{filepath.Join("testdata", "steps.cjs"), glue, wrong}, append(features, more...)...)...).Output()
	require.NoError(t, err)
	var read struct {
		Expressions         int
		Errors, Diagnostics []string
	}
	require.NoError(t, json.Unmarshal(out, &read), "%s", out)
	require.Empty(t, read.Errors)
	require.Equal(t, strings.Count(text, "ctx.Step("), read.Expressions)
	require.Equal(t, []string{wrong + ": Undefined step: there is a pending phone validatoin"}, read.Diagnostics)
}
