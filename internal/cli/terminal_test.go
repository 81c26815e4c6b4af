package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// atTerminal runs Main where a person sits who types this.
func atTerminal(variables map[string]string, in io.Reader, interrupt <-chan os.Signal, args ...string) outcome {
	stdout, stderr := newWatched(), newWatched() // an interrupted verb may still write when Main has returned
	code := cli.Main(args, cli.Streams{
		In: in, Out: stdout, Err: stderr, InTerminal: true, OutTerminal: true, ErrTerminal: true, Width: func() int { return 100 }, Interrupt: interrupt,
		LookupEnv: lookup(variables),
	})
	out, _ := stdout.read()
	complaints, _ := stderr.read()
	return outcome{code, out, complaints}
}

const colour = "\x1b[3" // how each of the colours begins

func TestColourIsForATerminalAlone(t *testing.T) {
	t.Parallel()
	run := []string{"run", "--rule", "PV-04"}
	for name, c := range map[string]struct {
		variables map[string]string
		args      []string
		colour    bool
	}{
		"on a terminal":            {nil, run, true},
		"the plan":                 {nil, []string{"plan", "--rule", "PV-04"}, true},
		"--no-color":               {nil, append([]string{"--no-color"}, run...), false},
		"NO_COLOR":                 {map[string]string{"NO_COLOR": "1"}, run, false},
		"NO_COLOR set to nothing":  {map[string]string{"NO_COLOR": ""}, run, false},
		"a terminal without it":    {map[string]string{"TERM": "dumb"}, run, false},
		"the plan with --no-color": {nil, []string{"plan", "--no-color", "--rule", "PV-04"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := atTerminal(c.variables, strings.NewReader(""), nil, c.args...)
			require.Zero(t, seen.code, seen.stderr)
			require.Equal(t, c.colour, strings.Contains(seen.stdout, colour), "%q", seen.stdout)
			require.Contains(t, seen.stdout, "Nothing is given", "the live view, or the plan")
		})
	}
	t.Run("a terminal that is dumb gets no bar", func(t *testing.T) {
		t.Parallel()
		seen := atTerminal(map[string]string{"TERM": "dumb"}, strings.NewReader(""), nil, run...)
		require.NotContains(t, seen.stdout, "\x1b")
	})
	t.Run("in a file", func(t *testing.T) {
		t.Parallel()
		require.NotContains(t, call(t, map[string]string{"TERM": "xterm-256color"}, run...).stdout, "\x1b")
	})
}

// What a hostile answer holds is not obeyed on a terminal either, where the tool's own colours are.
func TestATerminalObeysTheToolAlone(t *testing.T) {
	t.Parallel()
	for _, put := range []string{"escapes", "escapes-header", "escapes-status"} {
		provider, err := newProvider(reference.Options{}, hostile()[put])
		require.NoError(t, err)
		t.Cleanup(provider.close)
		variables := map[string]string{"TARGET": provider.server.URL, "STATES": provider.states(), "TERM": "dumb"}
		seen := atTerminal(variables, strings.NewReader(""), nil, "run", "-e", written(t, plainTarget), "--rule", "PV-02", "--rule", "PV-30")
		require.NotZero(t, seen.code)
		require.Negative(t, strings.IndexFunc(seen.stdout+seen.stderr, control), put)
		variables["TERM"] = "xterm"
		seen = atTerminal(variables, strings.NewReader(""), nil, "run", "-e", written(t, plainTarget), "--rule", "PV-02", "--rule", "PV-30", "--quiet")
		require.Contains(t, seen.stdout, colour)
		for _, order := range []string{"\x1b[2J", "\x1b]", "\x07", "\u009b"} {
			require.NotContains(t, seen.stdout+seen.stderr, order, put)
		}
	}
}

const protectedTarget = `
target "http" {
  base_url  = env("TARGET")
  protected = true
}
states "pact" { url = env("STATES") }
`

func TestAProtectedTargetAsks(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	for name, c := range map[string]struct {
		typed     string
		variables map[string]string
		code      result.ExitCode
		says      string
	}{
		"yes":                {"yes\n", nil, result.ExitKept, ""},
		"yes, no line break": {"yes", nil, result.ExitKept, ""},
		"y is no yes":        {"y\n", nil, result.ExitInput, "not approved: nothing was sent"},
		"nothing":            {"\n", nil, result.ExitInput, "not approved: nothing was sent"},
		"the end of input":   {"", nil, result.ExitInput, "not approved: nothing was sent"},
		"in CI nobody types": {"yes\n", map[string]string{"CI": "true"}, result.ExitInput, "--auto-approve"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables := map[string]string{"TARGET": provider.server.URL, "STATES": provider.states()}
			for name, value := range c.variables {
				variables[name] = value
			}
			seen := atTerminal(variables, strings.NewReader(c.typed), nil, "run", "-e", written(t, protectedTarget), "--rule", "PV-04")
			require.EqualValues(t, c.code, seen.code, seen.stderr)
			require.Contains(t, seen.stdout, "provider state made", "the plan is shown first")
			require.Contains(t, seen.stderr, c.says)
			require.Equal(t, c.code == result.ExitKept, strings.Contains(seen.stdout, "The contract is kept"))
		})
	}
}

func TestTheQuestionOfAProtectedTargetRepeatsWhatItCosts(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{ClientToken: "client.token"}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	variables := map[string]string{"TARGET": provider.server.URL, "STATES": provider.states(), "INBOX": provider.inbox()}
	environment := written(t, `
target "http" {
  base_url  = env("TARGET")
  protected = true
}
states "verifik" {
  client_token = "client.token"
  project      = "63fe7b9a21c72be3cc42b800"
  project_flow = "63fe7b9a21c72be3cc42b801"
  phones       = ["+507 62647737"]
  otp "http" {
    url   = env("INBOX")
    field = "otp"
  }
}
`)
	seen := atTerminal(variables, strings.NewReader("no\n"), nil, "run", "-e", environment, "--rule", "PV-09")
	require.EqualValues(t, result.ExitInput, seen.code)
	require.Contains(t, seen.stderr, "? It takes 4 PUTs, 4 app registrations, 4 OTP messages (the provider charges for them). Only \"yes\" is taken as approval: ")
	seen = atTerminal(variables, strings.NewReader("no\n"), nil, "run", "-e", written(t, protectedTarget), "country-code.feature:30")
	require.Contains(t, seen.stderr, "? It takes 1 PUT. Only ")
	seen = atTerminal(variables, strings.NewReader("no\n"), nil, "run", "-e", written(t, protectedTarget), "--rule", "PV-09")
	require.Contains(t, seen.stderr, "? It takes 4 PUTs, 4 OTP messages at most if the state handler sends any. Only ")
}

func TestStateAsksBeforeItCallsAProtectedTarget(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	variables := map[string]string{"TARGET": provider.server.URL, "STATES": provider.states()}
	make := []string{"state", "a pending phone validation", "-e", written(t, protectedTarget)}
	seen := atTerminal(variables, strings.NewReader("no\n"), nil, make...)
	require.EqualValues(t, result.ExitInput, seen.code)
	require.Contains(t, seen.stderr, `Make "a pending phone validation" against http://`)
	require.Contains(t, seen.stderr, "? It takes 1 provider state, 1 OTP message at most if the state handler sends any. Only ")
	require.Contains(t, seen.stderr, "not approved: nothing was sent")
	require.Empty(t, seen.stdout)
	seen = atTerminal(variables, strings.NewReader("yes\n"), nil, make...)
	require.Zero(t, seen.code, seen.stderr)
	require.Regexp(t, `^export PHONE=\d+ `, seen.stdout)
}

func TestAnInterruptedQuestionEndsAtOnce(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	silent, typing := io.Pipe() // nobody types
	t.Cleanup(func() { _ = typing.Close() })
	interrupt := make(chan os.Signal, 1)
	interrupt <- os.Interrupt
	variables := map[string]string{"TARGET": provider.server.URL, "STATES": provider.states()}
	seen := atTerminal(variables, silent, interrupt, "run", "-e", written(t, protectedTarget), "--rule", "PV-04")
	require.EqualValues(t, result.ExitInterrupted, seen.code)
	require.NotContains(t, seen.stdout, "The contract")
}

// full is a full disk, and somebody who interrupts what first writes to it.
type full struct {
	once      sync.Once
	interrupt chan os.Signal
}

func (f *full) Write([]byte) (int, error) {
	f.once.Do(func() { f.interrupt <- os.Interrupt })
	return 0, errors.New("no space left")
}

func TestServeDoesItsWorkWhereItsAddressesCannotBeWritten(t *testing.T) {
	t.Parallel()
	disk := &full{interrupt: make(chan os.Signal, 1)}
	code := cli.Main([]string{"serve"}, cli.Streams{In: strings.NewReader(""), Out: disk, Err: io.Discard, Interrupt: disk.interrupt, LookupEnv: lookup(nil)})
	require.Zero(t, code)
}

// An OTP that somebody types is asked for by phone, one question at a time, and is a secret as any other.
func TestOTPsAreTypedAtTheTerminal(t *testing.T) {
	t.Parallel()
	provider, err := newProvider(reference.Options{ClientToken: "client.token"}, nil)
	require.NoError(t, err)
	t.Cleanup(provider.close)
	environment := written(t, `
target "http" { base_url = env("TARGET") }
states "verifik" {
  client_token = "client.token"
  project      = "63fe7b9a21c72be3cc42b800"
  project_flow = "63fe7b9a21c72be3cc42b801"
  phones       = ["+507 62647737", "+1 2025550143"]
  otp "prompt" {}
}
`)
	person := &reader{inbox: provider.inbox()}
	var stdout bytes.Buffer
	here := func(verb string) {
		stdout.Reset()
		code := cli.Main([]string{verb, "-e", environment, "--rule", "PV-02", "--rule", "PV-17"}, cli.Streams{
			In: person, Out: io.MultiWriter(&stdout, person), Err: person, InTerminal: true, OutTerminal: true, ErrTerminal: true,
			LookupEnv: lookup(map[string]string{"TARGET": provider.server.URL}),
		})
		require.Zero(t, code, "%s\n%s", stdout.String(), person.asked.String())
	}
	here("plan")
	require.NotContains(t, stdout.String(), `otp "prompt"`)
	here("run")
	require.GreaterOrEqual(t, strings.Count(person.asked.String(), "The OTP that was sent to +"), 5)
	asked := person.asked.String()
	require.NotContains(t, asked[:strings.LastIndex(asked, "The OTP that was sent to +")], "✓", "nothing is listed between a question and its answer")
	require.Contains(t, stdout.String(), "A wrong OTP, then the right one", "they are listed at the end")
	require.NotEmpty(t, person.typed)
	for _, otp := range person.typed {
		require.NotContains(t, stdout.String(), otp)
	}
}
