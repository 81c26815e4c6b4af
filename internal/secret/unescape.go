package secret

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped is a text whose escape sequences are undone, with the way back to the places in the original.
type unescaped struct {
	buffer []byte
	jumps  []jump // where a byte does not directly follow the one before in the original
}

type jump struct{ at, original int32 }

// String returns the text, which is valid until the next fill.
func (u *unescaped) String() string { return view(u.buffer) }

// fill undoes the escape sequences of JSON, URLs and HTML in a text, and reports whether it has any. Invalid sequences are
// left as they are.
func (u *unescaped) fill(text string) bool {
	if !strings.Contains(text, `\`) && !strings.Contains(text, "%") && !strings.Contains(text, "&") {
		return false // the usual case: nothing is copied
	}
	u.buffer, u.jumps = slices.Grow(u.buffer[:0], len(text)), u.jumps[:0]
	for at := 0; at < len(text); {
		length, next := 0, len(u.buffer)+1
		switch text[at] {
		case '\\':
			u.buffer, length = unescapeJSON(u.buffer, text[at:])
		case '%':
			u.buffer, length = unescapeURL(u.buffer, text[at:])
		case '&':
			u.buffer, length = unescapeHTML(u.buffer, text[at:])
		}
		if length == 0 {
			u.buffer, length = append(u.buffer, text[at]), 1
		}
		for ; next < len(u.buffer); next++ {
			u.jumps = append(u.jumps, jump{int32(next), int32(at)})
		}
		if at += length; length > 1 {
			u.jumps = append(u.jumps, jump{int32(next), int32(at)})
		}
	}
	return len(u.jumps) > 0
}

// unescapeJSON, unescapeURL and unescapeHTML append what the sequence at the beginning of a text stands for, and return its
// length; 0 if there is none. unescapeJSON knows those of JavaScript, Python and C too.
func unescapeJSON(to []byte, text string) ([]byte, int) {
	if unit, ok := readUnit(text); ok {
		if low, ok := readUnit(text[6:]); ok && utf16.DecodeRune(unit, low) != utf8.RuneError {
			return utf8.AppendRune(to, utf16.DecodeRune(unit, low)), 12
		}
		return utf8.AppendRune(to, unit), 6
	}
	if strings.HasPrefix(text, `\/`) {
		return append(to, '/'), 2
	}
	r, long, rest, err := strconv.UnquoteChar(text, '"')
	switch {
	case err != nil:
		return to, 0
	case long:
		return utf8.AppendRune(to, r), len(text) - len(rest)
	}
	return append(to, byte(r)), len(text) - len(rest)
}

// readUnit reads \uXXXX at the beginning of a text.
func readUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}

func unescapeURL(to []byte, text string) ([]byte, int) {
	if len(text) < 3 || hexDigits[text[1]] == 0 || hexDigits[text[2]] == 0 {
		return to, 0
	}
	return append(to, (hexDigits[text[1]]-1)<<4|(hexDigits[text[2]]-1)), 3
}

// entity matches an HTML entity. As in browsers, a numeric one may lack its semicolon.
var entity = regexp.MustCompile(`^&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[0-9A-Za-z]+;)`)

// longestEntity is the length in bytes of the longest HTML entity that is recognised.
const longestEntity = 32

func unescapeHTML(to []byte, text string) ([]byte, int) {
	written := entity.FindString(text[:min(len(text), longestEntity)])
	stands := html.UnescapeString(written)
	if stands == written {
		return to, 0
	}
	return append(to, stands...), len(written)
}

// touches reports whether a part of the text contains or adjoins an undone sequence.
func (u *unescaped) touches(s span) bool {
	after := u.nextJump(max(0, s.start-1))
	return after < len(u.jumps) && int(u.jumps[after].at) <= s.end+1
}

// original returns the place of a part of the text in the original. It includes whole sequences, even if only some of the bytes
// that one stands for are in the part.
func (u *unescaped) original(s span) span {
	end := s.end
	for u.place(end) == u.place(end-1) {
		end++
	}
	return span{u.place(s.start), u.place(end)}
}

// place returns the place of a byte in the original, or that of the end of the text.
func (u *unescaped) place(at int) int {
	if n := u.nextJump(at); n > 0 {
		return int(u.jumps[n-1].original) + at - int(u.jumps[n-1].at)
	}
	return at
}

// nextJump returns the index of the first jump after a place.
func (u *unescaped) nextJump(at int) int {
	n, _ := slices.BinarySearchFunc(u.jumps, at+1, func(j jump, at int) int { return int(j.at) - at })
	return n
}
