package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"verifik-contract/internal/result"
)

// WriteFiles writes each report to its file, or to stdout, and returns what went wrong; one that fails does not keep
// the others from being written. A file appears whole or not at all.
func WriteFiles(targets []Target, run *result.Run, stdout io.Writer) []error {
	var problems []error
	for _, t := range targets {
		if err := writeTarget(t, run, stdout); err != nil {
			problems = append(problems, fmt.Errorf("the report %s could not be written to %s: %w", t.Form, where(t.Path), cause(err)))
		}
	}
	return problems
}

func writeTarget(t Target, run *result.Run, stdout io.Writer) error {
	if _, err := find(t.Form); err != nil {
		return err
	}
	if t.Path == Stdout {
		return Render(stdout, t.Form, run)
	}
	return WriteFile(t.Path, func(w io.Writer) error { return Render(w, t.Form, run) })
}

// WriteFile writes a file, whole or not at all, and makes the folders that it needs. Behind a link the file itself is
// replaced. What is no regular file, /dev/null or a pipe, is written to: to rename over it would replace the device.
func WriteFile(path string, write func(io.Writer) error) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(file), file.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return replace(path, func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		if err := write(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
}
