package terminal

import (
	"io"
	"sync"
)

// Shared is a stream that goroutines share. On a terminal it may end with a status line, which the next write replaces.
type Shared struct {
	mutex  sync.Mutex
	w      io.Writer
	status string // the status line that is shown
}

// NewShared returns a stream without a status line.
func NewShared(w io.Writer) *Shared { return &Shared{w: w} }

// Write implements io.Writer. It removes the status line.
func (s *Shared) Write(p []byte) (int, error) { return s.write(p, "") }

// Status shows a status line; "" removes it.
func (s *Shared) Status(line string) { _, _ = s.write([]byte(line), line) }

func (s *Shared) write(p []byte, status string) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.status != "" && s.status == status {
		return len(p), nil
	}
	if s.status != "" {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
	}
	s.status = status
	return s.w.Write(p)
}
