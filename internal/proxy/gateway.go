package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
	"syscall"
	"time"
)

// continueTimeout is how long a request with "Expect: 100-continue" waits for the target's word before its body is sent.
const continueTimeout = time.Minute

// gateway translates HTTP/1 to HTTP/2, and changes only what the two write differently. It is reached within the process and not
// by a port: whoever reached a port would use the proxy's client certificate.
type gateway struct {
	server    *http.Server
	transport *http.Transport
	conns     chan net.Conn
	ctx       context.Context // it serves until this ends
}

func newGateway(ctx context.Context, host string, transport *http.Transport) *gateway {
	g := &gateway{transport: transport, conns: make(chan net.Conn), ctx: ctx}
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawQuery = "https", host, r.In.URL.RawQuery
			r.Out.Trailer = r.In.Trailer // filled in when the body ends
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, there := r.In.Header[name]; there {
					r.Out.Header[name] = values
				}
			}
		},
		ModifyResponse: func(answer *http.Response) error {
			if len(answer.Trailer) > 0 { // HTTP/1 has trailers only behind chunks
				answer.Header.Del("Content-Length")
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			failed, ok := errors.AsType[unreached](err)
			if !ok {
				panic(http.ErrAbortHandler) // closes the connection, so that nothing looks like a complete answer
			}
			http.Error(w, failed.Error(), http.StatusBadGateway)
		},
	}
	g.server = &http.Server{
		MaxHeaderBytes: maxHead,
		Handler:        http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxy.ServeHTTP(plainWriter{w}, r) }),
	}
	go func() { _ = g.server.Serve(g) }()
	return g
}

// dial returns a connection to the gateway.
func (g *gateway) dial() (net.Conn, error) {
	ours, theirs := pipe()
	select {
	case g.conns <- theirs:
		return ours, nil
	case <-g.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Accept implements net.Listener.
func (g *gateway) Accept() (net.Conn, error) {
	select {
	case conn := <-g.conns:
		return conn, nil
	case <-g.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (g *gateway) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

// Close implements net.Listener.
func (g *gateway) Close() error { return nil }

func (g *gateway) close() {
	_ = g.server.Close()
	g.transport.CloseIdleConnections()
}

// plainWriter keeps net/http from adding headers that the target did not send.
type plainWriter struct{ http.ResponseWriter }

// Unwrap is for http.ResponseController.
func (u plainWriter) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (u plainWriter) WriteHeader(status int) {
	header := u.Header()
	for _, name := range []string{"Date", "Content-Type"} {
		if _, there := header[name]; !there && status >= http.StatusOK {
			header[name] = nil
		}
	}
	u.ResponseWriter.WriteHeader(status)
}

// pipeConn is one end of a connection within the process that, unlike net.Pipe, can be reset.
type pipeConn struct {
	net.Conn
	broken *atomic.Bool
}

func pipe() (one, other net.Conn) {
	a, b := net.Pipe()
	broken := new(atomic.Bool)
	return &pipeConn{a, broken}, &pipeConn{b, broken}
}

// Read implements net.Conn.
func (c *pipeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.broken.Load() {
		err = syscall.ECONNRESET
	}
	return n, err
}
