package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// Write writes a result file: JSON, indented, one newline at its end. Characters that act on a terminal or that
// reorder text are written as \u escapes, so that the file can be looked at safely and still holds what came.
func Write(w io.Writer, run *Run) error {
	whole := *run
	if whole.Rules == nil {
		whole.Rules = []Rule{} // the file says [], as its schema asks, where a run had nothing to judge
	}
	if whole.Scenarios == nil {
		whole.Scenarios = []Scenario{}
	}
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(whole); err != nil {
		return fmt.Errorf("the result cannot be written as JSON: %w", err)
	}
	_, err := w.Write(EscapeJSON(encoded.Bytes()))
	return err
}

// EscapeJSON rewrites a JSON text so that it holds no character that acts on a terminal, reorders text or is
// invisible: such a character can only stand inside a string, where \uXXXX means the same. The encoder of the
// standard library escapes only what JSON forbids (below U+0020), which leaves DEL, the C1 controls and the
// bidirectional ones.
func EscapeJSON(text []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && c != 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if hidden(r) {
			out = append(out, text[from:i]...)
			if r > 0xffff {
				r -= 0x10000
				out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return text
	}
	return append(out, text[from:]...)
}

// hidden tells which characters are written as escapes: DEL and C1 controls, format characters (among them all
// bidirectional ones and those of no width), line and paragraph separators, private ones and those that are none.
func hidden(r rune) bool {
	return r == 0x7f || (r >= 0x80 && r < 0xa0) || r&0xfffe == 0xfffe || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}
