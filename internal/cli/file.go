package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

// apart refuses to write over what is read, by the names of arguments and flags: a recording, a result, a key cannot be
// had again. Only a baseline may be followed by the next one.
func apart(cmd *cobra.Command, args []string) error {
	var read []string
	if slices.Contains([]string{"run", "plan", "validate", "check", "show", "drift", "merge", "history", "verify"}, cmd.Name()) {
		for _, arg := range args {
			read = append(read, arg, strings.TrimRight(strings.TrimRight(arg, "0123456789"), ":")) // FILE:LINE
		}
	}
	given := func(names ...string) (all []string) {
		for _, name := range names {
			f := cmd.Flags().Lookup(name)
			if f == nil || f.Value.String() == "" {
				continue
			}
			if many, ok := f.Value.(pflag.SliceValue); ok {
				all = append(all, many.GetSlice()...)
			} else {
				all = append(all, f.Value.String())
			}
		}
		return all
	}
	read = append(read, given("var-file", "baseline", "sign-key", "key", "contract", "env", "ca-file", "client-cert-file", "client-key-file")...)
	for _, name := range given("env") {
		read = append(read, filepath.Join("env", name+".hcl"))
	}
	for _, flag := range []string{"report", "result", "save-baseline", "certify", "har", "output"} {
		for _, path := range given(flag) {
			if _, file, found := strings.Cut(path, "="); found && flag == "report" {
				path = file
			}
			for _, other := range read {
				next := flag == "save-baseline" && slices.Contains(given("baseline"), other)
				if path != report.Stdout && other != "-" && !next && isRead(other, path) {
					return overwritten(path, flag)
				}
			}
		}
	}
	return nil
}

func overwritten(path, flag string) error {
	return input("%s would be written over by --%s: give that its own file", text.Quote(path), flag)
}

// isRead reports whether an existing file is another, or a result, a feature or a schema of a folder that is read.
func isRead(read, path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if atomicfile.Same(read) == atomicfile.Same(path) {
		return true
	}
	if info, err = os.Stat(read); err != nil || !info.IsDir() || !slices.Contains([]string{".json", ".feature"}, filepath.Ext(path)) {
		return false
	}
	folder, below := filepath.Abs(read)
	file, found := filepath.Abs(path)
	down, err := filepath.Rel(folder, file)
	return errors.Join(below, found, err) == nil && filepath.IsLocal(down)
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
