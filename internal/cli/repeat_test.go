package cli_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// certificates writes an authority, and a certificate and key for the server and for the client, and returns the
// server's configuration: it asks for a certificate of that authority.
func certificates(t *testing.T, folder, name string) *tls.Config {
	t.Helper()
	write := func(file, kind string, der []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of its own"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	require.NoError(t, err)
	write("ca.pem", "CERTIFICATE", der)
	issue := func(file, name string) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}, authority, &key.PublicKey, authorityKey)
		require.NoError(t, err)
		write(file+".pem", "CERTIFICATE", der)
		text, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		write(file+".key", "PRIVATE KEY", text)
	}
	issue("server", name)
	issue("client", "a client")
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "server.pem"), filepath.Join(folder, "server.key"))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	authorityCertificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool.AddCert(authorityCertificate)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
}

// freshState makes a state as a person would who repeats a failure, and returns its values as variables of a shell.
func freshState(t *testing.T, handler, prefix string) []string {
	t.Helper()
	answer, err := http.Post(handler, "application/json", strings.NewReader(`{"state":"a pending phone validation","params":{},"action":"setup"}`))
	require.NoError(t, err)
	defer answer.Body.Close()
	var values map[string]any
	decoder := json.NewDecoder(answer.Body)
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&values))
	var all []string
	for variable, name := range map[string]string{"PHONE": "phone", "COUNTRY_CODE": "countryCode", "OTP": "otp", "WRONG_OTP": "wrongOtp", "TOKEN": "token", "VALIDATION_ID": "validationId", "APP_REGISTRATION_ID": "appRegistrationId"} {
		all = append(all, fmt.Sprintf("%s%s=%v", prefix, variable, values[name]))
	}
	return all
}

// TestWhatIsPrintedRepeatsTheFailure runs the printed curl lines in bash against a target that has an authority and a
// name of its own, asks for a client certificate, for a key in a header and for an empty header; and the printed
// commands of this tool.
func TestWhatIsPrintedRepeatsTheFailure(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	for fault, rules := range map[string][]string{
		"success-lacks-status":              {"PV-01"},
		"only-first-digits-compared":        {"PV-02"},
		"other-registration-token-accepted": {"PV-16"},
		"spaces-trimmed-at-ends-only":       {"PV-08"},
		"token-signature-not-checked":       {"PV-16"},
		"success-echoes-otp":                {"PV-24"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			p, err := newProvider(reference.Options{Fault: fault}, nil)
			require.NoError(t, err)
			t.Cleanup(p.close)
			folder := t.TempDir()
			target := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, empty := r.Header["X-Empty"]; !empty || r.Header.Get("X-Api-Key") != "key-of-the-gateway" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				p.reference.Handler().ServeHTTP(w, r)
			}))
			target.TLS = certificates(t, folder, "api.example.test")
			target.Config.ErrorLog = log.New(io.Discard, "", 0)
			target.StartTLS()
			t.Cleanup(target.Close)
			environment := filepath.Join(folder, "own.hcl")
			require.NoError(t, os.WriteFile(environment, []byte(fmt.Sprintf(`
variable "key" { sensitive = true }
target "http" {
  base_url = %q
  headers  = { X-Api-Key = var.key, X-Empty = "" }
  tls {
    ca_file          = "ca.pem"
    client_cert_file = "client.pem"
    client_key_file  = "client.key"
    server_name      = "api.example.test"
  }
}
states "pact" { url = %q }
`, target.URL, p.states())), 0o600))
			saved := filepath.Join(folder, "result.json")
			got := call(t, map[string]string{"KEY": ""}, "run", "-e", environment, "--var", "key=key-of-the-gateway", "--level", "should", "--result", saved)
			require.EqualValues(t, 1, got.code, "%s%s", got.stdout, got.stderr)
			require.NotContains(t, got.stdout, "key-of-the-gateway")
			text, err := os.ReadFile(saved)
			require.NoError(t, err)
			var run result.Run
			require.NoError(t, json.Unmarshal(text, &run))

			variables := append(freshState(t, p.states(), "OTHER_"), "X_API_KEY=key-of-the-gateway", "UNKNOWN_TOKEN=made.up.token", "CREDENTIALS=made-up", "PATH="+os.Getenv("PATH"))
			repeat := func(e result.Exchange) {
				command := exec.Command(bash, "-c", e.Curl)
				command.Env = append(freshState(t, p.states(), ""), variables...)
				var complaints bytes.Buffer
				command.Stderr = &complaints
				out, err := command.Output()
				require.NoError(t, err, "%s\n%s", e.Curl, complaints.String())
				head, body, _ := strings.Cut(string(out), "\r\n\r\n")
				status, err := strconv.Atoi(strings.Fields(head)[1])
				require.NoError(t, err)
				require.Equal(t, e.Answer.Status, status, "%s\n%s", e.Curl, out)
				require.Equal(t, members(t, e.Answer.Body), members(t, body), e.Curl)
			}
			failed := map[string]bool{}
			for _, s := range run.Scenarios {
				if s.Verdict == result.Failed {
					failed[s.Rule] = true
					if s.Exchanges[s.Findings[0].Exchange].Purpose != "judged" {
						continue // what a read-back shows is of a state that was spent
					}
					repeat(s.Exchanges[s.Findings[0].Exchange])
				}
			}
			for _, r := range run.Rules {
				if r.OnExchanges() && r.Verdict == result.Failed {
					failed[r.ID] = true
					for _, s := range run.Scenarios {
						if s.ID == r.Findings[0].Scenario {
							repeat(s.Exchanges[r.Findings[0].Exchange])
						}
					}
				}
			}
			for _, rule := range rules {
				require.True(t, failed[rule], "%s: %v", rule, failed)
			}

			again := regexp.MustCompile(`(?m)^ +verifik-contract (run .*)$`).FindAllStringSubmatch(got.stdout, -1)
			require.NotEmpty(t, again, got.stdout)
			for _, line := range again {
				args := strings.Fields(strings.ReplaceAll(line[1], `key="$CONTRACT_VAR_key"`, "key=key-of-the-gateway"))
				once := call(t, nil, args...)
				require.EqualValues(t, 1, once.code, "%s\n%s%s", line[1], once.stdout, once.stderr)
				require.Contains(t, once.stdout, "The contract is not kept, ", line[1])
			}
		})
	}
}

// members is the names and kinds of the members of a JSON body, sorted as JSON sorts them.
func members(t *testing.T, body string) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	for key, value := range v {
		if object, ok := value.(map[string]any); ok {
			for name, value := range object {
				if object[name] = fmt.Sprintf("%T", value); name == "otp" {
					object[name] = "hidden, whatever it was"
				}
			}
			continue
		}
		if text, ok := value.(string); ok && key == "code" {
			v[key] = text
			continue
		}
		v[key] = fmt.Sprintf("%T", value)
	}
	return v
}
