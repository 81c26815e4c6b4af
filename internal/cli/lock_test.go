package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// lock is the contract of its own that docs/EXTENDING.md walks through.
const lock = "../../examples/lock"

// locking starts a provider that has locks beside what the documentation shows, and answers a locked validation so.
func locking(t *testing.T, status int, code string) *httptest.Server {
	t.Helper()
	provider, err := reference.New(reference.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = provider.Close() })
	var locked sync.Map // by phone
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		var told struct{ Phone, State, Action string }
		_ = json.Unmarshal(body, &told) // what is no JSON is the provider's matter
		if _, known := locked.Load(told.Phone); known && r.Method == http.MethodPut {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"code":%q,"message":"%d:%s"}`, code, status, code)
			return
		}
		locks := r.Method == http.MethodPost && told.State == "a locked phone validation"
		if locks {
			body = bytes.ReplaceAll(body, []byte(told.State), []byte("a pending phone validation"))
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer := httptest.NewRecorder()
		provider.Handler().ServeHTTP(answer, r)
		var made struct{ Phone string }
		if locks && told.Action == "setup" && json.Unmarshal(answer.Body.Bytes(), &made) == nil {
			locked.Store(made.Phone, true)
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAnAnswerOfOnesOwnNeedsNoGo(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		code   string
		shown  string // of the failure; "": the contract is kept
	}{
		"a faithful provider":  {423, "phone_locked", ""},
		"another code":         {423, "locked", `$.code is "locked", not "phone_locked"`},
		"another status":       {400, "phone_locked", "expected 423, got 400 phone_locked"},
		"an answer of another": {403, "otp_does_not_match", "expected 423, got 403 otp_does_not_match"},
	} {
		for _, source := range []string{"pact", "static"} {
			t.Run(name+", states from "+source, func(t *testing.T) {
				if testing.Short() && source == "pact" && c.status == 423 {
					t.Skip("a whole run")
				}
				t.Parallel()
				provider, folder := locking(t, c.status, c.code), t.TempDir()
				states := fmt.Sprintf(`states "pact" { url = %q }`, provider.URL+"/_pact/provider-states")
				args := []string{"--rule", "LOCK-01"}
				if source == "pact" && c.status == 423 {
					args = []string{"--level", "should"} // the whole contract, or enough of it to see what else would be red
					if c.shown != "" {
						args = append(args, "lock.feature", "every-answer.feature", "wrong-otp.feature", "right-otp.feature")
					}
				}
				if source == "static" {
					states = fmt.Sprintf(`states "static" { file = %q }`, prepared(t, provider.URL, folder))
				}
				environment, saved := filepath.Join(folder, "own.hcl"), filepath.Join(folder, "result.json")
				require.NoError(t, os.WriteFile(environment, []byte(fmt.Sprintf("target \"http\" {\n  base_url = %q\n  settle = \"10ms\"\n}\n%s\n", provider.URL, states)), 0o600))
				got := call(t, nil, append([]string{"run", "--contract", lock, "-e", environment, "--result", saved}, args...)...)
				text, err := os.ReadFile(saved)
				require.NoError(t, err)
				var run result.Run
				require.NoError(t, json.Unmarshal(text, &run))
				red := map[string]bool{}
				for _, r := range run.Rules {
					if r.ID == "LOCK-01" {
						require.Equal(t, c.shown != "", r.Verdict == result.Failed, "%s: %s\n%s", r.Verdict, r.Reason, got.stdout)
						require.Equal(t, c.shown == "", r.Verdict == result.Passed)
					}
					red[r.ID] = r.Verdict == result.Failed || r.Verdict == result.Broken
				}
				if c.shown == "" {
					require.EqualValues(t, 0, got.code, "%s%s", got.stdout, got.stderr)
					return
				}
				require.EqualValues(t, 1, got.code, "%s%s", got.stdout, got.stderr)
				require.Contains(t, got.stdout, "LOCK-01")
				require.Contains(t, got.stdout, c.shown)
				require.Contains(t, got.stdout, "--contract "+lock)
				delete(red, "LOCK-01")
				for id, isRed := range red {
					require.False(t, isRed, id)
				}
			})
		}
	}
}

// prepared writes one locked validation as records that somebody prepared.
func prepared(t *testing.T, url, folder string) string {
	t.Helper()
	answer, err := http.Post(url+"/_pact/provider-states", "application/json", bytes.NewBufferString(`{"state":"a locked phone validation","params":{},"action":"setup"}`))
	require.NoError(t, err)
	defer answer.Body.Close()
	values, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	file := filepath.Join(folder, "fixtures.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"a locked phone validation": [`+string(values)+`]}`), 0o600))
	return file
}

func TestAContractOfOnesOwnOnOtherVerbs(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"validate", "--contract", lock}, 0, "Valid: 38 promises"},
		{[]string{"steps", "--contract", lock}, 0, "the OTP has expired|the phone is locked)"},
		{[]string{"steps"}, 0, "the OTP has expired)"},
		{[]string{"plan", "--contract", lock, "--rule", "LOCK-01"}, 0, "LOCK-01"},
		{[]string{"plan", "--contract", lock, "lock"}, 0, "The right OTP, locked"},
		{[]string{"version", "--contract", lock}, 0, "features sha256:"},
	} {
		got := call(t, nil, c.args...)
		require.EqualValues(t, c.code, got.code, "%v: %s%s", c.args, got.stdout, got.stderr)
		require.Contains(t, got.stdout, c.out, "%v", c.args)
	}
	carried, own := call(t, nil, "version"), call(t, nil, "version", "--contract", lock)
	require.NotEqual(t, carried.stdout, own.stdout, "the digests are another contract's")
}

func TestWhatIsWrongWithAContractOfOnesOwn(t *testing.T) {
	feature, err := os.ReadFile(filepath.Join(lock, "features", "lock.feature"))
	require.NoError(t, err)
	schema, err := os.ReadFile(filepath.Join(lock, "schemas", "answer-423.json"))
	require.NoError(t, err)
	replaced := func(text []byte, old, new string) string {
		require.Contains(t, string(text), old)
		return string(bytes.ReplaceAll(text, []byte(old), []byte(new)))
	}
	for name, c := range map[string]struct{ feature, schema, problem string }{
		"words that no schema has":      {replaced(feature, "that the phone is locked", "that the phone is lokced"), string(schema), `"the answer is that the phone is lokced" is unknown: did you mean "the answer is that the phone is locked"?`},
		"words that two schemas have":   {string(feature), replaced(schema, `"the phone is locked"`, `"the OTP has expired"`), `schema answer-423.json: its words "the OTP has expired" are those of answer-412.json too`},
		"no words":                      {string(feature), replaced(schema, `"the phone is locked"`, `""`), `schema answer-423.json: x-answer: its words are ""`},
		"an annotation of another name": {string(feature), replaced(schema, "x-answer", "x-anwser"), `schema answer-423.json: x-anwser means nothing here: did you mean "x-answer"?`},
		"a member of another name":      {string(feature), replaced(schema, `"rule"`, `"role"`), `schema answer-423.json: x-answer: unknown field "role"`},
		"a status as text":              {string(feature), replaced(schema, `"status": 423`, `"status": "423"`), "schema answer-423.json: x-answer: "},
		"a status that is none":         {string(feature), replaced(schema, `"status": 423`, `"status": 42`), "schema answer-423.json: x-answer: its status is 42"},
		"a rule that is no id":          {string(feature), replaced(schema, "LOCK-01", "lock"), `schema answer-423.json: x-answer: its rule is "lock"`},
		"an annotation that is a text":  {string(feature), replaced(schema, `{ "status": 423, "rule": "LOCK-01", "words": "the phone is locked" }`, `"423"`), "schema answer-423.json: x-answer is not an object"},
		"a parameter that is none":      {string(feature), replaced(schema, `"words"`, `"repeats": ["phne"], "words"`), `it repeats "phne", which is not a required parameter: did you mean "phone"?`},
		"a rule that no feature has":    {string(feature), replaced(schema, "LOCK-01", "LOCK-02"), "schema answer-423.json: its rule is LOCK-02, which no feature has"},
		"a rule's id in small letters":  {replaced(feature, "@LOCK-01", "@lock-01"), string(schema), "the rule has 0 ids"},
		"a state's name misspelt":       {replaced(feature, "a locked", "a pendng"), string(schema), `"there is a pendng phone validation" is unknown: did you mean "there is a pending phone validation"?`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for file, content := range map[string]string{"features/lock.feature": c.feature, "schemas/answer-423.json": c.schema} {
				require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(file)), 0o700))
				require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600))
			}
			got := call(t, nil, "validate", "--contract", folder)
			require.EqualValues(t, 2, got.code, got.stdout)
			require.Contains(t, got.stderr, c.problem)
		})
	}
	got := call(t, nil, "validate", "--contract", t.TempDir())
	require.EqualValues(t, 2, got.code)
	require.Contains(t, got.stderr, "it holds no contract")
}

func TestAFileOfACarriedNameReplacesIt(t *testing.T) {
	folder := t.TempDir()
	schema, err := os.ReadFile("../../schemas/answer-403.json")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "schemas"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "schemas", "answer-403.json"), bytes.ReplaceAll(schema, []byte("403"), []byte("401")), 0o600))
	got := call(t, nil, "run", "--contract", folder, "--rule", "PV-02", "--rule", "PV-03")
	require.EqualValues(t, 1, got.code, got.stderr)
	require.Contains(t, got.stdout, "expected 401, got 403 otp_does_not_match")
	require.NotContains(t, got.stdout, "PV-03 failed")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "schemas", "answer-200.json"), []byte(`{"type": "object"}`), 0o600))
	got = call(t, nil, "run", "--contract", folder)
	require.EqualValues(t, 2, got.code, "no provider is at fault for an answer that is not declared")
	require.Contains(t, got.stderr, "no schema has an x-answer whose rule is PV-01")
}
