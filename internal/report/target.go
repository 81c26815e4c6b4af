package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Stdout is the path that stands for the standard output.
const Stdout = "-"

// Target is where one report goes.
type Target struct {
	Form string
	Path string // Stdout, or a file
}

// ParseTarget reads FORM=FILE.
func ParseTarget(text string) (Target, error) {
	name, path, found := strings.Cut(text, "=")
	f, err := find(name)
	switch {
	case !found && err != nil:
		return Target{}, fmt.Errorf("a report is given as FORM=FILE: %w", err)
	case !found:
		return Target{}, fmt.Errorf("the report %q has no file: write %s=FILE, or %s=- for the standard output", f.Name, f.Name, f.Name)
	case err != nil:
		return Target{}, err
	case path == "":
		return Target{}, fmt.Errorf("the report %q has an empty file name: write %s=FILE, or %s=- for the standard output", f.Name, f.Name, f.Name)
	}
	return Target{Form: f.Name, Path: path}, nil
}

// CheckWritable tells before a run which reports could not be written after it. It leaves nothing behind: folders
// that have to be made are made when the report is written.
func CheckWritable(targets []Target) []error {
	var problems []error
	taken := map[string]string{}
	for _, t := range targets {
		key := t.Path
		if key != Stdout {
			if absolute, err := filepath.Abs(t.Path); err == nil {
				key = absolute
			}
		}
		if other, twice := taken[key]; twice {
			problems = append(problems, fmt.Errorf("the reports %s and %s both go to %s: give each its own file", other, t.Form, where(t.Path)))
			continue
		}
		taken[key] = t.Form
		if t.Path == Stdout {
			continue
		}
		if err := checkFile(t.Path); err != nil {
			problems = append(problems, fmt.Errorf("the report %s cannot be written: %w", t.Form, err))
		}
	}
	return problems
}

func where(path string) string {
	if path == Stdout {
		return "the standard output"
	}
	return fmt.Sprintf("%q", path)
}

func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%q is a folder: name a file in it", path)
	case err == nil && info.Mode().Type()&(fs.ModeNamedPipe|fs.ModeSocket) != 0:
		return nil // opening one would wait for its reader
	case err == nil:
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return reason(path, err)
		}
		if err := file.Close(); err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return reason(path, err)
	}
	if strings.HasSuffix(path, string(filepath.Separator)) {
		return fmt.Errorf("%q is a folder: name a file in it", path)
	}
	return checkFolder(path)
}

// checkFolder tries the folder of a file, or the nearest one above it that is there.
func checkFolder(path string) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved // the file behind a link is replaced, not the link
	}
	folder := filepath.Dir(path)
	for {
		info, err := os.Stat(folder)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%q is a file, not a folder", folder)
		}
		if err == nil {
			break
		}
		above := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || above == folder {
			return reason(path, err)
		}
		folder = above
	}
	probe, err := os.CreateTemp(folder, ".verifik-contract-*")
	if err != nil {
		return fmt.Errorf("nothing can be written to the folder %q: %w", folder, cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func reason(path string, err error) error { return fmt.Errorf("%q: %w", path, cause(err)) }

// cause is what the system said, without the path that the message names already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
