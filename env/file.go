package env

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"
)

// The most that is read of a file, in bytes. Nobody writes an environment of a megabyte by hand, so a larger
// file is a mistake; prepared records may well be many.
const (
	maxText    = 1 << 20
	maxRecords = 16 << 20
)

// readFile reads a file that a person wrote. The errors name no path: the caller's problem does.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, reason(err)
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
		return nil, reason(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d MiB, the most that is read of such a file", limit>>20)
	}
	return data, nil
}

// reason takes the path out of an error of the file system and keeps what errors.Is looks for.
func reason(err error) error {
	var failed *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("it does not exist%w", silent{err})
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("reading it is not permitted%w", silent{err})
	case errors.As(err, &failed):
		return failed.Err
	}
	return err
}

// silent carries an error along without a text.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

// badText reports where a text holds what no text holds: the offset of the first NUL byte or of the first byte that
// is not UTF-8, and what it is; -1 where all is well.
func badText(data []byte) (int, string) {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return i, "a byte that is not UTF-8"
		case r == 0:
			return i, "a NUL byte"
		}
		i += size
	}
	return -1, ""
}

// sentence makes an error read as one.
func sentence(err error) string {
	text := err.Error()
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	if first >= 'a' && first <= 'z' {
		first -= 'a' - 'A'
	}
	return string(first) + text[size:] + "."
}
