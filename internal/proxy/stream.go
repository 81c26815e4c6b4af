package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"net/textproto"
	"slices"
	"sync/atomic"
	"syscall"

	"verifik-contract/internal/exchange"
)

const (
	bufferSize = 16 << 10
	maxHead    = 256 << 10 // bytes of a head, or of a trailer, that is still read
)

// errNoHTTP says that what comes cannot be read as HTTP. All of it that was read is passed on.
var errNoHTTP = errors.New("what came is no valid HTTP/1")

// stream is one direction of a connection. Every byte that is read from in goes out again, in the order in which it came.
type stream struct {
	in   *bufio.Reader
	from net.Conn
	to   io.Writer
	held []byte // what was read from the connection and has not gone out
	err  error  // of the last Read
	gone error  // of the last write: whoever should have got it is gone
}

func newStream(from net.Conn, to io.Writer) *stream {
	s := &stream{from: from, to: to}
	s.in = bufio.NewReaderSize(s, bufferSize)
	return s
}

// Read implements io.Reader, for in. What waits to go out is sent before anything is waited for.
func (s *stream) Read(p []byte) (n int, err error) {
	if err = s.flush(); err == nil {
		n, err = s.from.Read(p)
		s.held = append(s.held, p[:n]...)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) { // TLS was cut within a record
		err = syscall.ECONNRESET
	}
	s.err = err
	return n, err
}

// flush passes on what was read from in.
func (s *stream) flush() error {
	n := len(s.held) - s.in.Buffered()
	if s.gone == nil && n > 0 {
		_, s.gone = s.to.Write(s.held[:n])
	}
	s.held = append(s.held[:0], s.held[n:]...)
	return s.gone
}

// lines reads lines up to an empty one, and returns them as they came. edit says what goes on in a line's place.
func (s *stream) lines(edit func(line []byte) []byte) ([]byte, error) {
	var all []byte
	for start := true; ; {
		line, err := s.in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		all = append(all, line...)
		if start && err == nil && edit != nil {
			end := len(s.held) - s.in.Buffered()
			s.held = slices.Replace(s.held, end-len(line), end, edit(line)...)
		}
		switch {
		case len(all) > maxHead:
			return nil, errNoHTTP
		case err != nil && !long:
			return nil, cutShort(err)
		}
		if start && len(bytes.TrimRight(line, "\r\n")) == 0 {
			return all, nil
		}
		start = !long
	}
}

// cutShort returns the error of a read that ended in the middle.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// blank reads the empty lines that may stand before a head.
func (s *stream) blank() error {
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
	_, err := io.CopyN(kept, s.in, n)
	return cutShort(err)
}

// rest passes on everything up to the end of the connection, which is no error.
func (s *stream) rest(kept *capture) error {
	if _, err := io.Copy(kept, s.in); err != nil {
		return err
	}
	return s.flush()
}

// chunks reads a chunked body, copies what is in the chunks to kept, and adds the trailer to header.
func (s *stream) chunks(header textproto.MIMEHeader, kept *capture) error {
	_, err := io.Copy(kept, httputil.NewChunkedReader(s.in))
	switch {
	case err == nil:
	case errors.Is(err, s.err), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	default:
		return errNoHTTP
	}
	lines, err := s.lines(nil)
	if err != nil {
		return err
	}
	trailer, err := textproto.NewReader(reader(lines)).ReadMIMEHeader()
	if err != nil {
		return errNoHTTP
	}
	exchange.AddTrailer(header, trailer)
	return nil
}

// capture keeps the beginning of a body that is written to it. A nil capture keeps nothing.
type capture struct {
	held    []byte
	tooLong bool // there is more of it
	budget  *atomic.Int64
}

// maxCaptured is how many bytes of bodies are held at once, over all connections.
const maxCaptured = 64 << 20

// Write implements io.Writer. It never fails.
func (c *capture) Write(p []byte) (int, error) {
	if c == nil || c.tooLong {
		return len(p), nil
	}
	part := p
	if len(c.held)+len(part) > exchange.MaxBody || c.budget.Load() > maxCaptured {
		c.tooLong = true
		part = part[:min(len(part), exchange.MaxBody-len(c.held))]
	}
	c.budget.Add(int64(len(part)))
	c.held = append(c.held, part...)
	return len(p), nil
}
