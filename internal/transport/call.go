package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"verifik-contract/internal/exchange"
)

// maxAttempts is how often a call is tried on a connection: again only if nothing of it was sent, if the server said over HTTP/2
// that it did not process the request, or if a GET met a connection that was closed as idle.
const maxAttempts = 3

// maxRetries is how often a call that is not judged is made again after a 429: it was not processed, and a limit of set-up
// calls or read-backs says nothing about the endpoint.
const maxRetries = 3

// Do makes a call. What goes wrong is in the Exchange's Failure. The time spent waiting for the rate limit counts neither
// as the call's duration nor towards its timeout; the time to make a new connection counts as both.
//
// A call that is not Judged is made again after a 429, when its Retry-After is over.
func (c *Client) Do(ctx context.Context, call Call) exchange.Exchange {
	for tries := 1; ; tries++ {
		e := c.do(ctx, call)
		if tries > 1 {
			e.Label = fmt.Sprintf("%s (try %d, after 429)", call.Label, tries)
		}
		wait := e.RetryAfter()
		if call.Purpose == exchange.Judged || call.NoRetry || e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests || tries > maxRetries || wait > exchange.LongestRetryAfter {
			return e
		}
		if c.Pause(ctx, tries, wait) != nil {
			return e
		}
	}
}

// Backoff returns how long to wait after an attempt, counted from 1: exponentially growing, with jitter, but no less than the
// answer's Retry-After.
func Backoff(attempt int, retryAfter time.Duration) time.Duration {
	wait := min(250*math.Pow(1.5, float64(attempt-1)), 10_000) * (0.5 + rand.Float64()) // in milliseconds
	return max(time.Duration(wait*float64(time.Millisecond)), retryAfter)
}

// maxEarly is how many informational answers may precede an answer.
const maxEarly = 20

// do makes a call once.
func (c *Client) do(ctx context.Context, call Call) exchange.Exchange {
	e := exchange.Exchange{
		Purpose: call.Purpose,
		Label:   call.Label,
		Request: exchange.Request{Method: call.Method, URL: call.URL, Body: call.Body},
		Started: time.Now(),
	}
	var parent string
	parent, e.TraceID = traceParent()
	e.Request.Header = c.header(call.Header, parent)
	if c.closed.Err() != nil {
		e.Failure = &exchange.Failure{Cause: exchange.CauseInterrupted, Message: clientClosed}
		return e
	}
	if c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			e.Failure = &exchange.Failure{}
			e.Failure.Cause, e.Failure.Message = ended(ctx, "the run was interrupted while the call waited for its turn", "the call's turn would come too late: raise rate")
			return e
		}
		e.Started = time.Now()
	}
	target, err := url.Parse(call.URL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		e.Failure = &exchange.Failure{Cause: exchange.CauseInternal, Message: "the URL of the call is not an absolute http or https URL"}
		return e
	}
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	via := c.transportFor(call, target)
	for attempt := 1; ; attempt++ {
		p := progress{}
		e.Answer, err = c.exchange(timed, &p, via, target, e.Request)
		unsent := err != nil && (p.transcript.Load().unsent() || unprocessed(err))
		p.unprocessed = p.unprocessed || unsent
		if e.Failure = nil; err != nil {
			e.Failure = c.failure(ctx, timed, &p, target, err)
		}
		c.countReuse(&p, e.Failure, via == c.reusing)
		if repeatable := unsent || err != nil && e.Failure.Stale && call.Method == http.MethodGet; !repeatable || attempt == maxAttempts || timed.Err() != nil {
			break
		}
		via = c.single
	}
	e.Duration = time.Since(e.Started)
	return e
}

// transportFor returns the transport that makes a call. What comes through a proxy's tunnel is seen by net/http only: bytes
// behind an answer could be taken for the next one, so that such a connection is not used again.
func (c *Client) transportFor(call Call, target *url.URL) *http.Transport {
	if call.Fresh || c.stale.Load() >= maxStale || c.queued.Load() >= maxQueued {
		return c.single
	}
	if target.Scheme == "https" {
		if proxy, err := c.proxy(target); proxy != nil || err != nil {
			return c.single
		}
	}
	return c.reusing
}

// countReuse counts the calls in a row that a reused connection lost, and those that a reusable one kept waiting.
func (c *Client) countReuse(p *progress, failure *exchange.Failure, reusing bool) {
	if reusing && failure == nil && !p.used.Load() && c.queued.Load() < maxQueued {
		if p.queued.Load() {
			c.queued.Add(1)
		} else {
			c.queued.Store(0)
		}
	}
	switch {
	case failure != nil && failure.Stale:
		c.stale.Add(1)
	case failure == nil && p.used.Load() && c.stale.Load() < maxStale:
		c.stale.Store(0)
	}
}

// progress is how far a call got. The atomic fields are set by goroutines of net/http.
type progress struct {
	connected   atomic.Bool                // the request may have been written
	connectedAt atomic.Int64               // in Unix nanoseconds
	used        atomic.Bool                // the connection had been used before
	firstByte   atomic.Bool                // a byte of an answer came
	queued      atomic.Bool                // it seems to have come only because an idle connection was closed
	transcript  atomic.Pointer[transcript] // nil: HTTP/2, or a proxy's tunnel
	answered    bool                       // a status and headers came
	unprocessed bool                       // the target is known not to have processed the request
	rejected    bool                       // the server rejected what it read, which may not have been this request
}

// exchange sends a request once and reads its answer.
func (c *Client) exchange(ctx context.Context, p *progress, via *http.Transport, target *url.URL, request exchange.Request) (*exchange.Answer, error) {
	var early []exchange.Informational
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, hostKey{}, target.Host), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			p.connected.Store(true)
			p.connectedAt.Store(time.Now().UnixNano())
			p.used.Store(got.Reused)
			if plain, ok := got.Conn.(*conn); ok {
				p.transcript.Swap(plain.begin()).end() // net/http gave up the one before
			}
		},
		GotFirstResponseByte: func() {
			p.firstByte.Store(true)
			now := time.Now().UnixNano()
			p.queued.Store(time.Duration(now-p.connectedAt.Load()) >= queuedFor && time.Duration(now-c.lastClosed.Load()) < queuedUntil)
		},
		Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
			if len(early) == maxEarly {
				return errors.New("more informational answers (1xx) came than are read")
			}
			early = append(early, exchange.Informational{Status: status, Header: header})
			return nil
		},
	})
	r, err := http.NewRequestWithContext(ctx, request.Method, request.URL, nil)
	if err != nil {
		return nil, err
	}
	r.Header = http.Header(request.Header)
	r.Host = cmp.Or(request.Header.Get("Host"), r.Host)
	setBody(r, request.Body)
	answer, err := via.RoundTrip(r)
	p.transcript.Load().end()
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	p.transcript.Load().setBody(answer.ContentLength)
	if p.transcript.Load().unsent() {
		return nil, errUnsolicited
	}
	if p.used.Load() && rejects(answer) {
		p.rejected = true
		return nil, io.EOF
	}
	p.answered = true
	c.certificateAsked.Delete(target.Host) // it accepts what it was shown
	if answer.StatusCode == http.StatusProxyAuthRequired && target.Scheme == "http" {
		if proxy, _ := c.proxy(target); proxy != nil {
			p.unprocessed = true // it only reached the proxy
			return nil, &proxyRefusal{status: answer.StatusCode}
		}
	}
	a, err := read(answer)
	if err != nil {
		return nil, err
	}
	a.Early = early
	a.Flaws = p.transcript.Load().flaws()
	_, a.Reason, _ = strings.Cut(answer.Status, " ")
	return a, nil
}

// rejects reports whether a server says that it could not read a request, and hangs up. On a reused connection it may mean the
// unread rest of an earlier request, or none at all.
func rejects(answer *http.Response) bool {
	return answer.Close && slices.Contains([]int{
		http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge,
		http.StatusNotImplemented, http.StatusHTTPVersionNotSupported,
	}, answer.StatusCode)
}

// setBody sets a request's body so that net/http cannot send it twice. When a connection breaks, net/http repeats a request
// over HTTP/1 if its method is safe (see canonical for another reason), and over HTTP/2 also after a protocol error, if it
// can read the body again. It can with an empty one, which no PUT or POST does much with.
func setBody(r *http.Request, body []byte) {
	if len(body) == 0 {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			r.Body = http.NoBody // sends Content-Length: 0
		}
		return
	}
	// net/http knows this type: headers and body leave in one packet.
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
}

// header returns the headers of a call: defaults, replaced by its own, replaced by the client's. Nothing replaces Traceparent.
func (c *Client) header(own textproto.MIMEHeader, parent string) textproto.MIMEHeader {
	header := textproto.MIMEHeader{"User-Agent": {c.agent}, "Accept-Encoding": {"gzip"}}
	for name, values := range own {
		header[canonical(name)] = values
	}
	for name, value := range c.headers {
		if name = canonical(name); name != "Authorization" && name != "Content-Type" { // some calls leave them out on purpose
			header[name] = []string{value}
		}
	}
	header["Traceparent"] = []string{parent}
	return header
}

// canonical spells a header's name as net/http does, except for two that would make net/http repeat the request on its own.
func canonical(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	if name == "Idempotency-Key" || name == "X-Idempotency-Key" {
		return strings.ToLower(name)
	}
	return name
}

// traceParent returns a new W3C traceparent, with the sampled flag so that the provider keeps the trace, and its trace id.
func traceParent() (parent, traceID string) {
	traceID = fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	return fmt.Sprintf("00-%s-%016x-01", traceID, rand.Uint64()), traceID
}

// read reads a whole answer, within limits. An error means that the message ended early or is not HTTP.
//
// A gzip body is unzipped, so that Body is what a client sees; Content-Encoding stays among the headers. If the message
// is complete but not valid gzip, Body is what could be unzipped, maybe nothing: an answer that no client can read is
// the provider's fault, and is judged.
func read(answer *http.Response) (*exchange.Answer, error) {
	a := &exchange.Answer{Status: answer.StatusCode, Proto: answer.Proto, Header: textproto.MIMEHeader(answer.Header)}
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // what follows is not a body
	}
	body := bytes.NewBuffer(make([]byte, 0, min(max(answer.ContentLength, 0), exchange.MaxBody)+bytes.MinRead))
	_, err := body.ReadFrom(io.LimitReader(answer.Body, exchange.MaxBody+1)) // the last byte shows that a body is too long
	if err != nil && body.Len() <= exchange.MaxBody {
		return nil, err
	}
	exchange.AddTrailer(a.Header, textproto.MIMEHeader(answer.Trailer)) // it may leak a secret
	a.TooLong = body.Len() > exchange.MaxBody
	plain, _ := exchange.Unzipped(a.Header, body.Next(exchange.MaxBody), exchange.MaxBody+1)
	a.TooLong = a.TooLong || len(plain) > exchange.MaxBody
	a.Body = plain[:min(len(plain), exchange.MaxBody)]
	return a, nil
}
