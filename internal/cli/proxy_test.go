package cli_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
)

// background starts a verb that goes on until it is interrupted. end interrupts it and returns what it came to.
func background(t *testing.T, variables map[string]string, args ...string) (out *watched, end func() outcome) {
	t.Helper()
	out = newWatched()
	var stderr bytes.Buffer
	interrupt, ended := make(chan os.Signal, 1), make(chan result.ExitCode, 1)
	go func() {
		ended <- cli.Main(args, cli.Streams{In: strings.NewReader(""), Out: out, Err: &stderr, Interrupt: interrupt, LookupEnv: lookup(variables)})
	}()
	end = sync.OnceValue(func() outcome {
		interrupt <- os.Interrupt
		code := <-ended
		said, _ := out.read()
		return outcome{code, said, stderr.String()}
	})
	t.Cleanup(func() { end() })
	return out, end
}

var listening = regexp.MustCompile(`proxy +(http://\S+) passes`)

// sees waits until a verb has printed something.
func (w *watched) sees(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		said, more := w.read()
		if found := pattern.FindStringSubmatch(said); found != nil {
			return found[1]
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%s was not printed: %s", pattern, said)
		}
	}
}

// The whole contract through the proxy comes to what it comes to without it, whatever the provider is; and nothing that the
// proxy writes holds a token or an OTP that passed.
func TestTheContractThroughTheProxyIsThatOfTheDirectRun(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs")
	}
	t.Parallel()
	for fault, c := range map[string]struct {
		shown    string   // what the exchanges show by themselves
		features []string // none: all
	}{
		"":                          {},
		"python-traceback-in-error": {"PV-24", []string{"every-answer.feature", "wrong-otp.feature", "right-otp.feature", "phone.feature"}},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			t.Parallel()
			const clientToken = "client.token/of+the=test"
			spy, server := newSpy(t, reference.Options{Fault: fault, ClientToken: clientToken}, "", false)
			folder := t.TempDir()
			at := func(name string) string { return filepath.Join(folder, name) }
			environment := filepath.Join(t.TempDir(), "target.hcl")
			require.NoError(t, os.WriteFile(environment, []byte(fmt.Sprintf("target \"http\" {\n base_url = env(\"TARGET\")\n}\nwebhook {\n listen = \"127.0.0.1:0\"\n}\n"+
				"states \"pact\" {\n url = %q\n headers = { Authorization = \"Bearer %s\" }\n}\n", server.URL+statesPath, clientToken)), 0o600))
			run := func(target string) string {
				path := filepath.Join(t.TempDir(), "result.json")
				seen := call(t, map[string]string{"TARGET": target}, append([]string{"run", "-e", environment, "--stop-after", "0", "--quiet", "--result", path}, c.features...)...)
				require.NotEqual(t, result.ExitInput, seen.code, seen.stderr)
				return sketched(t, path)
			}
			args := []string{"proxy", "--to", server.URL, "--har", at("passed.har"), "--result", at("result.json")}
			for _, form := range report.Forms() {
				args = append(args, "--report", form.Name+"="+at("report."+form.Name))
			}
			out, end := background(t, nil, args...)
			through := run(out.sees(t, listening))
			seen := end()
			require.Equal(t, run(server.URL), through)

			exit := result.ExitKept
			if c.shown != "" {
				exit = result.ExitBroken
			}
			require.EqualValues(t, exit, seen.code, "%s%s", seen.stdout, seen.stderr)
			require.Equal(t, c.shown != "", strings.Contains(seen.stdout, "\n"+c.shown+" ("), "it is told when it comes: %s", seen.stdout)
			artefacts := map[string]string{"stdout": seen.stdout, "stderr": seen.stderr}
			files, err := os.ReadDir(folder)
			require.NoError(t, err)
			for _, file := range files {
				content, err := os.ReadFile(at(file.Name()))
				require.NoError(t, err)
				artefacts[file.Name()] = string(content)
			}
			require.True(t, json.Valid([]byte(artefacts["passed.har"])))
			require.Greater(t, strings.Count(artefacts["passed.har"], secretMark), 100)
			tokens, otps := spy.secrets()
			require.Greater(t, len(tokens), 20, "tokens passed")
			newSeeker(tokens, otps).requireNone(t, artefacts)
		})
	}
}

// differing is what differs from run to run.
var differing = regexp.MustCompile(`[0-9a-f]{24}|[0-9]{3,}|[0-9a-f-]{36}|eyJ[\w.-]+`)

// sketched is what a result says of scenarios and rules.
func sketched(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	run, err := result.Read(file)
	require.NoError(t, err)
	var b strings.Builder
	for _, s := range run.Scenarios {
		fmt.Fprintln(&b, s.ID, s.Verdict, s.Attempts, s.Diagnosis)
		for _, f := range s.Findings {
			fmt.Fprintln(&b, " ", f.Rule, f.Path, f.Expectation, f.Expected, f.Actual)
		}
	}
	for _, r := range run.Rules {
		fmt.Fprintln(&b, r.ID, r.Verdict, r.Breaches, r.Judged)
	}
	return differing.ReplaceAllString(b.String(), "#")
}

// The target may have an authority of its own, and ask who calls.
func TestTheProxyShowsTheTargetItsCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	folder := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{"ca.pem": {Type: "CERTIFICATE", Bytes: server.Certificate().Raw}, "key.pem": {Type: "PRIVATE KEY", Bytes: key}} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600))
	}
	trust := []string{"proxy", "--to", server.URL, "--ca-file", filepath.Join(folder, "ca.pem")}
	shown := append(slices.Clone(trust), "--client-cert-file", filepath.Join(folder, "ca.pem"), "--client-key-file", filepath.Join(folder, "key.pem"))
	for status, args := range map[int][]string{
		http.StatusNotFound:   append(shown, "--server-name", "example.com"),
		http.StatusBadGateway: append(slices.Clone(shown), "--server-name", "another.test"),
	} {
		out, end := background(t, nil, args...)
		answer, err := http.Get(out.sees(t, listening) + endpointPath)
		require.NoError(t, err)
		_ = answer.Body.Close()
		require.Equal(t, status, answer.StatusCode)
		require.EqualValues(t, result.ExitUnjudged, end().code)
	}
}

// standing is a terminal that stands still from the first exchange on, until it is released.
type standing struct {
	*watched
	released chan struct{}
}

var told = regexp.MustCompile(`\d exchange|(exchange|request) \d`)

func (s standing) Write(p []byte) (int, error) {
	if told.Match(p) {
		<-s.released
	}
	return s.watched.Write(p)
}

// What is shown holds up neither the traffic nor whoever judges it, nor what is written in the end.
func TestATerminalThatStandsStillHidesNoBreach(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	t.Cleanup(target.Close)
	for _, c := range []struct {
		args  []string
		where string
	}{
		{[]string{"proxy", "--to", target.URL}, `proxy +(http://\S+) passes`},
		{[]string{"serve", "--judge"}, `PUT (http://\S+)/v2`},
	} {
		screen, stdout, ended := standing{newWatched(), make(chan struct{})}, newWatched(), make(chan result.ExitCode, 1)
		go func() {
			ended <- cli.Main(append(c.args, "--until", "3", "--result", "-"), cli.Streams{
				In: strings.NewReader(""), Out: stdout, Err: screen, ErrTerminal: true, LookupEnv: lookup(nil), Interrupt: make(chan os.Signal),
			})
		}()
		release := sync.OnceFunc(func() { close(screen.released) })
		t.Cleanup(release)
		address := screen.sees(t, regexp.MustCompile(c.where))
		client := http.Client{Timeout: patience}
		for range 3 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address+endpointPath, strings.NewReader(`{"phone":"60000200","countryCode":"+507","otp":"1"}`))
			require.NoError(t, err)
			answer, err := client.Do(r)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
		}
		require.Equal(t, "1", stdout.sees(t, regexp.MustCompile(`^\{(?s:.*)"exit": (\d+)`)))
		said, _ := screen.read()
		require.NotRegexp(t, told, said, "it is read only now")
		release()
		require.Equal(t, result.ExitBroken, <-ended)
		said, _ = screen.read()
		require.Regexp(t, `(exchange|request) 1\b`, said)
	}
}
