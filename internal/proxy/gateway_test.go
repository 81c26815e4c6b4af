package proxy_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/proxy"
)

// met is a request as a target got it.
type met struct {
	proto, uri, host, body string
	header, trailer        http.Header
}

// alerting is no version of HTTP: among those of a target it has it refuse a client that speaks none of the others.
const alerting = "alerting"

// secure starts a target that speaks these versions of HTTP over TLS.
func secure(t *testing.T, handler http.Handler, versions ...string) (target string, trust func(*proxy.Options)) {
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = versions[0] == "h2"
	server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		own := server.TLS.Clone()
		own.NextProtos, own.GetConfigForClient = versions, nil // httptest adds HTTP/1.1
		if slices.Contains(versions, alerting) && !slices.Contains(hello.SupportedProtos, "h2") {
			own.NextProtos = []string{alerting} // crypto/tls sends no alert to a client of HTTP/1.1 if "h2" is among them
		}
		return own, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server.URL, func(o *proxy.Options) { o.TLS = &tls.Config{RootCAs: pool} }
}

// client returns an HTTP/1 client.
func client(t *testing.T) *http.Transport {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// The versions of HTTP that a target speaks, and the one that the proxy uses.
var versions = map[string]struct {
	target []string // none: without TLS
	spoken string
}{
	"1":                  {nil, "HTTP/1.1"},
	"1 over TLS":         {[]string{"http/1.1"}, "HTTP/1.1"},
	"both":               {[]string{"h2", "http/1.1"}, "HTTP/1.1"},
	"2 and nothing else": {[]string{"h2"}, "HTTP/2.0"},
	"2, or an alert":     {[]string{"h2", alerting}, "HTTP/2.0"},
}

func TestTranslatingBetweenHTTPVersionsChangesNothingElse(t *testing.T) {
	body := "\x1f\x8b\x08 not really compressed"
	for name, v := range versions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := make(chan met, 1)
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				requests <- met{r.Proto, r.RequestURI, r.Host, string(sent), r.Header, r.Trailer}
				w.Header().Set("Link", "<x>")
				w.WriteHeader(http.StatusEarlyHints)
				w.Header()["Date"], w.Header()["Link"], w.Header()["Content-Type"] = nil, nil, nil
				w.Header()["X-Twice"] = []string{"a", "b"}
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Trailer", "X-Sum")
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, body)
				w.Header().Set("X-Sum", "1")
			})
			var target string
			trust := func(*proxy.Options) {}
			if v.target == nil {
				server := httptest.NewServer(handler)
				t.Cleanup(server.Close)
				target = server.URL
			} else {
				target, trust = secure(t, handler, v.target...)
			}
			address, told, stop := start(t, target, trust)
			var hints []string
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprint(status, h["Link"]))
				return nil
			}})
			r, err := http.NewRequestWithContext(ctx, "PUT", "http://"+address+path+"?a=%zz;b&c", io.MultiReader(strings.NewReader("{"), strings.NewReader("}")))
			require.NoError(t, err)
			r.Header = http.Header{"User-Agent": nil, "X-Forwarded-For": {"1.1.1.1"}, "Forwarded": {"for=x"}, "Authorization": {"Bearer t"}, "X-Two": {"a", "b"}}
			r.Trailer = http.Header{"X-End": {"2"}}
			answer, err := client(t).RoundTrip(r)
			require.NoError(t, err)
			got, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.Equal(t, body, string(got))
			require.Equal(t, 403, answer.StatusCode)
			answer.Header.Del("Content-Length") // of HTTP/2 targets, beside their trailers
			require.Equal(t, http.Header{"X-Twice": {"a", "b"}, "Content-Encoding": {"gzip"}}, answer.Header)
			require.Equal(t, http.Header{"X-Sum": {"1"}}, answer.Trailer)
			require.Equal(t, []string{"103 [<x>]"}, hints)

			request := <-requests
			require.Equal(t, v.spoken, request.proto)
			require.Equal(t, path+"?a=%zz;b&c", request.uri)
			require.Equal(t, target, target[:strings.Index(target, "//")+2]+request.host)
			require.Equal(t, "{}", request.body)
			require.Equal(t, http.Header{"X-Forwarded-For": {"1.1.1.1"}, "Forwarded": {"for=x"}, "Authorization": {"Bearer t"}, "X-Two": {"a", "b"}}, request.header)
			require.Equal(t, http.Header{"X-End": {"2"}}, request.trailer)

			stop()
			require.Len(t, told.exchanges, 1)
			e := told.exchanges[0]
			require.Equal(t, "{}", string(e.Request.Body))
			require.Equal(t, target+path+"?a=%zz;b&c", e.Request.URL)
			require.Equal(t, body, string(e.Answer.Body))
			require.Equal(t, []string{"1"}, e.Answer.Header["X-Sum"])
			require.Len(t, e.Answer.Early, 1)
		})
	}
}

func TestATruncatedAnswerLooksTruncatedInEveryHTTPVersion(t *testing.T) {
	for name, v := range versions {
		for _, when := range []string{"before the answer", "within it"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if when == "within it" {
						_, _ = io.WriteString(w, "{}")
						_ = http.NewResponseController(w).Flush()
					}
					panic(http.ErrAbortHandler)
				})
				var target string
				trust := func(*proxy.Options) {}
				if v.target == nil {
					server := httptest.NewServer(handler)
					t.Cleanup(server.Close)
					target = server.URL
				} else {
					target, trust = secure(t, handler, v.target...)
				}
				address, told, stop := start(t, target, trust)
				r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, strings.NewReader("{}"))
				require.NoError(t, err)
				answer, err := client(t).RoundTrip(r)
				if when == "within it" {
					require.NoError(t, err)
					_, err = io.ReadAll(answer.Body)
				}
				require.Error(t, err)
				stop()
				require.Len(t, told.exchanges, 1)
				require.Nil(t, told.exchanges[0].Answer)
			})
		}
	}
}

func TestAnUnreachableTargetIsAnswered502(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := listener.Addr().String()
	require.NoError(t, listener.Close())
	strange, _ := secure(t, http.NotFoundHandler(), "h2", "http/1.1")
	for name, c := range map[string]struct{ target, why string }{
		"nobody listens":         {"http://" + gone, "nobody listens on " + gone},
		"nobody listens, TLS":    {"https://" + gone, "nobody listens on " + gone},
		"an unknown certificate": {strange, "signed by an unknown authority: if it is the provider's own, name it in --ca-file"},
	} {
		t.Run(name, func(t *testing.T) {
			address, told, stop := start(t, c.target, func(o *proxy.Options) { o.TLS = &tls.Config{} })
			for _, body := range []string{"{}", strings.Repeat("x", 300_000)} {
				r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, strings.NewReader(body))
				require.NoError(t, err)
				answer, err := client(t).RoundTrip(r)
				require.NoError(t, err)
				require.Equal(t, 502, answer.StatusCode)
				said, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				require.Contains(t, string(said), "verifik-contract proxy: the target was not reached: ")
				require.Contains(t, string(said), c.why)
			}
			stop()
			require.Len(t, told.exchanges, 2)
			for _, e := range told.exchanges {
				require.Nil(t, e.Answer)
				require.Contains(t, e.Failure.Message, c.why)
			}
		})
	}
}

func TestCloseEndsRunningExchanges(t *testing.T) {
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	address, told, stop := start(t, server.URL)
	idle, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer idle.Close()
	failed := make(chan error, 1)
	go func() {
		r, _ := http.NewRequestWithContext(context.WithoutCancel(t.Context()), "PUT", "http://"+address+path, bytes.NewReader([]byte("{}")))
		_, err := client(t).RoundTrip(r)
		failed <- err
	}()
	<-asked
	stop()
	require.Error(t, <-failed)
	require.Len(t, told.exchanges, 1)
	require.Nil(t, told.exchanges[0].Answer)
}

func TestATargetThatAsksForAClientCertificateSaysHowToGiveOne(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	for version, alert := range map[uint16]string{tls.VersionTLS12: "handshake failure", tls.VersionTLS13: "certificate required"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		address, told, stop := start(t, "https://"+listener.Addr().String(), func(o *proxy.Options) { o.TLS = &tls.Config{InsecureSkipVerify: true} })
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			config := &tls.Config{Certificates: server.TLS.Certificates, MaxVersion: version, NextProtos: []string{"http/1.1"}, ClientAuth: tls.RequireAnyClientCert}
			_ = tls.Server(conn, config).Handshake()
			_, _ = io.Copy(io.Discard, conn) // a reset could overtake the alert
			_ = conn.Close()
		}()
		r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, strings.NewReader("{}"))
		require.NoError(t, err)
		answer, err := client(t).RoundTrip(r)
		if version == tls.VersionTLS12 { // later the client has already been connected
			require.NoError(t, err)
			require.Equal(t, 502, answer.StatusCode)
			require.NoError(t, answer.Body.Close())
		} else {
			require.Error(t, err)
		}
		require.NoError(t, listener.Close())
		stop()
		require.Len(t, told.exchanges, 1)
		require.Equal(t, "the server refused the TLS connection: tls: "+alert+"; does it ask for a client certificate that it trusts? Give --client-cert-file and --client-key-file",
			told.exchanges[0].Failure.Message)
	}
}

func TestAClientOfHTTP2PassesUnread(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	address, told, stop := start(t, server.URL)
	modern := &http.Transport{Protocols: server.Config.Protocols}
	r, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+address+path, strings.NewReader("{}"))
	require.NoError(t, err)
	answer, err := modern.RoundTrip(r)
	require.NoError(t, err)
	got, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "HTTP/2.0", string(got))
	modern.CloseIdleConnections()
	stop()
	require.Empty(t, told.exchanges)
	require.EqualValues(t, 1, told.missed.Load())
	require.Equal(t, "the client speaks HTTP/2, which is not read", told.why.Load())
	require.Zero(t, told.leftOut.Load())
}

func TestAClientOfHTTP2IsAnswered502BeforeATargetOverTLS(t *testing.T) {
	for _, version := range []string{"http/1.1", "h2"} {
		var served atomic.Int32
		target, trust := secure(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }), version)
		address, told, stop := start(t, target, trust)
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		_, err = io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 502 Bad Gateway", strings.SplitN(string(answer), "\r\n", 2)[0])
		require.Contains(t, string(answer), "speak HTTP/1.1 to it")
		require.NoError(t, conn.Close())
		stop()
		require.Zero(t, served.Load())
		require.Empty(t, told.exchanges)
		require.EqualValues(t, 1, told.missed.Load())
		require.Equal(t, "the client speaks HTTP/2, which is not read", told.why.Load())
		require.Zero(t, told.leftOut.Load())
	}
}
