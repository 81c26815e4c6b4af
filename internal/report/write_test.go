package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func TestReportsAreWrittenWhole(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "old.xml")
	require.NoError(t, os.WriteFile(old, []byte("old"), 0o600))
	deep := filepath.Join(folder, "a", "b", "result.json")
	var stdout bytes.Buffer
	require.Empty(t, WriteFiles(t.Context(), new(atomicfile.Files), []Target{{"junit", old}, {"json", deep}, {"text", "-"}}, Of(examples.Sample()), &stdout))

	files := tree(t, folder)
	require.Len(t, files, 2, "no temporary file is left")
	require.Equal(t, string(render(t, "junit", examples.Sample())), files[old])
	require.Equal(t, string(render(t, "text", examples.Sample())), stdout.String())
	run, err := result.Read(bytes.NewReader([]byte(files[deep])))
	require.NoError(t, err)
	require.Equal(t, examples.Sample(), run)

	info, err := os.Stat(old)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "a file keeps its permissions")
}

func TestOneReportThatFailsDoesNotKeepTheOthersFromBeingWritten(t *testing.T) {
	folder := t.TempDir()
	good := filepath.Join(folder, "good.json")
	problems := WriteFiles(t.Context(), new(atomicfile.Files), []Target{{"json", folder}, {"nonsense", filepath.Join(folder, "x")}, {"json", good}}, Of(examples.Sample()), nil)
	require.Len(t, problems, 2)
	require.ErrorContains(t, problems[0], "the report json could not be written")
	require.ErrorContains(t, problems[1], "there is no report form")
	require.FileExists(t, good)
	require.Len(t, tree(t, folder), 1)
}
