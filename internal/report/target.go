package report

import (
	"context"
	"fmt"
	"io"
	"strings"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Stdout is the path that stands for the standard output.
const Stdout = "-"

// Target is where one report goes.
type Target struct {
	Form string
	Path string // Stdout, or a file
}

// ParseTarget reads FORM=FILE.
func ParseTarget(given string) (Target, error) {
	name, path, found := strings.Cut(given, "=")
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

// CheckWritable reports before a run which reports could not be written after it. It leaves nothing behind: folders
// that have to be made are made when the report is written.
func CheckWritable(targets []Target) []error {
	var problems []error
	taken := map[string]string{}
	for _, t := range targets {
		key := "/dev/fd/1"
		if t.Path != Stdout {
			key = atomicfile.Same(t.Path)
		}
		if other, twice := taken[key]; twice {
			problems = append(problems, fmt.Errorf("the reports %s and %s both go to %s: give each its own file", other, t.Form, where(t.Path)))
			continue
		}
		taken[key] = t.Form
		if t.Path == Stdout {
			continue
		}
		if err := atomicfile.Check(t.Path); err != nil {
			problems = append(problems, fmt.Errorf("the report %s cannot be written to %s: %w", t.Form, where(t.Path), err))
		}
	}
	return problems
}

func where(path string) string {
	if path == Stdout {
		return "the standard output"
	}
	return text.Quote(path)
}

// WriteFiles writes each report to its file, or to stdout, and returns what went wrong; one that fails does not keep
// the others from being written. The context bounds how long a pipe is waited for that nobody reads.
func WriteFiles(ctx context.Context, files *atomicfile.Files, targets []Target, run *result.Run, stdout io.Writer) []error {
	var problems []error
	for _, t := range targets {
		render := func(w io.Writer) error { return Render(w, t.Form, run) }
		write := func() error { return files.Write(ctx, t.Path, render) }
		if t.Path == Stdout {
			write = func() error { return render(stdout) }
		}
		if err := write(); err != nil {
			problems = append(problems, fmt.Errorf("the report %s could not be written to %s: %w", t.Form, where(t.Path), err))
		}
	}
	return problems
}
