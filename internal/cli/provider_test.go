package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"verifik-contract/internal/reference"
)

// provider is a reference provider on a loopback port, whose PUTs something hostile may answer instead.
type provider struct {
	reference *reference.Provider
	server    *httptest.Server
	elsewhere *httptest.Server // where its redirects lead
	strayed   atomic.Int64     // calls that came there
	puts      atomic.Int64     // that hostile answers counted
	hangs     bool             // it never answers a teardown
	folder    string           // of the script

	closing chan struct{} // closed by close: what is held ends
	mutex   sync.Mutex
	held    int           // calls that it did not answer, so far
	more    chan struct{} // closed when held changes
}

const (
	endpointPath = "/v2/phone-validations"
	statesPath   = "/_pact/provider-states"
	inboxPath    = "/_inbox"
)

// newProvider starts one. put answers the PUTs; nil: the reference provider does. What else there is to set is set
// before the first call.
func newProvider(options reference.Options, put answer, set ...func(*provider)) (*provider, error) {
	r, err := reference.New(options)
	if err != nil {
		return nil, err
	}
	p := &provider{reference: r, more: make(chan struct{}), closing: make(chan struct{})}
	for _, f := range set {
		f(p)
	}
	p.elsewhere = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.strayed.Add(1)
		w.WriteHeader(http.StatusOK)
	}))
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if teardown(r) && p.hangs {
			p.hold(r)
			return
		}
		if put != nil && r.Method == http.MethodPut && r.URL.Path == endpointPath {
			put(p, w, r)
			return
		}
		p.reference.Handler().ServeHTTP(w, r)
	}))
	return p, nil
}

// teardown tells whether a call is Pact's "teardown". Its body is still there afterwards.
func teardown(r *http.Request) bool {
	if r.URL.Path != statesPath {
		return false
	}
	body, _ := io.ReadAll(r.Body) // what is missing is missed by whoever reads it next
	r.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte(`"teardown"`))
}

func (p *provider) close() {
	close(p.closing)
	p.server.Close()
	p.elsewhere.Close()
	_ = p.reference.Close() // never fails
}

func (p *provider) states() string { return p.server.URL + statesPath }

func (p *provider) inbox() string {
	return p.server.URL + inboxPath + "?countryCode={countryCode}&phone={phone}"
}

// hold counts a call and keeps it without an answer until its client gives up.
func (p *provider) hold(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // before that a server does not see that its client is gone
	p.count()
	select {
	case <-r.Context().Done():
	case <-p.closing:
	}
}

func (p *provider) count() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.held++
	close(p.more)
	p.more = make(chan struct{})
}

// await waits until so many calls were held.
func (p *provider) await(calls int) error {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		p.mutex.Lock()
		held, more := p.held, p.more
		p.mutex.Unlock()
		if held >= calls {
			return nil
		}
		select {
		case <-more:
		case <-timeout.C:
			return fmt.Errorf("%d calls were held, not %d", held, calls)
		}
	}
}

// startProvider is the script command: put=NAME names an answer of hostile_test.go, fault= and variant= one of the
// reference provider's own, token= the client token that its set-up API asks for.
func startProvider(ts *testscript.TestScript, neg bool, args []string) {
	var options reference.Options
	var put answer
	hangs := false
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "put":
			if put = hostile()[value]; put == nil {
				ts.Fatalf("there is no hostile answer %q", value)
			}
		case "teardown":
			hangs = value == "hang"
		case "fault":
			options.Fault = value
		case "variant":
			options.Variants = []string{value}
		case "token":
			options.ClientToken = value
		default:
			ts.Fatalf("usage: provider [put=NAME] [teardown=hang] [fault=NAME] [variant=NAME] [token=TOKEN]")
		}
	}
	s := stageOf(ts.Value(stageKey{}))
	if s.provider != nil {
		s.provider.close()
	}
	var err error
	s.provider, err = newProvider(options, put, func(p *provider) { p.hangs, p.folder = hangs, ts.MkAbs(".") })
	ts.Check(err)
	ts.Setenv("TARGET", s.provider.server.URL)
	ts.Setenv("STATES", s.provider.states())
	ts.Setenv("INBOX", s.provider.inbox())
}

// closed takes the provider away: its address refuses every connection from now on.
func closed(ts *testscript.TestScript, neg bool, _ []string) {
	s := stageOf(ts.Value(stageKey{}))
	if neg || s.provider == nil {
		ts.Fatalf("usage: closed, after provider")
	}
	s.provider.close()
	s.provider = nil
}

func awaitCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awaits COUNT")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(stageOf(ts.Value(stageKey{})).provider.await(count))
}

func untouched(ts *testscript.TestScript, neg bool, _ []string) {
	if count := stageOf(ts.Value(stageKey{})).provider.strayed.Load(); (count != 0) != neg {
		ts.Fatalf("%d calls went elsewhere", count)
	}
}
