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
func NewStream(w io.Writer, tool result.Tool) *Stream {
	s := &Stream{w: w}
	s.write(`{"log":{"version":"1.2","creator":`, text.Value(creator{Name: tool.Name, Version: tool.Version}), `,"pages":[],"entries":[`)
	return s
}

// Add adds an exchange. name is what it is called elsewhere.
func (s *Stream) Add(name string, e *result.Exchange) {
	one := text.JSON([]byte(text.Value(newEntry("", &result.Scenario{ID: name, Name: name}, e))))
	separator := "\n"
	if s.count++; s.count > 1 {
		separator = ",\n"
	}
	s.write(separator, string(one))
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
