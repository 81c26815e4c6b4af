// Package exchange describes an HTTP call as it happened: what was sent and why, what came back, or why nothing did.
package exchange

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Purpose is why a call was made. Only Judged exchanges are under contract.
type Purpose string

// The purposes, as they stand in the result file.
const (
	Judged   Purpose = "judged"    // a PUT to the endpoint under test
	SetUp    Purpose = "set-up"    // makes a provider state, or fetches an OTP
	ReadBack Purpose = "read-back" // a documented GET call that reads what the PUT changed
)

// Exchange is one HTTP call as it happened, secrets included: whoever records or shows it redacts it.
type Exchange struct {
	Purpose  Purpose
	Label    string // what the call is for: "create the registration"
	Attempt  int    // of the scenario, from 1
	Request  Request
	Answer   *Answer  // nil: no complete answer came; then Failure says why
	Failure  *Failure // nil: a complete answer came
	Started  time.Time
	Duration time.Duration // from the call's start to the last byte
	TraceID  string        // of the W3C traceparent that was sent, 32 hex digits

	// Unread marks a set-up call whose answer could not be understood, or consists of OTPs: any digits in it may be an unknown
	// OTP, so that none are shown.
	Unread bool

	// Undocumented marks a request whose answer the documentation does not show, though it may promise that it is not a
	// success. Unpromised marks one of which nothing is promised, or only that it validates nothing.
	Undocumented, Unpromised bool
}

// Request is what was sent.
type Request struct {
	Method string
	URL    string
	Header textproto.MIMEHeader
	Body   []byte
}

// MaxBody is how many bytes of an answer's body are read, before and after decompression.
const MaxBody = 1 << 20

// Unzipped returns up to most bytes of a body that is gzip according to its headers, and the error that ends it early. Any other
// body is returned as it is.
func Unzipped(header textproto.MIMEHeader, body []byte, most int64) ([]byte, error) {
	if coding := strings.ToLower(strings.TrimSpace(header.Get("Content-Encoding"))); coding != "gzip" && coding != "x-gzip" {
		return body, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return []byte{}, err
	}
	return io.ReadAll(io.LimitReader(reader, most))
}

// AddTrailer adds a trailer to a header, except for names that describe the body: those belong before it.
func AddTrailer(header, trailer textproto.MIMEHeader) {
	for name, values := range trailer {
		if name != "Content-Type" && name != "Content-Encoding" && header != nil && len(values) > 0 {
			header[name] = append(header[name], values...)
		}
	}
}

// Answer is a complete HTTP answer. It is not safe for concurrent use, because its body is decoded on first use.
type Answer struct {
	Status  int
	Proto   string // "HTTP/1.1"
	Header  textproto.MIMEHeader
	Body    []byte // decompressed; at most MaxBody bytes
	TooLong bool   // the body has more than MaxBody bytes; Body is its beginning

	// Reason is the reason phrase of the status line, Early the informational answers before this one. They are judged, but not
	// recorded.
	Reason string
	Early  []Informational

	Flaws []string // what HTTP forbids in its head, in the tool's words; unknown over HTTP/2 or through a tunnel

	// Decoded caches what Body is decoded to: a legal answer may hold half a million numbers. Nil: not decoded yet, or dropped
	// again, because it takes many times the memory of the body.
	Decoded any
}

// Succeeded reports whether an answer came whose status is a success.
func (a *Answer) Succeeded() bool { return a != nil && a.Status/100 == 2 }

// Informational is an answer with a status in the 100s.
type Informational struct {
	Status int
	Header textproto.MIMEHeader
}

// Cause is why a scenario could not be judged.
type Cause string

// The causes, as they stand in the result file.
const (
	CauseDNS         Cause = "dns"             // the name does not resolve
	CauseRefused     Cause = "refused"         // nobody listens, or no route
	CauseTLS         Cause = "tls"             // handshake or certificate
	CauseProxy       Cause = "proxy"           // the proxy refused or could not be reached
	CauseTimeout     Cause = "timeout"         // no complete answer in time
	CauseLost        Cause = "connection-lost" // reset, or the message ended early
	CauseProtocol    Cause = "protocol"        // what came is not HTTP
	CauseRateLimited Cause = "rate-limited"    // a final 429
	CauseUnavailable Cause = "unavailable"     // a final 502, 503 or 504
	CauseState       Cause = "state"           // the provider state could not be made
	CauseInterrupted Cause = "interrupted"     // the run was interrupted
	CauseInternal    Cause = "internal"        // the tool itself failed
	CauseForeign     Cause = "foreign"         // nothing at the address speaks like the endpoint
	CauseUnreached   Cause = "unreached"       // of a skipped scenario: the run was interrupted or stopped before it
)

// Transport reports whether the cause lies between the tool and the target. A run stops after several scenarios in a row that
// are broken by such a cause. The answer of a gateway or a rate limit is not one: other promises can still be judged.
func (c Cause) Transport() bool {
	return slices.Contains([]Cause{CauseDNS, CauseRefused, CauseTLS, CauseProxy, CauseTimeout, CauseLost, CauseProtocol}, c)
}

// Failure is why no complete answer came, or none that can be judged. As an error it means that nothing could be judged.
type Failure struct {
	Cause   Cause
	Message string // for a person; may contain secrets of the URL
	Sent    bool   // the request may have reached the target, and been processed
	Begun   bool   // the status of an answer had come

	// Stale means that a reused connection was lost before a byte of an answer came: the server may have closed it as idle, which
	// is not its fault, or may have processed the request.
	Stale bool
}

// Error implements error.
func (f *Failure) Error() string { return f.Message }

// LongestRetryAfter is the longest Retry-After that is waited for. A call that has to wait longer is not made again.
const LongestRetryAfter = 30 * time.Second

// RetryAfter returns how long an answer of 429 or 503 asks to wait; 0: it does not, or not understandably. A date is compared
// with the answer's own Date, because the clocks of two machines differ.
func (e Exchange) RetryAfter() time.Duration {
	if e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests && e.Answer.Status != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(e.Answer.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(e.Answer.Header.Get("Date"))
	if err != nil {
		now = e.Started.Add(e.Duration)
	}
	return max(at.Sub(now), 0)
}
