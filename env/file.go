package env

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// The most that is read of a file, in bytes. Nobody writes an environment of a megabyte by hand, so a larger
// file is a mistake; prepared records may well be many.
const (
	maxText    = 1 << 20
	maxRecords = 16 << 20
)

// readFile reads a file that a person wrote, or a pipe, as `--var-file <(decrypt secrets)` gives one.
func readFile(path string, limit int64) ([]byte, error) {
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

// reason spells an error of the system without the path, which the caller's problem names.
func reason(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}

// sentence makes a sentence of an error of the system.
func sentence(err error) string {
	text := reason(err)
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
