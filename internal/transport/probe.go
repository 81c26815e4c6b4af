package transport

import (
	"context"
	"net"
	"net/url"

	"verifik-contract/internal/exchange"
)

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
	whole, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	connection, err := c.own.NewClientConn(context.WithValue(whole, hostKey{}, target.Host), target.Scheme, net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return c.failure(ctx, whole, &progress{}, target, err)
	}
	_ = connection.Close() // it was made, which is all that was asked
	return nil
}
