package report

import (
	"context"
	"fmt"
	"io"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/result"
)

// WriteFiles writes each report to its file, or to stdout, and returns what went wrong; one that fails does not keep
// the others from being written. The context bounds how long a pipe is waited for that nobody reads.
func WriteFiles(ctx context.Context, files *atomicfile.Files, targets []Target, run *result.Run, stdout io.Writer) []error {
	var problems []error
	for _, t := range targets {
		if err := writeTarget(ctx, files, t, run, stdout); err != nil {
			problems = append(problems, fmt.Errorf("the report %s could not be written to %s: %w", t.Form, where(t.Path), err))
		}
	}
	return problems
}

func writeTarget(ctx context.Context, files *atomicfile.Files, t Target, run *result.Run, stdout io.Writer) error {
	if _, err := find(t.Form); err != nil {
		return err
	}
	if t.Path == Stdout {
		return Render(stdout, t.Form, run)
	}
	return files.Write(ctx, t.Path, func(w io.Writer) error { return Render(w, t.Form, run) })
}
