package secret

import (
	"html"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
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
	return view(u.buffer)
}

// fill makes this the given text without its escape sequences, those of JSON, URLs and HTML alike, and reports whether
// it has any. What is no valid sequence stays as it is.
func (u *unescaped) fill(text string) bool {
	u.buffer, u.joints = u.buffer[:0], u.joints[:0]
	done := 0
	for at := 0; at < len(text); {
		var length, size int
		switch text[at] {
		case '\\':
			length, size = readJSON(text[at:], &u.stands)
		case '%':
			length, size = readURL(text[at:], &u.stands)
		case '&':
			length, size = readHTML(text[at:], &u.stands)
		}
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

// readJSON, and its likes, return how long the sequence at the start of the text is, and how many bytes it stands for,
// which they put in place; 0: this is none. Those of JavaScript, Python and C are among JSON's.
func readJSON(text string, into *[utf8.UTFMax]byte) (length, size int) {
	if unit, ok := readUnit(text); ok {
		length = 6
		if low, ok := readUnit(text[length:]); ok && utf16.DecodeRune(unit, low) != utf8.RuneError {
			unit, length = utf16.DecodeRune(unit, low), 12
		}
		return length, utf8.EncodeRune(into[:], unit)
	}
	if strings.HasPrefix(text, `\/`) {
		into[0] = '/'
		return 2, 1
	}
	r, long, rest, err := strconv.UnquoteChar(text, '"')
	if err != nil {
		return 0, 0
	}
	into[0], size = byte(r), 1
	if long {
		size = utf8.EncodeRune(into[:], r)
	}
	return len(text) - len(rest), size
}

// readUnit reads \uXXXX.
func readUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}

func readURL(text string, into *[utf8.UTFMax]byte) (length, size int) {
	if len(text) < 3 || hexDigits[text[1]] == 0 || hexDigits[text[2]] == 0 {
		return 0, 0
	}
	into[0] = (hexDigits[text[1]]-1)<<4 | (hexDigits[text[2]] - 1)
	return 3, 1
}

// entity is one of HTML. Browsers do without the semicolon behind a number.
var entity = regexp.MustCompile(`^&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[0-9A-Za-z]+;)`)

// longestEntity bounds how far the end of an HTML entity is looked for, in bytes.
const longestEntity = 32

func readHTML(text string, into *[utf8.UTFMax]byte) (length, size int) {
	written := entity.FindString(text[:min(len(text), longestEntity)])
	stands := html.UnescapeString(written)
	if stands == written || len(stands) > len(into) {
		return 0, 0
	}
	return len(written), copy(into[:], stands)
}

// touches reports whether a part of the text holds, or stands beside, what a sequence stood for.
func (u *unescaped) touches(s span) bool {
	at := sort.Search(len(u.joints), func(i int) bool { return u.joints[i].text >= s.start })
	return at < len(u.joints) && u.joints[at].from <= s.end
}

// original returns where a part of the text stood. A sequence that stands for several bytes is taken whole.
func (u *unescaped) original(s span) span {
	return span{start: u.place(s.start, false), end: u.place(s.end, true)}
}

// place returns where a place between two bytes of the text is in the original. Inside of what one sequence
// stands for it is the sequence's start or end.
func (u *unescaped) place(at int, end bool) int {
	next := sort.Search(len(u.joints), func(i int) bool { return u.joints[i].text > at })
	if next < len(u.joints) && u.joints[next].from < at {
		if end {
			return u.joints[next].original
		}
		return u.joints[next].start
	}
	if next == 0 {
		return at
	}
	return u.joints[next-1].original + at - u.joints[next-1].text
}
