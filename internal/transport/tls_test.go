package transport_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// authority signs certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t testing.TB) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// issue returns a certificate for a name or address that expires at a time, and its key, both in PEM.
func (a *authority) issue(t testing.TB, name string, until time.Time) (certificate, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key)
	require.NoError(t, err)
	text, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
}

func (a *authority) pair(t testing.TB, name string, until time.Time) tls.Certificate {
	pair, err := tls.X509KeyPair(a.issue(t, name, until))
	require.NoError(t, err)
	return pair
}

// secure starts an HTTPS server that answers with the protocol of the request.
func secure(t testing.TB, config *tls.Config, http2 bool) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS, server.EnableHTTP2 = config, http2
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestCertificateProblems(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	demanding := &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	demanding.ClientCAs.AddCert(ours.certificate)
	strangerCert, strangerKey := theirs.issue(t, "stranger", soon)
	for name, c := range map[string]struct {
		certificate tls.Certificate
		config      *tls.Config
		options     transport.Options
		want        string
		later       bool // only a call finds it, not Probe
	}{
		"expired":                                {ours.pair(t, "127.0.0.1", time.Now().Add(-time.Hour)), &tls.Config{}, transport.Options{}, "has expired", false},
		"not yet valid":                          {ours.pair(t, "127.0.0.1", time.Now().Add(100*time.Hour)), &tls.Config{}, transport.Options{}, "not valid at this time", false},
		"unknown authority":                      {theirs.pair(t, "127.0.0.1", soon), &tls.Config{}, transport.Options{}, "signed by an unknown authority: if it is the provider's own, name it in tls.ca_file", false},
		"another name":                           {ours.pair(t, "other.example.test", soon), &tls.Config{}, transport.Options{ServerName: "api.example.test"}, "other.example.test, not api.example.test", false},
		"another address":                        {ours.pair(t, "127.0.0.9", soon), &tls.Config{}, transport.Options{}, "the certificate is not for 127.0.0.1", false},
		"old TLS":                                {ours.pair(t, "127.0.0.1", soon), &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, transport.Options{}, "protocol version", false},
		"client certificate demanded":            {ours.pair(t, "127.0.0.1", soon), demanding, transport.Options{}, "127.0.0.1 asks for a client certificate, and none is set: set tls.client_cert_file and tls.client_key_file", true},
		"client certificate of a stranger":       {ours.pair(t, "127.0.0.1", soon), demanding, transport.Options{ClientCert: strangerCert, ClientKey: strangerKey}, "127.0.0.1 asks for a client certificate and does not take the one of tls.client_cert_file", true},
		"client certificate demanded in TLS 1.2": {ours.pair(t, "127.0.0.1", soon), oldest(demanding), transport.Options{}, "127.0.0.1 asks for a client certificate, and none is set: set tls.client_cert_file and tls.client_key_file", false},
	} {
		t.Run(name, func(t *testing.T) {
			config := c.config.Clone()
			config.Certificates = []tls.Certificate{c.certificate}
			server := secure(t, config, false)
			c.options.CA = ours.pem
			client := newClient(t, c.options)
			e := client.Do(t.Context(), put(server.URL))
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseTLS, e.Failure.Cause, e.Failure.Message)
			require.Contains(t, e.Failure.Message, c.want)
			failure := client.Probe(t.Context(), server.URL)
			if c.later {
				return
			}
			require.False(t, e.Failure.Sent)
			require.NotNil(t, failure)
			require.Equal(t, *e.Failure, *failure)
		})
	}
}

func oldest(config *tls.Config) *tls.Config {
	config = config.Clone()
	config.MaxVersion = tls.VersionTLS12
	return config
}

func TestACallOverTLSIsAnswered(t *testing.T) {
	ours, soon := newAuthority(t), time.Now().Add(time.Hour)
	demanding := &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	demanding.ClientCAs.AddCert(ours.certificate)
	cert, key := ours.issue(t, "client", soon)
	for name, c := range map[string]struct {
		certificate tls.Certificate
		config      *tls.Config
		options     transport.Options
		http2       bool
		want        string
	}{
		"own authority":      {ours.pair(t, "127.0.0.1", soon), &tls.Config{}, transport.Options{CA: ours.pem}, false, "HTTP/1.1"},
		"HTTP/2":             {ours.pair(t, "127.0.0.1", soon), &tls.Config{}, transport.Options{CA: ours.pem}, true, "HTTP/2.0"},
		"client certificate": {ours.pair(t, "127.0.0.1", soon), demanding, transport.Options{CA: ours.pem, ClientCert: cert, ClientKey: key}, true, "HTTP/2.0"},
		"server name":        {ours.pair(t, "api.example.test", soon), &tls.Config{}, transport.Options{CA: ours.pem, ServerName: "api.example.test"}, true, "HTTP/2.0"},
		"no verification":    {newAuthority(t).pair(t, "x.example.test", soon), &tls.Config{}, transport.Options{InsecureSkipVerify: true}, true, "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			config := c.config.Clone()
			config.Certificates = []tls.Certificate{c.certificate}
			server := secure(t, config, c.http2)
			client := newClient(t, c.options)
			require.Nil(t, client.Probe(t.Context(), server.URL))
			for range 3 {
				e := client.Do(t.Context(), put(server.URL))
				require.Nil(t, e.Failure)
				require.Equal(t, c.want, string(e.Answer.Body))
				require.Equal(t, c.want, e.Answer.Proto)
			}
		})
	}
}

func TestHTTP2ConnectionsAreReused(t *testing.T) {
	ours := newAuthority(t)
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.TLS, server.EnableHTTP2 = &tls.Config{Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}}, true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := newClient(t, transport.Options{CA: ours.pem})
	for range 5 {
		require.Equal(t, "HTTP/2.0", client.Do(t.Context(), put(server.URL)).Answer.Proto)
	}
	require.Equal(t, int32(1), connections.Load())
}

func TestAnHTTPServerUnderAnHTTPSURLIsATLSFailure(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	client := newClient(t, transport.Options{})
	url := "https" + server.URL[len("http"):]
	e := client.Do(t.Context(), put(url))
	require.Equal(t, exchange.CauseTLS, e.Failure.Cause, e.Failure.Message)
	require.Contains(t, e.Failure.Message, "http://")
	require.Equal(t, e.Failure, client.Probe(t.Context(), url))
}

func TestAServerThatHangsUpInTheHandshakeIsATLSFailure(t *testing.T) {
	url := "https://" + rawServer(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
	})
	e := newClient(t, transport.Options{}).Do(t.Context(), put(url))
	require.Equal(t, exchange.CauseTLS, e.Failure.Cause, e.Failure.Message)
	require.False(t, e.Failure.Sent)
}

func TestARefusedClientCertificateIsOneFailureWheneverTLSNoticesIt(t *testing.T) {
	ours := newAuthority(t)
	pair := ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))
	certificate, key := newAuthority(t).issue(t, "stranger", time.Now().Add(time.Hour))
	demands := &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	asks := &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert}
	read := func(conn *tls.Conn) {
		_ = conn.Handshake() // where it fails, that is the point
		_, _ = conn.Read(make([]byte, 1))
	}
	for name, c := range map[string]struct {
		config *tls.Config
		serve  func(conn *tls.Conn, raw net.Conn)
	}{
		"an alert":                  {demands, func(conn *tls.Conn, _ net.Conn) { read(conn) }},
		"an alert in TLS 1.2":       {oldest(demands), func(conn *tls.Conn, _ net.Conn) { read(conn) }},
		"the end of the connection": {asks, func(conn *tls.Conn, _ net.Conn) { read(conn); conn.Close() }},
		"a reset": {asks, func(conn *tls.Conn, raw net.Conn) {
			read(conn)
			_ = raw.(*net.TCPConn).SetLinger(0)
		}},
		"the end without an alert":            {asks, func(conn *tls.Conn, _ net.Conn) { read(conn) }},
		"the end without an alert in TLS 1.2": {oldest(asks), func(conn *tls.Conn, _ net.Conn) { read(conn) }},
	} {
		t.Run(name, func(t *testing.T) {
			url := "https://" + rawServer(t, func(raw net.Conn) { c.serve(tls.Server(raw, c.config), raw) })
			for options, want := range map[*transport.Options]string{
				{CA: ours.pem}: "127.0.0.1 asks for a client certificate, and none is set: set tls.client_cert_file and tls.client_key_file",
				{CA: ours.pem, ClientCert: certificate, ClientKey: key}: "127.0.0.1 asks for a client certificate and does not take the one of tls.client_cert_file: is it valid, and does the target trust who signed it?",
			} {
				client := newClient(t, *options)
				for range 5 {
					e := client.Do(t.Context(), put(url))
					require.Nil(t, e.Answer)
					require.Equal(t, exchange.CauseTLS, e.Failure.Cause, e.Failure.Message)
					require.Equal(t, want, e.Failure.Message)
				}
			}
		})
	}
}

func TestALostConnectionIsNotBlamedOnAnOptionalClientCertificate(t *testing.T) {
	ours := newAuthority(t)
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if calls.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}, ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	client := newClient(t, transport.Options{CA: ours.pem})
	require.Nil(t, client.Do(t.Context(), put(server.URL)).Failure)
	require.Equal(t, exchange.CauseLost, client.Do(t.Context(), put(server.URL)).Failure.Cause)
}
