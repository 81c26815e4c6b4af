package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"time"
)

// patience is how long a request that asks whether to go on waits to be told so, between two versions of HTTP.
const patience = time.Minute

// gateway translates HTTP/1 to HTTP/2: neither's bytes can be those of the other. It changes nothing else.
type gateway struct {
	server    *http.Server
	transport *http.Transport
	listener  net.Listener
}

func newGateway(host string, transport *http.Transport) *gateway {
	g := &gateway{transport: transport}
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawQuery = "https", host, r.In.URL.RawQuery
			r.Out.Trailer = r.In.Trailer // they come with the body's end
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, there := r.In.Header[name]; there {
					r.Out.Header[name] = values
				}
			}
		},
		ModifyResponse: func(answer *http.Response) error {
			if len(answer.Trailer) > 0 { // HTTP/1 has them behind chunks only
				answer.Header.Del("Content-Length")
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			gone, ok := errors.AsType[*unreached](err)
			if !ok {
				panic(http.ErrAbortHandler) // so that no answer, or a half one, looks complete
			}
			http.Error(w, gone.Error(), http.StatusBadGateway)
		},
	}
	g.server = &http.Server{
		MaxHeaderBytes: maxHead,
		Handler:        http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxy.ServeHTTP(unadorned{w}, r) }),
	}
	return g
}

// start lets the gateway serve, on a port of this machine.
func (g *gateway) start(ctx context.Context) (err error) {
	if g.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "localhost:0"); err == nil {
		go func() { _ = g.server.Serve(g.listener) }()
	}
	return err
}

// dial returns a connection to the gateway.
func (g *gateway) dial(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", g.listener.Addr().String())
	return undivided{conn}, err
}

// undivided is a connection of which no half is closed: net/http would take that for the end of all.
type undivided struct{ net.Conn }

func (g *gateway) close() {
	_ = g.server.Close()
	g.transport.CloseIdleConnections()
}

// unadorned keeps net/http from adding to an answer what the target did not say.
type unadorned struct{ http.ResponseWriter }

// Unwrap is for http.ResponseController.
func (u unadorned) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (u unadorned) WriteHeader(status int) {
	header := u.Header()
	for _, name := range []string{"Date", "Content-Type"} {
		if _, there := header[name]; !there && status >= http.StatusOK {
			header[name] = nil
		}
	}
	u.ResponseWriter.WriteHeader(status)
}
