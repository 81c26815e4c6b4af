package secret

import "slices"

// encoding is a way to write bytes as characters of a few bits each.
type encoding struct {
	bits   int        // bits of a character
	starts int        // at how many of a run's first characters the encoded text may begin
	digits *[256]byte // the value of each character plus one; 0: not of the encoding

	// separator returns the length in bytes of a separator between two groups of characters; 0 if there is none.
	separator func(text string, at int) int
}

// base64 uses either alphabet and may be wrapped.
var base64 = encoding{bits: 6, starts: 4, digits: base64Digits, separator: func(text string, at int) int {
	next := at
	for next < len(text) && (text[next] == '\r' || text[next] == '\n' || next > at && (text[next] == ' ' || text[next] == '\t')) {
		next++
	}
	return next - at
}}

// hex uses either case, in groups with many kinds of separators.
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

// digitsOf returns the value of each character in the alphabets plus one; 0 if it is in none of them.
func digitsOf(alphabets ...string) *[256]byte {
	var all [256]byte
	for _, alphabet := range alphabets {
		for i, c := range []byte(alphabet) {
			all[c] = byte(i) + 1
		}
	}
	return &all
}

// digit returns the value of the character at a place plus one; 0 if it is not of the encoding, such as the 0 of 0x.
func (e *encoding) digit(text string, at int) byte {
	if text[at] == '0' && e == &hex && hexSeparator(text, at) > 0 {
		return 0
	}
	return e.digits[text[at]]
}

// decode appends the places of a text in which something is found once they are decoded. It tries each group of characters of an
// encoding by itself and, if there are separators, the whole run of groups together. Of an unescaped text it tries only what an
// escape touches: the rest has been tried before. Nor does it try what lies within one of the first places, plain of which were
// found without decoding and are in order: a token is not searched for what it is made of.
func (h *searcher) decode(e *encoding, text string, from *unescaped, level, plain int, found []span) []span {
	digits := e.digits
	next, farthest := 0, 0
	covered := func(s span) bool {
		for ; next < plain && found[next].start <= s.start; next++ {
			farthest = max(farthest, found[next].end)
		}
		return s.end <= farthest
	}
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
			if group := (span{start, i}); i > start {
				count++
				run.end = i
				if !covered(group) {
					found = h.try(e, text, group, from, level, found)
				}
			}
			after := i + e.separator(text, i)
			more = after > i && after < len(text) && digits[text[after]] != 0
			i = after
		}
		if count > 1 {
			found = h.try(e, text, run, from, level, found)
		}
	}
	return found
}

// try decodes one run.
func (h *searcher) try(e *encoding, text string, run span, from *unescaped, level int, found []span) []span {
	bits := e.bits
	least := (max(h.shortest(), minimum)*8 + bits - 1) / bits
	if run.end-run.start < least || from != nil && !from.touches(run) {
		return found
	}
	r := &h.levels[level]
	r.digits, r.digitPlaces = slices.Grow(r.digits[:0], run.end-run.start), slices.Grow(r.digitPlaces[:0], run.end-run.start)
	for i := run.start; i < run.end; i++ {
		if digit := e.digit(text, i); digit > 0 {
			r.digits, r.digitPlaces = append(r.digits, digit-1), append(r.digitPlaces, int32(i))
		}
	}
	// The run may begin with characters that do not belong to the encoded text.
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
		place := span{int(r.digitPlaces[first]), int(r.digitPlaces[last]) + 1}
		for pad := 0; e == &base64 && pad < 2 && place.end < len(text) && text[place.end] == '='; pad++ {
			place.end++
		}
		found = append(found, place)
	}
	return found
}

// holds returns the part of a decoded text that spans everything found in it; ok is false if nothing is.
func (h *searcher) holds(decoded []byte, level int) (part span, ok bool) {
	if h.levels[level].budget -= len(decoded); h.levels[level].budget < 0 || !readable(view(decoded), h.shortest()) {
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

// readable reports whether a decoded text has least characters of ASCII text in a row. Most of what only looks encoded has not.
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
