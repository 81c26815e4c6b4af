package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"verifik-contract/internal/exchange"
)

const (
	bufferSize = 16 << 10
	maxHead    = 256 << 10 // bytes of a head, or of a trailer, that is still read
)

// errNoHTTP says that what comes cannot be read as HTTP. All of it that was read was passed on.
var errNoHTTP = errors.New("what came is no valid HTTP/1")

// stream is one direction of a connection. Every byte that is read goes out again, in the order in which it came.
type stream struct {
	in  *bufio.Reader
	out *bufio.Writer
}

// flushing is a connection to read from. What waits to go out goes before anything is waited for.
type flushing struct {
	net.Conn
	out *bufio.Writer
}

// Read implements io.Reader.
func (f flushing) Read(p []byte) (int, error) {
	if err := f.out.Flush(); err != nil {
		return 0, err
	}
	n, err := f.Conn.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) { // TLS was cut within a record
		err = syscall.ECONNRESET
	}
	return n, err
}

func newStream(from net.Conn, to io.Writer) *stream {
	out := bufio.NewWriterSize(to, bufferSize)
	return &stream{bufio.NewReaderSize(flushing{from, out}, bufferSize), out}
}

// gone reports whether something could not be passed on: who should have had it is gone.
func (s *stream) gone() bool {
	_, err := s.out.Write(nil) // which says what went wrong before
	return err != nil
}

// lines passes lines on up to an empty one, and returns them as they came. edit says what goes on in a line's place.
func (s *stream) lines(edit func(line []byte) []byte) ([]byte, error) {
	var all []byte
	for start := true; ; {
		line, err := s.in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		all = append(all, line...)
		out := line
		if start && err == nil && edit != nil {
			out = edit(line)
		}
		if _, err := s.out.Write(out); err != nil {
			return nil, err
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

// blank passes on the empty lines that may stand before a head.
func (s *stream) blank() error {
	for {
		next, err := s.in.Peek(1)
		if err != nil || next[0] != '\r' && next[0] != '\n' {
			return err
		}
		if err := s.pass(1, nil); err != nil {
			return err
		}
	}
}

// pass passes so many bytes on and keeps a copy.
func (s *stream) pass(n int64, kept *capture) error {
	for n > 0 {
		if s.in.Buffered() == 0 {
			if _, err := s.in.Peek(1); err != nil {
				return cutShort(err)
			}
		}
		part, _ := s.in.Peek(int(min(n, int64(s.in.Buffered()))))
		if _, err := s.out.Write(part); err != nil {
			return err
		}
		kept.add(part)
		_, _ = s.in.Discard(len(part))
		n -= int64(len(part))
	}
	return nil
}

// rest passes on whatever comes until the end, which is no error.
func (s *stream) rest(kept *capture) error {
	if err := s.pass(math.MaxInt64, kept); !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return s.out.Flush()
}

// line passes a line on that is no part of a head.
func (s *stream) line() ([]byte, error) {
	line, err := s.in.ReadSlice('\n')
	if _, err := s.out.Write(line); err != nil {
		return nil, err
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, errNoHTTP
	}
	return line, cutShort(err)
}

// chunks passes a chunked body on, and returns its trailer.
func (s *stream) chunks(kept *capture) (textproto.MIMEHeader, error) {
	for {
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), ";")
		size, err := strconv.ParseUint(strings.TrimRight(digits, " \t"), 16, 62)
		if err != nil {
			return nil, errNoHTTP
		}
		if size == 0 {
			trailer, err := s.lines(nil)
			if err != nil {
				return nil, err
			}
			header, err := textproto.NewReader(reader(trailer)).ReadMIMEHeader()
			if err != nil {
				return nil, errNoHTTP
			}
			return header, nil
		}
		if err := s.pass(int64(size), kept); err != nil {
			return nil, err
		}
		end, err := s.line()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimRight(end, "\r\n")) > 0 {
			return nil, errNoHTTP
		}
	}
}

// capture is a copy of the beginning of a body. A nil one keeps nothing.
type capture struct {
	held    []byte
	tooLong bool // there is more of it
	budget  *atomic.Int64
}

// maxCaptured is how many bytes of bodies are held at once, over all connections.
const maxCaptured = 64 << 20

func (c *capture) add(part []byte) {
	if c == nil || c.tooLong {
		return
	}
	if len(c.held)+len(part) > exchange.MaxBody || c.budget.Load() > maxCaptured {
		c.tooLong = true
		part = part[:min(len(part), exchange.MaxBody-len(c.held))]
	}
	c.budget.Add(int64(len(part)))
	c.held = append(c.held, part...)
}
