package secret

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// unescaped is a text without its escape sequences, and where each part of it stood.
type unescaped struct {
	buffer []byte
	joints []joint
}

// joint is the end of an escape sequence: from here to the next one, text and original run in step.
type joint struct {
	start    int // where the sequence begins in the original
	original int // where it ends there
	from     int // where what it stands for begins in the text
	text     int // where that ends
}

// String returns the text, which is valid until the next fill.
func (u *unescaped) String() string {
	return unsafe.String(unsafe.SliceData(u.buffer), len(u.buffer))
}

// escapes is one way to escape.
type escapes struct {
	mark byte
	// read returns how long the sequence at the start of the text is, and what it stands for, which it appends;
	// 0: this is none.
	read func(text string, to []byte) (length int, result []byte)
}

func readJSON(text string, to []byte) (int, []byte) {
	if len(text) < 2 {
		return 0, to
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return 2, append(to, c)
	case 'b':
		return 2, append(to, '\b')
	case 'f':
		return 2, append(to, '\f')
	case 'n':
		return 2, append(to, '\n')
	case 'r':
		return 2, append(to, '\r')
	case 't':
		return 2, append(to, '\t')
	case 'u':
		r, ok := readUnit(text)
		if !ok {
			return 0, to
		}
		if utf16.IsSurrogate(r) {
			if low, ok := readUnit(text[6:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return 12, utf8.AppendRune(to, pair)
				}
			}
		}
		return 6, utf8.AppendRune(to, r)
	}
	return 0, to
}

// readUnit reads \uXXXX.
func readUnit(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		digit, ok := hexDigit(text[i])
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}

func readURL(text string, to []byte) (int, []byte) {
	if len(text) < 3 {
		return 0, to
	}
	high, ok := hexDigit(text[1])
	low, ok2 := hexDigit(text[2])
	if !ok || !ok2 {
		return 0, to
	}
	return 3, append(to, high<<4|low)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// fill makes this the given text without its escape sequences and tells whether it has any. What is no valid
// sequence stays as it is.
func (u *unescaped) fill(text string, e escapes) bool {
	u.buffer, u.joints = u.buffer[:0], u.joints[:0]
	done := 0
	for at := 0; ; {
		next := strings.IndexByte(text[at:], e.mark)
		if next < 0 {
			break
		}
		at += next
		from := len(u.buffer) + at - done
		length, buffer := e.read(text[at:], append(u.buffer, text[done:at]...))
		if length == 0 {
			at++
			continue
		}
		u.buffer = buffer
		u.joints = append(u.joints, joint{start: at, original: at + length, from: from, text: len(u.buffer)})
		at += length
		done = at
	}
	if len(u.joints) == 0 {
		return false
	}
	u.buffer = append(u.buffer, text[done:]...)
	return true
}

// original returns where a part of the text stood. A sequence that stands for several bytes is taken whole.
func (u *unescaped) original(s span) span {
	return span{start: u.place(s.start, false), end: u.place(s.end, true)}
}

// place returns where a place between two bytes of the text is in the original. Inside of what one sequence
// stands for it is the sequence's start or end.
func (u *unescaped) place(at int, end bool) int {
	low, high := 0, len(u.joints) // the first joint that ends after the place
	for low < high {
		middle := (low + high) / 2
		if u.joints[middle].text <= at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(u.joints) && u.joints[low].from < at {
		if end {
			return u.joints[low].original
		}
		return u.joints[low].start
	}
	if low == 0 {
		return at
	}
	return u.joints[low-1].original + at - u.joints[low-1].text
}
