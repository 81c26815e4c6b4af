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
	b := builder{Decoder: decoder, numbers: map[string]any{}}
	v, err := b.value()
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
	*jsontext.Decoder
	numbers map[string]any // the first that were read: half a million of them are mostly the same few
	doubled string         // the path of the first key that occurs twice; "": none does
}

// value reads one value.
func (b *builder) value() (v any, err error) {
	kind := b.PeekKind()
	if kind == '{' || kind == '[' {
		if _, err = b.ReadToken(); err != nil {
			return nil, err
		}
		if kind == '{' {
			v, err = b.members()
		} else {
			v, err = b.elements()
		}
		if err == nil {
			_, err = b.ReadToken()
		}
		return v, err
	}
	raw, err := b.ReadValue()
	switch {
	case err != nil || kind == 'n':
		return nil, err
	case kind == '"':
		plain, _ := jsontext.AppendUnquote(nil, raw) // an error is invalid UTF-8, which it has replaced
		return string(plain), nil
	case kind == '0':
		return b.number(raw), nil
	}
	return kind == 't', nil
}

func (b *builder) number(raw []byte) any {
	const most = 256
	n, known := b.numbers[string(raw)]
	if !known {
		n = json.Number(raw)
		if len(b.numbers) < most {
			b.numbers[string(raw)] = n
		}
	}
	return n
}

func (b *builder) members() (any, error) {
	members := map[string]any{}
	for b.PeekKind() != '}' {
		name, err := b.value()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string) // the decoder takes no other names
		if _, known := members[key]; known && b.doubled == "" {
			b.doubled = jsonPath(string(b.StackPointer()))
		}
		if members[key], err = b.value(); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func (b *builder) elements() (any, error) {
	elements := []any{}
	for b.PeekKind() != ']' {
		element, err := b.value()
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
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

// shownMember spells a member of an object as a finding shows it: a null that is there is not missing.
func shownMember(v any, keys ...string) string {
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
