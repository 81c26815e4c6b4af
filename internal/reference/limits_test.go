package reference

import (
	"encoding/json"
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

func TestALongFieldIsRefusedByName(t *testing.T) {
	b := newBench(t, Options{})
	own := b.state(t, StatePending)
	for field, limit := range map[string]int{
		"phone": 64, "countryCode": 64, "project": 64, "projectFlow": 64, "language": 64, "email": 320, "fullName": 320,
		"webhookUrl": 2048, "redirectUrl": 2048, "identityUrl": 2048, "phoneGateway": 64, "anything": 64,
	} {
		for path, token := range map[string]string{"/v2/app-registrations": "x", "/v2/phone-validations/app-registration": own.Token} {
			body, err := json.Marshal(map[string]string{field: strings.Repeat("é", limit/2) + "!"})
			require.NoError(t, err)
			r := b.call(http.MethodPost, path, "Bearer "+token, string(body))
			require.Equal(t, http.StatusConflict, r.status)
			require.Contains(t, r.body, "Invalid "+field+". It should have at most")
		}
	}
	r := b.call(http.MethodPost, "/v2/app-registrations", "Bearer x", `{"email":"`+strings.Repeat("x", maxControlBody)+`"}`)
	require.Equal(t, http.StatusRequestEntityTooLarge, r.status)
}

func TestTheTextsOfCallersAreBounded(t *testing.T) {
	sum := func(fields ...string) (bytes int) {
		for _, field := range fields {
			bytes += fieldLimit(field)
		}
		return bytes
	}
	registration := sum("project", "projectFlow", "phone", "countryCode", "email", "fullName", "language", "phoneGateway", "webhookUrl")
	validation := sum("project", "projectFlow", "phone", "countryCode", "phoneGateway", "webhookUrl")
	require.Less(t, maxRegistrations*(registration+maxValidations*validation), 32<<20)
}
