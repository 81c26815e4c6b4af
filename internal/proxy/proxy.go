// Package proxy passes HTTP on to a target and back, byte for byte, and reports the exchanges that it sees. Each client
// connection has a connection to the target of its own: what one side does to its connection, the other side sees. The only
// thing that it changes is the Host of a request.
package proxy

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// Options configures a proxy.
type Options struct {
	Target  *url.URL      // scheme and host
	TLS     *tls.Config   // of connections to the target
	Timeout time.Duration // of making a connection

	// The traffic waits for these. They are called from several goroutines.
	Wanted  func(method, path string) bool // reports whether Passed gets an exchange
	LeftOut func()                         // called for a request that is not wanted, or cannot be read
	Missed  func(why string)               // called for an exchange that Passed does not get though it may be wanted

	// Passed gets the wanted exchanges, one at a time, after their last byte has been passed on. Bodies are as they were sent,
	// maybe compressed. The traffic does not wait for it.
	Passed func(exchange.Exchange)
}

// maxWaiting is how many exchanges may wait for Passed.
const maxWaiting = 1_000

// Proxy passes on the traffic of any number of clients.
type Proxy struct {
	Options
	out       *gateway     // to a target that speaks only HTTP/2
	captured  atomic.Int64 // bytes of bodies that are kept
	http2Only atomic.Bool  // the target speaks only HTTP/2
	probed    atomic.Bool  // it was tried whether it does

	waiting   chan *call
	delivered chan struct{} // closed after the last call of Passed

	ctx     context.Context // ends with the proxy
	cancel  context.CancelFunc
	mutex   sync.Mutex
	relays  map[*relay]bool
	running sync.WaitGroup
}

// New returns a proxy, which has to be closed.
func New(o Options) *Proxy {
	p := &Proxy{Options: o, relays: map[*relay]bool{}, waiting: make(chan *call, maxWaiting), delivered: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.out = newGateway(p.ctx, o.Target.Host, &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := p.connect(ctx, "h2", "http/1.1")
			if err != nil {
				err = p.unreached(err)
			}
			return conn, err
		},
		ForceAttemptHTTP2: true, DisableCompression: true, ExpectContinueTimeout: continueTimeout,
	})
	go p.deliver()
	return p
}

// Serve accepts connections and passes on their traffic until the listener is closed.
func (p *Proxy) Serve(listener net.Listener) error {
	for {
		client, err := listener.Accept()
		if passing, ok := err.(interface{ Temporary() bool }); ok && passing.Temporary() { //nolint:errorlint // as net/http does; too many files are open
			_ = transport.Wait(p.ctx, 5*time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		p.start(client)
	}
}

// Close closes all connections, those with an exchange under way by a reset, and returns after the last call of Passed.
func (p *Proxy) Close() {
	p.mutex.Lock()
	p.cancel()
	for r := range maps.Clone(p.relays) {
		r.abort()
	}
	p.mutex.Unlock()
	p.out.close()
	p.running.Wait()
	close(p.waiting)
	<-p.delivered
}

// start serves a client connection in a goroutine of its own.
func (p *Proxy) start(client net.Conn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.ctx.Err() != nil {
		_ = client.Close()
		return
	}
	r := &relay{proxy: p, client: client, up: newStream(client, io.Discard), pending: make(chan *call, maxPipelined)}
	r.reading, r.stopReading = context.WithCancelCause(p.ctx)
	p.relays[r] = true
	p.running.Go(func() {
		defer r.stopReading(nil)
		r.serve()
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.relays, r)
	})
}

// alert returns the TLS alert by which a target ended a connection, whose type crypto/tls does not export; "": there was none.
func alert(err error) string {
	if ended, ok := errors.AsType[*net.OpError](err); ok && ended.Op == "remote error" {
		return ended.Err.Error()
	}
	return ""
}

// dial connects to the target, or to the gateway where the target speaks only HTTP/2.
func (p *Proxy) dial() (net.Conn, error) {
	if p.http2Only.Load() {
		return p.out.dial()
	}
	conn, err := p.connect(p.ctx, "http/1.1")
	mismatch := alert(err) == "tls: no application protocol" || err == nil && p.Target.Scheme == "https" && negotiated(conn) == ""
	if !mismatch || p.probed.Swap(true) {
		return conn, err
	}
	other, failed := p.connect(p.ctx, "h2", "http/1.1")
	if failed != nil {
		return conn, err
	}
	defer other.Close()
	if negotiated(other) != "h2" {
		return conn, err
	}
	p.http2Only.Store(true)
	if err == nil {
		_ = conn.Close()
	}
	return p.out.dial()
}

// negotiated returns the version of HTTP that a TLS connection agreed on; "": none.
func negotiated(conn net.Conn) string { return conn.(*tls.Conn).ConnectionState().NegotiatedProtocol }

// connect makes a connection to the target, and over TLS offers it these versions of HTTP.
func (p *Proxy) connect(ctx context.Context, versions ...string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	plain, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(p.Target.Hostname(), cmp.Or(p.Target.Port(), p.Target.Scheme)))
	if err != nil || p.Target.Scheme != "https" {
		return plain, err
	}
	config := p.TLS.Clone()
	config.NextProtos, config.ServerName = versions, cmp.Or(config.ServerName, p.Target.Hostname())
	encrypted := tls.Client(plain, config)
	if err := encrypted.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return encrypted, nil
}

// unreached is the error of a connection to the target that could not be made: why, in terms of the proxy's flags.
type unreached string

// Error implements error.
func (u unreached) Error() string {
	return "verifik-contract proxy: the target was not reached: " + string(u)
}

func (p *Proxy) unreached(err error) unreached {
	text := transport.Unreachable(err, p.Target.Hostname(), "--ca-file")
	// TLS 1.2 says "handshake failure" also of a certificate that is wanted and was not given.
	if said := alert(err); said == "tls: handshake failure" || strings.Contains(said, "certificate") {
		text += "; does it ask for a client certificate that it trusts? Give --client-cert-file and --client-key-file"
	}
	return unreached(text)
}

// rewriteHost returns a Host header with the target's host in it, and any other line as it is.
func (p *Proxy) rewriteHost(line []byte) []byte {
	name, _, found := bytes.Cut(line, []byte(":"))
	if !found || !strings.EqualFold(string(name), "host") {
		return line
	}
	end := line[len(bytes.TrimRight(line, "\r\n")):]
	return fmt.Appendf(nil, "%s: %s%s", name, p.Target.Host, end)
}

// read returns the call that a request's head begins.
func (p *Proxy) read(head []byte, started time.Time) *call {
	c := &call{opaque: true}
	c.halves.Store(1)
	request, err := http.ReadRequest(headReader(head))
	switch {
	case err == nil && request.ProtoMajor == 2:
		p.Missed("the client speaks HTTP/2, which is not read")
		return c
	case err != nil || request.ProtoMajor != 1:
		p.LeftOut()
		return c
	}
	c.method, c.length, c.wanted = request.Method, request.ContentLength, p.Wanted(request.Method, request.URL.Path)
	if !c.wanted {
		p.LeftOut()
	} else {
		path := request.RequestURI
		if !strings.HasPrefix(path, "/") {
			path = request.URL.RequestURI()
		}
		c.body, c.answered = &capture{budget: &p.captured}, &capture{budget: &p.captured}
		c.exchange = exchange.Exchange{
			Purpose: exchange.Judged, Started: started,
			Request: exchange.Request{Method: request.Method, URL: p.Target.Scheme + "://" + p.Target.Host + path, Header: textproto.MIMEHeader(request.Header)},
		}
	}
	if flaw := ambiguous(head); flaw != "" {
		c.exchange.Failure = &exchange.Failure{Cause: exchange.CauseProtocol, Message: "servers read the request in different ways: it has " + flaw, Sent: true}
		return c
	}
	if request.Method == http.MethodConnect || request.Header.Get("Upgrade") != "" {
		c.upgraded = make(chan bool, 1)
	}
	c.opaque = false
	c.halves.Store(2)
	return c
}

// headReader returns a reader of a head.
func headReader(head []byte) *bufio.Reader {
	return bufio.NewReaderSize(bytes.NewReader(head), min(len(head), bufferSize))
}

// ambiguous says what in the head of a request two servers may understand differently; "": nothing.
func ambiguous(head []byte) string {
	first, fields, _ := strings.Cut(string(head), "\n")
	version := "HTTP/1.1"
	if strings.HasSuffix(strings.TrimRight(first, "\r"), "HTTP/1.0") {
		version = "HTTP/1.0"
	}
	if !strings.HasSuffix(first, "\r") {
		return "a line that ends without a carriage return"
	}
	if flaws := transport.Flaws([]byte(version + " 200 OK\r\n" + fields)); len(flaws) > 0 {
		return flaws[0]
	}
	return ""
}

// queueFinished completes the exchange of a call that is over, and leaves it to deliver.
func (p *Proxy) queueFinished(c *call) {
	if !c.wanted {
		return
	}
	e := &c.exchange
	e.Duration = time.Since(e.Started)
	e.Request.Body = c.body.data
	if e.Answer != nil {
		e.Answer.Body, e.Answer.TooLong = c.answered.data, c.answered.tooLong
	}
	switch {
	case e.Failure != nil && e.Failure.Cause != exchange.CauseLost:
	case c.incomplete != "":
		e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: c.incomplete, Sent: true}
	case e.Failure != nil:
	case c.body.tooLong:
		e.Failure = &exchange.Failure{Cause: exchange.CauseInternal, Message: "the end of the request's body is not known: it is over 1 MiB, or too much passed at once", Sent: true}
	}
	if e.Failure != nil {
		e.Answer = nil
	}
	select {
	case p.waiting <- c:
	default:
		p.release(c)
		p.Missed("more traffic passed at once than could be judged")
	}
}

func (p *Proxy) release(c *call) {
	p.captured.Add(-int64(len(c.body.data) + len(c.answered.data)))
}

// deliver calls Passed for each finished exchange.
func (p *Proxy) deliver() {
	defer close(p.delivered)
	for c := range p.waiting {
		p.Passed(c.exchange)
		p.release(c)
	}
}

func isLetter(b byte) bool { return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' }

// reset closes a connection by a reset, so that what was sent on it does not look complete.
func reset(conn net.Conn) {
	switch c := conn.(type) {
	case *net.TCPConn:
		_ = c.SetLinger(0)
	case *tls.Conn:
		reset(c.NetConn())
		return
	case *pipeConn:
		c.broken.Store(true)
	}
	_ = conn.Close()
}
