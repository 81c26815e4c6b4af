package runner

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// It is taken away while godog is initialised; what an environment names is looked for on it.
func TestThePathIsThereAgain(t *testing.T) {
	require.NotEmpty(t, os.Getenv("PATH"))
}
