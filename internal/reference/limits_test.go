package reference

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARequestThatNeverEndsIsNotWaitedFor(t *testing.T) {
	for name, half := range map[string]string{
		"a half header":       "PUT /v2/phone-validations HTTP/1.1\r\nHost: a.test\r\nX-A: ",
		"a half body":         "PUT /v2/phone-validations HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4000000\r\n\r\n{\"phone\":\"" + strings.Repeat("6", 100_000),
		"a half chunk":        "PUT /v2/phone-validations HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
		"a half set-up call":  "POST /v2/app-registrations HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer x\r\nContent-Length: 20\r\n\r\n{",
		"a half state change": "POST /_pact/provider-states HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(Options{})
			require.NoError(t, err)
			s, err := listen("127.0.0.1:0", p, limits{connections: 100, header: 50 * time.Millisecond, read: 50 * time.Millisecond, write: time.Minute})
			require.NoError(t, err)
			var held []net.Conn
			for range 50 {
				conn, err := net.Dial("tcp", strings.TrimPrefix(s.BaseURL, "http://"))
				require.NoError(t, err)
				held = append(held, conn)
				_, _ = io.WriteString(conn, half) // on a busy machine the connection may have been closed by now
			}
			for _, conn := range held {
				require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
				_, err := io.Copy(io.Discard, conn)
				var failure net.Error
				require.False(t, errors.As(err, &failure) && failure.Timeout(), "the connection is still open")
				require.NoError(t, conn.Close())
			}
			require.NoError(t, s.Close())
			require.Zero(t, p.bodies.Load(), "what the bodies took is given back")
			require.NoError(t, p.Close())
		})
	}
}

func TestAHeaderWithoutEndIsRefused(t *testing.T) {
	b := newBench(t, Options{})
	b.overNetwork(t)
	r := b.call(http.MethodPut, endpointPath, "", "{}", "X-Long", strings.Repeat("x", 2*maxHeader))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, r.status)
}

func TestBodiesThatFillTheBudgetAreAskedToComeAgain(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	require.True(t, b.bodies.CompareAndSwap(0, maxBodies))
	for name, r := range map[string]reply{
		"PUT":          b.put(v, v.OTP),
		"set-up":       b.call(http.MethodPost, "/v2/app-registrations", "Bearer x", `{}`),
		"state change": b.change(StateNone, "setup"),
	} {
		require.Equal(t, http.StatusServiceUnavailable, r.status, name)
	}
	b.bodies.Add(-maxBodies)
	require.Equal(t, http.StatusOK, b.put(v, v.OTP).status)
	require.Zero(t, b.bodies.Load())
}

func TestTheTextsOfCallersAreBounded(t *testing.T) {
	require.Less(t, maxRegistrations*(1+maxValidations)*maxControlBody, 40<<20)
}
