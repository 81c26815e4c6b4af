package certificate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
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
	if refused := Refusals(run); len(refused) > 0 {
		return nil, refused
	}
	c := of(run)
	var refused problem.List
	c.contradictions(func(summary, detail string) { refused.Add("the result cannot be certified: "+summary, detail) })
	if len(refused) > 0 {
		return nil, refused
	}
	payload, err := json.Marshal(c, jsontext.Multiline(false), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("write the certificate: %w", err)
	}
	e := &Envelope{
		PayloadType: PayloadType,
		Payload:     base64.StdEncoding.EncodeToString(payload),
		Signatures:  []Signature{},
	}
	if len(key) != 0 {
		public, _ := key.Public().(ed25519.PublicKey)
		e.Signatures = append(e.Signatures, Signature{
			KeyID: KeyID(public),
			Sig:   base64.StdEncoding.EncodeToString(ed25519.Sign(key, signed(PayloadType, payload))),
		})
	}
	return e, nil
}

// Encode returns the envelope as its file holds it.
func (e *Envelope) Encode() ([]byte, error) {
	data, err := json.Marshal(e, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("write the envelope: %w", err)
	}
	return append(data, '\n'), nil
}

// signed is what DSSE signs: not the payload alone, but its type too, each with its length before it, so that no
// two different envelopes have the same text ("pre-authentication encoding").
func signed(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// KeyID names a public key: its SSH fingerprint, which is also what the Go library of DSSE's authors derives for a
// key without a name of its own. `ssh-keygen -lf` shows it.
func KeyID(key ed25519.PublicKey) string {
	const kind = "ssh-ed25519"
	var wire []byte
	for _, part := range [][]byte{[]byte(kind), key} {
		wire = binary.BigEndian.AppendUint32(wire, uint32(len(part)))
		wire = append(wire, part...)
	}
	sum := sha256.Sum256(wire)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
