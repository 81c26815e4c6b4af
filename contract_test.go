package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// TestContract is the contract under go test: a subtest for each promise, with one for each of its scenarios. The
// target is the embedded one, or that of the environment CONTRACT_ENV, at BASE_URL where that is set. CONTRACT_ARGS
// holds further flags of `verifik-contract run`, with spaces between them:
//
//	BASE_URL=https://gateway.example.test CONTRACT_ENV=staging CONTRACT_ARGS="--auto-approve --level must" go test . -run TestContract
func TestContract(t *testing.T) {
	if testing.Short() && os.Getenv("BASE_URL")+os.Getenv("CONTRACT_ENV") == "" { // somebody's own target is always asked
		t.Skip("it runs the whole contract")
	}
	t.Parallel()
	run, code, said := certify(t, os.LookupEnv)
	if run == nil {
		t.Fatalf("nothing ran, verifik-contract ended %d (is CONTRACT_ENV set to an environment whose target is http?):\n%s", code, said)
	}
	for _, rule := range run.Rules {
		t.Run(rule.ID+" "+rule.Title, func(t *testing.T) {
			if rule.EveryExchange {
				tell(t, rule.Verdict, ruleText(rule))
			}
			for _, scenario := range run.Scenarios {
				if scenario.Rule == rule.ID {
					t.Run(scenario.Name, func(t *testing.T) { tell(t, scenario.Verdict, scenarioText(scenario)) })
				}
			}
		})
	}
	if code != result.ExitKept && !t.Failed() {
		t.Errorf("no scenario failed, and verifik-contract ended %d:\n%s", code, said)
	}
}

// certify runs the contract as the environment variables say, and returns its result, nil where nothing ran, and what was said beside it.
func certify(t *testing.T, lookupEnv func(string) (string, bool)) (*result.Run, result.ExitCode, string) {
	variable := func(name string) string {
		value, _ := lookupEnv(name)
		return value
	}
	args := strings.Fields(variable("CONTRACT_ARGS"))
	if name := variable("CONTRACT_ENV"); name != "" {
		args = append(args, "-e", name)
	}
	var said bytes.Buffer
	file := filepath.Join(t.TempDir(), "result.json")
	code := cli.Main(append(append([]string{"run"}, args...), "--quiet", "--report", "json="+file), cli.Streams{
		In: strings.NewReader(""), Out: &said, Err: &said,
		LookupEnv: func(name string) (string, bool) {
			if name == "GITHUB_ACTIONS" || name == "GITLAB_CI" {
				return "", false // go test is the report there
			}
			return lookupEnv(name)
		},
	})
	written, err := os.Open(file)
	if err != nil {
		return nil, code, said.String() // nothing ran
	}
	defer written.Close()
	run, err := result.Read(written)
	require.NoError(t, err)
	return run, code, said.String()
}

// teller is what tell needs of a *testing.T.
type teller interface {
	Helper()
	Log(args ...any)
	Error(args ...any)
	Skip(args ...any)
}

// tell is a verdict as go test knows it.
func tell(t teller, verdict result.Verdict, text string) {
	t.Helper()
	switch verdict {
	case result.Passed:
	case result.Observed, result.Waived:
		t.Log(text)
	case result.Skipped:
		t.Skip(text)
	default:
		t.Error(text)
	}
}

func scenarioText(s result.Scenario) string {
	text := fmt.Sprintf("%s: %s\n  %s:%d", s.Verdict, s.Reason, s.File, s.Line)
	if s.Diagnosis != "" {
		text += "\n  diagnosis: " + s.Diagnosis
	}
	for _, o := range s.Observed {
		text += fmt.Sprintf("\n  observed: %s %d %s %s %s", o.Label, o.Status, o.Code, o.Shape, o.Note)
	}
	for _, f := range s.Findings {
		text += findingText(f)
		if f.Exchange >= 0 && f.Exchange < len(s.Exchanges) {
			text += "\n    " + s.Exchanges[f.Exchange].Curl + "\n    trace id " + s.Exchanges[f.Exchange].TraceID
		}
	}
	return text
}

func ruleText(r result.Rule) string {
	text := fmt.Sprintf("%s: %s\n  %s:%d", r.Verdict, r.Reason, r.File, r.Line)
	for _, f := range r.Findings {
		text += findingText(f)
	}
	return text
}

func findingText(f result.Finding) string {
	text := "\n  " + f.Expectation
	if f.Path != "" {
		text += " at " + f.Path
	}
	return text + fmt.Sprintf("\n    expected: %s\n    actual:   %s", f.Expected, f.Actual)
}

// told records what a test would have been told.
type told struct{ logged, failed, skipped string }

func (*told) Helper()             {}
func (t *told) Log(args ...any)   { t.logged = fmt.Sprint(args...) }
func (t *told) Error(args ...any) { t.failed = fmt.Sprint(args...) }
func (t *told) Skip(args ...any)  { t.skipped = fmt.Sprint(args...) }

func TestAVerdictIsToldAsGoTestKnowsIt(t *testing.T) {
	t.Parallel()
	for verdict, want := range map[result.Verdict]told{
		result.Passed:   {},
		result.Failed:   {failed: "why"},
		result.Broken:   {failed: "why"},
		result.Skipped:  {skipped: "why"},
		result.Observed: {logged: "why"},
		result.Waived:   {logged: "why"},
		"unheard of":    {failed: "why"},
	} {
		var got told
		tell(&got, verdict, "why")
		require.Equal(t, want, got, "%s", verdict)
	}
}

// A provider that breaks two promises turns just those red, in words that say what is wrong.
func TestAFaultyProviderTurnsItsPromisesRed(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs")
	}
	t.Parallel()
	for fault, rule := range map[string]string{"wrong-otp-message-lacks-status": "PV-02", "error-key-twice": "PV-19"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			run, code, said := certify(t, pointedAt(t, reference.Options{Fault: fault}, map[string]string{"CONTRACT_ARGS": "--level should"}))
			require.EqualValues(t, result.ExitBroken, code, said)
			var red []string
			text := ""
			for _, r := range run.Rules {
				if r.EveryExchange {
					var got told
					tell(&got, r.Verdict, ruleText(r))
					if got.failed != "" {
						red, text = append(red, r.ID), text+got.failed
					}
				}
			}
			for _, s := range run.Scenarios {
				var got told
				tell(&got, s.Verdict, scenarioText(s))
				if got.failed != "" {
					red, text = append(red, s.Rule), text+got.failed
				}
			}
			require.Contains(t, red, rule)
			for _, id := range red {
				require.Equal(t, rule, id, text)
			}
			require.Contains(t, text, "expected: ")
			require.Contains(t, text, "features/")
		})
	}
}

func TestBaseURLAndEnvironmentPointTheContractElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := pointedAt(t, reference.Options{}, map[string]string{"CONTRACT_ARGS": "--rule PV-03"})
	address, _ := elsewhere("TARGET")
	run, code, said := certify(t, func(name string) (string, bool) {
		switch name {
		case "TARGET":
			return "http://127.0.0.1:1", true // where the environment points
		case "BASE_URL":
			return address, true
		}
		return elsewhere(name)
	})
	require.Zero(t, code, said)
	require.Equal(t, address, run.Target.BaseURL)

	t.Run("BASE_URL alone would certify the reference provider: it is refused", func(t *testing.T) {
		run, code, said := certify(t, func(name string) (string, bool) {
			if name == "BASE_URL" {
				return address, true
			}
			return "", false
		})
		require.Nil(t, run)
		require.EqualValues(t, result.ExitInput, code)
		require.Contains(t, said, "-e")
	})
}

// pointedAt is the variables of somebody who points the contract at a reference provider of their own.
func pointedAt(t *testing.T, options reference.Options, more map[string]string) func(string) (string, bool) {
	t.Helper()
	provider, err := reference.New(options)
	require.NoError(t, err)
	server, err := reference.Listen("127.0.0.1:0", provider)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.NoError(t, provider.Close())
	})
	environment := filepath.Join(t.TempDir(), "target.hcl")
	require.NoError(t, os.WriteFile(environment, []byte(`
target "http" { base_url = env("TARGET") }
states "pact" { url = env("STATES") }
`), 0o600))
	variables := map[string]string{"TARGET": server.BaseURL, "STATES": server.StatesURL, "CONTRACT_ENV": environment}
	for name, value := range more {
		variables[name] = value
	}
	return func(name string) (string, bool) {
		value, set := variables[name]
		return value, set
	}
}
