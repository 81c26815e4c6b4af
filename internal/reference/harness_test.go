package reference

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

const (
	StatePending  = string(providerstate.Pending)
	StateExpired  = string(providerstate.Expired)
	StateNone     = string(providerstate.None)
	StateLiveness = string(providerstate.Liveness)
	StateWebhook  = string(providerstate.Webhook)
)

// noon is the time of the tests' clocks.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a provider with a clock and a receiver of webhooks, called without a network. Its phones and OTPs are the same in
// every run: a random OTP might be one that a test types as a wrong one, be part of a phone, or equal another's.
type bench struct {
	*Provider
	clock  *clock
	client *http.Client
	base   string
	mu     sync.Mutex
	posted []posted
}

// posted is one webhook that arrived.
type posted struct{ method, url, mediaType, body string }

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{clock: &clock{now: noon}, base: "http://provider.test"}
	o.Now = b.clock.Now
	o.Client = &http.Client{Transport: roundTripper(b.receive)}
	p, err := New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	b.Provider = p
	b.records.nextPhone = 0
	var drawn atomic.Int64
	b.behaviour.randomBelow = func(n int) int { return int(drawn.Add(1)) * 7919 % n } // a prime: of 900,000 none comes twice
	b.client = &http.Client{
		Transport:     roundTripper(b.serve),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

// overNetwork makes the bench call the provider over the network.
func (b *bench) overNetwork(t *testing.T) {
	t.Helper()
	s, err := Listen("127.0.0.1:0", b.Provider)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, s.Close())
	})
	b.base, b.client.Transport = s.BaseURL, transport
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var errAborted = errors.New("the handler closed the connection")

func (b *bench) serve(r *http.Request) (resp *http.Response, err error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		if recover() != nil {
			resp, err = nil, errAborted
		}
	}()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w.Result(), nil
}

func (b *bench) receive(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.posted = append(b.posted, posted{r.Method, r.URL.String(), r.Header.Get("Content-Type"), string(body)})
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// webhooks waits until all deliveries have ended, and returns and forgets what arrived.
func (b *bench) webhooks() []posted {
	b.poster.wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.posted
	b.posted = nil
	return all
}

// reply is an answer, or the error if none came.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (b *bench) call(method, path, authorization, body string, header ...string) reply {
	req, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "0" {
		return b.call(method, path, authorization, body, header...)
	}
	read, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(read), err}
}

// values of a provider state.
type values struct {
	Phone, CountryCode, Token, Project, ProjectFlow, PhoneGateway string
	OTP                                                           int `json:"otp"`
	WrongOTP                                                      int `json:"wrongOtp"`
	ValidationID                                                  string
	AppRegistrationID                                             string
	ShowFaceLivenessRecommendation                                bool
}

// state sets up a state; params are name, value, ...
func (b *bench) state(t *testing.T, name string, params ...string) values {
	t.Helper()
	r := b.change(name, "setup", params...)
	require.Equal(t, http.StatusOK, r.status, r.body)
	var v values
	require.NoError(t, json.Unmarshal(zeros.ReplaceAll([]byte(r.body), []byte(`"$1":$2`)), &v))
	return v
}

// zeros reads an OTP, which is a string if it begins with a zero.
var zeros = regexp.MustCompile(`"(otp|wrongOtp)":"0+([1-9][0-9]*)"`)

func (b *bench) change(name, action string, params ...string) reply {
	given := map[string]string{}
	for i := 0; i < len(params); i += 2 {
		given[params[i]] = params[i+1]
	}
	body, err := json.Marshal(map[string]any{"state": name, "params": given, "action": action})
	if err != nil {
		return reply{err: err}
	}
	return b.call(http.MethodPost, statesPath, "", string(body))
}

// put types an OTP for v.
func (b *bench) put(v values, otp int) reply {
	return b.putBody(v, v.request(strconv.Itoa(otp)))
}

func (b *bench) putBody(v values, body string) reply {
	return b.call(http.MethodPut, endpointPath, "Bearer "+v.Token, body)
}

// request returns a body with the JSON of an OTP and further members.
func (v values) request(otp string, more ...string) string {
	return `{"phone":"` + v.Phone + `","countryCode":"` + v.CountryCode + `","otp":` + otp + strings.Join(append([]string{""}, more...), ",") + `}`
}

// status and link return what reading back shows.
func (b *bench) status(v values) string {
	var body struct{ Data struct{ Status string } }
	r := b.call(http.MethodGet, "/v2/phone-validations/"+v.ValidationID, "Bearer "+v.Token, "")
	if r.status != http.StatusOK || json.Unmarshal([]byte(r.body), &body) != nil {
		return r.body
	}
	return body.Data.Status
}

func (b *bench) link(v values, query string) any {
	var body struct{ Data struct{ PhoneValidation any } }
	r := b.call(http.MethodGet, "/v2/app-registrations/"+v.AppRegistrationID+query, "Bearer "+v.Token, "")
	if r.status != http.StatusOK || json.Unmarshal([]byte(r.body), &body) != nil {
		return r.body
	}
	return body.Data.PhoneValidation
}

const populated = "?populates[]=phoneValidation"
