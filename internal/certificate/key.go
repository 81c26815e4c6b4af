package certificate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"filippo.io/edwards25519"
)

// ParsePrivateKey reads the Ed25519 private key that signs: PEM, PKCS#8, not encrypted. No error shows any of it.
func ParsePrivateKey(data []byte) (ed25519.PrivateKey, error) {
	return parse[ed25519.PrivateKey](data, "PRIVATE KEY", x509.ParsePKCS8PrivateKey,
		"an Ed25519 private key is needed, in PEM (PKCS#8) and not encrypted: openssl genpkey -algorithm ed25519 -out signing.pem")
}

// ParsePublicKey reads the Ed25519 public key that a certificate is verified with: PEM, PKIX.
func ParsePublicKey(data []byte) (ed25519.PublicKey, error) {
	key, err := parse[ed25519.PublicKey](data, "PUBLIC KEY", x509.ParsePKIXPublicKey,
		"an Ed25519 public key is needed, in PEM: openssl pkey -in signing.pem -pubout -out signing.pub.pem")
	if err != nil {
		return nil, err
	}
	return key, usable(key)
}

// parse reads the one key of a PEM file. needed says which key is needed, and how to make one.
func parse[K any](data []byte, kind string, read func([]byte) (any, error), needed string) (key K, err error) {
	block, rest := pem.Decode(data)
	if another, _ := pem.Decode(rest); block == nil || another != nil || block.Type != kind {
		return key, fmt.Errorf("the file is not one PEM block of the type %q: %s", kind, needed)
	}
	found, err := read(block.Bytes)
	if err != nil {
		return key, fmt.Errorf("the key is damaged: %s", needed)
	}
	key, ok := found.(K)
	if !ok {
		return key, fmt.Errorf("the key is of another kind (%T): %s", found, needed)
	}
	return key, nil
}

// usable refuses a public key that no signer has. For the eight points of small order anybody can make a signature of any
// text that crypto/ed25519 accepts: it checks the equation, not the key.
func usable(key ed25519.PublicKey) error {
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || !bytes.Equal(point.Bytes(), key) {
		return errors.New("the public key is not a point of the curve in canonical form: no private key belongs to it")
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return errors.New("the public key is a point of small order: with it anybody can sign anything")
	}
	return nil
}
