package terminal

import (
	"io"
	"sync"
)

// Shared is a stream that goroutines share, with a last line on a terminal that the next one takes the place of.
type Shared struct {
	mutex sync.Mutex
	w     io.Writer
	last  string // the line that is there
}

// NewShared returns a stream without a last line.
func NewShared(w io.Writer) *Shared { return &Shared{w: w} }

// Write implements io.Writer. What it writes stands above the last line.
func (s *Shared) Write(p []byte) (int, error) { return s.write(p, "") }

// Status shows the last line; "": there is none.
func (s *Shared) Status(line string) { _, _ = s.write([]byte(line), line) }

func (s *Shared) write(p []byte, last string) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.last != "" && s.last == last {
		return len(p), nil
	}
	if s.last != "" {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
	}
	s.last = last
	return s.w.Write(p)
}
