package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// reading is a decoded body.
type reading struct {
	value any    // as a lenient client would read it
	err   error  // why there is no value at all
	flaw  string // what breaks RuleOneValue; "" for one JSON value in UTF-8 with nothing after it and no duplicate key

	members []parameter // of a request's object, duplicate keys included: a provider might read either

	// What several rules ask for, worked out once.
	fits  map[fitKey][]schemas.Mismatch
	trace *string // see stackTraceIn
}

// parameter is a member of a request's object.
type parameter struct {
	key   string
	value any
	raw   jsontext.Value
}

// object returns the body's object; nil if the body is not an object.
func (r *reading) object() map[string]any {
	object, _ := r.value.(map[string]any)
	return object
}

// text returns the string at a path of keys; "" if there is none.
func (r *reading) text(keys ...string) string {
	text, _ := member(r.value, keys...).(string)
	return text
}

// membersNamed returns the members with a name. Case does not matter: some decoders ignore it.
func (r *reading) membersNamed(name string) []parameter {
	return group.Where(r.members, func(p parameter) bool { return strings.EqualFold(p.key, name) })
}

// parse returns an answer's body, decoded by the first call and kept.
func parse(a *exchange.Answer) *reading {
	r, done := a.Decoded.(*reading)
	if !done {
		r = decode(a.Body)
		a.Decoded = r
	}
	return r
}

// decode reads a body as leniently as a client might: the first JSON value, the last of duplicate keys, invalid UTF-8
// replaced. Anything wrong with the rest breaks RuleOneValue alone. Numbers are kept exact.
func decode(body []byte) *reading { return decodeAs(body, false) }

// decodeSent decodes the body of a request, and keeps the members of its object.
func decodeSent(body []byte) *reading { return decodeAs(body, true) }

func decodeAs(body []byte, sent bool) *reading {
	text, marked := bytes.CutPrefix(body, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 {
		return &reading{err: errors.New("the body is empty"), flaw: "the body is empty"}
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) // invalid UTF-8 includes a lone \ud800, though its spelling is ASCII
	b := builder{Decoder: decoder, text: text, sent: sent, numbers: map[string]any{}, most: bytes.Count(text, []byte(",")) + 1}
	v, err := b.value()
	r := &reading{value: v, members: b.first}
	if err != nil {
		r = &reading{err: errors.New("the body is not JSON")}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			r.err = errors.New("the body is JSON that is cut off")
		}
	}
	switch {
	case marked:
		r.flaw = "the body begins with a byte order mark, which JSON does not allow"
	case !utf8.Valid(body):
		r.flaw = fmt.Sprintf("byte %d of the body is not UTF-8", invalidByte(body))
	case b.duplicate != "":
		r.flaw = fmt.Sprintf("the key at %s occurs twice", b.duplicate)
	case err != nil:
		r.flaw = r.err.Error()
		if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
			r.flaw = fmt.Sprintf("the body is not JSON from byte %d on", syntax.ByteOffset)
		}
	default:
		if rest := bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
			r.flaw = fmt.Sprintf("%d bytes follow the JSON value", len(rest))
		}
	}
	return r
}

// builder builds values from JSON tokens.
type builder struct {
	*jsontext.Decoder
	text      []byte
	sent      bool           // keep the members of the outermost object; not for answers, which may have a hundred thousand
	first     []parameter    // those members
	numbers   map[string]any // the first numbers, shared: a body with half a million mostly repeats a few
	most      int            // capacity of the first list, which is the one that may be large; 0 after it
	duplicate string         // path of the first duplicate key; "" if there is none
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
		plain, _ := jsontext.AppendUnquote(nil, raw) // the only error is invalid UTF-8, which it replaces
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
		name, _ := b.value()    // an error is met again by the next read
		key, _ := name.(string) // the decoder accepts nothing else
		if _, known := members[key]; known && b.duplicate == "" {
			b.duplicate = "$." + strings.Join(slices.Collect(b.StackPointer().Tokens()), ".")
		}
		from := b.InputOffset()
		value, err := b.value()
		if err != nil {
			return nil, err
		}
		members[key] = value
		if b.sent && b.StackDepth() == 1 {
			raw := bytes.TrimLeft(b.text[from:b.InputOffset()], ": \t\r\n")
			b.first = append(b.first, parameter{key, members[key], raw})
		}
	}
	return members, nil
}

func (b *builder) elements() (any, error) {
	elements := make([]any, 0, b.most)
	b.most = 0
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

// member returns the value at a path of keys; nil if there is none.
func member(v any, keys ...string) any {
	for _, key := range keys {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	return v
}

// shownMember returns the value at a path of keys as a finding shows it. A null is not missing.
func shownMember(v any, keys ...string) string {
	last := len(keys) - 1
	object, _ := member(v, keys[:last]...).(map[string]any)
	if actual, there := object[keys[last]]; there {
		return quote(actual)
	}
	return schemas.Missing
}

// shown is how many characters of a value a finding shows.
const shown = 300

// Clip cuts a redacted text to the length at which a finding shows a value.
func Clip(text string) string { return clip(text, shown) }

func clip(text string, most int) string { return cut(text, most, utf8.RuneCountInString(text)) }

// cut returns the first most characters of a text, and says how many there are if it is longer.
func cut(text string, most, characters int) string {
	if characters <= most {
		return text
	}
	return fmt.Sprintf("%.*s... (%d characters)", most, text, characters)
}

// quote writes a value of a body as JSON.
func quote(v any) string { return text.Value(v) }

// whyUndecoded explains a body that is not JSON by its encoding: one that was not asked for, by its header or first bytes, or
// a gzip header on a body that is not gzip. It returns "" if the encoding is not to blame.
func whyUndecoded(a *exchange.Answer) string {
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

// isObject reports whether a body is exactly one JSON object, in UTF-8 and without duplicate keys.
func isObject(body jsontext.Value) bool { return body.Kind() == '{' && body.IsValid() }

// scalar returns the characters of a string or a number: a provider may accept either for the other.
func scalar(value any) (string, bool) {
	if n, isNumber := value.(json.Number); isNumber {
		return n.String(), true
	}
	text, isText := value.(string)
	return text, isText
}

// element returns the only element of a list with one: some languages convert such a list to that element.
func element(value any) any {
	for range 3 { // nested no deeper than this
		if elements, isList := value.([]any); isList && len(elements) == 1 {
			value = elements[0]
		}
	}
	return value
}

func isNumber(value any) bool {
	_, is := value.(json.Number)
	return is
}

// form is what a body is, if not a JSON object.
type form struct {
	key, words string
	page       bool // it is HTML or XML
}

// formOf guesses from its first bytes what a body is. It returns the zero form for a JSON object, and for what it does not
// recognize.
func formOf(body []byte) form {
	text := bytes.TrimSpace(body[:min(len(body), 4096)])
	lower := string(bytes.ToLower(text[:min(len(text), 64)]))
	begins := func(text string, firsts ...string) bool {
		return slices.ContainsFunc(firsts, func(first string) bool { return strings.HasPrefix(text, first) })
	}
	var inner string
	var object map[string]json.RawMessage
	switch raw := string(body[:min(len(body), 4)]); {
	case begins(raw, "\x1f\x8b"):
		return form{key: "gzip", words: "the body is compressed with gzip, and no Content-Encoding says so: is it compressed twice, or the header dropped on the way?"}
	case begins(raw, "\xff\xfe", "\xfe\xff", "{\x00", "\x00{", "\x00\x00\xfe\xff"):
		return form{key: "utf-16", words: "the body is in UTF-16 or UTF-32, and JSON is in UTF-8"}
	case begins(lower, "<!doctype html", "<html", "<head"):
		return form{key: "html", words: "the body is an HTML page: the framework's own error page, or that of a gateway on the way?", page: true}
	case begins(lower, "<?xml"):
		return form{key: "xml", words: "the body is XML: the framework's own error page, or that of a gateway on the way?", page: true}
	case begins(lower, `"`) && json.Unmarshal(body, &inner) == nil && json.Unmarshal([]byte(inner), &object) == nil && object != nil:
		return form{key: "encoded-twice", words: "the body is a JSON text that holds the JSON: it was encoded twice"}
	case binary(body): // brotli has no magic bytes
		return form{key: "binary", words: "the body is not text: is it compressed, with brotli, deflate or zstd, or encrypted on the way?"}
	}
	return form{}
}

// binary reports whether a body begins like something other than text.
func binary(body []byte) bool {
	if len(body) == 0 || strings.IndexByte("{[\"", body[0]) >= 0 {
		return false // JSON with a stray byte
	}
	const most = 8
	beginning := []rune(string(body[:min(len(body), most*utf8.UTFMax)])) // the characters after the first ones may be cut
	return slices.ContainsFunc(beginning[:min(len(beginning), most)], func(c rune) bool {
		return c == utf8.RuneError || c < ' ' && c != '\t' && c != '\r' && c != '\n'
	})
}
