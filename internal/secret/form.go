package secret

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unsafe"
)

// withinMinimum is how many bytes a value has at least to be looked for inside a longer base64 text, where no
// boundary tells a value from chance.
const withinMinimum = 16

// form is one spelling of a value. Escapes are no forms: the text is unescaped instead, since there are too many
// ways to escape one value.
type form struct {
	start, end  int   // in the list's buffer
	within      bool  // may lie within a longer base64 text; else it is a whole run
	left, right uint8 // characters beside a form within base64 that hold the value's first and last bits
}

// cover returns the place of a form that was found, with the characters beside it that belong to it.
func (f form) cover(text string, start, end int) span {
	if f.within {
		for n := f.left; n > 0 && start > 0 && inBase64(text[start-1]); n-- {
			start--
		}
		for n := f.right; n > 0 && end < len(text) && inBase64(text[end]); n-- {
			end++
		}
	}
	return span{start: start, end: end}
}

func inBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// formList is every form of one value. It is used again and again: filling it allocates only to grow.
type formList struct {
	list   []form
	buffer []byte
}

// text returns a form's text, which is valid until the list is filled again.
func (l *formList) text(i int) string {
	b := l.buffer[l.list[i].start:l.list[i].end]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// fill makes the list that of another value.
func (l *formList) fill(value string) {
	l.list = slices.Grow(l.list[:0], 10)
	l.buffer = slices.Grow(l.buffer[:0], 16*len(value)+32)
	plain := unsafe.Slice(unsafe.StringData(value), len(value)) // only read

	l.run(append(l.buffer, value...))
	if strings.Contains(value, " ") {
		// A query has + for a space. Every + of a text may be one or a +, so this is a form and no escape.
		start := len(l.buffer)
		l.run(append(l.buffer, value...))
		for i := start; i < len(l.buffer); i++ {
			if l.buffer[i] == ' ' {
				l.buffer[i] = '+'
			}
		}
	}
	start := len(l.buffer)
	l.run(hex.AppendEncode(l.buffer, plain))
	l.run(append(l.buffer, l.buffer[start:]...))
	upper(l.buffer[len(l.buffer)-2*len(value):])

	if len(value) >= withinMinimum {
		l.base64(base64.RawStdEncoding, plain)
		l.base64(base64.RawURLEncoding, plain)
		return
	}
	// Padding is no letter and no digit: the padded forms are found by those without it.
	l.run(base64.RawStdEncoding.AppendEncode(l.buffer, plain))
	l.run(base64.RawURLEncoding.AppendEncode(l.buffer, plain))
}

// run takes what was appended to the buffer as a form that is a whole run.
func (l *formList) run(buffer []byte) {
	l.list = append(l.list, form{start: len(l.buffer), end: len(buffer)})
	l.buffer = buffer
}

// base64 adds what base64 makes of the value wherever it starts in the encoded text: of its whole groups of three
// bytes, which do not depend on what stands before and after.
func (l *formList) base64(encoding *base64.Encoding, value []byte) {
	for before := range 3 {
		skip := (3 - before) % 3
		rest := (len(value) - skip) % 3
		buffer := encoding.AppendEncode(l.buffer, value[skip:len(value)-rest])
		f := form{start: len(l.buffer), end: len(buffer), within: true}
		if skip > 0 {
			f.left = uint8(skip) + 1
		}
		if rest > 0 {
			f.right = uint8(rest) + 1
		}
		l.list, l.buffer = append(l.list, f), buffer
	}
}

func upper(text []byte) {
	for i, c := range text {
		if c >= 'a' && c <= 'f' {
			text[i] = c - 'a' + 'A'
		}
	}
}

// search implements searcher for the one value.
func (l *formList) search(text string, found []span) []span {
	for i, f := range l.list {
		wanted := l.text(i)
		for from := 0; ; {
			at := strings.Index(text[from:], wanted)
			if at < 0 {
				break
			}
			at += from
			if f.within || startsRun(text, at) && endsRun(text, at+len(wanted)) {
				found = append(found, f.cover(text, at, at+len(wanted)))
			}
			from = at + 1
		}
	}
	return found
}
