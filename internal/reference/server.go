package reference

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a provider on a port.
type Server struct {
	// BaseURL is where the endpoint and the set-up API are, without a slash at the end.
	BaseURL string
	// StatesURL is the Pact provider-state handler.
	StatesURL string
	// InboxURL is the OTP inbox, without its query.
	InboxURL string

	http   *http.Server
	calls  sync.RWMutex // read-locked by each call while it is handled
	done   chan error   // what Serve returned
	cancel context.CancelFunc
}

// limits bound what a client can use up by sending slowly or opening many connections.
type limits struct {
	connections int           // at a time; more wait to be accepted
	header      time.Duration // for reading a request's header
	read        time.Duration // for reading a whole request
	write       time.Duration // from the end of the request's header to the end of the answer, which a fault may hold back
}

const maxHeader = 64 << 10 // bytes of a request's header

// Listen serves p on a TCP address until Close; "127.0.0.1:0" takes a free loopback port. The error is the
// listener's.
func Listen(addr string, p *Provider) (*Server, error) {
	return listen(addr, p, limits{connections: 1024, header: 10 * time.Second, read: 30 * time.Second, write: 2 * time.Minute})
}

func listen(addr string, p *Provider, l limits) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	slots := make(chan struct{}, l.connections)
	ctx, cancel := context.WithCancel(context.Background())
	base := "http://" + listener.Addr().String()
	s := &Server{BaseURL: base, StatesURL: base + statesPath, InboxURL: base + inboxPath, done: make(chan error, 1), cancel: cancel}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.calls.RLock()
			defer s.calls.RUnlock()
			p.handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: l.header,
		ReadTimeout:       l.read,
		WriteTimeout:      l.write,
		MaxHeaderBytes:    maxHeader,
		IdleTimeout:       time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, now http.ConnState) {
			switch now {
			case http.StateNew:
				slots <- struct{}{} // no further connection is accepted while all slots are taken
			case http.StateClosed, http.StateHijacked:
				<-slots
			}
		},
		// Faults that abort an answer would fill the terminal.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if p.behaviour.http2 {
		s.http.Protocols = new(http.Protocols)
		s.http.Protocols.SetHTTP1(true)
		s.http.Protocols.SetUnencryptedHTTP2(true)
	}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// Shutdown closes the port, waits for the calls being handled until the context ends, and then does as Close.
func (s *Server) Shutdown(ctx context.Context) error {
	_ = s.http.Shutdown(ctx)
	return s.Close()
}

// Close closes the port and every connection, and waits for the calls being handled. It does not close the provider.
// The error is the reason if serving had ended earlier.
func (s *Server) Close() error {
	s.cancel() // ends calls that hang
	_ = s.http.Close()
	s.calls.Lock()
	defer s.calls.Unlock()
	err := <-s.done
	s.done <- err
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
