package secret

import (
	"regexp"
	"slices"
	"strings"
	"unsafe"
)

const (
	// escapeDepth is how many layers of escapes are taken off. Each is shorter than the one before.
	escapeDepth = 8
	// decodeDepth is how often base64 and hex are decoded within each other.
	decodeDepth = 4
	// decodeFactor bounds how much is decoded on one level, as a multiple of the text: eight times its length where it is
	// nothing but short lines of hex, taken for base64 as well. What was decoded is shorter.
	decodeFactor = 8
)

// hunt is one search, and the room that it needs.
type hunt struct {
	rooms      [decodeDepth + 1]room
	values     *index
	unknownOTP bool     // what is searched could not be read as was expected: any number may be an OTP that nobody knows
	keep       []string // values inside of which nothing counts as found
}

// room is what the search of one text needs: of the text itself, or of what was decoded on the level above.
type room struct {
	layers          [escapeDepth]unescaped
	places          []span // in one layer
	found, kept     []span // in the text itself
	digits, decoded []byte
	stood           []int32 // where each of the digits stands
	budget          int     // how many bytes may yet be decoded
}

// reusable reports whether a search may leave its room to the next one, and lets go of what it searched for: what a giant text
// needed is not held on to.
func (h *hunt) reusable() bool {
	h.values, h.keep = nil, nil
	first := &h.rooms[0]
	layer := &first.layers[0]
	return cap(first.decoded)+cap(layer.buffer)+8*cap(layer.jumps) <= 1<<20 && cap(first.found) <= 1<<16
}

// run returns the places in a text where something is found that is not inside of what is kept, in order.
// Places may touch each other and overlap. They are valid until the next run.
func (h *hunt) run(values *index, unknownOTP bool, text string, keep []string) []span {
	if len(values.values) == 0 && !unknownOTP {
		return nil
	}
	h.values, h.unknownOTP, h.keep = values, unknownOTP, keep
	for i := range h.rooms {
		h.rooms[i].budget = decodeFactor*len(text)/(1+min(i, 1)) + 1024
	}
	return h.walk(text, 0)
}

// search appends every place of a text where something is found as it stands there, in any order.
func (h *hunt) search(text string, found []span) []span {
	found = h.values.search(text, found)
	if h.unknownOTP {
		for _, at := range anyNumber.FindAllStringIndex(text, -1) {
			found = append(found, span{at[0], at[1]})
		}
	}
	return found
}

// anyNumber is what an OTP that nobody knows looks like: four digits or more, also with single spaces, dots and dashes
// inside.
var anyNumber = regexp.MustCompile(`[0-9](?:[` + separators + `]?[0-9]){3,}`)

// shortest returns how many characters of text stand together at least where something is found, plain or encoded; 0 where
// they need not be ASCII.
func (h *hunt) shortest() int {
	switch {
	case h.values.other:
		return 0
	case h.unknownOTP:
		return minimum
	}
	return h.values.least
}

// walk searches a text as it is, with layer after layer of its escapes taken off, and what is encoded in it.
func (h *hunt) walk(text string, level int) []span {
	r := &h.rooms[level]
	r.found = r.found[:0]
	last := 0 // layer
	var from *unescaped
	for current := text; ; last++ {
		r.places = h.search(current, r.places[:0])
		if level < decodeDepth {
			r.places = h.decode(&base64, current, from, level, r.places)
			r.places = h.decode(&hex, current, from, level, r.places)
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
	h.drop(text, r, last)
	return r.found
}

// originals appends the places that were found in a layer, as places of the text.
func (r *room) originals(layer int, to []span) []span {
	for _, place := range r.places {
		for above := layer - 1; above >= 0; above-- {
			place = r.layers[above].original(place)
		}
		to = append(to, place)
	}
	return to
}

// drop leaves out what lies inside of a kept value, a time or the marker, and sorts the rest.
func (h *hunt) drop(text string, r *room, last int) {
	r.kept = r.kept[:0]
	for layer := 0; layer <= last; layer++ {
		current := text
		if layer > 0 {
			current = r.layers[layer-1].String()
		}
		r.places = keptIn(current, h.keep, r.places[:0])
		r.kept = r.originals(layer, r.kept)
	}
	byStart := func(a, b span) int { return a.start - b.start }
	slices.SortFunc(r.found, byStart)
	slices.SortFunc(r.kept, byStart)
	// A place is inside of a kept one if of those that start no later one ends no earlier.
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

// inMarker reports whether a place lies within what stands for a secret: a value like "redacted" must not be found
// where it was taken out.
func inMarker(text string, s span) bool {
	if s.end-s.start > len(Redacted) {
		return false
	}
	from, to := max(0, s.end-len(Redacted)), min(len(text), s.start+len(Redacted))
	return strings.Contains(text[from:to], Redacted)
}

func view(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }
