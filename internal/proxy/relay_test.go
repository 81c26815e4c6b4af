package proxy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/proxy"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	goleak.VerifyTestMain(m)
}

const path = "/v2/phone-validations"

// patience is a timeout that is never reached unless something hangs.
const patience = 30 * time.Second

// seen is what a proxy reported.
type seen struct {
	exchanges []exchange.Exchange
	leftOut   atomic.Int32
	missed    atomic.Int32
	why       atomic.Value // the reason of the last missed one
}

// start starts a proxy to a target. told is complete when stop has returned.
func start(t testing.TB, target string, edit ...func(*proxy.Options)) (address string, told *seen, stop func()) {
	to, err := url.Parse(target)
	require.NoError(t, err)
	told = &seen{}
	o := proxy.Options{
		Target: to, Timeout: patience,
		Wanted:  func(method, at string) bool { return method == "PUT" && at == path },
		Passed:  func(e exchange.Exchange) { told.exchanges = append(told.exchanges, e) },
		LeftOut: func() { told.leftOut.Add(1) },
		Missed: func(why string) {
			told.missed.Add(1)
			told.why.Store(why)
		},
	}
	for _, e := range edit {
		e(&o)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := proxy.New(o)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = p.Serve(listener)
	}()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = listener.Close()
			p.Close()
			<-served
		}
	}
	t.Cleanup(stop)
	return listener.Addr().String(), told, stop
}

// side is one side of a conversation, and what it received.
type side struct {
	conn  *net.TCPConn
	heard bytes.Buffer
	end   string // how the other side ended
}

// step is what a side does next.
type step func(s *side)

func says(text string) step { return func(s *side) { _, _ = io.WriteString(s.conn, text) } }

// hears reads until a text has been received, or to the end.
func hears(text string) step {
	return func(s *side) {
		buffer := make([]byte, 64<<10)
		for s.end == "" && (text == "" || !bytes.Contains(s.heard.Bytes(), []byte(text))) {
			n, err := s.conn.Read(buffer)
			s.heard.Write(buffer[:n])
			switch {
			case errors.Is(err, io.EOF):
				s.end = "EOF"
			case errors.Is(err, syscall.ECONNRESET):
				s.end = "reset"
			case errors.Is(err, os.ErrDeadlineExceeded):
				s.end = "nothing more came"
			case err != nil:
				s.end = err.Error()
			}
		}
	}
}

func hearsTheEnd(s *side)  { hears("")(s) }
func endsItsHalf(s *side)  { _ = s.conn.CloseWrite() }
func breaksDown(s *side)   { _ = s.conn.SetLinger(0); _ = s.conn.Close(); s.end = "its own" }
func closesAtOnce(s *side) { _ = s.conn.Close(); s.end = "its own" }

func (s *side) does(steps []step) {
	_ = s.conn.SetDeadline(time.Now().Add(patience))
	for _, step := range steps {
		step(s)
	}
	_ = s.conn.Close()
}

// talk lets a client and a target talk to each other, directly or through something between them.
func talk(t *testing.T, client, target []step, between func(target string) string) (heardByClient, heardByTarget *side) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	heardByClient, heardByTarget = &side{}, &side{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		heardByTarget.conn = conn.(*net.TCPConn)
		heardByTarget.does(target)
	}()
	conn, err := net.Dial("tcp", between(listener.Addr().String()))
	require.NoError(t, err)
	heardByClient.conn = conn.(*net.TCPConn)
	heardByClient.does(client)
	<-done
	return heardByClient, heardByTarget
}

const (
	ask    = "PUT /v2/phone-validations?a=%zz;b HTTP/1.1\r\nhOsT:  placeholder.test\r\nX-lower: a\r\nX-LOWER:b \r\nUser-Agent:\r\nContent-Length: 4\r\n\r\n{\"\"}"
	answer = "HTTP/1.1 200 Fine, thank you\r\nx-b: 1\r\nX-A: 2\r\nx-b: 3\r\nContent-Length: 2\r\n\r\n{}"
)

func asks(rest string) string {
	return "PUT /v2/phone-validations HTTP/1.1\r\nHost: placeholder.test\r\n" + rest
}

// conversations are what clients and targets may send to each other. All of it has to arrive.
var conversations = map[string]struct {
	client, target []step
	told           string // the statuses or failures that the proxy reports
	leftOut        int
}{
	"two answers on one connection": {
		client: []step{says(ask), hears("{}"), says(asks("X: last\r\n\r\n")), hears("404"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says(answer), hears("\r\n\r\n{\"\"}PUT"), hears("last\r\n\r\n"), says("HTTP/1.1 404 \r\ncontent-length:0\r\n\r\n"), hearsTheEnd},
		told:   "200 404",
	},
	"requests without waiting": {
		client: []step{says(ask + ask + "GET /other HTTP/1.1\r\n\r\n" + ask), hears("403"), endsItsHalf, hearsTheEnd},
		target: []step{hears("GET /other HTTP/1.1\r\n\r\n"), says(answer + answer + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n"), hearsTheEnd},
		told:   "200 200 403", leftOut: 1,
	},
	"more requests at once than may wait": {
		client: []step{says(strings.Repeat("GET /other HTTP/1.1\r\n\r\n", 64) + "GET /65 HTTP/1.1\r\n\r\n" + ask), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears(strings.Repeat("GET /other HTTP/1.1\r\n\r\n", 64)), says(strings.Repeat("HTTP/1.1 204 N\r\n\r\n", 64)), hears(`{""}`), says("HTTP/1.1 204 N\r\n\r\n" + answer), hearsTheEnd},
		told:   "200", leftOut: 65,
	},
	"chunked both ways, with extensions and trailers": {
		client: []step{says(asks("Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2;a=\"" + strings.Repeat("b", 5_000) + "\"\r\n{}\r\n00000000000000001\r\n \r\n0;last\r\nX-Sum: 1\r\n\r\n")), hears("x-t: 2\r\n\r\n"), closesAtOnce},
		target: []step{hears("X-Sum: 1\r\n\r\n"), says("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1 ;q\r\n{\r\n00000000000000001\t;q\r\n}\r\n000\r\nx-t: 2\r\n\r\n"), hearsTheEnd},
		told:   "200",
	},
	"bytes that are no text, and compressed": {
		client: []step{says(asks("Content-Length: 3\r\n\r\n\xff\x00\x80")), hears("\x1f\x8b\x08\x00"), endsItsHalf, hearsTheEnd},
		target: []step{hears("\xff\x00\x80"), says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"), hearsTheEnd},
		told:   "200",
	},
	"a client that asks whether to go on": {
		client: []step{says(asks("Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")), hears("Continue\r\n\r\n"), says("{}"), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears("\r\n\r\n"), says("HTTP/1.1 100 Continue\r\n\r\n"), hears("{}"), says(answer), hearsTheEnd},
		told:   "200",
	},
	"a client that is told not to go on": {
		client: []step{says(asks("Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")), hears("417"), endsItsHalf, hearsTheEnd},
		target: []step{hears("\r\n\r\n"), says("HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), hearsTheEnd},
		told:   "the request ended early",
	},
	"hints before the answer": {
		client: []step{says(ask), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 103 Early\r\nlink: <x>\r\n\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + answer), hearsTheEnd},
		told:   "200",
	},
	"an answer in pieces, each after the client has heard the one before": {
		client: []step{says(ask), hears("Fine\r\n"), says("\r\n"), hears("{"), says("\r\n"), hears("}"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 Fine\r\nContent-L"), hears("}\r\n"), says("ength: 2\r\n\r\n{"), hears("}\r\n\r\n"), says("}"), hearsTheEnd},
		told:   "200",
	},
	"a request in pieces": {
		client: []step{says("PUT /v2/phone-validations HTTP/1.1\r\nContent-Length: 2\r\n\r\n"), hears("100"), says("{"), hears("102"), says("}"), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears("\r\n\r\n"), says("HTTP/1.1 100 C\r\n\r\n"), hears("{"), says("HTTP/1.1 102 P\r\n\r\n"), hears("}"), says(answer), hearsTheEnd},
		told:   "200",
	},
	"an answer until the connection ends": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.0 200 OK\r\n\r\n{}")},
		told:   "200",
	},
	"an answer until the connection ends that is reset": {
		client: []step{says(ask), hears("{}"), says("\r\n"), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.0 200 OK\r\n\r\n{}"), hears("}\r\n"), breaksDown},
		told:   "the connection was closed before the answer was complete",
	},
	"a reset before an answer": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`), breaksDown},
		told:   "the connection was closed before an answer came",
	},
	"an end before an answer": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`)},
		told:   "the connection was closed before an answer came",
	},
	"an end within the head": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nContent-Le")},
		told:   "the connection was closed before an answer came",
	},
	"an end within the body": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")},
		told:   "the connection was closed before the answer was complete",
	},
	"an end within the chunks": {
		client: []step{says(ask), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")},
		told:   "the connection was closed before the answer was complete",
	},
	"a reset within the body": {
		client: []step{says(ask), hears("{}"), says("\r\n"), hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), hears("}\r\n"), breaksDown},
		told:   "the connection was closed before the answer was complete",
	},
	"a client that resets": {
		client: []step{says(asks("Content-Length: 9\r\n\r\n{}")), hears("100"), breaksDown},
		target: []step{hears("{}"), says("HTTP/1.1 100 C\r\n\r\n"), hearsTheEnd},
		told:   "the request ended early",
	},
	"a client that ends its half": {
		client: []step{says(ask), endsItsHalf, hearsTheEnd},
		target: []step{hearsTheEnd, says(answer)},
		told:   "200",
	},
	"a target that ends its half": {
		client: []step{says(asks("Content-Length: 4\r\n\r\n{}")), hearsTheEnd, says("  ")},
		target: []step{hears("{}"), says("HTTP/1.1 400 B\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), endsItsHalf, hearsTheEnd},
		told:   "400",
	},
	"an answer before the request has ended": {
		client: []step{says(asks("Content-Length: 4\r\n\r\n{}")), hears("400"), says("  "), endsItsHalf, hearsTheEnd},
		target: []step{hears("{}"), says("HTTP/1.1 400 B\r\nContent-Length: 0\r\n\r\n"), hearsTheEnd},
		told:   "400",
	},
	"a request that says twice how long it is": {
		client: []step{says(asks("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nDELETE / HTTP/1.1\r\nHost: other.test\r\n\r\n")), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears("DELETE / HTTP/1.1\r\nHost: other.test\r\n\r\n"), says(answer + answer), hearsTheEnd},
		told:   "servers read the request in different ways: it has Transfer-Encoding beside Content-Length",
	},
	"a request of two lengths": {
		client:  []step{says("PUT /v2/phone-validations HTTP/1.1\r\nContent-Length: 5\r\ncontent-length: 2\r\n\r\n{}   "), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target:  []step{hears("{}   "), says(answer), hearsTheEnd},
		leftOut: 1,
	},
	"a request whose lines end otherwise": {
		client: []step{says("PUT /v2/phone-validations HTTP/1.1\r\nA: b\nContent-Length: 2\r\n\r\n{}"), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears("{}"), says(answer), hearsTheEnd},
		told:   "servers read the request in different ways: it has a line that ends without a carriage return",
	},
	"a request whose chunks are none": {
		client: []step{says(asks("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears("0\r\n\r\n"), says(answer), hearsTheEnd},
		told:   "the request's chunks are malformed",
	},
	"an answer whose chunks are none": {
		client: []step{says(ask), hears("zz\r\n{}"), says(ask), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), hears(`{""}PUT`), says(answer), hearsTheEnd},
		told:   "what came is not a valid HTTP answer the connection was closed before an answer came",
	},
	"an answer to HEAD, 204 and 304": {
		client: []step{says("HEAD / HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n" + ask), hears("x-b: 3"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 204 N\r\nX: y\r\n\r\nHTTP/1.1 304 N\r\nContent-Length: 7\r\n\r\n" + answer), hearsTheEnd},
		told:   "200", leftOut: 3,
	},
	"garbage behind an answer": {
		client: []step{says(ask), hears("garbage"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says(answer + "garbage\r\n"), hearsTheEnd},
		told:   "200",
	},
	"no HTTP at all": {
		client:  []step{says("\x16\x03\x01 hello"), hears("\x15"), endsItsHalf, hearsTheEnd},
		target:  []step{hears("hello"), says("\x15\x03"), hearsTheEnd},
		leftOut: 1,
	},
	"an answer that is no HTTP": {
		client: []step{says(ask), hears("SSH"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("SSH-2.0-x\r\n\r\n"), hearsTheEnd},
		told:   "what came is not a valid HTTP answer",
	},
	"another protocol": {
		client:  []step{says("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), hears("101"), hears("\r\n\r\n"), says("\x81\x01a"), hears("\x81\x01b"), endsItsHalf, hearsTheEnd},
		target:  []step{hears("\r\n\r\n"), says("HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), hears("\x81\x01a"), says("\x81\x01b"), hearsTheEnd},
		leftOut: 1,
	},
	"another protocol that is refused": {
		client: []step{says(asks("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}")), hears("x-b: 3"), says(ask), hears("403"), endsItsHalf, hearsTheEnd},
		target: []step{hears("{}"), says(answer), hears(`{""}`), says("HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n"), hearsTheEnd},
		told:   "200 403",
	},
	"a tunnel": {
		client:  []step{says("CONNECT a.test:443 HTTP/1.1\r\nHost: placeholder.test\r\n\r\n"), hears("\r\n\r\n"), says("\x16abc"), hears("\x16def"), endsItsHalf, hearsTheEnd},
		target:  []step{hears("\r\n\r\n"), says("HTTP/1.1 200 OK\r\n\r\n"), hears("\x16abc"), says("\x16def"), hearsTheEnd},
		leftOut: 1,
	},
	"lines longer than any buffer": {
		client: []step{says(asks("Cookie: " + strings.Repeat("c", 40_000) + "\r\nContent-Length: 2\r\n\r\n{}")), hears("\r\n\r\n{}"), endsItsHalf, hearsTheEnd},
		target: []step{hears("\r\n\r\n{}"), says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 40_000) + "\r\nContent-Length: 2\r\n\r\n{}"), hearsTheEnd},
		told:   "200",
	},
	"heads longer than is read": {
		client:  []step{says(asks("Cookie: " + strings.Repeat("c", 300_000) + "\r\nContent-Length: 2\r\n\r\n{}")), hears("\r\n\r\n{}"), endsItsHalf, hearsTheEnd},
		target:  []step{hears("\r\n\r\n{}"), says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 300_000) + "\r\nContent-Length: 2\r\n\r\n{}"), hearsTheEnd},
		leftOut: 1,
	},
	"an answer with a head longer than is read": {
		client: []step{says(ask), hears("\r\n\r\n{}"), endsItsHalf, hearsTheEnd},
		target: []step{hears(`{""}`), says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 300_000) + "\r\nContent-Length: 2\r\n\r\n{}"), hearsTheEnd},
		told:   "what came is not a valid HTTP answer",
	},
	"bodies longer than is kept": {
		client: []step{says(asks("Content-Length: 2000001\r\n\r\n" + strings.Repeat("x", 2_000_000) + "!")), hears("2000001\r\n\r\n"), hears("?"), endsItsHalf, hearsTheEnd},
		target: []step{hears("!"), says("HTTP/1.1 200 OK\r\nContent-Length: 2000001\r\n\r\n" + strings.Repeat("y", 2_000_000) + "?"), hearsTheEnd},
		told:   "the end of the request's body is not known: it is over 1 MiB, or too much passed at once",
	},
	"a target that speaks unasked": {
		client: []step{says("\r\n"), hears("408"), hearsTheEnd},
		target: []step{says("HTTP/1.1 408 T\r\nContent-Length: 0\r\n\r\n"), hears("\r\n")},
	},
}

func TestBytesAndEndsArriveAsTheyWereSent(t *testing.T) {
	for name, c := range conversations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			straight := func(target string) string { return target }
			client, target := talk(t, c.client, c.target, straight)
			var told *seen
			stop, address := func() {}, ""
			throughClient, throughTarget := talk(t, c.client, c.target, func(target string) string {
				var at string
				address = target
				at, told, stop = start(t, "http://"+target)
				return at
			})
			stop()
			require.Equal(t, client.heard.String(), throughClient.heard.String(), "what the client hears")
			require.Equal(t, client.end, throughClient.end, "how it ends for the client")
			replaced := strings.NewReplacer("hOsT:  placeholder.test", "hOsT: "+address, "Host: placeholder.test", "Host: "+address)
			require.Equal(t, replaced.Replace(target.heard.String()), throughTarget.heard.String(), "what the target hears")
			require.Equal(t, target.end, throughTarget.end, "how it ends for the target")
			var all []string
			for _, e := range told.exchanges {
				if e.Answer != nil {
					all = append(all, fmt.Sprint(e.Answer.Status))
				} else {
					all = append(all, e.Failure.Message)
				}
			}
			require.Equal(t, c.told, strings.Join(all, " "))
			require.EqualValues(t, c.leftOut, told.leftOut.Load())
			require.Zero(t, told.missed.Load())
		})
	}
}
