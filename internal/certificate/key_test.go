package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/certificate"
)

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return der
}

func pkix(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return der
}

func TestKeysAreReadAsOpenSSLWritesThem(t *testing.T) {
	private, err := certificate.ParsePrivateKey(block("PRIVATE KEY", pkcs8(t, key(1))))
	require.NoError(t, err)
	require.Equal(t, key(1), private)
	verifying, err := certificate.ParsePublicKey(block("PUBLIC KEY", pkix(t, public(1))))
	require.NoError(t, err)
	require.Equal(t, public(1), verifying)
}

func TestAKeyThatIsNotThatOfASignerIsExplained(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ours := pkcs8(t, key(1))
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"an empty file":       {nil, "the file is not one PEM block"},
		"no PEM":              {ours, "the file is not one PEM block"},
		"encrypted":           {block("ENCRYPTED PRIVATE KEY", ours), `the file is not one PEM block of the type "PRIVATE KEY": an Ed25519 private key is needed, in PEM (PKCS#8) and not encrypted`},
		"a public key":        {block("PUBLIC KEY", pkix(t, public(1))), `of the type "PRIVATE KEY": an Ed25519 private key is needed`},
		"OpenSSH's form":      {block("OPENSSH PRIVATE KEY", ours), "openssl genpkey -algorithm ed25519"},
		"an EC key in PKCS#8": {block("PRIVATE KEY", pkcs8(t, curve)), "of another kind (*ecdsa.PrivateKey)"},
		"damaged":             {block("PRIVATE KEY", ours[:20]), "damaged"},
		"more than one":       {append(block("PRIVATE KEY", ours), block("PRIVATE KEY", ours)...), "the file is not one PEM block"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.ParsePrivateKey(c.data)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), base64.StdEncoding.EncodeToString(ours)[20:40], "no error shows a part of the key")
		})
	}
}

func TestAKeyThatCannotVerifyIsExplained(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"no PEM":        {[]byte("ssh-ed25519 AAAA"), "the file is not one PEM block"},
		"a private key": {block("PRIVATE KEY", pkcs8(t, key(1))), `of the type "PUBLIC KEY": an Ed25519 public key is needed`},
		"an EC key":     {block("PUBLIC KEY", pkix(t, &curve.PublicKey)), "of another kind (*ecdsa.PublicKey)"},
		"damaged":       {block("PUBLIC KEY", []byte{1}), "damaged"},
		"more than one": {append(block("PUBLIC KEY", nil), block("PUBLIC KEY", nil)...), "the file is not one PEM block"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.ParsePublicKey(c.data)
			require.ErrorContains(t, err, c.says)
		})
	}
}
