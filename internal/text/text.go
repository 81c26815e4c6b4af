// Package text makes foreign text harmless: text that a provider, a file, an argument or another user chose, and that a
// terminal, a build server's log or a browser is to show. Whatever it holds, the output cannot move a cursor, reorder
// or hide text, or be obeyed as a command by a build server. How it is shown depends on the place:
//
//	Line     one line, with invisible characters as escapes: \x1b, \u202e
//	Lines    the same for a text of many lines
//	Columns  one line of as many characters, with a space for each invisible one
//	JSON     an equivalent JSON text, with escapes in its strings; Encode makes one of a value
//	Pieces   for forms that show such characters in a way of their own, such as HTML pages
//
// It knows nothing of secrets: redact a text before it is passed to this package, and cut it last.
package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// maxMarks is how many combining marks a letter may have before the others are shown as escapes. No script in daily use
// needs more than four; hundreds would cover the lines above and below.
const maxMarks = 4

// Shows reports whether a character is visible and does nothing but show itself. It is false for control characters,
// format characters (bidirectional and zero-width ones among them), separators other than the space, private and
// unassigned characters, letters and marks that Unicode draws as nothing (Hangul fillers, tags, variation selectors)
// and the blank braille pattern. It is false for the replacement character too, which viewers show differently.
func Shows(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	switch r {
	case utf8.RuneError, '\u2800', '\U00016fe4':
		return false
	case '\ufe0e', '\ufe0f': // choose text or emoji style, as people write them
		return true
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Pieces cuts a text into runs of visible characters (true) and single ones that are not (false). The latter include
// bytes that are not UTF-8, combining marks without a letter, and those beyond maxMarks.
func Pieces(text string) iter.Seq2[string, bool] { return pieces(text, Shows) }

func pieces(text string, shows func(rune) bool) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		from, marks := 0, maxMarks
		for i := 0; i < len(text); {
			if c := text[i]; ' ' <= c && c < 0x7f { // the usual case
				i, marks = i+1, 0
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			if marks++; r < utf8.RuneSelf || !unicode.In(r, unicode.Mn, unicode.Me) {
				marks = 0
			}
			if marks <= maxMarks && shows(r) {
				i += size
				continue
			}
			if from < i && !yield(text[from:i], true) || !yield(text[i:i+size], false) {
				return
			}
			i += size
			from, marks = i, maxMarks
		}
		if from < len(text) {
			yield(text[from:], true)
		}
	}
}

// commands matches what build servers obey anywhere in a line of a log: ##vso[...] and ##[...] (Azure Pipelines),
// ##[...] (older GitHub runners), ##teamcity[...].
var commands = regexp.MustCompile(`##([\w.-]*)\[`)

// disarm keeps build servers from obeying commands in a text, by writing second for the second number sign.
func disarm(text, second string) string {
	if !strings.Contains(text, "##") {
		return text
	}
	return commands.ReplaceAllString(text, "#"+second+"$1[")
}

// Begin keeps GitHub Actions from obeying a line: its runner takes a line that begins with two colons, after any spaces,
// as a command. Line does this for its text.
func Begin(line string) string {
	if rest := strings.TrimLeft(line, " "); strings.HasPrefix(rest, "::") {
		return line[:len(line)-len(rest)] + `\x3a` + rest[1:]
	}
	return line
}

// Line returns a text as one line, in which invisible characters are escapes, including line breaks and tabs. Line does
// not change its own output.
func Line(text string) string {
	text = Begin(disarm(text, `\x23`))
	return replacePieces(text, Shows, writeEscape)
}

func writeEscape(b *strings.Builder, char string) {
	r, size := utf8.DecodeRuneInString(char)
	if size == 1 {
		r = rune(char[0]) // even if the byte is not UTF-8
	}
	switch {
	case r == '\n', r == '\r', r == '\t':
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// Lines returns the lines of a text, each as by Line. A tab becomes four spaces; line breaks at the end begin no further
// line.
func Lines(text string) []string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	for i, line := range lines {
		lines[i] = Line(strings.ReplaceAll(line, "\t", "    "))
	}
	return lines
}

// Cut is Line with at most limit characters, but at least one; a text that is cut ends in "…".
func Cut(text string, limit int) string {
	limit = max(limit, 1)
	rest := ""
	if len(text) > limit*utf8.UTFMax {
		text, rest = text[:limit*utf8.UTFMax], "…"
	}
	runes := []rune(Line(text))
	if len(runes) > limit {
		runes, rest = runes[:limit-1], "…"
	}
	return string(runes) + rest
}

// Beginning returns the first limit bytes of a text, without half a character, and whether anything was cut off.
func Beginning(text string, limit int) (string, bool) {
	if len(text) <= limit {
		return text, false
	}
	for back := 1; back < utf8.UTFMax && limit > 0 && !utf8.RuneStart(text[limit]); back++ {
		limit--
	}
	return text[:limit], true
}

// Quote is Line in quotation marks, for names in sentences.
func Quote(text string) string {
	return `"` + Line(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)) + `"`
}

// List joins words as in a sentence: "phone, otp and token".
func List(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}

// Columns returns a text as one line with exactly one character for each of its own, so that a caret can point into it:
// invisible characters become spaces.
func Columns(text string) string {
	text = disarm(text, " ")
	return replacePieces(text, Shows, func(b *strings.Builder, _ string) { b.WriteByte(' ') })
}

// replacePieces returns a text in which each piece that shows rejects is replaced by what hide writes.
func replacePieces(text string, shows func(rune) bool, hide func(b *strings.Builder, piece string)) string {
	var b strings.Builder
	for piece, shown := range pieces(text, shows) {
		switch {
		case len(piece) == len(text) && shown:
			return text
		case shown:
			b.WriteString(piece)
		default:
			hide(&b, piece)
		}
	}
	return b.String()
}

// JSON returns an equivalent JSON text that can be shown on a terminal and in a log. Invisible characters can only be in
// strings, where \uXXXX means the same. (Encoders escape only what JSON forbids, below U+0020.)
func JSON(text []byte) []byte {
	shows := func(r rune) bool { return r < ' ' || Shows(r) }
	return []byte(replacePieces(disarm(string(text), `\u0023`), shows, func(b *strings.Builder, piece string) {
		r, _ := utf8.DecodeRuneInString(piece)
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(b, `\u%04x`, unit)
		}
	}))
}

// Value returns a value as JSON in one line, without HTML escapes. It is for sending and comparing: nothing in it is
// made harmless. A value that JSON cannot express is formatted as by fmt.Sprint.
func Value(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Encode writes a value as indented JSON that can be shown on a terminal and in a log. It writes as it encodes:
// encoding/json, which it is compatible with, would hold a large value in memory three times.
func Encode(w io.Writer, value any) error {
	lines := &jsonLines{w: w}
	numbers := jsonv2.MarshalToFunc(func(encoder *jsontext.Encoder, n json.Number) error { return encoder.WriteValue(jsontext.Value(n)) })
	if err := jsonv2.MarshalWrite(lines, value, jsonv1.DefaultOptionsV1(), jsonv2.WithMarshalers(numbers), jsontext.EscapeForHTML(false), jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := lines.Write([]byte{'\n'})
	return err
}

// jsonLines passes JSON texts on line by line, made harmless by JSON: no string contains a line break.
type jsonLines struct {
	w       io.Writer
	pending []byte
}

func (l *jsonLines) Write(text []byte) (int, error) {
	l.pending = append(l.pending, text...)
	whole := bytes.LastIndexByte(l.pending, '\n') + 1
	_, err := l.w.Write(JSON(l.pending[:whole]))
	l.pending = l.pending[:copy(l.pending, l.pending[whole:])]
	return len(text), err
}

// volatileText matches what differs from one case to the next. Numbers of up to three digits are left alone: they may be
// statuses.
var volatileText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{8,}|[0-9]{4,}|\[redacted\]`)
})

// Shape returns a text with # for each id, long number and secret, so that texts that differ only in these become equal.
func Shape(text string) string { return volatileText().ReplaceAllString(text, "#") }
