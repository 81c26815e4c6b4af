package secret

import (
	"encoding/base64"
	"slices"
)

// decode appends the places of a text that hold something once they are decoded. Of a text that was unescaped only
// what an escape touches is looked at: the rest was seen before.
func (h *hunt) decode(x searcher, text string, from *unescaped, level int, found []span) []span {
	found = h.base64(x, text, from, level, found)
	return h.hex(x, text, from, level, found)
}

// base64 goes through the runs of base64's characters, in either alphabet: each line by itself and, where the next
// line goes on, all of them together.
func (h *hunt) base64(x searcher, text string, from *unescaped, level int, found []span) []span {
	joined := 0 // up to where lines were taken together
	for i := 0; i < len(text); {
		if !inBase64(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && inBase64(text[i]) {
			i++
		}
		found = h.tryBase64(x, text, span{start, i}, from, level, found)
		if start < joined {
			continue
		}
		joined = i
		for next := nextLine(text, joined); next > joined; next = nextLine(text, joined) {
			for joined = next; joined < len(text) && inBase64(text[joined]); {
				joined++
			}
		}
		if joined > i {
			found = h.tryBase64(x, text, span{start, joined}, from, level, found)
		}
	}
	return found
}

// nextLine returns where a wrapped text goes on, or the place itself where it does not.
func nextLine(text string, at int) int {
	next := at
	for next < len(text) && (text[next] == '\r' || text[next] == '\n' || next > at && (text[next] == ' ' || text[next] == '\t')) {
		next++
	}
	if next == len(text) || !inBase64(text[next]) {
		return at
	}
	return next
}

func (h *hunt) tryBase64(x searcher, text string, run span, from *unescaped, level int, found []span) []span {
	least := (max(x.shortest(), minimum)*8 + 5) / 6
	if run.end-run.start < least || from != nil && !from.touches(run) {
		return found
	}
	r := &h.rooms[level]
	r.plain = slices.Grow(r.plain[:0], run.end-run.start)
	for i := run.start; i < run.end; i++ {
		if c := alphabet[text[i]]; c != 0 {
			r.plain = append(r.plain, c)
		}
	}
	// Where the run began with something else, the text starts at any of four places.
	for skip := 0; skip < 4 && len(r.plain)-skip >= least; skip++ {
		part := r.plain[skip:]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		size := base64.RawStdEncoding.DecodedLen(len(part))
		if cap(r.decoded) < size {
			r.decoded = make([]byte, size)
		}
		n, _ := base64.RawStdEncoding.Decode(r.decoded[:size], part) // all of it is of the alphabet
		if held, ok := h.holds(x, r.decoded[:n], level); ok {
			start, end := skip+held.start*8/6, skip+(held.end*8+5)/6
			place := span{nth(text, run, start, blank), nth(text, run, end-1, blank) + 1}
			for pad := 0; pad < 2 && place.end < len(text) && text[place.end] == '='; pad++ {
				place.end++
			}
			found = append(found, place)
		}
	}
	return found
}

func blank(text string, at int) int {
	if text[at] <= ' ' {
		return 1
	}
	return 0
}

// nth returns where the nth character of a run stands, from 0, without what is between them.
func nth(text string, run span, n int, between func(string, int) int) int {
	for i := run.start; i < run.end; {
		if skip := between(text, i); skip > 0 {
			i += skip
			continue
		}
		if n == 0 {
			return i
		}
		n--
		i++
	}
	return run.end - 1
}

// hex goes through the stretches of hex digits: each group by itself and, where separators stand between groups, all
// of them together.
func (h *hunt) hex(x searcher, text string, from *unescaped, level int, found []span) []span {
	for i := 0; i < len(text); {
		if !isHex(text[i]) {
			i++
			continue
		}
		stretch, groups := span{i, i}, 0
		for {
			start := i
			for i < len(text) && isHex(text[i]) && hexSeparator(text, i) == 0 {
				i++
			}
			if i > start {
				groups++
				stretch.end = i
				found = h.tryHex(x, text, span{start, i}, from, level, found)
			}
			next := i
			for next < len(text) && next-i < 4 && hexSeparator(text, next) > 0 {
				next += hexSeparator(text, next)
			}
			if next == i || next == len(text) || !isHex(text[next]) {
				i = max(next, i)
				break
			}
			i = next
		}
		if groups > 1 {
			found = h.tryHex(x, text, stretch, from, level, found)
		}
	}
	return found
}

// hexSeparator returns how many bytes what stands between hex digits has; 0: it is something else.
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

func (h *hunt) tryHex(x searcher, text string, run span, from *unescaped, level int, found []span) []span {
	least := 2 * max(x.shortest(), minimum)
	if run.end-run.start < least || from != nil && !from.touches(run) {
		return found
	}
	r := &h.rooms[level]
	r.plain = slices.Grow(r.plain[:0], run.end-run.start)
	for i := run.start; i < run.end; {
		if n := hexSeparator(text, i); n > 0 {
			i += n
			continue
		}
		digit, ok := hexDigit(text[i])
		if ok {
			r.plain = append(r.plain, digit)
		}
		i++
	}
	for skip := 0; skip < 2 && len(r.plain)-skip >= least; skip++ {
		r.decoded = slices.Grow(r.decoded[:0], len(r.plain)/2)
		for i := skip; i+1 < len(r.plain); i += 2 {
			r.decoded = append(r.decoded, r.plain[i]<<4|r.plain[i+1])
		}
		if held, ok := h.holds(x, r.decoded, level); ok {
			start, end := skip+2*held.start, skip+2*held.end
			found = append(found, span{nth(text, run, start, hexSeparator), nth(text, run, end-1, hexSeparator) + 1})
		}
	}
	return found
}

// holds returns the part of what was decoded on a level in which all lies that is found in it.
func (h *hunt) holds(x searcher, decoded []byte, level int) (part span, ok bool) {
	if h.rooms[level].budget -= len(decoded); h.rooms[level].budget < 0 || !readable(view(decoded), x.shortest()) {
		return span{}, false
	}
	for _, place := range h.walk(x, view(decoded), level+1) {
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

func inBase64(c byte) bool { return alphabet[c] != 0 }

// alphabet is each character of either alphabet of base64 as the standard one has it; 0: it is of none.
var alphabet = func() (all [256]byte) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		all[c] = c
	}
	all['-'], all['_'] = '+', '/'
	return all
}()
