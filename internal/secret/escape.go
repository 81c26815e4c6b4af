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
	stands [utf8.UTFMax]byte // what the sequence at hand stands for; here so that it costs no allocation
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
	// read returns how long the sequence at the start of the text is, and how many bytes it stands for, which it
	// puts in place; 0: this is none.
	read func(text string, into *[utf8.UTFMax]byte) (length, size int)
}

func readJSON(text string, into *[utf8.UTFMax]byte) (length, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		into[0] = c
	case 'b':
		into[0] = '\b'
	case 'f':
		into[0] = '\f'
	case 'n':
		into[0] = '\n'
	case 'r':
		into[0] = '\r'
	case 't':
		into[0] = '\t'
	case 'u':
		r, ok := readUnit(text)
		if !ok {
			return 0, 0
		}
		if utf16.IsSurrogate(r) {
			if low, ok := readUnit(text[6:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return 12, utf8.EncodeRune(into[:], pair)
				}
			}
		}
		return 6, utf8.EncodeRune(into[:], r)
	default:
		return 0, 0
	}
	return 2, 1
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

func readURL(text string, into *[utf8.UTFMax]byte) (length, size int) {
	if len(text) < 3 {
		return 0, 0
	}
	high, ok := hexDigit(text[1])
	low, ok2 := hexDigit(text[2])
	if !ok || !ok2 {
		return 0, 0
	}
	into[0] = high<<4 | low
	return 3, 1
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
		length, size := e.read(text[at:], &u.stands)
		if length == 0 {
			at++
			continue
		}
		u.buffer = append(u.buffer, text[done:at]...)
		from := len(u.buffer)
		u.buffer = append(u.buffer, u.stands[:size]...)
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
