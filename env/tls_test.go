package env_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
)

// certificate makes a self-signed certificate and its key.
func certificate(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func keyPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

const tlsEnvironment = `
target "http" {
  base_url = "https://api.example.test"
  tls {
    ca_file              = "ca.pem"
    client_cert_file     = "client.pem"
    client_key_file      = "client.key"
    server_name          = "other.example.test"
    insecure_skip_verify = true
  }
}
` + pactStates

func TestTLSFilesAreReadAndChecked(t *testing.T) {
	key, cert := certificate(t)
	_, ca := certificate(t)
	ec, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, clientKey := range map[string]string{
		"a key in PKCS#8": keyPEM("PRIVATE KEY", pkcs8),
		"a key in SEC 1":  keyPEM("EC PRIVATE KEY", ec),
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, folder, "ca.pem", ca+cert)
			write(t, folder, "client.pem", cert)
			write(t, folder, "client.key", clientKey)
			e, problems := loadFile(write(t, folder, "x.hcl", tlsEnvironment), env.Options{LookupEnv: noEnvironment})
			require.Empty(t, problems, "%s", shown(t, problems))
			require.Equal(t, env.TLS{CA: env.Content{Data: []byte(ca + cert), File: filepath.Join(folder, "ca.pem")},
				ClientCert: env.Content{Data: []byte(cert), File: filepath.Join(folder, "client.pem")}, ClientKey: env.Content{Data: []byte(clientKey), File: filepath.Join(folder, "client.key")},
				ServerName: "other.example.test", InsecureSkipVerify: true}, e.Target.TLS)
		})
	}
}

func TestTLSFilesThatDoNotFitAreProblems(t *testing.T) {
	key, cert := certificate(t)
	other, otherCert := certificate(t)
	good, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	foreign, err := x509.MarshalPKCS8PrivateKey(other)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	otherKind := keyPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}}))
	const pair = "The client certificate and its key cannot be used together"
	cases := map[string]struct {
		ca, cert, key string
		want          string
	}{
		"a key of another certificate": {cert, cert, keyPEM("PRIVATE KEY", foreign), pair},
		"a key of another kind":        {cert, cert, otherKind, pair},
		"a certificate of another key": {cert, otherCert, keyPEM("PRIVATE KEY", good), pair},
		"an encrypted key":             {cert, cert, encrypted, pair},
		"a certificate as the key":     {cert, cert, cert, pair},
		"a key as the certificate":     {cert, keyPEM("PRIVATE KEY", good), keyPEM("PRIVATE KEY", good), pair},
		"an authority that is a text":  {"hello", cert, keyPEM("PRIVATE KEY", good), `"ca_file" of tls holds no usable certificate`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, folder, "ca.pem", c.ca)
			write(t, folder, "client.pem", c.cert)
			write(t, folder, "client.key", c.key)
			e, problems := loadFile(write(t, folder, "x.hcl", tlsEnvironment), env.Options{LookupEnv: noEnvironment})
			require.Nil(t, e)
			require.Len(t, problems, 1, "%s", shown(t, problems))
			require.Equal(t, c.want, problems[0].Summary)
		})
	}
}
