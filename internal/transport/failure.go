package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
)

// proxyRefusal is the error of a proxy that answers a request itself instead of passing it on.
type proxyRefusal struct{ status int }

// Error implements error.
func (p *proxyRefusal) Error() string {
	text := fmt.Sprintf("the proxy answered %d %s", p.status, http.StatusText(p.status))
	if p.status == http.StatusProxyAuthRequired {
		text += ": give its name and password in the proxy's URL"
	}
	return text
}

// clientClosed is the message of a call on a closed client.
const clientClosed = "the client was closed before a connection was made"

// unprocessed reports whether a server said over HTTP/2 that it did not process the request, so that it can be sent again.
// net/http does not export the types of these errors, and wraps them in "cannot retry": hence the look at the text.
func unprocessed(err error) bool {
	text := err.Error()
	return strings.Contains(text, "cannot retry err [") &&
		(strings.Contains(text, "; REFUSED_STREAM") || strings.Contains(text, "graceful shutdown GOAWAY]"))
}

// ended returns the cause and message of a call that ended because its context did.
func ended(ctx context.Context, interrupted, late string) (exchange.Cause, string) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return exchange.CauseInterrupted, interrupted
	}
	return exchange.CauseTimeout, late
}

// failure returns why no complete answer came. The caller's context distinguishes an interrupt from a timeout.
func (c *Client) failure(caller, timed context.Context, p *progress, target *url.URL, err error) *exchange.Failure {
	f := &exchange.Failure{Sent: p.connected.Load() && !p.unprocessed, Begun: p.answered}
	f.Cause, f.Message = c.classify(caller, timed, p, target, err)
	f.Stale = f.Sent && p.used.Load() && f.Cause == exchange.CauseLost && (p.rejected || !p.firstByte.Load())
	return f
}

func (c *Client) classify(caller, timed context.Context, p *progress, target *url.URL, err error) (exchange.Cause, string) {
	connected, closed := p.connected.Load(), lost(err)
	timeout, _ := errors.AsType[net.Error](err)
	refusal, _ := errors.AsType[*proxyRefusal](err)
	operation, _ := errors.AsType[*net.OpError](err)
	proxy, _ := c.proxy(target)
	certificateRefused, untrusted := c.certificateRefused(p, target, err), certificate(err, target.Hostname(), caFile)
	switch {
	case c.closed.Err() != nil && !connected:
		return exchange.CauseInterrupted, clientClosed
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return exchange.CauseInternal, whyUnreachable(err)
	case caller.Err() != nil, timed.Err() != nil, timeout != nil && timeout.Timeout() && !isDNS(err):
		return ended(caller, "the run was interrupted during the call", c.timedOut(p))
	case refusal != nil:
		return exchange.CauseProxy, refusal.Error()
	case operation != nil && (operation.Op == "proxyconnect" || operation.Op == "socks connect"):
		return exchange.CauseProxy, "the proxy could not be used: " + whyUnreachable(operation.Err)
	case certificateRefused != "":
		return exchange.CauseTLS, certificateRefused
	case untrusted != "":
		return exchange.CauseTLS, untrusted
	case isDNS(err):
		return exchange.CauseDNS, whyUnreachable(err)
	case operation != nil && operation.Op == "dial":
		return exchange.CauseRefused, whyUnreachable(err)
	case !connected && proxy != nil && (closed || strings.HasPrefix(err.Error(), "malformed HTTP")):
		return exchange.CauseProxy, "the proxy did not answer the request for a tunnel: " + printable(err)
	case !connected && closed && target.Scheme == "https":
		return exchange.CauseTLS, "the connection was closed during the TLS handshake"
	case !connected && !closed:
		return exchange.CauseInternal, "the call could not be made: " + printable(err)
	case closed && p.answered:
		return exchange.CauseLost, "the connection was closed before the answer was complete"
	case closed && p.rejected:
		return exchange.CauseLost, "the server closed the connection and did not answer the request"
	case closed && p.used.Load():
		return exchange.CauseLost, "a connection that was kept was closed before an answer came"
	case closed:
		return exchange.CauseLost, "the connection was closed before an answer came"
	}
	return exchange.CauseProtocol, "what came is not a valid HTTP answer, or only the beginning of one: " + printable(err)
}

// certificateRefused says that a target asks for a client certificate and refuses the one that it was shown, or the lack of
// one; "": that is not the reason. A refusal may show as an alert during or after the handshake, as a reset while the request is
// written, or as the end of the connection in place of an answer.
func (c *Client) certificateRefused(p *progress, target *url.URL, err error) string {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	operation, _ := errors.AsType[*net.OpError](err)
	asking, _ := c.certificateAsked.Load(target.Host)
	if asking == nil || p.answered || p.used.Load() || unverified || isDNS(err) || operation != nil && operation.Op == "dial" {
		return ""
	}
	if len(c.single.TLSClientConfig.Certificates) > 0 {
		return target.Hostname() + " asks for a client certificate and does not take the one of tls.client_cert_file: is it valid, and does the target trust who signed it?"
	}
	return target.Hostname() + " asks for a client certificate, and none is set: set tls.client_cert_file and tls.client_key_file"
}

// timedOut says what a call was waiting for when its time ran out.
func (c *Client) timedOut(p *progress) string {
	awaited := "no connection was made"
	switch {
	case p.answered:
		awaited = "the answer's body did not end"
	case p.connected.Load():
		awaited = "no answer came"
	}
	return fmt.Sprintf("%s within %s", awaited, text.Duration(c.timeout))
}

func isDNS(err error) bool {
	_, is := errors.AsType[*net.DNSError](err)
	return is
}

// Errors of Windows Sockets, which Go does not equate with the POSIX ones. No other system has these numbers.
const (
	wsaNotAvailable    = syscall.Errno(10049)
	wsaNetUnreachable  = syscall.Errno(10051)
	wsaAborted         = syscall.Errno(10053)
	wsaReset           = syscall.Errno(10054)
	wsaRefused         = syscall.Errno(10061)
	wsaHostUnreachable = syscall.Errno(10065)
)

// isErrno reports whether an error is one of these system errors.
func isErrno(err error, numbers ...syscall.Errno) bool {
	number, ok := errors.AsType[syscall.Errno](err)
	return ok && slices.Contains(numbers, number)
}

// caFile is the attribute of an environment that names authorities.
const caFile = "tls.ca_file"

// Unreachable says why no connection to a host could be made. ca is what names the host's authorities.
func Unreachable(err error, host, ca string) string {
	if message := certificate(err, host, ca); message != "" {
		return message
	}
	return whyUnreachable(err)
}

// whyUnreachable says why an address could not be reached.
func whyUnreachable(err error) string {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return "too many files are open: lower concurrency, or raise the limit of open files"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the name %q does not resolve", dns.Name)
	}
	place := "the address"
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Addr != nil {
		place = operation.Addr.String()
	}
	switch {
	case isErrno(err, syscall.ECONNREFUSED, wsaRefused):
		return fmt.Sprintf("nobody listens on %s: connection refused", place)
	case isErrno(err, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, wsaHostUnreachable, wsaNetUnreachable, wsaNotAvailable):
		return fmt.Sprintf("there is no route to %s", place)
	}
	if message := certificate(err, "the proxy", caFile); message != "" {
		return message
	}
	return fmt.Sprintf("%s could not be reached: %s", place, printable(err))
}

// certificate says what is wrong with a certificate or with TLS; "": the error is about something else.
func certificate(err error, host, ca string) string {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var plain tls.RecordHeaderError
	var operation *net.OpError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("the certificate of %s is signed by an unknown authority: if it is the provider's own, name it in %s", host, ca)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// The current time is left out: it would make each call's failure a different one.
		const hours = "2006-01-02 15:04 UTC"
		valid := "it has expired"
		if strings.Contains(invalid.Detail, "is before") {
			valid = "it is not valid yet; is the clock of this machine right?"
		}
		return fmt.Sprintf("the certificate of %s is not valid at this time (%s to %s): %s", host,
			invalid.Cert.NotBefore.UTC().Format(hours), invalid.Cert.NotAfter.UTC().Format(hours), valid)
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of %s is not valid: %s", host, printable(invalid))
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is not for %s: %s", host, printable(name))
	case errors.As(err, &plain):
		return fmt.Sprintf("%s does not speak TLS on this port: is it http:// in place of https://?", host)
	case errors.As(err, &operation) && operation.Op == "remote error":
		return "the server refused the TLS connection: " + printable(operation.Err)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || strings.HasPrefix(err.Error(), "tls: ") || strings.HasPrefix(err.Error(), "x509: ") {
		return "TLS failed: " + printable(err)
	}
	return ""
}

// lost reports whether an error is the end of a connection.
func lost(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		isErrno(err, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaReset, wsaAborted) {
		return true
	}
	// net/http does not export these errors.
	text := err.Error()
	if strings.Contains(text, "stream error: stream ID") && !strings.Contains(text, "received from peer") {
		return false // this side gave up, because what the server sent breaks HTTP/2
	}
	known := []string{"server closed idle connection", "http2: client connection lost", "GOAWAY", "stream error: stream ID", "cannot retry err ["}
	return slices.ContainsFunc(known, func(known string) bool { return strings.Contains(text, known) })
}

// maxDetail is how many bytes of an error's text are kept: it may quote what the target sent. That is far more than is ever
// shown, because secrets are redacted before a text is cut. The cut is at a space, so that no half of a secret remains.
const maxDetail = 64 << 10

// printable returns an error's text for a person, without anything that a terminal would act on.
func printable(err error) string {
	received := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "net/http: "), "HTTP/1.x transport connection broken: ")
	if len(received) > maxDetail {
		received = received[:strings.LastIndexByte(received[:maxDetail], ' ')+1] + "..."
	}
	return text.Line(received)
}
