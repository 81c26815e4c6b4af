package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// form is what a body is that is no JSON object.
type form struct {
	key, words string
	page       bool // a document of another language: it is shown, and needs no name
}

// magic is forms that first bytes tell.
var magic = []struct {
	form
	firsts []string
}{
	{form{key: "gzip", words: "the body is compressed with gzip, and no Content-Encoding says so: is it compressed twice, or the header dropped on the way?"}, []string{"\x1f\x8b"}},
	{form{key: "zstd", words: "the body is compressed with zstd, which was not asked for"}, []string{"\x28\xb5\x2f\xfd"}},
	{form{key: "deflate", words: "the body is compressed with deflate, which was not asked for"}, []string{"\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda"}},
	{form{key: "utf-32", words: "the body is in UTF-32, and JSON is in UTF-8"}, []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff"}},
	{form{key: "utf-16", words: "the body is in UTF-16, and JSON is in UTF-8"}, []string{"\xff\xfe", "\xfe\xff", "{\x00", "\x00{"}},
}

// formOf tells by its first bytes what a body is that is no JSON object; the zero form where it is one, or cannot be
// told.
func formOf(body []byte) form {
	for _, known := range magic {
		if slices.ContainsFunc(known.firsts, func(first string) bool { return bytes.HasPrefix(body, []byte(first)) }) {
			return known.form
		}
	}
	text := strings.TrimSpace(string(body[:min(len(body), 4096)]))
	lower := strings.ToLower(text[:min(len(text), 64)])
	var inner string
	switch {
	case strings.HasPrefix(lower, "<!doctype html") || strings.HasPrefix(lower, "<html") || strings.HasPrefix(lower, "<head"):
		return form{key: "html", words: "the body is an HTML page: the framework's own error page, or that of a gateway on the way?", page: true}
	case strings.HasPrefix(lower, "<?xml"):
		return form{key: "xml", words: "the body is XML: the framework's own error page, or that of a gateway on the way?", page: true}
	case strings.HasPrefix(text, `"`) && json.Unmarshal(body, &inner) == nil && isObject([]byte(inner)):
		return form{key: "encoded-twice", words: "the body is a JSON text that holds the JSON: it was encoded twice"}
	case inBase64(text):
		return form{key: "base64", words: "the body is JSON in base64: does a gateway on the way take it for binary?"}
	case binary(body) && strings.IndexByte(brotli, body[0]) >= 0:
		return form{key: "brotli", words: "the body is compressed, with brotli by the look of its first byte, which was not asked for"}
	case binary(body):
		return form{key: "binary", words: "the body is no text: is it compressed or encrypted on the way?"}
	}
	return form{}
}

// brotli is the first bytes of short texts as its encoders write them: it has no mark of its own.
const brotli = "\x03\x0b\x0f\x13\x1b\x1f\x21\x42\x83\x8b\x8f\xa1\xe2"

// binary reports whether the beginning of a body is no text.
func binary(body []byte) bool {
	if len(body) == 0 || strings.IndexByte("{[\"", body[0]) >= 0 {
		return false // JSON with a byte that does not belong there
	}
	return bytes.ContainsFunc(body[:min(len(body), 8)], func(c rune) bool {
		return c == utf8.RuneError || c < ' ' && c != '\t' && c != '\r' && c != '\n'
	})
}

func isObject(body []byte) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(body, &object) == nil && object != nil
}

func inBase64(text string) bool {
	text = strings.Trim(text, `"`)
	decoded, err := base64.StdEncoding.DecodeString(text)
	return err == nil && isObject(decoded)
}
