package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's
	// toxiproxy leaves behind what it holds for a connection whose caller has gone; the tool leaves nothing.
	const library = "github.com/Shopify/toxiproxy/v2"
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction(library+"/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction(library+".(*ToxicLink).read"),
		goleak.IgnoreAnyFunction(library+".(*ToxicLink).write"),
	)
}

// patience is a timeout that no call reaches unless a test wants it to.
const patience = 30 * time.Second

// trial is one run of features against a reference provider that misbehaves on chosen calls.
type trial struct {
	feature   string // its rules; "": the embedded features
	selection plan.Selection
	reference reference.Options
	pact      env.Pact // its URL is set
	timeout   time.Duration
	retries   int
	lostAfter int                                                               // the PUT of this number is processed, but its answer is lost
	keeps     bool                                                              // connections are reused
	pause     func(ctx context.Context, attempt int, asked time.Duration) error // nil: nothing waits
	options   func(*Options)

	// Each gets the number of the call, from 1, and reports whether it handled the call.
	put   func(n int, w http.ResponseWriter, r *http.Request) bool
	state func(n int, w http.ResponseWriter, r *http.Request) bool
	read  func(n int, w http.ResponseWriter, r *http.Request) bool

	edit func(status int, body string) string // of the answers to PUTs; nil: as they are
}

// traffic is the calls that a provider got, in the order of arrival.
type traffic struct {
	mutex   sync.Mutex
	puts    []received
	states  []received
	reads   []received
	yielded []map[string]any // the values of the states that were made
}

// received is one call that came in.
type received struct {
	Authorization string
	Body          string
}

// servedKey is the context key of the number of earlier requests of a connection.
type servedKey struct{}

// served returns the number of earlier requests of a request's connection.
func served(r *http.Request) int {
	return int(r.Context().Value(servedKey{}).(*atomic.Int32).Add(1)) - 1
}

func (t *traffic) note(list *[]received, r *http.Request, body []byte) int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	*list = append(*list, received{r.Header.Get("Authorization"), string(body)})
	return len(*list)
}

// door passes on to the provider what the trial does not handle.
func (tr trial) door(next http.Handler, seen *traffic) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		list, hook := &seen.reads, tr.read
		switch {
		case r.Method == http.MethodPut:
			list, hook = &seen.puts, tr.put
		case strings.HasPrefix(r.URL.Path, "/_pact/"):
			list, hook = &seen.states, tr.state
		}
		n := seen.note(list, r, body)
		if hook != nil && hook(n, w, r) {
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		if list == &seen.states && recorder.Code == http.StatusOK {
			var values map[string]any
			if json.Unmarshal(recorder.Body.Bytes(), &values) == nil && values["phone"] != nil {
				seen.mutex.Lock()
				seen.yielded = append(seen.yielded, values)
				seen.mutex.Unlock()
			}
		}
		if list == &seen.puts && n == tr.lostAfter {
			lose()
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		if list == &seen.puts && tr.edit != nil {
			_, _ = w.Write([]byte(tr.edit(recorder.Code, recorder.Body.String())))
			return
		}
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// run runs the trial and returns its result and the calls that the provider got.
func (tr trial) run(t testing.TB, ctx context.Context) (*result.Run, *traffic) {
	t.Helper()
	o, seen := tr.prepare(t)
	outcome := Run(ctx, o)
	return outcome, seen.sofar()
}

// sofar returns the calls so far: one whose caller has gone may still be under way.
func (t *traffic) sofar() *traffic {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return &traffic{puts: slices.Clone(t.puts), states: slices.Clone(t.states), reads: slices.Clone(t.reads), yielded: slices.Clone(t.yielded)}
}

// listening returns a faithful provider that listens on a loopback port until the test ends.
func listening(t testing.TB) *reference.Server {
	t.Helper()
	provider, err := reference.New(reference.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = provider.Close() })
	server, err := reference.Listen("127.0.0.1:0", provider)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// prepare makes everything that the trial needs. It runs one scenario at a time, with a StopAfter of 0 and no
// waiting, unless its options say otherwise.
func (tr trial) prepare(t testing.TB) (Options, *traffic) {
	t.Helper()
	provider, err := reference.New(tr.reference)
	require.NoError(t, err)
	t.Cleanup(func() { _ = provider.Close() })
	seen := &traffic{}
	server := httptest.NewUnstartedServer(tr.door(provider.Handler(), seen))
	server.Config.SetKeepAlivesEnabled(tr.keeps)
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, servedKey{}, new(atomic.Int32))
	}
	server.Start()
	t.Cleanup(server.Close)
	if tr.timeout == 0 {
		tr.timeout = patience
	}
	if tr.pause == nil {
		tr.pause = noPause
	}
	client, err := transport.New(transport.Options{Timeout: tr.timeout, Concurrency: 8, Pause: tr.pause})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	control, err := transport.New(transport.Options{Timeout: patience, Concurrency: 8, Pause: noPause})
	require.NoError(t, err)
	t.Cleanup(control.Close)
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = receiver.Close() })

	set := tr.load(t)
	secrets := &secret.Set{}
	pact := tr.pact
	pact.URL = server.URL + "/_pact/provider-states"
	states, problems := state.New([]env.States{{Pact: &pact}}, state.Options{Target: client, Control: control, TargetURL: server.URL, Secrets: secrets})
	require.False(t, problems.HasErrors(), "%v", problems)
	meanings, problems := plan.Match(set, vocabulary())
	require.False(t, problems.HasErrors(), "%v", problems)
	planned, problems := plan.Build(plan.Input{
		Environment: &env.Environment{Name: "test", Target: env.Target{Kind: env.TargetEmbedded, Retries: tr.retries}},
		Features:    set, Meanings: meanings, States: states, Selection: tr.selection,
	})
	require.False(t, problems.HasErrors(), "%v", problems)
	o := Options{
		Plan: planned, Features: set, Checks: contract.New(loadSchemas(t)), Secrets: secrets,
		Target: Target{Client: client, BaseURL: server.URL, States: states, Webhook: receiver, Wait: patience, Concurrency: 1},
	}
	if tr.options != nil {
		tr.options(&o)
	}
	return o, seen
}

func (tr trial) load(t testing.TB) *features.Set {
	t.Helper()
	var names []string
	if tr.feature != "" {
		file := filepath.Join(t.TempDir(), "trial.feature")
		require.NoError(t, os.WriteFile(file, []byte("Feature: A trial\n"+tr.feature), 0o600))
		names = []string{file}
	}
	set, problems := features.Load(names)
	require.False(t, problems.HasErrors(), "%v", problems)
	return set
}

var loadedSchemas = sync.OnceValues(func() (*schemas.Set, error) { return schemas.Load(schemas.Files()) })

// vocabulary returns the steps, whose expressions are compiled only once.
var vocabulary = sync.OnceValue(func() []steps.Step {
	loaded, err := loadedSchemas()
	if err != nil {
		panic(err)
	}
	return steps.Table(contract.New(loaded))
})

func loadSchemas(t testing.TB) *schemas.Set {
	t.Helper()
	set, err := loadedSchemas()
	require.NoError(t, err)
	return set
}

// rule returns the text of a rule: its tags, its title and its scenarios.
func rule(tags string, scenarios ...string) string {
	return fmt.Sprintf("\n  %s\n  Rule: The rule of %s\n    A promise for a test.\n\n%s", tags, tags, strings.Join(scenarios, "\n"))
}

// everyExchange returns the text of the every-exchange rules.
func everyExchange() string {
	text := ""
	for _, tags := range []string{"@PV-18 @should", "@PV-19 @must", "@PV-20 @should", "@PV-23 @should", "@PV-24 @should"} {
		text += rule(tags+" @every-exchange", "")
	}
	return text
}

// scenarioOf is the text of one scenario.
func scenarioOf(name string, steps ...string) string {
	return "    Scenario: " + name + "\n      " + strings.Join(steps, "\n      ") + "\n"
}

// rightOTP returns the text of the simplest scenario.
func rightOTP(name string) string {
	return scenarioOf(name, "Given there is a pending phone validation", "When the person types the right OTP", "Then the phone is validated")
}

// observed returns the text of the simplest observed scenario.
func observed(name string) string {
	return scenarioOf(name, "Given there is a pending phone validation", "When the person types the right OTP", "Then the answer is recorded")
}

// lose closes the connection without an answer.
func lose() bool { panic(http.ErrAbortHandler) }

// answer writes an answer in the provider's place.
func answer(w http.ResponseWriter, status int, body string, header ...string) bool {
	w.Header().Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return true
}

// on handles chosen calls.
func on(calls map[int]func(http.ResponseWriter) bool) func(int, http.ResponseWriter, *http.Request) bool {
	return func(n int, w http.ResponseWriter, _ *http.Request) bool {
		return calls[n] != nil && calls[n](w)
	}
}

// status answers with a status and an empty object.
func status(code int, header ...string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool { return answer(w, code, "{}", header...) }
}

func lost(http.ResponseWriter) bool { return lose() }

func verdicts(o *result.Run) []result.Verdict {
	var all []result.Verdict
	for _, s := range o.Scenarios {
		all = append(all, s.Verdict)
	}
	return all
}

func stepVerdicts(s result.Scenario) []result.Verdict {
	var all []result.Verdict
	for _, step := range s.Steps {
		all = append(all, step.Verdict)
	}
	return all
}

// judged returns the exchanges of a scenario that are under contract.
func judged(s result.Scenario) []result.Exchange {
	var all []result.Exchange
	for _, e := range s.Exchanges {
		if e.Purpose == exchange.Judged {
			all = append(all, e)
		}
	}
	return all
}

func ruleOf(t testing.TB, o *result.Run, id string) result.Rule {
	t.Helper()
	for _, r := range o.Rules {
		if r.ID == id {
			return r
		}
	}
	require.Fail(t, "the outcome has no rule "+id)
	return result.Rule{}
}

func noPause(ctx context.Context, _ int, _ time.Duration) error { return ctx.Err() }
