package traffic

import (
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
)

// mostReceived is how much of a request's and of an answer's body is kept, in bytes.
const mostReceived = 64 << 10

// Provider is what clients call.
type Provider struct {
	http.Handler                             // a mux, which tells by a request's Pattern what it knows
	Endpoint     string                      // the pattern of the endpoint that clients are judged at
	Tokens       func(phone string) []string // those that are right for a phone; none: it is not known
}

// Around returns a handler that passes everything on to a provider, changes nothing, and judges what was meant for the
// endpoint. told gets what was found at each such request, and how many there were by now.
func (c *Clients) Around(p Provider, told func([]Found, int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, answer := &copied{ReadCloser: r.Body}, &answered{ResponseWriter: w}
		r.Body = body
		started, whole := time.Now(), false
		defer func() {
			e := exchange.Exchange{Purpose: exchange.Judged, Request: request(r), Started: started, Duration: time.Since(started)}
			c.received(p, e, r, body, answer, whole, told)
		}()
		p.ServeHTTP(answer, r)
		whole = true
	})
}

// received judges a request that was answered, or was not.
func (c *Clients) received(p Provider, e exchange.Exchange, r *http.Request, body *copied, answer *answered, whole bool, told func([]Found, int)) {
	setUp := r.Pattern != "" && r.Pattern != p.Endpoint
	if whole && !setUp && r.Pattern == "" && answer.buffered() {
		body.rest(r)
	}
	e.Request.Body = body.kept
	switch {
	case setUp:
		c.LeaveOut()
		if r.Method == http.MethodPost && answer.status/100 == 2 {
			c.Renewed(e)
		}
		return
	case !c.checks.Meant(e.Request):
		c.LeaveOut()
		return
	}
	switch {
	case body.failed:
		e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "the client broke the request off", Sent: true}
	case !whole || answer.status == 0:
		e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "no answer was given", Sent: true, Begun: true}
	default:
		e.Answer = &exchange.Answer{Status: answer.status, Proto: r.Proto, Header: textproto.MIMEHeader(answer.Header().Clone()), Body: answer.kept, TooLong: answer.long}
	}
	sender := contract.Sender{Partly: body.long || !body.ended && r.ContentLength != 0}
	if number := phone(e); number != "" {
		sender.Tokens = p.Tokens(number)
		if rest, found := contract.WithoutCode(number, contract.SentIn(e)["countryCode"]); found && len(sender.Tokens) == 0 {
			sender.Tokens = p.Tokens(rest)
			sender.Within = len(sender.Tokens) > 0
		}
	}
	told(c.Sent(e, sender))
}

func request(r *http.Request) exchange.Request {
	target := r.RequestURI
	if len(target) > 0 && target[0] == '/' {
		target = "http://" + r.Host + target
	}
	return exchange.Request{Method: r.Method, URL: target, Header: textproto.MIMEHeader(r.Header.Clone())}
}

// copied is a body of which the beginning is kept as it is read.
type copied struct {
	io.ReadCloser
	kept   []byte
	long   bool
	ended  bool
	failed bool
}

// Read implements io.Reader.
func (b *copied) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept, b.long = keepOf(b.kept, p[:n], b.long)
	b.ended = b.ended || errors.Is(err, io.EOF)
	b.failed = b.failed || err != nil && !b.ended
	return n, err
}

func keepOf(kept, more []byte, long bool) ([]byte, bool) {
	room := mostReceived - len(kept)
	return append(kept, more[:min(room, len(more))]...), long || len(more) > room
}

// rest reads what nobody asked for: the provider does not read the body of a request that it has no place for. One that
// waits to be asked for it is not, and one of another kind, or without an end that is known, is no matter.
func (b *copied) rest(r *http.Request) {
	if r.Header.Get("Expect") != "" || r.ContentLength > mostReceived {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(b, mostReceived+1))
}

// answered is a writer that keeps what was written.
type answered struct {
	http.ResponseWriter
	status int
	kept   []byte
	long   bool
}

// Unwrap is for http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) {
	if status >= http.StatusOK && a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answered) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.kept, a.long = keepOf(a.kept, p, a.long)
	return a.ResponseWriter.Write(p)
}

// buffered reports whether all of the answer is still with net/http, so that nothing of it is late if the rest of the
// request is read first.
func (a *answered) buffered() bool { return len(a.kept) < 1<<10 }
