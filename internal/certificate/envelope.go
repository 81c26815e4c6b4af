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

// PayloadType is the payload type of our DSSE envelopes. It is signed too.
const PayloadType = "application/vnd.verifik-contract.certificate.v1+json"

// Envelope is a DSSE envelope (https://github.com/secure-systems-lab/dsse), which is what the file holds. Without a key it
// has no signature.
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // base64 of the certificate's JSON
	Signatures  []Signature `json:"signatures"`
}

// Signature is the signature of an envelope.
type Signature struct {
	KeyID string `json:"keyid"` // the function KeyID of the public key
	Sig   string `json:"sig"`   // base64
}

// Make certifies a run, and signs the certificate unless the key is empty. The error is a problem.List of every reason why
// the run is refused.
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

// Encode writes the envelope as a file.
func (e *Envelope) Encode(w io.Writer) error { return text.Encode(w, e) }

// signed returns what DSSE signs ("pre-authentication encoding"): the payload and its type, each after its length, so that no
// two different envelopes have the same encoding.
func signed(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// KeyID returns the name of a public key: its SSH fingerprint, which `ssh-keygen -lf` shows and which the Go library of
// DSSE's authors uses too.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), key...)) // each part after its length
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// State is what is known about a signature.
type State string

// The states.
const (
	NotSigned  State = "not signed"               // anyone may have written it
	NotChecked State = "signed, and not verified" // no public key was given
	Verified   State = "signed, and verified"     // written by the owner of the key, and not changed since
)

// Verification is a certificate of the right form, and what its signature is worth.
type Verification struct {
	Certificate *Certificate `json:"certificate"`
	Signature   State        `json:"signature"`
	KeyID       string       `json:"keyid,omitempty"` // as the envelope says; proved only if Verified
}

// MaxSize is how large a certificate's file may be, in bytes.
const MaxSize = 4 << 20

// Verify checks the file of a certificate. With a public key, one that is not signed with that key, or was changed, is an
// error; without a key only the form is checked, and Signature says so.
func Verify(data []byte, public ed25519.PublicKey) (*Verification, error) {
	var e Envelope
	// Members that are unknown, doubled or in another case, and bytes after the end, are not covered by the signature.
	if err := json.Unmarshal(data, &e, json.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("not a certificate: the file is not a DSSE envelope")
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

// verify checks the one signature, without a key only its form. It returns the key ID that the envelope names.
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

// decode decodes base64 in its canonical form: padded, without line breaks, with no stray bits at the end.
func decode(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(data) != text {
		return nil, errors.New("it is not base64 as this tool writes it")
	}
	return data, nil
}

// read decodes the payload, and refuses contents that a certificate cannot have.
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
