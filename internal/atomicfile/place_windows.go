package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// find finds what a path refers to. It does not check who owns a link: making links is a privilege on Windows.
func find(path string) (place, error) {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir(), path == "", strings.HasSuffix(path, string(filepath.Separator)):
		return place{}, errFolder
	case err == nil:
		return place{path: path, stream: -1, info: info}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return place{}, err
	}
	absolute, err := filepath.Abs(path)
	return place{path: absolute, stream: -1}, err
}

// writableAnyway reports whether an error means that a file cannot be replaced but may be written.
func writableAnyway(err error) bool { return errors.Is(err, fs.ErrPermission) }

// copyOwnerAndMode gives a temporary file the mode of the file that it will replace; the owner is the same.
func copyOwnerAndMode(file *os.File, info fs.FileInfo) error { return file.Chmod(info.Mode().Perm()) }

func (p place) check() error {
	file, err := os.OpenFile(p.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}

func (p place) open() (*os.File, error) {
	if p.info.Mode().IsRegular() {
		return os.OpenFile(p.path, os.O_WRONLY|os.O_TRUNC, 0)
	}
	return os.OpenFile(p.path, os.O_WRONLY, 0)
}
