// Package transport makes one call and records it as an Exchange, exactly as it happened: it follows, repeats and repairs
// nothing, and no answer of a target is an error of the tool.
//
// net/http logs, and quotes, what a server sends unasked on an idle connection; HTTP/2 logs too. A program that uses this
// package should discard the standard logger's output: log.SetOutput(io.Discard).
package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"verifik-contract/internal/exchange"
)

// Call is one call to make.
type Call struct {
	Purpose exchange.Purpose
	Label   string // what it is for, in words
	Method  string
	URL     string               // absolute, http or https
	Header  textproto.MIMEHeader // the only source of Content-Type and Authorization
	Body    []byte               // must not be changed afterwards: the Exchange holds it
	NoRetry bool                 // not again after a 429: the caller does that

	// Fresh makes the call over a new connection: for calls that cannot be made again with a new state if a reused connection
	// is lost (Failure.Stale).
	Fresh bool
}

// DefaultTimeout is how long a call may take unless the options say otherwise.
const DefaultTimeout = 10 * time.Second

// maxHeader is how many bytes an answer's header may have.
const maxHeader = 256 << 10

// Options configures a client. The zero value uses the proxy of the usual variables, if any, and trusts the system's
// authorities.
type Options struct {
	Timeout            time.Duration     // of one call, all of it; 0: DefaultTimeout
	Rate               float64           // calls a second over all goroutines; 0: no limit
	Headers            map[string]string // of every call, replacing the call's own; never Authorization or Content-Type
	Proxy              string            // URL; "": HTTPS_PROXY, HTTP_PROXY and NO_PROXY decide, which never concern loopback
	CA                 []byte            // PEM; the only authorities that are trusted; empty: the system's
	AddSystemCA        bool              // the system's authorities are trusted beside CA
	ClientCert         []byte            // PEM; empty: none
	ClientKey          []byte            // PEM
	ServerName         string            // asked for, and expected in the certificate; "": the URL's host
	InsecureSkipVerify bool
	UserAgent          string // "": "verifik-contract"
	Concurrency        int    // connections that are kept for reuse; 0: one

	// Pause waits between an attempt, counted from 1, and the next. retryAfter is what the answer asked for. It returns the
	// context's error if that ends first. nil: waits for Backoff.
	Pause func(ctx context.Context, attempt int, retryAfter time.Duration) error
}

// maxIdle is how long a connection may be idle and still be used again. If a server closes one while a request is on its
// way, nobody can tell whether the request was processed. So it is an eighth of the shortest known default of a server (gunicorn
// 2 s; node, Apache httpd and uvicorn 5 s, Tomcat 20 s, nginx 75 s, Go for ever). It is no longer because some servers serve one
// connection at a time until it closes, and no shorter because a state is made between two PUTs.
const maxIdle = 250 * time.Millisecond

// maxStale is how many calls in a row may be lost over reused connections before no connection is reused any more.
const maxStale = 3

// maxQueued is how many calls in a row over new connections may have waited for an idle connection to be closed before none is
// kept any more: such a server serves one connection at a time. A call counts as one if its answer took at least queuedFor
// and began within queuedUntil of the close. If that happens by chance, only time is lost.
const (
	maxQueued   = 3
	queuedFor   = maxIdle / 2
	queuedUntil = maxIdle / 10
)

// Client makes calls. It is safe for concurrent use.
type Client struct {
	reusing    *http.Transport // reuses connections
	single     *http.Transport // does not, except those of HTTP/2
	stale      atomic.Int32    // calls in a row that were lost on reused connections
	queued     atomic.Int32    // calls in a row that waited for an idle connection to be closed
	lastClosed atomic.Int64    // when a connection was last closed, in Unix nanoseconds
	proxy      func(target *url.URL) (*url.URL, error)
	limiter    *rate.Limiter // nil: no limit
	timeout    time.Duration
	headers    map[string]string
	agent      string
	pause      func(ctx context.Context, attempt int, retryAfter time.Duration) error
	closed     context.Context
	close      context.CancelFunc

	certificateAsked sync.Map // hosts that asked for a client certificate and have not answered yet
}

// New returns a client. An error says which option is wrong, and never contains a key.
func New(o Options) (*Client, error) {
	c := &Client{timeout: cmp.Or(o.Timeout, DefaultTimeout), headers: o.Headers, agent: cmp.Or(o.UserAgent, "verifik-contract"), pause: o.Pause}

	if o.Rate > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(o.Rate), 1)
	}
	var err error
	if c.proxy, err = proxyFunc(o.Proxy); err != nil {
		return nil, err
	}
	config, err := TLSConfig(o)
	if err != nil {
		return nil, err
	}
	c.closed, c.close = context.WithCancel(context.Background())
	config.GetClientCertificate = func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if host, ok := asked.Context().Value(hostKey{}).(string); ok {
			c.certificateAsked.Store(host, true)
		}
		for i := range config.Certificates {
			if asked.SupportsCertificate(&config.Certificates[i]) == nil {
				return &config.Certificates[i], nil
			}
		}
		return new(tls.Certificate), nil // shows none
	}
	c.reusing, c.single = c.newTransport(config, max(o.Concurrency, 1)), c.newTransport(config, -1)
	return c, nil
}

// newTransport returns a transport that keeps up to idle HTTP/1 connections to a host; negative: none.
func (c *Client) newTransport(config *tls.Config, idle int) *http.Transport {
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return c.proxy(r.URL) },
		DialContext:            c.dialer(nil),
		DialTLSContext:         c.dialer(config),
		TLSClientConfig:        config.Clone(), // net/http writes into it
		TLSHandshakeTimeout:    c.timeout,
		DisableCompression:     true, // this package unzips answers itself, within limits
		MaxIdleConnsPerHost:    idle,
		IdleConnTimeout:        maxIdle,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return &proxyRefusal{status: answer.StatusCode}
			}
			return nil
		},
	}
}

// dialer returns a function that connects as net/http does, with TLS if encrypt is not nil, but through a conn that sees the
// decrypted HTTP/1. net/http goes on connecting for the next call after the call that needed it has given up; closing the client
// ends that.
func (c *Client) dialer(encrypt *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		defer context.AfterFunc(c.closed, cancel)()
		tcp, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		plain := newConn(tcp, &c.lastClosed)
		if encrypt == nil {
			return plain, nil
		}
		config := encrypt.Clone()
		config.NextProtos = []string{"h2", "http/1.1"}
		if config.ServerName == "" {
			config.ServerName, _, _ = net.SplitHostPort(address)
		}
		encrypted := tls.Client(plain, config)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			_ = plain.Close()
			return nil, err
		}
		if encrypted.ConnectionState().NegotiatedProtocol == "h2" {
			return encrypted, nil
		}
		return newConn(encrypted, &c.lastClosed), nil
	}
}

// hostKey is the context key of the host that a connection is made for.
type hostKey struct{}

// Pause waits between an attempt and the next, as Options.Pause says.
func (c *Client) Pause(ctx context.Context, attempt int, retryAfter time.Duration) error {
	if c.pause != nil {
		return c.pause(ctx, attempt, retryAfter)
	}
	return Wait(ctx, Backoff(attempt, retryAfter))
}

// Wait waits for d. If the context ends first, it returns the context's error.
func Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Close closes idle connections and gives up connecting. Running calls go on; later ones fail as interrupted.
func (c *Client) Close() {
	c.close()
	c.reusing.CloseIdleConnections()
	c.single.CloseIdleConnections()
}

// TLSConfig returns the TLS configuration that the options ask for.
func TLSConfig(o Options) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         o.ServerName,
		InsecureSkipVerify: o.InsecureSkipVerify,            // only if the environment asks for it
		ClientSessionCache: tls.NewLRUClientSessionCache(0), // saves full handshakes
	}
	if len(o.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if o.AddSystemCA {
			if system, err := x509.SystemCertPool(); err == nil {
				config.RootCAs = system
			}
		}
		if !config.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("ca_file holds no certificate: give one or more in PEM (-----BEGIN CERTIFICATE-----)")
		}
	}
	if len(o.ClientCert)+len(o.ClientKey) > 0 {
		pair, err := tls.X509KeyPair(o.ClientCert, o.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("client_cert_file and client_key_file are not a matching pair in PEM; set both, or neither: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Probe connects to the host of a base URL, through the proxy if there is one, with the TLS handshake of an https URL. It sends
// no HTTP request to the target, and returns nil on success.
//
// Under TLS 1.3 a server refuses a client certificate, or the lack of one, only after the handshake: the first call finds that.
func (c *Client) Probe(ctx context.Context, baseURL string) *exchange.Failure {
	target, err := url.Parse(baseURL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return &exchange.Failure{Cause: exchange.CauseInternal, Message: "the base URL is not an absolute http or https URL"}
	}
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	port := cmp.Or(target.Port(), map[string]string{"http": "80", "https": "443"}[target.Scheme])
	connection, err := c.single.NewClientConn(context.WithValue(timed, hostKey{}, target.Host), target.Scheme, net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return c.failure(ctx, timed, &progress{}, target, err)
	}
	_ = connection.Close()
	return nil
}
