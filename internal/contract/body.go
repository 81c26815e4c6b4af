package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/schemas"
)

// value reads a body as leniently as a client might: the first JSON value, the last of doubled keys, invalid
// UTF-8 replaced. What is wrong with the rest is PV-19's matter and fails no other promise. Numbers are kept
// exact. The error says why there is no value at all.
func value(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the body is empty")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the body is JSON that is cut off")
		}
		return nil, errors.New("the body is not JSON")
	}
	return v, nil
}

// flaw is what PV-19 finds wrong with a body: "" where it is one JSON value in UTF-8 with nothing after it and
// no key twice.
func flaw(body []byte) string {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "the body is empty"
	case bytes.HasPrefix(body, []byte("\ufeff")):
		return "the body begins with a byte order mark, which JSON does not allow"
	case !utf8.Valid(body):
		return fmt.Sprintf("byte %d of the body is not UTF-8", invalidByte(body))
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true)) // a lone \ud800 is ASCII, whatever it means
	if err := skipValue(decoder); err != nil {
		var syntax *jsontext.SyntacticError
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
			return fmt.Sprintf("the key at %s occurs twice", jsonPath(string(syntax.JSONPointer)))
		case errors.Is(err, io.ErrUnexpectedEOF):
			return "the body is JSON that is cut off"
		case errors.As(err, &syntax):
			return fmt.Sprintf("the body is not JSON from byte %d on", syntax.ByteOffset)
		}
		return "the body is not JSON"
	}
	if rest := bytes.TrimLeft(body[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return fmt.Sprintf("%d bytes follow the JSON value", len(rest))
	}
	return ""
}

// skipValue reads one value, whatever it is. It is jsontext's SkipValue, which does not look for doubled keys
// in what it skips.
func skipValue(decoder *jsontext.Decoder) error {
	for {
		if _, err := decoder.ReadToken(); err != nil {
			return err
		}
		if decoder.StackDepth() == 0 {
			return nil
		}
	}
}

func invalidByte(body []byte) int {
	for at := 0; at < len(body); {
		r, size := utf8.DecodeRune(body[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(body)
}

// jsonPath spells a JSON pointer as the paths of the schemas are spelt.
func jsonPath(pointer string) string {
	path := strings.ReplaceAll(pointer, "/", ".")
	return "$" + strings.NewReplacer("~1", "/", "~0", "~").Replace(path)
}

// member is a member of an object, nil where there is none or v is no object.
func member(v any, keys ...string) any {
	for _, key := range keys {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	return v
}

// tell spells a member of an object as a finding shows it: a null that is there is not missing.
func tell(v any, keys ...string) string {
	last := len(keys) - 1
	object, _ := member(v, keys[:last]...).(map[string]any)
	if actual, there := object[keys[last]]; there {
		return quote(actual)
	}
	return schemas.Missing
}

// shown bounds a value that a finding shows, in characters.
const shown = 300

// Clip cuts a text, whose secrets are taken out, to the length of a value that a finding shows.
func Clip(text string) string { return clip(text, shown) }

func clip(text string, most int) string {
	count, end := 0, len(text)
	for at := range text {
		if count == most {
			end = at
		}
		count++
	}
	if count <= most {
		return text
	}
	return fmt.Sprintf("%s... (%d characters)", text[:end], count)
}

// quote spells a value of a body as JSON.
func quote(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// undecoded says that a body that is no JSON came in an encoding that was not asked for, or says that it is gzip and is
// not: nothing comes of unzipping it. "": the encoding is not to blame.
func undecoded(a *Answer) string {
	encoding := a.Header.Get("Content-Encoding")
	unzipped := strings.HasSuffix(strings.ToLower(encoding), "gzip") && len(a.Body) > 0
	if encoding == "" || strings.EqualFold(encoding, "identity") || unzipped {
		return ""
	}
	return fmt.Sprintf("the body is said to be in the encoding %s and cannot be read in it", encoding)
}
