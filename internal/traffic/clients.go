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

// Clients is what clients send to a provider, and how they go on where it refuses. It is safe for concurrent use.
type Clients struct {
	*Traffic
	checks contract.Checks

	mutex   sync.Mutex
	refused map[string]refused        // the last request for a phone, where it was refused and nothing came after it
	after   map[string]map[string]int // how often clients went on in a way, by how they were refused
}

// refused is what is kept of a request that was refused: what the next one is compared with.
type refused struct {
	how        string
	token, otp string
	body       [sha256.Size]byte
	ended      time.Time
	answered   bool          // a client sees a reset before the provider has done
	wait       time.Duration // that the answer asked for
}

// The bounds of what is kept of refusals.
const (
	mostRefused  = 5_000
	mostHow      = 50
	longestPhone = 64 // bytes
)

// NewClients returns the traffic of clients of which nothing was seen.
func NewClients(t *Traffic, checks contract.Checks) *Clients {
	return &Clients{Traffic: t, checks: checks, refused: map[string]refused{}, after: map[string]map[string]int{}}
}

// Sent judges a request that a client sent, and returns what was found and how many there were by now.
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
	c.follow(e)
	return found, number
}

// phone is the one that a request is for, as it is looked up; "": it names none.
func phone(e exchange.Exchange) string {
	return strings.ReplaceAll(contract.SentIn(e)["phone"], " ", "")
}

// Renewed tells that a new OTP was asked for, or a whole new registration.
func (c *Clients) Renewed(setUp exchange.Exchange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	number := phone(setUp)
	if before, known := c.refused[number]; known {
		way := "asked for another OTP"
		if strings.HasSuffix(setUp.Request.URL, "/app-registrations") {
			way = "registered again"
		}
		count(c.after, before.how, way)
		delete(c.refused, number)
	}
}

// follow remembers how a client goes on.
func (c *Clients) follow(e exchange.Exchange) {
	number := phone(e)
	if number == "" || len(number) > longestPhone {
		return
	}
	_, token, otp := contract.SecretsOf(e.Request)
	now := refused{how: refusal(e), token: token, otp: otp, body: sha256.Sum256(e.Request.Body), ended: e.Started.Add(e.Duration), answered: e.Answer != nil, wait: e.RetryAfter()}
	if before, known := c.refused[number]; known {
		count(c.after, before.how, before.way(now, e.Started))
		delete(c.refused, number)
	}
	if now.how != "" && len(c.refused) < mostRefused {
		c.refused[number] = now
	}
}

func count(after map[string]map[string]int, how, way string) {
	if after[how] == nil && len(after) >= mostHow {
		how = "another refusal"
	}
	if after[how] == nil {
		after[how] = map[string]int{}
	}
	after[how][way]++
}

// refusal says how a request was refused; "": it was not.
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

// way says how a client goes on after a refusal, with what it sent next and when.
func (r refused) way(next refused, started time.Time) string {
	switch {
	case r.otp != next.otp && r.otp != "" && next.otp != "":
		return "another OTP"
	case r.token != next.token:
		return "another token"
	case r.body != next.body:
		return "other parameters"
	}
	const atOnce = time.Second // no person is as fast
	since := started.Sub(r.ended)
	switch {
	case since < 0 && r.answered:
		return "the same again before the answer came"
	case r.wait > 0 && since < r.wait:
		return fmt.Sprintf("the same again, before the %s were over that it was asked to wait", text.Duration(r.wait))
	case since < atOnce:
		return "the same again within a second"
	}
	return "the same again"
}

// Result returns what was judged by now. What came after refusals is a scenario for each way in which was refused.
func (c *Clients) Result() *result.Run {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	after := map[string]map[string]int{}
	for how, ways := range c.after {
		after[how] = maps.Clone(ways)
	}
	for _, r := range c.refused {
		count(after, r.how, "nothing more for the phone")
	}
	run := c.Traffic.Result()
	if c.rule(contract.RuleAfterwards) < 0 {
		return run
	}
	for _, how := range slices.Sorted(maps.Keys(after)) {
		ways := after[how]
		s := result.Scenario{
			ID: "after " + how, Rule: contract.RuleAfterwards, Level: result.Observe, Feature: "Traffic", Name: "after " + how,
			Verdict: result.Observed,
		}
		var show []string
		order := func(a, b string) int { return cmp.Or(cmp.Compare(ways[b], ways[a]), strings.Compare(a, b)) }
		for _, way := range slices.SortedFunc(maps.Keys(ways), order) {
			s.Observed = append(s.Observed, result.Observation{Label: way, Note: fmt.Sprintf("%d times", ways[way])})
			show = append(show, fmt.Sprintf("%s (%d)", way, ways[way]))
		}
		s.Reason = strings.Join(show, ", ")
		run.Scenarios = append(run.Scenarios, s)
	}
	result.Conclude(run, time.Now())
	return run
}

// mostReceived is how much of a request's and of an answer's body is kept, in bytes.
const mostReceived = 64 << 10

// Provider is what clients call.
type Provider struct {
	http.Handler                             // a mux, which tells by a request's Pattern what it knows
	Endpoint     string                      // the pattern of the endpoint that clients are judged at
	Tokens       func(phone string) []string // those that are right for a phone; none: it is not known
}

// Around returns a handler that passes everything on to a provider, changes nothing, and judges what was meant for the
// endpoint. show gets what was found at each such request, and how many there were by now.
func (c *Clients) Around(p Provider, show func([]Found, int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := exchange.Exchange{Purpose: exchange.Judged, Request: request(r), Started: time.Now()}
		body, answer := &copied{ReadCloser: r.Body}, &answered{ResponseWriter: w}
		r.Body = body
		defer func() {
			if answer.whole && r.Pattern == "" && r.Header.Get("Expect") == "" && r.ContentLength <= mostReceived {
				_, _ = io.Copy(io.Discard, io.LimitReader(body, mostReceived+1)) // which may tell what it was meant for
			}
			e.Request.Body, e.Duration = body.kept[:min(len(body.kept), mostReceived)], time.Since(e.Started)
			switch {
			case body.ended != nil && !errors.Is(body.ended, io.EOF):
				e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "the client broke the request off", Sent: true}
			case !answer.whole || answer.status == 0:
				e.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "no answer was given", Sent: true, Begun: true}
			default:
				e.Answer = &exchange.Answer{Status: answer.status, Proto: r.Proto, Header: textproto.MIMEHeader(w.Header().Clone()), Body: answer.kept, TooLong: answer.long}
			}
			setUp := r.Pattern != "" && r.Pattern != p.Endpoint
			if setUp || !c.checks.Meant(e.Request) {
				c.LeaveOut()
				if setUp && r.Method == http.MethodPost && answer.status/100 == 2 {
					c.Renewed(e)
				}
				return
			}
			partly := len(body.kept) > mostReceived || body.ended == nil && r.ContentLength != 0
			show(c.Sent(e, c.sender(p, e, partly)))
		}()
		p.ServeHTTP(answer, r)
		answer.whole = true
	})
}

// sender returns what a provider knows of who sent a request.
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

// copied is a body of which the beginning is kept as a provider reads it: what it refuses to read is not asked for.
type copied struct {
	io.ReadCloser
	kept  []byte // mostReceived, and one byte that says that there is more
	ended error  // nil: it was not read to its end
}

// Read implements io.Reader.
func (b *copied) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept, b.ended = append(b.kept, p[:min(n, mostReceived+1-len(b.kept))]...), cmp.Or(b.ended, err)
	return n, err
}

// answered is a writer that keeps what was written.
type answered struct {
	http.ResponseWriter
	status int
	kept   []byte
	long   bool // there was more
	whole  bool // the provider has done
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
	room := mostReceived - len(a.kept)
	a.kept, a.long = append(a.kept, p[:min(room, len(p))]...), a.long || len(p) > room
	return a.ResponseWriter.Write(p)
}
