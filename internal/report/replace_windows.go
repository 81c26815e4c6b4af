package report

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// replace writes a file through a temporary one beside it and renames that. renameio promises nothing on Windows
// and is not built there; a rename is as close as that system comes.
func replace(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), path)
}
