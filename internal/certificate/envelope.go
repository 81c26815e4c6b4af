package certificate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// PayloadType is what a DSSE envelope of ours says that its payload is. It is signed too.
const PayloadType = "application/vnd.verifik-contract.certificate.v1+json"

// Envelope is a DSSE envelope (https://github.com/secure-systems-lab/dsse): what is written as the file. Without
// a key it has no signature.
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // base64 of the certificate's JSON
	Signatures  []Signature `json:"signatures"`
}

// Signature is the signature of an envelope.
type Signature struct {
	KeyID string `json:"keyid"` // of the public key: KeyID
	Sig   string `json:"sig"`   // base64
}

// Make certifies a run: signed where the key is not empty, else not. The error is a problem.List of every reason
// why the run is refused.
func Make(run *result.Run, key ed25519.PrivateKey) (*Envelope, error) {
	refused, c := Refusals(run), of(run)
	if len(refused) == 0 {
		for _, why := range c.contradictions() {
			refused.Add("the result cannot be certified: "+why, "")
		}
	}
	if len(refused) > 0 {
		return nil, refused
	}
	payload, err := json.Marshal(c, jsontext.Multiline(false), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("write the certificate: %w", err)
	}
	e := &Envelope{PayloadType, base64.StdEncoding.EncodeToString(payload), []Signature{}}
	if len(key) != 0 {
		public, _ := key.Public().(ed25519.PublicKey)
		e.Signatures = append(e.Signatures, Signature{
			KeyID: KeyID(public),
			Sig:   base64.StdEncoding.EncodeToString(ed25519.Sign(key, signed(PayloadType, payload))),
		})
	}
	return e, nil
}

// Encode writes the envelope as its file holds it.
func (e *Envelope) Encode(w io.Writer) error { return text.Encode(w, e) }

// signed is what DSSE signs: not the payload alone, but its type too, each with its length before it, so that no
// two different envelopes have the same text ("pre-authentication encoding").
func signed(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// KeyID names a public key: its SSH fingerprint, which is also what the Go library of DSSE's authors derives for a
// key without a name of its own. `ssh-keygen -lf` shows it.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), key...)) // each part with its length before it
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

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
	switch {
	case len(e.Signatures) > 0:
		v.Signature = NotChecked
		if len(public) != 0 {
			v.Signature = Verified
		}
		v.KeyID, err = e.verify(payload, public)
	case len(public) != 0:
		err = errors.New("not signed: a public key was given, and the certificate holds no signature, or it was taken out")
	}
	if err == nil {
		v.Certificate, err = read(payload)
	}
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
	if wrong := c.contradictions(); len(wrong) > 0 {
		return nil, errors.New("the payload is not a certificate: " + strings.Join(wrong, "; "))
	}
	return &c, nil
}
