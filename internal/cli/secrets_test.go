package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
)

// A whole run of a provider that gives every one of its secrets back, one that takes each kind of state from the set-up calls,
// and a whole one of a provider that keeps them, which certifies: no artefact holds one, in any spelling. What is looked for, and
// how, owes nothing to internal/secret.
func TestNoArtefactHoldsASecret(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs of each source of states")
	}
	t.Parallel()
	const clientToken, apiKey, inboxKey, pathKey = "client.token/of+the=test", "api-key-of-the-test", "inbox-key/of+the=test", "path-key-of-the-test"
	for name, c := range map[string]struct {
		states   string
		leaks    bool
		exit     result.ExitCode
		selected []string // by features or a level; none: all
	}{
		"pact, leaking":     {states: pactStates, leaks: true, exit: result.ExitBroken},
		"verifik, faithful": {states: verifikStates, exit: result.ExitKept, selected: []string{"--level", "should"}}, // as certificates are made
		"verifik, leaking": {states: verifikStates, leaks: true, exit: result.ExitBroken,
			selected: []string{"every-answer.feature", "expired-otp.feature", "face-liveness.feature", "notifications.feature", "right-otp.feature", "authentication.feature"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := reference.Options{ClientToken: clientToken}
			if c.leaks {
				options.Fault = "webhook-holds-token"
			}
			spy, server := newSpy(t, options, "/"+pathKey, c.leaks)
			folder := t.TempDir()
			environment := filepath.Join(folder, "target.hcl")
			require.NoError(t, os.WriteFile(environment, []byte(head+c.states), 0o600))
			variables := map[string]string{
				"TARGET": server.URL, "CONTRACT_VAR_client_token": clientToken, "CONTRACT_VAR_api_key": apiKey, "CONTRACT_VAR_inbox_key": inboxKey, "CONTRACT_VAR_path_key": pathKey,
				"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": filepath.Join(folder, "summary.md"),
			}
			at := func(name string) string { return filepath.Join(folder, name) }
			artefacts := map[string]string{}
			tool := func(args ...string) outcome {
				seen := call(t, variables, args...)
				artefacts[strings.Join(args, " ")+" on stdout"] = seen.stdout
				artefacts[strings.Join(args, " ")+" on stderr"] = seen.stderr
				return seen
			}

			require.Zero(t, tool("validate", "-e", environment, "--format", "json").code)
			require.Zero(t, tool("plan", "-e", environment).code)
			require.Zero(t, tool("plan", "-e", environment, "--format", "json").code)
			run, baseline := append([]string{"run", "-e", environment, "--stop-after", "0", "--result", at("result.json")}, c.selected...), at("result.json")
			if !c.leaks { // else not all can be judged
				baseline = at("baseline.json")
				run = append(run, "--certify", at("certificate.json"), "--save-baseline", baseline)
			}
			silent := []string{"run", "-e", environment, "--rule", "PV-30", "--rule", "PV-31", "--rule", "PV-36"}
			for _, form := range report.Forms() {
				run = append(run, "--report", form.Name+"="+at("report."+form.Name))
				silent = append(silent, "--report", form.Name+"="+at("silent."+form.Name))
			}
			// With the forms of GitHub asked for by name the system's own would not be written: a second run has those.
			seen := tool(run...)
			require.EqualValues(t, c.exit, seen.code, "%s\n%s", seen.stdout, seen.stderr)
			again := tool("run", "-e", environment, "--stop-after", "0", "--rule", "PV-24", "--rule", "PV-02", "--baseline", baseline, "every-answer.feature", "wrong-otp.feature")
			require.EqualValues(t, c.exit, again.code, "%s\n%s", again.stdout, again.stderr)
			require.Zero(t, tool("show", at("result.json")).code)
			require.Zero(t, tool("drift", baseline, at("result.json"), "--report", "json="+at("drift.json")).code)
			if !c.leaks {
				require.Zero(t, tool("verify", "--unsigned", at("certificate.json")).code)
				seen = tool(silent...) // the first run had nothing about which the documentation is silent
				require.Zero(t, seen.code)
				require.Regexp(t, `\d observed`, seen.stdout)
			}

			files, err := os.ReadDir(folder)
			require.NoError(t, err)
			for _, file := range files {
				content, err := os.ReadFile(at(file.Name()))
				require.NoError(t, err)
				artefacts[file.Name()] = string(content)
			}
			require.Contains(t, artefacts, "summary.md")
			requireRedactedJSON(t, artefacts["report.har"])
			tokens, otps := spy.secrets()
			require.Greater(t, len(tokens), 20, "the run saw tokens")
			require.Greater(t, len(otps), 5, "the run saw OTPs")
			tokens = append(tokens, clientToken, apiKey, inboxKey, pathKey)
			require.Contains(t, artefacts["result.json"], secretMark)
			require.Equal(t, c.leaks, strings.Contains(artefacts["result.json"], "rawurl0"), "what leaks is recorded")
			newSeeker(tokens, otps).requireNone(t, artefacts)
		})
	}
}

// requireRedactedJSON looks into every body of an archive: one that was JSON is JSON.
func requireRedactedJSON(t *testing.T, text string) {
	t.Helper()
	type content struct{ Text string }
	var archive struct {
		Log struct {
			Entries []struct {
				Request  struct{ PostData content }
				Response struct{ Content content }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &archive))
	seen := 0
	for _, e := range archive.Log.Entries {
		for _, body := range []string{e.Request.PostData.Text, e.Response.Content.Text} {
			if strings.HasPrefix(body, "{") && strings.HasSuffix(body, "}") && strings.Contains(body, secretMark) {
				require.True(t, json.Valid([]byte(body)), body)
				seen++
			}
		}
	}
	require.Greater(t, seen, 100)
}

// secretMark stands where a secret was, as the documentation says.
const secretMark = "[redacted]"

const head = `
variable "client_token" { sensitive = true }
variable "api_key" { sensitive = true }
variable "inbox_key" { sensitive = true }
variable "path_key" { sensitive = true }
target "http" {
  base_url = "${env("TARGET")}/${var.path_key}"
  headers  = { X-Api-Key = var.api_key }
  settle   = "10ms"
}
webhook { listen = "127.0.0.1:0" }
waiver "PV-10" {
  reason = "the key is ${var.api_key}"
  until  = "2099-12-31"
}
`

const pactStates = `
states "pact" {
  url     = "${env("TARGET")}/_pact/provider-states"
  headers = { Authorization = "Bearer ${var.client_token}" }
}
`

const verifikStates = `
states "verifik" {
  client_token          = var.client_token
  project               = "63fe7b9a21c72be3cc42b800"
  project_flow          = "63fe7b9a21c72be3cc42b801"
  liveness_project_flow = "63fe7b9a21c72be3cc42b8f1"
  phones = [
    "+507 62647737", "+507 62647738", "+507 62647739", "+1 2025550143",
    "+1 2025550144", "+57 3001234567", "+57 3001234568", "+57 3001234569",
  ]
  otp "http" {
    url   = "${env("TARGET")}/_inbox?key=${var.inbox_key}&countryCode={countryCode}&phone={phone}"
    every = "20ms"
    for   = "5s"
  }
}
`

// What sources of OTPs and of states say that is not what was expected: no artefact shows the OTP in it, which nobody
// knows to be one.
func TestNoArtefactHoldsWhatAMisbehavingSourceSays(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs")
	}
	t.Parallel()
	const otp = "573283"
	for name, c := range map[string]struct {
		status          int
		answer, command string
		pact            bool
	}{
		"a bare number":         {status: 200, answer: otp},
		"a bare text":           {status: 200, answer: `"` + otp + `"`},
		"a prefix":              {status: 200, answer: "G-" + otp},
		"a sentence":            {status: 200, answer: "Your code is " + otp},
		"an object":             {status: 200, answer: `{"otp":{"value":"` + otp + `"}}`},
		"a truth value":         {status: 200, answer: `{"message":"Your code: ` + otp + `","otp":true}`},
		"another field":         {status: 200, answer: `{"code":` + otp + `}`},
		"a failure of an inbox": {status: 500, answer: "Your code is " + otp},
		"a failing command":     {command: "echo Your code is " + otp + " >&2; exit 1"},
		"a chatty command":      {command: "echo Your code is " + otp},
		"a failing handler":     {status: 500, answer: "Your verification code is " + otp, pact: true},
		"a confused handler":    {status: 200, answer: `{"phone":"62647737","countryCode":"+507","token":"a-made-up-token","otp":{"value":"` + otp + `"}}`, pact: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, provider := newSpy(t, reference.Options{ClientToken: "client.token/of+the=test"}, "", false)
			source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer)) // a client that has gone asks no more
			}))
			t.Cleanup(source.Close)
			folder := t.TempDir()
			at := func(name string) string { return filepath.Join(folder, name) }
			asked := fmt.Sprintf("otp \"http\" {\n url = %q\n every = \"20ms\"\n for = \"100ms\"\n}", source.URL+"/{countryCode}/{phone}")
			if c.command != "" {
				require.NoError(t, os.WriteFile(at("read-otp"), []byte("#!/bin/sh\n"+c.command+"\n"), 0o700))
				asked = fmt.Sprintf("otp \"command\" {\n argv = [%q]\n for = \"5s\"\n}", at("read-otp"))
			}
			states := fmt.Sprintf("states \"verifik\" {\n client_token = \"client.token/of+the=test\"\n project = \"63fe7b9a21c72be3cc42b800\"\n"+
				" project_flow = \"63fe7b9a21c72be3cc42b801\"\n phones = [\"+507 62647737\"]\n%s\n}\n", asked)
			if c.pact {
				states = fmt.Sprintf("states \"pact\" {\n url = %q\n}\n", source.URL)
			}
			require.NoError(t, os.WriteFile(at("target.hcl"), []byte(fmt.Sprintf("target \"http\" {\n base_url = %q\n}\n", provider.URL)+states), 0o600))
			run := []string{"run", "-e", at("target.hcl"), "--rule", "PV-01", "--result", at("result.json")}
			for _, form := range report.Forms() {
				run = append(run, "--report", form.Name+"="+at("report."+form.Name))
			}
			seen := call(t, nil, run...)
			require.EqualValues(t, result.ExitUnjudged, seen.code, "%s%s", seen.stdout, seen.stderr)
			artefacts := map[string]string{"stdout": seen.stdout, "stderr": seen.stderr, "show": call(t, nil, "show", at("result.json")).stdout}
			files, err := os.ReadDir(folder)
			require.NoError(t, err)
			for _, file := range files {
				content, err := os.ReadFile(at(file.Name()))
				require.NoError(t, err)
				artefacts[file.Name()] = string(content)
			}
			delete(artefacts, "read-otp")
			require.Contains(t, artefacts["result.json"], "could not be made")
			newSeeker(nil, []string{otp}).requireNone(t, artefacts)
		})
	}
}
