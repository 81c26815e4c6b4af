package transport_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
)

func zipped(t testing.TB, write func(io.Writer)) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	write(w)
	require.NoError(t, w.Close())
	return b.String()
}

func withLength(header, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", header, len(body), body)
}

func TestACompleteAnswerIsRecordedAsItCame(t *testing.T) {
	bomb := zipped(t, func(w io.Writer) {
		zeros := make([]byte, 1<<20)
		for range 4 {
			_, _ = w.Write(zeros)
		}
	})
	good := zipped(t, func(w io.Writer) { _, _ = io.WriteString(w, `{"a":1}`) })
	noise := strings.Repeat("0123456789abcdef", 1<<16+1)
	cases := map[string]struct {
		answer  string
		status  int
		proto   string
		body    string
		tooLong bool
	}{
		"JSON":                      {withLength("", `{"a":1}`), 200, "HTTP/1.1", `{"a":1}`, false},
		"not JSON":                  {withLength("", "<html>"), 200, "HTTP/1.1", "<html>", false},
		"empty":                     {withLength("", ""), 200, "HTTP/1.1", "", false},
		"no content":                {"HTTP/1.1 204 No Content\r\n\r\n", 204, "HTTP/1.1", "", false},
		"JSON that is cut":          {withLength("", `{"a":`), 200, "HTTP/1.1", `{"a":`, false},
		"invalid UTF-8":             {withLength("", "\xff\xfe{}"), 200, "HTTP/1.1", "\xff\xfe{}", false},
		"NUL bytes":                 {withLength("", "{\x00}\x00"), 200, "HTTP/1.1", "{\x00}\x00", false},
		"terminal escape sequences": {withLength("", "\x1b[2J\x1b]0;x\a"), 200, "HTTP/1.1", "\x1b[2J\x1b]0;x\a", false},
		"chunked":                   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", 200, "HTTP/1.1", `{"a":1}`, false},
		"HTTP/1.0 until the end":    {"HTTP/1.0 403 Forbidden\r\n\r\n{}", 403, "HTTP/1.0", "{}", false},
		"HTTP/1.1 until the end":    {"HTTP/1.1 200 OK\r\n\r\n{}", 200, "HTTP/1.1", "{}", false},
		"no reason phrase":          {"HTTP/1.1 404\r\nContent-Length: 2\r\n\r\n{}", 404, "HTTP/1.1", "{}", false},
		"informational before it":   {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + withLength("", "{}"), 200, "HTTP/1.1", "{}", false},
		"more than its length":      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}garbage", 200, "HTTP/1.1", "{}", false},
		"other protocol":            {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes", 101, "HTTP/1.1", "", false},
		"unavailable":               {"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 503, "HTTP/1.1", "", false},
		"a status of its own":       {"HTTP/1.1 799 Hm\r\nContent-Length: 0\r\n\r\n", 799, "HTTP/1.1", "", false},
		"proxy words of the target": {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 407, "HTTP/1.1", "", false},
		"exactly the limit":         {withLength("", noise[:exchange.MaxBody]), 200, "HTTP/1.1", noise[:exchange.MaxBody], false},
		"one byte over the limit":   {withLength("", noise[:exchange.MaxBody+1]), 200, "HTTP/1.1", noise[:exchange.MaxBody], true},
		"limit, until the end":      {"HTTP/1.1 200 OK\r\n\r\n" + noise[:exchange.MaxBody], 200, "HTTP/1.1", noise[:exchange.MaxBody], false},
		"over it, and then cut":     {"HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n" + noise[:exchange.MaxBody+1], 200, "HTTP/1.1", noise[:exchange.MaxBody], true},
		"over it, until the end":    {"HTTP/1.1 200 OK\r\n\r\n" + noise, 200, "HTTP/1.1", noise[:exchange.MaxBody], true},
		"gzip":                      {withLength("Content-Encoding: gzip\r\n", good), 200, "HTTP/1.1", `{"a":1}`, false},
		"gzip in capitals":          {withLength("Content-Encoding: GZIP\r\n", good), 200, "HTTP/1.1", `{"a":1}`, false},
		"gzip bomb":                 {withLength("Content-Encoding: gzip\r\n", bomb), 200, "HTTP/1.1", strings.Repeat("\x00", exchange.MaxBody), true},
		"gzip that is cut":          {withLength("Content-Encoding: gzip\r\n", good[:len(good)-6]), 200, "HTTP/1.1", `{"a":1}`, false},
		"gzip with a wrong sum":     {withLength("Content-Encoding: gzip\r\n", good[:len(good)-8]+"12345678"), 200, "HTTP/1.1", `{"a":1}`, false},
		"gzip that is none":         {withLength("Content-Encoding: gzip\r\n", `{"a":1}`), 200, "HTTP/1.1", "", false},
		"gzip, nothing":             {withLength("Content-Encoding: gzip\r\n", ""), 200, "HTTP/1.1", "", false},
		"gzip without saying so":    {withLength("", good), 200, "HTTP/1.1", good, false},
		"another coding":            {withLength("Content-Encoding: br\r\n", "xyz"), 200, "HTTP/1.1", "xyz", false},
	}
	client := newClient(t, transport.Options{})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := client.Do(t.Context(), put(answering(t, c.answer)))
			require.Nil(t, e.Failure)
			require.Equal(t, c.status, e.Answer.Status)
			require.Equal(t, c.proto, e.Answer.Proto)
			require.Equal(t, c.tooLong, e.Answer.TooLong)
			require.True(t, c.body == string(e.Answer.Body), "%d bytes: %.100q", len(e.Answer.Body), e.Answer.Body)
			require.Positive(t, e.Duration)
		})
	}
}

func TestTheSameClientUnzipsAgainAfterABadStream(t *testing.T) {
	good := zipped(t, func(w io.Writer) { _, _ = io.WriteString(w, "plain") })
	var count atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		if count.Add(1)%2 == 1 {
			_, _ = io.WriteString(w, "no gzip")
			return
		}
		_, _ = io.WriteString(w, good)
	}))
	t.Cleanup(server.Close)
	client := newClient(t, transport.Options{})
	for range 3 {
		require.Empty(t, client.Do(t.Context(), put(server.URL)).Answer.Body)
		require.Equal(t, "plain", string(client.Do(t.Context(), put(server.URL)).Answer.Body))
	}
}

func TestAnEndlessAnswerIsReadUpToTheLimit(t *testing.T) {
	for name, header := range map[string]string{
		"until the end": "HTTP/1.1 200 OK\r\n\r\n",
		"50 MiB":        "HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n",
		"chunked":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"gzip":          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
	} {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan struct{})
			address := rawServer(t, func(conn net.Conn) {
				defer close(stopped)
				if readRequest(bufio.NewReader(conn)) == nil {
					return
				}
				_, err := io.WriteString(conn, header)
				block := strings.Repeat("x", 4096)
				if name == "chunked" {
					block = "1000\r\n" + block + "\r\n"
				}
				if name == "gzip" {
					block = "\x00\x00\x10\xff\xef" + strings.Repeat("x", 4096) // a stored block of deflate
				}
				for err == nil {
					_, err = io.WriteString(conn, block)
				}
			})
			e := newClient(t, transport.Options{}).Do(t.Context(), put("http://"+address))
			require.Nil(t, e.Failure)
			require.True(t, e.Answer.TooLong)
			require.LessOrEqual(t, len(e.Answer.Body), exchange.MaxBody)
			require.Greater(t, len(e.Answer.Body), exchange.MaxBody*9/10)
			require.Equal(t, "xxxx", string(e.Answer.Body[:4]))
			<-stopped // the client closed the connection
		})
	}
}

func TestAMessageThatEndedEarlyIsLost(t *testing.T) {
	reset := func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }
	good := zipped(t, func(w io.Writer) { _, _ = io.WriteString(w, strings.Repeat("x", 1000)) })
	for name, c := range map[string]struct {
		text   string
		before func(net.Conn)
	}{
		"nothing at all":                {"", nil},
		"reset before an answer":        {"", reset},
		"in the header":                 {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", nil},
		"fewer bytes than its length":   {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", nil},
		"no byte of the body":           {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", nil},
		"no last chunk":                 {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", nil},
		"in a chunk":                    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}", nil},
		"reset in the body":             {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", reset},
		"reset of one without a length": {"HTTP/1.1 200 OK\r\n\r\n{}", reset},
		"informational answers only":    {"HTTP/1.1 103 Early Hints\r\n\r\n", nil},
		"gzip, fewer bytes":             {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 500\r\n\r\n" + good[:12], nil},
	} {
		t.Run(name, func(t *testing.T) {
			address := rawServer(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) == nil {
					return
				}
				_, _ = io.WriteString(conn, c.text)
				if c.before != nil {
					c.before(conn)
				}
			})
			e := newClient(t, transport.Options{}).Do(t.Context(), put("http://"+address))
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseLost, e.Failure.Cause, e.Failure.Message)
			require.True(t, e.Failure.Sent)
			require.Contains(t, e.Failure.Message, "closed before")
		})
	}
}

func TestWhatIsNotHTTPIsAProtocolFailure(t *testing.T) {
	for name, text := range map[string]string{
		"a banner":         "SSH-2.0-OpenSSH_9.6\r\n",
		"escape sequences": "\x1b[2J\x1b[31mowned\r\n\r\n",
		"no status":        "HTTP/1.1 abc OK\r\n\r\n",
		"header no header": "HTTP/1.1 200 OK\r\nno colon \x1b[2J here\r\n\r\n",
		"two lengths":      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"bad chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
		"endless header":   "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			address := rawServer(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) != nil {
					_, _ = io.WriteString(conn, text)
					holdOpen(conn) // so that the end of the connection is not the reason
				}
			})
			e := newClient(t, transport.Options{}).Do(t.Context(), put("http://"+address))
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseProtocol, e.Failure.Cause, e.Failure.Message)
			require.True(t, e.Failure.Sent)
			require.NotContains(t, e.Failure.Message, "\x1b")
			require.Less(t, len(e.Failure.Message), 300)
		})
	}
}

func TestTheTimeoutCoversTheWholeCall(t *testing.T) {
	drip := func(conn net.Conn, text string) {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for range ticker.C {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		serve   func(net.Conn)
		scheme  string
		message string
		sent    bool
	}{
		"no answer":    {holdOpen, "http", "no answer came within ", true},
		"no handshake": {holdOpen, "https", "no connection was made within ", false},
		"slow header":  {func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"); drip(conn, "X: y\r\n") }, "http", "no answer came within ", true},
		"slow body":    {func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); drip(conn, "x") }, "http", "the answer's body did not end within ", true},
		"body that stops": {func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
			holdOpen(conn)
		}, "http", "the answer's body did not end within ", true},
		"informational answers for ever": {func(conn net.Conn) { drip(conn, "HTTP/1.1 102 Processing\r\n\r\n") }, "http", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			var e exchange.Exchange
			// On a busy machine the connection alone may take as long as the shortest timeout.
			for timeout := 100 * time.Millisecond; timeout <= 25*time.Second; timeout *= 5 {
				e = newClient(t, transport.Options{Timeout: timeout}).Do(t.Context(), put(c.scheme+"://"+rawServer(t, c.serve)))
				require.Nil(t, e.Answer)
				if e.Failure.Sent == c.sent && (c.message == "" || e.Failure.Message == c.message+text.Duration(timeout)) {
					break
				}
			}
			if c.message != "" {
				require.Equal(t, exchange.CauseTimeout, e.Failure.Cause, e.Failure.Message)
				require.Contains(t, e.Failure.Message, c.message)
			}
			require.Equal(t, c.sent, e.Failure.Sent)
		})
	}
}

func TestAnInterruptIsNotATimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := rawServer(t, func(conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		cancel()
		holdOpen(conn)
	})
	client := newClient(t, transport.Options{})
	e := client.Do(ctx, put("http://"+address))
	require.Equal(t, exchange.CauseInterrupted, e.Failure.Cause)
	require.True(t, e.Failure.Sent)
	e = client.Do(ctx, put("http://"+address))
	require.Equal(t, exchange.CauseInterrupted, e.Failure.Cause)
	require.False(t, e.Failure.Sent)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var calls atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		e := newClient(t, transport.Options{}).Do(t.Context(), put(server.URL))
		server.Close()
		require.Equal(t, status, e.Answer.Status)
		require.Equal(t, elsewhere.URL, e.Answer.Header.Get("Location"))
	}
	require.Zero(t, calls.Load())
}

func TestATrailerIsRecordedAndNeverReplacesAHeader(t *testing.T) {
	url := answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Debug, X-Both\r\nX-Both: header\r\n\r\n2\r\n{}\r\n0\r\nX-Debug: otp 123456\r\nX-Both: trailer\r\n\r\n")
	e := newClient(t, transport.Options{}).Do(t.Context(), put(url))
	require.Equal(t, "otp 123456", e.Answer.Header.Get("X-Debug"))
	require.Equal(t, []string{"header", "trailer"}, e.Answer.Header.Values("X-Both"))
}

func TestAServerThatSpeaksFirstIsAProtocolFailureAndLogsNothing(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(io.Discard) })
	client := newClient(t, transport.Options{})
	address := rawServer(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "SSH-2.0-secret\r\n")
		holdOpen(conn)
	})
	for range 50 {
		e := client.Do(t.Context(), put("http://"+address))
		require.Equal(t, exchange.CauseProtocol, e.Failure.Cause)
		require.Contains(t, e.Failure.Message, "SSH-2.0-secret")
		require.Nil(t, client.Probe(t.Context(), "http://"+address))
	}
	client.Close()
	require.Empty(t, logged.String())
}

func TestInformationalAnswersAndReasonPhraseAreKept(t *testing.T) {
	e := newClient(t, transport.Options{}).Do(t.Context(), put(answering(t, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 403 No 123456 here\r\nContent-Length: 2\r\n\r\n{}")))
	require.Nil(t, e.Failure)
	require.Equal(t, "No 123456 here", e.Answer.Reason)
	require.Equal(t, []exchange.Informational{{Status: 103, Header: textproto.MIMEHeader{"Link": {"</a>"}}}, {Status: 102, Header: textproto.MIMEHeader{}}}, e.Answer.Early)

	e = newClient(t, transport.Options{}).Do(t.Context(), put(answering(t, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000)+"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")))
	require.NotNil(t, e.Failure)
	require.Equal(t, exchange.CauseProtocol, e.Failure.Cause)
	require.Contains(t, e.Failure.Message, "more informational answers")
}

// Its client is not closed before.
func TestAnAnswerThatIsNotReadToItsEndIsHungUpOn(t *testing.T) {
	for name, head := range map[string]string{
		"a body that never ends": "HTTP/1.1 200 OK\r\n\r\n",
		"another protocol":       "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			hungUp := make(chan struct{}, 1)
			server := rawServer(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) == nil {
					return
				}
				_, err := io.WriteString(conn, head)
				for err == nil {
					_, err = conn.Write(make([]byte, 64<<10))
				}
				hungUp <- struct{}{}
			})
			client := newClient(t, transport.Options{})
			require.Nil(t, client.Do(t.Context(), put("http://"+server)).Failure)
			select {
			case <-hungUp:
			case <-time.After(20 * time.Second):
				require.Fail(t, "the connection is still open")
			}
		})
	}
}
