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

// The names of the credentials that MadeUp returns, and of the variables that stand for them in a command. A JWT is a JSON Web
// Token.
const (
	Credentials     = "CREDENTIALS"       // for Basic
	UnknownToken    = "UNKNOWN_TOKEN"     // a JWT that nobody was given
	OtherCaseToken  = "OTHER_CASE_TOKEN"  // lower and upper case swapped; of a JWT only in the signature, so that the rest can be decoded
	UnsignedToken   = "UNSIGNED_TOKEN"    // a JWT whose header says that it has no signature, which it has not
	UnsealedToken   = "UNSEALED_TOKEN"    // a JWT without its signature
	EmptyKeyToken   = "EMPTY_KEY_TOKEN"   // a JWT signed with an empty key
	UnnamedKeyToken = "UNNAMED_KEY_TOKEN" // as EMPTY_KEY_TOKEN, with a header that names no key
	BroughtKeyToken = "BROUGHT_KEY_TOKEN" // a JWT whose header holds the key that it is signed with, and names an empty file as that key
	ExampleKeyToken = "EXAMPLE_KEY_TOKEN" // a JWT signed with the key of many examples: secret
	SampleKeyToken  = "SAMPLE_KEY_TOKEN"  // as EXAMPLE_KEY_TOKEN, with the key that jwt.io shows
	AlgorithmToken  = "ALGORITHM_TOKEN"   // a JWT whose header says RSA, with a signature that is not
	RewrittenToken  = "REWRITTEN_TOKEN"   // a JWT whose payload has one more space, and the same contents
	CapitalToken    = "CAPITAL_TOKEN"     // as UNSIGNED_TOKEN, but with a capital in the header's None
	SignedNoneToken = "SIGNED_NONE_TOKEN" // as UNSIGNED_TOKEN, but with the token's own signature
	TwoPartToken    = "TWO_PART_TOKEN"    // a JWT without its signature and the point before it
	ExtendedToken   = "EXTENDED_TOKEN"    // a token with more behind it: enough to add bytes to a JWT's signature however it is decoded
)

// MadeUp returns, by name, credentials that nobody has and what somebody without the key can make of a token: of one that is
// no JWT only OtherCaseToken and ExtendedToken.
func MadeUp(token string) map[string]string {
	encode, usual := base64.RawURLEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	made := map[string]string{
		Credentials:  base64.StdEncoding.EncodeToString([]byte("nobody:" + hex.EncodeToString(random(6)))),
		UnknownToken: usual + "." + encode(random(45)) + "." + encode(random(32)),
	}
	if token != "" {
		made[ExtendedToken] = token + "00000000"
	}
	parts, algorithm, payload, ok := jwt(token)
	if !ok {
		made[OtherCaseToken] = swapCase(token)
		return made
	}
	header := usual
	if algorithm == "HS256" {
		header = parts[0] // it may name a key, without which a provider refuses the token
	}
	signed := func(header, key string) string {
		content := header + "." + parts[1]
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(content))
		return content + "." + encode(mac.Sum(nil))
	}
	made[OtherCaseToken] = parts[0] + "." + parts[1] + "." + swapCase(parts[2])
	made[UnsignedToken] = encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	made[CapitalToken] = encode([]byte(`{"alg":"None","typ":"JWT"}`)) + "." + parts[1] + "."
	made[SignedNoneToken] = made[UnsignedToken] + parts[2]
	made[TwoPartToken] = parts[0] + "." + parts[1]
	made[UnsealedToken] = parts[0] + "." + parts[1] + "."
	made[EmptyKeyToken] = signed(header, "")
	made[UnnamedKeyToken] = signed(usual, "")
	made[BroughtKeyToken] = signed(encode([]byte(`{"alg":"HS256","typ":"JWT","kid":"/dev/null","jwk":{"kty":"oct","k":"AA"}}`)), "\x00") // to HMAC the same key as an empty one
	made[ExampleKeyToken] = signed(header, "secret")
	made[SampleKeyToken] = signed(header, "your-256-bit-secret")
	made[AlgorithmToken] = encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + parts[1] + "." + encode(random(256))
	made[RewrittenToken] = parts[0] + "." + encode(append(payload, ' ')) + "." + parts[2]
	return made
}

// jwt returns the parts of a token, the algorithm that its header names, its decoded payload, and whether it is a JSON Web Token.
func jwt(token string) (parts []string, algorithm any, payload []byte, ok bool) {
	parts = strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, nil, false
	}
	for i, part := range parts[:2] {
		var object map[string]any
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || json.Unmarshal(text, &object) != nil {
			return nil, nil, nil, false
		}
		if payload = text; i == 0 {
			algorithm = object["alg"]
		}
	}
	return parts, algorithm, payload, true
}

// OtherCharacters are the characters of tokens and, in the same order, what they are replaced by in an altered one, as tr takes
// them. As base64 the new one differs in its first bit, which counts even in a last character, and it is not the old one in another
// case.
const OtherCharacters = `'A-Za-z0-9_-' 'g-z0-9QQA-Za-dfe'`

// OtherCharacter returns what a character of a token is replaced by in an altered one.
func OtherCharacter(c byte) byte {
	const from, to = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", "ghijklmnopqrstuvwxyz0123456789QQABCDEFGHIJKLMNOPQRSTUVWXYZabcdfe"
	return to[max(strings.IndexByte(from, c), 0)]
}

func swapCase(token string) string {
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
