package contract

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// The names of the credentials that MadeUp returns, those of the variables that stand for them in a command.
const (
	Credentials     = "CREDENTIALS"       // of Basic
	UnknownToken    = "UNKNOWN_TOKEN"     // a JSON Web Token that nobody has
	OtherCaseToken  = "OTHER_CASE_TOKEN"  // small letters and capitals the other way round; of a JSON Web Token only the signature, since the rest could not be read
	UnsignedToken   = "UNSIGNED_TOKEN"    // a JSON Web Token of which the header says that it has no signature, and it has none
	UnsealedToken   = "UNSEALED_TOKEN"    // a JSON Web Token without its signature
	EmptyKeyToken   = "EMPTY_KEY_TOKEN"   // a JSON Web Token that is signed with an empty key
	ExampleKeyToken = "EXAMPLE_KEY_TOKEN" // a JSON Web Token that is signed with the key of many an example: secret
	SampleKeyToken  = "SAMPLE_KEY_TOKEN"  // as EXAMPLE_KEY_TOKEN, with the key that jwt.io shows
	AlgorithmToken  = "ALGORITHM_TOKEN"   // a JSON Web Token of which the header says that it is signed by RSA, and its signature is not
	RewrittenToken  = "REWRITTEN_TOKEN"   // a JSON Web Token whose payload has a space more, and the same contents
	CapitalToken    = "CAPITAL_TOKEN"     // as UNSIGNED_TOKEN, but that its header says so with a capital
	TwoPartToken    = "TWO_PART_TOKEN"    // a JSON Web Token without its signature, and the point before it
	ExtendedToken   = "EXTENDED_TOKEN"    // a token and more behind it; so much that of a JSON Web Token's signature, however it is decoded, more bytes come
)

// MadeUp returns credentials that nobody has, and what somebody makes of a token who has no key. Of one that is no JSON
// Web Token only OtherCaseToken and ExtendedToken can be made.
func MadeUp(token string) map[string]string {
	encode, header := base64.RawURLEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	made := map[string]string{
		Credentials:  base64.StdEncoding.EncodeToString([]byte("nobody:" + hex.EncodeToString(random(6)))),
		UnknownToken: header + "." + encode(random(45)) + "." + encode(random(32)),
	}
	if token != "" {
		made[ExtendedToken] = token + "00000000"
	}
	parts, payload, ok := jwt(token)
	if !ok {
		made[OtherCaseToken] = turned(token)
		return made
	}
	said := header + "." + parts[1]
	sealed := func(key string) string {
		seal := hmac.New(sha256.New, []byte(key))
		seal.Write([]byte(said))
		return said + "." + encode(seal.Sum(nil))
	}
	made[OtherCaseToken] = parts[0] + "." + parts[1] + "." + turned(parts[2])
	made[UnsignedToken] = encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	made[CapitalToken] = encode([]byte(`{"alg":"None","typ":"JWT"}`)) + "." + parts[1] + "."
	made[TwoPartToken] = parts[0] + "." + parts[1]
	made[UnsealedToken] = parts[0] + "." + parts[1] + "."
	made[EmptyKeyToken] = sealed("")
	made[ExampleKeyToken] = sealed("secret")
	made[SampleKeyToken] = sealed("your-256-bit-secret")
	made[AlgorithmToken] = encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + parts[1] + "." + encode(random(256))
	made[RewrittenToken] = parts[0] + "." + encode(append(payload, ' ')) + "." + parts[2]
	return made
}

// jwt returns the parts of a JSON Web Token, and its payload.
func jwt(token string) (parts []string, payload []byte, ok bool) {
	parts = strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, false
	}
	for _, part := range parts[:2] {
		var object map[string]any
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || json.Unmarshal(text, &object) != nil {
			return nil, nil, false
		}
		payload = text
	}
	return parts, payload, true
}

func turned(token string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r ^ 'a' ^ 'A'
		}
		return r
	}, token)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}
