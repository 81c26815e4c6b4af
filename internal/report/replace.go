//go:build !windows

package report

import (
	"io"

	"github.com/google/renameio/v2"
)

// replace writes a file through a temporary one beside it and renames that, so that no reader ever sees a part.
func replace(path string, write func(io.Writer) error) error {
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = file.Cleanup() }() // does nothing once the file is in its place
	if err := write(file); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}
