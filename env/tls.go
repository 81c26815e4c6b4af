package env

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

func (l *loader) tls(b *block, baseURL string) TLS {
	if isPlainHTTP(baseURL) {
		l.warn(b.DefRange(), "The tls block is without effect: the base URL begins with http://",
			"Write https:// if the target speaks TLS, or take the block out.")
	}
	var t TLS
	b.fill(&t)
	for have, lack := range map[string]string{"client_cert_file": "client_key_file", "client_key_file": "client_cert_file"} {
		if b.has(have) && !b.has(lack) {
			l.note(b.Body.Attributes[have].NameRange, fmt.Sprintf("%q stands without %q", have, lack), "A client certificate and its key are given together.")
		}
	}
	if len(t.ClientCert.Data) > 0 && len(t.ClientKey.Data) > 0 {
		if _, err := tls.X509KeyPair(t.ClientCert.Data, t.ClientKey.Data); err != nil {
			l.note(b.Body.Attributes["client_key_file"].Expr.Range(), `"client_key_file" of tls does not belong to the client certificate`,
				"Give the key that the certificate was made for.")
		}
	}
	return t
}

// readPEM reads a PEM file and has its content checked; the check says what is wrong, "" for nothing.
func readPEM(check func([]byte) string) func(field) any {
	return func(f field) any {
		path := f.path(f.text())
		data, err := readFile(path, maxText)
		if err != nil {
			return f.unreadable(err)
		}
		if what := check(data); what != "" {
			return f.wrong("is of no use", what)
		}
		return PEM{data, path}
	}
}

func certificates(data []byte) string {
	count := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Sprintf("Certificate %d of it cannot be read.", count+1)
		}
		count++
	}
	if count == 0 {
		return "It holds no certificate in PEM: -----BEGIN CERTIFICATE-----."
	}
	return ""
}

func privateKey(data []byte) string {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if strings.HasPrefix(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return "The key is encrypted: decrypt it first."
		}
		if !isKey(block.Bytes) {
			return "The key in it cannot be read."
		}
		return ""
	}
	if bytes.Contains(data, []byte("BEGIN CERTIFICATE")) {
		return "It holds a certificate, no key."
	}
	return "It holds no private key in PEM: -----BEGIN PRIVATE KEY-----."
}

func isKey(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}
