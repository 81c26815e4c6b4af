package cli

import (
	"errors"
	"fmt"
	"io"

	"verifik-contract/internal/report"
)

// writeFile writes what is no report of a run, whole or not at all; "-" is stdout.
func (a *app) writeFile(path string, write func(io.Writer) error) error {
	if path == report.Stdout {
		return write(a.Out)
	}
	if err := report.WriteFile(path, write); err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	return nil
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
