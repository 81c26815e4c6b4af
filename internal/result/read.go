package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxSize is the most that is read of a result file, in bytes. What is kept of an answer is bounded, so that the result
// of a run of the whole contract has some MB.
const maxSize = 256 << 20

// Read reads a result file of this or an older version. A file of a newer version, and anything else than a
// result, is refused with what to do about it. A byte order mark before it is left out.
func Read(r io.Reader) (*Run, error) { return readAtMost(r, maxSize) }

func readAtMost(r io.Reader, limit int64) (*Run, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the result cannot be read: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("this is no result file: it has more than the %d MiB that are read of one", limit>>20)
	}
	return read(bytes.TrimPrefix(text, []byte("\ufeff")), Version, migrations())
}

func read(text []byte, current int, steps map[int]migration) (*Run, error) {
	var header struct {
		Version *json.Number `json:"version"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, notJSON(text, err)
	}
	if header.Version == nil {
		return nil, errors.New("this is not a result file: it has no version; give the file that `run --result FILE` wrote")
	}
	version, err := header.Version.Int64()
	if err != nil || version < 1 {
		return nil, fmt.Errorf("this is not a result file: its version is %s, the first one is 1; give the file that `run --result FILE` wrote", *header.Version)
	}
	if version > int64(current) {
		return nil, fmt.Errorf("the result file has version %d and this tool reads versions up to %d: read it with the release that wrote it, or with a newer one", version, current)
	}
	if text, err = migrate(text, int(version), current, steps); err != nil {
		return nil, err
	}
	var run Run
	if err := json.Unmarshal(text, &run); err != nil {
		return nil, notJSON(text, err)
	}
	if err := check(&run); err != nil {
		return nil, err
	}
	return &run, nil
}

// migration turns the JSON of one version into that of the next.
type migration func(text []byte) ([]byte, error)

// migrations returns one migration for each version before the present one. There is none: version 1 is the first.
func migrations() map[int]migration { return nil }

func migrate(text []byte, from, to int, steps map[int]migration) ([]byte, error) {
	for version := from; version < to; version++ {
		step := steps[version]
		if step == nil {
			return nil, fmt.Errorf("the result file has version %d, which this tool no longer reads", version)
		}
		var err error
		if text, err = step(text); err != nil {
			return nil, fmt.Errorf("the result file of version %d cannot be brought to version %d: %w", version, version+1, err)
		}
	}
	return text, nil
}

// notJSON says where a text stops being a result, without showing what it holds.
func notJSON(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("this is not a result file: it is empty")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)):
		return errors.New("the result file is cut off: it ends in the middle of its JSON")
	case errors.As(err, &syntax):
		return fmt.Errorf("this is not a result file: line %d is not JSON", 1+bytes.Count(text[:syntax.Offset], []byte("\n")))
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("this is not a result file: it is a JSON %s, not an object", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("this is not a result file: its %s is a JSON %s", kind.Field, kind.Value)
	}
	return fmt.Errorf("this is not a result file: %w", err)
}

// check refuses what no report could show: a verdict or a level that does not exist.
func check(run *Run) error {
	for _, rule := range run.Rules {
		if !rule.Verdict.known() {
			return fmt.Errorf("the result file is damaged: rule %.40q has the verdict %.40q", rule.ID, string(rule.Verdict))
		}
		if !rule.Level.known() {
			return fmt.Errorf("the result file is damaged: rule %.40q has the level %.40q", rule.ID, string(rule.Level))
		}
	}
	for _, s := range run.Scenarios {
		if !s.Verdict.known() {
			return fmt.Errorf("the result file is damaged: scenario %.80q has the verdict %.40q", s.ID, string(s.Verdict))
		}
		if !s.Level.known() {
			return fmt.Errorf("the result file is damaged: scenario %.80q has the level %.40q", s.ID, string(s.Level))
		}
	}
	return nil
}

func (v Verdict) known() bool {
	for _, known := range Verdicts() {
		if v == known {
			return true
		}
	}
	return false
}

func (l Level) known() bool { return l == Must || l == Should || l == Observe }
