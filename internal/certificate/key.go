package certificate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"filippo.io/edwards25519"
)

// How a key is made, for the errors.
const (
	makePrivate = "make one with: openssl genpkey -algorithm ed25519 -out signing.pem"
	makePublic  = "make it with: openssl pkey -in signing.pem -pubout -out signing.pub.pem"
)

// ParsePrivateKey reads the Ed25519 private key that signs: PEM, PKCS#8, not encrypted. No error shows any of it.
func ParsePrivateKey(data []byte) (ed25519.PrivateKey, error) {
	block, err := only(data, "a private key", makePrivate)
	if err != nil {
		return nil, err
	}
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return nil, errors.New("the private key is encrypted, and nobody is there to type its passphrase: decrypt it with openssl pkey -in KEY -out signing.pem, or take the key from a secret store")
	case block.Type == "PUBLIC KEY":
		return nil, errors.New("this is a public key; to sign, the private key is needed (the file whose PEM block begins with BEGIN PRIVATE KEY)")
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, fmt.Errorf("this is a key in OpenSSH's own format; PKCS#8 is needed: %s", makePrivate)
	case block.Type == "RSA PRIVATE KEY" || block.Type == "EC PRIVATE KEY":
		return nil, fmt.Errorf("this is an %s key; an Ed25519 key is needed: %s", strings.TrimSuffix(block.Type, " PRIVATE KEY"), makePrivate)
	case block.Type != "PRIVATE KEY":
		return nil, fmt.Errorf("the PEM block is %q; PRIVATE KEY is needed: %s", block.Type, makePrivate)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	return ofOurs[ed25519.PrivateKey](key, err, "private key", "PKCS#8", makePrivate)
}

// ofOurs returns a key that was read, where it is one of ours.
func ofOurs[K any](key any, damaged error, what, form, advice string) (ours K, err error) {
	if damaged != nil {
		return ours, fmt.Errorf("the %s is damaged: its %s cannot be read", what, form)
	}
	ours, ok := key.(K)
	if !ok {
		return ours, fmt.Errorf("the %s is of another kind (%s); an Ed25519 key is needed: %s", what, kind(key), advice)
	}
	return ours, nil
}

// ParsePublicKey reads the Ed25519 public key that a certificate is verified with: PEM, PKIX.
func ParsePublicKey(data []byte) (ed25519.PublicKey, error) {
	block, err := only(data, "a public key", makePublic)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, fmt.Errorf("this is a private key, which should not leave its owner; to verify, the public key is needed: %s", makePublic)
	case block.Type == "CERTIFICATE":
		return nil, errors.New("this is an X.509 certificate; its public key alone is needed: openssl x509 -in FILE -noout -pubkey")
	case block.Type != "PUBLIC KEY":
		return nil, fmt.Errorf("the PEM block is %q; PUBLIC KEY is needed: %s", block.Type, makePublic)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, err := ofOurs[ed25519.PublicKey](key, err, "public key", "PKIX form", makePublic)
	if err != nil {
		return nil, err
	}
	return public, usable(public)
}

// usable refuses a public key that no signer has. With one of the eight points of small order anybody can make a
// signature that crypto/ed25519 takes for genuine, of any text: it checks the equation, not the key.
func usable(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("the key has %d bytes, an Ed25519 public key has %d", len(key), ed25519.PublicKeySize)
	}
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || !bytes.Equal(point.Bytes(), key) {
		return errors.New("the public key is no point of the curve, or not in its one spelling: no private key belongs to it")
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return errors.New("the public key is a point of small order: with it anybody can sign anything")
	}
	return nil
}

// only is the file's one PEM block.
func only(data []byte, what, advice string) (*pem.Block, error) {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, fmt.Errorf("the file is empty; %s in PEM is needed: %s", what, advice)
	}
	block, rest := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("the file is not PEM (-----BEGIN ...); %s in PEM is needed: %s", what, advice)
	}
	if another, _ := pem.Decode(rest); another != nil {
		return nil, fmt.Errorf("the file holds more than one PEM block; leave only %s in it", what)
	}
	return block, nil
}

// kind names a key's algorithm: "*rsa.PrivateKey" is RSA.
func kind(key any) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", key), "*")
	name, _, _ = strings.Cut(name, ".")
	return strings.ToUpper(name)
}
