package runner

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// It is unset while godog is initialised; commands of an environment are looked up in it later.
func TestThePATHIsRestored(t *testing.T) {
	require.NotEmpty(t, os.Getenv("PATH"))
}
