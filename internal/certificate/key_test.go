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
	legacy := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: ours})
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"an empty file":            {nil, "the file is empty"},
		"no PEM":                   {ours, "the file is not PEM"},
		"encrypted":                {block("ENCRYPTED PRIVATE KEY", ours), "is encrypted"},
		"encrypted in the old way": {legacy, "is encrypted"},
		"a public key":             {block("PUBLIC KEY", pkix(t, public(1))), "this is a public key"},
		"OpenSSH's form":           {block("OPENSSH PRIVATE KEY", ours), "OpenSSH"},
		"an RSA key":               {block("RSA PRIVATE KEY", ours), "this is an RSA key"},
		"an EC key":                {block("EC PRIVATE KEY", ours), "this is an EC key"},
		"an EC key in PKCS#8":      {block("PRIVATE KEY", pkcs8(t, curve)), "of another kind (ECDSA)"},
		"a certificate":            {block("CERTIFICATE", ours), `the PEM block is "CERTIFICATE"`},
		"damaged":                  {block("PRIVATE KEY", ours[:20]), "damaged"},
		"more than one":            {append(block("PRIVATE KEY", ours), block("PRIVATE KEY", ours)...), "more than one"},
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
		"an empty file":  {[]byte(" \n"), "the file is empty"},
		"no PEM":         {[]byte("ssh-ed25519 AAAA"), "the file is not PEM"},
		"a private key":  {block("PRIVATE KEY", pkcs8(t, key(1))), "this is a private key"},
		"an encrypted":   {block("ENCRYPTED PRIVATE KEY", nil), "this is a private key"},
		"a certificate":  {block("CERTIFICATE", nil), "X.509 certificate"},
		"an EC key":      {block("PUBLIC KEY", pkix(t, &curve.PublicKey)), "of another kind (ECDSA)"},
		"damaged":        {block("PUBLIC KEY", []byte{1}), "damaged"},
		"something else": {block("RSA PUBLIC KEY", nil), `the PEM block is "RSA PUBLIC KEY"`},
		"more than one":  {append(block("PUBLIC KEY", nil), block("PUBLIC KEY", nil)...), "more than one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.ParsePublicKey(c.data)
			require.ErrorContains(t, err, c.says)
		})
	}
}
