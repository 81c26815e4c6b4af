package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
)

// forgetful is a provider whose state handler leaves a value out of every answer.
func forgetful(t *testing.T, value string) *httptest.Server {
	t.Helper()
	provider, err := reference.New(reference.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_pact/provider-states" {
			provider.Handler().ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		provider.Handler().ServeHTTP(answer, r)
		var values map[string]any
		if json.Unmarshal(answer.Body.Bytes(), &values) == nil {
			delete(values, value)
		}
		_ = json.NewEncoder(w).Encode(values)
	}))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, provider.Close())
	})
	return server
}

// kinds returns the places of one scenario of each kind of the levels must and should: those of a rule that make the same
// states, need the same values, read back as often and have as many steps differ in what is typed or written.
var kinds = sync.OnceValue(func() (places []string) {
	var planned bytes.Buffer
	cli.Main([]string{"plan", "--level", "should", "--format", "json"}, cli.Streams{
		In: strings.NewReader(""), Out: &planned, Err: io.Discard, LookupEnv: func(string) (string, bool) { return "", false },
	})
	var plan struct {
		Scenarios []struct {
			ID, Rule string
			Steps    []any
			Needs    []state.Request
			Cost     struct{ ReadBacks int }
		}
	}
	if err := json.Unmarshal(planned.Bytes(), &plan); err != nil {
		panic(err)
	}
	seen := map[string]bool{}
	for _, s := range plan.Scenarios {
		for i := range s.Needs {
			s.Needs[i].CountryCode, s.Needs[i].PhoneGateway = "", ""
		}
		if kind := fmt.Sprint(s.Rule, s.Needs, s.Cost.ReadBacks, len(s.Steps)); !seen[kind] {
			seen[kind] = true
			places = append(places, s.ID)
		}
	}
	return places
})

// judged runs a scenario of each kind.
func judged(t *testing.T, server *httptest.Server) *result.Run {
	t.Helper()
	folder := t.TempDir()
	environment := filepath.Join(folder, "states.hcl")
	require.NoError(t, os.WriteFile(environment, fmt.Appendf(nil, "target \"http\" {\n  base_url = %q\n  settle = \"50ms\"\n}\nstates \"pact\" { url = %q }\nwebhook {}\n",
		server.URL, server.URL+"/_pact/provider-states"), 0o600))
	var said bytes.Buffer
	cli.Main(append([]string{"run", "-e", environment, "--quiet", "--stop-after", "0", "--result", filepath.Join(folder, "result.json")}, kinds()...), cli.Streams{
		In: strings.NewReader(""), Out: &said, Err: &said, LookupEnv: func(string) (string, bool) { return "", false },
	})
	file, err := os.Open(filepath.Join(folder, "result.json"))
	require.NoError(t, err, said.String())
	defer func() { require.NoError(t, file.Close()) }()
	run, err := result.Read(file)
	require.NoError(t, err)
	return run
}

// row is a value's row: its name, its type, whether it is needed, and the rules that are skipped without it.
var row = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| (needed|where known)[^|]* \\| ([^|]*) \\|")

func TestWhatIsSkippedWithoutAValueIsDocumented(t *testing.T) {
	text, err := os.ReadFile("docs/STATES.md")
	require.NoError(t, err)
	documented := map[string]bool{}
	for _, found := range row.FindAllStringSubmatch(string(text), -1) {
		name, needed, rules := found[1], found[3] == "needed", regexp.MustCompile(`PV-\d+`).FindAllString(found[4], -1)
		documented[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				t.Skip("a run for each value")
			}
			skipped, broken := []string{}, 0
			for _, s := range judged(t, forgetful(t, name)).Scenarios {
				switch s.Verdict {
				case result.Skipped:
					skipped = append(skipped, s.Rule)
					require.Contains(t, s.Reason, name, "the skip names the field")
				case result.Broken:
					broken++
					require.Contains(t, s.Reason, name, "the reason names the field")
				default:
					require.Equal(t, result.Passed, s.Verdict, "%s %s: %s", s.Rule, s.Name, s.Reason)
				}
			}
			slices.Sort(skipped)
			require.ElementsMatch(t, rules, slices.Compact(skipped), "the row of %s in docs/STATES.md", name)
			require.Equal(t, needed, broken > 0, "%d scenarios were broken", broken)
		})
	}
	// Every value that the reference provider yields is one that somebody may ask about.
	for _, name := range []string{"phone", "countryCode", "otp", "wrongOtp", "token", "project", "projectFlow", "phoneGateway", "showFaceLivenessRecommendation", "validationId", "appRegistrationId"} {
		require.True(t, documented[name], name)
	}
}

func TestEveryStateIsDocumented(t *testing.T) {
	text, err := os.ReadFile("docs/STATES.md")
	require.NoError(t, err)
	for _, name := range providerstate.Names() {
		require.Contains(t, string(text), "| `"+string(name)+"` |")
	}
	for _, parameter := range []string{"countryCode", "phoneGateway", "webhookUrl"} {
		require.Regexp(t, "(?m)^\\| `"+parameter+"` \\|", string(text))
	}
	for variable := range contract.MadeUp("e30.e30.AAAA") {
		require.Contains(t, string(text), "`"+variable+"`", "a command of a failure may need it")
	}
}
