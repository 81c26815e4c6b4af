package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"verifik-contract/internal/text"
)

// maxSize is the most that is read of a result file, in bytes. What is kept of an answer is bounded, so that the result
// of a run of the whole contract has some MB.
const maxSize = 256 << 20

// Read reads a result file of this or an older version. A file of a newer version, and anything else than a
// result, is refused with what to do about it. A byte order mark before it is left out.
func Read(r io.Reader) (*Run, error) { return readAtMost(r, maxSize) }

func readAtMost(r io.Reader, limit int64) (*Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the result cannot be read: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("this is no result file: it has more than the %d MiB that are read of one", limit>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	run := &Run{}
	file := struct {
		*Run
		Version *json.Number `json:"version"` // instead of the run's
	}{Run: run}
	invalid := json.Unmarshal(data, &file)
	var syntax *json.SyntaxError
	switch {
	case invalid != nil && (errors.As(invalid, &syntax) || file.Version == nil): // what else is invalid may be of a newer version
		return nil, notJSON(data, invalid)
	case file.Version == nil:
		return nil, errors.New("this is not a result file: it has no version; give the file that `run --result FILE` wrote")
	}
	version, err := file.Version.Int64()
	switch {
	case err != nil || version < 1:
		return nil, fmt.Errorf("this is not a result file: its version is %s, the first one is 1; give the file that `run --result FILE` wrote", *file.Version)
	case version > Version:
		return nil, fmt.Errorf("the result file has version %d and this tool reads versions up to %d: read it with the release that wrote it, or with a newer one", version, Version)
	case invalid != nil:
		return nil, notJSON(data, invalid)
	}
	run.Version = int(version)
	for i := range run.Webhooks {
		if d := &run.Webhooks[i]; d.Kind == "doubled" { // as it was called before 0.1.0
			d.Kind = Duplicate
		}
	}
	if err := check(run); err != nil {
		return nil, err
	}
	return run, nil
}

// notJSON says where a file stops being a result, without showing what it holds.
func notJSON(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("this is not a result file: it is empty")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)):
		return errors.New("the result file is cut off: it ends in the middle of its JSON")
	case errors.As(err, &syntax):
		return fmt.Errorf("this is not a result file: line %d is not JSON", 1+bytes.Count(data[:syntax.Offset], []byte("\n")))
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("this is not a result file: it is a JSON %s, not an object", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("this is not a result file: its %s is a JSON %s", strings.TrimPrefix(kind.Field, "Run."), kind.Value)
	}
	return fmt.Errorf("this is not a result file: %w", err)
}

// check refuses what no report could show: a verdict or a level that does not exist.
func check(run *Run) error {
	known := func(what, id string, v Verdict, l Level) error {
		switch {
		case !slices.Contains(Verdicts(), v):
			return fmt.Errorf("the result file is damaged: %s %.80q has the verdict %.40q", what, id, string(v))
		case l != Must && l != Should && l != Observe:
			return fmt.Errorf("the result file is damaged: %s %.80q has the level %.40q", what, id, string(l))
		}
		return nil
	}
	for _, r := range run.Rules {
		if err := known("rule", r.ID, r.Verdict, r.Level); err != nil {
			return err
		}
	}
	for _, s := range run.Scenarios {
		if err := known("scenario", s.ID, s.Verdict, s.Level); err != nil {
			return err
		}
	}
	return nil
}

// Write writes a result file: JSON, indented, one newline at its end. Characters that act on a terminal or that
// reorder text are written as \u escapes, so that the file can be looked at safely and still holds what came.
func Write(w io.Writer, run *Run) error {
	whole := *run
	if whole.Rules == nil {
		whole.Rules = []Rule{} // the file says [], as its schema asks, where a run had nothing to judge
	}
	if whole.Scenarios == nil {
		whole.Scenarios = []Scenario{}
	}
	return text.Encode(w, whole)
}
