// Package exchange holds an HTTP call as it happened: what was sent and why, what came back, or why nothing did.
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

// Purpose tells why a call was made. Only a Judged exchange is under contract.
type Purpose string

// The purposes, spelt as the result file shows them.
const (
	Judged   Purpose = "judged"    // a PUT to the endpoint under test
	SetUp    Purpose = "set-up"    // makes a provider state, or fetches an OTP
	ReadBack Purpose = "read-back" // reads what the PUT changed, through the documented GET calls
)

// Exchange is one HTTP call as it really happened, with its secrets: whoever records or shows it redacts it.
type Exchange struct {
	Purpose  Purpose
	Label    string // what it was for, in words: "create the registration"
	Attempt  int    // the scenario's attempt that made it, from 1
	Request  Request
	Answer   *Answer  // nil: no complete answer came; then Failure says why
	Failure  *Failure // nil: a complete answer came
	Started  time.Time
	Duration time.Duration // from the call's start to the last byte
	TraceID  string        // of the W3C traceparent sent, 32 hex digits

	// Unread marks a set-up call whose answer was not what was expected, or is nothing but OTPs: digits in it may be an
	// OTP that nobody knows, and no run of them is shown.
	Unread bool

	// Undocumented marks a request of which the documentation does not show the answer, though it may promise that it
	// is no success. Aside marks one of which nothing is promised, or only that nobody validates by it.
	Undocumented, Aside bool
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

// Unzipped returns what a client sees of a body that is gzip by its headers, most bytes of it at most, and why it sees no more;
// any other body as it is.
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

// AddTrailer adds a trailer to a header. What describes the body comes before it.
func AddTrailer(header, trailer textproto.MIMEHeader) {
	for name, values := range trailer {
		if name != "Content-Type" && name != "Content-Encoding" && header != nil && len(values) > 0 {
			header[name] = append(header[name], values...)
		}
	}
}

// Answer is a complete HTTP answer. It is not safe for concurrent use: its body is decoded when it is first looked into.
type Answer struct {
	Status  int
	Proto   string // "HTTP/1.1"
	Header  textproto.MIMEHeader
	Body    []byte // decompressed; at most MaxBody bytes
	TooLong bool   // the body has more than MaxBody bytes; Body is its beginning

	// Reason is the reason phrase of the status line, Early the informational answers that came before this one. They are
	// judged and recorded nowhere.
	Reason string
	Early  []Informational

	Flaws []string // what HTTP forbids in its head, in words of the tool's own; not known over HTTP/2 or through a tunnel

	// Decoded is kept by whoever decodes Body, so that it is done once: a legal answer may hold half a million numbers.
	// Nil: not yet, or let go, as it takes many times the size of the body.
	Decoded any
}

// Succeeded reports whether an answer came that tells of a success.
func (a *Answer) Succeeded() bool { return a != nil && a.Status/100 == 2 }

// Informational is an answer of a status in the 100s.
type Informational struct {
	Status int
	Header textproto.MIMEHeader
}

// Cause is why a scenario could not be judged.
type Cause string

// The causes, spelt as the result file shows them.
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
)

// Transport tells whether the cause lies between the tool and the target: five scenarios in a row that are
// broken by such a cause stop the run. An answer that a gateway or a limiter gives is none: where one promise is
// answered so, the others still can be judged.
func (c Cause) Transport() bool {
	return slices.Contains([]Cause{CauseDNS, CauseRefused, CauseTLS, CauseProxy, CauseTimeout, CauseLost, CauseProtocol}, c)
}

// Failure is why no complete answer came, or none that can be judged. As an error it tells that nothing could be judged.
type Failure struct {
	Cause   Cause
	Message string // for a person; may hold secrets of the URL
	Sent    bool   // the request may have reached the target, which may have processed it
	Begun   bool   // an answer had begun: its status had come

	// Stale says that the call went out over a connection that had been used before and was lost without a byte of an
	// answer: the server may have closed it as idle, which no server may be blamed for, or may have processed the request.
	Stale bool
}

// Error implements error.
func (f *Failure) Error() string { return f.Message }

// LongestRetryAfter is the longest Retry-After that is waited for. What asks for more is not tried again: to wait less
// would be in vain.
const LongestRetryAfter = 30 * time.Second

// RetryAfter returns how long an answer of 429 or 503 asks to wait before the next try; 0: it asks for nothing that
// can be understood. A date is measured from the answer's own Date: the clocks of two machines differ.
func (e Exchange) RetryAfter() time.Duration {
	if e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests && e.Answer.Status != http.StatusServiceUnavailable {
		return 0
	}
	asked := strings.TrimSpace(e.Answer.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(asked, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	at, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(e.Answer.Header.Get("Date"))
	if err != nil {
		now = e.Started.Add(e.Duration)
	}
	return max(at.Sub(now), 0)
}
