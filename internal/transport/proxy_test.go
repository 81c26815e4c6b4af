package transport_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
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

// proxy starts a small forward proxy, with tunnels for CONNECT and a fixed target for absolute URLs.
func proxy(t testing.TB, tunnels *atomic.Int32, authorization *atomic.Value) string {
	return rawServer(t, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		authorization.Store(request.Header.Get("Proxy-Authorization"))
		target, err := net.Dial("tcp", request.Host)
		if err != nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			return
		}
		defer target.Close()
		if request.Method == http.MethodConnect {
			tunnels.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		} else {
			request.RequestURI = ""
			request.Close = true
			_ = request.Write(target)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(target, reader)
			_ = target.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(conn, target)
		conn.Close()
		<-done
	})
}

func TestACallGoesThroughTheProxy(t *testing.T) {
	ours := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	t.Cleanup(plain.Close)
	for name, c := range map[string]struct {
		url     string
		want    string
		tunnels int32
	}{
		"https":           {secure(t, config, false).URL, "HTTP/1.1", 2},
		"https by HTTP/2": {secure(t, config, true).URL, "HTTP/2.0", 2},
		"http":            {plain.URL, "HTTP/1.1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var tunnels atomic.Int32
			var authorization atomic.Value
			client := newClient(t, transport.Options{CA: ours.pem, Proxy: "http://user:pass@" + proxy(t, &tunnels, &authorization)})
			require.Nil(t, client.Probe(t.Context(), c.url))
			e := client.Do(t.Context(), put(c.url))
			require.Nil(t, e.Failure)
			require.Equal(t, c.want, string(e.Answer.Body))
			require.Equal(t, c.tunnels, tunnels.Load())
			require.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("user:pass")), authorization.Load())
		})
	}
}

func TestAFailingProxyIsNamedAsTheCause(t *testing.T) {
	closed := func() string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		return listener.Addr().String()
	}()
	says := func(text string) string {
		return rawServer(t, func(conn net.Conn) {
			if readRequest(bufio.NewReader(conn)) != nil {
				_, _ = io.WriteString(conn, text)
			}
		})
	}
	for name, c := range map[string]struct {
		proxy, scheme, want string
		probe               bool // finds it too
	}{
		"refused":             {closed, "https", "the proxy could not be used: nobody listens on " + closed, true},
		"refused for http":    {closed, "http", "the proxy could not be used: nobody listens on " + closed, true},
		"wants a password":    {says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"), "https", "407 Proxy Authentication Required: give its name and password", true},
		"wants it for http":   {says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"), "http", "407 Proxy Authentication Required: give its name and password", false},
		"does not reach it":   {says("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), "https", "502 Bad Gateway", true},
		"hangs up":            {says(""), "https", "did not answer the request for a tunnel", true},
		"is no proxy":         {says("SSH-2.0\r\n\r\n"), "https", "did not answer the request for a tunnel", true},
		"name does not exist": {"no..name:3128", "https", `the name "no..name" does not resolve`, true},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, transport.Options{Proxy: "http://" + c.proxy})
			e := client.Do(t.Context(), put(c.scheme+"://127.0.0.1:1/"))
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseProxy, e.Failure.Cause, e.Failure.Message)
			require.Contains(t, e.Failure.Message, c.want)
			require.False(t, e.Failure.Sent)
			if c.probe {
				require.Equal(t, e.Failure, client.Probe(t.Context(), c.scheme+"://127.0.0.1:1/"))
			}
		})
	}
}

func TestAProxyThatHangsUpAfterTheRequestMayHavePassedItOn(t *testing.T) {
	address := rawServer(t, func(conn net.Conn) { readRequest(bufio.NewReader(conn)) })
	e := newClient(t, transport.Options{Proxy: "http://" + address}).Do(t.Context(), put("http://127.0.0.1:1/"))
	require.Equal(t, exchange.CauseLost, e.Failure.Cause, e.Failure.Message)
	require.True(t, e.Failure.Sent)
}

func TestFailuresDoNotContainTheProxysPassword(t *testing.T) {
	_, err := transport.New(transport.Options{Proxy: "http://user:hunter22@ proxy"})
	require.ErrorContains(t, err, "write it like http://proxy.example.test:3128")
	require.NotContains(t, err.Error(), "hunter22")
	e := newClient(t, transport.Options{Proxy: "http://user:hunter22@127.0.0.1:1"}).Do(t.Context(), put("https://127.0.0.1:1/"))
	require.Equal(t, exchange.CauseProxy, e.Failure.Cause)
	require.NotContains(t, fmt.Sprintf("%+v", *e.Failure), "hunter22")
}

func TestProxyOfATarget(t *testing.T) {
	for _, name := range []string{"http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	for name, c := range map[string]struct {
		variable, given, target string
		proxy, err              string
	}{
		"none":                      {"", "", "http://api.example.test/x", "", ""},
		"the variable's":            {"http://user:s3cr3t@proxy.test:3128", "", "http://api.example.test/x", "proxy.test:3128", ""},
		"without a scheme":          {"proxy.test:3128", "", "http://api.example.test", "proxy.test:3128", ""},
		"loopback needs none":       {"proxy.test:3128", "", "http://127.0.0.1:9000", "", ""},
		"another scheme's":          {"proxy.test:3128", "", "https://api.example.test", "", ""},
		"the given one":             {"other.test:1", "https://proxy.test:3128", "https://127.0.0.1:1", "proxy.test:3128", ""},
		"the embedded target":       {"proxy.test:3128", "", "", "", ""},
		"a port that is none":       {"http://user:s3cr3t@proxy.test:port", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"a port beyond all":         {"proxy.test:70000", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"no host":                   {"http://", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"another kind of proxy":     {"ftp://proxy.test:21", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"words":                     {"see the wiki", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"half an address":           {"http://[::1", "", "http://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
		"wrong where it is not due": {"http://", "", "https://a.test", "", "the variable HTTP_PROXY is not an http, https or socks5 URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTP_PROXY", c.variable)
			proxy, err := transport.Proxy(c.given, c.target)
			_, made := transport.New(transport.Options{Proxy: c.given})
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.NotContains(t, err.Error(), "s3cr3t")
				require.Equal(t, err, made)
				return
			}
			require.NoError(t, err)
			require.NoError(t, made)
			if proxy == nil {
				require.Empty(t, c.proxy)
				return
			}
			require.Equal(t, c.proxy, proxy.Host)
		})
	}
}
