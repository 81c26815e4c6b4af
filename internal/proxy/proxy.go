// Package proxy passes HTTP on to a target and back, byte for byte, and tells of the exchanges that it saw. To each
// connection of a client belongs one to the target: what the one side does to its connection, the other side sees. All
// that is changed on the way is the Host of a request.
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

// Options is what a proxy passes on, and who is told of it.
type Options struct {
	Target  *url.URL      // scheme and host
	TLS     *tls.Config   // towards it
	Timeout time.Duration // for making a connection

	// These hold up the traffic, from several goroutines.
	Wanted  func(method, path string) bool // whether an exchange is told of
	LeftOut func()                         // a request that is not wanted, or that nobody can read
	Missed  func(why string)               // an exchange of which nobody can be told, though it may be wanted

	// Passed is told of the exchanges that were wanted, one at a time, once their last byte has gone. Bodies are as they came,
	// compressed too. It may take its time.
	Passed func(exchange.Exchange)
}

// mostWaiting is how many exchanges may wait to be told of.
const mostWaiting = 1_000

// Proxy passes on what clients send.
type Proxy struct {
	Options
	out      *gateway     // to HTTP/2
	captured atomic.Int64 // bytes that are held of bodies
	modern   atomic.Bool  // the target speaks HTTP/2 only
	probed   atomic.Bool  // whether it does

	waiting  chan *call
	reported chan struct{} // closed when Passed was called for the last time

	ctx     context.Context // ends with the proxy
	cancel  context.CancelFunc
	mutex   sync.Mutex
	relays  map[*relay]bool
	running sync.WaitGroup
}

// New returns a proxy. Close has to be called.
func New(o Options) *Proxy {
	p := &Proxy{Options: o, relays: map[*relay]bool{}, waiting: make(chan *call, mostWaiting), reported: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.out = newGateway(p.ctx, o.Target.Host, &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := p.connect(ctx, "h2", "http/1.1")
			if err != nil {
				err = &unreached{p.Target.Hostname(), err}
			}
			return conn, err
		},
		ForceAttemptHTTP2: true, DisableCompression: true, ExpectContinueTimeout: patience,
	})
	go p.report()
	return p
}

// Serve passes on what comes to a listener, until that is closed.
func (p *Proxy) Serve(listener net.Listener) error {
	for {
		client, err := listener.Accept()
		if passing, ok := err.(interface{ Temporary() bool }); ok && passing.Temporary() { //nolint:errorlint // as net/http does: too many files are open
			_ = transport.Wait(p.ctx, 5*time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		p.start(client)
	}
}

// Close ends all connections, those with an exchange under way by a reset, and returns when Passed was told of everything.
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
	<-p.reported
}

// start serves a client's connection.
func (p *Proxy) start(client net.Conn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.ctx.Err() != nil {
		_ = client.Close()
		return
	}
	r := &relay{proxy: p, client: client, up: newStream(client, io.Discard), pending: make(chan *call, mostPipelined)}
	r.hears, r.deafen = context.WithCancel(p.ctx)
	p.relays[r] = true
	p.running.Go(func() {
		defer r.deafen()
		r.serve()
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.relays, r)
	})
}

// noApplicationProtocol is what a target says that does not speak the version of HTTP that it was offered.
const noApplicationProtocol = tls.AlertError(120)

// dial makes a connection to the target: to the target itself, or to what translates to HTTP/2, where the target speaks
// nothing else.
func (p *Proxy) dial() (net.Conn, error) {
	if p.modern.Load() {
		return p.out.dial()
	}
	conn, err := p.connect(p.ctx, "http/1.1")
	var alert tls.AlertError
	unsaid := errors.As(err, &alert) && alert == noApplicationProtocol || err == nil && p.Target.Scheme == "https" && spoken(conn) == ""
	if !unsaid || p.probed.Swap(true) {
		return conn, err
	}
	other, failed := p.connect(p.ctx, "h2", "http/1.1")
	if failed != nil {
		return conn, err
	}
	defer other.Close()
	if spoken(other) != "h2" {
		return conn, err
	}
	p.modern.Store(true)
	if err == nil {
		_ = conn.Close()
	}
	return p.out.dial()
}

// spoken returns the version of HTTP that was agreed on; "": none was.
func spoken(conn net.Conn) string { return conn.(*tls.Conn).ConnectionState().NegotiatedProtocol }

// connect makes a connection to the target. Over TLS it offers versions of HTTP.
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

// unreached is why no connection to the target could be made.
type unreached struct {
	host string
	err  error
}

// Error implements error.
func (u *unreached) Error() string {
	return "verifik-contract proxy: the target was not reached: " + transport.Unreachable(u.err, u.host)
}

func (u *unreached) Unwrap() error { return u.err }

// ourHost puts the target in the place of the host that a client asked for.
func (p *Proxy) ourHost(line []byte) []byte {
	name, _, found := bytes.Cut(line, []byte(":"))
	if !found || !strings.EqualFold(string(name), "host") {
		return line
	}
	end := line[len(bytes.TrimRight(line, "\r\n")):]
	return fmt.Appendf(nil, "%s: %s%s", name, p.Target.Host, end)
}

// read reads a request's head.
func (p *Proxy) read(head []byte, started time.Time) *call {
	c := &call{}
	c.open.Store(1)
	request, err := http.ReadRequest(reader(head))
	switch {
	case err == nil && request.ProtoMajor == 2:
		c.opaque = true
		p.Missed("the client speaks HTTP/2, which is not read")
		return c
	case err != nil || request.ProtoMajor != 1:
		c.opaque = true
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
		c.opaque = true
		c.exchange.Failure = &exchange.Failure{Cause: exchange.CauseProtocol, Message: "servers read the request in different ways: it has " + flaw, Sent: true}
		return c
	}
	if request.Method == http.MethodConnect || request.Header.Get("Upgrade") != "" {
		c.switched = make(chan bool, 1)
	}
	c.open.Store(2)
	return c
}

// reader reads a head.
func reader(head []byte) *bufio.Reader {
	return bufio.NewReaderSize(bytes.NewReader(head), min(len(head), bufferSize))
}

// ambiguous names what two servers may understand in two ways, in a request's head; "": nothing.
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

// passed is told that an exchange is over.
func (p *Proxy) passed(c *call) {
	if !c.wanted {
		return
	}
	e := &c.exchange
	e.Duration = time.Since(e.Started)
	e.Request.Body = c.body.held
	if e.Answer != nil {
		e.Answer.Body, e.Answer.TooLong = c.answered.held, c.answered.tooLong
	}
	switch {
	case e.Failure != nil && e.Failure.Cause != exchange.CauseLost:
	case c.cut != "":
		e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: c.cut, Sent: true}
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
		p.Missed("more passed at once than could be judged")
	}
}

func (p *Proxy) release(c *call) {
	p.captured.Add(-int64(len(c.body.held) + len(c.answered.held)))
}

// report tells of what has passed.
func (p *Proxy) report() {
	defer close(p.reported)
	for c := range p.waiting {
		p.Passed(c.exchange)
		p.release(c)
	}
}

func isLetter(b byte) bool { return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' }

// reset closes a connection so that what was sent on it does not look complete.
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
