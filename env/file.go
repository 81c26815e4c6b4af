package env

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// The most that is read of a file, in bytes. Nobody writes an environment of a megabyte by hand, so a larger
// file is a mistake; prepared records may well be many.
const (
	maxText    = 1 << 20
	maxRecords = 16 << 20
)

// readFile reads a file that a person wrote.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// A pipe is welcome: `--var-file <(decrypt secrets)` is one. A device could be read for ever.
	if kind := info.Mode().Type(); kind&^fs.ModeNamedPipe != 0 {
		if info.IsDir() {
			return nil, errors.New("it is a directory, not a file")
		}
		return nil, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d MiB, the most that is read of such a file", limit>>20)
	}
	return data, nil
}

// reason spells an error of the file system without the path, which the caller's problem names.
func reason(err error) string {
	var failed *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "reading it is not permitted"
	case errors.As(err, &failed):
		return failed.Err.Error()
	}
	return err.Error()
}

// badText reports where a text holds what no text holds: the offset of the first NUL byte or of the first byte that
// is not UTF-8, and what it is; -1 where all is well.
func badText(data []byte) (int, string) {
	for i, r := range string(data) {
		switch {
		case r == utf8.RuneError && !bytes.HasPrefix(data[i:], []byte("\ufffd")):
			return i, "a byte that is not UTF-8"
		case r == 0:
			return i, "a NUL byte"
		}
	}
	return -1, ""
}

// sentence makes a sentence of an error of the file system.
func sentence(err error) string {
	text := reason(err)
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
