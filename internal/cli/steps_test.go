package cli_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheEditorsFileIsThatOfTheVocabulary(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../features/steps_test.go")
	require.NoError(t, err)
	require.Equal(t, call(t, nil, "steps", "--glue").stdout, string(file), "go run . steps --glue > features/steps_test.go")
}
