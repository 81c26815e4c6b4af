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

	http    *http.Server
	serving sync.RWMutex // read-locked by every call under way
	done    chan error   // what Serve returned
	cancel  context.CancelFunc
}

// Listen serves p on a TCP address, "127.0.0.1:0" for a free port on loopback, until Close. The error is that of
// the listener.
func Listen(addr string, p *Provider) (*Server, error) {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	base := "http://" + listener.Addr().String()
	s := &Server{BaseURL: base, StatesURL: base + statesPath, InboxURL: base + inboxPath, done: make(chan error, 1), cancel: cancel}
	s.http = &http.Server{
		Handler:           s.counted(p.Handler()),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		// A fault that breaks off in mid-answer is no news for the terminal.
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

func (s *Server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serving.RLock()
		defer s.serving.RUnlock()
		next.ServeHTTP(w, r)
	})
}

// Close closes the port and every connection, and waits for the calls under way. It does not close the provider. The
// error is why serving had ended before, if it had.
func (s *Server) Close() error {
	s.cancel() // a call that hangs ends by this
	_ = s.http.Close()
	s.serving.Lock()
	defer s.serving.Unlock()
	err := <-s.done
	s.done <- err
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
