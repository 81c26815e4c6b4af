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

// maxWitnessed is how many bytes of what a server says are looked at as they came.
const maxWitnessed = 16 << 10

// conn is a connection that knows what is read and written for each call: net/http mends or hides what HTTP forbids, and
// takes what a server says between two calls for the answer to the second where it comes at the wrong moment. One stands on
// either side of TLS; that on the inside has no calls.
//
// It reads nothing before something is written. A server that speaks first, as SSH and mail do, would otherwise be met by
// net/http before the request is there, which then quotes to the standard logger what the server said, and tells its
// caller less.
type conn struct {
	net.Conn
	spoken chan struct{}
	once   sync.Once
	left   *atomic.Int64 // takes when the connection is closed, in Unix nanoseconds

	mutex sync.Mutex
	talk  *talk // of the call at hand; nil: there was none yet
}

// talk is what was said over a connection for one call. net/http may hand a connection on before it returns the answer, so
// that each call has its own. The connection's mutex guards it.
type talk struct {
	conn     *conn
	received []byte // the beginning of what was read
	read     int    // how many bytes that was
	body     int64  // how many of them are the answer's body; below 0: it is not known
	wrote    bool   // something was sent, or may have been
	spoiled  bool   // what was read belongs to no call: nothing is sent
}

func newConn(c net.Conn, left *atomic.Int64) *conn {
	return &conn{Conn: c, spoken: make(chan struct{}), left: left}
}

// errSpoiled is why nothing is sent over a connection on which something was said unasked.
var errSpoiled = errors.New("the server said something unasked on a connection that was kept")

// begin is called when the next call gets the connection.
func (c *conn) begin() *talk {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	last := c.talk
	c.talk = &talk{conn: c, body: -1, spoiled: last != nil && !last.complete()}
	return c.talk
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	<-c.spoken
	n, err := c.Conn.Read(b)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if t := c.talk; t != nil && n > 0 {
		t.spoiled = t.spoiled || !t.wrote
		t.received = append(t.received, b[:min(n, maxWitnessed-len(t.received))]...)
		t.read += n
	}
	return n, err
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	c.once.Do(func() { close(c.spoken) })
	t, first, err := c.writes()
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if n == 0 && err != nil && first { // not a byte left this machine
		c.mutex.Lock()
		defer c.mutex.Unlock()
		t.wrote = false
	}
	return n, err
}

// writes marks that something is sent, and reports whether it is the first of its call.
func (c *conn) writes() (t *talk, first bool, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if t = c.talk; t == nil {
		return nil, false, nil
	}
	if t.spoiled {
		return nil, false, errSpoiled
	}
	first, t.wrote = !t.wrote, true
	return t, first, nil
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.once.Do(func() { close(c.spoken) })
	c.left.Store(time.Now().UnixNano())
	return c.Conn.Close()
}

// unsent reports whether nothing of the call was sent. A nil talk is one that nothing is known of.
func (t *talk) unsent() bool {
	if t == nil {
		return false
	}
	t.conn.mutex.Lock()
	defer t.conn.mutex.Unlock()
	return !t.wrote
}

// flaws returns what HTTP forbids in what was said.
func (t *talk) flaws() []string {
	if t == nil {
		return nil
	}
	t.conn.mutex.Lock()
	defer t.conn.mutex.Unlock()
	return Flaws(t.received)
}

// has tells how long the body is of the answer whose head was read; below 0: it is not known.
func (t *talk) has(body int64) {
	if t != nil {
		t.conn.mutex.Lock()
		defer t.conn.mutex.Unlock()
		t.body = body
	}
}

// complete reports whether what was said is one answer and nothing else.
func (t *talk) complete() bool {
	if t.read > len(t.received) {
		return false // what is said behind a long one may not have come yet
	}
	head := bytes.Index(t.received, []byte("\r\n\r\n"))
	return t.body >= 0 && head >= 0 && int64(t.read) == int64(head+4)+t.body || complete(t.received)
}

// complete reports whether a text is one answer, with the informational ones before it, and nothing behind it.
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
