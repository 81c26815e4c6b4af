// Package text makes foreign text harmless: what a provider, a file, an argument or a neighbour on the machine chose,
// and a terminal, a build server's log or a browser is to show. Whatever it holds, nothing comes out that moves a
// cursor, reorders or hides text, or that a build server obeys as a command. How it is shown depends on the place:
//
//	Line     one line, a character that does not show itself as an escape: \x1b, \u202e
//	Lines    the same for a text of many lines
//	Columns  one line with as many characters as before, a space for each that does not show itself
//	JSON     a JSON text that means the same, with escapes in its strings; Encode makes one of a value
//	Pieces   for a form that has its own way to show such characters, as a browser's page has
//
// Secrets are not its business: who shows a text redacts it first, and cuts it last.
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

// maxMarks is how many combining marks stand on one letter before the others are shown as escapes. The scripts that
// stack most in daily use need four; hundreds cover the lines above and below.
const maxMarks = 4

// Shows reports whether a character shows itself and does nothing else. Controls, format characters (all bidirectional
// ones and those of no width among them), separators but the space, private and unassigned characters do not, nor do
// letters and marks that Unicode asks to draw as nothing (Hangul fillers, tags, variation selectors) and the blank
// braille pattern. The replacement character stands for what is lost already: it is shown as an escape, since
// viewers disagree on it.
func Shows(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	switch r {
	case utf8.RuneError, '\u2800', '\U00016fe4':
		return false
	case '\ufe0e', '\ufe0f': // text or emoji: part of how people write
		return true
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Pieces cuts a text into runs of characters that show themselves (true) and single ones that do not (false). A byte
// that is no UTF-8 is one of those; so are a combining mark with nothing to stand on and one too many on a letter.
func Pieces(text string) iter.Seq2[string, bool] { return pieces(text, Shows) }

func pieces(text string, shows func(rune) bool) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		from, marks := 0, maxMarks
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRuneInString(text[i:])
			switch {
			case r < utf8.RuneSelf || !unicode.In(r, unicode.Mn, unicode.Me):
				marks = 0
			default:
				marks++
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

// commands is what build servers obey wherever it stands in a line of a log: ##vso[...] and ##[...] of Azure
// Pipelines, ##[...] of older GitHub runners, ##teamcity[...].
var commands = regexp.MustCompile(`##([\w.-]*)\[`)

// disarmed takes the commands of build servers out of a text; second is written for the second number sign.
func disarmed(text, second string) string {
	if !strings.Contains(text, "##") {
		return text
	}
	return commands.ReplaceAllString(text, "#"+second+"$1[")
}

// Begin keeps GitHub Actions from obeying a line: the runner takes one whose first characters, spaces aside, are two
// colons for a command. Line does so for its text; who puts spaces or texts in front of one need not.
func Begin(line string) string {
	if rest := strings.TrimLeft(line, " "); strings.HasPrefix(rest, "::") {
		return line[:len(line)-len(rest)] + `\x3a` + rest[1:]
	}
	return line
}

// Line shows a text in one line, whatever it holds: what does not show itself is an escape, line breaks and tabs too.
// What Line made stays as it is where it is given to Line again.
func Line(text string) string {
	text = Begin(disarmed(text, `\x23`))
	return replaced(text, Shows, writeEscape)
}

func writeEscape(b *strings.Builder, char string) {
	r, size := utf8.DecodeRuneInString(char)
	if size == 1 {
		r = rune(char[0]) // of a byte that is no UTF-8 too
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

// Lines shows a text line by line. A tab is four spaces; a line break at the end begins no further line.
func Lines(text string) []string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	for i, line := range lines {
		lines[i] = Line(strings.ReplaceAll(line, "\t", "    "))
	}
	return lines
}

// Cut is Line with at most limit characters, or one; one that was longer ends in "…".
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

// Beginning returns the beginning of a text, at most limit bytes and never half a character, and whether that is not all.
func Beginning(text string, limit int) (string, bool) {
	if len(text) <= limit {
		return text, false
	}
	for back := 1; back < utf8.UTFMax && limit > 0 && !utf8.RuneStart(text[limit]); back++ {
		limit--
	}
	return text[:limit], true
}

// Quote is Line between quotation marks, for a name in a sentence: a file's, an argument's.
func Quote(text string) string {
	return `"` + Line(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)) + `"`
}

// List joins words as a sentence does: "phone, otp and token".
func List(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}

// Columns shows a text in one line with exactly one character for each of its own, so that a caret can point into
// it: what does not show itself is a space.
func Columns(text string) string {
	text = disarmed(text, " ")
	return replaced(text, Shows, func(b *strings.Builder, _ string) { b.WriteByte(' ') })
}

// replaced returns a text in which hide has written what stands for each piece that does not show itself.
func replaced(text string, shows func(rune) bool, hide func(b *strings.Builder, piece string)) string {
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

// JSON rewrites a JSON text so that it can be shown on a terminal and in a log, and means what it meant: what does
// not show itself can stand only in a string, where \uXXXX is the same. An encoder escapes only what JSON forbids,
// below U+0020.
func JSON(text []byte) []byte {
	shows := func(r rune) bool { return r < ' ' || Shows(r) }
	return []byte(replaced(disarmed(string(text), `\u0023`), shows, func(b *strings.Builder, piece string) {
		r, _ := utf8.DecodeRuneInString(piece)
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(b, `\u%04x`, unit)
		}
	}))
}

// Value spells a value as JSON in one line, without the escapes that an encoder adds for HTML. It is what is sent and
// compared: nothing in it is made harmless. A value that has no JSON form is shown as Go prints it.
func Value(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Encode writes a value as indented JSON that can be shown on a terminal and in a log, piece by piece: encoding/json, whose
// options these are, would hold a large one three times.
func Encode(w io.Writer, value any) error {
	lines := &jsonLines{w: w}
	numbers := jsonv2.MarshalToFunc(func(encoder *jsontext.Encoder, n json.Number) error { return encoder.WriteValue(jsontext.Value(n)) })
	if err := jsonv2.MarshalWrite(lines, value, jsonv1.DefaultOptionsV1(), jsonv2.WithMarshalers(numbers), jsontext.EscapeForHTML(false), jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := lines.Write([]byte{'\n'})
	return err
}

// jsonLines writes whole lines of a JSON text as JSON makes them harmless: no string goes over the end of one.
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

// changing is what differs from one case to the next. A number of up to three digits may be a status.
var changing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{8,}|[0-9]{4,}|\[redacted\]`)
})

// Shape returns a text with a mark for each id, long number and secret, so that two texts which are alike but for these are the same.
func Shape(text string) string { return changing().ReplaceAllString(text, "#") }
