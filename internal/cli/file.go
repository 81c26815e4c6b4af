package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// writeFile writes what is no report of a run, whole or not at all; "-" is stdout.
func (a *app) writeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	if path == report.Stdout {
		return write(a.Out)
	}
	if err := a.files.Write(ctx, path, write); err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	return nil
}

// tell writes what a verb found as JSON, where it was asked to, and shows it to a person: on stderr where the JSON goes to
// stdout. What cannot be written is shown all the same.
func (a *app) tell(ctx context.Context, path string, found any, show func(screen io.Writer, tty bool) error) error {
	var wrong error
	if path != "" {
		ctx, cancel := writing(ctx)
		defer cancel()
		wrong = a.writeFile(ctx, path, func(w io.Writer) error { return text.Encode(w, found) })
	}
	screen, tty := a.Out, a.OutTerminal
	if path == report.Stdout {
		screen, tty = a.Err, a.ErrTerminal
	}
	if err := errors.Join(wrong, show(screen, tty)); err != nil {
		return &failure{code: result.ExitUnjudged, err: err}
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

// apart refuses to write to what is read: a recording, or a result, cannot be had again.
func apart(read []string, written []report.Target) error {
	for _, t := range written {
		for _, path := range read {
			if t.Path != report.Stdout && path != "-" && !atomicfile.Special(path) && atomicfile.Same(path) == atomicfile.Same(t.Path) {
				return input("%s would be written over by the report %s: give that its own file", text.Quote(path), t.Form)
			}
		}
	}
	return nil
}

// readBounded reads a file, of which no more than a byte too many is looked at: it may be a device without end. The
// byte order mark that some editors begin a file with is left out.
func readBounded(path string, limit int64) ([]byte, error) {
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
		return nil, fmt.Errorf("%s is larger than the %d bytes that are read of such a file", path, limit)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

func readResult(path string) (*result.Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, input("the result cannot be read: %w", err)
	}
	defer file.Close()
	run, err := result.Read(file)
	if err != nil {
		return nil, input("%s: %w", path, err)
	}
	return run, nil
}
