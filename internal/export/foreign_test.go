package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
)

// foreign finds node and packages of npm, which .ci/run installs: what is exported is read by what others wrote.
func foreign(t *testing.T, packages ...string) (node string) {
	t.Helper()
	if testing.Short() {
		t.Skip("whole processes")
	}
	node, err := exec.LookPath("node")
	for _, name := range packages {
		if err == nil {
			_, err = os.Stat(filepath.Join(os.Getenv("NODE_PATH"), name))
		}
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%v: .ci/run installs what is missing (NODE_PATH is %q)", err, os.Getenv("NODE_PATH"))
	}
	if err != nil {
		t.Skipf("%v: .ci/run installs what is missing (NODE_PATH is %q)", err, os.Getenv("NODE_PATH"))
	}
	return node
}

// tool is the command that a package of npm brings.
func tool(name string) string { return filepath.Join(os.Getenv("NODE_PATH"), ".bin", name) }

// exported writes an exported document to a file.
func exported(t *testing.T, document any) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "document.json")
	require.NoError(t, os.WriteFile(file, encoded(t, document), 0o600))
	return file
}

// provider is a reference provider with a fault, or without.
func provider(t *testing.T, fault string) *reference.Server {
	t.Helper()
	p, err := reference.New(reference.Options{Fault: fault})
	require.NoError(t, err)
	server, err := reference.Listen("127.0.0.1:0", p)
	require.NoError(t, err)
	t.Cleanup(func() { server.Close(); p.Close() })
	return server
}

func TestALinterOfOpenAPIFindsNothing(t *testing.T) {
	foreign(t, "@redocly/cli")
	args := []string{"lint", "--format=json"}
	for _, folder := range []string{"", "../../examples/lock"} {
		args = append(args, exported(t, OpenAPI(load(t, folder))))
	}
	cmd := exec.CommandContext(t.Context(), tool("redocly"), args...)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	reports := json.NewDecoder(bytes.NewReader(out))
	for range args[2:] {
		var report struct {
			Totals   *struct{ Errors, Warnings int }
			Problems []any
		}
		require.NoError(t, reports.Decode(&report), "%s", out)
		require.Empty(t, report.Problems)
		require.NotNil(t, report.Totals)
		require.Zero(t, *report.Totals)
	}
	require.False(t, reports.More(), "%s", out)
}

// proxy starts a proxy that validates what passes by an OpenAPI document, and returns its address.
func proxy(t *testing.T, document, target string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool("prism"), "proxy", document, target, "--port", "0", "--errors")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var seen strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		fmt.Fprintln(&seen, lines.Text())
		if found := regexp.MustCompile(`listening on (http://\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = bufio.NewReader(stdout).WriteTo(&strings.Builder{}) }()
			return found[1]
		}
	}
	t.Fatalf("the proxy did not start: %s", seen.String())
	return ""
}

// A process of node takes longer to start than all else: one proxy stands before every provider, and a header says which.
func TestAValidatingProxyPassesAFaithfulProviderAndCatchesFaults(t *testing.T) {
	foreign(t, "@stoplight/prism-cli")
	handlers := map[string]http.Handler{}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handlers[r.Header.Get("X-Fault")].ServeHTTP(w, r) }))
	t.Cleanup(target.Close)
	for _, fault := range []string{"", "success-lacks-status", "wrong-otp-code-renamed"} {
		p, err := reference.New(reference.Options{Fault: fault})
		require.NoError(t, err)
		t.Cleanup(func() { p.Close() })
		handlers[fault] = p.Handler()
	}
	through := proxy(t, exported(t, OpenAPI(load(t, ""))), target.URL)
	for fault, tries := range map[string][]struct {
		state, otp string // what of the state's values is typed
		code       int
	}{
		"": {
			{"a pending phone validation", "otp", 200}, {"a pending phone validation", "wrongOtp", 403},
			{"no phone validation", "", 404}, {"an expired phone validation", "otp", 412},
		},
		"success-lacks-status":   {{"a pending phone validation", "wrongOtp", 403}, {"a pending phone validation", "otp", 500}},
		"wrong-otp-code-renamed": {{"a pending phone validation", "otp", 200}, {"a pending phone validation", "wrongOtp", 500}},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			for _, try := range tries {
				values := map[string]any{"": "246813"}
				post(t, http.MethodPost, target.URL+"/_pact/provider-states", fault, "", fmt.Sprintf(`{"state":%q,"params":{},"action":"setup"}`, try.state), &values)
				body := fmt.Sprintf(`{"phone":%q,"countryCode":%q,"otp":%v}`, values["phone"], values["countryCode"], values[try.otp])
				var answer map[string]any
				code := post(t, http.MethodPut, through+"/v2/phone-validations", fault, fmt.Sprint(values["token"]), body, &answer)
				require.Equal(t, try.code, code, "%v: %v", try, answer)
				if code == 500 {
					require.Contains(t, fmt.Sprint(answer["type"]), "VIOLATIONS", "it is the proxy that answers: %v", answer)
				}
			}
		})
	}
}

func post(t *testing.T, method, url, fault, token, body string, into any) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("X-Fault", fault)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.NoError(t, json.NewDecoder(answer.Body).Decode(into))
	return answer.StatusCode
}

func TestPactsOwnVerifierPassesAFaithfulProviderAndFailsFaults(t *testing.T) {
	node := foreign(t, "@pact-foundation/pact-core")
	whole, out := exported(t, shippedPact().Document), filepath.Join(t.TempDir(), "found.json")
	expected := []struct{ fault, interaction string }{
		{"", ""},
		{"success-flag-as-string", "PV-01 The right OTP"},
		{"otp-not-compared", "PV-02 A phone of +57, and an OTP delivered by whatsapp (its first request)"},
		{"missing-some-names-all", "PV-05 The request leaves out countryCode and otp (its first request)"},
		{"missing-header-accepted", "PV-16 The right OTP without a token, or with one that nobody knows (its first request)"},
	}
	args := []string{filepath.Join("testdata", "verify.cjs"), out}
	for _, e := range expected {
		server, pact := provider(t, e.fault), whole
		if e.fault != "" {
			rule, _, _ := strings.Cut(e.interaction, " ")
			pact = partOf(t, whole, rule)
		}
		args = append(args, pact, server.BaseURL, server.StatesURL)
	}
	cmd := exec.CommandContext(t.Context(), node, args...)
	cmd.Env = append(os.Environ(), "PACT_DO_NOT_TRACK=true")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	var found [][]string
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &found))
	require.Len(t, found, len(expected))
	for i, e := range expected {
		if e.fault == "" {
			require.Empty(t, found[i], "%s", said)
			continue
		}
		require.Contains(t, found[i], e.interaction, e.fault)
	}
}

// partOf writes the interactions of one rule as a pact of their own: to verify the whole takes the verifier a second.
func partOf(t *testing.T, whole, rule string) (file string) {
	t.Helper()
	text, err := os.ReadFile(whole)
	require.NoError(t, err)
	var pact map[string]any
	require.NoError(t, json.Unmarshal(text, &pact))
	all := pact["interactions"].([]any)
	pact["interactions"] = slices.DeleteFunc(all, func(one any) bool {
		return !strings.HasPrefix(one.(map[string]any)["description"].(string), rule+" ")
	})
	text, err = json.Marshal(pact)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "pact.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}
