package env

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

func (l *loader) tls(b *block) TLS {
	var t TLS
	b.fill(&t)
	for have, lack := range map[string]string{"client_cert_file": "client_key_file", "client_key_file": "client_cert_file"} {
		if b.has(have) && !b.has(lack) {
			l.note(b.Body.Attributes[have].NameRange, fmt.Sprintf("%q stands without %q", have, lack), "A client certificate and its key are given together.")
		}
	}
	if t.ClientCert.File != "" && t.ClientKey.File != "" {
		if _, err := tls.X509KeyPair(t.ClientCert.Data, t.ClientKey.Data); err != nil {
			l.note(b.Body.Attributes["client_key_file"].Expr.Range(), "The client certificate and its key cannot be used together",
				sentence(err)+" Give a certificate in PEM and the key that it was made for, not encrypted.")
		}
	}
	return t
}

// readPEM reads a PEM file, of certificates or of a key.
func readPEM(f field) any {
	path := f.path(f.text())
	data, err := readFile(path, maxText)
	if err != nil {
		return f.unreadable(err)
	}
	if f.name == "ca_file" && !x509.NewCertPool().AppendCertsFromPEM(data) {
		return f.wrong("is of no use", "It holds no certificate in PEM that can be read: -----BEGIN CERTIFICATE-----.")
	}
	return PEM{data, path}
}
