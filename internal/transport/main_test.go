package transport_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // see the package comment
	goleak.VerifyTestMain(m)
}

// newClient returns a client with a timeout that no successful call reaches.
func newClient(t testing.TB, options transport.Options) *transport.Client {
	if options.Timeout == 0 {
		options.Timeout = 30 * time.Second
	}
	client, err := transport.New(options)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func put(url string) transport.Call {
	return transport.Call{
		Purpose: exchange.Judged, Label: "validate", Method: http.MethodPut, URL: url,
		Header: textproto.MIMEHeader{"Content-Type": {"application/json"}, "Authorization": {"Bearer token"}},
		Body:   []byte(`{"phone":"62647737"}`),
	}
}

// rawServer accepts connections on loopback and passes each to serve, which owns it, until the test ends.
func rawServer(t testing.TB, serve func(net.Conn)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serveRaw(t, listener, serve)
	return listener.Addr().String()
}

func serveRaw(t testing.TB, listener net.Listener, serve func(net.Conn)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		var served []chan struct{}
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			end := make(chan struct{})
			served = append(served, end)
			go func() {
				defer close(end)
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				defer conn.Close()
				serve(conn)
			}()
		}
		for _, end := range served {
			<-end
		}
	}()
	t.Cleanup(func() {
		cancel()
		listener.Close()
		<-done
	})
}

// readRequest reads one request with its body. It returns nil at the end of the connection.
func readRequest(r *bufio.Reader) *http.Request {
	request, err := http.ReadRequest(r)
	if err != nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return nil
	}
	return request
}

// answering starts a server that reads a request, writes text and closes the connection.
func answering(t testing.TB, text string) string {
	return "http://" + rawServer(t, func(conn net.Conn) {
		if readRequest(bufio.NewReader(conn)) != nil {
			_, _ = io.WriteString(conn, text)
		}
	})
}

// holdOpen waits until the other side closes the connection.
func holdOpen(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
