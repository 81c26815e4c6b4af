package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"verifik-contract/internal/atomicfile"
)

func TestWhatCannotBeReplacedIsWrittenInPlace(t *testing.T) {
	asRoot(t)
	folder := t.TempDir()
	source, target := filepath.Join(folder, "source"), filepath.Join(folder, "target")
	for _, path := range []string{source, target} {
		require.NoError(t, os.WriteFile(path, []byte("what was there, and was longer"), 0o600))
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
		t.Skip("nothing can be mounted here: ", err)
	}
	defer func() { require.NoError(t, unix.Unmount(target, 0)) }()
	require.NoError(t, atomicfile.Check(target))
	require.NoError(t, write(t, target, "the mount's"))
	holds(t, source, "the mount's")
	require.Equal(t, []string{"source", "target"}, names(t, folder), "no temporary file stays")
	require.NoError(t, atomicfile.Remove(target))
	holds(t, source, "")
}
