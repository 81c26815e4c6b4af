package certificate

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

// State is what a verification could tell of the signature.
type State string

// The states.
const (
	NotSigned  State = "not signed"               // anyone may have written it
	NotChecked State = "signed, and not verified" // no public key was given
	Verified   State = "signed, and verified"     // written by the owner of the key, and not changed since
)

// Verification is a certificate that has the right form, and what its signature is worth.
type Verification struct {
	Certificate *Certificate `json:"certificate"`
	Signature   State        `json:"signature"`
	KeyID       string       `json:"keyid,omitempty"` // that the envelope names; proved only where verified
}

// MaxSize is how large a certificate's file may be, in bytes.
const MaxSize = 4 << 20

// Verify checks a certificate's file. With a public key the certificate has to be signed by that key, and any change
// of it is an error; without one only the form is checked, and Signature says so.
func Verify(data []byte, public ed25519.PublicKey) (*Verification, error) {
	var e Envelope
	// Names that are unknown, doubled or in another case, and bytes after the end, are no part of what was signed.
	if err := json.Unmarshal(data, &e, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("not a certificate: the file is not a DSSE envelope: %w", err)
	}
	if e.PayloadType != PayloadType {
		return nil, fmt.Errorf("not a certificate of this tool: the payload's type is %q, not %q", e.PayloadType, PayloadType)
	}
	payload, err := decode(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("the payload was changed: %w", err)
	}
	v := &Verification{Signature: NotSigned}
	if len(e.Signatures) > 0 {
		if v.KeyID, err = e.verify(payload, public); err != nil {
			return nil, err
		}
		v.Signature = NotChecked
		if len(public) != 0 {
			v.Signature = Verified
		}
	} else if len(public) != 0 {
		return nil, errors.New("not signed: a public key was given, and the certificate holds no signature, or it was taken out")
	}
	v.Certificate, err = read(payload)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// verify checks the one signature, as far as it can be without a key.
func (e *Envelope) verify(payload []byte, public ed25519.PublicKey) (string, error) {
	if len(e.Signatures) != 1 {
		return "", fmt.Errorf("the certificate holds %d signatures, this tool makes one", len(e.Signatures))
	}
	s := e.Signatures[0]
	sig, err := decode(s.Sig)
	if err != nil {
		return "", fmt.Errorf("the signature was changed: %w", err)
	}
	if len(public) == 0 {
		return s.KeyID, nil
	}
	if id := KeyID(public); s.KeyID != id {
		return "", fmt.Errorf("signed with another key: the certificate names %q, the public key that was given is %s", s.KeyID, id)
	}
	if !ed25519.Verify(public, signed(e.PayloadType, payload), sig) {
		return "", errors.New("the signature is wrong: the certificate was changed after it was signed, or not signed with this key")
	}
	return s.KeyID, nil
}

// decode reads base64 in its one spelling: with padding, without line breaks, without loose bits at the end.
func decode(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(data) != text {
		return nil, errors.New("it is not base64 as this tool writes it")
	}
	return data, nil
}

// read reads the payload and holds it to the promise that a certificate makes.
func read(payload []byte) (*Certificate, error) {
	var c Certificate
	if err := json.Unmarshal(payload, &c, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("the payload is not a certificate: %w", err)
	}
	var wrong []string
	c.contradictions(func(summary, _ string) { wrong = append(wrong, summary) })
	if len(wrong) > 0 {
		return nil, errors.New("the payload is not a certificate: " + strings.Join(wrong, "; "))
	}
	return &c, nil
}
