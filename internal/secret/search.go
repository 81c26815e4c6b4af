package secret

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// searcher appends every place of a text where it finds one of its values, in any order.
type searcher interface {
	search(text string, found []span) []span
}

// startsRun tells whether the character before a place is neither a letter nor a digit.
func startsRun(text string, at int) bool {
	if at == 0 {
		return true
	}
	if c := text[at-1]; c < utf8.RuneSelf {
		return !inRun(c)
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// endsRun tells whether the character after a place is neither a letter nor a digit.
func endsRun(text string, at int) bool {
	if at == len(text) {
		return true
	}
	if c := text[at]; c < utf8.RuneSelf {
		return !inRun(c)
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func inRun(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// depth is how many layers of escapes are taken off: JSON in a URL in a string of JSON.
const depth = 3

// hunt is the room that one search needs.
type hunt struct {
	layers [depth]unescaped
	places []span // in one layer
	found  []span // in the text itself
	kept   []span
	forms  formList
	keep   keepers
}

// hunts holds rooms that are free: a text in which nothing is found costs no allocation.
type hunts struct{ pool sync.Pool }

func (h *hunts) take() *hunt {
	if free, ok := h.pool.Get().(*hunt); ok {
		return free
	}
	return &hunt{}
}

// giveBack keeps the room for the next search, without holding on to what a giant text needed.
func (h *hunts) giveBack(used *hunt) {
	used.keep = nil
	used.forms = formList{list: used.forms.list[:0], buffer: used.forms.buffer[:0]}
	if cap(used.layers[0].buffer) <= 4<<20 && cap(used.found) <= 1<<16 {
		h.pool.Put(used)
	}
}

// run returns the places in a text where the searcher finds something that is not inside of what is kept, in order.
// Places may touch each other and overlap. They are valid until the next run.
func (h *hunt) run(s searcher, text string, keep []string) []span {
	h.found = h.walk(s, text, 0, h.found[:0])
	if len(h.found) == 0 {
		return nil
	}
	slices.SortFunc(h.found, byStart)
	h.kept = h.kept[:0]
	if len(keep) > 0 {
		h.keep = keep
		h.kept = h.walk(&h.keep, text, 0, h.kept)
		slices.SortFunc(h.kept, byStart)
	}
	// A place is inside of a kept one if of those that start no later one ends no earlier.
	left, next, farthest := h.found[:0], 0, 0
	for _, place := range h.found {
		for ; next < len(h.kept) && h.kept[next].start <= place.start; next++ {
			farthest = max(farthest, h.kept[next].end)
		}
		if place.end > farthest && !inMarker(text, place) {
			left = append(left, place)
		}
	}
	h.found = left
	return h.found
}

// walk searches a text as it is, and with up to depth layers of escapes taken off. The places that it appends are
// those of the text itself.
func (h *hunt) walk(s searcher, text string, level int, found []span) []span {
	h.places = s.search(text, h.places[:0])
	for _, place := range h.places {
		for above := level - 1; above >= 0; above-- {
			place = h.layers[above].original(place)
		}
		found = append(found, place)
	}
	if level == depth {
		return found
	}
	for _, e := range [...]escapes{{'\\', readJSON}, {'%', readURL}} {
		if h.layers[level].fill(text, e) {
			found = h.walk(s, h.layers[level].String(), level+1, found)
		}
	}
	return found
}

func byStart(a, b span) int { return a.start - b.start }

// inMarker tells whether a place lies within what stands for a secret: a value like "redacted" must not be found
// where it was taken out.
func inMarker(text string, s span) bool {
	if s.end-s.start > len(Redacted) {
		return false
	}
	from, to := max(0, s.end-len(Redacted)), min(len(text), s.start+len(Redacted))
	return strings.Contains(text[from:to], Redacted)
}

// keepers are values inside of which nothing counts as found. They too are looked for as whole runs.
type keepers []string

func (k *keepers) search(text string, found []span) []span {
	for _, value := range *k {
		if len(value) < minimum {
			continue // no secret fits into it
		}
		for from := 0; ; {
			at := strings.Index(text[from:], value)
			if at < 0 {
				break
			}
			at += from
			if startsRun(text, at) && endsRun(text, at+len(value)) {
				found = append(found, span{start: at, end: at + len(value)})
			}
			from = at + 1
		}
	}
	return found
}
