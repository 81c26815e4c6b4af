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

// mostPipelined is how many requests of one connection may wait for their answers.
const mostPipelined = 64

// relay is a client's connection and the one to the target that belongs to it alone.
type relay struct {
	proxy    *Proxy
	client   net.Conn // the proxy's mutex guards the connections
	target   net.Conn // nil: none yet
	up, down *stream

	pending chan *call      // what was asked and is not answered yet
	hears   context.Context // ends where no more answers are read
	deafen  context.CancelFunc
	busy    atomic.Int32 // requests that are not over
	over    atomic.Bool  // the client sends nothing more
}

// call is a request on its way and what comes of it.
type call struct {
	method   string
	length   int64     // of the body; negative: it is chunked
	opaque   bool      // what follows on its connection is passed on unread
	switched chan bool // of a request that asks for another protocol: whether there is one now; nil: it does not ask

	wanted   bool
	open     atomic.Int32 // of request and answer, how many are on their way
	exchange exchange.Exchange
	body     *capture // of the request
	cut      string   // why the request did not end
	answered *capture // the answer's body
}

// serve serves the client's connection from its first byte on.
func (r *relay) serve() {
	p := r.proxy
	if _, err := r.up.in.Peek(1); err != nil {
		_ = r.client.Close()
		return
	}
	target, err := p.dial()
	if err != nil {
		reason := &unreached{p.Target.Hostname(), err}
		r.refuse("502 Bad Gateway", reason.Error(), &exchange.Failure{Cause: exchange.CauseRefused, Message: transport.Unreachable(err, reason.host)})
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

// abort ends both connections at once. What is not over is not to look so.
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

// refuse answers the first request in the target's place.
func (r *relay) refuse(status, text string, failure *exchange.Failure) {
	defer r.client.Close()
	_ = r.client.SetDeadline(time.Now().Add(r.proxy.Timeout))
	started := time.Now()
	head, err := r.up.lines(nil)
	if err != nil {
		return
	}
	c := r.proxy.read(head, started)
	c.open.Store(1)
	r.busy.Add(1)
	c.exchange.Failure = failure
	text += "\n"
	if c.method == http.MethodHead {
		text = ""
	}
	_, err = fmt.Fprintf(r.client, "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(text), text)
	r.done(c)
	if err == nil {
		// Closing a connection on which something was not read resets it: the answer would be lost.
		if half, ok := r.client.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_, _ = io.CopyN(io.Discard, r.up.in, exchange.MaxBody)
	}
}

// run passes everything on until both directions have ended.
func (r *relay) run() {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		err := r.requests()
		r.over.Store(true)
		r.ended(err, r.up, r.target, r.client)
	}()
	err := r.answers()
	r.deafen()
	r.ended(err, r.down, r.client, r.target)
	<-sent
	_ = r.client.Close()
	_ = r.target.Close()
	for {
		select {
		case c := <-r.pending:
			r.fail(c, exchange.CauseLost, lostBefore)
		default:
			return
		}
	}
}

// ended passes the end of one direction on as it came: as the end, or as a reset.
func (r *relay) ended(err error, s *stream, to, from net.Conn) {
	gone := s.gone != nil
	_ = s.flush()
	switch {
	case gone: // the answer to that may still come the other way
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.closeWrite(to)
	default:
		reset(to)
		reset(from)
	}
}

// closeWrite tells a side that nothing more comes. One that cannot be told so is closed as soon as it need say nothing more.
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
		if c.switched == nil {
			continue
		}
		if err := r.up.flush(); err != nil {
			return err
		}
		select {
		case yes := <-c.switched:
			if !yes {
				continue
			}
		case <-r.hears.Done():
		}
		return r.up.rest(nil)
	}
}

// request passes one request on. opaque tells that nothing behind its head can be read.
func (r *relay) request() (c *call, opaque bool, err error) {
	if len(r.pending) == cap(r.pending) { // room comes with answers, and they only to what has gone out
		if err := r.up.flush(); err != nil {
			return nil, false, err
		}
	}
	if err := r.up.blank(); err != nil {
		return nil, false, err
	}
	started := time.Now()
	var head []byte
	if first, _ := r.up.in.Peek(1); isLetter(first[0]) {
		head, err = r.up.lines(r.proxy.ourHost)
	}
	if err != nil && !errors.Is(err, errNoHTTP) {
		return nil, false, err
	}
	c = r.proxy.read(head, started)
	r.push(c)
	if c.opaque {
		return c, true, nil
	}
	if c.length >= 0 {
		err = r.up.body(c.length, c.body)
	} else {
		err = r.up.chunks(c.exchange.Request.Header, c.body)
	}
	switch {
	case errors.Is(err, errNoHTTP):
		c.cut, opaque, err = "the request's chunks are none", true, nil
	case r.up.gone != nil:
		c.cut = "the target took the beginning of the request only"
	case err != nil:
		c.cut = "the request did not end"
	}
	r.done(c)
	return c, opaque, err
}

// push puts a request in the line of those that wait for answers.
func (r *relay) push(c *call) {
	r.busy.Add(1)
	select {
	case r.pending <- c:
	case <-r.hears.Done():
		r.fail(c, exchange.CauseLost, lostBefore)
	}
}

const (
	lostBefore = "the connection was closed before an answer came"
	lostWithin = "the connection was closed before the answer was complete"
	unreadable = "what came is no valid HTTP answer"
)

// answers passes on what the target sends.
func (r *relay) answers() error {
	for {
		if err := r.down.blank(); err != nil {
			return err
		}
		select {
		case c := <-r.pending:
			if c.opaque {
				r.fail(c, exchange.CauseProtocol, "")
				return r.unread()
			}
			if more, err := r.answer(c); err != nil || !more {
				return err
			}
		default: // nobody asked
			return r.unread()
		}
	}
}

// answer passes one answer on, with the informational ones before it. more tells whether another may follow.
func (r *relay) answer(c *call) (more bool, err error) {
	a := &exchange.Answer{}
	for {
		head, err := r.down.lines(nil)
		if err != nil && !errors.Is(err, errNoHTTP) {
			r.fail(c, exchange.CauseLost, lostBefore)
			return false, err
		}
		answer, err := http.ReadResponse(reader(head), &http.Request{Method: c.method}) //nolint:bodyclose // the body is not read here
		if err != nil {
			r.fail(c, exchange.CauseProtocol, unreadable)
			return false, r.unread()
		}
		a.Flaws = append(a.Flaws, transport.Flaws(head)...)
		if informational := answer.StatusCode/100 == 1 && answer.StatusCode != http.StatusSwitchingProtocols; !informational {
			c.exchange.Answer = a
			return r.final(c, answer)
		}
		if c.wanted && len(a.Early) < 20 {
			a.Early = append(a.Early, exchange.Informational{Status: answer.StatusCode, Header: textproto.MIMEHeader(answer.Header)})
		}
		if err := r.down.blank(); err != nil {
			r.fail(c, exchange.CauseLost, lostBefore)
			return false, err
		}
	}
}

// unread passes on what the target sends and reads none of it.
func (r *relay) unread() error {
	r.deafen()
	return r.down.rest(nil)
}

// final passes an answer's body on, whose head has passed.
func (r *relay) final(c *call, answer *http.Response) (more bool, err error) {
	a := c.exchange.Answer
	a.Status, a.Proto, a.Header = answer.StatusCode, answer.Proto, textproto.MIMEHeader(answer.Header)
	_, a.Reason, _ = strings.Cut(answer.Status, " ")
	tunnel := a.Status == http.StatusSwitchingProtocols || c.method == http.MethodConnect && a.Status/100 == 2
	chunked := len(answer.TransferEncoding) > 0
	if c.switched != nil {
		if err := r.down.flush(); err != nil {
			return false, err
		}
		c.switched <- tunnel
	}
	more = true
	switch {
	case tunnel:
		r.done(c)
		return false, r.unread()
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
	case errors.Is(err, errNoHTTP):
		r.fail(c, exchange.CauseProtocol, unreadable)
		return false, r.unread()
	case r.down.gone != nil:
		r.fail(c, exchange.CauseLost, "the client went away before the answer was complete")
	case err != nil:
		r.fail(c, exchange.CauseLost, lostWithin)
	default:
		r.done(c)
	}
	return more, err
}

// fail says why no complete answer came.
func (r *relay) fail(c *call, cause exchange.Cause, why string) {
	if c.exchange.Failure == nil {
		c.exchange.Failure = &exchange.Failure{Cause: cause, Message: why, Sent: true, Begun: c.exchange.Answer != nil}
	}
	c.exchange.Answer = nil
	r.done(c)
}

// done says that the request, or its answer, has passed.
func (r *relay) done(c *call) {
	if c.open.Add(-1) > 0 {
		return
	}
	if r.busy.Add(-1) == 0 && r.over.Load() {
		r.closeWrite(r.target)
	}
	r.proxy.passed(c)
}
