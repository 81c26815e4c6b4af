package transport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxReceived is how many bytes of an answer are kept as they arrived.
const maxReceived = 16 << 10

// conn records what is read and written for each call: net/http repairs or hides what HTTP forbids, and may take what a server
// sends between two calls for the answer to the second. Under TLS there are two: one that sees the encrypted bytes and records
// no call, and one that sees the decrypted ones.
//
// It reads nothing before something is written. If a server speaks first, as SSH and mail servers do, net/http would otherwise
// read that before there is a request, quote it to the standard logger, and tell its caller less.
type conn struct {
	net.Conn
	written    chan struct{} // closed by the first Write
	once       sync.Once
	lastClosed *atomic.Int64 // set when the connection is closed, in Unix nanoseconds

	mutex      sync.Mutex
	transcript *transcript // of the current call; nil: there was none yet
}

// transcript is what went over a connection for one call. net/http may give a connection to the next call before it returns
// the answer of the last, so that each call has its own. The connection's mutex guards it.
type transcript struct {
	conn        *conn
	received    []byte // the beginning of what was read
	read        int    // how many bytes were read
	body        int64  // how many of them are the answer's body; negative: unknown
	sent        bool   // something was sent, or may have been
	unsolicited bool   // what was read belongs to no call: nothing may be sent

	over   chan struct{} // closed when the call has its answer, or none comes
	before chan struct{} // over of the connection's call before; nil: there was none
}

func newConn(c net.Conn, lastClosed *atomic.Int64) *conn {
	return &conn{Conn: c, written: make(chan struct{}), lastClosed: lastClosed}
}

// errUnsolicited is the error of writing to a connection on which the server sent something unasked.
var errUnsolicited = errors.New("the server sent something unasked on an idle connection")

// begin starts the transcript of the next call.
func (c *conn) begin() *transcript {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	t := &transcript{conn: c, body: -1, over: make(chan struct{})}
	if last := c.transcript; last != nil {
		t.unsolicited, t.before = !last.complete(), last.over
	}
	c.transcript = t
	return t
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	<-c.written
	n, err := c.Conn.Read(b)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if t := c.transcript; t != nil && n > 0 {
		t.unsolicited = t.unsolicited || !t.sent
		t.received = append(t.received, b[:min(n, maxReceived-len(t.received))]...)
		t.read += n
	}
	return n, err
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	c.once.Do(func() { close(c.written) })
	t, first, err := c.writes()
	if err != nil {
		if t.before != nil {
			<-t.before // net/http closes the connection at once, and would take its answer from a call that waits for it
		}
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if n == 0 && err != nil && first { // nothing left this machine
		c.mutex.Lock()
		defer c.mutex.Unlock()
		t.sent = false
	}
	return n, err
}

// writes records that something is sent, and reports whether it is the first write of its call.
func (c *conn) writes() (t *transcript, first bool, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if t = c.transcript; t == nil {
		return nil, false, nil
	}
	if t.unsolicited {
		return t, false, errUnsolicited
	}
	first, t.sent = !t.sent, true
	return t, first, nil
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.once.Do(func() { close(c.written) })
	c.lastClosed.Store(time.Now().UnixNano())
	return c.Conn.Close()
}

// end lets the connection's next call go on. t may be nil.
func (t *transcript) end() {
	if t != nil {
		close(t.over)
	}
}

// locked calls f with the connection locked, unless t is nil: nothing is known of such a transcript.
func (t *transcript) locked(f func()) {
	if t != nil {
		t.conn.mutex.Lock()
		defer t.conn.mutex.Unlock()
		f()
	}
}

// unsent reports whether nothing of the call was sent.
func (t *transcript) unsent() (unsent bool) {
	t.locked(func() { unsent = !t.sent })
	return unsent
}

// flaws returns what HTTP forbids in what was received.
func (t *transcript) flaws() (flaws []string) {
	t.locked(func() { flaws = Flaws(t.received) })
	return flaws
}

// setBody records the length of the answer's body; negative: unknown.
func (t *transcript) setBody(body int64) { t.locked(func() { t.body = body }) }

// complete reports whether what was received is exactly one answer.
func (t *transcript) complete() bool {
	if t.read > len(t.received) {
		return false // the rest was not kept
	}
	head := bytes.Index(t.received, []byte("\r\n\r\n"))
	return t.body >= 0 && head >= 0 && int64(t.read) == int64(head+4)+t.body || complete(t.received)
}

// complete reports whether received is one answer, after any informational ones, and nothing else.
func complete(received []byte) bool {
	reader := bufio.NewReaderSize(bytes.NewReader(received), 512)
	for {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return false
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return false
		}
		if answer.StatusCode/100 != 1 {
			_, err := reader.Peek(1)
			return err == io.EOF
		}
	}
}
