package result

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/text"
)

// maxSize is the most that is read of a result file, in bytes. What is kept of an answer is bounded, so that the result
// of a run of the whole contract has some MB.
const maxSize = 256 << 20

// Read reads a result file of this or an older version. A file of a newer version, and anything else than a
// result, is refused with what to do about it. A byte order mark before it is left out.
func Read(r io.Reader) (*Run, error) { return readAtMost(r, maxSize) }

func readAtMost(r io.Reader, limit int64) (*Run, error) {
	in := &source{r: io.LimitReader(r, limit+1)}
	run, err := in.run()
	switch {
	case in.err != nil:
		return nil, fmt.Errorf("the result cannot be read: %w", in.err)
	case in.size > limit:
		return nil, fmt.Errorf("this is no result file: it has more than the %d MiB that are read of one", limit>>20)
	case err != nil:
		return nil, err
	}
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

// source is a result file on its way in. It is decoded as it is read: that of 100,000 scenarios has a hundred megabytes.
type source struct {
	r     io.Reader
	size  int64 // bytes read so far
	lines int   // and ends of lines in them
	err   error // of the reader
}

// Read implements io.Reader. A byte order mark at the beginning is white space.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.size == 0 && bytes.HasPrefix(p[:n], []byte("\ufeff")) {
		copy(p, "   ")
	}
	s.size, s.lines = s.size+int64(n), s.lines+bytes.Count(p[:n], []byte{'\n'})
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// run reads the file.
func (s *source) run() (*Run, error) {
	in := jsontext.NewDecoder(s, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	run := &Run{}
	file := struct {
		*Run
		Version jsontext.Value `json:"version"` // instead of the run's
	}{Run: run}
	err := json.UnmarshalDecode(in, &file, json.MatchCaseInsensitiveNames(true))
	invalid, isJSON := errors.AsType[*json.SemanticError](err)
	for isJSON && file.Version == nil { // it may stand behind what is of a newer one
		token, err := in.ReadToken()
		if err != nil {
			break
		}
		if token.Kind() == '0' && in.StackPointer() == "/version" {
			file.Version = jsontext.Value(token.String())
		}
	}
	if err == nil {
		_, err = in.ReadToken()
		isJSON = errors.Is(err, io.EOF)
		if err == nil {
			err = &jsontext.SyntacticError{ByteOffset: in.InputOffset()} // there is more behind it
		}
	}
	if !isJSON {
		return nil, s.notJSON(in, err)
	}
	version, err := strconv.ParseInt(string(file.Version), 10, 64)
	switch {
	case file.Version == nil && invalid != nil:
		return nil, notResult(invalid)
	case file.Version == nil:
		return nil, errors.New("this is not a result file: it has no version; give the file that `run --result FILE` wrote")
	case err != nil || version < 1:
		return nil, fmt.Errorf("this is not a result file: its version is %s, the first one is 1; give the file that `run --result FILE` wrote", file.Version)
	case version > Version: // what is invalid may be of it
		return nil, fmt.Errorf("the result file has version %d and this tool reads versions up to %d: read it with the release that wrote it, or with a newer one", version, Version)
	case invalid != nil:
		return nil, notResult(invalid)
	}
	run.Version = int(version)
	return run, nil
}

// notJSON says where a file stops being JSON, without showing what it holds.
func (s *source) notJSON(in *jsontext.Decoder, err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("this is not a result file: it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the result file is cut off: it ends in the middle of its JSON")
	case errors.As(err, &syntax):
		ahead := in.UnreadBuffer()
		behind := ahead[min(len(ahead), int(max(0, syntax.ByteOffset-in.InputOffset()))):]
		return fmt.Errorf("this is not a result file: line %d is not JSON", 1+s.lines-bytes.Count(behind, []byte{'\n'}))
	}
	return fmt.Errorf("this is not a result file: %w", err)
}

// notResult says what of a file's JSON is none of a result.
func notResult(kind *json.SemanticError) error {
	found := cmp.Or(map[jsontext.Kind]string{'{': "object", '[': "array", 't': "boolean", 'f': "boolean"}[kind.JSONKind], kind.JSONKind.String())
	at := strings.ReplaceAll(string(kind.JSONPointer), "/", ".")
	if at == "" {
		return fmt.Errorf("this is not a result file: it is a JSON %s, not an object", found)
	}
	return fmt.Errorf("this is not a result file: its %s is a JSON %s, such as no result has there", text.Cut(at[1:], 100), found)
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
	var problems []error
	for _, r := range run.Rules {
		problems = append(problems, known("rule", r.ID, r.Verdict, r.Level))
	}
	for _, s := range run.Scenarios {
		problems = append(problems, known("scenario", s.ID, s.Verdict, s.Level))
	}
	return cmp.Or(problems...)
}

// Write writes a result file: JSON, indented, one newline at its end. Characters that act on a terminal or that
// reorder text are written as \u escapes, so that the file can be looked at safely and still holds what came.
func Write(w io.Writer, run *Run) error {
	written := *run
	if written.Rules == nil {
		written.Rules = []Rule{} // the file says [], as its schema asks, where a run had nothing to judge
	}
	if written.Scenarios == nil {
		written.Scenarios = []Scenario{}
	}
	return text.Encode(w, written)
}
