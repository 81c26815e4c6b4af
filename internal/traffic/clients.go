package traffic

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Clients judges what clients send to a provider, and records what they do after it refuses. It is safe for concurrent use.
type Clients struct {
	*Traffic
	checks contract.Checks

	mutex   sync.Mutex
	refused map[string]refused        // by phone, the last request if it was refused
	after   map[string]map[string]int // by refusal and by what clients did next, how often
}

// refused is what is kept of a refused request, to compare the next one with.
type refused struct {
	refusal    string
	token, otp string
	body       [sha256.Size]byte
	ended      time.Time
	answered   bool          // false: the client was reset, maybe before the provider knew that it had ended
	retryAfter time.Duration // that the answer asked for
}

// The bounds of what is kept of refusals.
const (
	maxRefused  = 5_000
	maxRefusals = 50 // different ones
	maxPhone    = 64 // bytes
)

// NewClients returns a Clients that adds what it judges to t.
func NewClients(t *Traffic, checks contract.Checks) *Clients {
	return &Clients{Traffic: t, checks: checks, refused: map[string]refused{}, after: map[string]map[string]int{}}
}

// Sent judges a client's request, and returns the findings and the number of requests so far.
func (c *Clients) Sent(e exchange.Exchange, s contract.Sender) (found []Found, number int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.secrets.Add(s.Tokens...)
	number = c.Exchanges() + 1
	name := fmt.Sprintf("request %d", number)
	j := contract.Judgement{Silent: "the client broke the request off"}
	if e.Failure == nil || e.Failure.Begun {
		j = c.checks.JudgeClient(e.Request, s)
	}
	found = c.Add(e, j, Place{ID: name, Name: name})
	c.recordReaction(e)
	return found, number
}

// phone returns the phone of a request, without spaces; "": it has none.
func phone(e exchange.Exchange) string {
	return strings.ReplaceAll(contract.SentIn(e)["phone"], " ", "")
}

// Renewed records that a client asked for a new OTP, or registered again.
func (c *Clients) Renewed(setUp exchange.Exchange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	number := phone(setUp)
	if before, known := c.refused[number]; known {
		next := "asked for another OTP"
		if strings.HasSuffix(setUp.Request.URL, "/app-registrations") {
			next = "registered again"
		}
		count(c.after, before.refusal, next)
		delete(c.refused, number)
	}
}

// recordReaction records what a client did after the last refusal, and whether it is refused again.
func (c *Clients) recordReaction(e exchange.Exchange) {
	number := phone(e)
	if number == "" || len(number) > maxPhone {
		return
	}
	_, token, otp := contract.SecretsOf(e.Request)
	now := refused{refusal: refusal(e), token: token, otp: otp, body: sha256.Sum256(e.Request.Body), ended: e.Started.Add(e.Duration), answered: e.Answer != nil, retryAfter: e.RetryAfter()}
	if before, known := c.refused[number]; known {
		count(c.after, before.refusal, before.reaction(now, e.Started))
		delete(c.refused, number)
	}
	if now.refusal != "" && len(c.refused) < maxRefused {
		c.refused[number] = now
	}
}

func count(after map[string]map[string]int, refusal, next string) {
	if after[refusal] == nil && len(after) >= maxRefusals {
		refusal = "another refusal"
	}
	if after[refusal] == nil {
		after[refusal] = map[string]int{}
	}
	after[refusal][next]++
}

// refusal returns the status and code by which a request was refused; "": it was not.
func refusal(e exchange.Exchange) string {
	switch a := e.Answer; {
	case a == nil:
		return "no answer"
	case a.Succeeded():
		return ""
	default:
		return strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, text.Cut(contract.Observe(e, "").Code, 80)))
	}
}

// reaction says how the next request after a refusal, started at a time, differs from the refused one.
func (r refused) reaction(next refused, started time.Time) string {
	switch {
	case r.otp != next.otp && r.otp != "" && next.otp != "":
		return "another OTP"
	case r.token != next.token:
		return "another token"
	case r.body != next.body:
		return "other parameters"
	}
	const atOnce = time.Second // faster than any person
	since := started.Sub(r.ended)
	switch {
	case since < 0 && r.answered:
		return "the same again before the answer came"
	case r.retryAfter > 0 && since < r.retryAfter:
		return fmt.Sprintf("the same again, before the %s that it was asked to wait were over", text.Duration(r.retryAfter))
	case since < atOnce:
		return "the same again within a second"
	}
	return "the same again"
}

// Result returns the result so far. What clients did after each refusal is a scenario of its own.
func (c *Clients) Result() *result.Run {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	after := map[string]map[string]int{}
	for refusal, next := range c.after {
		after[refusal] = maps.Clone(next)
	}
	for _, r := range c.refused {
		count(after, r.refusal, "nothing more for the phone")
	}
	run := c.Traffic.Result()
	if c.rule(contract.RuleAfterwards) < 0 {
		return run
	}
	for _, refusal := range slices.Sorted(maps.Keys(after)) {
		times := after[refusal]
		s := result.Scenario{
			ID: "after " + refusal, Rule: contract.RuleAfterwards, Level: result.Observe, Feature: "Traffic", Name: "after " + refusal,
			Verdict: result.Observed,
		}
		var reasons []string
		for _, next := range mostFrequent(times) {
			s.Observed = append(s.Observed, result.Observation{Label: next, Note: fmt.Sprintf("%d times", times[next])})
			reasons = append(reasons, fmt.Sprintf("%s (%d)", next, times[next]))
		}
		s.Reason = strings.Join(reasons, ", ")
		run.Scenarios = append(run.Scenarios, s)
	}
	result.Conclude(run, time.Now())
	return run
}

// maxReceived is how many bytes of a request's body, and of an answer's, are kept.
const maxReceived = 64 << 10

// Provider is what clients call.
type Provider struct {
	http.Handler                             // a mux, which sets the Pattern of requests that it knows
	Endpoint     string                      // the pattern of the endpoint at which clients are judged
	Tokens       func(phone string) []string // the right tokens for a phone; none: the phone is unknown
}

// Wrap returns a handler that passes everything on to a provider unchanged, and judges what was meant for the endpoint. show gets
// the findings of each such request, and the number of requests so far.
func (c *Clients) Wrap(p Provider, show func([]Found, int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := exchange.Exchange{Purpose: exchange.Judged, Request: request(r), Started: time.Now()}
		body, answer := &bodyRecorder{ReadCloser: r.Body}, &answerRecorder{ResponseWriter: w}
		r.Body = body
		defer func() {
			if answer.complete && r.Pattern == "" && r.Header.Get("Expect") == "" && r.ContentLength <= maxReceived {
				_, _ = io.Copy(io.Discard, io.LimitReader(body, maxReceived+1)) // it may show what the request was meant for
			}
			e.Request.Body, e.Duration = body.kept[:min(len(body.kept), maxReceived)], time.Since(e.Started)
			switch {
			case body.ended != nil && !errors.Is(body.ended, io.EOF):
				e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "the client broke the request off", Sent: true}
			case !answer.complete || answer.status == 0:
				e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "no answer was given", Sent: true, Begun: true}
			default:
				e.Answer = &exchange.Answer{Status: answer.status, Proto: r.Proto, Header: textproto.MIMEHeader(w.Header().Clone()), Body: answer.kept, TooLong: answer.long}
			}
			setUp := r.Pattern != "" && r.Pattern != p.Endpoint
			if setUp || !c.checks.MeantForEndpoint(e.Request) {
				c.LeaveOut()
				if setUp && r.Method == http.MethodPost && answer.status/100 == 2 {
					c.Renewed(e)
				}
				return
			}
			partly := len(body.kept) > maxReceived || body.ended == nil && r.ContentLength != 0
			show(c.Sent(e, c.sender(p, e, partly)))
		}()
		p.ServeHTTP(answer, r)
		answer.complete = true
	})
}

// sender returns what a provider knows about the sender of a request.
func (c *Clients) sender(p Provider, e exchange.Exchange, partly bool) contract.Sender {
	sender := contract.Sender{Partly: partly}
	if number := phone(e); number != "" {
		sender.Tokens = p.Tokens(number)
		if rest, found := contract.WithoutCode(number, contract.SentIn(e)["countryCode"]); found && len(sender.Tokens) == 0 {
			sender.Tokens = p.Tokens(rest)
			sender.Within = len(sender.Tokens) > 0
		}
	}
	return sender
}

func request(r *http.Request) exchange.Request {
	target := r.RequestURI
	if len(target) > 0 && target[0] == '/' {
		target = "http://" + r.Host + target
	}
	return exchange.Request{Method: r.Method, URL: target, Header: textproto.MIMEHeader(r.Header.Clone())}
}

// bodyRecorder is a body whose beginning is kept while the provider reads it. What the provider does not read is not read.
type bodyRecorder struct {
	io.ReadCloser
	kept  []byte // up to maxReceived bytes, and one that shows that there is more
	ended error  // nil: it was not read to its end
}

// Read implements io.Reader.
func (b *bodyRecorder) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept, b.ended = append(b.kept, p[:min(n, maxReceived+1-len(b.kept))]...), cmp.Or(b.ended, err)
	return n, err
}

// answerRecorder is a writer that keeps the status and the beginning of the body.
type answerRecorder struct {
	http.ResponseWriter
	status   int
	kept     []byte
	long     bool // there was more
	complete bool // the provider's handler has returned
}

// Unwrap is for http.ResponseController.
func (a *answerRecorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *answerRecorder) WriteHeader(status int) {
	if status >= http.StatusOK && a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answerRecorder) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	room := maxReceived - len(a.kept)
	a.kept, a.long = append(a.kept, p[:min(room, len(p))]...), a.long || len(p) > room
	return a.ResponseWriter.Write(p)
}
