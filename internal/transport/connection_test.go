package transport_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

const okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// TestAServerThatClosesIdleConnectionsNeverBreaksACall is why connections are not used again: this server closes
// each after its answer without saying so, as a faithful one may.
func TestAServerThatClosesIdleConnectionsNeverBreaksACall(t *testing.T) {
	address := rawServer(t, func(conn net.Conn) {
		if readRequest(bufio.NewReader(conn)) != nil {
			_, _ = io.WriteString(conn, okay)
		}
	})
	client := newClient(t, transport.Options{Concurrency: 4})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				if e := client.Do(t.Context(), put("http://"+address)); e.Failure != nil {
					t.Errorf("%+v", e.Failure)
				}
			}
		})
	}
	group.Wait()
}

// TestARequestIsNeverSentTwice holds for a server that reads a request and hangs up, on a fresh connection and on one
// that has answered before, with and without the headers by which net/http takes a request for repeatable.
func TestARequestIsNeverSentTwice(t *testing.T) {
	for _, keepAlive := range []bool{false, true} {
		for _, headers := range []map[string]string{nil, {"Idempotency-Key": "1"}, {"x-idempotency-key": "1"}} {
			for _, body := range []string{"", "{}"} {
				t.Run(fmt.Sprint(keepAlive, headers, len(body)), func(t *testing.T) {
					var requests atomic.Int32
					address := rawServer(t, func(conn net.Conn) {
						reader := bufio.NewReader(conn)
						for readRequest(reader) != nil {
							if requests.Add(1) > 1 {
								return
							}
							_, _ = io.WriteString(conn, okay)
						}
					})
					client := newClient(t, transport.Options{KeepAlive: keepAlive, Headers: headers})
					call := put("http://" + address)
					call.Body = []byte(body)
					require.Nil(t, client.Do(t.Context(), call).Failure)
					e := client.Do(t.Context(), call)
					require.Equal(t, exchange.CauseLost, e.Failure.Cause)
					require.True(t, e.Failure.Sent)
					require.Equal(t, int32(2), requests.Load())
				})
			}
		}
	}
}

func TestKeepAliveUsesConnectionsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		options transport.Options
		want    int32
	}{
		"kept":     {transport.Options{KeepAlive: true}, 1},
		"not kept": {transport.Options{}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			var connections atomic.Int32
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.Start()
			t.Cleanup(server.Close)
			client := newClient(t, c.options)
			for range 10 {
				require.Equal(t, 404, client.Do(t.Context(), put(server.URL)).Answer.Status)
			}
			require.Equal(t, c.want, connections.Load())
			client.Close()
			late := newRecording(t) // no connection to it is idle
			require.Equal(t, exchange.CauseInterrupted, client.Do(t.Context(), put(late.URL)).Failure.Cause)
		})
	}
}
