package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/export"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// The command line writes what internal/export makes, which its own tests hand to readers that others wrote, and the same each
// time: the whole contract, and an answer of another one in it.
func TestWhatIsExportedIsWhatThePackageMakes(t *testing.T) {
	if testing.Short() {
		t.Skip("two whole pacts")
	}
	t.Parallel()
	set, problems := features.Load(nil, lock+"/features")
	require.Empty(t, problems)
	declared, err := schemas.Load(schemas.Files(), os.DirFS(lock+"/schemas"))
	require.NoError(t, err)
	checks := contract.New(declared)
	rehearser := steps.Rehearser{Checks: checks, Table: steps.Table(checks)}
	for form, c := range map[string]struct {
		document any
		holds    string
	}{
		"openapi": {export.OpenAPI(set, declared), "LOCK-01 must: A locked validation is refused"},
		"pact":    {export.NewPact(t.Context(), set, declared, rehearser.Do).Document, `"a locked phone validation"`},
	} {
		var made bytes.Buffer
		require.NoError(t, text.Encode(&made, c.document))
		file := filepath.Join(t.TempDir(), form)
		got := call(t, nil, "export", form, "--contract", lock, "-o", file)
		require.Zero(t, got.code, got.stderr)
		require.Empty(t, got.stdout)
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, made.String(), string(written), form)
		require.Contains(t, made.String(), c.holds)
		require.Equal(t, byte('\n'), written[len(written)-1])
	}
}
