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

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// reading is what a body holds, decoded once.
type reading struct {
	value any    // as a lenient client reads it
	err   error  // why there is no value at all
	flaw  string // what RuleOneValue finds wrong; "": it is one JSON value in UTF-8 with nothing after it and no key twice
}

// parse returns what the body of an answer holds, which is decoded by the first call.
func parse(a *exchange.Answer) *reading {
	r, done := a.Decoded.(*reading)
	if !done {
		r = decode(a.Body)
		a.Decoded = r
	}
	return r
}

// value is what the body holds as a lenient client reads it, or why it holds nothing.
func value(a *exchange.Answer) (any, error) {
	r := parse(a)
	return r.value, r.err
}

// decode reads a body as leniently as a client might: the first JSON value, the last of doubled keys, invalid UTF-8
// replaced. What is wrong with the rest is RuleOneValue's matter and fails no other promise. Numbers are kept exact.
func decode(body []byte) *reading {
	text, marked := bytes.CutPrefix(body, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 {
		r := &reading{err: errors.New("the body is empty"), flaw: "the body is empty"}
		if len(text) < len(body) {
			r.flaw = byteOrderMark
		}
		return r
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) // a lone \ud800 is ASCII, whatever it means
	b := builder{decoder: decoder, most: bytes.Count(text, []byte(",")) + 1}
	v, err := b.build()
	r := &reading{value: v}
	if err != nil {
		r.value, r.err = nil, errors.New("the body is not JSON")
		if errors.Is(err, io.ErrUnexpectedEOF) {
			r.err = errors.New("the body is JSON that is cut off")
		}
	}
	switch {
	case marked:
		r.flaw = byteOrderMark
	case !utf8.Valid(body):
		r.flaw = fmt.Sprintf("byte %d of the body is not UTF-8", invalidByte(body))
	case b.doubled != "":
		r.flaw = fmt.Sprintf("the key at %s occurs twice", b.doubled)
	case err != nil:
		var syntax *jsontext.SyntacticError
		r.flaw = r.err.Error()
		if errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
			r.flaw = fmt.Sprintf("the body is not JSON from byte %d on", syntax.ByteOffset)
		}
	default:
		if rest := bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
			r.flaw = fmt.Sprintf("%d bytes follow the JSON value", len(rest))
		}
	}
	return r
}

const byteOrderMark = "the body begins with a byte order mark, which JSON does not allow"

// builder makes values of JSON's tokens.
type builder struct {
	decoder *jsontext.Decoder
	numbers [256]any // the last that were read: half a million of them are mostly the same few
	pending []any    // elements of the arrays that have not ended yet, the innermost last
	most    int      // how many elements there are at most
	doubled string   // the path of the first key that occurs twice; "": none does
}

// build reads one value.
func (b *builder) build() (any, error) {
	switch b.decoder.PeekKind() {
	case '{':
		return b.object()
	case '[':
		return b.array()
	case '"':
		return b.text()
	case '0':
		return b.number()
	}
	token, err := b.decoder.ReadToken()
	switch {
	case err != nil:
		return nil, err
	case token.Kind() == 'n':
		return nil, nil
	}
	return token.Bool(), nil
}

func (b *builder) number() (any, error) {
	raw, err := b.decoder.ReadValue()
	if err != nil {
		return nil, err
	}
	slot := uint32(2166136261) // FNV-1a
	for _, c := range raw {
		slot = (slot ^ uint32(c)) * 16777619
	}
	known := &b.numbers[slot%uint32(len(b.numbers))]
	if n, ok := (*known).(json.Number); !ok || string(n) != string(raw) {
		*known = json.Number(raw)
	}
	return *known, nil
}

func (b *builder) object() (any, error) {
	if _, err := b.decoder.ReadToken(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for b.decoder.PeekKind() != '}' {
		key, err := b.text()
		if err != nil {
			return nil, err
		}
		if _, known := members[key]; known && b.doubled == "" {
			b.doubled = jsonPath(string(b.decoder.StackPointer()))
		}
		if members[key], err = b.build(); err != nil {
			return nil, err
		}
	}
	_, err := b.decoder.ReadToken()
	return members, err
}

func (b *builder) array() (any, error) {
	if _, err := b.decoder.ReadToken(); err != nil {
		return nil, err
	}
	if b.pending == nil {
		b.pending = make([]any, 0, b.most)
	}
	first := len(b.pending)
	for b.decoder.PeekKind() != ']' {
		element, err := b.build()
		if err != nil {
			return nil, err
		}
		b.pending = append(b.pending, element)
	}
	elements := b.pending[first:len(b.pending):len(b.pending)]
	if first == 0 && len(elements) > b.most/2 {
		b.pending = nil // half a million elements are not copied
	} else {
		elements = append(make([]any, 0, len(elements)), elements...)
		b.pending = b.pending[:first]
	}
	_, err := b.decoder.ReadToken()
	return elements, err
}

// text reads a text, or a key.
func (b *builder) text() (string, error) {
	raw, err := b.decoder.ReadValue()
	if err != nil {
		return "", err
	}
	plain, _ := jsontext.AppendUnquote(nil, raw) // an error is invalid UTF-8, which it has replaced
	return string(plain), nil
}

func invalidByte(body []byte) int {
	for at, r := range string(body) {
		if r == utf8.RuneError && !bytes.HasPrefix(body[at:], []byte("\ufffd")) {
			return at
		}
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
	count := utf8.RuneCountInString(text)
	if count <= most {
		return text
	}
	return cutAfter(text, most) + lengthNote(count)
}

// cutAfter returns the first characters of a text.
func cutAfter(text string, most int) string {
	for at := range text {
		if most == 0 {
			return text[:at]
		}
		most--
	}
	return text
}

// lengthNote says how long a text is that is not shown whole.
func lengthNote(characters int) string { return fmt.Sprintf("... (%d characters)", characters) }

// quote spells a value of a body as JSON.
func quote(v any) string { return text.Value(v) }

// undecoded says that a body that is no JSON came in an encoding that was not asked for, by its header or by its first
// bytes, or says that it is gzip and is not: nothing comes of unzipping it. "": the encoding is not to blame.
func undecoded(a *exchange.Answer) string {
	encoding := a.Header.Get("Content-Encoding")
	unzipped := strings.HasSuffix(strings.ToLower(encoding), "gzip") && len(a.Body) > 0
	if encoding == "" || strings.EqualFold(encoding, "identity") || unzipped {
		if form := formOf(a.Body); !form.page {
			return form.words
		}
		return ""
	}
	return fmt.Sprintf("the body is said to be in the encoding %s and cannot be read in it", encoding)
}
