package transport_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

const okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// The server closes each connection after its answer without announcing it, as a faithful one may. That never concerns a fresh
// call, and fails another one only as stale.
func TestAFreshCallIsNotLostWhenAServerClosesIdleConnections(t *testing.T) {
	address := rawServer(t, func(conn net.Conn) {
		if readRequest(bufio.NewReader(conn)) != nil {
			_, _ = io.WriteString(conn, okay)
		}
	})
	client := newClient(t, transport.Options{Concurrency: 4})
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for range 100 {
				call := put("http://" + address)
				call.Fresh = i%2 == 0
				if e := client.Do(t.Context(), call); e.Failure != nil && (call.Fresh || !e.Failure.Stale) {
					t.Errorf("%+v", e.Failure)
				}
			}
		})
	}
	group.Wait()
}

// The server reads a request and hangs up, on a new connection and on a reused one, with and without the headers that make a
// request repeatable for net/http.
func TestARequestIsNeverSentTwice(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		for _, headers := range []map[string]string{nil, {"Idempotency-Key": "1"}, {"x-idempotency-key": "1"}} {
			for _, body := range []string{"", "{}"} {
				t.Run(fmt.Sprint(fresh, headers, len(body)), func(t *testing.T) {
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
					client := newClient(t, transport.Options{Headers: headers})
					call := put("http://" + address)
					call.Body, call.Fresh = []byte(body), fresh
					require.Nil(t, client.Do(t.Context(), call).Failure)
					e := client.Do(t.Context(), call)
					require.Equal(t, exchange.CauseLost, e.Failure.Cause)
					require.True(t, e.Failure.Sent)
					require.Equal(t, !fresh, e.Failure.Stale)
					require.Equal(t, int32(2), requests.Load())
				})
			}
		}
	}
}

// counted starts a server that counts its connections.
func counted(t *testing.T, secure bool) (*httptest.Server, *atomic.Int32) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server, &connections
}

func TestConnectionsAreReused(t *testing.T) {
	for name, c := range map[string]struct {
		secure, fresh bool
		want          int32
	}{
		"kept":            {false, false, 1},
		"kept, over TLS":  {true, false, 1},
		"fresh":           {false, true, 10},
		"fresh, over TLS": {true, true, 10},
	} {
		t.Run(name, func(t *testing.T) {
			server, connections := counted(t, c.secure)
			client := newClient(t, transport.Options{InsecureSkipVerify: true})
			call := put(server.URL)
			call.Fresh = c.fresh
			for range 10 {
				require.Equal(t, 404, client.Do(t.Context(), call).Answer.Status)
			}
			require.Equal(t, c.want, connections.Load())
			client.Close()
			late := newRecording(t) // no connection to it is idle
			require.Equal(t, exchange.CauseInterrupted, client.Do(t.Context(), put(late.URL)).Failure.Cause)
		})
	}
}

// What a server sends after its answer, at once or a moment later, is not the answer to the next call, even if it looks like one.
// The next call uses another connection, once.
func TestUnsolicitedBytesAreNotTakenForTheNextAnswer(t *testing.T) {
	ours := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
	const forged = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n[]"
	for name, text := range map[string][2]string{
		"bytes":                        {okay, "garbage"},
		"another answer":               {okay, forged},
		"bytes behind a last chunk":    {chunked, "garbage"},
		"an answer behind chunks":      {chunked, forged},
		"a line break":                 {okay, "\r\n"},
		"behind an informational one":  {"HTTP/1.1 103 Early Hints\r\n\r\n" + okay, forged},
		"behind what has no body":      {"HTTP/1.1 204 No Content\r\n\r\n", "{}"},
		"behind more than is kept":     {"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + fmt.Sprintf("%050000d", 0), forged},
		"informational, for no answer": {okay, "HTTP/1.1 103 Early Hints\r\n\r\n"},
		"a time-out":                   {okay, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
	} {
		for _, later := range []bool{false, true} {
			for _, secure := range []bool{false, true} {
				t.Run(fmt.Sprint(name, ", later ", later, ", over TLS ", secure), func(t *testing.T) {
					t.Parallel()
					var requests atomic.Int32
					serve := func(conn net.Conn) {
						reader := bufio.NewReader(conn)
						for readRequest(reader) != nil {
							requests.Add(1)
							if !later {
								_, _ = io.WriteString(conn, text[0]+text[1])
								continue
							}
							_, _ = io.WriteString(conn, text[0])
							_, _ = io.WriteString(conn, text[1])
						}
					}
					scheme := "http://"
					if secure {
						scheme = "https://"
						plain := serve
						serve = func(conn net.Conn) {
							encrypted := tls.Server(conn, config)
							plain(encrypted)
							_ = encrypted.Close()
						}
					}
					client := newClient(t, transport.Options{CA: ours.pem, Concurrency: 4})
					call := put(scheme + rawServer(t, serve))
					rounds := 10
					if secure { // a handshake for each connection takes long
						rounds = 4
					}
					var group sync.WaitGroup
					var calls, failed atomic.Int32
					for range 4 {
						group.Go(func() {
							for range rounds {
								e := client.Do(t.Context(), call)
								calls.Add(1)
								switch {
								case e.Failure != nil:
									// What comes while a request is under way can be told from its answer only if it is not an answer.
									if failed.Add(1); !later {
										t.Errorf("%+v", e.Failure)
									}
								case e.Answer.Status == 403 && !later:
									t.Error("the answer to nothing was taken for one")
								}
							}
						})
					}
					group.Wait()
					require.LessOrEqual(t, requests.Load(), calls.Load(), "no request went out twice")
				})
			}
		}
	}
}

// A server that left a body unread takes it for the beginning of the next request, and rejects that.
func TestARejectionOnAReusedConnectionIsNotTheAnswer(t *testing.T) {
	serve := func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		for n := 0; readRequest(reader) != nil; n++ {
			if n == 1 {
				_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
				return
			}
			_, _ = io.WriteString(conn, okay)
		}
	}
	client := newClient(t, transport.Options{})
	call := put("http://" + rawServer(t, serve))
	require.Nil(t, client.Do(t.Context(), call).Failure)
	e := client.Do(t.Context(), call)
	require.NotNil(t, e.Failure)
	require.True(t, e.Failure.Stale)
	require.Equal(t, "the server closed the connection and did not answer the request", e.Failure.Message)

	e = newClient(t, transport.Options{}).Do(t.Context(), put(answering(t, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")))
	require.Equal(t, 400, e.Answer.Status, "of a fresh one it is")
}

func TestConnectionsAreNotReusedAfterSeveralWereLost(t *testing.T) {
	address := rawServer(t, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		if readRequest(reader) != nil {
			_, _ = io.WriteString(conn, okay)
			readRequest(reader)
		}
	})
	client := newClient(t, transport.Options{})
	stale := 0
	for range 100 {
		if e := client.Do(t.Context(), put("http://"+address)); e.Failure != nil {
			require.True(t, e.Failure.Stale)
			stale++
		}
	}
	require.Equal(t, 3, stale)
}

// Such a server reads nothing else while an idle connection is open. Calls wait for that only briefly, and after three in a row
// have waited, no connection is kept.
func TestAServerOfOneConnectionAtATimeIsCalledWithoutLongWaits(t *testing.T) {
	const calls = 5
	var turn sync.Mutex
	var asked atomic.Int32
	all := make(chan struct{}) // closed when each call was asked over a connection of its own
	address := rawServer(t, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		if readRequest(reader) == nil {
			return
		}
		if asked.Add(1) == calls {
			close(all)
		}
		<-all
		turn.Lock()
		defer turn.Unlock()
		for again := true; again; again = readRequest(reader) != nil {
			_, _ = io.WriteString(conn, okay)
		}
	})
	client := newClient(t, transport.Options{Concurrency: calls})
	call := func() {
		if e := client.Do(t.Context(), put("http://"+address)); e.Failure != nil {
			t.Errorf("%+v", e.Failure)
		}
	}
	var group sync.WaitGroup
	for range calls {
		group.Go(call)
	}
	group.Wait()
	before := asked.Load()
	for range 3 {
		call()
	}
	require.Equal(t, before+3, asked.Load(), "each call has its own connection")
}
