// Package transport performs one call and records it as an Exchange, as it really happened: nothing is followed,
// repeated or repaired on the way, and no answer that a target may give is an error of the tool.
//
// net/http writes to the standard logger where a server speaks without being asked on a connection that is kept, and
// quotes what it said; HTTP/2 writes there too. A program that uses this package should point that logger nowhere:
// log.SetOutput(io.Discard).
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
	Header  textproto.MIMEHeader // Content-Type and Authorization come only from here
	Body    []byte               // must not be changed afterwards: the Exchange holds it
	Once    bool                 // whatever the answer is: who calls waits, and calls again

	// Fresh keeps a call off connections that were used before: for those that nobody can make again with a new state
	// where such a connection is lost (Failure.Stale).
	Fresh bool
}

// DefaultTimeout is how long a call may take where the options set nothing.
const DefaultTimeout = 10 * time.Second

// maxHeader is how many bytes of an answer's header are read.
const maxHeader = 256 << 10

// Options is how a client calls. The zero value calls directly, with the usual proxy variables, and trusts
// the system's authorities.
type Options struct {
	Timeout            time.Duration     // of one call, all of it; 0: DefaultTimeout
	Rate               float64           // calls a second over all goroutines; 0: no limit
	Headers            map[string]string // sent with each call, in place of the call's own of that name; never Authorization or Content-Type
	Proxy              string            // URL, for every target; "": HTTPS_PROXY, HTTP_PROXY and NO_PROXY decide, which never concern loopback
	CA                 []byte            // PEM of the only authorities that are trusted; empty: the system's
	SystemToo          bool              // trust the system's authorities beside CA
	ClientCert         []byte            // PEM; empty: none is shown
	ClientKey          []byte            // PEM
	ServerName         string            // that the certificate must be for, and that is asked for; "": the URL's host
	InsecureSkipVerify bool
	UserAgent          string // "": "verifik-contract"
	Concurrency        int    // calls at once that connections are kept for; 0: one

	// Pause waits before the attempt after one of which an answer asked to wait so long, or until the context ends and then returns
	// its error; nil: for Backoff.
	Pause func(ctx context.Context, attempt int, asked time.Duration) error
}

// mostIdle is how long a connection may be idle and still be used again. Where a server closes one while a request is on
// its way, nobody can tell whether the request was processed: it is an eighth of the least that a server is known to wait by
// default (gunicorn 2 s; node, Apache httpd and uvicorn 5 s, Tomcat 20 s, nginx 75 s, Go for ever). No longer, since there are
// servers that serve one connection until it closes, whoever else waits; no shorter, since a state is made between two PUTs.
const mostIdle = 250 * time.Millisecond

// mostStale is how many calls in a row, of those over used connections, may be lost before no connection is used again.
const mostStale = 3

// mostQueued is how many calls in a row, of those over new connections, may have waited until an idle one was closed before no
// connection is kept: such a server serves one connection at a time. A call waited for that where its answer took queuedFor or
// longer, and began within queuedUntil of the close; where both come about by chance, only time is lost.
const (
	mostQueued  = 3
	queuedFor   = mostIdle / 2
	queuedUntil = mostIdle / 10
)

// Client makes calls. It is safe for concurrent use.
type Client struct {
	kept    *http.Transport // uses connections again
	own     *http.Transport // does not, but those of HTTP/2
	stale   atomic.Int32    // calls in a row that were lost on used connections
	queued  atomic.Int32    // calls in a row that waited for an idle connection to be closed
	left    atomic.Int64    // when a connection was closed last, in Unix nanoseconds
	proxy   func(target *url.URL) (*url.URL, error)
	limiter *rate.Limiter // nil: no limit
	timeout time.Duration
	headers map[string]string
	agent   string
	pause   func(ctx context.Context, attempt int, asked time.Duration) error
	closed  context.Context
	close   context.CancelFunc
	asking  sync.Map // hosts that asked for a client certificate and have not answered yet
}

// New returns a client. An error says which option is wrong and holds no key.
func New(o Options) (*Client, error) {
	c := &Client{timeout: cmp.Or(o.Timeout, DefaultTimeout), headers: o.Headers, agent: cmp.Or(o.UserAgent, "verifik-contract"), pause: o.Pause}
	if c.pause == nil {
		c.pause = func(ctx context.Context, attempt int, asked time.Duration) error {
			return Wait(ctx, Backoff(attempt, asked))
		}
	}
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
			c.asking.Store(host, true)
		}
		for i := range config.Certificates {
			if asked.SupportsCertificate(&config.Certificates[i]) == nil {
				return &config.Certificates[i], nil
			}
		}
		return new(tls.Certificate), nil // none, as without this function
	}
	c.kept, c.own = c.newTransport(config, max(o.Concurrency, 1)), c.newTransport(config, -1)
	return c, nil
}

// newTransport returns a transport that keeps so many idle HTTP/1 connections to a host; negative: none.
func (c *Client) newTransport(config *tls.Config, idle int) *http.Transport {
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return c.proxy(r.URL) },
		DialContext:            c.dialer(nil),
		DialTLSContext:         c.dialer(config),
		TLSClientConfig:        config.Clone(), // net/http writes into it
		TLSHandshakeTimeout:    c.timeout,
		DisableCompression:     true, // an answer is unzipped here, within limits
		MaxIdleConnsPerHost:    idle,
		IdleConnTimeout:        mostIdle,
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

// dialer returns what makes a connection, encrypted where there is a configuration, as net/http does it, but that an HTTP/1 answer is
// witnessed once it is decrypted. net/http lets a connection be made on, for the next call, when its call has given up. Closing the
// client ends that.
func (c *Client) dialer(encrypt *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		defer context.AfterFunc(c.closed, cancel)()
		tcp, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		plain := newConn(tcp, &c.left)
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
		return newConn(encrypted, &c.left), nil
	}
}

// hostKey is the context's key of the host that a connection is made for.
type hostKey struct{}

// Pause waits before the attempt after one, as the client does before it makes a call again. It ends with the context, and returns
// its error.
func (c *Client) Pause(ctx context.Context, attempt int, asked time.Duration) error {
	return c.pause(ctx, attempt, asked)
}

// Wait waits, or less long where the context ends, and returns the context's error.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes idle connections and gives up those that are being made. Running calls end as they would; later ones
// fail as interrupted.
func (c *Client) Close() {
	c.close()
	c.kept.CloseIdleConnections()
	c.own.CloseIdleConnections()
}

// TLSConfig returns how TLS is spoken with a target, as far as the options say.
func TLSConfig(o Options) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         o.ServerName,
		InsecureSkipVerify: o.InsecureSkipVerify,            // only where the environment asks for it
		ClientSessionCache: tls.NewLRUClientSessionCache(0), // many connections, but few full handshakes
	}
	if len(o.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if o.SystemToo {
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
			return nil, fmt.Errorf("client_cert_file and client_key_file are no pair in PEM; set both, or none: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Probe connects to where a base URL leads, through the proxy if there is one, and makes the TLS handshake of
// an https URL. It sends no HTTP request to the target. It returns nil where all that works.
//
// Under TLS 1.3 a server refuses a client's certificate, or the lack of one, only after the handshake: the
// first call finds that.
func (c *Client) Probe(ctx context.Context, baseURL string) *exchange.Failure {
	target, err := url.Parse(baseURL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return &exchange.Failure{Cause: exchange.CauseInternal, Message: "the base URL is not an absolute http or https URL"}
	}
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	connection, err := c.own.NewClientConn(context.WithValue(timed, hostKey{}, target.Host), target.Scheme, net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return c.failure(ctx, timed, &progress{}, target, err)
	}
	_ = connection.Close() // it was made, which is all that was asked
	return nil
}
