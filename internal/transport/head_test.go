package transport_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/transport"
)

func TestFlawsOfAnAnswer(t *testing.T) {
	ours := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}}
	secured := newClient(t, transport.Options{CA: ours.pem})
	const body = "\r\n2\r\n{}\r\n0\r\n\r\n"
	for name, c := range map[string]struct {
		answer string
		flaws  []string
	}{
		"nothing":                            {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a: b\r\n\r\n{}", nil},
		"HTTP/1.0":                           {"HTTP/1.0 200 OK\r\n\r\n{}", nil},
		"nothing, whatever the body says":    {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{ }\n X : y\r\nHTTP/9.9", nil},
		"a length beside the encoding":       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n" + body, []string{"Transfer-Encoding beside Content-Length"}},
		"the same, in other letters":         {"HTTP/1.1 200 OK\r\ntransfer-ENCODING: chunked\r\ncontent-length: 2\r\n" + body, []string{"Transfer-Encoding beside Content-Length"}},
		"a space before the colon":           {"HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 2\r\n\r\n{}", []string{"white space before a header's colon"}},
		"a version that there is not":        {"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", []string{"the version HTTP/9.9"}},
		"a folded header":                    {"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", []string{"a header folded over several lines"}},
		"the same length twice":              {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", []string{"Content-Length more than once"}},
		"lines that end in LF alone":         {"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", []string{"a line that ends without a carriage return"}},
		"a length of what has no body":       {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", []string{"Content-Length or Transfer-Encoding in an answer of status 204, which has no body"}},
		"a flaw of an informational answer":  {"HTTP/1.1 103 Early Hints\r\nLink : </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", []string{"white space before a header's colon"}},
		"several":                            {"HTTP/2.7 200 OK\r\nA : b\r\nB : c\r\nContent-Length: 2\r\n\r\n{}", []string{"the version HTTP/2.7", "white space before a header's colon"}},
		"nothing beyond what is looked at":   {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 20<<10) + "\r\nContent-Length: 2\r\n\r\n{}", nil},
		"an encoding in HTTP/1.0":            {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" + body, []string{"Transfer-Encoding in HTTP/1.0"}},
		"a length beside that encoding":      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", []string{"Transfer-Encoding beside Content-Length"}},
		"two lengths beside the encoding":    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n" + body, []string{"Transfer-Encoding beside Content-Length"}},
		"an encoding of what has no body":    {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", []string{"Content-Length or Transfer-Encoding in an answer of status 204, which has no body"}},
		"two of a kind in a body of a chunk": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + body, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := newClient(t, transport.Options{}).Do(t.Context(), put(answering(t, c.answer)))
			require.Nil(t, e.Failure)
			require.Equal(t, c.flaws, e.Answer.Flaws)

			e = secured.Do(t.Context(), put("https://"+rawServer(t, func(conn net.Conn) {
				encrypted := tls.Server(conn, config)
				if readRequest(bufio.NewReader(encrypted)) != nil {
					_, _ = io.WriteString(encrypted, c.answer)
				}
				_ = encrypted.Close()
			})))
			require.Nil(t, e.Failure)
			require.Equal(t, c.flaws, e.Answer.Flaws, "over TLS")
		})
	}
}

// What the tool's own client does not read at all is passed on by its proxy.
func TestFlawsOfAHeadThatNoClientReads(t *testing.T) {
	for field, flaw := range map[string]string{
		": b":      "an invalid header name",
		"X(A): b":  "an invalid header name",
		"X: a\rb":  "a carriage return within a line",
		"X: a\x01": "a control character in a header",
	} {
		require.Equal(t, []string{flaw}, transport.Flaws([]byte("HTTP/1.1 200 OK\r\n"+field+"\r\n\r\n")), field)
	}
}

// An informational answer may leave no room for the whole of the next one among the bytes that are kept.
func TestAHeadThatIsCutWithinItsVersionHasNoFlaw(t *testing.T) {
	require.Empty(t, transport.Flaws([]byte("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.")))
	require.Equal(t, []string{"the version HTTP/9.9"}, transport.Flaws([]byte("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/9.9")))
}
