package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func TestFailureCauses(t *testing.T) {
	from, to := time.Date(2027, 1, 31, 6, 30, 0, 0, time.UTC), time.Date(2027, 2, 1, 18, 0, 0, 0, time.UTC)
	certificate := &x509.Certificate{NotBefore: from, NotAfter: to}
	for name, c := range map[string]struct {
		err     error
		cause   exchange.Cause
		message string
	}{
		"not yet valid": {
			x509.CertificateInvalidError{Cert: certificate, Reason: x509.Expired, Detail: "current time 2027-01-31T05:00:00Z is before 2027-01-31T06:30:00Z"}, exchange.CauseTLS,
			"the certificate of api.test is not valid at this time (2027-01-31 06:30 UTC to 2027-02-01 18:00 UTC): it is not valid yet; is the clock of this machine right?",
		},
		"expired": {
			x509.CertificateInvalidError{Cert: certificate, Reason: x509.Expired, Detail: "current time 2027-02-02T05:00:00Z is after 2027-02-01T18:00:00Z"}, exchange.CauseTLS,
			"the certificate of api.test is not valid at this time (2027-01-31 06:30 UTC to 2027-02-01 18:00 UTC): it has expired",
		},
		"no files left for a socket": {
			&net.OpError{Op: "dial", Err: syscall.EMFILE}, exchange.CauseInternal, "too many files are open: lower concurrency, or raise the limit of open files",
		},
		"no files left to look up a name": {
			&net.DNSError{UnwrapErr: syscall.ENFILE, Name: "api.test"}, exchange.CauseInternal, "too many files are open: lower concurrency, or raise the limit of open files",
		},
		"headers that break HTTP/2": {
			errors.New("stream error: stream ID 1; PROTOCOL_ERROR; malformed non-numeric status pseudo header"), exchange.CauseProtocol,
			"what came is not a valid HTTP answer, or only the beginning of one: stream error: stream ID 1; PROTOCOL_ERROR; malformed non-numeric status pseudo header",
		},
		"a stream that the server gave up": {
			errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer"), exchange.CauseLost, "the connection was closed before an answer came",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := New(Options{Proxy: "http://127.0.0.1:1"})
			require.NoError(t, err)
			defer client.Close()
			p := &progress{}
			p.connected.Store(true)
			cause, message := client.classify(t.Context(), context.Background(), p, &url.URL{Scheme: "https", Host: "api.test"}, c.err)
			require.Equal(t, c.cause, cause)
			require.Equal(t, c.message, message)
		})
	}
}

func TestWait(t *testing.T) {
	require.NoError(t, Wait(t.Context(), 0))
	require.NoError(t, Wait(t.Context(), time.Microsecond))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, Wait(ctx, time.Hour), context.Canceled)
	require.ErrorIs(t, Wait(ctx, 0), context.Canceled)
}

// They are recognised on every system, because no other system uses these numbers.
func TestErrorsOfWindowsSocketsAreRecognised(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	of := func(call string, number syscall.Errno) error {
		return &net.OpError{Op: "dial", Addr: address, Err: os.NewSyscallError(call, number)}
	}
	require.Equal(t, "nobody listens on 127.0.0.1:8080: connection refused", whyUnreachable(of("connectex", 10061)))
	for _, number := range []syscall.Errno{10049, 10051, 10065} {
		require.Equal(t, "there is no route to 127.0.0.1:8080", whyUnreachable(of("connectex", number)))
	}
	for _, number := range []syscall.Errno{10053, 10054} {
		require.True(t, lost(of("wsarecv", number)))
	}
	require.False(t, lost(of("wsarecv", 10061)))
}
