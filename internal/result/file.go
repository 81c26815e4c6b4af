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

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// maxSize is the largest result file that is read, in bytes. That of a run of the whole contract has some MB.
const maxSize = 256 << 20

// Read reads a result file of this or an older version. For a file of a newer version, and for anything that is not a result, the
// error says what to do. A byte order mark at the beginning is ignored.
func Read(r io.Reader) (*Run, error) { return readAtMost(r, maxSize) }

func readAtMost(r io.Reader, limit int64) (*Run, error) {
	in := &source{r: io.LimitReader(r, limit+1)}
	run, err := in.run()
	switch {
	case in.err != nil:
		return nil, fmt.Errorf("the result cannot be read: %w", in.err)
	case in.size > limit:
		return nil, fmt.Errorf("this is not a result file: it has more than the %d MiB that are read of one", limit>>20)
	case err != nil:
		return nil, err
	}
	for i := range run.Webhooks {
		if d := &run.Webhooks[i]; d.Kind == "doubled" { // its name before 0.1.0
			d.Kind = Duplicate
		}
	}
	if err := check(run); err != nil {
		return nil, err
	}
	return run, nil
}

// source is a result file that is being read. It is decoded as a stream: with 100,000 scenarios it has a hundred megabytes.
type source struct {
	r     io.Reader
	size  int64 // bytes read so far
	lines int   // line breaks read so far
	err   error // of r
}

// Read implements io.Reader. It turns a byte order mark at the beginning into spaces.
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

// run decodes the file.
func (s *source) run() (*Run, error) {
	in := jsontext.NewDecoder(s, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	run := &Run{}
	file := struct {
		*Run
		Version jsontext.Value `json:"version"` // hides the run's, which is an int
	}{Run: run}
	err := json.UnmarshalDecode(in, &file, json.MatchCaseInsensitiveNames(true))
	invalid, isJSON := errors.AsType[*json.SemanticError](err)
	for isJSON && file.Version == nil { // it may come after what a newer version writes differently
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
			err = &jsontext.SyntacticError{ByteOffset: in.InputOffset()} // something follows the result
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
	case version > Version: // before invalid: the newer version may be why it is
		return nil, fmt.Errorf("the result file has version %d and this tool reads versions up to %d: read it with the release that wrote it, or with a newer one", version, Version)
	case invalid != nil:
		return nil, notResult(invalid)
	}
	run.Version = int(version)
	return run, nil
}

// notJSON says where a file stops being JSON, without quoting it.
func (s *source) notJSON(in *jsontext.Decoder, err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("this is not a result file: it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the result file is cut off: it ends in the middle of its JSON")
	case errors.As(err, &syntax):
		unread := in.UnreadBuffer()
		rest := unread[min(len(unread), int(max(0, syntax.ByteOffset-in.InputOffset()))):]
		return fmt.Errorf("this is not a result file: line %d is not JSON", 1+s.lines-bytes.Count(rest, []byte{'\n'}))
	}
	return fmt.Errorf("this is not a result file: %w", err)
}

// notResult says which JSON value of a file has a type that no result has there.
func notResult(kind *json.SemanticError) error {
	found := cmp.Or(map[jsontext.Kind]string{'{': "object", '[': "array", 't': "boolean", 'f': "boolean"}[kind.JSONKind], kind.JSONKind.String())
	at := strings.ReplaceAll(string(kind.JSONPointer), "/", ".")
	if at == "" {
		return fmt.Errorf("this is not a result file: it is a JSON %s, not an object", found)
	}
	return fmt.Errorf("this is not a result file: its %s is a JSON %s, which no result has there", text.Cut(at[1:], 100), found)
}

// check refuses verdicts and levels that do not exist: no report could show them.
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
	ofRules := group.Map(run.Rules, func(r Rule) error { return known("rule", r.ID, r.Verdict, r.Level) })
	ofScenarios := group.Map(run.Scenarios, func(s Scenario) error { return known("scenario", s.ID, s.Verdict, s.Level) })
	return cmp.Or(append(ofRules, ofScenarios...)...)
}

// Write writes a result file: indented JSON with a newline at its end. Characters that act on a terminal or reorder text are
// written as \u escapes, so that the file is safe to look at and loses nothing.
func Write(w io.Writer, run *Run) error {
	written := *run
	if written.Rules == nil {
		written.Rules = []Rule{} // the schema asks for [] rather than null
	}
	if written.Scenarios == nil {
		written.Scenarios = []Scenario{}
	}
	return text.Encode(w, written)
}
