package export

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// load reads the carried contract, and another one beside it; "": none.
func load(t *testing.T, folder string) (*features.Set, *schemas.Set) {
	t.Helper()
	var folders []string
	sources := []fs.FS{schemas.Files()}
	if folder != "" {
		folders, sources = []string{folder + "/features"}, append(sources, os.DirFS(folder+"/schemas"))
	}
	set, problems := features.Load(nil, folders...)
	require.Empty(t, problems)
	declared, err := schemas.Load(sources...)
	require.NoError(t, err)
	return set, declared
}

// rehearser does what the command line does: it lets the steps speak.
func rehearser(declared *schemas.Set) Rehearse {
	checks := contract.New(declared)
	return steps.Rehearser{Checks: checks, Table: steps.Table(checks)}.Do
}

func encoded(t *testing.T, document any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, text.Encode(&b, document))
	return b.Bytes()
}

// plain is a document as another reader gets it.
func plain(t *testing.T, document any) map[string]any {
	t.Helper()
	var read map[string]any
	require.NoError(t, json.Unmarshal(encoded(t, document), &read))
	return read
}

// in follows member names and indices.
func in(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := value.(map[string]any)
			require.True(t, ok, "%v: no object", step)
			require.Contains(t, object, step)
			value = object[step]
		case int:
			list, ok := value.([]any)
			require.True(t, ok && step < len(list), "%v: no such element", step)
			value = list[step]
		}
	}
	return value
}
