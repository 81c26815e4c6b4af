package explore

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSearchRunsOutsideOfGoTest(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	program := filepath.Join(t.TempDir(), "outside")
	out, err := exec.Command(tool, "build", "-o", program, "./testdata/outside").CombinedOutput()
	require.NoError(t, err, string(out))
	// Arguments that are none of the flags that rapid and the testing package have.
	command := exec.Command(program, "explore", "--seed", "1")
	command.Dir = t.TempDir()
	out, err = command.CombinedOutput()
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), "%v", err)
	require.Equal(t, 1, exit.ExitCode(), string(out))
	require.Contains(t, string(out), `{"phone":"😀"}`)
	left, err := filepath.Glob(filepath.Join(command.Dir, "*"))
	require.NoError(t, err)
	require.Empty(t, left, "rapid writes no files")
}
