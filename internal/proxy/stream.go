package proxy

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"verifik-contract/internal/exchange"
)

const (
	bufferSize = 16 << 10
	maxHead    = 256 << 10 // bytes; a longer head or trailer is not read
)

// errNotHTTP means that what arrives cannot be read as HTTP/1. It is still passed on.
var errNotHTTP = errors.New("what came is not valid HTTP/1")

// stream is one direction of a connection. Every byte that is read from in is passed on in the same order.
type stream struct {
	in       *bufio.Reader
	from     net.Conn
	to       io.Writer
	unsent   []byte // read from the connection and not passed on yet
	writeErr error  // of the last write: whoever should have got it is gone
}

func newStream(from net.Conn, to io.Writer) *stream {
	s := &stream{from: from, to: to}
	s.in = bufio.NewReaderSize(s, bufferSize)
	return s
}

// Read implements io.Reader, for in. It passes on what was read before it waits for more.
func (s *stream) Read(p []byte) (n int, err error) {
	if err = s.flush(); err == nil {
		n, err = s.from.Read(p)
		s.unsent = append(s.unsent, p[:n]...)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) { // TLS was cut within a record
		err = syscall.ECONNRESET
	}
	return n, err
}

// flush passes on what has been read from in.
func (s *stream) flush() error {
	n := len(s.unsent) - s.in.Buffered()
	if s.writeErr == nil && n > 0 {
		_, s.writeErr = s.to.Write(s.unsent[:n])
	}
	s.unsent = append(s.unsent[:0], s.unsent[n:]...)
	return s.writeErr
}

// head reads lines up to an empty one and returns them as they arrived. edit, if not nil, returns what is passed on in place of a
// line.
func (s *stream) head(edit func(line []byte) []byte) ([]byte, error) {
	var all []byte
	for start := true; ; {
		line, err := s.in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		all = append(all, line...)
		if start && err == nil && edit != nil {
			end := len(s.unsent) - s.in.Buffered()
			s.unsent = slices.Replace(s.unsent, end-len(line), end, edit(line)...)
		}
		switch {
		case len(all) > maxHead:
			return nil, errNotHTTP
		case err != nil && !long:
			return nil, cutShort(err)
		}
		if start && len(bytes.TrimRight(line, "\r\n")) == 0 {
			return all, nil
		}
		start = !long
	}
}

// cutShort turns io.EOF into io.ErrUnexpectedEOF, for a read that ended in the middle of something.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skipBlankLines reads the empty lines that may precede a head, and waits for its first byte.
func (s *stream) skipBlankLines() error {
	for {
		next, err := s.in.Peek(1)
		if err != nil || next[0] != '\r' && next[0] != '\n' {
			return err
		}
		_, _ = s.in.Discard(1)
	}
}

// body reads n bytes of a body and copies them to kept.
func (s *stream) body(n int64, kept *capture) error {
	for n > 0 { // io.CopyN would allocate a buffer for each chunk
		if _, err := s.in.Peek(1); err != nil {
			return cutShort(err)
		}
		part, _ := s.in.Peek(int(min(n, int64(s.in.Buffered()))))
		_, _ = kept.Write(part)
		_, _ = s.in.Discard(len(part))
		n -= int64(len(part))
	}
	return nil
}

// rest passes on everything up to the end of the connection, which is not an error.
func (s *stream) rest(kept *capture) error {
	if _, err := io.Copy(kept, s.in); err != nil {
		return err
	}
	return s.flush()
}

// line reads a line of a chunked body and returns it without its end.
func (s *stream) line() (string, error) {
	line, err := s.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errNotHTTP
	}
	return strings.TrimRight(string(line), "\r\n"), cutShort(err)
}

// chunks reads a chunked body, copies what is in the chunks to kept, and adds the trailer to header.
func (s *stream) chunks(header textproto.MIMEHeader, kept *capture) error {
	for {
		line, err := s.line()
		if err != nil {
			return err
		}
		digits, _, _ := strings.Cut(line, ";")
		size, err := strconv.ParseUint(strings.TrimRight(digits, " \t"), 16, 62)
		if err != nil {
			return errNotHTTP
		}
		if size == 0 {
			break
		}
		if err := s.body(int64(size), kept); err != nil {
			return err
		}
		if end, err := s.line(); err != nil || end != "" {
			return cmp.Or(err, errNotHTTP)
		}
	}
	lines, err := s.head(nil)
	if err != nil {
		return err
	}
	trailer, err := textproto.NewReader(headReader(lines)).ReadMIMEHeader()
	if err != nil {
		return errNotHTTP
	}
	exchange.AddTrailer(header, trailer)
	return nil
}

// capture keeps the beginning of a body that is written to it. A nil capture keeps nothing.
type capture struct {
	data    []byte
	tooLong bool // data is not all of it
	budget  *atomic.Int64
}

// maxCaptured is about how many bytes of bodies are kept at a time, over all connections.
const maxCaptured = 64 << 20

// Write implements io.Writer. It never fails.
func (c *capture) Write(p []byte) (int, error) {
	if c == nil || c.tooLong {
		return len(p), nil
	}
	part := p
	if len(c.data)+len(part) > exchange.MaxBody || c.budget.Load() > maxCaptured {
		c.tooLong = true
		part = part[:min(len(part), exchange.MaxBody-len(c.data))]
	}
	c.budget.Add(int64(len(part)))
	c.data = append(c.data, part...)
	return len(p), nil
}
