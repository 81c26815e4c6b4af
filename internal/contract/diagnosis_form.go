package contract

import (
	"bytes"
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

// formOf tells by its first bytes what a body is that is no JSON object; the zero form where it is one, or cannot be
// told.
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
	case binary(body): // brotli has no first bytes of its own
		return form{key: "binary", words: "the body is no text: is it compressed, with brotli, deflate or zstd, or encrypted on the way?"}
	}
	return form{}
}

// binary reports whether the beginning of a body is no text.
func binary(body []byte) bool {
	if len(body) == 0 || strings.IndexByte("{[\"", body[0]) >= 0 {
		return false // JSON with a byte that does not belong there
	}
	return bytes.ContainsFunc(body[:min(len(body), 8)], func(c rune) bool {
		return c == utf8.RuneError || c < ' ' && c != '\t' && c != '\r' && c != '\n'
	})
}
