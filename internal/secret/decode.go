package secret

import "slices"

// encoding is a way to write bytes as characters, each of which stands for a few bits.
type encoding struct {
	bits   int        // of a character
	starts int        // at how many characters, one after the other, a byte may begin
	digits *[256]byte // one more than what a character stands for; 0: it is none of the encoding

	// separator returns how many bytes what stands between two groups of characters has; 0: it is something else.
	separator func(text string, at int) int
}

// base64 is of either alphabet, and in lines.
var base64 = encoding{bits: 6, starts: 4, digits: base64Digits, separator: func(text string, at int) int {
	next := at
	for next < len(text) && (text[next] == '\r' || text[next] == '\n' || next > at && (text[next] == ' ' || text[next] == '\t')) {
		next++
	}
	return next - at
}}

// hex is of any case, in groups that people and programs separate in many ways.
var hex = encoding{bits: 4, starts: 2, digits: hexDigits, separator: func(text string, at int) int {
	next := at
	for next < len(text) && next-at < 4 && hexSeparator(text, next) > 0 {
		next += hexSeparator(text, next)
	}
	return next - at
}}

func hexSeparator(text string, at int) int {
	switch text[at] {
	case ' ', ':', '-', '.', ',', '_', ';', '|', '/', '\t', '\r', '\n':
		return 1
	case '\\', '0':
		if at+1 < len(text) && text[at+1]|0x20 == 'x' {
			return 2
		}
	}
	return 0
}

var (
	base64Digits = digitsOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
	hexDigits    = digitsOf("0123456789abcdef", "0123456789ABCDEF")
)

// digitsOf returns one more than what each character stands for in alphabets; 0: it is in none of them.
func digitsOf(alphabets ...string) *[256]byte {
	var all [256]byte
	for _, alphabet := range alphabets {
		for i, c := range []byte(alphabet) {
			all[c] = byte(i) + 1
		}
	}
	return &all
}

// digit returns one more than what the character at a place stands for; 0: it is none of the encoding, as the 0 of 0x.
func (e *encoding) digit(text string, at int) byte {
	if text[at] == '0' && e == &hex && hexSeparator(text, at) > 0 {
		return 0
	}
	return e.digits[text[at]]
}

// decode appends the places of a text that hold something once they are decoded. It goes through the runs of an encoding: each
// group by itself and, where separators stand between groups, all of them together. Of a text that was unescaped only what an
// escape touches is looked at: the rest was seen before.
func (h *hunt) decode(e *encoding, text string, from *unescaped, level int, found []span) []span {
	digits := e.digits
	for i := 0; i < len(text); {
		if digits[text[i]] == 0 {
			i++
			continue
		}
		run, count := span{i, i}, 0
		for more := true; more; {
			start := i
			for i < len(text) && e.digit(text, i) != 0 {
				i++
			}
			if i > start {
				count++
				run.end = i
				found = h.try(e, text, span{start, i}, from, level, found)
			}
			next := i + e.separator(text, i)
			more = next > i && next < len(text) && digits[text[next]] != 0
			i = next
		}
		if count > 1 {
			found = h.try(e, text, run, from, level, found)
		}
	}
	return found
}

// try decodes one run.
func (h *hunt) try(e *encoding, text string, run span, from *unescaped, level int, found []span) []span {
	bits := e.bits
	least := (max(h.shortest(), minimum)*8 + bits - 1) / bits
	if run.end-run.start < least || from != nil && !from.touches(run) {
		return found
	}
	r := &h.rooms[level]
	r.digits, r.stood = slices.Grow(r.digits[:0], run.end-run.start), slices.Grow(r.stood[:0], run.end-run.start)
	for i := run.start; i < run.end; i++ {
		if digit := e.digit(text, i); digit > 0 {
			r.digits, r.stood = append(r.digits, digit-1), append(r.stood, int32(i))
		}
	}
	// The run may begin with something else.
	for start := 0; start < e.starts && len(r.digits)-start >= least; start++ {
		r.decoded = slices.Grow(r.decoded[:0], len(r.digits))
		word, have := uint(0), 0
		for _, digit := range r.digits[start:] {
			word = word<<(bits&7) | uint(digit)
			if have += bits; have >= 8 {
				have -= 8
				r.decoded = append(r.decoded, byte(word>>(have&7)))
			}
		}
		held, ok := h.holds(r.decoded, level)
		if !ok {
			continue
		}
		first, last := start+held.start*8/bits, start+(held.end*8+bits-1)/bits-1
		place := span{int(r.stood[first]), int(r.stood[last]) + 1}
		for pad := 0; e == &base64 && pad < 2 && place.end < len(text) && text[place.end] == '='; pad++ {
			place.end++
		}
		found = append(found, place)
	}
	return found
}

// holds returns the part of what was decoded on a level in which all lies that is found in it.
func (h *hunt) holds(decoded []byte, level int) (part span, ok bool) {
	if h.rooms[level].budget -= len(decoded); h.rooms[level].budget < 0 || !readable(view(decoded), h.shortest()) {
		return span{}, false
	}
	for _, place := range h.walk(view(decoded), level+1) {
		if !ok || place.start < part.start {
			part.start = place.start
		}
		part.end, ok = max(part.end, place.end), true
	}
	return part, ok
}

// readable reports whether so many characters of ASCII text stand together. Most of what only looks encoded is none.
func readable(decoded string, least int) bool {
	together := 0
	for i := range len(decoded) {
		if c := decoded[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' {
			if together++; together >= least {
				return true
			}
		} else {
			together = 0
		}
	}
	return least == 0
}
