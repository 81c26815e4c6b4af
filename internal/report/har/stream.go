package har

import (
	"io"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Stream writes an archive an entry at a time, so that it may be of any length.
type Stream struct {
	w     io.Writer
	count int
	err   error
}

// NewStream begins an archive.
func NewStream(w io.Writer, tool result.Tool) *Stream { return newStream(w, tool, []object{}) }

func newStream(w io.Writer, tool result.Tool, pages []object) *Stream {
	s := &Stream{w: w}
	s.write(`{"log":{"version":"1.2","creator":`, shown(object{"name": tool.Name, "version": tool.Version}), `,"pages":`, shown(pages), `,"entries":[`)
	return s
}

// shown is a value as JSON in which nothing acts on a terminal.
func shown(value any) string { return string(text.JSON([]byte(text.Value(value)))) }

// Add adds an exchange. name is what it is called elsewhere.
func (s *Stream) Add(name string, e *result.Exchange) {
	s.add(newEntry("", &result.Scenario{ID: name, Name: name}, e))
}

func (s *Stream) add(entry object) {
	separator := "\n"
	if s.count++; s.count > 1 {
		separator = ",\n"
	}
	s.write(separator, shown(entry))
}

// Close ends the archive. The error is the first of all.
func (s *Stream) Close() error {
	s.write("\n]}}\n")
	return s.err
}

func (s *Stream) write(parts ...string) {
	for _, part := range parts {
		if s.err == nil {
			_, s.err = io.WriteString(s.w, part)
		}
	}
}
