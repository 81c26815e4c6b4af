package secret

import (
	"regexp"
	"slices"
	"strings"
	"unsafe"
)

const (
	// escapeDepth is how many layers of escapes are undone.
	escapeDepth = 8
	// decodeDepth is how many nested layers of base64 and hex are decoded.
	decodeDepth = 4
	// decodeFactor bounds how much is decoded on one level, as a multiple of the text's length. The most is needed for
	// short lines of hex, which look like base64 as well: eight times the length.
	decodeFactor = 8
)

// searcher makes one search at a time, with buffers that it keeps.
type searcher struct {
	levels     [decodeDepth + 1]buffers
	values     *index
	unknownOTP bool     // any number may be an unknown OTP: the text did not have the expected form
	keep       []string // values within which nothing counts as found
}

// buffers holds the buffers for searching one text: the original or what was decoded on the level above.
type buffers struct {
	layers          [escapeDepth]unescaped
	places          []span // in the current layer
	found, kept     []span // in the original text
	digits, decoded []byte
	digitPlaces     []int32 // the place of each digit
	budget          int     // how many bytes may still be decoded
}

// reusable reports whether the buffers may be kept for the next search, which those of a giant text are not. It drops the
// references to what was searched for.
func (h *searcher) reusable() bool {
	h.values, h.keep = nil, nil
	first := &h.levels[0]
	layer := &first.layers[0]
	return cap(first.decoded)+cap(layer.buffer)+8*cap(layer.jumps) <= 1<<20 && cap(first.found) <= 1<<16
}

// run returns, in order, the places in a text where something is found that is not within a kept value.
// They may touch and overlap. They are valid until the next run.
func (h *searcher) run(values *index, unknownOTP bool, text string, keep []string) []span {
	if len(values.values) == 0 && !unknownOTP {
		return nil
	}
	h.values, h.unknownOTP, h.keep = values, unknownOTP, keep
	for i := range h.levels {
		h.levels[i].budget = decodeFactor*len(text)/(1+min(i, 1)) + 1024
	}
	return h.walk(text, 0)
}

// search appends every place where something is found in a text without decoding anything, in any order.
func (h *searcher) search(text string, found []span) []span {
	found = h.values.search(text, found)
	if h.unknownOTP {
		for _, at := range anyNumber.FindAllStringIndex(text, -1) {
			found = append(found, span{at[0], at[1]})
		}
	}
	return found
}

// anyNumber matches what may be an unknown OTP: four digits or more, possibly with single separators inside.
var anyNumber = regexp.MustCompile(`[0-9](?:[` + separators + `]?[0-9]){3,}`)

// shortest returns how many ASCII characters in a row a text must have for anything to be found in it, plain or encoded; 0 if
// there are values that are not ASCII.
func (h *searcher) shortest() int {
	switch {
	case h.values.nonASCII:
		return 0
	case h.unknownOTP:
		return minimum
	}
	return h.values.minLength
}

// walk searches a text, the same with layer after layer of its escapes undone, and what is encoded in each.
func (h *searcher) walk(text string, level int) []span {
	r := &h.levels[level]
	r.found = r.found[:0]
	last := 0 // layer
	var from *unescaped
	for current := text; ; last++ {
		r.places = h.search(current, r.places[:0])
		if level < decodeDepth {
			slices.SortFunc(r.places, byStart)
			plain := len(r.places)
			r.places = h.decode(&base64, current, from, level, plain, r.places)
			r.places = h.decode(&hex, current, from, level, plain, r.places)
		}
		r.found = r.originals(last, r.found)
		if last == escapeDepth || !r.layers[last].fill(current) {
			break
		}
		from = &r.layers[last]
		current = from.String()
	}
	if len(r.found) == 0 {
		return nil
	}
	h.dropKept(text, r, last)
	return r.found
}

func byStart(a, b span) int { return a.start - b.start }

// originals appends the places found in a layer, as places of the original text.
func (r *buffers) originals(layer int, to []span) []span {
	for _, place := range r.places {
		for above := layer - 1; above >= 0; above-- {
			place = r.layers[above].original(place)
		}
		to = append(to, place)
	}
	return to
}

// dropKept removes the places within a kept value, a time or the marker, and sorts the rest.
func (h *searcher) dropKept(text string, r *buffers, last int) {
	r.kept = r.kept[:0]
	for layer := 0; layer <= last; layer++ {
		current := text
		if layer > 0 {
			current = r.layers[layer-1].String()
		}
		r.places = appendKept(current, h.keep, r.places[:0])
		r.kept = r.originals(layer, r.kept)
	}
	slices.SortFunc(r.found, byStart)
	slices.SortFunc(r.kept, byStart)
	// A place is within a kept one if any that starts no later ends no earlier.
	left, next, farthest := r.found[:0], 0, 0
	for _, place := range r.found {
		for ; next < len(r.kept) && r.kept[next].start <= place.start; next++ {
			farthest = max(farthest, r.kept[next].end)
		}
		if place.end > farthest && !inMarker(text, place) {
			left = append(left, place)
		}
	}
	r.found = left
}

// inMarker reports whether a place is within Redacted: a value like "redacted" must not be found where one was
// replaced.
func inMarker(text string, s span) bool {
	if s.end-s.start > len(Redacted) {
		return false
	}
	from, to := max(0, s.end-len(Redacted)), min(len(text), s.start+len(Redacted))
	return strings.Contains(text[from:to], Redacted)
}

func view(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }
