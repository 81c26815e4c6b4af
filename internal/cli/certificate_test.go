package cli_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/certificate"
	"verifik-contract/internal/result"
)

// A certificate of 2019 whose digests are zeros and which holds one promise is signed as well as any other.
func TestAValidSignatureAloneOpensNoGate(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run")
	}
	t.Parallel()
	folder := t.TempDir()
	path, publicPath := filepath.Join(folder, "certificate.json"), filepath.Join(folder, "public.pem")
	require.Zero(t, call(t, nil, "run", "--quiet", "--level", "should", "--certify", path).code)
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, _ := private.Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(publicPath, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var e certificate.Envelope
	require.NoError(t, json.Unmarshal(data, &e))
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(c map[string]any)
		args   []string
		code   result.ExitCode
		says   []string
	}{
		"as it was made": {func(map[string]any) {}, []string{"--max-age", "720h"}, 0, nil},
		"of 2019, of no contract, with one promise": {func(c map[string]any) {
			c["started"], c["finished"] = "2019-01-01T00:00:00Z", "2019-01-01T00:00:01Z"
			zeros := "sha256:" + strings.Repeat("0", 64)
			c["digests"] = map[string]any{"features": zeros, "schemas": zeros}
			c["promises"] = c["promises"].([]any)[:1]
		}, []string{"--max-age", "720h"}, 1, []string{"too old", "its features are sha256:0000", "its schemas are sha256:0000"}},
		"with one promise": {func(c map[string]any) { c["promises"] = c["promises"].([]any)[:1] }, nil, 1,
			[]string{"PV-02 (must) is a promise of the contract, and is not certified"}},
		"of another contract, asked for": {func(c map[string]any) {
			c["digests"].(map[string]any)["features"] = "sha256:" + strings.Repeat("1", 64)
			c["promises"] = c["promises"].([]any)[:1]
		}, []string{"--any-contract"}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var contents map[string]any
			require.NoError(t, json.Unmarshal(payload, &contents))
			c.change(contents)
			changed, err := json.Marshal(contents)
			require.NoError(t, err)
			text := "DSSEv1 " + strconv.Itoa(len(e.PayloadType)) + " " + e.PayloadType + " " + strconv.Itoa(len(changed)) + " " + string(changed)
			signed := certificate.Envelope{PayloadType: e.PayloadType, Payload: base64.StdEncoding.EncodeToString(changed), Signatures: []certificate.Signature{
				{KeyID: certificate.KeyID(public), Sig: base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(text)))},
			}}
			var encoded bytes.Buffer
			require.NoError(t, signed.Encode(&encoded))
			file := filepath.Join(t.TempDir(), "certificate.json")
			require.NoError(t, os.WriteFile(file, encoded.Bytes(), 0o600))
			got := call(t, nil, append([]string{"verify", file, "--key", publicPath}, c.args...)...)
			require.EqualValues(t, c.code, got.code, got.stderr)
			require.Contains(t, got.stdout, "signed, and verified")
			for _, says := range c.says {
				require.Contains(t, got.stderr, says)
			}
		})
	}
}
