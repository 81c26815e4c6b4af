package main_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// judgeDeployments lets deployments in a night's folder through with a certificate that is genuine, of this contract, of that target
// and of today, and expects that any other stops them.
func judgeDeployments(t *testing.T, folder, private, public, target string) {
	t.Helper()
	script, err := os.ReadFile("gate/deploy.sh")
	require.NoError(t, err)
	guide, err := os.ReadFile("../docs/CI.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), "```sh\n"+string(script)+"```\n", "docs/CI.md shows it as it is")

	foreign, _ := signingKey(t)
	for name, text := range map[string]string{"deploy.sh": string(script), "signing.pub.pem": public, "signing.pem": private, "foreign.pem": foreign} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700))
	}
	env := map[string]string{"PATH": folder + ":" + os.Getenv("PATH")}
	var found object
	data, err := os.ReadFile(filepath.Join(folder, "merged", "result.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &found))

	// certify signs the result, or one that differs from it in one field.
	certify := func(t *testing.T, key, field string, value any) {
		t.Helper()
		other := maps.Clone(found)
		if field != "" {
			other[field] = value
		}
		data, err := json.Marshal(other)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "other.json"), data, 0o600))
		code, said := sh(t, folder, env, "./verifik-contract", "merge", "--quiet", "--certify", "certificate.json", "--sign-key", key, "other.json")
		require.Zero(t, code, said)
	}
	certify(t, "signing.pem", "", nil)
	name := filepath.Join(folder, "certificate.json")
	genuine, err := os.ReadFile(name)
	require.NoError(t, err)
	restore := func(t *testing.T) { require.NoError(t, os.WriteFile(name, genuine, 0o600)) }
	tamper := func(t *testing.T) {
		t.Helper()
		var envelope object
		require.NoError(t, json.Unmarshal(genuine, &envelope))
		payload, err := base64.StdEncoding.DecodeString(envelope["payload"].(string))
		require.NoError(t, err)
		changed := strings.Replace(string(payload), `"staging"`, `"production"`, 1)
		require.NotEqual(t, string(payload), changed)
		envelope["payload"] = base64.StdEncoding.EncodeToString([]byte(changed))
		data, err := json.Marshal(envelope)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, data, 0o600))
	}
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T)
		target  string
		says    string // "": it is deployed
	}{
		{"genuine", restore, target, ""},
		{"an old one", func(t *testing.T) { certify(t, "signing.pem", "started", "2026-01-01T00:00:00Z") }, target, "too old"},
		{"of another target", restore, "https://staging.example.test", "https://staging.example.test"},
		{"of another contract", func(t *testing.T) {
			digest := "sha256:" + strings.Repeat("0", 64)
			certify(t, "signing.pem", "digests", object{"features": digest, "schemas": digest})
		}, target, "another contract"},
		{"signed with another key", func(t *testing.T) { certify(t, "foreign.pem", "", nil) }, target, "signed with another key"},
		{"tampered with", tamper, target, "the signature is wrong"},
		{"none", func(t *testing.T) { require.NoError(t, os.Remove(name)) }, target, "certificate.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.prepare(t)
			env["STAGING_URL"] = c.target
			code, said := sh(t, folder, env, "./deploy.sh", "certificate.json", "touch", "deployed")
			if c.says == "" {
				require.Zero(t, code, said)
				require.FileExists(t, filepath.Join(folder, "deployed"))
				require.NoError(t, os.Remove(filepath.Join(folder, "deployed")))
				return
			}
			require.NotZero(t, code, said)
			require.Contains(t, said, c.says)
			require.NoFileExists(t, filepath.Join(folder, "deployed"))
		})
	}
}
