package env

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (l *loader) readTLS(t *Target, block *hclsyntax.Block) {
	spec, _ := httpTarget().block("tls")
	r := l.reader("tls", spec.body(""), block.Body)
	if isPlainHTTP(t.BaseURL) {
		l.warn(finding{at: block.DefRange(), summary: "The tls block is without effect: the base URL begins with http://",
			detail: "Write https:// if the target speaks TLS, or take the block out."})
	}
	t.TLS.CA, t.TLS.CAFile = r.pem("ca_file", certificates)
	t.TLS.ClientCert, t.TLS.ClientCertFile = r.pem("client_cert_file", certificates)
	t.TLS.ClientKey, t.TLS.ClientKeyFile = r.pem("client_key_file", privateKey)
	t.TLS.InsecureSkipVerify = r.boolean("insecure_skip_verify")
	if name, ok := r.text("server_name"); ok {
		if isHostName(name) {
			t.TLS.ServerName = name
		} else {
			r.wrong("server_name", "is not a host's name", "Write the name alone, without scheme, port and path, as api.example.test.")
		}
	}
	r.checkPair(t.TLS)
}

// checkPair looks at certificate and key together.
func (r reader) checkPair(t TLS) {
	for have, lack := range map[string]string{"client_cert_file": "client_key_file", "client_key_file": "client_cert_file"} {
		if r.body.Attributes[have] != nil && r.body.Attributes[lack] == nil {
			r.note(finding{at: r.body.Attributes[have].NameRange, summary: fmt.Sprintf("%q stands without %q", have, lack),
				detail: "A client certificate and its key are given together."})
		}
	}
	if len(t.ClientCert) == 0 || len(t.ClientKey) == 0 {
		return
	}
	if _, err := tls.X509KeyPair(t.ClientCert, t.ClientKey); err != nil {
		r.wrong("client_key_file", "does not belong to the client certificate", "Give the key that the certificate was made for.")
	}
}

// pem reads a PEM file, whose path it returns too, and has its content checked; the check says what is wrong, "" for
// nothing.
func (r reader) pem(name string, check func([]byte) string) (data []byte, path string) {
	path, ok := r.text(name)
	if !ok {
		return nil, ""
	}
	path = r.path(path)
	data, err := readText(path, maxText)
	if err != nil {
		r.wrong(name, "cannot be read", sentence(err)+" Relative paths start at the environment file's folder.")
		return nil, ""
	}
	if what := check(data); what != "" {
		r.wrong(name, "is of no use", what)
		return nil, ""
	}
	return data, path
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

func isHostName(name string) bool {
	if net.ParseIP(name) != nil {
		return true
	}
	for _, part := range strings.Split(name, ".") {
		if part == "" || len(part) > 63 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	return true
}
