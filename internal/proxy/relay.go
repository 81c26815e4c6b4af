package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync/atomic"
	"time"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// maxPipelined is how many requests of one connection may wait for their answers.
const maxPipelined = 64

// relay passes on one client connection, over a connection to the target that it shares with nobody.
type relay struct {
	proxy    *Proxy
	client   net.Conn // the proxy's mutex guards client and target
	target   net.Conn // nil: not connected yet
	up, down *stream

	pending     chan *call      // requests that are not answered yet
	reading     context.Context // ends when no more answers are read
	stopReading context.CancelCauseFunc
	busy        atomic.Int32 // calls that are not over
	clientDone  atomic.Bool  // the client sends nothing more
}

// call is a request and its answer.
type call struct {
	method   string
	length   int64     // of the request's body; negative: it is chunked
	opaque   bool      // everything behind the head is passed on unread
	upgraded chan bool // takes whether the target switched to another protocol; nil: the request does not ask for one

	wanted     bool
	halves     atomic.Int32 // 2 while request and answer are under way, 1 while one of them is
	exchange   exchange.Exchange
	body       *capture // of the request
	incomplete string   // why the request did not end; "": it did
	answered   *capture // the answer's body
}

// serve waits for the client's first byte, connects to the target and passes on everything.
func (r *relay) serve() {
	p := r.proxy
	if _, err := r.up.in.Peek(1); err != nil {
		_ = r.client.Close()
		return
	}
	if p.Target.Scheme == "https" && r.beginsHTTP2() {
		r.refuse("the client begins with HTTP/2, which is not passed on over TLS; speak HTTP/1.1 to it")
		return
	}
	target, err := p.dial()
	if err != nil {
		r.refuse(p.unreached(err))
		return
	}
	p.mutex.Lock()
	r.target = target
	if p.ctx.Err() != nil {
		r.abort()
	}
	p.mutex.Unlock()
	r.up.to = target
	r.down = newStream(target, r.client)
	r.run()
}

// abort closes both connections at once: by a reset where a call is under way, so that it does not look complete.
func (r *relay) abort() {
	end := reset
	if r.busy.Load() == 0 {
		end = func(conn net.Conn) { _ = conn.Close() }
	}
	end(r.client)
	if r.target != nil {
		end(r.target)
	}
}

// beginsHTTP2 reports whether the client begins with HTTP/2, which a target that was offered HTTP/1 over TLS would misread.
func (r *relay) beginsHTTP2() bool {
	if first, _ := r.up.in.Peek(1); first[0] != 'P' { // not every protocol has more bytes to wait for
		return false
	}
	start, _ := r.up.in.Peek(len("PRI "))
	return string(start) == "PRI "
}

// refuse answers the first request by 502 and why the target was not reached.
func (r *relay) refuse(why unreached) {
	defer r.client.Close()
	_ = r.client.SetDeadline(time.Now().Add(r.proxy.Timeout))
	started := time.Now()
	head, err := r.up.head(nil)
	if err != nil {
		return
	}
	c := r.proxy.read(head, started)
	c.halves.Store(1)
	r.busy.Add(1)
	c.exchange.Failure = &exchange.Failure{Cause: exchange.CauseRefused, Message: string(why)}
	text := why.Error() + "\n"
	if c.method == http.MethodHead {
		text = ""
	}
	_, err = fmt.Fprintf(r.client, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	r.endHalf(c)
	if err == nil {
		// Closing a connection with unread data resets it, and the answer would be lost.
		r.closeWrite(r.client)
		_, _ = io.CopyN(io.Discard, r.up.in, exchange.MaxBody)
	}
}

// run passes on both directions until they have ended.
func (r *relay) run() {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		err := r.requests()
		r.clientDone.Store(true)
		r.endDirection(err, r.up, r.target, r.client)
	}()
	err := r.answers()
	r.stopReading(err)
	r.endDirection(err, r.down, r.client, r.target)
	<-sent
	_ = r.client.Close()
	_ = r.target.Close()
	for len(r.pending) > 0 {
		r.unanswered(<-r.pending)
	}
}

// endDirection passes on the end of one direction as it was: an end, or a reset.
func (r *relay) endDirection(err error, s *stream, to, from net.Conn) {
	unwritable := s.writeErr != nil
	_ = s.flush()
	switch {
	case unwritable: // whoever closed it may still send something the other way
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.closeWrite(to)
	default:
		reset(to)
		reset(from)
	}
}

// closeWrite tells a side that nothing more is sent to it. A connection that cannot be half closed is closed once nothing more is
// expected from it.
func (r *relay) closeWrite(to net.Conn) {
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	} else if to == r.client || r.busy.Load() == 0 {
		_ = to.Close()
	}
}

// requests passes on what the client sends.
func (r *relay) requests() error {
	for {
		c, opaque, err := r.request()
		switch {
		case err != nil:
			return err
		case opaque:
			return r.up.rest(nil)
		}
		if c.upgraded == nil {
			continue
		}
		if err := r.up.flush(); err != nil {
			return err
		}
		select {
		case yes := <-c.upgraded:
			if !yes {
				continue
			}
		case <-r.reading.Done():
		}
		return r.up.rest(nil)
	}
}

// request passes on one request. opaque reports that what follows cannot be read.
func (r *relay) request() (c *call, opaque bool, err error) {
	if len(r.pending) == cap(r.pending) { // only answers make room, and only to requests that were passed on
		if err := r.up.flush(); err != nil {
			return nil, false, err
		}
	}
	if err := r.up.skipBlankLines(); err != nil {
		return nil, false, err
	}
	started := time.Now()
	var head []byte
	if first, _ := r.up.in.Peek(1); isLetter(first[0]) { // other protocols may have no lines to wait for
		head, err = r.up.head(r.proxy.rewriteHost)
	}
	if err != nil && !errors.Is(err, errNotHTTP) {
		return nil, false, err
	}
	c = r.proxy.read(head, started)
	r.enqueue(c)
	if c.opaque {
		return c, true, nil
	}
	if c.length >= 0 {
		err = r.up.body(c.length, c.body)
	} else {
		err = r.up.chunks(c.exchange.Request.Header, c.body)
	}
	switch {
	case errors.Is(err, errNotHTTP):
		c.incomplete, opaque, err = "the request's chunks are malformed", true, nil
	case r.up.writeErr != nil:
		c.incomplete = "the target read only the beginning of the request"
	case err != nil:
		c.incomplete = "the request ended early"
	}
	r.endHalf(c)
	return c, opaque, err
}

// enqueue adds a request to those that wait for an answer.
func (r *relay) enqueue(c *call) {
	r.busy.Add(1)
	select {
	case r.pending <- c:
	case <-r.reading.Done():
		r.unanswered(c)
	}
}

const (
	closedBeforeAnswer = "the connection was closed before an answer came"
	closedWithinAnswer = "the connection was closed before the answer was complete"
	unreadable         = "what came is not a valid HTTP answer"
)

// answers passes on what the target sends.
func (r *relay) answers() error {
	for {
		if err := r.down.skipBlankLines(); err != nil {
			return err
		}
		select {
		case c := <-r.pending:
			if c.opaque {
				r.fail(c, exchange.CauseProtocol, "")
				return r.passUnread()
			}
			if more, err := r.answer(c); err != nil || !more {
				return err
			}
		default: // there is no request that this answers
			return r.passUnread()
		}
	}
}

// answer passes on one answer and the informational ones before it. more reports whether another may follow.
func (r *relay) answer(c *call) (more bool, err error) {
	a := &exchange.Answer{}
	for {
		head, err := r.down.head(nil)
		if err != nil && !errors.Is(err, errNotHTTP) {
			r.fail(c, exchange.CauseLost, closedBeforeAnswer)
			return false, err
		}
		answer, err := http.ReadResponse(headReader(head), &http.Request{Method: c.method}) //nolint:bodyclose // the body is not read here
		if err != nil {
			r.fail(c, exchange.CauseProtocol, unreadable)
			return false, r.passUnread()
		}
		a.Flaws = append(a.Flaws, transport.Flaws(head)...)
		if answer.StatusCode/100 != 1 || answer.StatusCode == http.StatusSwitchingProtocols {
			c.exchange.Answer = a
			return r.passBody(c, answer)
		}
		if c.wanted && len(a.Early) < 20 {
			a.Early = append(a.Early, exchange.Informational{Status: answer.StatusCode, Header: textproto.MIMEHeader(answer.Header)})
		}
		if err := r.down.skipBlankLines(); err != nil {
			r.fail(c, exchange.CauseLost, closedBeforeAnswer)
			return false, err
		}
	}
}

// passUnread passes on everything else that the target sends, without reading it.
func (r *relay) passUnread() error {
	r.stopReading(nil)
	return r.down.rest(nil)
}

// passBody passes on the body of an answer whose head has been passed on.
func (r *relay) passBody(c *call, answer *http.Response) (more bool, err error) {
	a := c.exchange.Answer
	a.Status, a.Proto, a.Header = answer.StatusCode, answer.Proto, textproto.MIMEHeader(answer.Header)
	_, a.Reason, _ = strings.Cut(answer.Status, " ")
	tunnel := a.Status == http.StatusSwitchingProtocols || c.method == http.MethodConnect && a.Status/100 == 2
	chunked := len(answer.TransferEncoding) > 0
	if c.upgraded != nil {
		if err := r.down.flush(); err != nil {
			return false, err
		}
		c.upgraded <- tunnel
	}
	more = true
	switch {
	case tunnel:
		r.endHalf(c)
		return false, r.passUnread()
	case c.method == http.MethodHead, a.Status == http.StatusNoContent, a.Status == http.StatusNotModified:
	case chunked:
		err = r.down.chunks(a.Header, c.answered)
	case answer.ContentLength >= 0:
		err = r.down.body(answer.ContentLength, c.answered)
	default:
		more, err = false, r.down.rest(c.answered)
	}
	if err == nil {
		err = r.down.flush()
	}
	switch {
	case errors.Is(err, errNotHTTP):
		r.fail(c, exchange.CauseProtocol, unreadable)
		return false, r.passUnread()
	case r.down.writeErr != nil:
		r.fail(c, exchange.CauseLost, "the client went away before the answer was complete")
	case err != nil:
		r.fail(c, exchange.CauseLost, closedWithinAnswer)
	default:
		r.endHalf(c)
	}
	return more, err
}

// unanswered ends a call that waited when the target ended the connection.
func (r *relay) unanswered(c *call) {
	if err := context.Cause(r.reading); alert(err) != "" { // TLS 1.3 refuses a client certificate after the handshake
		r.fail(c, exchange.CauseRefused, string(r.proxy.unreached(err)))
	} else {
		r.fail(c, exchange.CauseLost, closedBeforeAnswer)
	}
}

// fail ends the answer of a call and records why it is not complete.
func (r *relay) fail(c *call, cause exchange.Cause, why string) {
	if c.exchange.Failure == nil {
		c.exchange.Failure = &exchange.Failure{Cause: cause, Message: why, Sent: true, Begun: c.exchange.Answer != nil}
	}
	c.exchange.Answer = nil
	r.endHalf(c)
}

// endHalf ends the request of a call, or its answer. The second one ends the call.
func (r *relay) endHalf(c *call) {
	if c.halves.Add(-1) > 0 {
		return
	}
	if r.busy.Add(-1) == 0 && r.clientDone.Load() {
		r.closeWrite(r.target)
	}
	r.proxy.queueFinished(c)
}
