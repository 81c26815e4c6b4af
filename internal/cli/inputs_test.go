package cli

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func TestAResultInAFolderOfResultsIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, folder := range []string{"nights/below", "archive", "empty"} {
		require.NoError(t, os.MkdirAll(folder, 0o755))
	}
	for _, path := range []string{"nights/a.json", "nights/below/b.json", "nights/unread", "archive/o.json", "archive/data", "archive/listed.json"} {
		file, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, result.Write(file, &result.Run{Version: result.Version}))
		require.NoError(t, file.Close())
	}
	require.NoError(t, os.WriteFile("nights/other.json", []byte("{}"), 0o600))
	for link, to := range map[string]string{"nights/old": "../archive", "nights/data.json": "../archive/data", "nights/l.json": "../archive/listed.json", "to-b": "nights/below/b.json", "linked": "nights", "l.json": "nights/unread"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	for path, read := range map[string]bool{
		"nights/a.json": true, "nights/below/b.json": true, "nights/below/../a.json": true, "linked/a.json": true, "to-b": true,
		"nights/old/o.json": true, "linked/old/o.json": true, "archive/../nights/old/o.json": true, "l.json": true, // through the folder
		"nights/data.json": true, "archive/data": true, "archive/listed.json": true, // that a link in the folder leads to
		"nights/other.json": false, "nights/unread": false, "nights/new.json": false, "archive/o.json": false, // not read
	} {
		for _, folder := range []string{"nights", "nights/", "./linked"} {
			require.Equal(t, read, isRead([]string{"empty", folder, folder}, path), "%s of %s", path, folder)
		}
		require.False(t, isRead([]string{"empty", "gone"}, path), path)
		require.Equal(t, path == "archive/o.json" || path == "nights/old/o.json" || path == "linked/old/o.json" || path == "archive/../nights/old/o.json",
			isRead([]string{"nights/old/o.json"}, path), path)
	}
}
