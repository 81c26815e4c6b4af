package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"verifik-contract/internal/report"
)

// writeFile writes what is no report of a run, whole or not at all; "-" is stdout.
func (a *app) writeFile(path string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	if path == report.Stdout {
		_, err := a.Out.Write(content.Bytes())
		return err
	}
	if err := replace(path, content.Bytes()); err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	return nil
}

// replace renames a new file over the old one. What is no regular file, /dev/null or a pipe, is written to: to
// rename over it would put a file in the device's place.
func replace(path string, content []byte) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.Write(content)
		return errors.Join(err, file.Close())
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return maybe.WriteFile(path, content, 0o644)
}

// writable tells before the work which of these files could not be written after it.
func writable(paths ...string) error {
	var targets []report.Target
	for _, path := range paths {
		if path != "" {
			targets = append(targets, report.Target{Form: "json", Path: path})
		}
	}
	if err := errors.Join(report.CheckWritable(targets)...); err != nil {
		return input("%w", err)
	}
	return nil
}
