package transport

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"verifik-contract/internal/exchange"
)

// attempts is how often a call is put on a connection at most: again only where nothing of it was sent, the server said
// over HTTP/2 that it did not process the request, or a GET met a connection that was closed as idle.
const attempts = 3

// again is how often a call that is not judged is made anew where the answer is 429: such a call was not processed, and
// what a limiter says of a set-up call or a read-back says nothing of the endpoint.
const again = 3

// Do makes a call. It is never an error: what went wrong is in the Exchange's Failure. The time that the rate
// limit takes counts neither as the call's duration nor towards its timeout.
//
// The duration includes making a connection, where none that was used before is at hand. A call that is not Judged is made
// again where the answer is 429, after what its Retry-After asks for.
func (c *Client) Do(ctx context.Context, call Call) exchange.Exchange {
	for tries := 1; ; tries++ {
		e := c.do(ctx, call)
		if tries > 1 {
			e.Label = fmt.Sprintf("%s (try %d, after 429)", call.Label, tries)
		}
		wait := e.RetryAfter()
		if call.Purpose == exchange.Judged || call.Once || e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests || tries > again || wait > exchange.LongestRetryAfter {
			return e
		}
		if c.pause(ctx, tries, wait) != nil {
			return e
		}
	}
}

// Backoff returns the time before the attempt after one: what an answer asked for, and no less than one that grows, with jitter.
func Backoff(attempt int, asked time.Duration) time.Duration {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 250*time.Millisecond, 10*time.Second
	var wait time.Duration
	for range attempt {
		wait = b.NextBackOff()
	}
	return max(wait, asked)
}

// maxEarly is how many informational answers are read before the answer itself.
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
	via := c.via(call, target)
	for attempt := 1; ; attempt++ {
		p := progress{}
		e.Answer, err = c.exchange(timed, &p, via, target, e.Request)
		unseen := err != nil && (p.talk.Load().unsent() || unprocessed(err))
		p.untouched = p.untouched || unseen
		if e.Failure = nil; err != nil {
			e.Failure = c.failure(ctx, timed, &p, target, err)
		}
		c.count(&p, e.Failure, via == c.kept)
		if repeatable := unseen || err != nil && e.Failure.Stale && call.Method == http.MethodGet; !repeatable || attempt == attempts || timed.Err() != nil {
			break
		}
		via = c.own
	}
	e.Duration = time.Since(e.Started)
	return e
}

// via returns what a call goes through. What comes through a proxy's tunnel cannot be looked at before net/http has read it,
// so that bytes behind an answer could be taken for the next one.
func (c *Client) via(call Call, target *url.URL) *http.Transport {
	if call.Fresh || c.stale.Load() >= mostStale || c.queued.Load() >= mostQueued {
		return c.own
	}
	if target.Scheme == "https" {
		if proxy, err := c.proxy(target); proxy != nil || err != nil {
			return c.own
		}
	}
	return c.kept
}

// count counts what used connections came to, and what new ones waited for that are kept.
func (c *Client) count(p *progress, failure *exchange.Failure, kept bool) {
	if kept && failure == nil && !p.used.Load() && c.queued.Load() < mostQueued {
		if p.queued.Load() {
			c.queued.Add(1)
		} else {
			c.queued.Store(0)
		}
	}
	switch {
	case failure != nil && failure.Stale:
		c.stale.Add(1)
	case failure == nil && p.used.Load() && c.stale.Load() < mostStale:
		c.stale.Store(0)
	}
}

// progress is how far a call came. What the trace tells comes from other goroutines.
type progress struct {
	connected atomic.Bool          // the request may have been written
	used      atomic.Bool          // the connection had been used before
	heard     atomic.Bool          // a byte of an answer came
	began     atomic.Int64         // when the connection was there, in Unix nanoseconds
	queued    atomic.Bool          // that byte waited until an idle connection was closed
	talk      atomic.Pointer[talk] // nil: HTTP/2, or a proxy's tunnel
	answered  bool                 // a status and headers came
	untouched bool                 // the target is known not to have processed the request
	complaint bool                 // what came is no answer to this request
}

// exchange sends a request once and reads its answer.
func (c *Client) exchange(ctx context.Context, p *progress, via *http.Transport, target *url.URL, request exchange.Request) (*exchange.Answer, error) {
	var early []exchange.Informational
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, hostKey{}, target.Host), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			p.connected.Store(true)
			p.began.Store(time.Now().UnixNano())
			p.used.Store(got.Reused)
			if plain, ok := got.Conn.(*conn); ok {
				p.talk.Store(plain.begin())
			}
		},
		GotFirstResponseByte: func() {
			p.heard.Store(true)
			now := time.Now().UnixNano()
			p.queued.Store(time.Duration(now-p.began.Load()) >= queuedFor && time.Duration(now-c.left.Load()) < queuedUntil)
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
	if host := request.Header.Get("Host"); host != "" {
		r.Host = host
	}
	setBody(r, request.Body)
	answer, err := via.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	p.talk.Load().has(answer.ContentLength)
	if p.talk.Load().unsent() {
		_ = answer.Body.Close()
		return nil, errSpoiled
	}
	if p.used.Load() && complains(answer) {
		_ = answer.Body.Close()
		p.complaint = true
		return nil, io.EOF
	}
	p.answered = true
	c.asking.Delete(target.Host) // what it was shown was enough
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusProxyAuthRequired && target.Scheme == "http" {
		if proxy, _ := c.proxy(target); proxy != nil {
			p.untouched = true // it reached the proxy only
			return nil, &proxyRefusal{status: answer.StatusCode}
		}
	}
	a, err := c.read(answer)
	if err != nil {
		return nil, err
	}
	a.Early = early
	a.Flaws = p.talk.Load().flaws()
	_, a.Reason, _ = strings.Cut(answer.Status, " ")
	return a, nil
}

// complains reports whether a server says that it could not read a request, and hangs up. On a connection that was used
// before it may speak of what it left unread of the request before, or of none at all.
func complains(answer *http.Response) bool {
	return answer.Close && slices.Contains([]int{
		http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge,
		http.StatusNotImplemented, http.StatusHTTPVersionNotSupported,
	}, answer.StatusCode)
}

// setBody sets a request's body so that net/http cannot send it twice. When a connection breaks it sends a request
// again over HTTP/1 if the method is a safe one (see canonical for another way to say so), and over HTTP/2 also after a
// protocol error, if it can have the body again. It can have an empty one again, which no PUT or POST does much with.
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

// header returns what is sent with a call: its own headers, then the client's, then those that every call has.
func (c *Client) header(own textproto.MIMEHeader, parent string) textproto.MIMEHeader {
	header := textproto.MIMEHeader{"User-Agent": {c.agent}, "Accept-Encoding": {"gzip"}}
	for name, values := range own {
		header[canonical(name)] = values
	}
	for name, value := range c.headers {
		if name = canonical(name); name != "Authorization" && name != "Content-Type" { // to leave them out is what some calls are for
			header[name] = []string{value}
		}
	}
	header["Traceparent"] = []string{parent}
	return header
}

// canonical spells a header's name as net/http does, but for two by which that would take a request for one that may be sent
// again.
func canonical(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	if name == "Idempotency-Key" || name == "X-Idempotency-Key" {
		return strings.ToLower(name)
	}
	return name
}

// traceParent makes a W3C traceparent, sampled so that the provider keeps it, and returns its trace id too.
func traceParent() (parent, traceID string) {
	var random [24]byte
	_, _ = rand.Read(random[:]) // never fails
	traceID = hex.EncodeToString(random[:16])
	return "00-" + traceID + "-" + hex.EncodeToString(random[16:]) + "-01", traceID
}

// read reads a whole answer, within limits. An error means that the message ended early or is no HTTP; nothing
// else that a body may be is one.
//
// A body that says that it is gzip is unzipped, so that the Body is what a client sees; Content-Encoding stays among
// the headers. Where it is no valid gzip although the message is complete, the Body is as much as could be
// unzipped, maybe nothing: an answer that no client can read is the provider's doing, and is judged.
func (c *Client) read(answer *http.Response) (*exchange.Answer, error) {
	a := &exchange.Answer{Status: answer.StatusCode, Proto: answer.Proto, Header: textproto.MIMEHeader(answer.Header)}
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // what follows is no body
	}
	body, err := readAtMost(answer.Body, answer.ContentLength)
	if err != nil {
		return nil, err
	}
	exchange.AddTrailer(a.Header, textproto.MIMEHeader(answer.Trailer)) // a secret may be in it
	body, cutOff := cut(body)
	plain, _ := exchange.Unzipped(a.Header, body, exchange.MaxBody+1)
	a.Body, a.TooLong = cut(plain)
	a.TooLong = a.TooLong || cutOff
	return a, nil
}

// readAtMost reads one byte more than a body may have, which tells that it is too long. The length is what the
// message announces; negative where it does not.
func readAtMost(body io.Reader, length int64) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, min(max(length, 0), exchange.MaxBody)+bytes.MinRead))
	_, err := buffer.ReadFrom(io.LimitReader(body, exchange.MaxBody+1))
	if buffer.Len() > exchange.MaxBody {
		err = nil
	}
	return buffer.Bytes(), err
}

func cut(body []byte) ([]byte, bool) {
	return body[:min(len(body), exchange.MaxBody):min(len(body), exchange.MaxBody)], len(body) > exchange.MaxBody
}
